#!/bin/bash
# Hibernation, by what goes on inside the guest: by the host, by the guest itself, and what is said when it can't be.
. "$(dirname "$0")/lib.sh"

# A guest that doesn't hear the sleep key is waited for in full.
printf 'hibernate_timeout = 30;\n' >"$SCRATCH/hibernate.conf"
ami=$(imported)
need "the sample is imported" "$ami"
amilaunch() { "$AMILAUNCH" --config "$SCRATCH/hibernate.conf" "$@"; }
launch() { # launch TYPE OPTION...: prints the id
    local type=$1
    shift
    amilaunch run "$ami" --type "$type" --memory-limit 256M --json "$@" | jq -r '.Instances[0].InstanceId'
}
field() { amilaunch show "$1" --json | jq -r ".Reservations[0].Instances[0].$2"; }
memory() { echo "$AMILAUNCH_HOME/instances/$1/memory"; }
says() { # says REGEX COMMAND...: what it writes, in whichever way, matches; whether it fails or not
    local regex=$1 text
    shift
    text=$("$@" 2>&1)
    grep -Eq "$regex" <<<"$text" || { echo "said: $text"; return 1; }
}

# What a process in the guest has counted to so far; it tells its boot with each number.
readonly counting='boot=$(cat /proc/sys/kernel/random/boot_id); n=0; while :; do n=$((n+1)); echo "count $n in $boot"; sleep 1; done &'
start_counting() { # start_counting INSTANCE
    type_at "$1" "$counting"
    console_says "$1" '^count 3 in '
}
last_count() { amilaunch log "$1" | tr -d '\r' | sed -n 's/.*count \([0-9]*\) in .*/\1/p' | tail -n 1; }
boots_seen() { amilaunch log "$1" | tr -d '\r' | sed -n 's/.*count [0-9]* in //p' | sort -u | wc -l; }
counted_beyond() { [ "$(last_count "$1")" -gt "$2" ] || { echo "still at $(last_count "$1")"; return 1; }; }
goes_on() { # goes_on INSTANCE N: it counts on from N, one by one, in the boot in which it began
    local id=$1 from=$2 counts
    eventually counted_beyond "$id" $((from + 2)) || return
    [ "$(boots_seen "$id")" = 1 ] || { echo "another boot"; return 1; }
    counts=$(amilaunch log "$id" | tr -d '\r' | sed -n 's/.*count \([0-9]*\) in .*/\1/p')
    diff <(echo "$counts") <(seq 1 "$(tail -n 1 <<<"$counts")")
}
stands_still() { # stands_still INSTANCE N
    sleep 2
    [ "$(last_count "$1")" = "$2" ]
}

# ---- what it takes ----

plain=$(launch t2.nano)
need "run gives an ordinary instance" "$plain"
refused "one that wasn't launched for it" 1 UnsupportedHibernationConfiguration amilaunch hibernate "$plain"
check "and why" says "not configured at launch for hibernation: $plain" amilaunch hibernate "$plain"
refused "the same by its guest" 1 UnsupportedHibernationConfiguration amilaunch hibernate --guest "$plain"
check "it runs on" state_is "$plain" running
check "it goes" amilaunch terminate --force "$plain"

# ---- by the host ----

id=$(launch m3 --hibernate --map /dev/sda1=::::encrypted)
need "run gives an instance that can hibernate" "$id"
check "as EC2 shows it" test "$(field "$id" HibernationOptions.Configured)" = true
check "its root is encrypted" eval 'qemu-img info "$AMILAUNCH_HOME"/volumes/vol-*.qcow2 -U | grep -qi luks'
check "it says that it is up" comes_up "$id" 1
check "a process in it counts" start_counting "$id"

check "hibernate, seen stopping by others" passes_through "$id" stopping amilaunch hibernate "$id"
check "it is stopped" state_is "$id" stopped
check "by its user, hibernated" reason_is "$id" Client.UserInitiatedHibernate
check "people see it" says "$id  stopped \(hibernated\)" amilaunch ls
check "and what saved it" says 'hibernated .*QEMU [0-9]' amilaunch show "$id"
check "libvirt agrees: stopped" agree
check "its memory is for its owner only" test "$(stat -c %a "$(memory "$id")")" = 600
check "its instance-store disk is gone" test ! -e "$AMILAUNCH_HOME/instances/$id/ephemeral0.raw"
at=$(last_count "$id")
check "it counts no more" stands_still "$id" "$at"
refused "hibernating it again" 1 IncorrectInstanceState amilaunch hibernate "$id"
check "stopping it changes nothing" amilaunch stop "$id"
check "it is still hibernated" test -e "$(memory "$id")"

check "start" amilaunch start "$id"
check "it goes on counting where it was, in the same boot" goes_on "$id" "$at"
check "libvirt agrees: running" agree
check "its memory is spent" test ! -e "$(memory "$id")"
check "nobody calls it hibernated" eval '! amilaunch ls | grep -q hibernated'
disk_is_fresh() { # a new file system without the marker that was in the old one, past what the guest remembers
    type_at "$1" 'echo 3 >/proc/sys/vm/drop_caches' \
        'mount -t ext4 /dev/vdb /mnt && echo MARKERS $(ls /mnt | grep -c amilaunch-marker); umount /mnt'
    console_says "$1" '^MARKERS 0$'
}
check "its instance-store disk is fresh" disk_is_fresh "$id"

# ---- memory that isn't as it was ----

check "hibernate again" amilaunch hibernate "$id"
at=$(last_count "$id")
cp --sparse=always "$(memory "$id")" "$SCRATCH/memory"
truncate -s -100000 "$(memory "$id")"
refused "a truncated memory" 3 Host.Incomplete amilaunch start "$id"
check "is called damaged, with the way out" says "damaged.*amilaunch start --cold $id" amilaunch start "$id"
cp "$SCRATCH/memory" "$(memory "$id")"
dd if=/dev/urandom of="$(memory "$id")" bs=4096 seek=5000 count=1 conv=notrunc status=none
check "one page overwritten: called damaged" says "damaged.*amilaunch start --cold $id" amilaunch start "$id"
mv "$(memory "$id")" "$SCRATCH/damaged"
refused "a memory that is gone" 3 Host.Disk amilaunch start "$id"
check "it is stopped, and hibernated" says "$id  stopped \(hibernated\)" amilaunch ls
check "libvirt agrees: still stopped" agree
cp "$SCRATCH/memory" "$(memory "$id")"
check "as it was, it starts" amilaunch start "$id"
check "and counts on" goes_on "$id" "$at"

check "hibernate a third time" amilaunch hibernate "$id"
check "start --cold" amilaunch start --cold "$id"
check "boots" comes_up "$id" 2
check "from its own root, with a blank instance-store disk" boot_says "$id" 2 'disk vdb .* marker absent'
check "and the memory is gone" test ! -e "$(memory "$id")"

# ---- killed ----

cut_off() { # cut_off SECONDS COMMAND...
    local pid
    "$AMILAUNCH" "${@:2}" >/dev/null 2>&1 &
    pid=$!
    sleep "$1"
    kill -9 $pid 2>/dev/null
    wait $pid 2>/dev/null
    return 0
}
settled() { # settled INSTANCE: running, or hibernated with its memory there; nothing in between
    local state
    state=$(field "$1" State.Name)
    case $state in
        running) [ ! -e "$(memory "$1")" ] ;;
        stopped) amilaunch show "$1" | grep -q '^  hibernated' && [ -e "$(memory "$1")" ] ;;
        *) false ;;
    esac || { echo "$state"; ls "$AMILAUNCH_HOME/instances/$1"; return 1; }
    agree
}
check "a process in it counts: second boot" start_counting "$id"
for moment in 0.2 1 2; do
    check "hibernate, killed after $moment s" cut_off $moment hibernate "$id"
    check "is finished or undone" settled "$id"
    state_is "$id" stopped || amilaunch hibernate "$id" >/dev/null 2>&1
    at=$(last_count "$id")
    check "start, killed after $moment s" cut_off $moment start "$id"
    check "is finished or undone" settled "$id"
    state_is "$id" running || amilaunch start "$id" >/dev/null 2>&1
    check "and it counts on" eventually counted_beyond "$id" "$at"
done
check "in no more boots than it had" test "$(boots_seen "$id")" = 2

# Started by others: its memory is an old one from then on.
check "hibernate, to be started through virsh" amilaunch hibernate "$id"
if virsh -q -c "$(uri)" start "$id" 2>"$SCRATCH/virsh.log"; then
    check "that is said" says 'started through libvirt; the memory .* is given up' amilaunch ls
    check "and so it is" settled "$id"
else
    # An encrypted disk's passphrase isn't there for virsh.
    check "virsh can't start it without the passphrase" grep -qi secret "$SCRATCH/virsh.log"
    check "it is still hibernated" settled "$id"
fi
check "terminate" amilaunch terminate "$id"
check "nothing is left" nothing_left

# ---- by the guest ----

id=$(launch t2.nano --hibernate --map /dev/sda1=::::encrypted --shutdown terminate)
need "run gives another instance that can hibernate" "$id"
check "it counts" start_counting "$id"
check "it hibernates by itself" type_last "$id" 'sleep 1; hibernate'
check "which doesn't terminate it" state_is "$id" stopped
check "it is the instance's own doing" reason_is "$id" Client.InstanceInitiatedShutdown
check "people see: hibernated" says "$id  stopped \(hibernated\)" amilaunch ls
check "and by whom" says 'hibernated +by itself' amilaunch show "$id"
at=$(last_count "$id")
check "start the one that hibernated by itself" amilaunch start "$id"
check "it resumes" console_says "$id" '^amilaunch-sample: resumed'
check "and goes on counting, in the same boot" goes_on "$id" "$at"

check "hibernate --guest" amilaunch hibernate --guest "$id"
check "it is stopped: asked" state_is "$id" stopped
check "by its user: asked" reason_is "$id" Client.UserInitiatedHibernate
check "hibernated: asked" says "$id  stopped \(hibernated\)" amilaunch ls
at=$(last_count "$id")
check "start the one that was asked" amilaunch start "$id"
check "it goes on counting: asked" goes_on "$id" "$at"

# One that doesn't hear the key, as most images don't.
deafen() {
    type_at "$id" 'rm /etc/acpi/SLPB/*; echo DE""AF'
    console_says "$id" '^DEAF'
}
check "a guest without a mind to hibernate" deafen
check "is shut down instead" says "$id did not hibernate in 30 s: it is shut down" amilaunch hibernate --guest "$id"
check "it is stopped: shut down" state_is "$id" stopped
check "and not hibernated" reason_is "$id" Client.UserInitiatedShutdown
check "it was shut down, not cut off" console_says "$id" 'reboot: Power down'
check "it boots" amilaunch start "$id"
check "anew" comes_up "$id" 2
check "poweroff terminates this one" type_last "$id" poweroff
check "as asked at its launch" state_is "$id" terminated
check "and nothing is left of it" nothing_left
finish
