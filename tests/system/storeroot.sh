#!/bin/bash
# Instances whose root is on instance store, by bytes inside the guest: nothing stops it, and it ends with its guest.
. "$(dirname "$0")/lib.sh"
# Where nothing but these is.
AMILAUNCH_HOME=$SCRATCH/storeroot
know_sample || true

templates() { ls "$AMILAUNCH_HOME/templates"; }
import() { "$AMILAUNCH" image import "$SAMPLE" --root-device-type instance-store "$@"; }
run() { "$AMILAUNCH" run "$ami" --type m3.medium --memory-limit 256M "$@" --json | jq -r '.Instances[0].InstanceId'; }
described() { "$AMILAUNCH" show "$1" --json | jq -e ".Reservations[0].Instances[0] | $2"; }
says() { # says REGEX COMMAND...: its notes on standard error match
    local regex=$1 notes
    shift
    notes=$("$@" 2>&1 >/dev/null)
    grep -Eq "$regex" <<<"$notes" || { echo "said: $notes"; return 1; }
}

# ---- the image ----

truncate -s $((10 * 1024 * 1024 * 1024 + 512)) "$SCRATCH/large.raw"
refused "a root of more than 10 GiB" 1 InvalidParameterValue \
    "$AMILAUNCH" image import "$SCRATCH/large.raw" --format raw --root-device-type instance-store
refused "no such root device type" 1 InvalidParameterValue "$AMILAUNCH" image import "$SAMPLE" --root-device-type floppy
rm -f "$SCRATCH/large.raw"
check "neither left anything" test -z "$(ls "$AMILAUNCH_HOME"/{templates,snapshots} -A | grep -v :)"

ami=$(import --name store --json | jq -r .ImageId)
need "the sample is imported" "$ami"
image() { "$AMILAUNCH" image show "$ami" --json | jq -e "$1"; }
check "its root is on instance store" image '.Images[0].RootDeviceType == "instance-store"'
check "its mapping says so" image '.Images[0].BlockDeviceMappings == [{"DeviceName": "/dev/sda1", "VirtualName": "ami"}]'
check "it has a template" test "$(templates | wc -l)" = 1
check "and no snapshot" test -z "$(ls "$AMILAUNCH_HOME/snapshots")"
again=$(import --name again --json | jq -r .ImageId)
need "the same file once more" "$again"
check "both share the template" test "$(templates | wc -l)" = 1
template=$AMILAUNCH_HOME/templates/$(templates)
sum=$(sha256sum <"$template")
check "nobody may write it" test "$(stat -c %a "$template")" = 400

# ---- what is refused ----

refused "a type without instance-store roots" 1 InvalidParameterCombination "$AMILAUNCH" run "$ami" --type t2.nano
refused "a shutdown behaviour" 1 InvalidParameterCombination "$AMILAUNCH" run "$ami" --type m3.medium --shutdown stop

# ---- one life ----

id=$(run)
need "run gives an instance" "$id"
check "it says that it is up" comes_up "$id" 1
check "it says where its root is" described "$id" '.RootDeviceType == "instance-store"'
check "it has no volume" described "$id" '.BlockDeviceMappings == []'
check "no volume is there" test -z "$(ls "$AMILAUNCH_HOME/volumes")"
check "a root of the image's size" boot_says "$id" 1 '^amilaunch-sample: root /dev/vda1 '
check "a blank instance-store disk" boot_says "$id" 1 '^amilaunch-sample: disk vdb 4000000000 bytes marker absent$'

refused "stop" 1 UnsupportedOperation "$AMILAUNCH" stop "$id"
refused "forced stop" 1 UnsupportedOperation "$AMILAUNCH" stop "$id" --force
refused "start" 1 UnsupportedOperation "$AMILAUNCH" start "$id"
check "in EC2's words" says "The instance '$id' does not have an 'ebs' root device type and cannot be stopped\." "$AMILAUNCH" stop "$id"
check "it runs on" state_is "$id" running

# What a reboot keeps, and all else that persistence.sh tells of both kinds of root, is looked at there.

# Found off for any reason but its own poweroff: nothing is removed on a guess.
kill -9 "$(pgrep -f "guest=$id,")"
is_off() { LC_ALL=C virsh -q -c "$(uri)" domstate "$id" | grep -q 'shut off'; }
eventually is_off # libvirt may take its time to see it
check "QEMU killed: said, with the next step" says "$id is off, .*kept; .amilaunch start $id. goes on" "$AMILAUNCH" ls
check "it is not running" state_is "$id" stopped
refused "stop, as ever" 1 UnsupportedOperation "$AMILAUNCH" stop "$id"
check "it can go on" "$AMILAUNCH" start "$id"
check "and comes up" comes_up "$id" 2
check "with its root" boot_says "$id" 2 '^amilaunch-sample: boot 2$'
check "and its other disk" boot_says "$id" 2 'disk vdb .* marker present$'
virsh -q -c "$(uri)" destroy "$id"
check "destroyed through virsh" state_is "$id" stopped
virsh -q -c "$(uri)" undefine "$id"
check "and undefined" "$AMILAUNCH" start "$id"
check "it comes up all the same" comes_up "$id" 3
check "with its root, once more" boot_says "$id" 3 '^amilaunch-sample: boot 3$'

check "poweroff typed in the guest" type_last "$id" poweroff
check "which ends it" state_is "$id" terminated
check "by the instance" reason_is "$id" Client.InstanceInitiatedShutdown
check "nothing of it is left" nothing_left
check "libvirt agrees: ended" agree

# ---- another from the same template ----

id=$(run)
need "another instance" "$id"
check "it is up" comes_up "$id" 1
check "with a root as in the image" boot_says "$id" 1 '^amilaunch-sample: boot 1$'
check "terminate" "$AMILAUNCH" terminate "$id"
check "nothing of the other is left" nothing_left
check "the template was not written" test "$(sha256sum <"$template")" = "$sum"

# ---- kill -9 of the import ----

cp "$SAMPLE" "$SCRATCH/other.qcow2"
chmod u+w "$SCRATCH/other.qcow2"
qemu-io -f qcow2 -c 'write -P 7 900M 4k' "$SCRATCH/other.qcow2" >/dev/null
no_more_files() { "$AMILAUNCH" image ls && [ -z "$(ls -A "$AMILAUNCH_HOME/snapshots")" ] && [ "$(templates)" = "$(basename "$template")" ]; }
only_the_sample() { no_more_files && [ "$("$AMILAUNCH" image ls --ids | wc -l)" = 2 ]; }
# A program that was just being started may outlive a killed command by a moment, for which its work is left alone.
for moment in 0.02 0.1 0.5 4; do
    "$AMILAUNCH" image import "$SCRATCH/other.qcow2" --name "cut-$moment" --root-device-type instance-store >/dev/null 2>&1 &
    pid=$!
    sleep $moment
    kill -9 $pid 2>/dev/null
    wait $pid 2>/dev/null
    check "import cut off after $moment s leaves nothing" eventually only_the_sample
done
# Of content that is known the import takes well under a second: here the cuts fall on its last steps, too.
left=0
for moment in $(seq 1 15); do
    name=short-$moment
    "$AMILAUNCH" image import "$SAMPLE" --name $name --root-device-type instance-store >/dev/null 2>&1 &
    pid=$!
    sleep "$(awk "BEGIN { print $moment * 0.06 }")"
    kill -9 $pid 2>/dev/null
    wait $pid 2>/dev/null
    eventually no_more_files || left=$((left + 1))
done
check "nor does one of a known file, cut off at 15 moments" test $left = 0
check "the template is whole" test "$(sha256sum <"$template")" = "$sum"
finish
