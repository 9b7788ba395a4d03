#!/bin/bash
# What is found in one disk of phony partitions, each with something that is hostile or odd for a boot; no guest is started.
. "$(dirname "$0")/lib.sh"
# Where nothing but this is.
AMILAUNCH_HOME=$SCRATCH/facts
export PATH=$PATH:/usr/sbin:/sbin

files=$SCRATCH/files
mkdir -p "$files"
disk=$files/disk.raw

le() { # le BYTES NUMBER
    local n=$2 i
    for ((i = 0; i < $1; i++)); do printf "\\x$(printf %02x $((n >> 8 * i & 255)))"; done
}

elf() { # an ELF of 64 bits with nothing but two of Xen's notes, its version and a paravirtual entry
    printf '\x7fELF\x02\x01\x01\0\0\0\0\0\0\0\0\0'
    le 2 2; le 2 62; le 4 1; le 8 0; le 8 64; le 8 0; le 4 0; le 2 64; le 2 56; le 2 1; le 2 0; le 2 0; le 2 0
    le 4 4; le 4 4; le 8 120; le 8 0; le 8 0; le 8 48; le 8 48; le 8 4
    le 4 4; le 4 8; le 4 5; printf 'Xen\0xen-3.0\0'
    le 4 4; le 4 8; le 4 1; printf 'Xen\0'; le 8 0
}

bzimage() { # bzimage PAYLOAD: a setup header of one sector and a compressed kernel
    local size
    size=$(stat -c %s "$1")
    head -c 497 /dev/zero; le 1 1; head -c 16 /dev/zero
    printf 'HdrS'; le 2 527; le 6 0; le 2 256; head -c 36 /dev/zero; le 1 1; le 1 0; le 2 1
    head -c 16 /dev/zero; le 4 16; le 4 "$size"; head -c 176 /dev/zero; printf '9.9-test (a@b)\0'
    head -c 241 /dev/zero; head -c 16 /dev/zero; cat "$1"
}

partition() { # partition NUMBER TREE MIB AT: a file system with the tree in it, AT MiB from the disk's start on
    mke2fs -q -F -t ext2 -d "$2" "$files/$1.img" "${3}M" >/dev/null || return
    dd if="$files/$1.img" of="$disk" bs=1M seek="$4" conv=notrunc,sparse status=none
}

tree=$files/tree
mkdir -p "$tree"/{1,2,3,4}/grub "$tree"/{2,3,4}/boot/grub "$tree/1/lib/initrd/lib/modules"
elf >"$files/elf"
gzip -nc "$files/elf" >"$files/elf.gz"

# Like a /boot of its own: the default isn't there, the first fallback's kernel neither, nor the second one's ramdisk. /boot leads
# to itself.
bzimage "$files/elf.gz" >"$tree/1/vmlinuz-9.9-test"
touch "$tree/1/lib/initrd/lib/modules/xen-blkfront.ko"
(cd "$tree/1/lib/initrd" && find . | cpio -o -H newc --quiet | gzip -nc) >"$tree/1/initrd-9.9"
printf 'CONFIG_XEN_NETDEV_FRONTEND=y\nCONFIG_VIRTIO_BLK=m\nCONFIG_VIRTIO_PCI=y\n' >"$tree/1/config-9.9-test"
ln -s boot "$tree/1/boot"
printf '%s\n' 'default=7' 'fallback 0 2 1' 'timeout 0' 'frobnicate' 'title gone' 'root (hd0,0)' 'kernel /vmlinuz-1' \
    'title second' 'root (hd0,0)' 'kernel /vmlinuz-9.9-test root=LABEL=x ro' 'initrd /initrd-9.9' \
    'title third' 'root (hd0,0)' 'kernel /vmlinuz-9.9-test' 'initrd /initrd-1' >"$tree/1/grub/menu.lst"
# Two menus that lead to each other; beside one of them a folder of that name.
echo 'configfile (hd0,2)/boot/grub/menu.lst' >"$tree/2/boot/grub/menu.lst"
printf 'title on\nconfigfile (hd0,1)/boot/grub/menu.lst\n' >"$tree/3/boot/grub/menu.lst"
mkdir "$tree/3/grub/menu.lst"
# A kernel out of the disk, and 64 MiB in one line after it; and one that is text.
printf 'title out\nkernel (hd0,3)/../../../../../../etc/passwd\n' >"$tree/4/boot/grub/menu.lst"
head -c 64M /dev/zero | tr '\0' x >>"$tree/4/boot/grub/menu.lst"
printf 'title text\nroot (hd0,3)\nkernel /boot/grub/text\n' >"$tree/4/grub/menu.lst"
echo 'no kernel at all' >"$tree/4/boot/grub/text"

truncate -s 112M "$disk"
printf '%s\n' 'start=2048,size=16384,type=83,bootable' 'start=18432,size=16384,type=83' 'start=34816,size=16384,type=83' \
    'start=51200,size=172032,type=83' | sfdisk -q "$disk"
partition 1 "$tree/1" 8 1
partition 2 "$tree/2" 8 9
partition 3 "$tree/3" 8 17
partition 4 "$tree/4" 84 25

# The appliance's QEMU is killed when it has hardly begun: half of the facts are none.
"$AMILAUNCH" -v image import "$disk" --name facts --virt paravirtual >/dev/null 2>"$files/killed" &
pid=$!
until grep -q 'looking for an operating system' "$files/killed" || ! kill -0 $pid 2>/dev/null; do sleep 0.1; done
for child in $(ps -o pid= --ppid $pid); do
    case $(<"/proc/$child/comm") in qemu*) kill -9 "$child" ;; esac
done
wait $pid && status=0 || status=$?
check "an appliance that is killed in the middle fails the import" test "$status" = 3
check "and says so" grep -q 'Host.Inspection: the inspection appliance died' "$files/killed"
check "nothing is left of it" test -z "$("$AMILAUNCH" image ls --json | jq -r '.Images[].ImageId')$(find "$AMILAUNCH_HOME"/{snapshots,boot} -mindepth 1)"

before=$EPOCHREALTIME
ami=$("$AMILAUNCH" image import "$disk" --name facts --virt paravirtual 2>"$files/err" | cut -d' ' -f1)
cat "$files/err" >&2
need "the disk is imported" "$ami"
echo "# imported in $(((${EPOCHREALTIME/./} - ${before/./}) / 1000)) ms"
facts=$("$AMILAUNCH" image show "$ami" --json | jq '.Images[0].Facts')

fact() { # fact JQ-CONDITION
    jq -e "$1" <<<"$facts" >/dev/null || { jq "${1%% ==*}" <<<"$facts"; jq -c .notes <<<"$facts"; return 1; }
}
check "menus come in PV-GRUB's order" fact '[.menu_lsts[] | [.partition, .path]] == [[1, "/grub/menu.lst"],
    [2, "/boot/grub/menu.lst"], [3, "/boot/grub/menu.lst"], [4, "/boot/grub/menu.lst"], [4, "/grub/menu.lst"]]'
check "a fallback whose files are there boots" fact \
    '.menu_lsts[0] | .title == "second" and .root == "(hd0,0)" and .kernel_found == "yes" and
        .initrd == "/initrd-9.9" and .initrd_found == "yes"'
check "and it is told why" fact ".menu_lsts[0].way == \"fallback 1 (default 7 isn't there)\""
check "what GRUB doesn't know is named" fact '.menu_lsts[0].unknown == ["frobnicate"]'
check "menus that lead to each other are left" fact '.menu_lsts[1].kernel == null and .menu_lsts[2].kernel == null'
check "and noted once" fact '[.notes[] | select(test("menus lead"))] | length == 1'
check "a path out of the disk leads nowhere" fact '.menu_lsts[3] | .kernel_found == "no" and .kernel_path == null'
check "a kernel that is text is known to be none" fact \
    '(.menu_lsts[4].kernel_found == "yes") and ([.kernels[] | select(.path == "/boot/grub/text" and .compression != null)] == [])'
check "the kernel is looked into" fact '.kernels[] | select(.path == "/vmlinuz-9.9-test") |
    .version == "9.9-test" and .compression == "gzip" and .bits == 64 and .xen_pv == "yes" and .xen_pvh == "no"'
check "its drivers are found" fact '.kernels[] | select(.path == "/vmlinuz-9.9-test") |
    .xen_blkfront == "initramfs" and .xen_netfront == "builtin" and .virtio_blk == "module" and .nvme == "absent"'
check "it and its initramfs are kept" fact '.boot_kernel == "kernel" and .boot_initrd == "initrd"'

kept=$(echo "$AMILAUNCH_HOME"/boot/*)
check "as they are in the image" cmp "$kept/kernel" "$tree/1/vmlinuz-9.9-test"
check "both of them" cmp "$kept/initrd" "$tree/1/initrd-9.9"
check "nothing else of the inspection is left" test "$(ls "$AMILAUNCH_HOME/snapshots" | grep -c inspection)" = 0

# One that a cut left behind is gc's.
mkdir "$AMILAUNCH_HOME/boot/raw-sha256-0123"
touch "$AMILAUNCH_HOME/boot/raw-sha256-0123/kernel"
check "gc runs" "$AMILAUNCH" gc
check "gc removes what has no image" test ! -e "$AMILAUNCH_HOME/boot/raw-sha256-0123"
check "and leaves what has" test -e "$kept/kernel"

# Another image of the same content keeps them; the last one takes them along.
other=$("$AMILAUNCH" image import "$disk" --name same --virt paravirtual 2>/dev/null | cut -d' ' -f1)
need "the same disk is imported again" "$other"
check "one image is deregistered" "$AMILAUNCH" image deregister "$ami"
check "the copies stay for the other" test -e "$kept/kernel"
check "the other is deregistered" "$AMILAUNCH" image deregister "$other"
check "the copies go" test ! -e "$kept"
finish
