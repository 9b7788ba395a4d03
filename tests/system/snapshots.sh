#!/bin/bash
# Snapshots and images of instances, by bytes inside guests: each has what was there at its moment, and no more.
. "$(dirname "$0")/lib.sh"

ami=$(imported)
need "the sample is imported" "$ami"
json() { "$AMILAUNCH" "${@:2}" --json | jq -r "$1"; }
run_wait() { json '.Instances[0].InstanceId' run "$1" --type t2.nano --memory-limit 128M --wait; }
take() { json .SnapshotId snapshot create "$@"; }
root_of() { json '.Reservations[0].Instances[0].BlockDeviceMappings[0].Ebs.VolumeId' show "$1"; }

# Types lines as type_at does, and leaves the console; passes if the guest prints a line that begins with WANTED after that.
# What is typed is on the console, too, so it must spell that otherwise.
guest_says() { # guest_says INSTANCE WANTED LINE...
    local id=$1 wanted=$2 before deadline=$((SECONDS + 100))
    shift 2
    before=$(lines_of "$id" "$wanted")
    type_at "$id" "$@"
    until [ "$(lines_of "$id" "$wanted")" -gt "$before" ]; do
        [ $SECONDS -lt $deadline ] || { "$AMILAUNCH" log "$id" | tail -n 30; return 1; }
        sleep 0.3
    done
}
# A guest finds a disk in its own time: what waits for that there.
found() { echo "i=0; until [ -b /dev/$1 ] || [ \$i -ge 60 ]; do sleep 1; i=\$((i + 1)); done"; }
lines_of() { said "$1" | grep -c "^$2" || true; }
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
check "one written" guest_says "$id" done-2 'echo 1 >/one; sync; echo done-$((1 + 1))'
first=$(take "$root" --description 'after one')
need "a snapshot of a running guest's root" "$first"
check "two written" guest_says "$id" done-3 'echo 2 >/two; sync; echo done-$((1 + 2))'
second=$(take "$root")
need "a second one" "$second"
check "three written" guest_says "$id" done-4 'echo 3 >/three; sync; echo done-$((2 + 2))'
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
check "it has one, and neither two nor three" guest_says "$id" old-2 "$(found vdb)" \
    'mkdir -p /tmp/m; mount /dev/vdb1 /tmp/m; [ -e /tmp/m/one ] && [ ! -e /tmp/m/two ] && [ ! -e /tmp/m/three ] && echo old-$((1 + 1)); umount /tmp/m'
check "detached" "$AMILAUNCH" volume detach "$old"

# ---- encrypted ----
closed=$(json .VolumeId volume create --size 1 --encrypted)
need "an encrypted volume" "$closed"
check "attached, too" "$AMILAUNCH" volume attach "$closed" "$id" --device /dev/sdg
check "written" guest_says "$id" closed-2 "$(found vdb)" 'echo secret-word >/dev/vdb; sync; echo closed-$((1 + 1))'
closed_snapshot=$(take "$closed")
need "a snapshot of it" "$closed_snapshot"
check "that is encrypted" snapshot_is "$closed_snapshot" '.Snapshots[0].Encrypted'
check "written after it" guest_says "$id" closed-3 'echo later-word >/dev/vdb; sync; echo closed-$((1 + 2))'
closed_copy=$(json .VolumeId volume create --snapshot "$closed_snapshot")
need "a volume from that" "$closed_copy"
check "attached" "$AMILAUNCH" volume attach "$closed_copy" "$id" --device /dev/sdh
check "it has what was there then" guest_says "$id" 'secret-word' "$(found vdc)" 'head -c 11 /dev/vdc; echo'
check "and the volume what came later" guest_says "$id" 'later-word' 'head -c 10 /dev/vdb; echo'
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
check "with all it had" guest_says "$id" all-2 '[ -e /one ] && [ -e /two ] && [ -e /three ] && echo all-$((1 + 1))'

# ---- killed in the middle ----
for moment in 0.02 0.05 0.1 0.2; do
    "$AMILAUNCH" snapshot create "$root" >/dev/null 2>&1 &
    pid=$!
    sleep $moment
    kill -9 $pid 2>/dev/null
    wait $pid 2>/dev/null
    check "cut off after $moment s: it still runs" state_is "$id" running
    check "and writes" guest_says "$id" cut-2 "echo $moment >/cut-$moment; sync; echo cut-\$((1 + 1))"
done
check "stop" "$AMILAUNCH" stop "$id"
check "start" "$AMILAUNCH" start "$id"
check "it comes up" comes_up "$id" 3
check "with all that was written" guest_says "$id" cuts-4 'echo cuts-$(ls /cut-* | wc -l)'

# ---- images ----
recovered='echo recovered-$(dmesg | grep -c "recovery complete")'
torn=$(json .ImageId image create "$id" --name torn --no-reboot)
need "an image without a reboot" "$torn"
check "its guest runs on" guest_says "$id" on-2 'echo on-$((1 + 1))'
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
check "its file system was clean" guest_says "$other" recovered-0 "$recovered"
check "it has the files" guest_says "$other" all-2 '[ -e /one ] && [ -e /three ] && echo all-$((1 + 1))'
check "terminate" "$AMILAUNCH" terminate "$other"
other=$(run_wait "$torn")
need "an instance of the one without a reboot" "$other"
check "its file system had to be recovered" guest_says "$other" recovered-1 "$recovered"
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
