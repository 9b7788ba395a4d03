#!/bin/bash
# Snapshots and images of instances, by bytes inside guests: each has what was there at its moment, and no more.
. "$(dirname "$0")/lib.sh"

ami=$(imported)
need "the sample is imported" "$ami"
json() { "$AMILAUNCH" "${@:2}" --json | jq -r "$1"; }
run_wait() { json '.Instances[0].InstanceId' run "$1" --type t2.nano --memory-limit 128M --wait; }
take() { json .SnapshotId snapshot create "$@"; }
root_of() { json '.Reservations[0].Instances[0].BlockDeviceMappings[0].Ebs.VolumeId' show "$1"; }

# A guest finds a disk in its own time: what waits for that there.
found() { echo "until [ -b /dev/$1 ]; do sleep 1; done"; }
content() { # content FILE: a digest of what a guest would read from it
    qemu-img convert -f qcow2 -O raw "$1" "$SCRATCH/content.raw" && sha256sum <"$SCRATCH/content.raw"
    rm -f "$SCRATCH/content.raw"
}
volume_file() { echo "$AMILAUNCH_HOME/volumes/$1.qcow2"; }
files_are_records() { # nothing in HOME's snapshots but what is listed, with "$@" in addition
    diff <( ("$AMILAUNCH" snapshot ls --ids; printf '%s\n' "$@") | sed '/^$/d' | sort -u) \
        <(ls "$AMILAUNCH_HOME/snapshots" | sed 's/\.qcow2$//' | sort)
}
one_name_each() { [ -z "$(find "$AMILAUNCH_HOME/volumes" -name '*.snap-*')" ]; }

# ---- of a running guest ----
id=$(run_wait "$ami")
need "an instance" "$id"
root=$(root_of "$id")
check "one written" in_guest "$id" 'echo 1 >/one && sync'
first=$(take "$root" --description 'after one')
need "a snapshot of a running guest's root" "$first"
check "two written" in_guest "$id" 'echo 2 >/two && sync'
second=$(take "$root")
need "a second one" "$second"
check "three written" in_guest "$id" 'echo 3 >/three && sync'
third=$(take "$root")
need "a third one" "$third"
snapshot_is() { "$AMILAUNCH" snapshot show "$1" --json | jq -e "$2"; }
check "as EC2 describes it" snapshot_is "$first" '.Snapshots[0] |
    .State == "completed" and .Progress == "100%" and .VolumeSize == 1 and .Description == "after one" and (.Encrypted | not)'
read_only() { ! find "$AMILAUNCH_HOME/snapshots" -type f -perm /222 | grep .; }
check "no snapshot can be written" read_only

# ---- a volume of the first, in another place ----
old=$(json .VolumeId volume create --snapshot "$first")
need "a volume from the first snapshot" "$old"
check "attached" "$AMILAUNCH" volume attach "$old" "$id" --device /dev/sdf
check "it has one, and neither two nor three" in_guest "$id" "$(found vdb1); mkdir -p /tmp/m; mount /dev/vdb1 /tmp/m;" \
    '[ -e /tmp/m/one ] && [ ! -e /tmp/m/two ] && [ ! -e /tmp/m/three ]; has=$?; umount /tmp/m && exit $has'
check "detached" "$AMILAUNCH" volume detach "$old"

# ---- encrypted ----
closed=$(json .VolumeId volume create --size 1 --encrypted)
need "an encrypted volume" "$closed"
check "attached, too" "$AMILAUNCH" volume attach "$closed" "$id" --device /dev/sdg
check "written" in_guest "$id" "$(found vdb); echo secret-word >/dev/vdb && sync"
closed_snapshot=$(take "$closed")
need "a snapshot of it" "$closed_snapshot"
check "that is encrypted" snapshot_is "$closed_snapshot" '.Snapshots[0].Encrypted'
check "written after it" in_guest "$id" 'echo later-word >/dev/vdb && sync'
closed_copy=$(json .VolumeId volume create --snapshot "$closed_snapshot")
need "a volume from that" "$closed_copy"
check "attached" "$AMILAUNCH" volume attach "$closed_copy" "$id" --device /dev/sdh
check "it has what was there then" guest_says "$id" "$(found vdc); head -c 11 /dev/vdc; echo" '^secret-word$'
check "and the volume what came later" guest_says "$id" 'head -c 10 /dev/vdb; echo' '^later-word$'
in_the_clear() { grep -l secret-word "$AMILAUNCH_HOME"/volumes/* "$AMILAUNCH_HOME"/snapshots/*; }
check "no file has it in the clear" eval '! in_the_clear'
check "detached" "$AMILAUNCH" volume detach "$closed"
check "detached" "$AMILAUNCH" volume detach "$closed_copy"
check "deleted" "$AMILAUNCH" volume rm "$closed" "$closed_copy"
check "its snapshot, too" "$AMILAUNCH" snapshot rm "$closed_snapshot"
no_secrets() { [ -z "$(ls "$AMILAUNCH_HOME/secrets")" ]; }
check "no passphrase is left" no_secrets

# ---- stop, delete in the middle of the chain ----
check "stop" "$AMILAUNCH" stop "$id"
check "each volume's file has one name" one_name_each
before=$(content "$(volume_file "$root")"; content "$(volume_file "$old")")
check "both can be read as a whole" test "$(wc -l <<<"$before")" = 2
check "the second is deleted" "$AMILAUNCH" snapshot rm "$second"
refused "and is no more" 1 InvalidSnapshot.NotFound "$AMILAUNCH" snapshot show "$second"
same_content() { diff <(echo "$before") <(content "$(volume_file "$root")"; content "$(volume_file "$old")"); }
check "the volumes keep their content" same_content
refused "the image's can't be" 1 InvalidSnapshot.InUse "$AMILAUNCH" snapshot rm \
    "$(json '.Images[0].BlockDeviceMappings[0].Ebs.SnapshotId' image show "$ami")"
fourth=$(take "$root")
need "a snapshot of a stopped root" "$fourth"
check "changes nothing in it" same_content
check "the first and the third are deleted" "$AMILAUNCH" snapshot rm "$first" "$third"
check "and still nothing changes" same_content
check "start" "$AMILAUNCH" start "$id"
check "it comes up" comes_up "$id" 2
check "with all it had" in_guest "$id" '[ -e /one ] && [ -e /two ] && [ -e /three ]'

# ---- killed in the middle ----
for moment in 0.02 0.05 0.1 0.2; do
    "$AMILAUNCH" snapshot create "$root" >/dev/null 2>&1 &
    pid=$!
    sleep $moment
    kill -9 $pid 2>/dev/null
    wait $pid 2>/dev/null
    check "cut off after $moment s: it still runs" state_is "$id" running
    check "and writes" in_guest "$id" "echo $moment >/cut-$moment && sync"
done
check "stop" "$AMILAUNCH" stop "$id"
check "start" "$AMILAUNCH" start "$id"
check "it comes up" comes_up "$id" 3
check "with all that was written" guest_says "$id" 'ls /cut-* | wc -l' '^4$'

# ---- images ----
recovered='dmesg | grep -c "recovery complete"'
torn=$(json .ImageId image create "$id" --name torn --no-reboot)
need "an image without a reboot" "$torn"
check "its guest runs on" in_guest "$id" true
whole=$(json .ImageId image create "$id" --name whole)
need "an image with one" "$whole"
check "its guest reboots" comes_up "$id" 4
check "stop" "$AMILAUNCH" stop "$id"
stopped=$(json .ImageId image create "$id")
need "an image of the stopped instance" "$stopped"
refused "a name that is taken" 1 InvalidAMIName.Duplicate "$AMILAUNCH" image create "$id" --name whole
check "terminate" "$AMILAUNCH" terminate "$id"

other=$(run_wait "$whole")
need "an instance of the image" "$other"
check "it goes on counting" boot_says "$other" 4 '^amilaunch-sample: boot 4$'
check "its file system was clean" guest_says "$other" "$recovered" '^0$'
check "it has the files" in_guest "$other" '[ -e /one ] && [ -e /three ]'
check "terminate" "$AMILAUNCH" terminate "$other"
other=$(run_wait "$torn")
need "an instance of the one without a reboot" "$other"
check "its file system had to be recovered" guest_says "$other" "$recovered" '^1$'
check "terminate" "$AMILAUNCH" terminate "$other"
other=$(run_wait "$stopped")
need "an instance of the last one" "$other"
check "it goes on counting, too" boot_says "$other" 5 '^amilaunch-sample: boot 5$'
check "terminate" "$AMILAUNCH" terminate "$other"

check "volume rm" "$AMILAUNCH" volume rm "$old"
check "nothing is left of instances" nothing_left
for left in $("$AMILAUNCH" snapshot ls --ids); do "$AMILAUNCH" snapshot rm "$left" 2>/dev/null; done
# What the images stand on was deleted before, and stays for them.
hidden() { sqlite3 "$AMILAUNCH_HOME/amilaunch.db" "SELECT id FROM snapshot WHERE state = 'deleted'"; }
check "each file has its record, each record its file" files_are_records $(hidden)
check "no operation is left" test "$(sqlite3 "$AMILAUNCH_HOME/amilaunch.db" 'SELECT count(*) FROM operation')" = 0
finish
