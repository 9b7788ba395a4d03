"""Plays guests of amilaunch-netd without booting any: listens where a QEMU would, and sends frames.

    netd_guest.py SCENARIO HOME COUNT [ARGUMENT...]

The guests are i-1, i-2, ... with the addresses 172.31.0.4, .5, ... A scenario ends with 0 if all of it was so.
"""
import os
import random
import select
import socket
import struct
import subprocess
import sys
import threading
import time

PATIENCE = 60
GATEWAY, DNS, METADATA, SPARE = "172.31.0.1", "172.31.0.2", "169.254.169.254", "172.31.15.254"
GATEWAY_MAC = bytes.fromhex("5255ac1f0001")
ALL = b"\xff" * 6
SYN, ACK, FIN, RST, PSH = 2, 16, 1, 4, 8


def packed(address):
    return socket.inet_aton(address)


def checksum(data):
    if len(data) % 2:
        data += b"\0"
    total = sum(struct.unpack(">%dH" % (len(data) // 2), data))
    while total >> 16:
        total = (total & 0xffff) + (total >> 16)
    return ~total & 0xffff


class Guest:
    def __init__(self, home, number):
        self.number = number
        self.address = "172.31.%d.%d" % divmod(3 + number, 256)
        self.mac = b"\x0a\0" + packed(self.address)
        self.path = "%s/net/i-%d.qemu" % (home, number)
        self.wire = None
        self.rest = b""
        self.identification = 0
        if os.path.exists(self.path):
            os.unlink(self.path)
        self.listener = socket.socket(socket.AF_UNIX)
        self.listener.bind(self.path)
        folder = os.stat(os.path.dirname(self.path))
        os.chown(self.path, folder.st_uid, folder.st_gid)
        self.listener.listen(1)

    def connected(self):
        self.listener.settimeout(PATIENCE)
        self.wire = self.listener.accept()[0]
        self.wire.settimeout(PATIENCE)
        self.rest = b""

    # ---- frames ----

    def raw(self, data):
        self.wire.sendall(data)

    def frame(self, data):
        self.raw(struct.pack(">I", len(data)) + data)

    def frames(self, seconds):
        """All that come within that time."""
        end = time.monotonic() + seconds
        while True:
            while len(self.rest) >= 4 and len(self.rest) - 4 >= struct.unpack(">I", self.rest[:4])[0]:
                length = struct.unpack(">I", self.rest[:4])[0]
                frame, self.rest = self.rest[4:4 + length], self.rest[4 + length:]
                yield frame
            left = end - time.monotonic()
            if left <= 0 or not select.select([self.wire], [], [], left)[0]:
                return
            data = self.wire.recv(65536)
            if not data:
                return
            self.rest += data

    def ip(self, protocol, body, to, source=None, mac=GATEWAY_MAC, sender=None, flags=0, options=b""):
        self.identification = (self.identification + 1) & 0xffff
        head = struct.pack(">BBHHHBBH4s4s", 0x45 + len(options) // 4, 0, 20 + len(options) + len(body),
                           self.identification, flags, 64, protocol, 0, packed(source or self.address), packed(to)) + options
        head = head[:10] + struct.pack(">H", checksum(head)) + head[12:]
        return mac + (sender or self.mac) + b"\x08\0" + head + body

    def udp(self, to, port, data=b"x", own_port=4000, **how):
        return self.ip(17, struct.pack(">HHHH", own_port, port, 8 + len(data), 0) + data, to, **how)

    def tcp(self, to, own_port, port, control, seq, ack=0, data=b"", **how):
        body = struct.pack(">HHIIBBHHH", own_port, port, seq & 0xffffffff, ack & 0xffffffff, 0x50, control, 65535, 0, 0) + data
        pseudo = packed(how.get("source") or self.address) + packed(to) + struct.pack(">HH", 6, len(body))
        body = body[:16] + struct.pack(">H", checksum(pseudo + body)) + body[18:]
        return self.ip(6, body, to, **how)

    def ping(self, to, **how):
        body = struct.pack(">BBHHH", 8, 0, 0, 7, 1) + b"amilaunch"
        return self.ip(1, body[:2] + struct.pack(">H", checksum(body)) + body[4:], to, **how)

    def arp(self, target, sender=None, mac=None):
        return ALL + self.mac + b"\x08\x06" + struct.pack(">HHBBH", 1, 0x800, 6, 4, 1) + (mac or self.mac) + \
            packed(sender or self.address) + b"\0" * 6 + packed(target)

    # ---- conversations ----

    def answers(self, matches, seconds=PATIENCE):
        for frame in self.frames(seconds):
            if matches(frame):
                return frame
        return None

    def knows(self, target):
        self.frame(self.arp(target))
        answer = self.answers(lambda f: f[12:14] == b"\x08\x06" and f[28:32] == packed(target))
        return answer[22:28] if answer else None

    def is_served(self):
        return self.knows(GATEWAY) == GATEWAY_MAC

    def pings(self, to, mac=GATEWAY_MAC, seconds=PATIENCE):
        self.frame(self.ping(to, mac=mac))
        return self.answers(lambda f: f[12:14] == b"\x08\0" and f[23] == 1 and f[34] == 0 and f[26:30] == packed(to), seconds)

    def dhcp(self, kind, options=b""):
        message = bytes([1, 1, 6, 0]) + b"\1\2\3\4" + b"\0" * 20 + self.mac + b"\0" * 10 + b"\0" * 192 + \
            bytes.fromhex("63825363") + bytes([53, 1, kind]) + options + b"\xff"
        self.frame(self.ip(17, struct.pack(">HHHH", 68, 67, 8 + len(message), 0) + message, "255.255.255.255",
                           source="0.0.0.0", mac=ALL))
        answer = self.answers(lambda f: f[12:14] == b"\x08\0" and f[23] == 17 and f[34:38] == b"\0C\0D")
        return answer and (socket.inet_ntoa(answer[58:62]), answer[42 + 240:])


class Connection:
    """A TCP connection of a guest, as simple as can be; what is lost is sent again."""

    def __init__(self, guest, to, port, own_port=None):
        self.guest, self.to, self.port = guest, to, port
        self.own_port = own_port or random.randrange(20000, 60000)
        self.seq, self.ack = random.randrange(1 << 31), 0
        self.data, self.ended = b"", False

    def send(self, flags, data=b""):
        self.guest.frame(self.guest.tcp(self.to, self.own_port, self.port, flags, self.seq, self.ack, data))

    def mine(self, frame):
        return frame[12:14] == b"\x08\0" and frame[23] == 6 and frame[26:30] == packed(self.to) and \
            frame[34:38] == struct.pack(">HH", self.port, self.own_port)

    def take(self, frame):
        seq, ack = struct.unpack(">II", frame[38:46])
        flags, head = frame[47], (frame[46] >> 4) * 4
        data = frame[34 + head:14 + struct.unpack(">H", frame[16:18])[0]]
        if flags & RST:
            self.ended = True
        if flags & SYN:
            self.ack = seq + 1
        elif seq == self.ack & 0xffffffff:
            self.data += data
            self.ack += len(data)
            if flags & FIN:
                self.ack += 1
                self.ended = True
        if data or flags & (SYN | FIN):
            self.send(ACK)
        return flags

    def open(self, seconds=PATIENCE):
        """True, or False if it is refused; None: no answer."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            self.send(SYN)
            answer = self.guest.answers(self.mine, min(2, max(0, end - time.monotonic())))
            if answer:
                self.seq += 1
                return not self.take(answer) & RST
        return None

    def talk(self, text, seconds=PATIENCE):
        self.send(ACK | PSH, text)
        self.seq += len(text)
        for frame in self.guest.frames(seconds):
            if self.mine(frame):
                self.take(frame)
            if self.ended:
                break
        return self.data

    def close(self):
        self.send(FIN | ACK)
        self.seq += 1


def get(guest, path, to=METADATA, port=80):
    connection = Connection(guest, to, port)
    if not connection.open():
        return None
    answer = connection.talk(b"GET %s HTTP/1.0\r\n\r\n" % path.encode())
    connection.close()
    return answer.partition(b"\r\n\r\n")[2].decode()


def is_cut_off(guest, seconds=PATIENCE):
    """netd hangs up."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        try:
            if select.select([guest.wire], [], [], 1)[0] and not guest.wire.recv(65536):
                return True
        except ConnectionError:
            return True
    return False


# ---- scenarios ----

def addresses(guests, home):
    for guest in guests:
        address, options = guest.dhcp(1)
        assert address == guest.address, address
        wanted = bytes([50, 4]) + packed(address) + bytes([54, 4]) + packed(GATEWAY)
        address, options = guest.dhcp(3, wanted)
        assert address == guest.address and options[:3] == bytes([53, 1, 5]), (address, options)
        name = "ip-" + guest.address.replace(".", "-")
        assert bytes([12, len(name)]) + name.encode() in options, options
        address, options = guest.dhcp(3, bytes([50, 4]) + packed("10.0.2.15"))
        assert options[:3] == bytes([53, 1, 6]), options


def metadata(guests, home):
    for guest in guests:
        assert guest.knows(METADATA) == GATEWAY_MAC
        assert get(guest, "/latest/meta-data/instance-id") == "i-%d" % guest.number
        assert get(guest, "/latest/meta-data/local-ipv4") == guest.address
        assert get(guest, "/latest/meta-data/mac") == ":".join("%02x" % byte for byte in guest.mac)


def peers(guests, home):
    one, other = guests[:2]
    assert one.knows(other.address) == other.mac
    one.frame(one.ping(other.address, mac=other.mac))
    sent = other.answers(lambda f: f[23] == 1 and f[34] == 8)
    assert sent[:12] == other.mac + one.mac and sent[26:34] == packed(one.address) + packed(other.address)
    assert one.pings(GATEWAY)


def strangers(guests, home, port):
    """Nothing of this gets anywhere: neither to the listener at PORT of the host's loopback nor to the other guest."""
    one, other = guests[:2]
    port = int(port)
    for address in ["127.0.0.1", "127.1.2.3", "0.0.0.0", "0.0.0.1", GATEWAY, DNS, METADATA, SPARE, "172.31.0.3", "172.31.15.255",
                    "255.255.255.255", "224.0.0.1", "169.254.169.253"]:
        for how in {}, {"flags": 0x2000}, {"options": b"\x83\x03\x04\x00"}:
            one.frame(one.tcp(address, 5000, port, SYN, 1, **how))
            one.frame(one.udp(address, port, **how))
    one.frame(one.udp(METADATA, 80))
    one.frame(one.tcp(SPARE, 5000, 80, SYN, 1))
    one.frame(one.tcp(METADATA, 5000, 443, SYN, 1))
    for to, mac in (other.address, other.mac), ("8.8.8.8", GATEWAY_MAC), (GATEWAY, GATEWAY_MAC):
        one.frame(one.ping(to, mac=mac, source=other.address))
        one.frame(one.ping(to, mac=mac, sender=other.mac))
        one.frame(one.ping(to, mac=mac, source="0.0.0.0"))
    one.frame(one.ping(other.address, mac=ALL))
    one.frame(one.ping(other.address, mac=GATEWAY_MAC))
    one.frame(one.arp(other.address, sender=other.address))
    one.frame(one.arp(other.address, mac=other.mac))
    one.frame(ALL + one.mac + b"\x86\xdd" + b"\x60" + b"\0" * 60)
    # Frames are worked off in their order: what comes before the answer to this is all there is.
    one.frame(one.arp(GATEWAY))
    got = []
    for frame in one.frames(PATIENCE):
        got.append(frame)
        if frame[12:14] == b"\x08\x06":
            break
    assert [f[12:14] for f in got] == [b"\x08\x06"], [f.hex() for f in got]
    assert other.is_served_silently()


def silently(guest):
    guest.frame(guest.arp(GATEWAY))
    frames = []
    for frame in guest.frames(PATIENCE):
        frames.append(frame)
        if frame[12:14] == b"\x08\x06":
            return len(frames) == 1
    return False


Guest.is_served_silently = silently


def memory(pid):
    with open("/proc/%s/status" % pid) as status:
        return int([line for line in status if line.startswith("VmRSS")][0].split()[1])


def hostile(guests, home, pid):
    """One guest does all that is bad; the other is served meanwhile, and netd stays small."""
    bad, good = guests[:2]
    chance = random.Random(4)
    stop = threading.Event()
    failures, answered = [], []

    def honest():
        while not stop.is_set():
            if get(good, "/latest/meta-data/instance-id") == "i-2":
                answered.append(1)
            else:
                failures.append("no metadata")
                return

    before = memory(pid)
    thread = threading.Thread(target=honest)
    thread.start()
    for length in 0, 1, 13, 14, 15, 1514, 1515, 65535, 65536 + 4096:
        bad.frame(bytes(length))
        bad.frame((GATEWAY_MAC + bad.mac + b"\x08\0" + bytes(length))[:length])
    # Segments after a gap are kept until it is filled: never too many.
    gaps = Connection(bad, METADATA, 80)
    assert gaps.open()
    for number in range(1, 60000):
        bad.frame(bad.tcp(METADATA, gaps.own_port, 80, ACK, gaps.seq + 2 * number, gaps.ack, b"x"))
        if number % 500 == 0:  # what is no end of it, and no new one either
            for control in SYN, RST:
                bad.frame(bad.tcp(METADATA, gaps.own_port, 80, control, gaps.seq + (1 << 30), gaps.ack))
    for _ in range(2000):
        frame = bytearray(chance.choice([bad.udp, bad.tcp_syn])(good.address, 80, mac=chance.choice([GATEWAY_MAC, ALL, good.mac])))
        for _ in range(chance.randrange(1, 8)):
            frame[chance.randrange(12, len(frame))] = chance.randrange(256)
        bad.frame(bytes(frame))
    for number in range(3000):
        bad.frame(bad.arp("172.31.%d.%d" % divmod(number, 256)))
    for number in range(3000):
        bad.frame(bad.udp("192.0.2.1", 9, own_port=1024 + number))
        bad.frame(bad.tcp("127.0.0.1", 1024 + number, 80, SYN, 1))
        bad.frame(bad.tcp(METADATA, 1024 + number, 80, SYN, number))
        bad.frame(bad.ip(17, bytes(1400), "192.0.2.1", flags=0x2000 | number))
        bad.frame(bad.ping("192.0.2.1"))
    for lie in b"\xff\xff\xff\xff", struct.pack(">I", 65536 + 4097), b"\x80\0\0\0":
        bad.raw(lie + b"x" * 100)
        assert is_cut_off(bad), "is not cut off"
        bad.connected()
        assert bad.is_served()
    bad.raw(struct.pack(">I", 1000) + b"half a frame")
    bad.wire.close()
    bad.connected()
    assert bad.is_served()
    stop.set()
    thread.join()
    assert not failures and answered, (failures, len(answered))
    grown = memory(pid) - before
    print("# netd grew by %d KiB, %d honest requests were answered meanwhile" % (grown, len(answered)))
    assert grown < 32 << 10, grown


def tcp_syn(guest, to, port, **how):
    return guest.tcp(to, 5000, port, SYN, 1, **how)


Guest.tcp_syn = tcp_syn


def deaf(guests, home, pid):
    """A guest that reads nothing loses frames, and nobody else does."""
    one, other = guests[:2]
    before = memory(pid)
    for _ in range(20000):
        one.frame(one.udp(other.address, 9, data=bytes(1400), mac=other.mac))
    assert one.is_served()
    print("# netd grew by %d KiB" % (memory(pid) - before))
    assert memory(pid) - before < 16 << 10
    for _ in range(200):  # as short as an answer to ARP, so that there is no room left for that
        one.frame(one.udp(other.address, 9, data=b"", mac=other.mac))
    assert one.is_served()
    # It hears what isn't from that guest.
    other.frame(other.arp(GATEWAY))
    assert one.is_served() and one.is_served()
    got = [frame[12:14] for frame in other.frames(1)]
    assert len(got) < 20000 and b"\x08\x06" in got, (len(got), got[-1])
    assert other.is_served()


def published(guests, home, port):
    """Who connects to PORT of the host's loopback comes to the guest, from the gateway, and they talk."""
    guest = guests[0]
    with socket.socket() as client:
        client.settimeout(PATIENCE)
        client.connect(("127.0.0.1", int(port)))
        frame = guest.answers(lambda f: f[12:14] == b"\x08\0" and f[23] == 6 and f[47] == SYN)
        assert frame[26:34] == packed(GATEWAY) + packed(guest.address) and frame[36:38] == struct.pack(">H", 22)
        server = Connection(guest, GATEWAY, struct.unpack(">H", frame[34:36])[0], own_port=22)
        server.ack = struct.unpack(">I", frame[38:42])[0] + 1
        server.send(SYN | ACK)
        server.seq += 1
        client.sendall(b"question")
        while server.data != b"question":
            server.take(guest.answers(server.mine))
        server.send(ACK | PSH, b"answer")
        assert client.recv(100) == b"answer"
    for address in os.popen("hostname -I").read().split():
        with socket.socket(socket.AF_INET6 if ":" in address else socket.AF_INET) as client:
            assert client.connect_ex((address, int(port))) != 0, address


def comes_back(guests, home, pid, *command):
    """netd is killed under guests, and started again: they go on as they were."""
    os.kill(int(pid), 9)
    for guest in guests:
        assert is_cut_off(guest)
    subprocess.run(command, check=True)
    for guest in guests:
        guest.connected()
    metadata(guests, home)
    peers(guests, home)


def many(guests, home, pid, most):
    """Memory and processor time of netd when all guests are idle."""
    for guest in guests:
        assert guest.is_served()
    def used():
        with open("/proc/%s/stat" % pid) as stat:
            return sum(map(int, stat.read().rpartition(")")[2].split()[11:13]))
    metadata(guests[1:4] + guests[-3:], home)
    before, wall = used(), time.monotonic()
    time.sleep(5)
    share = (used() - before) / os.sysconf("SC_CLK_TCK") / (time.monotonic() - wall)
    print("# %d guests: %d KiB, %.2f %% of a processor" % (len(guests), memory(pid), share * 100))
    assert memory(pid) < int(most) << 10
    assert share < 0.05


def still(guests, home):
    """Nothing but: all are served."""
    for guest in guests:
        assert guest.is_served()


def main():
    scenario, home, count = sys.argv[1:4]
    guests = [Guest(home, number) for number in range(1, int(count) + 1)]
    for guest in guests:
        guest.connected()
    globals()[scenario](guests, home, *sys.argv[4:])


if __name__ == "__main__":
    main()
