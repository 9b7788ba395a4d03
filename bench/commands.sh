#!/bin/bash
# How far amilaunch's commands are from their floors, as ratios measured in turns in one run:
#   run        against `qemu-img create` + `virsh create` of the same domain XML     (at most 1.25)
#   ls         with 10 running instances, against `virsh list --all`                 (at most 3)
#   --version  against `virsh --version`                                              (at most 1)
# usage: AMILAUNCH=./amilaunch SAMPLE=sample-ami.qcow2 bench/commands.sh [ROUNDS]
set -euo pipefail

: "${SAMPLE:?the sample image}"
rounds=${1:-15}
floors=floor
. "$(dirname "$0")/measure.sh"

# Ten at a time: one takes no longer than the clock's noise.
ten() { for _ in 1 2 3 4 5 6 7 8 9 10; do "$@"; done; }
run() { "$AMILAUNCH" run "$ami" --type t2.nano --memory-limit 256M; }
floor() {
    qemu-img create -q -f qcow2 -F qcow2 -b "$snapshot" "$work/floor.qcow2"
    virsh -q -c $uri create "$work/floor.xml"
}

ami=$("$AMILAUNCH" image import "$SAMPLE" --name bench 2>/dev/null | cut -d' ' -f1)
run >"$work/out"
id=$("$AMILAUNCH" ls --ids)
snapshot=$(echo "$work"/home/snapshots/*.qcow2)
volume=$(echo "$work"/home/volumes/*.qcow2)
virsh -c $uri dumpxml --inactive "$id" | sed -e "s|<name>$id</name>|<name>floor</name>|" \
    -e "s|$volume|$work/floor.qcow2|; s|instances/$id/console.log|floor.log|" \
    -e '/<uuid>/d; /<sysinfo/,/<\/sysinfo>/d; /<smbios/d' \
    -e "/qemu:arg value='-chardev'/d; /qemu:arg value='-mon'/d; /qemu:arg .*events/d" >"$work/floor.xml"
"$AMILAUNCH" terminate "$id" >"$work/out"

for ((round = 0; round < rounds; round++)); do
    measure run run
    id=$("$AMILAUNCH" ls --json | jq -r '.Reservations[].Instances[] | select(.State.Name == "running") | .InstanceId')
    "$AMILAUNCH" terminate "$id" >"$work/out"
    measure run-floor floor
    virsh -q -c $uri destroy floor >"$work/out"
    rm "$work/floor.qcow2"
    measure version ten "$AMILAUNCH" --version
    measure version-floor ten virsh --version
done

"$AMILAUNCH" run "$ami" --type t2.nano --memory-limit 64M --count 10 >"$work/out"
for id in $("$AMILAUNCH" ls --ids); do virsh -q -c $uri suspend "$id" >"$work/out" 2>&1 || true; done
"$AMILAUNCH" ls >"$work/out"
for ((round = 0; round < 3 * rounds; round++)); do
    measure ls "$AMILAUNCH" ls
    measure ls-floor virsh -c $uri list --all
done

report run run-floor 1.25
report ls ls-floor 3
report version version-floor 1
