#!/bin/bash
# what layers cost, by their number, and what gc takes
. "$(dirname "$0")/measure.sh"
. "$(dirname "$0")/guests.sh"

# Volumes of 1 GiB with 64 MiB of data, spread over so many snapshots. Nothing boots from them: the guest stays in its firmware.
depths="1 10 50"
[ "$BENCH_QUICK" = no ] || depths="1 10"
readonly data_mib=64

home
file() { echo "$AMILAUNCH_HOME/volumes/$1.qcow2"; }

# The same bytes in every chain, in pieces of 64 KiB that are dealt out to the layers.
declare -A volume instance
prepare() { # prepare DEPTH
    local depth=$1 id piece layer pieces=$((data_mib * 16)) commands
    instance[$depth]=$(run "$blank" --memory-limit 64M)
    "$AMILAUNCH" stop --force "${instance[$depth]}" >"$work/out"
    id=$(basename "$(root_of "${instance[$depth]}")" .qcow2)
    volume[$depth]=$id
    for ((layer = 0; layer < depth; layer++)); do
        commands=()
        for ((piece = layer; piece < pieces; piece += depth)); do
            commands+=(-c "write -P $((1 + piece % 255)) $((piece * 1009 % 16000 * 64))k 64k")
        done
        qemu-io -f qcow2 "${commands[@]}" "$(file "$id")" >"$work/out"
        "$AMILAUNCH" snapshot create "$id" >"$work/out" 2>&1
    done
}
for depth in $depths; do prepare "$depth"; done
read_commands=()
for ((i = 0; i < 4000; i++)); do read_commands+=(-c "read $((i * 1013 % 16000 * 64))k 4k"); done
reads() { qemu-io -r -f qcow2 "${read_commands[@]}" "$(file "${volume[$1]}")"; }

begin_rounds 3 7 25
while another_round; do
    for depth in $depths; do
        measure "start-$depth" "$AMILAUNCH" start "${instance[$depth]}"
        "$AMILAUNCH" stop --force "${instance[$depth]}" >"$work/out"
        measure "read-$depth" reads "$depth"
    done
done
for depth in $depths; do
    over="over $depth snapshots" start=start-1 reads=read-1 floor="the same over one snapshot"
    [ "$depth" != 1 ] || over="over one snapshot" start=- reads=- floor="what the next ones are compared with"
    compare "start, $over" s "start-$depth" $start - "$floor" "start, by layers" "$depth"
    compare "4,000 random reads, $over" s "read-$depth" $reads - "$floor" "random reads, by layers" "$depth"
done

# All deleted snapshots of a volume go into it. Each time another volume, as the work is done then.
convert() {
    measure convert qemu-img convert -O qcow2 "$(file "$id")" "$work/converted.qcow2"
    rm "$work/converted.qcow2"
}
merge() { measure gc "$AMILAUNCH" gc --depth 190; }
gc_once() {
    local id snapshot
    id=$("$AMILAUNCH" volume create --size 2 --json 2>"$work/err" | jq -r .VolumeId)
    qemu-io -f qcow2 -c "write -P 7 0 512M" "$(file "$id")" >"$work/out"
    snapshot=$("$AMILAUNCH" snapshot create "$id" --json 2>"$work/err" | jq -r .SnapshotId)
    qemu-io -f qcow2 -c "write -P 9 600M 64M" "$(file "$id")" >"$work/out"
    "$AMILAUNCH" snapshot rm "$snapshot" >"$work/out"
    either convert merge
    "$AMILAUNCH" volume rm "$id" >"$work/out"
}
begin_rounds 2 4 15
while another_round; do gc_once; done
compare "gc, 512 MiB of a deleted snapshot" s gc convert - "qemu-img convert of the same volume"
