#!/bin/bash
# Volumes in a life of their own, by bytes inside guests.
. "$(dirname "$0")/lib.sh"

ami=$(imported)
need "the sample is imported" "$ami"
launch() { # launch TYPE
    "$AMILAUNCH" run "$ami" --type "$1" --memory-limit 256M --json | jq -r '.Instances[0].InstanceId'
}
volume() { "$AMILAUNCH" volume show "$1" --json | jq -e ".Volumes[0] | $2" >/dev/null; }

# A guest finds what is plugged in and grown in its own time.
in_time() { eventually guest_says "$@"; }

one=$(launch t2.nano)
need "an instance" "$one"
check "it comes up" comes_up "$one" 1

id=$("$AMILAUNCH" volume create --size 1 --json | jq -r '.VolumeId')
need "volume create gives a volume" "$id"
check "it is available" volume "$id" '.State == "available" and .Size == 1 and .Attachments == []'
refused "an instance's root can't be deleted" 1 VolumeInUse "$AMILAUNCH" volume rm \
    "$("$AMILAUNCH" show "$one" --json | jq -r '.Reservations[0].Instances[0].BlockDeviceMappings[0].Ebs.VolumeId')"
check "attach to a running instance" "$AMILAUNCH" volume attach "$id" "$one" --device /dev/sdf
check "it is in use" volume "$id" '.State == "in-use" and .Attachments[0].Device == "/dev/sdf"
    and .Attachments[0].DeleteOnTermination == false and .Attachments[0].State == "attached"'
check "the guest sees it" in_time "$one" 'cat /proc/partitions' ' 1048576 vdb$'
check "the guest writes to it" in_guest "$one" \
    'mke2fs -F /dev/vdb && mount /dev/vdb /mnt && echo of-the-first >/mnt/note && umount /mnt && sync'
check "growth while it is in use" "$AMILAUNCH" volume modify "$id" --size 2
check "the guest sees that" in_time "$one" 'cat /proc/partitions' ' 2097152 vdb$'
check "so does the record" volume "$id" '.Size == 2'
refused "it doesn't shrink" 1 InvalidParameterValue "$AMILAUNCH" volume modify "$id" --size 1
check "detach" "$AMILAUNCH" volume detach "$id"
check "it is available again" volume "$id" '.State == "available" and .Attachments == []'
check "the guest doesn't see it any more" in_time "$one" '[ -e /dev/vdb ] || echo gone' '^gone$'

two=$(launch m5.large)
need "an instance with other hardware" "$two"
check "it comes up" comes_up "$two" 1
check "attach to that" "$AMILAUNCH" volume attach "$id" "$two"
check "its guest has what the other wrote" in_time "$two" 'mount /dev/vdb /mnt && cat /mnt/note && umount /mnt' '^of-the-first$'
check "stop" "$AMILAUNCH" stop "$two"
check "start" "$AMILAUNCH" start "$two"
check "it comes up" comes_up "$two" 2
check "the volume is there at once" boot_says "$two" 2 'disk vdb 2147483648 bytes'

# Encrypted: what is written in the guest isn't in the file.
secret=$("$AMILAUNCH" volume create --size 1 --encrypted --json | jq -r '.VolumeId')
need "an encrypted volume" "$secret"
path=$AMILAUNCH_HOME/volumes/$secret.qcow2
check "it says so" volume "$secret" '.Encrypted == true'
check "its passphrase is for its owner only" test "$(stat -c %a "$AMILAUNCH_HOME"/secrets/* | sort -u)" = 600
check "attach it" "$AMILAUNCH" volume attach "$secret" "$one"
words='until [ -b /dev/vdb ]; do sleep 1; done; echo open-sesame-open | dd of=/dev/vdb bs=512 seek=9 conv=notrunc,sync && sync'
check "write to it" in_guest "$one" "$words"
check "read it back past the cache" guest_says "$one" \
    'echo 3 >/proc/sys/vm/drop_caches; dd if=/dev/vdb bs=512 skip=9 count=1 | strings' '^open-sesame-open$'
check "detach it" "$AMILAUNCH" volume detach "$secret"
stands_in() { LC_ALL=C grep -q "$1" "$2"; } # TEXT FILE
check "the words aren't in the file" eval '! stands_in open-sesame '"$path"
check "while those of a plain volume are" stands_in of-the-first "$AMILAUNCH_HOME/volumes/$id.qcow2"
check "attach it to the other" "$AMILAUNCH" volume attach "$secret" "$two"
check "they are for the other guest" in_time "$two" \
    'cat /sys/block/vdc/size && dd if=/dev/vdc bs=512 skip=9 count=1 | strings' '^open-sesame-open$'
check "libvirt has no secret of ours left" test -z \
    "$(virsh -q -c "$(uri)" secret-list 2>/dev/null | grep -F "$(basename "$AMILAUNCH_HOME"/secrets/*)")"
check "it grows, too" "$AMILAUNCH" volume modify "$secret" --size 3
check "and its guest sees that" in_time "$two" 'cat /proc/partitions' ' 3145728 vdc$'

# A guest that doesn't answer doesn't let go of its disks.
check "the guest is held" virsh -q -c "$(uri)" suspend "$two"
refused "it doesn't let go" 3 Host.Timeout "$AMILAUNCH" volume detach "$secret"
check "so the volume stays with it" volume "$secret" '.State == "in-use"'
check "by force it goes" "$AMILAUNCH" volume detach "$secret" --force
check "it is free" volume "$secret" '.State == "available"'
check "the guest goes on" virsh -q -c "$(uri)" resume "$two"
check "another can have it" "$AMILAUNCH" volume attach "$secret" "$one"
check "with its data" in_time "$one" 'dd if=/dev/vdb bs=512 skip=9 count=1 | strings' '^open-sesame-open$'

check "terminate both" "$AMILAUNCH" terminate "$one" "$two"
check "the volumes outlive them" volume "$id" '.State == "available"'
check "both" volume "$secret" '.State == "available"'
three=$(launch t2.nano)
need "a third instance" "$three"
check "stop it" "$AMILAUNCH" stop --force "$three"
check "attach to a stopped instance" "$AMILAUNCH" volume attach "$id" "$three"
check "start it" "$AMILAUNCH" start "$three"
check "it has the volume" guest_says "$three" 'cat /proc/partitions' ' 2097152 vdb$'
check "with the first's data" guest_says "$three" 'mount /dev/vdb /mnt && cat /mnt/note && umount /mnt' '^of-the-first$'
check "terminate it" "$AMILAUNCH" terminate "$three"
check "delete the volumes" "$AMILAUNCH" volume rm "$id" "$secret"
check "nothing is left" nothing_left
check "no passphrase either" test -z "$(ls "$AMILAUNCH_HOME/secrets")"
finish
