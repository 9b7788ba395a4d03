#!/bin/bash
# The sample, broken in five ways: its plan says in which link it won't boot, and run --wait ends in that link.
. "$(dirname "$0")/lib.sh"

# An ordinary user's PATH often lacks them.
PATH=$PATH:/sbin:/usr/sbin
need "debugfs is there" "$(command -v debugfs)"
disk=$SCRATCH/broken.raw
root="$disk?offset=$((1 << 20))" # its file system, as debugfs has it
mkdir -p "$SCRATCH"
qemu-img convert -O raw "$SAMPLE" "$SCRATCH/whole.raw"

# ---- what breaks $disk ----
no_signature() { printf '\0\0' | dd of="$disk" bs=1 seek=510 conv=notrunc status=none; }
no_boot_code() { dd if=/dev/zero of="$disk" bs=440 count=1 conv=notrunc status=none; }
no_menu() { debugfs -w -R "rm /boot/grub/grub.cfg" "$root"; }
no_kernel() {
    local kernel
    kernel=$(debugfs -R "ls -p /boot" "$root" | tr / '\n' | grep -m 1 '^vmlinuz-')
    debugfs -w -R "rm /boot/$kernel" "$root"
}
no_root() {
    debugfs -R "dump /boot/grub/grub.cfg $SCRATCH/grub.cfg" "$root"
    sed -i 's!root=LABEL=[^ ]*!root=/dev/vdz1!' "$SCRATCH/grub.cfg"
    printf '%s\n' "rm /boot/grub/grub.cfg" "write $SCRATCH/grub.cfg /boot/grub/grub.cfg" | debugfs -w -f - "$root"
}

# broken NAME HOW...: makes such a disk and imports it, after a look into it if $facts doesn't say what is found; prints its id.
# To look takes an appliance half a minute: a disk may be broken in several ways, and each is found.
broken() {
    local name=$1 how
    shift
    cp --sparse=always "$SCRATCH/whole.raw" "$disk"
    for how; do "$how" || return; done >"$SCRATCH/$name.log" 2>&1
    qemu-img convert -O qcow2 "$disk" "$SCRATCH/broken.qcow2"
    [ -z "${facts:-}" ] || know "$facts" "$(content_of qcow2 "$SCRATCH/broken.qcow2")"
    "$AMILAUNCH" image import "$SCRATCH/broken.qcow2" --name "$name" 2>>"$SCRATCH/$name.log" | cut -d' ' -f1
    rm -f "$disk" "$SCRATCH/broken.qcow2"
}
facts_of() { "$AMILAUNCH" image show "$1" --json | jq -c .Images[0].Facts; }

foreseen() { # foreseen IMAGE NAME LINK
    "$AMILAUNCH" plan "$1" --type t2.nano --json |
        jq -e --arg name "$2" --arg link "$3" '.Warnings | any(.Fatal and .Name == $name and .Link == $link)' ||
        { "$AMILAUNCH" plan "$1" --type t2.nano; return 1; }
}

# It must not wait for the whole time: then it would be Host.Timeout.
stops_at() { # stops_at IMAGE NAME LINK
    local status=0
    "$AMILAUNCH" run "$1" --type t2.nano --memory-limit 128M --wait --timeout 300 --json >"$SCRATCH/run.json" 2>"$SCRATCH/run.err" || status=$?
    cat "$SCRATCH/run.json" "$SCRATCH/run.err"
    "$AMILAUNCH" terminate "$(jq -r '.Instances[0].InstanceId' "$SCRATCH/run.json")"
    [ $status = 3 ] && grep -q '^amilaunch: Host.GuestStopped: ' "$SCRATCH/run.err" &&
        jq -e --arg name "$2" --arg link "$3" '.Instances[0].BootStop | .Stopped and .Link == $link and .Foreseen.Name == $name' "$SCRATCH/run.json"
}

# ---- broken in several ways: all are foreseen, and the boot stops in the first of them ----
sample=$(imported)
need "the sample is imported" "$sample"
menu=$(broken menu no_signature no_menu)
need "imported: no_signature, no_menu" "$menu"
files=$(broken files no_boot_code no_kernel no_root)
need "imported: no_boot_code, no_kernel, no_root" "$files"
check "the first's plan foresees no-signature" foreseen "$menu" no-signature firmware
check "and no-loader-configuration" foreseen "$menu" no-loader-configuration "boot loader"
check "the second's plan foresees boot-code-missing" foreseen "$files" boot-code-missing "boot code"
check "the first's boot stops in its firmware" stops_at "$menu" no-signature firmware
check "the second's after its boot code" stops_at "$files" boot-code-missing "boot code"

# ---- in the others alone: known by what was found above ----
facts_of_sample=$(facts_of "$sample") facts_of_menu=$(facts_of "$menu") facts_of_files=$(facts_of "$files")
facts=$(jq -c --argjson broken "$facts_of_menu" '.loader = $broken.loader | del(.loader | nulls)' <<<"$facts_of_sample")
only=$(broken menu-only no_menu)
need "imported: no_menu" "$only"
check "its boot stops in its boot loader" stops_at "$only" no-loader-configuration "boot loader"
facts=$(jq -c --argjson broken "$facts_of_files" '.loader = $broken.loader | .kernels = $broken.kernels' <<<"$facts_of_sample")
only=$(broken files-only no_kernel no_root)
need "imported: no_kernel, no_root" "$only"
check "its plan foresees kernel-missing" foreseen "$only" kernel-missing kernel
check "and root-missing" foreseen "$only" root-missing "root device"
check "its boot stops at its kernel" stops_at "$only" kernel-missing kernel
facts=$(jq -c --argjson broken "$facts_of_files" '.loader = $broken.loader' <<<"$facts_of_sample")
only=$(broken root-only no_root)
need "imported: no_root" "$only"
check "its boot stops there" stops_at "$only" root-missing "root device"
check "the import warned, too" grep -q boot-code-missing "$SCRATCH/files.log"
rm -f "$SCRATCH/whole.raw"
check "nothing is left" nothing_left
finish
