#!/bin/bash
# What others do behind our back: the records follow, it is said what was found, and no data is lost for it.
. "$(dirname "$0")/lib.sh"

ami=$(imported)
need "the sample is imported" "$ami"
launch() { "$AMILAUNCH" run "$ami" --type t2.nano --memory-limit 128M --json "$@" | jq -r '.Instances[0].InstanceId'; }
virsh_() { virsh -q -c "$(uri)" "$@"; }
says() { # says REGEX COMMAND...: its notes on standard error match
    local regex=$1 notes
    shift
    notes=$("$@" 2>&1 >/dev/null)
    grep -Eq "$regex" <<<"$notes" || { echo "said: $notes"; return 1; }
}
files_of() { ls "$AMILAUNCH_HOME/volumes" | grep -c .; }

id=$(launch --wait)
need "run gives an instance" "$id"
virsh_ destroy "$id"
check "destroyed through virsh: said" says "$id: Its domain was destroyed" "$AMILAUNCH" ls
check "and stopped" state_is "$id" stopped
check "by no user of ours" reason_is "$id" Server.InternalError
virsh_ undefine "$id"
check "undefined through virsh while stopped: still stopped" state_is "$id" stopped
check "starts all the same" "$AMILAUNCH" start "$id"
check "on its own root" comes_up "$id" 2

virsh_ undefine "$id"
check "undefined while it runs: still running" state_is "$id" running
check "and stops" "$AMILAUNCH" stop "$id"
check "and starts again" "$AMILAUNCH" start "$id"
check "on its own root again" comes_up "$id" 3

virsh_ suspend "$id"
check "paused through virsh: said, with the next step" says "$id is paused .*amilaunch start $id" "$AMILAUNCH" ls
check "start lets it go on" "$AMILAUNCH" start "$id"
check "and it runs" test "$(LC_ALL=C virsh_ domstate "$id" | head -n 1)" = running
virsh_ suspend "$id"
check "a paused guest can be stopped" timeout 200 "$AMILAUNCH" stop "$id"
check "as a guest that could end its work" console_says "$id" 'reboot: Power down'
check "and started" "$AMILAUNCH" start "$id"
check "and comes up" comes_up "$id" 4

kill -9 "$(pgrep -f "guest=$id,")"
is_off() { LC_ALL=C virsh_ domstate "$id" | grep -q 'shut off'; }
eventually is_off # libvirt's own look
check "QEMU killed: said" says "$id: Its QEMU process ended" "$AMILAUNCH" ls
check "and stopped: QEMU killed" state_is "$id" stopped

# A volume's file that somebody has deleted.
volume=$AMILAUNCH_HOME/volumes/$("$AMILAUNCH" show "$id" --json | jq -r '.Reservations[0].Instances[0].BlockDeviceMappings[0].Ebs.VolumeId').qcow2
mv "$volume" "$SCRATCH/kept.qcow2"
refused "start names a file that is gone" 3 Host.Disk "$AMILAUNCH" start "$id"
check "it is still stopped" state_is "$id" stopped
check "the volume is shown in error" test "$("$AMILAUNCH" volume show "$(basename "$volume" .qcow2)" --json | jq -r '.Volumes[0].State')" = error
check "doctor names it" eval '"$AMILAUNCH" doctor | grep -q "$(basename "$volume") is gone"'
mv "$SCRATCH/kept.qcow2" "$volume"
check "put back, it starts" "$AMILAUNCH" start "$id"
check "and has its data" comes_up "$id" 5

# A database from yesterday: one instance is unknown to it, another has been terminated since.
gone=$(launch)
sqlite3 "$AMILAUNCH_HOME/amilaunch.db" ".backup '$SCRATCH/yesterday.db'"
"$AMILAUNCH" terminate "$gone" >/dev/null
unknown=$(launch)
sqlite3 "$AMILAUNCH_HOME/amilaunch.db" ".backup '$SCRATCH/today.db'"
put_back() { rm -f "$AMILAUNCH_HOME"/amilaunch.db*; cp "$1" "$AMILAUNCH_HOME/amilaunch.db"; }
before=$(files_of)
put_back "$SCRATCH/yesterday.db"
check "a guest without a record: said" says "libvirt has the guest $unknown .*left alone" "$AMILAUNCH" ls
check "it runs on" test "$(LC_ALL=C virsh_ domstate "$unknown" | head -n 1)" = running
check "one that has ended since is not running" eval '! state_is "$gone" running'
check "the one that both know is running" state_is "$id" running
check "doctor names the file without a record" eval '"$AMILAUNCH" doctor | grep -q "volumes/vol-.* belongs to nothing"'
check "no file was removed" test "$(files_of)" = "$before"
put_back "$SCRATCH/today.db"
check "with the right database all is known again" state_is "$unknown" running
check "and nothing is strange" eval '! "$AMILAUNCH" doctor | grep -q "belongs to nothing"'
"$AMILAUNCH" terminate "$unknown" >/dev/null

# One that doesn't know of a snapshot: the guest would go on in the wrong data.
root=$("$AMILAUNCH" show "$id" --json | jq -r '.Reservations[0].Instances[0].BlockDeviceMappings[0].Ebs.VolumeId')
check "stop it once more" "$AMILAUNCH" stop "$id"
sqlite3 "$AMILAUNCH_HOME/amilaunch.db" ".backup '$SCRATCH/yesterday.db'"
check "a snapshot" "$AMILAUNCH" snapshot create "$root"
sqlite3 "$AMILAUNCH_HOME/amilaunch.db" ".backup '$SCRATCH/today.db'"
put_back "$SCRATCH/yesterday.db"
refused "no start over a chain that isn't so" 3 Host.Incomplete "$AMILAUNCH" start "$id"
refused "nor a snapshot" 3 Host.Incomplete "$AMILAUNCH" snapshot create "$root"
check "it is stopped, as before" state_is "$id" stopped
put_back "$SCRATCH/today.db"
check "with the right database it starts" "$AMILAUNCH" start "$id"
check "and has its data, through the snapshot" comes_up "$id" 6
"$AMILAUNCH" terminate "$id" >/dev/null
check "delete the snapshot" "$AMILAUNCH" snapshot rm $("$AMILAUNCH" snapshot ls --json | jq -r --arg v "$root" '.Snapshots[] | select(.VolumeId == $v) | .SnapshotId')

# A host whose disk is full: the guest waits instead of getting errors.
if [ "$(id -u)" = 0 ]; then
    mkdir -p "$SCRATCH/small"
    check "a small disk" mount -t tmpfs -o size=96m,mode=755 tmpfs "$SCRATCH/small"
    AMILAUNCH_HOME=$SCRATCH/small/home
    id=$("$AMILAUNCH" run "$(imported)" --type t2.nano --memory-limit 128M --wait --json | jq -r '.Instances[0].InstanceId')
    need "an instance on the small disk" "$id"
    paused() { LC_ALL=C virsh_ domstate "$id" | grep -q paused; }
    type_at "$id" 'dd if=/dev/urandom of=/big bs=1M count=90; sync; echo dd ended $?'
    check "the guest is paused when the disk is full" eventually paused
    check "said, with the next step" says "$id is paused: a disk of it could not be written" "$AMILAUNCH" ls
    check "make room" mount -o remount,size=400m "$SCRATCH/small"
    check "start lets it go on: disk" "$AMILAUNCH" start "$id"
    check "the guest saw no error" console_says "$id" '^dd ended 0'
    check "terminate: disk" "$AMILAUNCH" terminate "$id"
    umount -l "$SCRATCH/small"
    AMILAUNCH_HOME=$SCRATCH/home
fi
check "nothing is left" nothing_left
finish
