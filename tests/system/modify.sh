#!/bin/bash
# Protection, attributes, and another type's hardware, with a real guest.
. "$(dirname "$0")/lib.sh"

ami=$(imported)
need "the sample is imported" "$ami"

first() { "$AMILAUNCH" show "$1" --json | jq -e ".Reservations[0].Instances[0] | $2"; }
domain() { virsh -q -c "$(uri)" dumpxml "$1"; }
machine_is() { domain "$1" | grep -Eq "machine='(pc-)?$2-"; }
refused_words() { # refused_words REGEX COMMAND...
    local words=$1 output
    shift
    output=$("$@" 2>&1) && return 1
    printf '%s\n' "$output"
    grep -Eq "$words" <<<"$output"
}

printf '#!/bin/sh\necho hello\0there\n' >"$SCRATCH/user-data"
head -c 16384 /dev/urandom >"$SCRATCH/full"
head -c 16385 /dev/urandom >"$SCRATCH/more"

# What is refused before anything is made.
run() { "$AMILAUNCH" run "$ami" --type t2.nano --memory-limit 128M "$@"; }
refused "more than 16 KiB of user data" 1 InvalidParameterValue run --user-data "$SCRATCH/more"
refused "user data that never ends" 1 InvalidParameterValue run --user-data /dev/zero
refused "user data that is not there" 1 InvalidParameterValue run --user-data "$SCRATCH/none"
refused "a kernel for an HVM image" 1 InvalidParameterCombination run --kernel aki-919dcaf8
refused "hibernation with a plain root" 1 UnsupportedHibernationConfiguration run --hibernate
refused "user data that is no base64" 1 InvalidUserData.Malformed run --user-data-base64 'a b'
refused "more than 16 KiB of it in base64" 1 InvalidParameterValue run --user-data-base64 "$(base64 -w 0 "$SCRATCH/more")"
refused "user data twice" 2 Usage run --user-data "$SCRATCH/full" --user-data-base64 YQ==
refused "a key that is not there" 1 InvalidKeyPair.NotFound run --key nobodys
refused "a metadata service of another kind" 1 InvalidParameterValue run --imds perhaps
refused "no hops" 1 InvalidParameterValue run --imds-hop-limit 0
refused "more hops than there can be" 1 InvalidParameterValue run --imds-hop-limit 65
refused "a port that is none" 1 InvalidParameterValue run --publish 80:http
refused "one port for two instances" 1 InvalidParameterCombination run --publish 8080:80 --count 2
check "a dry run makes nothing" run --imds required --imds-hop-limit 2 --imds-tags --user-data-base64 YQ== --dry-run
check "nothing was made" nothing_left

id=$(run --protect --user-data "$SCRATCH/user-data" --wait --json | jq -r '.Instances[0].InstanceId')
need "run gives an instance" "$id"
check "it says that it is up" comes_up "$id" 1

# User data as it was given, byte for byte.
same_data() { first "$id" .UserData.Value | jq -r . | base64 -d | cmp - "$1"; }
check "its user data is what was given" same_data "$SCRATCH/user-data"
check "for people, its length" eval '"$AMILAUNCH" show "$id" | grep -q "user data *27 bytes"'
check "a list leaves it out" eval '"$AMILAUNCH" ls --json | jq -e "[.Reservations[].Instances[] | has(\"UserData\")] | any | not"'

# Protection.
refused "terminate is refused" 1 OperationNotPermitted "$AMILAUNCH" terminate "$id"
check "in EC2's words" refused_words "The instance '$id' may not be terminated. Modify its 'disableApiTermination' instance attribute and try again\.$" \
    "$AMILAUNCH" terminate "$id" --force
other=$(run --json | jq -r '.Instances[0].InstanceId')
refused "with another: both are refused" 1 OperationNotPermitted "$AMILAUNCH" terminate "$other" "$id"
check "and the other runs on" state_is "$other" running
check "it can be terminated alone" "$AMILAUNCH" terminate "$other"
check "protected from stop" "$AMILAUNCH" modify "$id" --protect-stop on --protect off
refused "stop is refused" 1 OperationNotPermitted "$AMILAUNCH" stop "$id"
refused "forced stop, too" 1 OperationNotPermitted "$AMILAUNCH" stop "$id" --force
refused "and terminate" 1 OperationNotPermitted "$AMILAUNCH" terminate "$id"
check "shown" first "$id" '.DisableApiStop.Value and (.DisableApiTermination.Value | not)'
check "the guest runs" state_is "$id" running
check "but its own poweroff is not held" type_last "$id" poweroff
check "it is stopped" state_is "$id" stopped

# Only while stopped, and all or nothing.
refused "nothing to change" 2 Usage "$AMILAUNCH" modify "$id"
refused "on or off" 1 InvalidParameterValue "$AMILAUNCH" modify "$id" --protect yes
refused "an unknown type" 1 InvalidInstanceAttributeValue "$AMILAUNCH" modify "$id" --type m9.large
refused "a device that is not there" 1 InvalidInstanceAttributeValue \
    "$AMILAUNCH" modify "$id" --type m5.large --map /dev/sdx=::true
check "nothing has changed" first "$id" '.InstanceType == "t2.nano"'
check "one vCPU so far" eval 'domain "$id" | grep -q ">1</vcpu>"'
check "machine pc so far" machine_is "$id" i440fx
table() { "$AMILAUNCH" modify "$id" --type m5.large --protect-stop off --shutdown terminate \
    --ebs-optimized on --user-data "$SCRATCH/full" --map /dev/sda1=::false; }
table=$(table)
number_of_rows() { [ "$(tail -n +2 <<<"$table" | wc -l)" = 6 ] || { echo "$table"; return 1; }; }
check "six changes are listed" number_of_rows
row() { grep -Eq "^$1 +$2 +$3\$" <<<"$table" || { echo "$table"; return 1; }; }
check "the type" row type t2.nano m5.large
check "the protection" row "protected from" "stop, and so terminate" none
check "the root on termination" row "/dev/sda1 on termination" deleted kept
check "as much user data as there can be" same_data "$SCRATCH/full"
check "the same once more changes nothing" eval 'table | grep -q "^nothing changed"'

# Another type, other hardware.
check "start on the other type" "$AMILAUNCH" start "$id"
check "it comes up" comes_up "$id" 2
check "with its root" boot_says "$id" 2 '^amilaunch-sample: boot 2$'
check "machine q35" machine_is "$id" q35
check "two vCPUs" eval 'domain "$id" | grep -q ">2</vcpu>"'
check "the guest sees two" guest_says "$id" 'grep -c ^processor /proc/cpuinfo' '^2$'
refused "no type change while it runs" 1 IncorrectInstanceState "$AMILAUNCH" modify "$id" --type t2.nano
refused "nor other user data" 1 IncorrectInstanceState "$AMILAUNCH" modify "$id" --no-user-data
check "libvirt agrees" agree

# The root was told to stay; it may be told otherwise any time.
check "the root goes after all, while it runs" "$AMILAUNCH" modify "$id" --map /dev/sda1=::true
check "poweroff typed in the guest" type_last "$id" poweroff
check "which terminates it" state_is "$id" terminated
check "its disks and its domain are gone" nothing_left
refused "what is terminated is not changed" 1 IncorrectInstanceState "$AMILAUNCH" modify "$id" --protect on
finish
