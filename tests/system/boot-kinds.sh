#!/bin/bash
# Guests that don't start by a BIOS and a boot sector: by UEFI; and paravirtual images by their kernel, or by GRUB
# started as a kernel. From the environment, beside what lib.sh needs; made here if they aren't there:
#   SAMPLE_UEFI  the sample that boots by UEFI alone      SAMPLE_HD0  the paravirtual one without a partition table
. "$(dirname "$0")/lib.sh"
sample_ami=$(dirname "$0")/../../scripts/sample-ami

# ---- UEFI ----
uefi=${SAMPLE_UEFI:-}
[ -n "$uefi" ] || { uefi=$SCRATCH/uefi.qcow2 && "$sample_ami" --uefi only -o "$uefi" >/dev/null; }
imported=$("$AMILAUNCH" image import "$uefi" --name sample-uefi | cut -d" " -f1)
need "the sample for UEFI is imported" "$imported"
snapshot=$("$AMILAUNCH" image show "$imported" --json | jq -r '.Images[0].BlockDeviceMappings[0].Ebs.SnapshotId')
ami=$("$AMILAUNCH" image register --name sample-uefi-mode --map "/dev/sda1=$snapshot" --boot-mode uefi --json | jq -r .ImageId)
need "it is registered to boot by UEFI" "$ami"

starts_by_ovmf() { "$AMILAUNCH" plan "$@" --json | jq -r '.Chain[] | select(.Link == "firmware").Found' | grep -q OVMF; }
check "plan says that OVMF starts it" starts_by_ovmf "$ami" --type t3.micro
refused "a type without UEFI" 1 InvalidParameterCombination "$AMILAUNCH" run "$ami" --type m1.small

launch() { "$AMILAUNCH" run "$@" --memory-limit 384M --json | jq -r '.Instances[0].InstanceId'; }
printf 'ovmf_code = "%s"; ovmf_vars = "%s";\n' /nowhere/code.fd /nowhere/vars.fd >"$SCRATCH/no-firmware.conf"
refused "firmware that isn't where the configuration says" 3 Host.QEMU \
    "$AMILAUNCH" --config "$SCRATCH/no-firmware.conf" run "$ami" --type t3.micro
check "nothing is left of it" nothing_left

id=$(launch "$ami" --type t3.micro)
need "run gives an instance" "$id"
check "it comes up" comes_up "$id" 1
check "by UEFI, with variables that are new" boot_says "$id" 1 '^amilaunch-sample: firmware UEFI variable absent$'
check "reboot" "$AMILAUNCH" reboot "$id"
check "it comes up again" comes_up "$id" 2
check "a reboot keeps the variables" boot_says "$id" 2 'firmware UEFI variable present$'
volume=$("$AMILAUNCH" volume create --size 1 --json | jq -r .VolumeId)
check "a volume is plugged in" "$AMILAUNCH" volume attach "$volume" "$id"
check "stop" "$AMILAUNCH" stop "$id"
check "the volume is detached: libvirt forgets the domain" "$AMILAUNCH" volume detach "$volume"
check "start" "$AMILAUNCH" start "$id"
check "it comes up after the stop" comes_up "$id" 3
check "a stop keeps the variables" boot_says "$id" 3 'firmware UEFI variable present$'
check "terminate" "$AMILAUNCH" terminate "$id"
gone() { [ ! -e "$AMILAUNCH_HOME/instances/$id" ]; }
check "its variables are gone" gone

# ---- paravirtual images, not paravirtualised ----
pv=${SAMPLE_HD0:-}
[ -n "$pv" ] || { pv=$SCRATCH/hd0.qcow2 && "$sample_ami" --pv hd0 -o "$pv" >/dev/null; }
ami=$("$AMILAUNCH" image ls --json | jq -r '.Images[] | select(.Name == "sample-hd0") | .ImageId')
[ -n "$ami" ] || ami=$("$AMILAUNCH" image import "$pv" --name sample-hd0 --virt paravirtual | cut -d" " -f1)
need "the sample without partitions is imported" "$ami"

# by WAY: the image's kernel comes up on a disk without partitions, and again after a stop.
by() {
    id=$(launch "$ami" --type m1.small --map /dev/sdb=none --pv "$1")
    need "run --pv $1 gives an instance" "$id"
    check "it comes up" comes_up "$id" 1
    check "its root is the disk itself" boot_says "$id" 1 '^amilaunch-sample: root /dev/vda 1073741824 bytes$'
    check "stop" "$AMILAUNCH" stop "$id"
    check "start" "$AMILAUNCH" start "$id"
    check "it comes up the same way" comes_up "$id" 2
    check "terminate" "$AMILAUNCH" terminate "$id"
}
by direct
if "$AMILAUNCH" appliance show >/dev/null 2>&1; then
    by grub
else
    number=$((number + 1))
    echo "ok $number - run --pv grub # SKIP no Xen appliance is built, which has GRUB as a kernel"
fi
check "the volume is deleted" "$AMILAUNCH" volume rm "$volume"
check "nothing is left" nothing_left

finish
