#!/bin/bash
# EC2's persistence table, cell by cell: what each kind of storage keeps over each operation, by data read inside
# guests. Run by an ordinary user, whose session daemon is nobody else's and can be killed.
. "$(dirname "$0")/lib.sh"

# What EC2 does. "-": nothing to look at. Where a root on instance store was not ended by its guest or its user, the row
# is that of a host that EC2 restarts on schedule; see amilaunch(1).
readonly columns="ebs-root ebs-kept ebs-deleted store-disk | store-root its-store-disk"
readonly table="
reboot                 kept    kept      kept     kept  | kept    kept
reboot-by-guest        kept    kept      kept     kept  | kept    kept
stop-start             kept    kept      kept     lost  | refused refused
forced-stop-start      kept    kept      kept     lost  | refused refused
hibernate-start        running kept      kept     lost  | refused refused
poweroff-start         kept    kept      kept     lost  | ended   ended
halt                   kept    kept      kept     kept  | kept    kept
kernel-panic           kept    kept      kept     kept  | kept    kept
qemu-killed-start      kept    kept      kept     lost  | kept    kept
host-restarted-start   kept    kept      kept     lost  | kept    kept
terminate              deleted available deleted  gone  | ended   ended
"
declare -A got
set_cells() { # set_cells ROW COLUMN VALUE...: the cells of a row from that column on
    local row=$1 column=$2
    shift 2
    for value; do got[$row,$column]=$value column=$((column + 1)); done
}

ami=$(imported)
need "the sample is imported" "$ami"
store_ami=$("$AMILAUNCH" image import "$SAMPLE" --name sample-store --root-device-type instance-store | cut -d' ' -f1)
need "and with its root on instance store" "$store_ami"
run() { "$AMILAUNCH" run "$@" --type m3.medium --memory-limit 256M --json | jq -r '.Instances[0].InstanceId'; }
volume_at() { "$AMILAUNCH" show "$1" --json | jq -r --arg d "$2" '.Reservations[0].Instances[0].BlockDeviceMappings[] | select(.DeviceName == $d) | .Ebs.VolumeId'; }
volume_state() { "$AMILAUNCH" volume ls --json | jq -r --arg v "$1" '.Volumes[] | select(.VolumeId == $v) | .State'; }

# ---- reading in the guest ----

disk_cell() { # disk_cell INSTANCE N DISK: what the guest said of a disk at boot N
    case $(boot_text "$1" "$2" | sed -n "s/^amilaunch-sample: disk $3 .* marker //p") in
        present) echo kept ;;
        absent) echo lost ;;
        *) echo unknown ;;
    esac
}
root_cell() { # root_cell INSTANCE N: whether the count of boots went on
    if boot_text "$1" "$2" | grep -q "^amilaunch-sample: boot $2\$"; then echo kept; else echo lost; fi
}
read_ebs() { # read_ebs ROW N: all cells of the first instance after its boot N
    check "$1: it comes up" comes_up "$ebs" "$2"
    set_cells "$1" 0 "$(root_cell "$ebs" "$2")" "$(disk_cell "$ebs" "$2" vdc)" "$(disk_cell "$ebs" "$2" vdd)" \
        "$(disk_cell "$ebs" "$2" vdb)"
}
read_store() {
    check "$1: it comes up, root on instance store" comes_up "$store" "$2"
    set_cells "$1" 4 "$(root_cell "$store" "$2")" "$(disk_cell "$store" "$2" vdb)"
}
# What a guest that did not boot says when asked; its caches are dropped first.
ask() { # ask INSTANCE TAG
    in_guest "$1" 'echo 3 >/proc/sys/vm/drop_caches; for d in vdb vdc vdd; do if mount -t ext4 /dev/$d /mnt; then' \
        'if ls /mnt | grep -q amilaunch-marker; then echo $d kept; else echo $d lost; fi; umount /mnt; fi; done;' \
        'echo boot $(cat /proc/sys/kernel/random/boot_id)' >"$SCRATCH/answer.$2"
}
answer() { sed -n "s/^$2 //p" "$SCRATCH/answer.$1"; } # answer TAG WORD

# ---- what ends a guest ----

qemu_of() { pgrep -f "guest=$1,"; }
kill_host() { # everything that a restart of the host takes: each QEMU of this HOME, libvirtd and virtlogd of this user
    local pid
    pkill -9 -f "guest=i-.*$AMILAUNCH_HOME/"
    for pid in "$XDG_RUNTIME_DIR"/libvirt/{libvirtd,virtlogd}.pid; do
        [ ! -e "$pid" ] || kill -9 "$(cat "$pid")"
    done
    sleep 1
}
refused_cell() { # refused_cell COMMAND...
    if refuses 1 UnsupportedOperation "$@" >/dev/null; then echo refused; else echo done; fi
}
ended_cell() { # ended_cell INSTANCE: terminated, and nothing of it is left
    if state_is "$1" terminated && [ ! -e "$AMILAUNCH_HOME/instances/$1" ]; then echo ended; else echo left; fi
}
ended() { set_cells "$1" 4 "$(ended_cell "$store")" "$(ended_cell "$store")"; }

# ---- the instances ----

ebs=$(run "$ami" --hibernate --map /dev/sda1=::::encrypted --map /dev/sdf=:1:false --map /dev/sdg=:1:true --map /dev/sdb=ephemeral0)
need "an instance with its root on EBS" "$ebs"
new_store() { # new_store TEXT
    store=$(run "$store_ami")
    check "$1" comes_up "${store:-none}" 1
}
new_store "an instance with its root on instance store"
check "the first is up" comes_up "$ebs" 1
kept=$(volume_at "$ebs" /dev/sdf) deleted=$(volume_at "$ebs" /dev/sdg) root=$(volume_at "$ebs" /dev/sda1)
check "all its disks were new" eval '[ "$(disk_cell '"$ebs"' 1 vdb) $(disk_cell '"$ebs"' 1 vdc) $(disk_cell '"$ebs"' 1 vdd)" = "lost lost lost" ]'

check "reboot" "$AMILAUNCH" reboot "$ebs" "$store"
read_ebs reboot 2
read_store reboot 2

type_at "$ebs" reboot
type_at "$store" reboot
read_ebs reboot-by-guest 3
read_store reboot-by-guest 3

check "stop" "$AMILAUNCH" stop "$ebs"
set_cells stop-start 4 "$(refused_cell "$AMILAUNCH" stop "$store")" "$(refused_cell "$AMILAUNCH" start "$store")"
check "start" "$AMILAUNCH" start "$ebs"
read_ebs stop-start 4

check "forced stop" "$AMILAUNCH" stop --force "$ebs"
set_cells forced-stop-start 4 "$(refused_cell "$AMILAUNCH" stop --force "$store")" "$(refused_cell "$AMILAUNCH" stop --force "$store")"
check "start after it" "$AMILAUNCH" start "$ebs"
read_ebs forced-stop-start 5

ask "$ebs" before
check "hibernate" "$AMILAUNCH" hibernate "$ebs"
set_cells hibernate-start 4 "$(refused_cell "$AMILAUNCH" hibernate "$store")" "$(refused_cell "$AMILAUNCH" hibernate --guest "$store")"
check "start after hibernation" "$AMILAUNCH" start "$ebs"
ask "$ebs" after
resumed() { [ -n "$(answer before boot)" ] && [ "$(answer before boot)" = "$(answer after boot)" ]; }
set_cells hibernate-start 0 "$(resumed && echo running || echo booted)" "$(answer after vdc)" "$(answer after vdd)" "$(answer after vdb)"

type_last "$ebs" poweroff
type_last "$store" poweroff
check "stopped by its guest" "$AMILAUNCH" wait "$ebs" --for stopped --timeout $long
check "start after poweroff" "$AMILAUNCH" start "$ebs"
read_ebs poweroff-start 6
ended poweroff-start
new_store "another root on instance store"

type_at "$ebs" halt
type_at "$store" halt
check "both halt" console_says "$ebs" 'reboot: System halted'
check "the second, too" console_says "$store" 'reboot: System halted'
check "a halted guest is running" state_is "$ebs" running
check "reset" "$AMILAUNCH" reboot --force "$ebs" "$store"
read_ebs halt 7
read_store halt 2

panic() { type_at "$1" 'echo 1 >/proc/sys/kernel/panic' 'echo c >/proc/sysrq-trigger'; }
panic "$ebs"
panic "$store"
read_ebs kernel-panic 8
read_store kernel-panic 3

kill -9 $(qemu_of "$ebs") $(qemu_of "$store")
check "stopped when its QEMU was killed" "$AMILAUNCH" wait "$ebs" "$store" --for stopped --timeout $long
check "and the other" "$AMILAUNCH" wait "$store" --for stopped --timeout $long
check "start after the kill" "$AMILAUNCH" start "$ebs" "$store"
read_ebs qemu-killed-start 9
read_store qemu-killed-start 4

kill_host
check "stopped when the host was restarted" "$AMILAUNCH" wait "$ebs" "$store" --for stopped --timeout $long
check "start after the restart" "$AMILAUNCH" start "$ebs" "$store"
read_ebs host-restarted-start 10
read_store host-restarted-start 5

check "terminate" "$AMILAUNCH" terminate "$ebs" "$store"
gone() { if [ -z "$(volume_state "$1")" ] && [ ! -e "$AMILAUNCH_HOME/volumes/$1.qcow2" ]; then echo deleted; else echo left; fi; }
set_cells terminate 0 "$(gone "$root")" "$(volume_state "$kept")" "$(gone "$deleted")" \
    "$([ -e "$AMILAUNCH_HOME/instances/$ebs" ] && echo left || echo gone)"
ended terminate

# The volume that stayed has its data: another guest reads it.
other=$(run "$ami")
check "another instance" comes_up "$other" 1
check "takes the volume that stayed" "$AMILAUNCH" volume attach "$kept" "$other" --device /dev/sdf
ask "$other" left
check "with its data" test "$(answer left vdc)" = kept
check "terminate the other" "$AMILAUNCH" terminate "$other"
check "delete the volume" "$AMILAUNCH" volume rm "$kept"
check "nothing is left" nothing_left

# ---- the table ----

while read -r row expected; do
    [ -n "$row" ] || continue
    line= column=0
    for value in ${expected/|/}; do
        cell=${got[$row,$column]:-none}
        check "$row: $(set -- ${columns/|/}; shift $column; echo "$1") is $value" test "$cell" = "$value"
        line+=$(printf ' %-12s' "$cell") column=$((column + 1))
    done
    lines+=$(printf '#= %-22s%s' "$row" "$line")$'\n'
done <<<"$table"
printf '#= %-22s' "what stays over"
printf ' %-12s' ${columns/|/}
printf '\n%s' "$lines"
finish
