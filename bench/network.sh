#!/bin/bash
# The network process against QEMU's own user network, in one guest that has a card at each: TCP from the guest to the
# host, and reading a leaf of the metadata, of which QEMU's way is a guestfwd to the same service. And what 200 idle guests
# cost is told by tests/system/netd.sh.
# usage: AMILAUNCH=build/amilaunch SAMPLE=sample-ami.qcow2 bench/network.sh; MEGABYTES=64 ROUNDS=5 GETS=40
# Needs qemu-system-x86_64, socat, sqlite3, and an address of the host that isn't its loopback's.
set -euo pipefail

program=$(readlink -f "${AMILAUNCH:-build/amilaunch}")
netd=$(dirname "$program")/net/amilaunch-netd
[ -x "$netd" ] || netd=$(dirname "$program")/../libexec/amilaunch/amilaunch-netd
AMILAUNCH_HOME=$(mktemp -d /tmp/bench.XXXXXX)
export AMILAUNCH_HOME
netd_pid=''
trap 'kill $netd_pid 2>/dev/null || true; wait; rm -rf "$AMILAUNCH_HOME"' EXIT

"$program" ls >/dev/null
mkdir -m 700 "$AMILAUNCH_HOME/net"
sqlite3 "$AMILAUNCH_HOME/amilaunch.db" <<'SQL'
INSERT INTO instance (id, reservation, launch_index, uuid, image, type, state, created, launched, starts, ended, stop_deadline,
    stop_pressed, owner, region, zone, architecture, virtualization, root_device_type, root_device, content, shutdown_behavior,
    memory_limit_mib)
VALUES ('i-1', 'r-1', 0, 'u-1', 'ami-1', 'm3.medium', 'running', 0, 0, 1, 0, 0, 0, '123456789012', 'us-east-1', 'us-east-1a',
    'x86_64', 'hvm', 'ebs', '/dev/sda1', 'x', 'stop', 0);
INSERT INTO interface (instance, id, address, mac) VALUES ('i-1', 'eni-1', 0xac1f0004, '0a:00:ac:1f:00:04');
SQL
"$netd" --home "$AMILAUNCH_HOME" &
netd_pid=$!

python3 - "$SAMPLE" "$AMILAUNCH_HOME" "${MEGABYTES:-64}" "${ROUNDS:-5}" "${GETS:-40}" <<'PYTHON'
import re, socket, statistics, subprocess, sys, threading, time

sample, home = sys.argv[1:3]
megabytes, rounds, gets = map(int, sys.argv[3:6])
host = subprocess.check_output(["hostname", "-I"], text=True).split()[0]
sink = socket.socket()
sink.bind((host, 0))
sink.listen(1)
port = sink.getsockname()[1]

guest = subprocess.Popen(
    ["qemu-system-x86_64", "-accel", "tcg", "-m", "256", "-display", "none", "-monitor", "none", "-serial", "stdio", "-snapshot",
     "-drive", "file=%s,if=virtio" % sample,
     "-netdev", "stream,id=ours,server=on,addr.type=unix,addr.path=%s/net/i-1.qemu" % home,
     "-device", "virtio-net-pci,netdev=ours,mac=0a:00:ac:1f:00:04,romfile=",
     "-netdev", "user,id=theirs,guestfwd=tcp:10.0.2.100:80-cmd:socat STDIO UNIX-CONNECT:%s/net/i-1.imds" % home,
     "-device", "virtio-net-pci,netdev=theirs,mac=52:54:00:00:00:02,romfile="],
    stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
said = b""


def wait_for(pattern, seconds=300):
    global said
    end = time.monotonic() + seconds
    while not re.search(pattern, said):
        data = guest.stdout.read1(4096)
        if not data or time.monotonic() > end:
            sys.exit("the guest doesn't say %s:\n%s" % (pattern, said[-2000:].decode(errors="replace")))
        said += data
    found = re.search(pattern, said)
    said = said[found.end():]
    return found


def do(line):
    """Types a line and gives what it says before the next prompt."""
    global said
    said = b""
    guest.stdin.write(line.encode() + b"; echo do''ne\n")
    guest.stdin.flush()
    return wait_for(rb"(?s)(.*)done\r?\n").group(1).decode(errors="replace")


def transfer(gateway, card):
    do("ip route replace %s via %s dev %s" % (host, gateway, card))
    result = []

    def receive():
        connection = sink.accept()[0]
        buffer, total, begin = bytearray(1 << 20), 0, time.monotonic()
        while got := connection.recv_into(buffer):
            total += got
        result.append(total / (time.monotonic() - begin) / 1e6)

    thread = threading.Thread(target=receive)
    thread.start()
    do("dd if=/dev/zero bs=64k count=%d 2>/dev/null | nc %s %d" % (megabytes * 16, host, port))
    thread.join()
    return result[0]


def read_leaf(url):
    text = do("cut -d' ' -f1 /proc/uptime; for i in $(seq %d); do wget -q -O /dev/null %s || echo failed; done; "
              "cut -d' ' -f1 /proc/uptime" % (gets, url))
    if "failed" in text:
        sys.exit("%s can't be read" % url)
    begin, end = re.findall(r"(\d+\.\d+)\r?$", text, re.M)
    return (float(end) - float(begin)) * 1000 / gets


try:
    wait_for(rb"login: ")
    guest.stdin.write(b"me\n")
    guest.stdin.flush()
    wait_for(rb"# ")
    do("stty -echo")
    do("for i in $(seq 60); do ip addr | grep -q 'inet 172.31' && ip addr | grep -q 'inet 10.0.2' && break; sleep 1; done")
    do("ip route del default; ip route del default; ip route add 169.254.169.254 via 172.31.0.1")
    card = {}
    for name, start in ("ours", "172.31."), ("theirs", "10.0.2."):
        card[name] = re.search(r"inet %s\S+.* (\w+)\r?$" % start.replace(".", r"\."), do("ip addr"), re.M).group(1)
    ours, theirs, leaf, plain = [], [], [], []
    for _ in range(rounds):
        ours.append(transfer("172.31.0.1", card["ours"]))
        theirs.append(transfer("10.0.2.2", card["theirs"]))
        leaf.append(read_leaf("http://169.254.169.254/latest/meta-data/instance-id"))
        plain.append(read_leaf("http://10.0.2.100/latest/meta-data/instance-id"))
    middle = statistics.median
    print("guest to host, TCP:   ours %6.1f MB/s, -netdev user %6.1f MB/s, ratio %.2f (0.8 wanted)"
          % (middle(ours), middle(theirs), middle(ours) / middle(theirs)))
    print("reading the metadata: ours %6.1f ms,   guestfwd     %6.1f ms,   ratio %.2f (1.2 allowed)"
          % (middle(leaf), middle(plain), middle(leaf) / middle(plain)))
finally:
    guest.kill()
    guest.wait()
PYTHON
