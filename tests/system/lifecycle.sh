#!/bin/bash
# The life of an instance, by bytes inside the guest.
. "$(dirname "$0")/lib.sh"

ami=$(imported)
need "the sample is imported" "$ami"
facts() { "$AMILAUNCH" image show "$ami" --json | jq -e "$1"; }
check "its architecture was found" facts '.Images[0].Architecture == "x86_64" and .Images[0].Facts.architecture == "x86_64"'
check "its boot code was found" facts '.Images[0].Facts.boot_code == "GRUB 2"'
plan() { "$AMILAUNCH" plan "$ami" --type m3 --json | jq -e "$1"; }
check "its plan names the kernel" plan '.Chain[] | select(.Link == "kernel") | .Found | test("vmlinuz")'
check "its plan has no doubts" plan '.Warnings | map(select(.Name != "memory-limited")) == []'

id=$("$AMILAUNCH" run "$ami" --type m3 --memory-limit 512M --wait --json | jq -r '.Instances[0].InstanceId')
need "run gives an instance" "$id"
check "it says that it is up" comes_up "$id" 1
check "first boot" boot_says "$id" 1 '^amilaunch-sample: boot 1$'
check "a blank instance-store disk" boot_says "$id" 1 '^amilaunch-sample: disk vdb 4000000000 bytes marker absent$'
check "libvirt agrees: running" agree

check "reboot" "$AMILAUNCH" reboot "$id"
check "it comes up again" comes_up "$id" 2
check "a reboot keeps the root" boot_says "$id" 2 '^amilaunch-sample: boot 2$'
check "a reboot keeps the instance-store disk" boot_says "$id" 2 'disk vdb .* marker present$'
check "libvirt agrees: rebooted" agree

check "stop, seen stopping by others" passes_through "$id" stopping "$AMILAUNCH" stop "$id"
check "it is stopped" state_is "$id" stopped
check "by its user" reason_is "$id" Client.UserInitiatedShutdown
check "the guest was shut down, not cut off" console_says "$id" 'reboot: Power down'
check "libvirt agrees: stopped" agree
check "the instance-store disk is gone" test ! -e "$AMILAUNCH_HOME/instances/$id/ephemeral0.raw"

check "start, seen pending by others" passes_through "$id" pending "$AMILAUNCH" start "$id"
check "it comes up after the stop" comes_up "$id" 3
check "a stop keeps the root" boot_says "$id" 3 '^amilaunch-sample: boot 3$'
check "a stop loses the instance-store disk" boot_says "$id" 3 'disk vdb .* marker absent$'
check "libvirt agrees: started" agree

check "poweroff typed in the guest" type_last "$id" poweroff
check "the next ls says stopped" state_is "$id" stopped
check "by the instance" reason_is "$id" Client.InstanceInitiatedShutdown
check "libvirt agrees: powered off" agree

check "start once more" "$AMILAUNCH" start "$id"
check "it comes up once more" comes_up "$id" 4
pid=$(pgrep -f "guest=$id," | head -n 1)
check "its QEMU is there" test -n "$pid"
check "forced stop" "$AMILAUNCH" stop "$id" --force
check "it is stopped at once" state_is "$id" stopped
check "and starts again" "$AMILAUNCH" start "$id"
quick_stop() { timeout 200 "$AMILAUNCH" stop "$id" && "$AMILAUNCH" start "$id"; } # after 240 s it would be cut off
check "a guest that is only just booting can be stopped" quick_stop

pid=$(pgrep -f "guest=$id," | head -n 1)
check "terminate" "$AMILAUNCH" terminate "$id"
check "it is terminated" state_is "$id" terminated
check "its process is gone" test ! -e "/proc/${pid:-self}"
check "its disks and its domain are gone" nothing_left
check "terminating it again succeeds" "$AMILAUNCH" terminate "$id"
check "libvirt agrees: terminated" agree
check "the snapshot stays" test -n "$(ls "$AMILAUNCH_HOME/snapshots")"

# Two at once, which end by their guests' own poweroff.
ids=$("$AMILAUNCH" run "$ami" --type t2.nano --memory-limit 256M --count 2 --shutdown terminate --wait --json |
    jq -r '.Instances[].InstanceId')
check "two instances of a type without instance store" test "$(wc -w <<<"$ids")" = 2
set -- $ids
check "no other disk in them" eval '! boot_text '"$1"' 1 | grep -q "disk vd"'
check "poweroff typed in the second" type_last "$2" poweroff
check "which terminates it" state_is "$2" terminated
check "and not the first" state_is "$1" running
check "wait for a state that is so" "$AMILAUNCH" wait "$1" --for running --timeout $long
refused "wait for a state that does not come" 3 Host.Timeout "$AMILAUNCH" wait "$1" --for stopped --timeout 1
check "terminate the first" "$AMILAUNCH" terminate "$1"
check "nothing is left" nothing_left
finish
