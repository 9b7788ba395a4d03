#!/bin/bash
# One disk in every format that can be imported: the content is the same, and so is what is found in it.
. "$(dirname "$0")/lib.sh"

files=$SCRATCH/files
mkdir -p "$files"
qemu-img convert -O raw "$SAMPLE" "$files/disk.raw"
qemu-img convert -O vmdk -o subformat=streamOptimized "$SAMPLE" "$files/disk.vmdk"
qemu-img convert -O vpc "$SAMPLE" "$files/disk.vhd"
printf '<?xml version="1.0"?><Envelope/>' >"$files/disk.ovf"
tar -C "$files" --format=ustar -cf "$files/disk.ova" disk.ovf disk.vmdk

import() { # import FORMAT: the AMI's id
    "$AMILAUNCH" image import "$files/disk.$1" --name "sample-$1" 2>"$files/$1.err" | cut -d' ' -f1
}
root_of() { # the snapshot's file of an AMI
    echo "$AMILAUNCH_HOME/snapshots/$("$AMILAUNCH" image show "$1" --json |
        jq -r '.Images[0].BlockDeviceMappings[0].Ebs.SnapshotId').qcow2"
}
same_content() { # VHD rounds the size up to a whole cylinder; the rest of it is zeros
    qemu-img compare -f raw -F qcow2 "$files/disk.raw" "$1"
}
facts() { "$AMILAUNCH" image show "$1" --json | jq -S '.Images[0].Facts | del(.format, .virtual_size)'; }
# What is looked into is always the snapshot's file, whose content is compared: to look once more is enough.
known() { know "$(jq --arg format "$1" '.format = $format' <<<"$first")" "$(content_of "$1" "$files/disk.$1")"; }

ami=$(imported)
need "the sample is imported" "$ami"
first=$(facts "$ami")
for format in raw vmdk vhd ova; do
    [ $format = ova ] || known $format
    ami=$(import $format)
    need "$format is imported" "$ami"
    check "$format: the same content" same_content "$(root_of "$ami")"
done
check "ova: the same facts" diff <(echo "$first") <(facts "$ami")
check "the facts have an operating system" jq -e '.os_type == "linux"' <<<"$first"

# The same file once more: nothing has to be looked into.
again() {
    local text
    text=$("$AMILAUNCH" --verbose image import "$files/disk.raw" --name again 2>&1) || { echo "$text"; return 1; }
    ! grep -q appliance <<<"$text"
}
check "the same file again starts no appliance" again

ami=$("$AMILAUNCH" image ls --json | jq -r '.Images[] | select(.Name == "sample-ova") | .ImageId')
id=$("$AMILAUNCH" run "$ami" --type m3 --memory-limit 256M --wait --json | jq -r '.Instances[0].InstanceId')
check "what was in the ova boots" comes_up "$id" 1
check "and is terminated" "$AMILAUNCH" terminate "$id"
check "nothing is left" nothing_left
finish
