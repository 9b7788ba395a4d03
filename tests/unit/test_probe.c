#include "common/files.h"
#include "common/process.h"
#include "images/gpt.h"
#include "images/probe.h"
#include "tests/unit/phony.h"
#include "tests/unit/suites.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#define MIB (1 << 20)

static char *folder;

static void
setup(void)
{
    folder = g_dir_make_tmp("amilaunch-probe-XXXXXX", NULL);
    ck_assert_ptr_nonnull(folder);
}

static void
teardown(void)
{
    ck_assert(folder_remove(folder, NULL));
    g_clear_pointer(&folder, g_free);
}

/* ---- files ---- */

static char *
path_of(const char *name)
{
    return g_build_filename(folder, name, NULL);
}

static char *
write_file(const char *name, const void *data, gsize length)
{
    char *path = path_of(name);

    ck_assert(g_file_set_contents(path, data, (gssize)length, NULL));
    return path;
}

static void
patch(const char *path, off_t at, const void *data, gsize length)
{
    int fd = open(path, O_WRONLY);

    ck_assert_int_ge(fd, 0);
    ck_assert_int_eq(pwrite(fd, data, length, at), (ssize_t)length);
    close(fd);
}

static void
patch_number(const char *path, off_t at, guint64 value, int size)
{
    guint8 bytes[8];

    put_be(bytes, value, size);
    patch(path, at, bytes, (gsize)size);
}

static guint64
size_of(const char *path)
{
    struct stat info;

    ck_assert_int_eq(stat(path, &info), 0);
    return (guint64)info.st_size;
}

static void
cut(const char *path, guint64 size)
{
    ck_assert_int_eq(truncate(path, (off_t)size), 0);
}

/* A raw disk of 3 MiB with an MBR, bytes all over, and a partition up to its end. */
static char *
make_raw(const char *name)
{
    g_autofree guint8 *disk = g_malloc0(3 * MIB);

    for (int i = 0; i < 3; i++)
        memset(disk + i * MIB + 4096, 'a' + i, 300000);
    memset(disk + 3 * MIB - 4096, 'z', 4096);
    put_mbr_entry(disk, 1, 0x80, 0x83, 2048, 4096);
    return write_file(name, disk, 3 * MIB);
}

/* The same disk as qemu-img writes it; OPTIONS are its -o options. */
static char *
make_disk(const char *name, const char *format, const char *options, gboolean compressed)
{
    g_autofree char *raw = make_raw("source.raw");
    g_autoptr(GError) error = NULL;
    char *path = path_of(name);
    const char *argv[] = {"qemu-img",
                          "convert",
                          "-f",
                          "raw",
                          "-O",
                          format,
                          raw,
                          path,
                          "-o",
                          options,
                          compressed ? "-c" : NULL,
                          NULL};

    ck_assert_msg(process_run(argv, ERROR_HOST_QEMU, NULL, &error), "%s",
                  error != NULL ? error->message : "");
    return path;
}

static char *
make_qcow2(const char *name)
{
    return make_disk(name, "qcow2", "compat=1.1", FALSE);
}

/* ---- assertions ---- */

static void
assert_refused(const char *path, const char *format, error_code code, const char *why)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(disk_source) source = disk_source_probe(path, format, &error);

    ck_assert_msg(source == NULL, "%s was taken", path);
    ck_assert_msg(error_is(error, code), "%s", error->message);
    ck_assert_msg(strstr(error->message, why) != NULL, "%s", error->message);
}

static void
assert_no_disk(const char *path, const char *why)
{
    assert_refused(path, NULL, ERROR_DISK_FORMAT, why);
    assert_refused(path, NULL, ERROR_DISK_FORMAT, path);
}

static disk_source *
probe(const char *path, const char *format)
{
    g_autoptr(GError) error = NULL;
    disk_source *source = disk_source_probe(path, format, &error);

    ck_assert_msg(source != NULL, "%s", error != NULL ? error->message : "");
    return source;
}

static void
assert_taken(const char *path, const char *format, guint64 virtual_size)
{
    g_autoptr(disk_source) source = probe(path, NULL);

    ck_assert_str_eq(source->format, format);
    ck_assert_uint_eq(source->virtual_size, virtual_size);
}

/* ---- what is no image ---- */

START_TEST(only_files_with_content_are_taken)
{
    g_autofree char *absent = path_of("absent");
    g_autofree char *empty = write_file("empty", "", 0);
    g_autofree char *fifo = path_of("fifo");
    g_autofree char *raw = make_raw("raw");

    ck_assert_int_eq(mkfifo(fifo, 0600), 0);
    assert_refused(absent, NULL, ERROR_PARAMETER_VALUE, "no such file");
    assert_refused(absent, NULL, ERROR_PARAMETER_VALUE, absent);
    assert_refused(empty, NULL, ERROR_PARAMETER_VALUE, "is empty");
    assert_refused(fifo, NULL, ERROR_PARAMETER_VALUE, "device or a pipe");
    assert_refused("/dev/null", NULL, ERROR_PARAMETER_VALUE, "device or a pipe");
    assert_refused(folder, NULL, ERROR_PARAMETER_VALUE, "is a folder");
    assert_refused(raw, "parchment", ERROR_PARAMETER_VALUE, "parchment");
}
END_TEST

START_TEST(what_is_no_disk_is_refused_with_advice)
{
    static const struct {
        const char *bytes;
        gsize length;
        const char *why;
    } cases[] = {
        {"<html>404</html>\n", 17, "it is a web page"},
        {"disk not found\n", 15, "it is a text"},
        {"x\1\2\3", 4, "--format raw"},
        {"# Disk DescriptorFile\nversion=1\n", 32, "vmdk descriptor"},
        {"\x1f\x8b\x08\0", 4, "gunzip"},
        {"\xfd"
         "7zXZ\0\0",
         7, "unxz"},
        {"BZh91AY", 7, "bunzip2"},
        {"PK\3\4\0", 5, "unzip"},
        {"\x28\xb5\x2f\xfd\0", 5, "unzstd"},
        {"QED\0\0", 5, "qemu-img convert -f qed"},
        {"QFI\xfb\0\0\0\2", 8, "truncated"},
        {"QFI\xfb", 4, "truncated"},
        {"KDMV", 4, "truncated"},
        {"vhdxfile", 8, "truncated"},
        {"conectix", 8, "truncated"},
    };

    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autofree char *path = write_file("file", cases[i].bytes, cases[i].length);
        assert_no_disk(path, cases[i].why);
    }
}
END_TEST

START_TEST(the_stated_format_must_be_the_contents)
{
    g_autofree char *raw = make_raw("raw");
    g_autofree char *qcow2 = make_qcow2("qcow2");
    g_autofree char *odd = write_file("odd", "\1\2\3", 3);
    g_autoptr(disk_source) source = probe(odd, "raw");

    ck_assert_str_eq(source->format, "raw");
    ck_assert_uint_eq(source->virtual_size, 512);
    assert_refused(raw, "qcow2", ERROR_DISK_FORMAT, "stated to be qcow2, but its content is not");
    assert_refused(raw, "ova", ERROR_DISK_FORMAT, "stated to be ova");
    assert_refused(qcow2, "raw", ERROR_DISK_FORMAT, "stated to be raw, but its content is qcow2");
    assert_refused(qcow2, "vhd", ERROR_DISK_FORMAT, "stated to be vpc");
}
END_TEST

/* ---- raw ---- */

START_TEST(raw_disks_are_known_by_what_is_on_them)
{
    g_autofree char *path = make_raw("raw");
    g_autofree guint8 *disk = g_malloc0(MIB);
    g_autofree char *btrfs = NULL;
    g_autofree char *xfs = NULL;
    g_autofree char *iso = NULL;
    g_autoptr(disk_source) source = NULL;

    assert_taken(path, "raw", 3 * MIB);
    cut(path, 3 * MIB - 512);
    assert_no_disk(path, "partition 1 ends at byte 3145728, but the file has only 3145216");
    assert_refused(path, "raw", ERROR_DISK_FORMAT, "truncated");
    cut(path, 3 * MIB + 1);
    assert_no_disk(path, "no multiple of 512");

    memcpy(disk, "XFSB", 4);
    put_be(disk + 4, 4096, 4);
    put_be(disk + 8, 256, 8);
    xfs = write_file("xfs", disk, MIB);
    assert_taken(xfs, "raw", MIB);
    cut(xfs, MIB - 4096);
    assert_no_disk(xfs, "the file system on it ends at byte 1048576");

    memset(disk, 0, 4096);
    memcpy(disk + 65536 + 64, "_BHRfS_M", 8);
    put_le(disk + 65536 + 0x70, MIB, 8);
    btrfs = write_file("btrfs", disk, MIB);
    assert_taken(btrfs, "raw", MIB);
    patch_number(btrfs, 65536 + 0x70, G_MAXUINT64, 8);
    assert_no_disk(btrfs, "truncated");

    memset(disk, 0, MIB);
    memcpy(disk + 32769, "CD001", 5);
    iso = write_file("iso", disk, MIB);
    assert_no_disk(iso, "ISO 9660");
    source = probe(iso, "raw");
    ck_assert_str_eq(source->format, "raw");
}
END_TEST

START_TEST(an_ext_file_system_must_be_whole)
{
    guint8 disk[64 << 10] = {0};
    g_autofree char *path = NULL;

    put_le(disk + 1024 + 4, 16, 4);
    put_le(disk + 1024 + 0x18, 2, 4);
    put_le(disk + 1024 + 0x38, 0xef53, 2);
    path = write_file("ext", disk, sizeof(disk));
    assert_taken(path, "raw", 64 << 10);
    put_le(disk + 1024 + 4, 17, 4);
    patch(path, 0, disk, 2048);
    assert_no_disk(path, "the file system on it ends at byte 69632");
    put_le(disk + 1024 + 4, 16, 4);
    put_le(disk + 1024 + 0x60, 0x80, 4);
    put_le(disk + 1024 + 0x150, G_MAXUINT32, 4);
    patch(path, 0, disk, 2048);
    assert_no_disk(path, "truncated");
}
END_TEST

START_TEST(a_gpt_must_be_whole)
{
    g_autofree guint8 *disk = g_malloc0(8 * MIB);
    g_autofree char *path = NULL;

    put_gpt(disk);
    path = write_file("gpt", disk, 8 * MIB);
    assert_taken(path, "raw", 8 * MIB);
    cut(path, 8 * MIB - 512);
    assert_no_disk(path, "the disk that its GPT describes ends at byte 8388608");
    cut(path, 3 * MIB - 512);
    assert_no_disk(path, "partition 2 ends at byte 3145728");
}
END_TEST

/* ---- qcow2 ---- */

START_TEST(qcow2_that_stands_by_itself_is_taken)
{
    static const struct {
        const char *options;
        gboolean compressed;
    } cases[] = {
        {"compat=1.1", FALSE},           {"compat=0.10", FALSE},
        {"compat=0.10", TRUE},           {"cluster_size=512", FALSE},
        {"cluster_size=2M", FALSE},      {"extended_l2=on", FALSE},
        {"compression_type=zstd", TRUE}, {"preallocation=metadata", FALSE},
    };

    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autofree char *path = make_disk("qcow2", "qcow2", cases[i].options, cases[i].compressed);
        assert_taken(path, "qcow2", 3 * MIB);
    }
}
END_TEST

START_TEST(qcow2_that_refers_to_others_is_refused)
{
    g_autofree char *base = make_qcow2("base");
    g_autofree char *overlay = path_of("overlay");
    g_autofree char *data = path_of("data");
    g_autofree char *outside = path_of("outside");
    g_autofree char *options = g_strdup_printf("data_file=%s", data);
    const char *const create[] = {"qemu-img", "create", "-f", "qcow2", "-F",
                                  "qcow2",    "-b",     base, overlay, NULL};
    const char *const external[] = {"qemu-img", "create", "-f", "qcow2", "-o",
                                    options,    outside,  "1M", NULL};

    ck_assert(process_run(create, ERROR_HOST_QEMU, NULL, NULL));
    assert_no_disk(overlay, "it has a backing file");
    ck_assert(process_run(external, ERROR_HOST_QEMU, NULL, NULL));
    assert_no_disk(outside, "its data is in another file");
}
END_TEST

START_TEST(qcow2_headers_are_not_trusted)
{
    static const struct {
        int at, size;
        guint64 value;
        const char *why;
    } cases[] = {
        {4, 4, 1, "qcow version 1"},
        {4, 4, 4, "qcow version 4"},
        {8, 8, 200, "backing file"},
        {16, 4, 5, "backing file"},
        {20, 4, 8, "clusters have 2^8"},
        {20, 4, 22, "clusters have 2^22"},
        {20, 4, G_MAXUINT32, "clusters have 2^"},
        {24, 8, (G_GUINT64_CONSTANT(64) << 40) + 512, "no disk here may have"},
        {24, 8, G_MAXUINT64, "no disk here may have"},
        {24, 8, G_GUINT64_CONSTANT(1) << 40, "L1 table of"},
        {32, 4, 1, "encrypted"},
        {36, 4, 0, "L1 table of 0"},
        {36, 4, G_MAXUINT32, "L1 table of"},
        {40, 8, G_GUINT64_CONSTANT(1) << 40, "its L1 table should lie"},
        {40, 8, 77, "L1 table of"},
        {48, 8, G_GUINT64_CONSTANT(1) << 40, "its refcount table should lie"},
        {48, 8, 1, "refcount table cannot be right"},
        {56, 4, 0, "refcount table cannot be right"},
        {56, 4, G_MAXUINT32, "refcount table cannot be right"},
        {60, 4, G_MAXUINT32, "snapshots"},
        {64, 8, G_GUINT64_CONSTANT(1) << 40, NULL}, /* no snapshots: not looked at */
        {72, 8, 1, NULL},                           /* dirty */
        {72, 8, 2, "marked as corrupt"},
        {72, 8, 4, "its data is in another file"},
        {72, 8, 32, "not known here (0x20)"},
        {72, 8, G_GUINT64_CONSTANT(1) << 63, "not known here"},
        {72, 8, 1 << 3, NULL}, /* a compression type, zlib */
        {96, 4, 7, "refcounts have 2^7"},
        {100, 4, 96, "header says it has 96"},
        {100, 4, 1 << 20, "header says it has"},
        {0x30000, 8, G_GUINT64_CONSTANT(1) << 40, "L2 table should lie"},
        {0x30000, 8, 0x200, "L2 table is not aligned"},
    };

    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autofree char *path = make_qcow2("qcow2");
        patch_number(path, cases[i].at, cases[i].value, cases[i].size);
        if (cases[i].why != NULL)
            assert_no_disk(path, cases[i].why);
        else
            assert_taken(path, "qcow2", 3 * MIB);
    }
}
END_TEST

START_TEST(qcow2_compression_types_and_snapshots_are_looked_at)
{
    g_autofree char *path = make_qcow2("qcow2");

    patch_number(path, 72, 1 << 3, 8);
    patch_number(path, 104, 2, 1);
    assert_no_disk(path, "compression type");
    patch_number(path, 104, 0, 1);
    patch_number(path, 60, 1, 4);
    patch_number(path, 64, G_GUINT64_CONSTANT(1) << 40, 8);
    assert_no_disk(path, "snapshot table");
}
END_TEST

START_TEST(l2_tables_that_stand_in_for_many_are_refused)
{
    static guint8 disk[7 * 512];
    g_autofree char *path = NULL;

    /* 64 L1 entries, all of them for the one L2 table. */
    memcpy(disk, "QFI\xfb", 4);
    put_be(disk + 4, 2, 4);
    put_be(disk + 20, 9, 4);
    put_be(disk + 24, 64 * 64 * 512, 8);
    put_be(disk + 36, 64, 4);
    put_be(disk + 40, 512, 8);
    put_be(disk + 48, 1024, 8);
    put_be(disk + 56, 1, 4);
    for (int i = 0; i < 64; i++)
        put_be(disk + 512 + i * 8, 1536, 8);
    path = write_file("bomb", disk, sizeof(disk));
    assert_no_disk(path, "L2 tables overlap");
}
END_TEST

/* Cuts PATH shorter by each of some lengths. Its disk's last byte is in its last cluster, and is
 * not zero: whatever is cut off is missed. */
static void
assert_no_cut_is_taken(const char *path)
{
    static const guint64 less[] = {1,     511,   512,    513,    4096,  65535,
                                   65536, 65537, 131072, 200000, 300000};
    guint64 size = size_of(path);

    for (gsize i = 0; i < G_N_ELEMENTS(less) && less[i] < size; i++) {
        cut(path, size - less[i]);
        assert_no_disk(path, "truncated");
    }
    for (size = size_of(path) / 2; size > 0; size /= 2) {
        cut(path, size);
        assert_no_disk(path, "");
    }
}

START_TEST(truncated_qcow2_is_refused)
{
    g_autofree char *plain = make_qcow2("plain");
    g_autofree char *old = make_disk("old", "qcow2", "compat=0.10", FALSE);
    g_autofree char *compressed = make_disk("compressed", "qcow2", "compat=1.1", TRUE);
    g_autofree char *subclusters = make_disk("subclusters", "qcow2", "extended_l2=on", FALSE);

    assert_no_cut_is_taken(plain);
    assert_no_cut_is_taken(old);
    assert_no_cut_is_taken(compressed);
    assert_no_cut_is_taken(subclusters);
}
END_TEST

/* ---- vmdk ---- */

START_TEST(vmdk_that_stands_by_itself_is_taken)
{
    g_autofree char *sparse = make_disk("a.vmdk", "vmdk", "subformat=monolithicSparse", FALSE);
    g_autofree char *stream = make_disk("b.vmdk", "vmdk", "subformat=streamOptimized", FALSE);
    g_autofree char *flat = make_disk("c.vmdk", "vmdk", "subformat=monolithicFlat", FALSE);
    g_autofree char *split = make_disk("d.vmdk", "vmdk", "subformat=twoGbMaxExtentSparse", FALSE);
    g_autofree char *extent = path_of("d-s001.vmdk");

    assert_taken(sparse, "vmdk", 3 * MIB);
    assert_taken(stream, "vmdk", 3 * MIB);
    assert_no_disk(flat, "refers to other files");
    assert_no_disk(split, "refers to other files");
    assert_no_disk(extent, "an extent of several");
    cut(sparse, size_of(sparse) - 1);
    assert_no_disk(sparse, "a grain of the disk");
    cut(sparse, 100000);
    assert_no_disk(sparse, "truncated");
    cut(stream, size_of(stream) / 2);
    assert_no_disk(stream, "truncated");
}
END_TEST

START_TEST(vmdk_headers_are_not_trusted)
{
    static const struct {
        int at;
        const char *bytes;
        gsize length;
        const char *why;
    } cases[] = {
        {4, "\4", 1, "version 4"},
        {12, "\0\0\0\0\0\0\0\0", 8, "data is in other files"},
        {12, "\0\0\0\0\0\0\0\1", 8, "no disk here may have"},
        {20, "\0\0\0\0\0\0\0\0", 8, "grain tables cannot be right"},
        {20, "\xff\xff\xff\xff\xff\xff\xff\xff", 8, "grain tables cannot be right"},
        {28, "\xff\xff\xff\xff\xff\xff\xff\xff", 8, "descriptor cannot be right"},
        {10, "\3", 1, "contradicts itself"}, /* flags: compressed, with markers */
        {77, "\1", 1, "contradicts itself"}, /* algorithm */
        {12, "\0\0\0\0\40\0\0\0\1\0\0\0\0\0\0", 15, "entries cannot be right"},
        {36, "\xff\xff\xff\xff", 4, "descriptor cannot be right"},
        {36, "\0\0\0\0", 4, "an extent of several"},
        {44, "\0\0\0\0", 4, "grain tables cannot be right"},
        {44, "\xff\xff\xff\xff", 4, "grain tables cannot be right"},
        {56, "\xff\xff\xff\xff\xff\xff\xff\x7f", 8, "grain directory lies beyond"},
        {56, "\xff\xff\xff\xff\xff\xff\xff\xff", 8, "its footer is not at its end"},
        {74, "\n", 1, "changes line ends"},
        {512, "createType=\"vmfsSparse\"\n\0", 25, "type vmfsSparse"},
        {512, "createType=\"streamOptimized\"\nparentCID = 1234abcd\n\0", 51, "parent disk"},
        {512, "createType=monolithicSparse\nparentFileNameHint=\"/x\"\n\0", 53, "parent disk"},
        {512 * 20, "parentFileNameHint=\"/x\"", 23, "parent disk"}, /* behind the descriptor */
    };

    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autofree char *path = make_disk("a.vmdk", "vmdk", "subformat=monolithicSparse", FALSE);
        patch(path, cases[i].at, cases[i].bytes, cases[i].length);
        assert_no_disk(path, cases[i].why);
    }
}
END_TEST

/* As VMware's tools write it: "the grain directory is at the end", said in front. */
START_TEST(vmdk_with_a_footer_is_read_by_it)
{
    g_autofree char *path = make_disk("a.vmdk", "vmdk", "subformat=streamOptimized", FALSE);
    g_autofree char *content = NULL;
    g_autofree char *longer = NULL;
    gsize length;

    ck_assert(g_file_get_contents(path, &content, &length, NULL));
    longer = g_malloc0(length + 4 * 512);
    memcpy(longer, content, length);
    length = (length + 511) / 512 * 512; /* the last grain need not fill its sector */
    memset(longer + 56, 0xff, 8);
    longer[length] = 1;
    longer[length + 12] = 3;
    memcpy(longer + length + 512, content, 512);
    ck_assert(g_file_set_contents(path, longer, (gssize)(length + 3 * 512), NULL));
    assert_taken(path, "vmdk", 3 * MIB);
    cut(path, length + 3 * 512 + 100);
    assert_no_disk(path, "it has no footer");
    cut(path, length + 2 * 512);
    assert_no_disk(path, "footer is not at its end");
    cut(path, 1100);
    assert_no_disk(path, "truncated");
}
END_TEST

/* ---- vhd, vhdx ---- */

START_TEST(vhd_must_be_whole)
{
    g_autofree char *dynamic = make_disk("a.vhd", "vpc", "subformat=dynamic,force_size", FALSE);
    g_autofree char *fixed = make_disk("b.vhd", "vpc", "subformat=fixed,force_size", FALSE);
    g_autoptr(disk_source) source = probe(dynamic, "vhd");
    off_t footer = (off_t)size_of(dynamic) - 512;

    ck_assert_str_eq(source->format, "vpc");
    assert_taken(dynamic, "vpc", 3 * MIB);
    assert_taken(fixed, "vpc", 3 * MIB);
    patch_number(dynamic, 1536, 0x7fffffff, 4);
    assert_no_disk(dynamic, "a block should lie");
    patch_number(dynamic, 512 + 28, 0, 4);
    assert_no_disk(dynamic, "dynamic header is damaged");
    patch_number(dynamic, 8, 99, 1);
    assert_no_disk(dynamic, "wrong checksum");
    patch_number(dynamic, 8, 0, 1);
    patch_number(dynamic, footer + 8, 99, 1);
    assert_no_disk(dynamic, "wrong checksum");
    cut(dynamic, (guint64)footer);
    assert_no_disk(dynamic, "footer is not at its end");
    cut(fixed, size_of(fixed) - 512);
    assert_refused(fixed, "vhd", ERROR_DISK_FORMAT, "content is not");
}
END_TEST

/* The footer at AT with cylinders, heads and sectors of 1.5 MiB, written by who always means its
 * size by that. */
static void
say_less(const char *path, off_t at)
{
    guint8 footer[512];
    guint32 sum = 0;
    int fd = open(path, O_RDWR);

    ck_assert_int_eq(pread(fd, footer, sizeof footer, at), 512);
    memcpy(footer + 28, "vbox", 4);
    put_be(footer + 56, 48 << 16 | 4 << 8 | 16, 4);
    put_be(footer + 64, 0, 4);
    for (int i = 0; i < 512; i++)
        sum += footer[i];
    put_be(footer + 64, ~sum, 4);
    ck_assert_int_eq(pwrite(fd, footer, sizeof footer, at), 512);
    close(fd);
}

START_TEST(vhd_is_for_qemu_what_it_is_here)
{
    g_autofree char *dynamic = make_disk("a.vhd", "vpc", "subformat=dynamic,force_size", FALSE);
    g_autofree char *fixed = make_disk("b.vhd", "vpc", "subformat=fixed,force_size", FALSE);
    g_autoptr(disk_source) source = NULL;
    g_autofree char *options = NULL;
    g_autofree char *content = NULL;
    g_autofree char *output = NULL;
    gsize length;

    say_less(dynamic, 0);
    say_less(dynamic, (off_t)size_of(dynamic) - 512);
    source = probe(dynamic, NULL);
    ck_assert_uint_eq(source->virtual_size, 3 * MIB);
    options = disk_source_image_opts(source);
    const char *const info[] = {"qemu-img", "info", "--output=json", "--image-opts", options, NULL};
    ck_assert(process_run(info, ERROR_HOST_QEMU, &output, NULL));
    ck_assert_ptr_nonnull(strstr(output, "\"virtual-size\": 3145728,"));
    /* QEMU goes by what is at the beginning. */
    patch(dynamic, 0, "CONECTIX", 8);
    assert_no_disk(dynamic, "its footer at its beginning");
    ck_assert(g_file_get_contents(fixed, &content, &length, NULL));
    patch(fixed, 0, content + length - 512, 512);
    assert_no_disk(fixed, "its footer at its beginning");
}
END_TEST

/* A table of more entries than are looked at, in a file that has room for it. */
START_TEST(vhd_with_an_endless_table_is_refused)
{
    g_autofree char *path = make_disk("a.vhd", "vpc", "subformat=dynamic,force_size", FALSE);
    g_autofree char *content = NULL;
    guint32 sum = 0;
    gsize length;

    patch_number(path, 512 + 28, 0x7fffffff, 4);
    patch_number(path, 512 + 36, 0, 4);
    ck_assert(g_file_get_contents(path, &content, &length, NULL));
    for (int i = 0; i < 1024; i++)
        sum += (guint8)content[512 + i];
    patch_number(path, 512 + 36, ~sum, 4);
    cut(path, G_GUINT64_CONSTANT(9) << 30);
    patch(path, (off_t)size_of(path) - 512, content, 512);
    assert_no_disk(path, "2147483647 blocks of");
}
END_TEST

START_TEST(vhd_of_other_types_is_refused)
{
    guint8 disk[1024] = {0}, *footer = disk + 512;
    static const struct {
        guint32 type;
        guint64 size;
        const char *why;
    } cases[] = {
        {4, 512, "parent disk"},
        {9, 512, "VHD type 9"},
        {2, 513, "truncated"},
        {2, 0, "no disk here may have"},
        {2, G_MAXUINT64, "no disk here may have"},
        {3, 512, "its footer at its beginning"},
    };

    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autofree char *path = NULL;
        guint32 sum = 0;
        memset(footer, 0, 512);
        memcpy(footer, "conectix", 8);
        put_be(footer + 16, G_MAXUINT64, 8);
        put_be(footer + 48, cases[i].size, 8);
        put_be(footer + 60, cases[i].type, 4);
        for (int j = 0; j < 512; j++)
            sum += footer[j];
        put_be(footer + 64, ~sum, 4);
        path = write_file("vhd", disk, sizeof(disk));
        assert_no_disk(path, cases[i].why);
    }
}
END_TEST

START_TEST(vhdx_must_be_whole)
{
    g_autofree char *path = make_disk("a.vhdx", "vhdx", "block_size=1M", FALSE);
    g_autofree char *content = NULL;
    gsize length;
    const char *flags;

    assert_taken(path, "vhdx", 3 * MIB);
    ck_assert(g_file_get_contents(path, &content, &length, NULL));
    /* The first metadata item is the file parameters: block size, flags. */
    flags = memmem(content, length, "\x37\x67\xa1\xca\x36\xfa\x43\x4d", 8);
    ck_assert_ptr_nonnull(flags);
    cut(path, length - MIB);
    assert_no_disk(path, "a block should lie");
    cut(path, 256 << 10);
    assert_no_disk(path, "truncated");
    cut(path, (192 << 10) + 100);
    assert_no_disk(path, "region table should lie");
    ck_assert(g_file_set_contents(path, content, (gssize)length, NULL));
    patch(path, (flags - content) / MIB * MIB + (64 << 10) + 4, "\2", 1);
    assert_no_disk(path, "parent disk");
    patch(path, 192 << 10, "x", 1);
    assert_no_disk(path, "region table cannot be read");
}
END_TEST

/* ---- ova ---- */

static void
put_tar_header(guint8 *header, const char *name, char type, const char *size)
{
    guint32 sum = 8 * ' ';

    memset(header, 0, 512);
    memcpy(header, name, strlen(name));
    memcpy(header + 124, size, strlen(size));
    header[156] = (guint8)type;
    memcpy(header + 257,
           "ustar\0"
           "00",
           8);
    for (int i = 0; i < 512; i++)
        sum += header[i];
    g_snprintf((char *)header + 148, 8, "%06o", sum);
    header[155] = ' ';
}

/* An archive of MEMBERS (names, NULL at the end), each of them the vmdk in DISK. */
static char *
make_ova(const char *name, const char *disk, const char *const *members)
{
    g_autoptr(GByteArray) tar = g_byte_array_new();
    g_autofree char *content = NULL;
    static const guint8 zeros[1024];
    gsize length;

    ck_assert(g_file_get_contents(disk, &content, &length, NULL));
    for (int i = 0; members[i] != NULL; i++) {
        g_autofree char *size = g_strdup_printf("%011" G_GSIZE_MODIFIER "o", length);
        guint8 header[512];
        put_tar_header(header, members[i], '0', size);
        g_byte_array_append(tar, header, 512);
        g_byte_array_append(tar, (guint8 *)content, (guint)length);
        g_byte_array_append(tar, zeros, (guint)(511 - (length + 511) % 512));
    }
    g_byte_array_append(tar, zeros, sizeof(zeros));
    return write_file(name, tar->data, tar->len);
}

START_TEST(ova_with_one_disk_is_taken)
{
    static const char *const members[] = {"machine.ovf", "folder/Disk-1.VMDK", NULL};
    g_autofree char *disk = make_disk("a.vmdk", "vmdk", "subformat=streamOptimized", FALSE);
    g_autofree char *path = make_ova("a,b=c.ova", disk, members);
    g_autofree char *raw = path_of("out.raw");
    g_autofree char *wanted = path_of("source.raw");
    g_autoptr(disk_source) source = probe(path, "ova");
    g_autofree char *options = disk_source_image_opts(source);
    const char *const convert[] = {"qemu-img", "convert", "--image-opts", options, "-O", "raw",
                                   raw,        NULL};
    const char *const compare[] = {"cmp", raw, wanted, NULL};

    ck_assert_str_eq(source->format, "vmdk");
    ck_assert_str_eq(source->member, "folder/Disk-1.VMDK");
    ck_assert_uint_eq(source->virtual_size, 3 * MIB);
    ck_assert_uint_eq(source->offset, 512 + (size_of(disk) + 511) / 512 * 512 + 512);
    ck_assert(process_run(convert, ERROR_HOST_QEMU, NULL, NULL));
    ck_assert(process_run(compare, ERROR_HOST_QEMU, NULL, NULL));
    cut(path, size_of(path) - 1024 - 512);
    assert_no_disk(path, "truncated");
    cut(path, 700);
    assert_no_disk(path, "truncated");
}
END_TEST

START_TEST(ova_without_one_plain_disk_is_refused)
{
    static const char *const none[] = {"a.ovf", "b\n\x1b[1m.mf", NULL};
    static const char *const two[] = {"a.vmdk", "b.vmdk", NULL};
    static const char *const packed[] = {"a.ovf", "a.vmdk.gz", NULL};
    static const char *const one[] = {"a.vmdk", NULL};
    g_autofree char *disk = make_disk("d.vmdk", "vmdk", "subformat=streamOptimized", FALSE);
    g_autofree char *raw = path_of("source.raw");
    g_autofree char *without = make_ova("none", disk, none);
    g_autofree char *several = make_ova("two", disk, two);
    g_autofree char *zipped = make_ova("packed", disk, packed);
    g_autofree char *other = make_ova("other", raw, one);

    assert_no_disk(without, "without a .vmdk disk (it has: a.ovf, b\\n\\033[1m.mf)");
    assert_no_disk(several, "several disks (a.vmdk, b.vmdk)");
    assert_no_disk(zipped, "a.vmdk.gz is compressed");
    assert_no_disk(other, "stated to be vmdk, but its content is not");
}
END_TEST

START_TEST(tar_headers_are_not_trusted)
{
    static const struct {
        const char *name, *size, *why;
        char type;
    } cases[] = {
        {"a.vmdk", "77777777777", "a member of the tar", '0'},
        {"a.vmdk", "0000000008", "its tar is damaged", '0'},
        {"a.vmdk", "-1", "its tar is damaged", '0'},
        {"a.vmdk", "\x80\x7f\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff", "its tar is damaged", '0'},
        {"a.vmdk", "\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff", "its tar is damaged", '0'},
        {"a.vmdk", "0", "no plain file", '1'},
        {"a.vmdk", "0", "no plain file", '2'},
        {"a.vmdk", "0", "no plain file", '5'},
        {"a.vmdk", "0", "its beginning", '0'},
        {"long", "00000400000", "a name that is too long", 'L'},
    };

    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autofree guint8 *tar = g_malloc0(256 << 10);
        g_autofree char *path = NULL;
        put_tar_header(tar, cases[i].name, cases[i].type, cases[i].size);
        path = write_file("tar", tar, 256 << 10);
        assert_refused(path, NULL, ERROR_DISK_FORMAT, i == 8 ? "stated to be vmdk" : cases[i].why);
    }
}
END_TEST

START_TEST(long_and_pax_names_are_followed)
{
    guint8 tar[5 * 512] = {0};
    g_autofree char *path = NULL;

    put_tar_header(tar, "x", 'L', "10");
    memcpy(tar + 512, "b\1.vmdk", 8);
    put_tar_header(tar + 1024, "short", '2', "0");
    path = write_file("tar", tar, sizeof(tar));
    assert_no_disk(path, "b\\001.vmdk is no plain file");
    put_tar_header(tar, "x", 'x', "00000000020");
    memcpy(tar + 512, "15 path=a.vmdk\n\n", 16);
    patch(path, 0, tar, sizeof(tar));
    assert_no_disk(path, "a.vmdk is no plain file");
    put_tar_header(tar, "x", 'x', "00000000013");
    memcpy(tar + 512, "11 size=70\n", 11);
    patch(path, 0, tar, sizeof(tar));
    assert_no_disk(path, "sizes in pax headers");
}
END_TEST

START_TEST(any_path_can_be_given_to_qemu)
{
    static const char *const names[] = {"a,b=c,,d", "json:{}", "nbd:x:1", "a\"b\\ \n", "\xff\xfe"};

    for (gsize i = 0; i < G_N_ELEMENTS(names); i++) {
        g_autofree char *path = make_raw(names[i]);
        g_autoptr(disk_source) source = probe(path, NULL);
        g_autofree char *options = disk_source_image_opts(source);
        const char *const info[] = {
            "sh", "-c", "exec qemu-img info --image-opts \"$1\" >/dev/null", "sh", options, NULL};
        ck_assert(process_run(info, ERROR_HOST_QEMU, NULL, NULL));
    }
}
END_TEST

Suite *
suite_probe(void)
{
    Suite *suite = suite_create("probe");
    TCase *tests = tcase_create("probe");

    tcase_add_checked_fixture(tests, setup, teardown);
    tcase_add_test(tests, only_files_with_content_are_taken);
    tcase_add_test(tests, what_is_no_disk_is_refused_with_advice);
    tcase_add_test(tests, the_stated_format_must_be_the_contents);
    tcase_add_test(tests, raw_disks_are_known_by_what_is_on_them);
    tcase_add_test(tests, an_ext_file_system_must_be_whole);
    tcase_add_test(tests, a_gpt_must_be_whole);
    tcase_add_test(tests, qcow2_that_stands_by_itself_is_taken);
    tcase_add_test(tests, qcow2_that_refers_to_others_is_refused);
    tcase_add_test(tests, qcow2_headers_are_not_trusted);
    tcase_add_test(tests, qcow2_compression_types_and_snapshots_are_looked_at);
    tcase_add_test(tests, l2_tables_that_stand_in_for_many_are_refused);
    tcase_add_test(tests, truncated_qcow2_is_refused);
    tcase_add_test(tests, vmdk_that_stands_by_itself_is_taken);
    tcase_add_test(tests, vmdk_headers_are_not_trusted);
    tcase_add_test(tests, vmdk_with_a_footer_is_read_by_it);
    tcase_add_test(tests, vhd_must_be_whole);
    tcase_add_test(tests, vhd_is_for_qemu_what_it_is_here);
    tcase_add_test(tests, vhd_with_an_endless_table_is_refused);
    tcase_add_test(tests, vhd_of_other_types_is_refused);
    tcase_add_test(tests, vhdx_must_be_whole);
    tcase_add_test(tests, ova_with_one_disk_is_taken);
    tcase_add_test(tests, ova_without_one_plain_disk_is_refused);
    tcase_add_test(tests, tar_headers_are_not_trusted);
    tcase_add_test(tests, long_and_pax_names_are_followed);
    tcase_add_test(tests, any_path_can_be_given_to_qemu);
    suite_add_tcase(suite, tests);
    return suite;
}
