#!/bin/bash
# boot, memory and disk of an instance, against bare QEMU and a full copy
. "$(dirname "$0")/measure.sh"
. "$(dirname "$0")/guests.sh"

home
qemu=
put_away() { [ -z "$qemu" ] || kill "$qemu"; }

allocated() { du -s --block-size=1 "$@" | awk '{ sum += $1 } END { print sum }'; }

# milestones NAME LOG BEGUN PID: waits for the guest's lines, and records when it said them.
milestones() {
    until_says "$2" 'GRUB loading'
    record_since "$1-loader" "$3"
    until_says "$2" 'amilaunch-sample: boot'
    record_since "$1-first" "$3"
    until_says "$2" 'amilaunch-sample: ready'
    record_since "$1-ready" "$3"
    record "$1-cpu" "$(seconds_of "$4")"
    record "$1-memory" "$(bytes_of "$4")"
}

# What runs it without libvirt: the devices that libvirt gave the instance, without what libvirt is told by.
learn() { # learn INSTANCE: QEMU's arguments, in $bare
    local arguments i argument
    mapfile -d '' -t arguments <"/proc/$(qemu_of "$1")/cmdline"
    bare=()
    for ((i = 0; i < ${#arguments[@]}; i++)); do
        argument=${arguments[i]}
        case $argument in
            -S) continue ;;
            -sandbox | -add-fd) i=$((i + 1)); continue ;;
            -object | -chardev | -mon)
                case ${arguments[i + 1]} in *masterKey0* | *charmonitor* | *events*) i=$((i + 1)); continue ;; esac
                ;;
            stream,id=nic,*) argument=user,id=nic ;;
            pty,id=charserial0,*) argument=file,id=charserial0,path=$work/bare.log ;;
            *"$(root_of "$1")"*) argument=${argument//"$(root_of "$1")"/"$work/bare.qcow2"} ;;
        esac
        bare+=("$argument")
    done
}

launch() {
    local begun
    begun=$(microseconds)
    id=$(run "$ami" --memory-limit 256M)
    [ -n "$id" ] || give_up "run failed: $(cat "$work/err")"
    milestones ours "$(log_of "$id")" "$begun" "$(qemu_of "$id")"
}
ours() {
    launch
    record ours-disk "$(allocated "$(root_of "$id")" "$AMILAUNCH_HOME/instances/$id")"
    "$AMILAUNCH" terminate "$id" >"$work/out"
}
floor() {
    local begun
    rm -f "$work/bare.log"
    begun=$(microseconds)
    overlay "$snapshot" "$work/bare.qcow2"
    "${bare[@]}" >"$work/qemu.out" 2>&1 &
    qemu=$!
    milestones bare "$work/bare.log" "$begun" "$qemu"
    kill "$qemu"
    wait "$qemu" || true
    qemu=
    rm "$work/bare.qcow2"
}

# What isn't shared if each has a copy of its own.
copy() {
    qemu-img convert -O qcow2 "$snapshot" "$work/copy.qcow2"
    record copy-disk "$(allocated "$work/copy.qcow2")"
    rm "$work/copy.qcow2"
}

id=$(run "$ami" --memory-limit 256M)
learn "$id"
snapshot=$(backing_of "$(root_of "$id")")
"$AMILAUNCH" terminate "$id" >"$work/out"
begin_rounds 3 7 60
while another_round; do
    either ours floor
    copy
done
with="bare QEMU with the same devices"
compare "boot to the boot loader's line" s ours-loader bare-loader - "qemu-img create, $with"
compare "boot to the guest's first line" s ours-first bare-first "<=1.2" "qemu-img create, $with"
compare "boot until the guest is up" s ours-ready bare-ready "<=1.2" "qemu-img create, $with"
compare "processor time of a boot" s ours-cpu bare-cpu "<=1.1" "$with"
compare "memory of a running guest's QEMU" B ours-memory bare-memory "<=1.1" "$with"
compare "disk that an instance takes, once up" B ours-disk copy-disk - "a full copy of the image"
