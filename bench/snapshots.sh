#!/bin/bash
# snapshot and image create, by the disk's size and by what is written to it
. "$(dirname "$0")/measure.sh"
. "$(dirname "$0")/guests.sh"

# Volumes of SIZE GiB with WRITTEN MiB. Nothing boots from them: only the hypervisor's part is measured.
readonly disks="1:64 10:64 100:64 10:1 10:512"
written() { echo "${1#*:}"; }
size() { echo "${1%:*}"; }
floor_name() { echo "floor-${1/:/-}"; }

home
declare -A instance volume
prepare() { # prepare DISK: an instance, and a like domain with a disk of its own
    local name file id
    name=$(floor_name "$1")
    id=$(run "$blank" --memory-limit 64M --map "/dev/sda1=:$(size "$1")")
    file=$(root_of "$id")
    floor_xml "$id" "$name" "$work/$name.qcow2" >"$work/$name.xml"
    "$AMILAUNCH" stop --force "$id" >"$work/out"
    qemu-io -f qcow2 -c "write -P 7 1M $(written "$1")M" "$file" >"$work/out"
    overlay "$(backing_of "$file")" "$work/$name.qcow2"
    qemu-img resize -q "$work/$name.qcow2" "$(size "$1")G"
    qemu-io -f qcow2 -c "write -P 7 1M $(written "$1")M" "$work/$name.qcow2" >"$work/out"
    virsh -q -c $uri define "$work/$name.xml" >"$work/out"
    instance[$1]=$id volume[$1]=$(basename "$file" .qcow2)
}

turn=0
ours() {
    measure "$state-snapshot-$disk" "$AMILAUNCH" snapshot create "${volume[$disk]}"
    measure "$state-image-$disk" "$AMILAUNCH" image create "${instance[$disk]}" --no-reboot
}
floor() {
    turn=$((turn + 1))
    measure "$state-floor-$disk" virsh -q -c $uri snapshot-create-as "$tag-$(floor_name "$disk")" "s$turn" --disk-only --atomic --no-metadata
}
copy() { # what the bytes would cost that aren't copied
    measure "convert-$disk" qemu-img convert -O qcow2 "$work/$(floor_name "$disk").qcow2" "$work/copy.qcow2"
    rm "$work/copy.qcow2"
}

for disk in $disks; do prepare "$disk"; done
begin_rounds 2 4 15
while another_round; do for disk in $disks; do copy; done; done
state=stopped
begin_rounds 3 8 20
while another_round; do
    disk=10:64
    either ours floor
done
for disk in $disks; do
    "$AMILAUNCH" start "${instance[$disk]}" >"$work/out"
    floor_start "$(floor_name "$disk")"
done
state=running
begin_rounds 3 8 40
while another_round; do
    for disk in $disks; do either ours floor; done
done

virsh="virsh snapshot-create-as --disk-only"
compare "snapshot create, stopped" s stopped-snapshot-10:64 stopped-floor-10:64 "<=2" "$virsh"
compare "snapshot create, running" s running-snapshot-10:64 running-floor-10:64 "<=2" "$virsh"
compare "image create, running" s running-image-10:64 running-floor-10:64 "<=2" "$virsh"
compare "snapshot of 100 GiB, against one of 1 GiB" s running-snapshot-100:64 running-snapshot-1:64 "<=1.3" "the same, of 1 GiB"
compare "snapshot of 512 MiB written, against 1 MiB" s running-snapshot-10:512 running-snapshot-10:1 "<=1.3" "the same, of 1 MiB"
compare "snapshot of 512 MiB, against a copy" s running-snapshot-10:512 convert-10:512 - "qemu-img convert"
for disk in 1:64 10:64 100:64; do
    compare "snapshot create, disk of $(size $disk) GiB" s running-snapshot-$disk running-floor-$disk - "$virsh" \
        "snapshot create, by GiB of the disk" "$(size $disk)"
    compare "image create, disk of $(size $disk) GiB" s running-image-$disk running-floor-$disk - "$virsh" \
        "image create, by GiB of the disk" "$(size $disk)"
done
for disk in 10:1 10:64 10:512; do
    compare "snapshot create, $(written $disk) MiB written" s running-snapshot-$disk running-floor-$disk - "$virsh" \
        "snapshot create, by MiB written" "$(written $disk)"
done
