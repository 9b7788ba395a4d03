#!/bin/bash
# Snapshots of volumes and images of instances, on disks of 1 GiB and of 1 TiB with 200 MiB written to each, measured in
# turns in one run:
#   large against small                                                                        (at most 1.3)
#   each against libvirt's own external snapshot of a like domain, by virsh snapshot-create-as  (at most 2)
# usage: AMILAUNCH=./amilaunch bench/snapshots.sh [ROUNDS]
set -euo pipefail

rounds=${1:-11}
floors="floor-small floor-large"
. "$(dirname "$0")/measure.sh"

write_some() { qemu-io -f qcow2 -c 'write -P 7 1M 200M' "$1" >"$work/out"; }

# Nothing boots from these disks: only the hypervisor's part is measured, and the guest leaves the processor alone.
declare -A instance volume
prepare() { # prepare NAME SIZE: an instance, stopped, and a like domain, with its own disk
    local name=$1 ami
    qemu-img create -q -f qcow2 "$work/$name.qcow2" "$2"
    ami=$("$AMILAUNCH" image import "$work/$name.qcow2" --name "$name" 2>"$work/err" | cut -d' ' -f1)
    instance[$name]=$("$AMILAUNCH" run "$ami" --type t2.nano --memory-limit 64M --json 2>"$work/err" | jq -r '.Instances[0].InstanceId')
    volume[$name]=$("$AMILAUNCH" show "${instance[$name]}" --json | jq -r '.Reservations[0].Instances[0].BlockDeviceMappings[0].Ebs.VolumeId')
    virsh -c $uri dumpxml --inactive "${instance[$name]}" | sed -e "s|<name>.*</name>|<name>floor-$name</name>|" \
        -e "s|$work/home/volumes/${volume[$name]}.qcow2|$work/floor-$name.qcow2|; s|instances/${instance[$name]}/console.log|floor-$name.log|" \
        -e '/<uuid>/d; /<sysinfo/,/<\/sysinfo>/d; /<smbios/d; /<qemu:commandline/,/<\/qemu:commandline>/d' \
        -e '/<metadata>/,/<\/metadata>/d' >"$work/floor-$name.xml"
    "$AMILAUNCH" stop "${instance[$name]}" --force >"$work/out"
    write_some "$work/home/volumes/${volume[$name]}.qcow2"
    cp --sparse=always "$work/home/volumes/${volume[$name]}.qcow2" "$work/floor-$name.qcow2"
    sed -i "s|\.\./snapshots|$work/home/snapshots|" "$work/floor-$name.xml"
    qemu-img rebase -u -F qcow2 -b "$(echo "$work"/home/snapshots/"$("$AMILAUNCH" volume show "${volume[$name]}" --json | jq -r '.Volumes[0].SnapshotId')".qcow2)" "$work/floor-$name.qcow2"
    virsh -q -c $uri define "$work/floor-$name.xml" >"$work/out"
}

turn=0
snapshot() { "$AMILAUNCH" snapshot create "${volume[$1]}"; }
image() { "$AMILAUNCH" image create "${instance[$1]}" --no-reboot; }
floor() { virsh -q -c $uri snapshot-create-as "floor-$1" "s$turn" --disk-only --atomic --no-metadata; }

all_in_turn() { # all_in_turn STATE
    local round name
    for ((round = 0; round < rounds; round++)); do
        for name in small large; do
            turn=$((turn + 1))
            measure "$1-snapshot-$name" snapshot $name
            measure "$1-image-$name" image $name
            measure "$1-floor-$name" floor $name
        done
    done
}

prepare small 1G
prepare large 1T
all_in_turn stopped
for name in small large; do
    "$AMILAUNCH" start "${instance[$name]}" >"$work/out"
    virsh -q -c $uri start floor-$name >"$work/out"
done
all_in_turn running

for state in stopped running; do
    for what in snapshot image; do
        for name in small large; do report $state-$what-$name $state-floor-$name 2; done
        report $state-$what-large $state-$what-small 1.3
    done
done
