#!/bin/bash
# Images from their registration to their end: of an instance with two volumes that writes all the time, by what a
# file system check and the writer's own counters say; and the recycle bin.
. "$(dirname "$0")/lib.sh"

ami=$(imported)
need "the sample is imported" "$ami"
json() { "$AMILAUNCH" "${@:2}" --json | jq -r "$1"; }
sql() { sqlite3 -cmd '.timeout 10000' "$AMILAUNCH_HOME/amilaunch.db" "$1"; }
snapshots_of() { json '.Images[0].BlockDeviceMappings[].Ebs.SnapshotId // empty' image show "$1"; }

# ---- registered from two snapshots, the second with a journal, too ----
root=$(snapshots_of "$ami")
# What other scripts have left here.
files() { ls "$AMILAUNCH_HOME"/{snapshots,volumes,instances} | grep -v "^$root"; }
before=$(files)
volume=$(json .VolumeId volume create --size 1)
need "an empty volume" "$volume"
truncate -s 1G "$SCRATCH/data.raw"
mke2fs -q -F -t ext4 -L data -m 0 "$SCRATCH/data.raw"
check "it gets a file system" qemu-img convert -n -f raw -O qcow2 "$SCRATCH/data.raw" "$AMILAUNCH_HOME/volumes/$volume.qcow2"
data=$(json .SnapshotId snapshot create "$volume")
need "a snapshot of it" "$data"
check "the volume goes" "$AMILAUNCH" volume rm "$volume"
two=$(json .ImageId image register --name two --map "/dev/sda1=$root" --map "/dev/sdf=$data::true" \
    --product-code abc123 --boot-mode legacy-bios --tag stage=test)
need "an image of two snapshots" "$two"
described() { json '.Images[0] | .BootMode, .Architecture, .ProductCodes[0].ProductCodeId, .Tags[0].Key' image show "$two" | xargs; }
check "as EC2 describes it" test "$(described)" = "legacy-bios x86_64 abc123 stage"
refused "a name that is taken" 1 InvalidAMIName.Duplicate "$AMILAUNCH" image register --name two --map "/dev/sda1=$root"
refused "no root" 1 InvalidBlockDeviceMapping "$AMILAUNCH" image register --name none --map "/dev/sdf=$data"
refused "two roots" 1 InvalidBlockDeviceMapping "$AMILAUNCH" image register --name none --map "/dev/sda1=$root" --map "/dev/sda1=$data"
refused "a snapshot that isn't there" 1 InvalidSnapshot.NotFound "$AMILAUNCH" image register --name none \
    --map /dev/sda1=snap-0123456789abcdef0
refused "too small a size" 1 InvalidParameterValue "$AMILAUNCH" image register --name none --map "/dev/sda1=$root:0"
refused "a 25th instance-store disk" 1 InvalidBlockDeviceMapping "$AMILAUNCH" image register --name none \
    --map "/dev/sda1=$root" --map /dev/sdb=ephemeral24
refused "its snapshot is in use" 1 InvalidSnapshot.InUse "$AMILAUNCH" snapshot rm "$data"

# ---- an instance that outlives it ----
run_wait() { json '.Instances[0].InstanceId' run "$1" --type t2.nano --memory-limit 128M --wait 2>>"$SCRATCH/notes"; }
id=$(run_wait "$two")
need "an instance" "$id"
check "the launch tells whose terms apply" grep -q "$two has the product code abc123 (marketplace)" "$SCRATCH/notes"
check "protected" "$AMILAUNCH" image protect "$two"
refused "it can't be deregistered" 1 OperationNotPermitted "$AMILAUNCH" image deregister "$two"
check "not protected" "$AMILAUNCH" image protect "$two" --cancel
check "deregistered, with its snapshots" "$AMILAUNCH" image deregister "$two" --delete-snapshots
refused "no launch of it" 1 InvalidAMIID.Unavailable "$AMILAUNCH" run "$two" --dry-run
check "the other image's snapshot is spared" "$AMILAUNCH" snapshot show "$root"
refused "its own is gone" 1 InvalidSnapshot.NotFound "$AMILAUNCH" snapshot show "$data"

# ---- it writes to both volumes all the time: first a number to the root, then the same to the other; whoever ends it
# finds a whole number ----
lines_of() { said "$1" | grep -c "^$2" || true; }
has_more() { [ "$(lines_of "$1" "$2")" -gt "$3" ] || { "$AMILAUNCH" log "$1" | tail -n 30; return 1; }; }
# says_again INSTANCE WANTED: a line that wasn't there when this began
says_again() { eventually has_more "$1" "$2" "$(lines_of "$1" "$2")"; }
writer='i=0; while :; do i=$((i+1)); echo $i >/m; mv /m /n; cp /bin/busybox /f$((i%9)); rm -f /f$(((i+4)%9)); sync;
echo $i >/a/m; mv /a/m /a/n; cp /bin/busybox /a/f$((i%9)); rm -f /a/f$(((i+4)%9)); sync; echo wrote-$i >/dev/console; done &'
check "it begins to write" type_at "$id" 'mkdir -p /a; mount -t ext4 /dev/vdb /a' "${writer//$'\n'/ }"
check "it writes" says_again "$id" wrote-
torn=$(json .ImageId image create "$id" --name torn --no-reboot)
need "an image without a reboot" "$torn"
check "it goes on writing" says_again "$id" wrote-
whole=$(json .ImageId image create "$id" --name whole)
need "an image with one" "$whole"
check "its guest reboots" comes_up "$id" 2
check "terminate" "$AMILAUNCH" terminate "$id"

# ---- what is in the images ----
where() { # where SNAPSHOT: its file system, as a file
    local file=$SCRATCH/$1.fs start
    [ ! -e "$file" ] || { echo "$file"; return; }
    qemu-img convert -f qcow2 -O raw "$AMILAUNCH_HOME/snapshots/$1.qcow2" "$SCRATCH/disk.raw"
    start=$(sfdisk -J "$SCRATCH/disk.raw" 2>/dev/null | jq '.partitiontable.partitions[0].start')
    dd if="$SCRATCH/disk.raw" of="$file" bs=1M iflag=skip_bytes skip=$((${start:-0} * 512)) conv=sparse status=none
    echo "$file"
}
number() { debugfs -R 'cat /n' "$(where "$1")" 2>/dev/null; }
replay() { e2fsck -E journal_only -y "$(where "$1")"; [ $? -le 1 ]; }
clean() { e2fsck -fn "$(where "$1")"; }
# The numbers were on the disks one after the other: at one moment they are the same, or the first is ahead by one.
at_one_moment() { # at_one_moment ROOT OTHER
    local first other
    first=$(number "$1") other=$(number "$2")
    echo "$1 has $first, $2 has $other"
    [ "$first" -ge 1 ] && [ "$other" -ge 1 ] && [ $((first - other)) -ge 0 ] && [ $((first - other)) -le 1 ]
}
{ read -r torn_root; read -r torn_data; } < <(snapshots_of "$torn")
{ read -r whole_root; read -r whole_data; } < <(snapshots_of "$whole")
need "both images have two snapshots" "${torn_data:+$whole_data}"
for one in "$torn_root" "$torn_data"; do
    check "without a reboot: the journal is replayed" replay "$one"
    check "without a reboot: then the file system is clean" clean "$one"
done
check "without a reboot: both are of one moment" at_one_moment "$torn_root" "$torn_data"
for one in "$whole_root" "$whole_data"; do
    check "with a reboot: the file system is clean" clean "$one"
done
check "with a reboot: both are of one moment" at_one_moment "$whole_root" "$whole_data"
codes() { json '.Images[0].ProductCodes[0].ProductCodeId' image show "$1"; }
check "the product code went along" test "$(codes "$torn")" = abc123
rm -f "$SCRATCH"/*.raw "$SCRATCH"/*.fs

for one in "$torn" "$whole"; do
    other=$(run_wait "$one")
    need "an instance of $one" "$other"
    check "its second disk can be read" console_says "$other" '^amilaunch-sample: disk vdb [0-9]* bytes marker (absent|present)'
    check "terminate" "$AMILAUNCH" terminate "$other"
done

# ---- deprecated, disabled ----
check "deprecated in a year" "$AMILAUNCH" image deprecate "$torn" --at "$(date -ud '+1 year' +%FT%T)"
refused "not in the past" 1 InvalidParameterValue "$AMILAUNCH" image deprecate "$torn" --at 2020-01-01
check "disabled" "$AMILAUNCH" image disable "$torn"
refused "no launch of it" 1 InvalidAMIID.Unavailable "$AMILAUNCH" run "$torn"
refused "its snapshot stays in use" 1 InvalidSnapshot.InUse "$AMILAUNCH" snapshot rm "$torn_data"
check "enabled" "$AMILAUNCH" image enable "$torn"
check "a dry run of it" "$AMILAUNCH" run "$torn" --dry-run

# ---- the recycle bin ----
check "a rule for images" "$AMILAUNCH" retention set image --days 3
check "a rule for snapshots" "$AMILAUNCH" retention set snapshot --days 2
check "deregistered" "$AMILAUNCH" image deregister "$torn" "$whole" --delete-snapshots
in_bin() { "$AMILAUNCH" "$1" ls --bin --ids | sort | xargs; }
check "both are in the bin" test "$(in_bin image)" = "$(printf '%s\n' "$torn" "$whole" | sort | xargs)"
check "and their snapshots are in use" test -z "$(in_bin snapshot)"
check "restored" "$AMILAUNCH" image restore "$torn"
check "a dry run of it" "$AMILAUNCH" run "$torn" --dry-run
passed() { sql "UPDATE image SET bin_until = 1 WHERE binned != 0; UPDATE snapshot SET bin_until = 1 WHERE binned != 0"; }
check "three days pass" passed
check "the bin is empty" test -z "$(in_bin image)"
refused "it can't be restored" 1 InvalidAMIID.NotFound "$AMILAUNCH" image restore "$whole"
check "its snapshots can be deleted" "$AMILAUNCH" snapshot rm "$whole_root" "$whole_data"
check "they are in the bin" test "$(in_bin snapshot)" = "$(printf '%s\n' "$whole_root" "$whole_data" | sort | xargs)"
check "one is restored" "$AMILAUNCH" snapshot restore "$whole_data"
check "two days pass" passed
check "the bin is empty" test -z "$(in_bin snapshot)"
refused "the other is gone" 1 InvalidSnapshot.NotFound "$AMILAUNCH" snapshot restore "$whole_root"
for rule in $(json '.Rules[].Identifier' retention ls); do
    check "a rule goes" "$AMILAUNCH" retention rm "$rule"
done
check "all goes" "$AMILAUNCH" image deregister "$torn" "$ami" --delete-snapshots
check "the last snapshot goes" "$AMILAUNCH" snapshot rm "$whole_data"
check "no file of a snapshot, a volume or an instance is left" diff <(echo "$before") <(files)
check "no operation is left" test "$(sql 'SELECT count(*) FROM operation')" = 0
finish
