#!/bin/bash
# A host that can't: no libvirt, no QEMU, no room, no permission. Runs as an ordinary user, whose session
# daemon is its own to kill.
. "$(dirname "$0")/lib.sh"

ami=$(imported)
need "the sample is imported" "$ami"
run=("$AMILAUNCH" run "$ami" --type m3 --memory-limit 256M)

check "doctor finds all that is needed" "$AMILAUNCH" doctor
check "doctor speaks JSON" eval '"$AMILAUNCH" doctor --json | jq -e ".Checks | length > 5"'

refused "a libvirt that isn't there" 3 Host.Libvirt "$AMILAUNCH" --connect 'qemu+unix:///session?socket=/nonexistent' run "$ami" --type m3
check "leaves nothing" nothing_left
refused "a HOME that can't be written" 3 Host.Permission "$AMILAUNCH" --home /amilaunch-home ls

mkdir -p "$SCRATCH/sealed" && chmod 500 "$SCRATCH/sealed"
refused "a HOME in a folder of somebody else's" 3 Host.Permission "$AMILAUNCH" --home "$SCRATCH/sealed/home" ls

mkdir -p "$SCRATCH/bin"
refused "no qemu-img" 3 Host.Disk env PATH="$SCRATCH/bin" "$AMILAUNCH" image import "$SAMPLE" --name imageless
check "leaves nothing, either" nothing_left

# No emulator: the session's daemon, started anew, does not find one either.
end_daemon() {
    local pid
    pid=$(cat "$XDG_RUNTIME_DIR/libvirt/libvirtd.pid" 2>/dev/null) || return 0
    kill "$pid" 2>/dev/null
    while kill -0 "$pid" 2>/dev/null; do sleep 0.1; done
}
for program in qemu-img; do ln -sf "$(command -v $program)" "$SCRATCH/bin/"; done
end_daemon
refused "no QEMU" 3 Host.QEMU env PATH="$SCRATCH/bin" XDG_CACHE_HOME="$SCRATCH/cache" "${run[@]}"
end_daemon
check "leaves nothing, as before" nothing_left

# Files can't grow beyond the limit, as on a full disk: the import's copy, then the launch's disks.
full() { (trap '' XFSZ; ulimit -f "$1"; shift; "$@"); }
refused "no room during import" 3 'Host\.[A-Z][a-z]*' full 2000 "$AMILAUNCH" image import "$SAMPLE" --name roomless
no_snapshot() { [ "$(find "$AMILAUNCH_HOME/snapshots" -type f | wc -l)" = 1 ]; }
check "leaves no snapshot" no_snapshot
refused "no room during run" 3 'Host\.[A-Z][a-z]*' full 600 "${run[@]}"
check "leaves no disks" nothing_left

# The daemon dies in the middle of a launch.
session_pid() { cat "$XDG_RUNTIME_DIR/libvirt/libvirtd.pid"; }
# Killed at one moment, libvirt has a guest afterwards that was never begun, and gives it up to nobody: what amilaunch(1) tells
# to do then is done.
mend_libvirt() {
    local lost
    lost=$(grep -l "<domstatus .*pid='0'" "$XDG_RUNTIME_DIR"/libvirt/qemu/run/i-*.xml 2>/dev/null) || return 0
    echo "# libvirt has lost itself in $lost"
    end_daemon
    rm $lost
}
for moment in 0.03 0.05 0.08 0.15 0.3; do
    "$AMILAUNCH" ls >/dev/null
    virsh -q -c "$(uri)" list >/dev/null
    "${run[@]}" >"$SCRATCH/run.log" 2>&1 &
    pid=$!
    sleep $moment
    kill -9 "$(session_pid)"
    wait $pid
    status=$?
    echo "# run ended with $status: $(head -n 1 "$SCRATCH/run.log")"
    mend_libvirt
    check "after $moment s: it says so, or was done before" test $status = 3 -o $status = 0
    check "the next command works" "$AMILAUNCH" ls
    check "libvirt agrees" agree
    for id in $("$AMILAUNCH" ls --json | jq -r '.Reservations[].Instances[] | select(.State.Name == "running") | .InstanceId'); do
        "$AMILAUNCH" terminate "$id" >/dev/null
    done
done
check "nothing is left" nothing_left
no_qemu() { ! pgrep -f "guest=i-.*$AMILAUNCH_HOME"; }
check "no QEMU is left" no_qemu

# A daemon that is killed under a running guest: the guest goes on, and is found again.
id=$("${run[@]}" --wait --json | jq -r '.Instances[0].InstanceId')
kill -9 "$(session_pid)"
check "an instance outlives its daemon" state_is "$id" running
check "and is terminated after it" "$AMILAUNCH" terminate "$id"
check "and leaves nothing" nothing_left
finish
