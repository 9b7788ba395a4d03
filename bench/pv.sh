#!/bin/bash
# paravirtual guests by each way, to the guest's first line, against bare QEMU with its kernel
. "$(dirname "$0")/measure.sh"
. "$(dirname "$0")/guests.sh"

sample=$(sample_pv)
qemu=
put_away() { [ -z "$qemu" ] || kill "$qemu"; }
if [ -z "${AMILAUNCH_APPLIANCE:-}" ]; then
    AMILAUNCH_HOME=$work/maker "$AMILAUNCH" appliance build >"$work/out" 2>"$work/err" ||
        give_up "no appliance: $(tail -n 5 "$work/err")"
    # A HOME lets nobody else in, and guests may be another user's.
    mv "$work/maker/appliance" "$work/appliance"
    export AMILAUNCH_APPLIANCE=$work/appliance
fi

# Its kernel and initramfs, and what its menu says to the kernel, as they are in its file system, which is the whole disk.
dump_kernel() {
    local file name
    qemu-img convert -O raw "$sample" "$work/raw"
    for file in vmlinuz initrd.img; do
        name=$(debugfs -R 'ls -p /boot' "$work/raw" 2>/dev/null | cut -d / -f 6 | grep "^$file" | head -n 1)
        debugfs -R "dump /boot/$name $work/$file" "$work/raw" 2>/dev/null
        [ -s "$work/$file" ] || give_up "no $file in the paravirtual sample"
    done
    command_line=$(debugfs -R 'cat /boot/grub/menu.lst' "$work/raw" 2>/dev/null | awk '$1 == "kernel" { $1 = $2 = ""; print; exit }')
    rm "$work/raw"
    command_line=${command_line/console=hvc0/} # which is the console under Xen alone
}
PATH=$PATH:/usr/sbin:/sbin
dump_kernel
"$AMILAUNCH" image import "$sample" --name paravirtual --virt paravirtual >"$work/out" 2>"$work/err" || give_up "$(cat "$work/err")"
pv=$(image_named paravirtual)

first_line() { # first_line NAME LOG BEGUN PID: seconds until then, and those of a processor
    until_says "$2" 'amilaunch-sample: boot'
    record_since "$1" "$3"
    record "$1-cpu" "$(seconds_of "$4")"
}
by() { # by WAY
    local begun id
    begun=$(microseconds)
    id=$("$AMILAUNCH" run "$pv" --pv "$1" --type m1.small --memory-limit 512M --json 2>"$work/err" | jq -r '.Instances[0].InstanceId') ||
        give_up "run --pv $1: $(cat "$work/err")"
    first_line "$1" "$(log_of "$id")" "$begun" "$(qemu_of "$id")"
    "$AMILAUNCH" terminate "$id" >"$work/out"
}
bare() {
    local begun
    rm -f "$work/bare.log"
    begun=$(microseconds)
    overlay "$(realpath "$sample")" "$work/bare.qcow2"
    qemu-system-x86_64 -accel "$BENCH_ACCELERATOR" -m 512 -nodefaults -vga none -display none -serial "file:$work/bare.log" \
        -kernel "$work/vmlinuz" -initrd "$work/initrd.img" -append "$command_line" \
        -drive "file=$work/bare.qcow2,format=qcow2,if=virtio" >"$work/qemu.out" 2>&1 &
    qemu=$!
    first_line bare "$work/bare.log" "$begun" "$qemu"
    kill "$qemu"
    wait "$qemu" || true
    qemu=
    rm "$work/bare.qcow2"
}
by_all() { for way in xen grub direct; do by $way; done; }
begin_rounds 2 4 60
while another_round; do
    either bare by_all
done
with="bare QEMU, with that kernel and no firmware or boot loader"
for way in xen grub direct; do
    aim=-
    [ $way != xen ] || aim="<=6"
    compare "paravirtual by $way, to the guest's first line" s $way bare "$aim" "$with"
    compare "paravirtual by $way, processor time" s $way-cpu bare-cpu "$aim" "$with"
done
