#!/bin/bash
# The network process alone, with guests that are played by a script (netd_guest.py): what it serves, and what it keeps
# from whom. Nothing boots. The instances are rows that are put into the database by hand.
. "$(dirname "$0")/lib.sh"

here=$(dirname "$0")
. "$here/netd_rows.sh"
need "the network process is there" "$([ -x "$netd" ] && echo yes)"
# A socket's path is short: so is this HOME's.
AMILAUNCH_HOME=$(mktemp -d /tmp/netd.XXXXXX)
secret=$((20000 + RANDOM % 10000))
open=$((30000 + RANDOM % 10000))
pid='' server='' user=()
# As with guests that libvirt runs as another user.
if [ "$(id -u)" = 0 ]; then user=(--user 65534:65534); fi
trap 'kill $pid $server 2>/dev/null; wait; rm -rf "$AMILAUNCH_HOME"' EXIT

instances() { # instances COUNT: those that run, from now on
    netd_rows "$1"
    [ "$1" = 0 ] || echo "INSERT INTO published_port (host, instance, guest) VALUES ($open, 'i-1', 22);"
}
record() { instances "$1" | sqlite3 -bail -cmd '.timeout 10000' "$AMILAUNCH_HOME/amilaunch.db"; }

tell() { timeout $long python3 - "$AMILAUNCH_HOME/net/control" <<'PYTHON'
import socket, sys
door = socket.socket(socket.AF_UNIX)
door.connect(sys.argv[1])  # waits its turn, as it doesn't with a time limit
door.settimeout(60)
door.sendall(b"look\n")
sys.exit(door.recv(100) != b"done\n")
PYTHON
}

begin() { # starts netd, as amilaunch does, and waits until it listens
    local deadline=$((SECONDS + long))
    rm -f "$AMILAUNCH_HOME/net/control"
    "$netd" --home "$AMILAUNCH_HOME" "${user[@]}" </dev/null >/dev/null 2>&1 &
    echo $! >"$SCRATCH/pid"
    until [ -S "$AMILAUNCH_HOME/net/control" ]; do
        [ $SECONDS -lt $deadline ] || { timeout 5 cat "$AMILAUNCH_HOME/net/netd.log"; return 1; }
        sleep 0.1
    done
}
play() { timeout $long python3 "$here/netd_guest.py" "$1" "$AMILAUNCH_HOME" "$2" "${@:3}"; }
told() { play "$@" >"$SCRATCH/told" || { cat "$SCRATCH/told"; return 1; }; }
shown() { sed -n 's/^# /#= netd: /p' "$SCRATCH/told"; }

"$AMILAUNCH" ls >/dev/null
mkdir -p -m 700 "$AMILAUNCH_HOME/net"
[ "$(id -u)" != 0 ] || { chmod 711 "$AMILAUNCH_HOME" && chown 65534:65534 "$AMILAUNCH_HOME/net"; }
python3 -m http.server "$secret" --bind 127.0.0.1 --directory "$SCRATCH" >"$SCRATCH/secret.log" 2>&1 &
server=$!
record 2
check "it starts" begin
pid=$(cat "$SCRATCH/pid")
powerless() { # no more privileges, and none to come
    local id=$(($(id -u) == 0 ? 65534 : $(id -u)))
    grep -Eq "^Uid:(\s+$id){4}$" "/proc/$pid/status" && grep -Eq '^NoNewPrivs:\s+1$' "/proc/$pid/status" &&
        grep -Eq '^Cap(Prm|Eff|Amb):\s+0+$' "/proc/$pid/status" && ! grep -E '^Cap(Prm|Eff|Amb):\s+0*[1-9a-f]' "/proc/$pid/status"
}
check "it can do no more than its guests' user" powerless
check "it has given up starting programs and the like" grep -Eq '^Seccomp:\s+2$' "/proc/$pid/status"
reads_only() { # what it has open of the records can't be written, but for the index in which readers say what they read
    local file flags any=no
    for file in "/proc/$pid/fd/"*; do
        case $(readlink "$file") in
            *.db-shm) continue ;;
            *.db | *.db-wal) any=yes ;;
            */amilaunch.lock) any=yes ;;
            *) continue ;;
        esac
        flags=$(sed -n 's/^flags:[[:space:]]*//p' "/proc/$pid/fdinfo/${file##*/}")
        [ $((flags & 3)) = 0 ] || { readlink "$file"; return 1; }
    done
    [ $any = yes ]
}
check "it can't write the records" reads_only
one_is_enough() { timeout $long "$netd" --home "$AMILAUNCH_HOME" "${user[@]}" && kill -0 "$pid"; }
check "a second one leaves at once" one_is_enough
check "each guest gets its own address" play addresses 2
check "each reads its own metadata" play metadata 2
check "guests reach each other" play peers 2
check "nothing else is reached, and nobody forges" play strangers 2 "$secret"
untouched() { ! grep -q GET "$SCRATCH/secret.log"; }
check "nobody came to the host's loopback" untouched
check "a published port leads to its guest, from the loopback alone" play published 2 "$open"
check "a guest that doesn't read loses its frames" told deaf 2 "$pid"
shown

# Each of these is half a client; the one that comes after them all is served.
silent_clients() {
    timeout $long python3 - "$AMILAUNCH_HOME/net/control" <<'PYTHON'
import socket, sys
doors = []
for number in range(60):
    door = socket.socket(socket.AF_UNIX)
    door.connect(sys.argv[1])
    if number % 3:
        try:
            door.sendall(b"lo" if number % 3 == 1 else b"\0" * 100000)
        except (BrokenPipeError, ConnectionResetError):
            pass
    doors.append(door)
last = socket.socket(socket.AF_UNIX)
last.connect(sys.argv[1])
last.settimeout(60)
last.sendall(b"look\nloo")
assert last.recv(100) == b"done\n"
last.sendall(b"k\n")
assert last.recv(100) == b"done\n"
PYTHON
}
check "silent clients at its door don't matter" silent_clients

record 3
check "it reads the records when it is told to" tell
check "a guest that is new is served" play still 3
record 2
check "and reads them again" tell
gone() { [ ! -e "$AMILAUNCH_HOME/net/i-3.imds" ] && [ -e "$AMILAUNCH_HOME/net/i-2.imds" ]; }
check "one that is gone leaves nothing" gone

cat >"$SCRATCH/again" <<SH
rm -f "$AMILAUNCH_HOME/net/control"
"$netd" --home "$AMILAUNCH_HOME" ${user[*]} </dev/null >/dev/null 2>&1 &
echo \$! >"$SCRATCH/pid"
SH
check "after kill -9 another takes its place, under the same guests" play comes_back 2 "$pid" sh "$SCRATCH/again"
pid=$(cat "$SCRATCH/pid")
check "hostile frames hurt only who sends them" told hostile 2 "$pid"
shown

record 200
check "it takes 200 guests" tell
check "which cost little" told many 200 "$pid" 60
shown
quiet() { [ "$(wc -l <"$AMILAUNCH_HOME/net/netd.log")" -lt 1000 ]; }
check "guests can't fill its log" quiet
record 0
check "all of them leave" tell
is_gone() { ! kill -0 "$pid"; }
check "it goes after the last" eventually is_gone
nothing() { local left; left=$(find "$AMILAUNCH_HOME/net" -type s ! -name '*.qemu'); [ -z "$left" ] || { echo "$left"; return 1; }; }
check "and leaves no socket" nothing

# A guest that has taken over its QEMU can put there what it likes.
record 1
rm "$AMILAUNCH_HOME/net/netd.log"
mkfifo "$AMILAUNCH_HOME/net/netd.log"
# A command that looks whether somebody holds the lock is nobody who does.
flock -s "$AMILAUNCH_HOME/net/lock" sh -c "touch '$SCRATCH/looks'; sleep 1" &
until [ -e "$SCRATCH/looks" ]; do sleep 0.1; done
check "it starts without a log, while others look at its lock" begin
pid=$(cat "$SCRATCH/pid")
rm "$AMILAUNCH_HOME/net/lock"
check "whose HOME has been removed is served" play still 1
check "until its guest has gone" eventually is_gone
finish
