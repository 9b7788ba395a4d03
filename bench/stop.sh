#!/bin/bash
# How long `amilaunch stop` takes to return once the guest has powered off (aim: under 2 s), and the whole stop
# against `virsh shutdown` and a wait until `virsh domstate` says so, in turns in one run.
# usage: AMILAUNCH=./amilaunch SAMPLE=sample-ami.qcow2 bench/stop.sh [ROUNDS]
set -euo pipefail

: "${SAMPLE:?the sample image}"
rounds=${1:-5}
. "$(dirname "$0")/measure.sh"

now() { echo "$EPOCHREALTIME"; }
minus() { awk "BEGIN { printf \"%.3f\", $1 - $2 }"; }
boots=0
comes_up() {
    boots=$((boots + 1))
    until "$AMILAUNCH" log "$id" | tr -d '\r' | sed -n "/boot $boots\$/,\$p" | grep -q 'sample: ready'; do sleep 0.2; done
    sleep 1
}
# Waits until QEMU has said that the guest has powered off, and prints when that was.
off_at() {
    local when=
    while [ -z "$when" ]; do when=$(last_off "$1"); sleep 0.01; done
    echo "$when"
}
last_off() { sed -n 's/.*"seconds": \([0-9]*\), "microseconds": \([0-9]*\)}, "event": "SHUTDOWN".*/\1 \2/p' "$1" | tail -n 1 | awk '{ printf "%d.%06d", $1, $2 }'; }

ami=$("$AMILAUNCH" image import "$SAMPLE" --name bench 2>/dev/null | cut -d' ' -f1)
"$AMILAUNCH" run "$ami" --type t2.nano --memory-limit 256M >"$work/out"
id=$("$AMILAUNCH" ls --ids)
events=$work/home/instances/$id/events.out
comes_up
for ((round = 0; round < rounds; round++)); do
    begun=$(now)
    off_at "$events" >"$work/off" &
    "$AMILAUNCH" stop "$id" >"$work/out"
    ended=$(now)
    wait
    minus "$ended" "$begun" >>"$work/stop"
    echo >>"$work/stop"
    minus "$ended" "$(cat "$work/off")" >>"$work/after"
    echo >>"$work/after"
    "$AMILAUNCH" start "$id" >"$work/out"
    comes_up
    begun=$(now)
    virsh -q -c $uri shutdown --mode acpi "$id"
    until virsh -q -c $uri domstate "$id" | grep -q 'shut off'; do sleep 0.05; done
    minus "$(now)" "$begun" >>"$work/floor"
    echo >>"$work/floor"
    "$AMILAUNCH" start "$id" >"$work/out" 2>&1
    comes_up
done
awk -v stop="$(median stop)" -v floor="$(median floor)" -v after="$(median after)" 'BEGIN {
    printf "stop   %6.2f s   virsh shutdown and wait %6.2f s   ratio %.2f\n", stop, floor, stop / floor
    printf "returns %.3f s after the guest has powered off   aim under 2 s\n", after }'
