#!/bin/bash
# A Windows without drivers for virtio gets hardware that it knows. The disk is a phony one, made by
# scripts/phony-windows: libguestfs calls it Windows, and it boots nothing.
. "$(dirname "$0")/lib.sh"

xz -dc "$(dirname "$0")/phony-windows.raw.xz" >"$SCRATCH/windows.raw"
ami=$("$AMILAUNCH" image import "$SCRATCH/windows.raw" --name windows | cut -d' ' -f1)
need "a Windows is imported" "$ami"
image_says() { "$AMILAUNCH" image show "$ami" | grep -q "$1"; }
check "it is one" image_says 'Windows Phony 2008'
plan_says() { # plan_says TYPE REGEX
    "$AMILAUNCH" plan "$ami" --type "$1" --memory-limit 256M >"$SCRATCH/plan" && grep -Eq "$2" "$SCRATCH/plan" || { cat "$SCRATCH/plan"; return 1; }
}
check "on a newer type plan says SATA" plan_says t3.micro 'disks and network .*SATA'
check "and e1000" plan_says t3.micro 'disks and network .*e1000'
check "on an older type plan says IDE" plan_says m1.small 'disks and network .*IDE'
check "its root is called by what it is on" plan_says t3.micro '^/dev/sda1 +/dev/sda '

id=$("$AMILAUNCH" run "$ami" --type t3.micro --memory-limit 256M --json | jq -r '.Instances[0].InstanceId')
need "run gives an instance" "$id"
bus() { virsh -q -c "$(uri)" dumpxml "$id" | grep "<target dev='sda' bus='sata'/>"; }
check "libvirt's domain has its root on SATA" bus
volume=$("$AMILAUNCH" volume create --size 1 --json | jq -r .VolumeId)
refused "a volume while it runs" 1 UnsupportedOperation "$AMILAUNCH" volume attach "$volume" "$id"
check "force-stop" "$AMILAUNCH" stop "$id" --force
check "a volume while it is stopped" "$AMILAUNCH" volume attach "$volume" "$id"
check "start" "$AMILAUNCH" start "$id"
both() { [ "$(virsh -q -c "$(uri)" dumpxml "$id" | grep -c "bus='sata'")" = 2 ]; }
check "libvirt's domain has it on SATA, too" both
refused "to give it up while it runs" 1 UnsupportedOperation "$AMILAUNCH" volume detach "$volume" --force
check "terminate" "$AMILAUNCH" terminate "$id"
check "the volume is deleted" "$AMILAUNCH" volume rm "$volume"
check "nothing is left" nothing_left

finish
