#!/bin/bash
# memory: of each command at its most, and of the network process by its guests
. "$(dirname "$0")/measure.sh"
. "$(dirname "$0")/guests.sh"
. "$(dirname "$0")/netd.sh"

command -v python3 >/dev/null || { skip "memory" "python3 is missing"; exit 0; }

# peak SERIES COMMAND...: the most memory that it has had at once, in bytes. That of programs that it started doesn't count.
peak() {
    local series=$1 bytes
    shift
    bytes=$(python3 - "$work/peak.out" "$@" <<'PYTHON'
import os, sys

child = os.fork()
if child == 0:
    output = os.open(sys.argv[1], os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    os.dup2(output, 1)
    os.dup2(output, 2)
    os.execvp(sys.argv[2], sys.argv[2:])
_, status, usage = os.wait4(child, 0)
if status != 0:
    sys.exit("it failed")
print(usage.ru_maxrss * 1024)
PYTHON
    ) || give_up "$*: $(tail -n 5 "$work/peak.out")"
    record "$series" "$bytes"
}

home
id=$(run "$blank" --memory-limit 64M)
begin_rounds 3 3 30
while another_round; do
    peak version "$AMILAUNCH" --version
    peak ls "$AMILAUNCH" ls
    peak image-ls "$AMILAUNCH" image ls
    peak plan "$AMILAUNCH" plan "$ami" --type m3
    peak type-ls "$AMILAUNCH" type ls
    peak run "$AMILAUNCH" run "$blank" --type t2.nano --memory-limit 64M
    peak import "$AMILAUNCH" image import "$(sample)" --name "again-$round"
    peak virsh virsh -c $uri list --all
done
mapfile -t running < <("$AMILAUNCH" ls --ids --filter name=instance-state-name,values=running)
"$AMILAUNCH" terminate "${running[@]}" >"$work/out"
for name in version ls image-ls plan type-ls run; do
    compare "memory of ${name/-/ }" B $name virsh - "virsh list --all"
done
compare "memory of import" B import virsh - "virsh list --all"

# ---- the network process, whose guests are sockets that stay open ----

guests= # what listens in their places
put_away() { [ -z "$guests" ] || kill "$guests"; }
listen() { # listen COUNT: where QEMU would
    rm -f "$work/listening"
    python3 - "$AMILAUNCH_HOME/net" "$1" "$work/listening" <<'PYTHON' &
import socket, sys

folder, count, sign = sys.argv[1], int(sys.argv[2]), sys.argv[3]
doors, cables = [], []
for number in range(1, count + 1):
    door = socket.socket(socket.AF_UNIX)
    door.bind("%s/i-%d.qemu" % (folder, number))
    door.listen(1)
    doors.append(door)
open(sign + ".doors", "w").close()
for door in doors:
    cables.append(door.accept()[0])
open(sign, "w").close()
for cable in cables:
    while cable.recv(65536):
        pass
PYTHON
    guests=$!
    until [ -e "$work/listening.doors" ]; do sleep 0.1; done
    rm "$work/listening.doors"
}
connected() {
    local until=$((SECONDS + 120))
    until [ -e "$work/listening" ]; do
        [ $SECONDS -lt $until ] || give_up "amilaunch-netd doesn't connect to its guests"
        sleep 0.1
    done
}

export AMILAUNCH_HOME=$work/n
for count in 1 10 100; do
    netd_records $count
    listen $count
    netd_start
    connected
    sleep 1
    record "netd-$count" "$(bytes_of "$netd_pid")"
    before=$(exact_seconds_of "$netd_pid")
    sleep 5
    record "netd-idle-$count" "$(awk "BEGIN { print ($(exact_seconds_of "$netd_pid") - $before) / 5 * 60 }")"
    netd_stop
    kill "$guests"
    wait "$guests" || true
    guests=
    rm -f "$AMILAUNCH_HOME"/net/*.qemu
    compare "amilaunch-netd, $count idle guests: memory" B "netd-$count" - - "none" "amilaunch-netd's memory, by guests" $count
done
compare "amilaunch-netd, 100 idle guests: processor, a minute" s netd-idle-100 - - "none"
