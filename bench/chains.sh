#!/bin/bash
# What layers cost, and what gc takes. Volumes of 1 GiB with 64 MiB of data, spread over chains of 1, 10, 30, 50 and
# 150 snapshots, measured in turns in one run, each as a ratio to the chain of 1:
#   starting a guest from it; reading at random, as a guest would (qemu-io, through all layers); listing; taking another
# and gc against `qemu-img convert` of the same bytes. Nothing boots from these disks: the guest stays in its firmware.
# usage: AMILAUNCH=./amilaunch bench/chains.sh [ROUNDS]
set -euo pipefail

rounds=${1:-7}
depths="1 10 30 50 150"
data_mib=64
. "$(dirname "$0")/measure.sh"

ours() { "$AMILAUNCH" "$@" --json 2>"$work/err"; }
file() { echo "$work/home/volumes/$1.qcow2"; }

# The same bytes in every chain, in pieces of 64 KiB that are dealt out to the layers.
declare -A volume instance
prepare() { # prepare DEPTH
    local depth=$1 id piece layer pieces=$((data_mib * 16))
    local -a commands
    instance[$depth]=$(ours run "$ami" --type t2.nano --memory-limit 64M | jq -r '.Instances[0].InstanceId')
    "$AMILAUNCH" stop --force "${instance[$depth]}" >"$work/out"
    id=$(ours show "${instance[$depth]}" | jq -r '.Reservations[0].Instances[0].BlockDeviceMappings[0].Ebs.VolumeId')
    volume[$depth]=$id
    for ((layer = 0; layer < depth; layer++)); do
        commands=()
        for ((piece = layer; piece < pieces; piece += depth)); do commands+=(-c "write -P $((1 + piece % 255)) $((piece * 1009 % 16000 * 64))k 64k"); done
        qemu-io -f qcow2 "${commands[@]}" "$(file "$id")" >"$work/out"
        "$AMILAUNCH" snapshot create "$id" >"$work/out" 2>&1
    done
}

start() { "$AMILAUNCH" start "${instance[$1]}"; }
stop() { "$AMILAUNCH" stop --force "${instance[$1]}" >"$work/out"; }
list() { "$AMILAUNCH" snapshot ls; }
reads() { qemu-io -r -f qcow2 "${read_commands[@]}" "$(file "${volume[$1]}")"; }
opens() { qemu-io -r -f qcow2 -c 'read 0 4k' "$(file "${volume[$1]}")"; }
take() { "$AMILAUNCH" snapshot create "${volume[$1]}"; }

qemu-img create -q -f qcow2 "$work/blank.qcow2" 1G
ami=$("$AMILAUNCH" image import "$work/blank.qcow2" --name blank 2>"$work/err" | cut -d' ' -f1)
for depth in $depths; do prepare "$depth"; done
read_commands=()
for ((i = 0; i < 4000; i++)); do read_commands+=(-c "read $((RANDOM % 16000 * 64))k 4k"); done

for ((round = 0; round < rounds; round++)); do
    for depth in $depths; do
        measure "start-$depth" start "$depth"
        stop "$depth"
        measure "open-$depth" opens "$depth"
        measure "read-$depth" reads "$depth"
    done
    measure list list
done
for depth in $depths; do
    report "start-$depth" start-1 -
    report "open-$depth" open-1 -
    report "read-$depth" read-1 -
done
printf 'snapshot ls of %s snapshots: %.0f ms\n' "$("$AMILAUNCH" snapshot ls --ids | wc -l)" "$(median list)"
for depth in $depths; do measure "take-$depth" take "$depth"; report "take-$depth" take-1 -; done

# ---- gc: all deleted snapshots of a volume go into it ----

big=1024 # MiB
id=$(ours volume create --size 4 | jq -r .VolumeId)
qemu-io -f qcow2 -c "write -P 7 0 ${big}M" "$(file "$id")" >"$work/out"
snapshot=$(ours snapshot create "$id" | jq -r .SnapshotId)
qemu-io -f qcow2 -c "write -P 9 1500M 64M" "$(file "$id")" >"$work/out"
sync
measure convert qemu-img convert -O qcow2 "$(file "$id")" "$work/converted.qcow2"
rm "$work/converted.qcow2"
measure rm "$AMILAUNCH" snapshot rm "$snapshot"
measure gc "$AMILAUNCH" gc --depth 190
measure convert qemu-img convert -O qcow2 "$(file "$id")" "$work/converted.qcow2"
report gc convert -
printf 'snapshot rm: %.0f ms\n' "$(median rm)"
measure flatten "$AMILAUNCH" gc
printf 'gc, the chains of 50 and 150 with %s MiB each: %.0f ms\n' $data_mib "$(median flatten)"
