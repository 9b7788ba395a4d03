#!/bin/bash
# How long a paravirtual guest takes to its kernel's first line, from QEMU's start, under Xen in the appliance, against
# the same kernel and initramfs started by QEMU itself, in turns in one run (at most 6, 4 is the aim), and where the time goes.
# On a busy host the processor's seconds tell more than the clock's: both are shown.
# usage: APPLIANCE=FOLDER SAMPLE=IMAGE bench/pv.sh [ROUNDS]     IMAGE as scripts/sample-ami --pv hd0 makes it
set -euo pipefail

: "${APPLIANCE:?the folder of the Xen appliance}" "${SAMPLE:?a paravirtual image without partitions}"
rounds=${1:-3}
readonly mem=512 deadline=300
work=$(mktemp -d /tmp/amibench.XXXXXX)
qemu=''
trap '[ -z "$qemu" ] || kill "$qemu" 2>/dev/null; rm -rf "$work"' EXIT

field() { jq -r ".$1" "$APPLIANCE/manifest.json"; }
stamp() { while IFS= read -r line; do echo "$EPOCHREALTIME $line"; done >"$1"; }

# boot NAME ARGUMENT...: until the guest's kernel has said its first line; appends both kinds of seconds.
boot() {
    local name=$1 begun=$EPOCHREALTIME until=$((SECONDS + deadline))
    shift
    : >"$work/0"
    : >"$work/1"
    qemu-system-x86_64 -machine pc -accel tcg -cpu qemu64 -nodefaults -vga none -display none \
        -serial file:>(stamp "$work/0") -serial file:>(stamp "$work/1") "$@" &
    qemu=$!
    until grep -q 'Linux version' "$work/0"; do
        [ $SECONDS -lt $until ] || { echo "$name: nothing after $deadline s" >&2; exit 1; }
        sleep 0.1
    done
    awk -v tick="$(getconf CLK_TCK)" '{ sub(/.*\) /, ""); print ($12 + $13) / tick }' "/proc/$qemu/stat" >>"$work/$name.cpu"
    kill "$qemu"
    wait "$qemu" 2>/dev/null || true
    qemu=''
    echo "$begun" >"$work/begun"
    since 0 'Linux version' >>"$work/$name.clock"
}

since() { # since PORT TEXT: seconds from the start to the line with it
    awk -v begun="$(cat "$work/begun")" -v text="$2" 'index($0, text) { print $1 - begun; exit }' "$work/$1"
}

part() { # part NAME FROM TO
    awk "BEGIN { print $3 - $2 }" >>"$work/$1.part"
}

boot_xen() {
    local built runs begins
    boot xen -m $((mem + $(field OverheadMiB))) -kernel "$APPLIANCE/xen" -append "$(field XenCommandLine)" \
        -initrd "$APPLIANCE/dom0-kernel $(field Dom0CommandLine) amilaunch.mem=$mem amilaunch.vcpus=1 amilaunch.grub=hd0 amilaunch.root=sda1 amilaunch.uuid=$(cat /proc/sys/kernel/random/uuid) amilaunch.log=1,$APPLIANCE/dom0-initrd" \
        -drive "file=$work/disk,format=qcow2,if=none,id=root" -device virtio-blk-pci,drive=root,serial=sda1
    begins=$(since 1 'about to get started') built=$(since 1 'building guest') runs=$(since 1 'runs as domain')
    part Xen 0 "$begins"
    part dom0 "$begins" "$built"
    part building "$built" "$runs"
    part PV-GRUB "$runs" "$(since 0 'Linux version')"
}

median() { sort -n "$1" | awk '{ v[NR] = $1 } END { print NR % 2 ? v[(NR + 1) / 2] : (v[NR / 2] + v[NR / 2 + 1]) / 2 }'; }

qemu-img create -q -f qcow2 -F "$(qemu-img info --output=json "$SAMPLE" | jq -r .format)" -b "$(realpath "$SAMPLE")" "$work/disk"
qemu-img convert -O raw "$SAMPLE" "$work/raw"
for file in vmlinuz initrd.img; do
    name=$(debugfs -R 'ls -p /boot' "$work/raw" 2>/dev/null | cut -d / -f 6 | grep "^$file" | head -n 1)
    debugfs -R "dump /boot/$name $work/$file" "$work/raw" 2>/dev/null
done
rm "$work/raw"

for ((round = 0; round < rounds; round++)); do
    boot direct -m $mem -kernel "$work/vmlinuz" -initrd "$work/initrd.img" -append console=ttyS0
    boot_xen
done
for kind in cpu clock; do
    awk -v kind=$kind -v xen="$(median "$work/xen.$kind")" -v direct="$(median "$work/direct.$kind")" \
        'BEGIN { printf "%s: xen %.1f s, direct %.1f s, ratio %.2f\n", kind, xen, direct, xen / direct }'
done
for name in Xen dom0 building PV-GRUB; do
    awk -v name=$name -v it="$(median "$work/$name.part")" -v all="$(median "$work/xen.clock")" \
        'BEGIN { printf "%-9s %.1f s, %.0f%%\n", name, it, 100 * it / all }'
done
