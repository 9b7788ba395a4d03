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

broken() { # broken HOW: imports such a disk; prints its id
    cp --sparse=always "$SCRATCH/whole.raw" "$disk"
    "$1" >"$SCRATCH/$1.log" 2>&1 && qemu-img convert -O qcow2 "$disk" "$SCRATCH/broken.qcow2" &&
        "$AMILAUNCH" image import "$SCRATCH/broken.qcow2" --name "$1" 2>>"$SCRATCH/$1.log" | cut -d' ' -f1
    rm -f "$disk" "$SCRATCH/broken.qcow2"
}

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

while read -r how name link; do
    ami=$(broken "$how")
    need "imported: $how" "$ami"
    check "its plan foresees $name in its $link" foreseen "$ami" "$name" "$link"
    check "its boot stops there" stops_at "$ami" "$name" "$link"
done <<'END'
no_signature no-signature firmware
no_boot_code boot-code-missing boot code
no_menu no-loader-configuration boot loader
no_kernel kernel-missing kernel
no_root root-missing root device
END
check "the import warned, too" grep -q boot-code-missing "$SCRATCH/no_boot_code.log"
rm -f "$SCRATCH/whole.raw"
check "nothing is left" nothing_left
finish
