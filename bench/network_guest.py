"""A guest with a card at amilaunch-netd and one at QEMU's own user network, which does the same by each in turn. Prints lines:
transfer-ours, transfer-theirs and megabytes a second; leaf-ours, leaf-theirs and the seconds that reading a leaf of the metadata takes.
usage: network_guest.py SAMPLE HOME ACCELERATOR MEGABYTES ROUNDS READS"""
import re, signal, socket, subprocess, sys, threading, time

sample, home, accel = sys.argv[1:4]
megabytes, rounds, gets = map(int, sys.argv[4:7])
host = subprocess.check_output(["hostname", "-I"], text=True).split()[0]
sink = socket.socket()
sink.bind((host, 0))
sink.listen(1)
port = sink.getsockname()[1]

signal.signal(signal.SIGTERM, lambda *_: sys.exit("told to end"))
guest = subprocess.Popen(
    ["qemu-system-x86_64", "-accel", accel, "-m", "256", "-display", "none", "-monitor", "none", "-serial", "stdio", "-snapshot",
     "-drive", "file=%s,if=virtio" % sample,
     "-netdev", "stream,id=ours,server=on,addr.type=unix,addr.path=%s/net/i-1.qemu" % home,
     "-device", "virtio-net-pci,netdev=ours,mac=0a:00:ac:1f:00:04,romfile=",
     "-netdev", "user,id=theirs",
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


def relayed():
    """The port of the host's loopback, which guests of -netdev user reach, at which the same service answers: each request is
    handed to it, and its answer back, without starting a program."""
    door = socket.socket()
    door.bind(("127.0.0.1", 0))
    door.listen(8)

    def relay():
        while True:
            client = door.accept()[0]
            with client, socket.socket(socket.AF_UNIX) as served:
                served.connect(home + "/net/i-1.imds")
                served.sendall(client.recv(1 << 16))
                while answer := served.recv(1 << 16):
                    client.sendall(answer)

    threading.Thread(target=relay, daemon=True).start()
    return door.getsockname()[1]


def read_leaf(url):
    text = do("cut -d' ' -f1 /proc/uptime; for i in $(seq %d); do wget -q -O /dev/null %s || echo failed; done; "
              "cut -d' ' -f1 /proc/uptime" % (gets, url))
    if "failed" in text:
        sys.exit("%s can't be read" % url)
    begin, end = re.findall(r"(\d+\.\d+)\r?$", text, re.M)
    return (float(end) - float(begin)) / gets


try:
    wait_for(rb"login: ")
    guest.stdin.write(b"me\n")
    guest.stdin.flush()
    wait_for(rb"# ")
    do("stty -echo")
    do("for i in $(seq 60); do ip addr | grep -q 'inet 172.31' && ip addr | grep -q 'inet 10.0.2' && break; sleep 1; done")
    do("ip route del default; ip route del default; ip route add 169.254.169.254 via 172.31.0.1")
    card = {}
    gateway = {"ours": "172.31.0.1", "theirs": "10.0.2.2"}
    service = {"ours": "169.254.169.254", "theirs": "10.0.2.2:%d" % relayed()}
    for name, start in ("ours", "172.31."), ("theirs", "10.0.2."):
        card[name] = re.search(r"inet %s\S+.* (\w+)\r?$" % start.replace(".", r"\."), do("ip addr"), re.M).group(1)
    for number in range(rounds):
        for name in ("ours", "theirs") if number % 2 else ("theirs", "ours"):
            print("transfer-" + name, transfer(gateway[name], card[name]))
            print("leaf-" + name, read_leaf("http://%s/latest/meta-data/instance-id" % service[name]))
finally:
    guest.kill()
    guest.wait()
