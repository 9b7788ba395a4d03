#!/bin/bash
# Block device mappings, as the guest finds them.
. "$(dirname "$0")/lib.sh"

ami=$(imported)
need "the sample is imported" "$ami"
snapshot=$("$AMILAUNCH" image show "$ami" --json | jq -r '.Images[0].BlockDeviceMappings[0].Ebs.SnapshotId')
need "it has a snapshot" "$snapshot"

before=$("$AMILAUNCH" ls --ids)
tried() { "$AMILAUNCH" run "$ami" --type "$1" --dry-run --map "$2"; }
check "what can be is not done by a dry run" tried m3 /dev/sda1=:20
refused "a root that is taken away" 1 InvalidBlockDeviceMapping tried m3 /dev/sda1=none
refused "a snapshot that isn't there" 1 InvalidSnapshot.NotFound tried m3 /dev/sdc=snap-00000000
refused "a partition's name for an HVM guest's disk" 1 InvalidBlockDeviceMapping tried m3 /dev/sdc1=:1
refused "a volume of no size" 1 InvalidBlockDeviceMapping tried m3 /dev/sdc=::true
refused "an entry without an =" 1 InvalidParameterValue tried m3 /dev/sdc
check "no instance came of that" test "$("$AMILAUNCH" ls --ids)" = "$before"
planned() { "$AMILAUNCH" plan "$ami" --type "$1" --map "$2" | grep -q "$3"; }
check "plan shows a larger root" planned m3 /dev/sda1=:20 '/dev/sda1 .* 20 GiB'
check "plan shows that a disk is encrypted" planned m3 /dev/sdc=:1:::encrypted '/dev/sdc .* empty, encrypted'

id=$("$AMILAUNCH" run "$ami" --type m3 --memory-limit 256M --json --map "/dev/xvdba=:2:true:gp3" --map "/dev/sdf=$snapshot::true" \
    --map /dev/sdd=ephemeral0 --map /dev/sdc=:1:true --map /dev/sda1=:3:false | jq -r '.Instances[0].InstanceId')
need "run gives an instance" "$id"
check "it comes up" comes_up "$id" 1
check "its root was found on its partition" boot_says "$id" 1 '^amilaunch-sample: root /dev/vda1 '
check "sdc comes next, an empty volume" boot_says "$id" 1 '^amilaunch-sample: disk vdb 1073741824 bytes marker absent$'
check "then sdd, the instance-store disk" boot_says "$id" 1 '^amilaunch-sample: disk vdc 4000000000 bytes marker absent$'
check "and last xvdba" boot_says "$id" 1 '^amilaunch-sample: disk vde 2147483648 bytes marker '
check "the guest sees the larger root" guest_says "$id" 'cat /sys/block/vda/size' '^6291456$'
check "ephemeral0 comes with a file system" guest_says "$id" \
    'mkdir -p /mnt/e; mount /dev/vdc /mnt/e; grep /dev/vdc /proc/mounts' '^/dev/vdc /mnt/e ext3 '
mapping=$("$AMILAUNCH" show "$id" --json | jq -c '[.Reservations[0].Instances[0].BlockDeviceMappings[] |
    {(.DeviceName): .Ebs.DeleteOnTermination}] | add')
check "and what the launch said of DeleteOnTermination" test "$mapping" = \
    '{"/dev/sda1":false,"/dev/sdc":true,"/dev/sdf":true,"/dev/xvdba":true}'
root=$("$AMILAUNCH" show "$id" --json | jq -r '.Reservations[0].Instances[0].BlockDeviceMappings[] |
    select(.DeviceName == "/dev/sda1") | .Ebs.VolumeId')
check "stop" "$AMILAUNCH" stop "$id"
check "start" "$AMILAUNCH" start "$id"
check "it comes up again" comes_up "$id" 2
check "a volume is where it was" boot_says "$id" 2 '^amilaunch-sample: disk vdb 1073741824 bytes marker present$'
check "so is the instance-store disk, blank" boot_says "$id" 2 '^amilaunch-sample: disk vdc 4000000000 bytes marker absent$'
check "terminate" "$AMILAUNCH" terminate "$id"
check "its root stays, as asked" test -f "$AMILAUNCH_HOME/volumes/$root.qcow2"
check "it is deleted by hand" "$AMILAUNCH" volume rm "$root"

id=$("$AMILAUNCH" run "$ami" --type m3 --memory-limit 256M --map /dev/sdb=none --json | jq -r '.Instances[0].InstanceId')
need "run without the type's disk" "$id"
check "it comes up, too" comes_up "$id" 1
check "and has nothing but its root" eval '! boot_says "$id" 1 "^amilaunch-sample: disk "'
check "terminate it" "$AMILAUNCH" terminate "$id" --force
finish
