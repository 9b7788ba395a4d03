#!/bin/bash
# Paravirtual guests, each with a stock kernel, under Xen in the appliance: one on a disk without a partition table,
# one on a partitioned disk. From the environment, beside what lib.sh needs; made here if they aren't there:
#   SAMPLE_HD0, SAMPLE_HD00  the paravirtual samples      AMILAUNCH_APPLIANCE  a folder with the appliance
. "$(dirname "$0")/lib.sh"
sample_ami=$(dirname "$0")/../../scripts/sample-ami

sample() { # sample KIND FILE: imports it once; prints its id
    local id file=$2
    id=$("$AMILAUNCH" image ls --json | jq -r '.Images[] | select(.Name == "sample-'"$1"'") | .ImageId')
    if [ -z "$id" ]; then
        [ -n "$file" ] || { file=$SCRATCH/$1.qcow2 && "$sample_ami" --pv "$1" -o "$file" >/dev/null; }
        id=$("$AMILAUNCH" image import "$file" --name "sample-$1" --virt paravirtual | cut -d' ' -f1)
    fi
    echo "$id"
}
whole() { "$AMILAUNCH" appliance show >/dev/null 2>&1; }

whole || check "the appliance is built" "$AMILAUNCH" appliance build
hd0=$(sample hd0 "${SAMPLE_HD0:-}")
need "the sample without partitions is imported" "$hd0"
hd00=$(sample hd00 "${SAMPLE_HD00:-}")
need "the partitioned sample is imported" "$hd00"
root_device() { [ "$("$AMILAUNCH" image show "$1" --json | jq -r '.Images[0].RootDeviceName')" = "$2" ]; }
check "the root of one is a partition" root_device "$hd0" /dev/sda1
check "the root of the other is a disk" root_device "$hd00" /dev/sda

# ---- a disk without a partition table ----
launch() { "$AMILAUNCH" run "$@" --memory-limit 256M --json | jq -r '.Instances[0].InstanceId'; }
id=$(launch "$hd0" --type m1.small)
need "run gives an instance" "$id"
check "it comes up" comes_up "$id" 1
check "it is a guest of Xen, and paravirtual" boot_says "$id" 1 '^amilaunch-sample: hypervisor xen PV$'
check "its root is the partition xvda1, which is no part of a disk" boot_says "$id" 1 '^amilaunch-sample: root /dev/xvda1 1073741824 bytes$'
check "its instance-store disk is xvdb, and blank" boot_says "$id" 1 '^amilaunch-sample: disk xvdb 160000000000 bytes marker absent$'
check "libvirt agrees: running" agree

volume=$("$AMILAUNCH" volume create --size 1 --json | jq -r .VolumeId)
need "there is a volume" "$volume"
check "it is attached while the guest runs" "$AMILAUNCH" volume attach "$volume" "$id" --device /dev/sdf
check "the guest has it as xvdf" eventually guest_says "$id" 'cat /sys/block/xvdf/size' '^2097152$'
check "it grows" "$AMILAUNCH" volume modify "$volume" --size 2
check "the guest sees that" eventually guest_says "$id" 'head -c 1 /dev/xvdf >/dev/null; cat /sys/block/xvdf/size' '^4194304$'
check "it is taken away again" "$AMILAUNCH" volume detach "$volume"
check "the guest has it no more" eventually in_guest "$id" '[ ! -e /sys/block/xvdf ]'

# What PV-GRUB reads is the guest's own menu, as it is when the guest boots.
check "the menu's default becomes its second entry" in_guest "$id" "sed -i 's/^default .*/default 1/' /boot/grub/menu.lst; sync"
check "reboot" "$AMILAUNCH" reboot "$id"
check "it comes up again" comes_up "$id" 2
check "a reboot keeps the root" boot_says "$id" 2 '^amilaunch-sample: boot 2$'
check "the second entry was booted" boot_says "$id" 2 '^amilaunch-sample: entry second$'
check "a reboot keeps the instance-store disk" boot_says "$id" 2 'disk xvdb .* marker present$'

check "the menu's default becomes one without its kernel, with a fallback" in_guest "$id" \
    "sed -i -e 's/^default .*/default 0/; 1,/kernel/s|kernel /boot/vmlinuz|kernel /boot/missing|' -e '1i fallback 1' /boot/grub/menu.lst; sync"
check "stop, seen stopping by others" passes_through "$id" stopping "$AMILAUNCH" stop "$id"
check "it is stopped" state_is "$id" stopped
check "by its user" reason_is "$id" Client.UserInitiatedShutdown
check "the guest was shut down, not cut off" console_says "$id" 'reboot: (Power down|System halted)'
check "libvirt agrees: stopped" agree
check "start" "$AMILAUNCH" start "$id"
check "it comes up after the stop" comes_up "$id" 3
check "a stop keeps the root" boot_says "$id" 3 '^amilaunch-sample: boot 3$'
check "the fallback was booted" boot_says "$id" 3 '^amilaunch-sample: entry second$'
check "a stop loses the instance-store disk" boot_says "$id" 3 'disk xvdb .* marker absent$'
check "poweroff typed in the guest" type_last "$id" poweroff
check "the next ls says stopped" state_is "$id" stopped
check "by the instance" reason_is "$id" Client.InstanceInitiatedShutdown
check "terminate" "$AMILAUNCH" terminate "$id"

# ---- a partitioned one ----
id=$(launch "$hd00" --type m1.medium --shutdown terminate --map /dev/sdf=:1)
need "run gives another instance" "$id"
check "it comes up" comes_up "$id" 1
check "it is a guest of Xen, too" boot_says "$id" 1 '^amilaunch-sample: hypervisor xen PV$'
check "its root is the first partition of xvda" boot_says "$id" 1 '^amilaunch-sample: root /dev/xvda1 737148928 bytes$'
check "its volume is xvdf" boot_says "$id" 1 '^amilaunch-sample: disk xvdf 1073741824 bytes marker absent$'
root=$("$AMILAUNCH" show "$id" --json | jq -r '.Reservations[0].Instances[0].BlockDeviceMappings[0].Ebs.VolumeId')
check "a snapshot of its root while it runs" "$AMILAUNCH" snapshot create "$root"
check "reboot typed in the guest" type_at "$id" reboot
check "it comes up again" comes_up "$id" 2
check "its own reboot keeps what it wrote" boot_says "$id" 2 'disk xvdf .* marker present$'
check "libvirt agrees: running" agree
check "poweroff typed in the guest" type_last "$id" poweroff
check "the next ls says terminated" state_is "$id" terminated

# ---- a kernel image that looks in the wrong place ----
wrong=(--type m1.small --kernel aki-5c21674b) # hd0, for a partitioned disk
plan_names() {
    "$AMILAUNCH" plan "$hd00" "${wrong[@]}" --json | jq -e '.Warnings | any(.Fatal and .Name == "menu-lst-misplaced" and
        .Link == "boot loader" and (.Text + .Remedy | contains("aki-499ccb20")))'
}
check "plan says where it looks in vain, and which would boot" plan_names
stops_there() { # not by its time being over, which would be Host.Timeout
    local status=0
    "$AMILAUNCH" run "$hd00" "${wrong[@]}" --memory-limit 128M --wait --timeout 300 --json >"$SCRATCH/wrong.json" 2>"$SCRATCH/wrong.err" || status=$?
    cat "$SCRATCH/wrong.json" "$SCRATCH/wrong.err"
    [ $status = 3 ] && grep -q '^amilaunch: Host.GuestStopped: ' "$SCRATCH/wrong.err" &&
        jq -e '.Instances[0].BootStop | .Link == "boot loader" and .Foreseen.Name == "menu-lst-misplaced"' "$SCRATCH/wrong.json"
}
check "run --wait ends in that link" stops_there

"$AMILAUNCH" terminate $("$AMILAUNCH" ls --ids) >/dev/null
# The free one, and the one that the second instance left.
check "the volumes that were left are deleted" "$AMILAUNCH" volume rm $("$AMILAUNCH" volume ls --ids)
check "nothing is left" nothing_left
finish
