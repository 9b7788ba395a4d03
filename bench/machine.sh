#!/bin/bash
# Prints, as JSON, what the machine is on which something is measured, as far as it matters.
# usage: AMILAUNCH=PROGRAM bench/machine.sh
set -euo pipefail
export LC_ALL=C PATH=$PATH:/usr/sbin:/sbin

first() { head -n 1 <<<"$1"; }
said() { first "$("$@" 2>/dev/null || true)"; }
cpuinfo() { sed -n "s/^$1[[:space:]]*: //p" /proc/cpuinfo | sort -u | head -n 1; }
meminfo() { awk -v name="$1:" '$1 == name { print int($2 / 1024) }' /proc/meminfo; }
uri=qemu:///session
[ "$(id -u)" != 0 ] || uri=qemu:///system
libvirt=$(virsh -c $uri version 2>/dev/null | sed -n 's/^Using library: libvirt //p' || true)
fish=$(said guestfish --version)
# What the program found by its own probe, for a HOME of the caller's.
acceleration=$("$AMILAUNCH" doctor --json 2>/dev/null | jq '.Checks[] | select(.Check == "acceleration") | .Good' || true)

jq -n --arg cpu "$(cpuinfo 'model name')" --arg cores "$(nproc)" --arg memory "$(meminfo MemTotal)" --arg kernel "$(uname -r)" \
    --arg system "$(. /etc/os-release && echo "$PRETTY_NAME")" --arg hypervised "$(cpuinfo flags | grep -cw hypervisor || true)" \
    --arg qemu "$(said qemu-system-x86_64 --version | sed 's/^QEMU emulator version //')" --arg libvirt "$libvirt" \
    --arg guestfs "${fish#guestfish }" --arg accel "$acceleration" --arg uri $uri '{
        cpu: $cpu, cores: ($cores | tonumber), memory_mib: ($memory | tonumber), virtual: ($hypervised != "0"),
        system: $system, kernel: $kernel, qemu: $qemu, libvirt: $libvirt, libguestfs: $guestfs,
        acceleration: (if $accel == "true" then "KVM" else "TCG" end), connection: $uri }'
