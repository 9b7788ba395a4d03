#!/bin/bash
# kill -9 of `amilaunch run` at twenty moments: the next command puts it right by itself.
. "$(dirname "$0")/lib.sh"

ami=$(imported)
need "the sample is imported" "$ami"

run_ms() {
    local begun=${EPOCHREALTIME/./}
    "$AMILAUNCH" run "$ami" --type m3 --memory-limit 256M >/dev/null || return
    echo $(((${EPOCHREALTIME/./} - begun) / 1000))
}

whole=$(run_ms)
"$AMILAUNCH" terminate $("$AMILAUNCH" ls --ids) >/dev/null
check "a whole run takes a while to cut" test "${whole:-0}" -gt 20

# A program that was just being started may outlive the killed command by a moment, for which its work is left alone.
killed=0
for moment in $(seq 1 20); do
    "$AMILAUNCH" run "$ami" --type m3 --memory-limit 256M >/dev/null 2>&1 &
    pid=$!
    sleep "$(awk "BEGIN { print $whole * $moment / 20 / 1000 }")"
    if kill -9 $pid 2>/dev/null; then killed=$((killed + 1)); fi
    # On a host that is less busy than when it was measured a whole run takes less.
    if wait $pid 2>/dev/null; then whole=$((whole * 3 / 4)); fi
    # A run that was done before it could be killed is nobody's mistake: it is ended as usual.
    check "moment $moment: the next command works" "$AMILAUNCH" ls
    running=$("$AMILAUNCH" ls --json | jq -r '.Reservations[].Instances[] | select(.State.Name == "running") | .InstanceId')
    [ -z "$running" ] || "$AMILAUNCH" terminate $running >/dev/null
    check "moment $moment: nothing is left" eventually nothing_left
    check "moment $moment: libvirt agrees" agree
done
echo "# $killed of 20 were killed before they were done"
check "most were killed in the middle" test "$killed" -ge 12

# The same for `image import`, up to the middle of the inspection.
cp "$SAMPLE" "$SCRATCH/other.qcow2"
chmod u+w "$SCRATCH/other.qcow2"
qemu-io -f qcow2 -c 'write -P 7 900M 4k' "$SCRATCH/other.qcow2" >/dev/null
only_the_sample() {
    "$AMILAUNCH" image ls >/dev/null
    [ "$(ls "$AMILAUNCH_HOME/snapshots" | wc -l)" = 1 ] && [ "$("$AMILAUNCH" image ls --ids | wc -l)" = 1 ]
}
for moment in 0.02 0.1 0.5 4; do
    "$AMILAUNCH" image import "$SCRATCH/other.qcow2" --name "cut-$moment" >/dev/null 2>&1 &
    pid=$!
    sleep $moment
    kill -9 $pid 2>/dev/null
    wait $pid 2>/dev/null
    check "import cut off after $moment s leaves nothing" eventually only_the_sample
done

no_qemu() { ! pgrep -f "guest=i-.*$AMILAUNCH_HOME"; }
check "no QEMU is left" no_qemu
finish
