#!/bin/bash
# What SECURITY.md says of the host: QEMU's sandbox is on, and nothing is ever mounted. One guest, which nobody waits for.
. "$(dirname "$0")/lib.sh"

ami=$(imported)
need "the sample is imported" "$ami"

# watched COMMAND...: fails if the mounts of its name space change meanwhile. The kernel wakes whoever polls them (proc(5)).
watcher='
import os, select, subprocess, sys
mounts = open("/proc/self/mountinfo")
before = mounts.read()
poll = select.poll()
poll.register(mounts, select.POLLPRI)
poll.poll(0)  # what was so before
status = subprocess.call(sys.argv[1:])
mounts.seek(0)
if poll.poll(0) or mounts.read() != before:
    sys.exit("mounts have changed")
sys.exit(status)'
own=(unshare --mount --propagation private)
[ "$(id -u)" = 0 ] || own=(unshare --map-current-user --mount --propagation private)
watched() { "${own[@]}" python3 -c "$watcher" "$@"; }

if "${own[@]}" true 2>/dev/null; then
    notices() { ! watched mount -t tmpfs none "$SCRATCH"; }
    [ "$(id -u)" != 0 ] || check "a mount would be noticed" notices
    check "an import mounts nothing" watched "$AMILAUNCH" image import "$SAMPLE" --name again
    check "nor does a run" watched "$AMILAUNCH" run "$ami" --type m3 --memory-limit 256M
else
    # The rest needs a guest all the same.
    check "a run" "$AMILAUNCH" run "$ami" --type m3 --memory-limit 256M
fi
id=$("$AMILAUNCH" ls --ids)
need "there is a guest" "$id"

process() { pgrep -u "$(id -u),$(id -u libvirt-qemu 2>/dev/null || id -u)" -f "guest=$id," | head -n 1; }
pid=$(process)
need "and its process" "$pid"
sandboxed() { tr '\0' '\n' <"/proc/$pid/cmdline" | grep -A1 -xe -sandbox | grep -qx 'on,obsolete=deny,elevateprivileges=deny,spawn=deny,resourcecontrol=deny'; }
check "QEMU's sandbox is on, with all that it can deny" sandboxed
check "the kernel filters its calls" grep -Eq '^Seccomp:\s+2$' "/proc/$pid/status"
powerless() { ! grep -E '^Cap(Prm|Eff|Amb):\s+0*[1-9a-f]' "/proc/$pid/status" && ! grep -Eq '^Uid:.*\s0(\s|$)' "/proc/$pid/status"; }
check "it has no capabilities, and isn't root" powerless

check "terminate" "$AMILAUNCH" terminate --force "$id"
finish
