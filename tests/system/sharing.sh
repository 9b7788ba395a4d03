#!/bin/bash
# Who may use what, and where: accounts, regions, zones, and copies that share their bytes.
. "$(dirname "$0")/lib.sh"

friend() { "$AMILAUNCH" --account 222222222222 "$@"; }
stranger() { "$AMILAUNCH" --account 333333333333 "$@"; }
there() { "$AMILAUNCH" --region eu-west-1 "$@"; }
json() { local filter=$1; shift; "$AMILAUNCH" "$@" --json | jq -r "$filter"; }
small=(--type m3.medium --memory-limit 64M)

ami=$(imported)
need "the image is imported" "$ami"
snapshot=$(json '.Images[0].BlockDeviceMappings[0].Ebs.SnapshotId' image show "$ami")
need "its snapshot" "$snapshot"

# ---- a private image is as one that was never there ----
words() { "$@" 2>&1 >/dev/null | sed 's/ami-[0-9a-f]*/ID/g'; }
as_if_absent() { # as_if_absent WORD...: with the image's id, and with one that was never there
    diff <(words stranger "$@" "$ami") <(words stranger "$@" ami-00000000000000000)
}
for verb in plan "run --dry-run" "image show" "image copy" "image share --add 333333333333" "image restore" "image check" "image deregister" "tag add --tag a=b"; do
    # shellcheck disable=SC2086
    refused "$verb by a stranger" 1 InvalidAMIID.NotFound stranger $verb "$ami"
    # shellcheck disable=SC2086
    check "in the same words as for none" as_if_absent $verb
done
check "it isn't listed" test -z "$(stranger image ls --ids)"
refused "its snapshot" 1 InvalidSnapshot.NotFound stranger snapshot show "$snapshot"
refused "in another region" 1 InvalidAMIID.NotFound there run "$ami"

# ---- shared with one account ----
check "shared with a friend" "$AMILAUNCH" image share "$ami" --add 222222222222
check "its owner sees that" grep -q 'shared with *222222222222' <("$AMILAUNCH" image show "$ami")
check "the friend doesn't" eval '! friend image show "$ami" | grep "shared with"'
check "the friend can plan it" friend plan "$ami"
check "and would launch it" friend run --dry-run "${small[@]}" "$ami"
refused "not in a zone that there isn't" 1 InvalidParameterValue friend run --dry-run --zone us-east-1g "${small[@]}" "$ami"
refused "can't share it on" 1 AuthFailure friend image share "$ami" --add 333333333333
refused "can't see its snapshot" 1 InvalidSnapshot.NotFound friend snapshot show "$snapshot"
refused "nor make a volume of it" 1 InvalidSnapshot.NotFound friend volume create --snapshot "$snapshot"
refused "a stranger can't launch it" 1 InvalidAMIID.NotFound stranger run --dry-run "$ami"
refused "eleven digits are no account" 1 InvalidAMIAttributeItemValue "$AMILAUNCH" image share "$ami" --add 22222222222

id=$(friend run "${small[@]}" "$ami" --json | jq -r '.Instances[0].InstanceId')
need "the friend's instance" "$id"
check "its owner is the friend" test "$(friend show "$id" --json | jq -r '.Reservations[0].OwnerId')" = 222222222222
check "the image's owner doesn't see it" test -z "$("$AMILAUNCH" ls --ids)$("$AMILAUNCH" volume ls --ids)"
refused "nor can end it" 1 InvalidInstanceID.NotFound "$AMILAUNCH" terminate "$id"
refused "nor read its console" 1 InvalidInstanceID.NotFound "$AMILAUNCH" log "$id"
check "taken back" "$AMILAUNCH" image share "$ami" --remove 222222222222
refused "no launch any more" 1 InvalidAMIID.NotFound friend run "$ami"
check "but the instance stops" friend stop --force "$id"
check "and starts" friend start "$id"

# ---- zones ----
elsewhere=$(friend volume create --size 1 --zone us-east-1b --json | jq -r .VolumeId)
need "a volume in another zone" "$elsewhere"
refused "isn't attached across zones" 1 InvalidVolume.ZoneMismatch friend volume attach "$elsewhere" "$id"
refused "a zone of another region" 1 InvalidParameterValue friend volume create --size 1 --zone eu-west-1a
refused "in another region it isn't there" 1 InvalidVolume.NotFound friend --region eu-west-1 volume rm "$elsewhere"
check "volume rm" friend volume rm "$elsewhere"
check "terminate" friend terminate --force "$id"

# ---- public ----
check "made public" "$AMILAUNCH" image share "$ami" --public --no-check
check "everybody may launch it" stranger run --dry-run "${small[@]}" "$ami"
check "made private" "$AMILAUNCH" image share "$ami" --reset
check "nobody may any more" eval '! stranger plan "$ami"'
closed=$(json .VolumeId volume create --size 1 --encrypted)
secret=$(json .SnapshotId snapshot create "$closed")
need "an encrypted snapshot" "$secret"
refused "can't be public" 1 UnsupportedOperation "$AMILAUNCH" snapshot share "$secret" --public
check "but shared" "$AMILAUNCH" snapshot share "$secret" --add 222222222222
check "the friend's list has it" test "$(friend snapshot ls --ids)" = "$secret"
refused "but the friend can't delete it" 1 AuthFailure friend snapshot rm "$secret"

# ---- copies ----
file() { echo "$AMILAUNCH_HOME/snapshots/$1.qcow2"; }
content() { qemu-img convert -f qcow2 -O raw "$(file "$1")" "$SCRATCH/raw" && sha256sum <"$SCRATCH/raw"; }
used() { du -s --block-size=1 "$AMILAUNCH_HOME/snapshots" | cut -f1; }
before=$(used)
copy=$(json .ImageId image copy "$ami" --to eu-west-1)
need "a copy in another region" "$copy"
copied=$(there image show "$copy" --json | jq -r '.Images[0].BlockDeviceMappings[0].Ebs.SnapshotId')
need "it has a snapshot of its own" "$copied"
check "no bytes were copied" test "$(used)" = "$before"
check "there it would be launched" there run --dry-run "${small[@]}" "$copy"
refused "here it isn't" 1 InvalidAMIID.NotFound "$AMILAUNCH" run "$copy"
check "permissions didn't come with it" test "$(there image show "$copy" --json | jq -c '.Images[0].LaunchPermissions')" = '[]'
refused "a name that is taken" 1 InvalidAMIName.Duplicate "$AMILAUNCH" image copy "$ami" --name sample
again=$(there image copy "$ami" --from us-east-1 --name again --json | jq -r .ImageId)
need "another, from there" "$again"
whole=$(content "$snapshot")
other=$(friend snapshot copy "$secret" --to eu-west-1 --json | jq -r .SnapshotId)
need "the friend's copy of the encrypted snapshot" "$other"

check "the source goes" "$AMILAUNCH" image deregister "$ami" --delete-snapshots
refused "its snapshot, too" 1 InvalidSnapshot.NotFound "$AMILAUNCH" snapshot show "$snapshot"
check "the copy has every byte" test "$(content "$copied")" = "$whole"
check "and is launched" eval 'there run --type m3.medium --memory-limit 256M "$copy" --json >"$SCRATCH/launched"'
id=$(jq -r '.Instances[0].InstanceId' "$SCRATCH/launched")
ready() { there log "$id" | grep '^amilaunch-sample: ready'; }
check "its guest comes up" eventually ready
check "terminate" there terminate --force "$id"

check "volume rm" "$AMILAUNCH" volume rm "$closed"
check "snapshot rm" "$AMILAUNCH" snapshot rm "$secret"
check "the passphrase stays for the friend's copy" test "$(ls "$AMILAUNCH_HOME/secrets" | wc -l)" = 1
check "snapshot rm" friend --region eu-west-1 snapshot rm "$other"
check "and goes with it" test -z "$(ls "$AMILAUNCH_HOME/secrets")"
check "the copies go" there image deregister "$copy" "$again" --delete-snapshots
check "and their file" test -z "$(ls "$AMILAUNCH_HOME/snapshots")"
check "nothing is left of instances" nothing_left
check "no operation is left" test "$(sqlite3 "$AMILAUNCH_HOME/amilaunch.db" 'SELECT count(*) FROM operation')" = 0
finish
