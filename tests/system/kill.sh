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

killed=0
for moment in $(seq 1 20); do
    "$AMILAUNCH" run "$ami" --type m3 --memory-limit 256M >/dev/null 2>&1 &
    pid=$!
    sleep "$(awk "BEGIN { print $whole * $moment / 20 / 1000 }")"
    if kill -9 $pid 2>/dev/null; then killed=$((killed + 1)); fi
    wait $pid 2>/dev/null
    # A run that was done before it could be killed is nobody's mistake: it is ended as usual.
    check "moment $moment: the next command works" "$AMILAUNCH" ls
    running=$("$AMILAUNCH" ls --json | jq -r '.Reservations[].Instances[] | select(.State.Name == "running") | .InstanceId')
    [ -z "$running" ] || "$AMILAUNCH" terminate $running >/dev/null
    check "moment $moment: nothing is left" nothing_left
    check "moment $moment: libvirt agrees" agree
done
echo "# $killed of 20 were killed before they were done"
check "most were killed in the middle" test "$killed" -ge 12

qemu_left() { ! pgrep -f "guest=i-.*$AMILAUNCH_HOME"; }
check "no QEMU is left" qemu_left
finish
