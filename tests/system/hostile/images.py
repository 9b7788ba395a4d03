"""Makes disk images that lie. Usage: images.py FOLDER SECRET

SECRET is a file that no import may read; images name it wherever a format lets them name a file. Prints a line for each
image: its file's name, what an import has to make of it (refuse, or take, which is a disk that reads as it can), its
format if that is to be stated, and what is wrong with it; with tabs between them."""
import io
import os
import struct
import sys
import tarfile

folder, secret = sys.argv[1], sys.argv[2].encode()
MIB = 1 << 20
CLUSTER = 65536
SECTOR = 512


def image(name, content, text, wanted="refuse", form="-"):
    with open(os.path.join(folder, name), "wb") as file:
        file.write(content)
    print(name, wanted, form, text, sep="\t")


def hollow(name, size, pieces, text, wanted="refuse", form="-"):
    """A sparse file of SIZE bytes with PIECES, pairs of a place and bytes."""
    image(name, b"", text, wanted, form)
    with open(os.path.join(folder, name), "r+b") as file:
        file.truncate(size)
        for at, data in pieces:
            file.seek(at)
            file.write(data)


# ---- qcow2: header, refcount table, refcount block, L1, L2, one cluster of data ----

QCOW2 = {"version": (4, "I", 3), "backing_at": (8, "Q", 0), "backing_size": (16, "I", 0), "cluster_bits": (20, "I", 16),
         "size": (24, "Q", 16 * MIB), "crypt": (32, "I", 0), "l1_entries": (36, "I", 1), "l1_at": (40, "Q", 3 * CLUSTER),
         "refcounts_at": (48, "Q", CLUSTER), "refcounts_clusters": (56, "I", 1), "snapshots": (60, "I", 0),
         "snapshots_at": (64, "Q", 0), "incompatible": (72, "Q", 0), "compatible": (80, "Q", 0), "autoclear": (88, "Q", 0),
         "order": (96, "I", 4), "length": (100, "I", 104)}
COPIED, COMPRESSED = 1 << 63, 1 << 62


def qcow2(extensions=b"", l1=4 * CLUSTER | COPIED, l2=(5 * CLUSTER | COPIED,), refcount_block=2 * CLUSTER, backing=b"",
          snapshot=b"", **header):
    disk = bytearray(6 * CLUSTER)
    disk[0:4] = b"QFI\xfb"
    for key, (at, kind, usual) in QCOW2.items():
        struct.pack_into(">" + kind, disk, at, header.get(key, usual))
    disk[104:104 + len(extensions)] = extensions
    disk[1024:1024 + len(backing)] = backing
    disk[4096:4096 + len(snapshot)] = snapshot
    struct.pack_into(">Q", disk, CLUSTER, refcount_block)
    struct.pack_into(">6H", disk, 2 * CLUSTER, *[1] * 6)
    struct.pack_into(">Q", disk, 3 * CLUSTER, l1)
    struct.pack_into(f">{len(l2)}Q", disk, 4 * CLUSTER, *l2)
    disk[5 * CLUSTER:] = b"data" * (CLUSTER // 4)
    return bytes(disk)


def extension(kind, data):
    return struct.pack(">II", kind, len(data)) + data + bytes(-len(data) % 8)


def qcow2_images():
    def one(name, text, wanted="refuse", **header):
        image(f"{name}.qcow2", qcow2(**header), text, wanted)

    one("right", "a qcow2 with nothing wrong", "take")
    for number, name in enumerate([secret, b"../" + secret, b"nbd://127.0.0.1:1/x", b"/etc/shadow", b"fat:/etc",
                                   b'json:{"driver":"raw","file":{"driver":"file","filename":"' + secret + b'"}}',
                                   b"self.qcow2", b"right.qcow2"]):
        one(f"backing-{number}", f"a backing file: {name[:30].decode()}", backing=name, backing_at=1024, backing_size=len(name))
    one("backing-place", "a place for a backing file without a name", backing_at=1024)
    one("backing-size", "a backing file's name without a place", backing_size=9, backing=secret)
    one("backing-2", "version 2 with a backing file", version=2, backing=secret, backing_at=1024, backing_size=len(secret))
    one("data-file", "an external data file", incompatible=4, extensions=extension(0x44415441, secret))
    one("data-name", "the name of a data file, without the feature", "take", extensions=extension(0x44415441, secret))
    one("corrupt", "the corrupt bit", incompatible=2)
    for bit in (5, 31, 63):
        one(f"feature-{bit}", f"incompatible feature {bit}", incompatible=1 << bit)
    one("autoclear", "unknown features that may be ignored", "take", compatible=1 << 40, autoclear=1 << 41)
    for method in (1, 2, 3):
        one(f"crypt-{method}", f"encryption method {method}", crypt=method)
    one("luks", "a LUKS header without encryption", "either", extensions=extension(0x0537BE77, struct.pack(">QQ", 1 << 62, 1 << 62)))
    one("bitmaps", "bitmaps that lie nowhere", "either", autoclear=1,
        extensions=extension(0x23852875, struct.pack(">IIQQ", 0xFFFFFFFF, 0, 1 << 40, 1 << 60)))
    one("extension", "an extension of 4 GiB", "either", extensions=struct.pack(">II", 0x6803F857, 0xFFFFFFFF))
    one("endless", "extensions up to the header's end and on", "either", extensions=extension(0x11111111, b"") * 20)
    for size, text in ((1 << 63, "2^63 bytes"), ((1 << 64) - 512, "2^64 - 512 bytes"), ((64 << 40) + 512, "over 64 TiB")):
        one(f"size-{size}", text, size=size)
    one("size-64T", "64 TiB with an L1 table for 512 MiB", size=64 << 40)
    one("unaligned", "a size that is no multiple of a sector", "either", size=16 * MIB + 1)
    one("nothing", "no bytes at all", "either", size=0, l1_entries=0)
    for bits in (0, 8, 22, 31, 32, 0xFFFFFFFF):
        one(f"cluster-{bits}", f"clusters of 2^{bits}", cluster_bits=bits)
    for order in (7, 63, 0xFFFFFFFF):
        one(f"order-{order}", f"refcounts of 2^{order} bits", order=order)
    for length in (0, 72, 103, 105, 0xFFFFFFF8):
        one(f"header-{length}", f"a header of {length} bytes", length=length)
    one("l1-none", "no L1 table", l1_entries=0)
    one("l1-many", "an L1 table of 2^32 - 1 entries", l1_entries=0xFFFFFFFF)
    one("l1-far", "an L1 table beyond the end", l1_at=1 << 50)
    one("l1-top", "an L1 table at 2^64 - 65536", l1_at=(1 << 64) - CLUSTER)
    one("l1-odd", "an L1 table that isn't aligned", l1_at=3 * CLUSTER + 8)
    one("l1-head", "an L1 table that is the header", "either", l1_at=0)
    one("l2-far", "an L2 table beyond the end", l1=1 << 50)
    one("l2-odd", "an L2 table that isn't aligned", l1=4 * CLUSTER + 512)
    one("l2-head", "an L2 table that is the L1 table", "either", l1=3 * CLUSTER | COPIED)
    one("data-far", "a cluster beyond the end", l2=(1 << 50 | COPIED,))
    one("data-head", "a cluster that is the header", "take", l2=(CLUSTER | COPIED,))
    one("shared", "one cluster that is the disk's 256", l2=(5 * CLUSTER | COPIED,) * 256)
    one("packed", "a compressed cluster that is no deflate", l2=(COMPRESSED | 5 * CLUSTER,))
    one("packed-far", "a compressed cluster beyond the end", l2=(COMPRESSED | 1 << 50,))
    one("refcounts-far", "a refcount table beyond the end", refcounts_at=1 << 50)
    one("refcounts-none", "no refcount table", refcounts_clusters=0)
    one("refcounts-many", "a refcount table of 2^32 - 1 clusters", refcounts_clusters=0xFFFFFFFF)
    one("refcounts-block", "a refcount block beyond the end", refcount_block=1 << 50)
    one("snapshots-many", "2^32 - 1 snapshots", snapshots=0xFFFFFFFF, snapshots_at=4096)
    one("snapshots-far", "a snapshot table beyond the end", snapshots=1, snapshots_at=1 << 50)
    entry = struct.pack(">QIHHIIQII", 3 * CLUSTER, 0xFFFFFFFF, 0xFFFF, 0xFFFF, 0, 0, 0, 0xFFFFFFFF, 0xFFFFFFF0)
    one("snapshots-lie", "a snapshot whose tables have 2^32 entries", "either", snapshots=1, snapshots_at=4096, snapshot=entry)
    whole = qcow2()
    for at, text in ((3, "its magic"), (71, "its header"), (103, "version 3's header"), (CLUSTER, "its refcount table"),
                     (2 * CLUSTER + 8, "a refcount block"), (3 * CLUSTER, "its L1 table"), (4 * CLUSTER + 8, "an L2 table"),
                     (6 * CLUSTER - 1, "its data")):
        image(f"cut-{at}.qcow2", whole[:at], f"a qcow2 that ends within {text}")


# ---- vmdk ----

TEXT = b'# Disk DescriptorFile\nversion=1\nCID=fffffffe\nparentCID=ffffffff\ncreateType="%s"\n%s\n'


def vmdk(words=TEXT % (b"monolithicSparse", b'RW 2048 SPARSE "x"'), at=1, sectors=20, capacity=2048, grain=128, gtes=512,
         directory=30, table=31, grains=(128,), flags=3, version=1, hidden=b"", end=b"\n \r\n", algorithm=0):
    disk = bytearray(2 * 128 * SECTOR)
    header = struct.pack("<4sIIQQQQIQQQB4sH", b"KDMV", version, flags, capacity, grain, at, sectors, gtes, 0, directory, 128, 0,
                         end, algorithm)
    disk[0:len(header)] = header
    disk[SECTOR:SECTOR + len(hidden)] = hidden
    if at < 256:
        disk[at * SECTOR:at * SECTOR + len(words)] = words
    if directory < 256:
        struct.pack_into("<I", disk, directory * SECTOR, table)
    struct.pack_into(f"<{len(grains)}I", disk, 31 * SECTOR, *grains)
    disk[128 * SECTOR:] = b"data" * (128 * SECTOR // 4)
    return bytes(disk)


def vmdk_images():
    def one(name, text, wanted="refuse", **what):
        image(f"{name}.vmdk", vmdk(**what), text, wanted)

    one("right", "a vmdk with nothing wrong", "take")
    parent = TEXT.replace(b"parentCID=ffffffff", b"parentCID=12345678") % (b"monolithicSparse", b'parentFileNameHint="%s"' % secret)
    one("parent", "a parent", words=parent)
    one("parent-hidden", "a parent's name where QEMU looks, and the header doesn't say", at=40, hidden=parent)
    one("parent-after", "a parent's name behind the descriptor's end", sectors=1, hidden=TEXT % (b"monolithicSparse", b"#" * 600) +
        b'\nparentFileNameHint="%s"\n' % secret, at=1, words=b"")
    for kind in (b"monolithicFlat", b"twoGbMaxExtentFlat", b"vmfs", b"vmfsSparse", b"fullDevice", b"partitionedDevice", b"custom"):
        one(kind.decode(), f"a sparse extent that says it is {kind.decode()}", words=TEXT % (kind, b""))
    one("elsewhere", "no capacity: its extents are elsewhere", capacity=0,
        words=TEXT % (b"monolithicFlat", b'RW 2048 FLAT "%s" 0' % secret))
    one("no-text", "no descriptor", at=0, sectors=0)
    one("text-long", "a descriptor of 4 GiB", sectors=1 << 23)
    one("text-far", "a descriptor beyond the end", at=1 << 40)
    for capacity in ((1 << 63), (1 << 64) - 1, ((64 << 40) >> 9) + 1):
        one(f"size-{capacity}", f"{capacity} sectors", capacity=capacity)
    for grain in (0, 1 << 17, 1 << 63):
        one(f"grain-{grain}", f"grains of {grain} sectors", grain=grain)
    for gtes in (0, 513, 0xFFFFFFFF):
        one(f"gtes-{gtes}", f"grain tables of {gtes}", gtes=gtes)
    one("directory-far", "a grain directory beyond the end", directory=1 << 40)
    one("table-far", "a grain table beyond the end", table=0xFFFFFFFF)
    one("grain-far", "a grain beyond the end", grains=(0xFFFFFFFF,))
    one("shared", "one grain that is the disk's sixteen", grains=(128,) * 16)
    one("zeros", "grains of zeros", "take", grains=(1,) * 16, flags=7)
    one("not-zeros", "grains of zeros without the flag, which are the descriptor", grains=(1,) * 16)
    stream = 3 | 1 << 16 | 1 << 17
    one("stream", "no footer", directory=(1 << 64) - 1, flags=stream, algorithm=1)
    one("packed", "a compressed grain of 4 GiB", flags=stream, algorithm=1)
    one("packed-flag", "grains that are compressed by the flags and not by the algorithm", flags=stream)
    one("packed-algorithm", "grains that are compressed by the algorithm and not by the flags", algorithm=1)
    one("packed-bare", "compressed grains without markers", flags=3 | 1 << 16, algorithm=1)
    # QEMU looks for the footer at the end of the last sector, which is another one.
    footer = struct.pack("<QII", 1, 0, 3).ljust(SECTOR, b"\0") + vmdk()[:SECTOR] + bytes(SECTOR)
    image("footer.vmdk", vmdk(directory=(1 << 64) - 1) + bytes(100) + footer, "a footer that is not in a sector of its own")
    one("version", "version 4", version=4)
    one("ends", "changed line ends", end=b"\n\n\r\n")
    for number, line in enumerate([b'RW 2048 FLAT "%s" 0' % secret, b'RW 2048 FLAT "../%s" 0' % secret,
                                   b'RW 2048 FLAT "/dev/zero" 0', b"RW 2048 ZERO", b'RW 2048 SESPARSE "x.vmdk"',
                                   b'RW 1 VMFS "json:{}"', b'RW 9223372036854775807 FLAT "x" 9223372036854775807']):
        image(f"text-{number}.vmdk", TEXT % (b"monolithicFlat", line), f"a descriptor: {line[:30].decode()}")
        image(f"stated-{number}.vmdk", TEXT % (b"monolithicFlat", line), "the same, stated", form="vmdk")
    whole = vmdk()
    for at in (4, 60, 78, SECTOR + 10, 31 * SECTOR + 2, 200 * SECTOR):
        image(f"cut-{at}.vmdk", whole[:at], f"a vmdk of {at} bytes")


# ---- VHD ----

def summed(data, at):
    struct.pack_into(">I", data, at, 0)
    struct.pack_into(">I", data, at, ~sum(data) & 0xFFFFFFFF)
    return bytes(data)


def vhd_footer(kind=3, size=16 * MIB, at=SECTOR):
    footer = bytearray(SECTOR)
    footer[0:8] = b"conectix"
    struct.pack_into(">IIQ", footer, 8, 2, 0x10000, at)
    footer[28:32] = b"qem2"
    struct.pack_into(">QQHBBI", footer, 40, size, size, 512, 4, 16, kind)
    return summed(footer, 64)


def vhd_header(table=1536, blocks=8, block=2 * MIB, parent=b""):
    header = bytearray(1024)
    header[0:8] = b"cxsparse"
    struct.pack_into(">QQIII", header, 8, (1 << 64) - 1, table, 0x10000, blocks, block)
    header[64:64 + len(parent)] = parent
    return summed(header, 36)


def vhd_images():
    def one(name, text, wanted="refuse", table=(4,), size=3 * MIB, footer=None, header=None):
        footer, header = footer or vhd_footer(), header or vhd_header()
        table = b"".join(struct.pack(">I", sector) for sector in (*table, *[0xFFFFFFFF] * (8 - len(table))))
        hollow(f"{name}.vhd", size, [(0, footer), (SECTOR, header), (1536, table), (size - SECTOR, footer)], text, wanted)

    one("right", "a VHD with nothing wrong", "take", table=(4,))
    one("differencing", "a difference to a parent", footer=vhd_footer(kind=4), header=vhd_header(parent=secret.decode().encode("utf-16-be")))
    for kind in (0, 1, 5, 0xFFFFFFFF):
        one(f"kind-{kind}", f"type {kind}", footer=vhd_footer(kind=kind))
    for size in (0, 1 << 63, (64 << 40) + 512):
        one(f"size-{size}", f"{size} bytes", footer=vhd_footer(size=size))
    one("fixed", "a fixed disk that is longer than its file", footer=vhd_footer(kind=2))
    one("blocks", "2^32 - 1 blocks", header=vhd_header(blocks=0xFFFFFFFF))
    for block in (0, 511, 3 * MIB, 1 << 31):
        one(f"block-{block}", f"blocks of {block} bytes", header=vhd_header(block=block))
    one("table-far", "a block table beyond the end", header=vhd_header(table=1 << 60))
    one("header-far", "a header beyond the end", footer=vhd_footer(at=1 << 60))
    one("header-self", "a header that is the footer", footer=vhd_footer(at=0))
    one("block-far", "a block beyond the end", table=(0xFFFFFFFE,))
    one("shared", "one block that is the disk's eight", table=(4,) * 8)
    # QEMU goes by the footer at the beginning.
    for name, first, last, text in (("two-faced", vhd_footer(), vhd_footer(kind=2, size=2 * MIB), "fixed by its end, dynamic by its beginning"),
                                    ("two-fixed", vhd_footer(kind=2, size=2 * MIB), vhd_footer(kind=2, size=2 * MIB), "fixed, with two footers"),
                                    ("two-sums", vhd_footer()[:-1] + b"x", vhd_footer(), "a wrong sum at its beginning")):
        hollow(f"{name}.vhd", 3 * MIB, [(0, first), (SECTOR, vhd_header()), (1536, struct.pack(">I", 4) * 8), (3 * MIB - SECTOR, last)], text)
    hollow("beginning.vhd", 3 * MIB, [(SECTOR, vhd_header()), (1536, struct.pack(">I", 0xFFFFFFFF) * 8), (3 * MIB - SECTOR, vhd_footer())],
           "dynamic, without a footer at its beginning")
    # 64 TiB to read out of a file of 257 MiB, all of it holes.
    footer = vhd_footer(size=64 << 40)
    hollow("endless.vhd", 260 * MIB, [(0, footer), (SECTOR, vhd_header(blocks=1 << 18, block=256 * MIB)),
                                      (1536, struct.pack(">I", 2052) * (1 << 18)), (260 * MIB - SECTOR, footer)],
           "one hollow block that is all of 64 TiB")


# ---- VHDX ----

def guid(text):
    parts = text.split("-")
    return struct.pack("<IHH", *(int(part, 16) for part in parts[:3])) + bytes.fromhex(parts[3] + parts[4])


BAT, METADATA = guid("2DC27766-F623-4200-9D64-115E9BFD4A08"), guid("8B7CA206-4790-4B9A-B8FE-575F050F886E")
PARAMETERS, SIZE = guid("CAA16737-FA36-4D43-B3B6-33F0AA44E76B"), guid("2FA54224-CD1B-4876-B211-5DBED83BF4B8")
LOGICAL = guid("8141BF1D-A96F-4709-BA47-F233A8FAAB5F")
KIB = 1024


def vhdx_images():
    def one(name, text, wanted="refuse", bat=(3 * MIB,), bat_at=2 * MIB, bat_size=MIB, regions=2, flags=0, block=MIB, size=16 * MIB,
            sector=512, items=3, metadata=MIB, place=65536, header=b""):
        table = b"regi" + struct.pack("<III", 0, regions, 0)
        table += BAT + struct.pack("<QII", bat_at, bat_size, 1) + METADATA + struct.pack("<QII", metadata, MIB, 1)
        known = b"metadata" + struct.pack("<HH", 0, items) + bytes(20)
        for number, (item, length) in enumerate(((PARAMETERS, 8), (SIZE, 8), (LOGICAL, 4))):
            known += item + struct.pack("<IIII", place + number * 16, length, 4, 0)
        values = struct.pack("<IIQQIIQ", block, flags, 0, size, 0, 0, 0)[:16] + struct.pack("<QQIIQ", size, 0, sector, 0, 0)
        hollow(f"{name}.vhdx", 4 * MIB, [(0, b"vhdxfile"), (64 * KIB, header), (192 * KIB, table), (256 * KIB, table), (MIB, known),
                                         (MIB + 65536, values), (2 * MIB, b"".join(struct.pack("<Q", at | 6) for at in bat))], text, wanted)

    one("parent", "a parent", flags=2)
    one("headless", "no header")
    one("regions", "2^32 - 1 regions", regions=0xFFFFFFFF)
    one("items", "65,535 items of metadata", items=65535)
    one("metadata-far", "metadata beyond the end", metadata=1 << 60)
    one("item-far", "an item beyond the end", place=0xFFFFFF00)
    one("bat-far", "a block table beyond the end", bat_at=1 << 60)
    one("bat-large", "a block table of 4 GiB", bat_size=0xFFFFFFFF)
    one("block-far", "a block beyond the end", bat=(1 << 50,))
    one("shared", "one block that is the disk's sixteen", bat=(3 * MIB,) * 16)
    for block in (0, MIB + 1, 512, 1 << 31):
        one(f"block-{block}", f"blocks of {block} bytes", block=block)
    for size in (0, 1 << 63, (64 << 40) + 512):
        one(f"size-{size}", f"{size} bytes", size=size)
    one("sector", "sectors of 3 bytes", sector=3)
    log = bytearray(4096)
    log[0:4] = b"head"
    struct.pack_into("<HHIQ", log, 64, 0, 1, 0xFFFFFFFF, 64 * KIB)
    one("log", "a log of 4 GiB that is its own header", header=bytes(log))


# ---- archives ----

def ova(name, members, text, wanted="refuse", form=tarfile.GNU_FORMAT):
    archive = io.BytesIO()
    with tarfile.open(fileobj=archive, mode="w", format=form) as tar:
        for member, kind, what in members:
            entry = tarfile.TarInfo(member)
            entry.type = kind
            if kind == tarfile.REGTYPE:
                entry.size = len(what)
                tar.addfile(entry, io.BytesIO(what))
            else:
                entry.linkname = what.decode()
                tar.addfile(entry)
    image(f"{name}.ova", archive.getvalue(), text, wanted)


def ova_images():
    plain, ovf = tarfile.REGTYPE, ("m.ovf", tarfile.REGTYPE, b"<Envelope/>")
    disk = vmdk()
    ova("right", [ovf, ("disk.vmdk", plain, disk)], "an archive with nothing wrong", "take")
    for kind, word in ((tarfile.SYMTYPE, "symbolic link"), (tarfile.LNKTYPE, "hard link"), (tarfile.CHRTYPE, "device"),
                       (tarfile.BLKTYPE, "disk device"), (tarfile.FIFOTYPE, "pipe"), (tarfile.DIRTYPE, "folder")):
        ova(word.replace(" ", "-"), [ovf, ("disk.vmdk", kind, secret)], f"a disk that is a {word}")
    ova("same", [ovf, ("disk.vmdk", plain, disk), ("disk.vmdk", plain, disk)], "two disks of one name")
    ova("outside", [ovf, ("../../../../../../tmp/outside.vmdk", plain, disk)], "a disk with a way out, which nobody takes", "take")
    ova("absolute", [("/etc/passwd.ovf", plain, b""), (secret.decode() + ".vmdk", plain, disk)], "absolute names", "take")
    ova("escapes", [ovf, ("\x1b]0;x\x07\x1b[31m.vmdk", tarfile.SYMTYPE, b"x")], "a name that speaks to the terminal")
    parent = TEXT.replace(b"parentCID=ffffffff", b"parentCID=12345678") % (b"monolithicSparse", b'parentFileNameHint="%s"' % secret)
    ova("parent", [ovf, ("disk.vmdk", plain, vmdk(at=40, hidden=parent))], "a disk with a hidden parent")
    ova("text", [ovf, ("disk.vmdk", plain, TEXT % (b"monolithicFlat", b'RW 2048 FLAT "%s" 0' % secret))], "a descriptor in an archive")
    ova("within", [ovf, ("disk.vmdk", plain, qcow2(backing=secret, backing_at=1024, backing_size=len(secret)))], "a qcow2 that is called vmdk")
    ova("pax", [ovf, ("d" * 300 + ".vmdk", plain, vmdk()[:700])], "a name of 300 letters and half a disk", form=tarfile.PAX_FORMAT)
    head = bytearray(tarfile.TarInfo("disk.vmdk").tobuf(tarfile.GNU_FORMAT))

    def header(name, text, size=None, kind=b"0"):
        head[156:157] = kind
        if size is not None:
            head[124:136] = size
        head[148:156] = b"        "
        head[148:156] = b"%06o\0 " % sum(head)
        image(f"{name}.ova", bytes(head) + vmdk() + bytes(1024), text)

    header("huge", "a member of 8 GiB", b"77777777777\0")
    header("huger", "a member of 2^63 bytes", b"\x80\0\0\0\x80" + bytes(7))
    header("negative", "a member of -1 byte", b"\xff" * 12)
    header("sparse", "a sparse member as GNU writes it", b"00000400000\0", b"S")
    header("name", "a name of 128 KiB", b"00000400000\0", b"L")


# ---- raw disks: partition tables and file systems that lie ----

def raw_images():
    def mbr(*entries, size=4 * MIB, more=()):
        table = bytearray(SECTOR)
        for number, (kind, start, sectors) in enumerate(entries):
            struct.pack_into("<B3xB3xII", table, 446 + number * 16, 0, kind, start, sectors)
        table[510:] = b"\x55\xaa"
        return size, [(0, bytes(table)), *more]

    hollow("partition.raw", *mbr((0x83, 2048, 0xFFFFFFFF)), "a partition of 2 TiB")
    hollow("partition-far.raw", *mbr((0x83, 0xFFFFFFFF, 0xFFFFFFFF)), "a partition beyond the end")
    gpt = struct.pack("<8sIIIIQQQQ16sQIII", b"EFI PART", 0x10000, 92, 0, 0, 1, 8191, 34, 8158, bytes(16), 2, 0xFFFFFFFF, 0xFFFFFFFF, 0)
    hollow("gpt.raw", *mbr((0xEE, 1, 0xFFFFFFFF), more=[(SECTOR, gpt)]), "a GPT of 2^64 bytes", "either")
    superblock = bytearray(1024)
    struct.pack_into("<I", superblock, 4, 0xFFFFFFFF)
    struct.pack_into("<I", superblock, 0x18, 6)
    struct.pack_into("<H", superblock, 0x38, 0xEF53)
    hollow("ext.raw", 4 * MIB, [(1024, bytes(superblock))], "an ext4 of 256 TiB")
    hollow("xfs.raw", 4 * MIB, [(0, b"XFSB" + struct.pack(">IQ", 65536, (1 << 64) - 1))], "an XFS of 2^80 bytes")
    hollow("btrfs.raw", 4 * MIB, [(65536 + 64, b"_BHRfS_M"), (65536 + 0x70, b"\xff" * 8)], "a btrfs of 2^64 bytes")
    hollow("stranger.raw", 4 * MIB, [(0, b"\x1f\x8b\x08")], "a gzip")
    image("text.raw", b"x" * SECTOR, "a text")
    image("shell\x1b[31m.raw", b"x" * SECTOR, "a file name that speaks to the terminal")


qcow2_images()
vmdk_images()
vhd_images()
vhdx_images()
ova_images()
raw_images()
