"""A TCP client of its own on a raw socket, for what two sockets of one kernel cannot show.

The client's connection and the one op25bd opens in its name have the same addresses and ports.
Where both ends of the lab share a kernel they also share the secret behind initial sequence
numbers, and connection tracking cannot tell the two apart. This client picks its own number,
as a subscriber's machine would. What connection tracking then makes of the packets depends on
which of the two numbers is the larger one: let one test make many connections (--times).

The kernel knows nothing of the connection and would answer for it with a RST: run this by
raw_client of hosts.sh, which keeps such answers in. No options, no window scaling, one segment
at a time: enough for a greeting and QUIT.
"""

import random
import socket
import struct
import time

import wire

FIN, SYN, RST, PSH, ACK = 1, 2, 4, 8, 16
HEADER = struct.Struct("!HHIIBBHHH")
WINDOW = 65535
RETRY_S = 1
OUR_MARK = 25  # hosts.sh lets RST segments with this mark out
PORTS = range(61000, 62000)  # and keeps those of the kernel in


def checksum(data):
    if len(data) % 2:
        data += b"\0"
    total = sum(struct.unpack(f"!{len(data) // 2}H", data))
    while total > 0xFFFF:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF


class Closed(Exception):
    """The connection is over; the argument says how."""


class RawTcp:
    def __init__(self, source, source_port, destination, port, timeout):
        self.family = wire.family_of(destination)
        self.ports = (source_port, port)
        self.addresses = [socket.inet_pton(self.family, text) for text in (source, destination)]
        self.timeout = timeout
        self.send_next = random.SystemRandom().getrandbits(32)
        self.receive_next = 0
        self.received = b""
        self.finished = False  # the server has closed its half
        self.socket = socket.socket(self.family, socket.SOCK_RAW, socket.IPPROTO_TCP)
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_MARK, OUR_MARK)
        self.socket.bind((source, 0))
        self.socket.connect((destination, 0))

    def pseudo_header(self, length):
        addresses = b"".join(self.addresses)
        if self.family == socket.AF_INET:
            return addresses + struct.pack("!BBH", 0, socket.IPPROTO_TCP, length)
        return addresses + struct.pack("!IHBB", length, 0, 0, socket.IPPROTO_TCP)

    def send(self, flags, data=b""):
        offset = HEADER.size // 4 << 4

        def segment(value):
            return (
                HEADER.pack(
                    *self.ports, self.send_next, self.receive_next, offset, flags, WINDOW, value, 0
                )
                + data
            )

        length = HEADER.size + len(data)
        self.socket.send(segment(checksum(self.pseudo_header(length) + segment(0))))

    def receive(self, wait_s):
        """The next segment for us as (sequence, acknowledged, flags, data), or None."""
        deadline = time.monotonic() + wait_s
        while (left := deadline - time.monotonic()) > 0:
            self.socket.settimeout(left)
            try:
                packet = self.socket.recv(1 << 16)
            except socket.timeout:
                break
            if self.family == socket.AF_INET:  # IPv6 raw sockets deliver no IP header
                packet = packet[(packet[0] & 15) * 4 :]
            header = HEADER.unpack_from(packet)
            from_port, to_port, sequence, acknowledged, offset, flags = header[:6]
            if (to_port, from_port) == self.ports:
                return sequence, acknowledged, flags, packet[(offset >> 4) * 4 :]
        return None

    def exchange(self, flags, data=b""):
        """Sends a segment until it is acknowledged. Whatever came with that is taken in."""
        after = (self.send_next + len(data) + bool(flags & (SYN | FIN))) & 0xFFFFFFFF
        deadline = time.monotonic() + self.timeout
        while time.monotonic() < deadline:
            self.send(flags, data)
            retry = time.monotonic() + RETRY_S
            while (left := retry - time.monotonic()) > 0:
                segment = self.receive(left)
                if segment is not None and segment[1] == after:
                    self.send_next = after
                    self.take(segment)
                    return
                if segment is not None:
                    self.take(segment)
        raise Closed("timeout")

    def take(self, segment):
        """Accepts what is next in order and acknowledges; asks again for all else."""
        sequence, acknowledged, flags, data = segment
        if flags & RST:
            raise Closed("refused" if self.receive_next == 0 else "reset")
        if flags & SYN:
            if acknowledged != self.send_next:
                return  # not an answer to our SYN
            self.receive_next = (sequence + 1) & 0xFFFFFFFF
        elif sequence == self.receive_next and not self.finished:
            self.received += data
            self.finished = bool(flags & FIN)
            self.receive_next = (sequence + len(data) + self.finished) & 0xFFFFFFFF
        if data or flags & (SYN | FIN):
            self.send(ACK)

    def take_next(self):
        segment = self.receive(self.timeout)
        if segment is None:
            raise Closed("timeout")
        self.take(segment)

    def read_line(self):
        while b"\n" not in self.received:
            if self.finished:
                raise Closed("eof")
            self.take_next()
        line, _, self.received = self.received.partition(b"\n")
        return wire.printable(line.rstrip(b"\r"))

    def close(self):
        self.exchange(FIN | ACK)
        while not self.finished:
            self.take_next()
        raise Closed("eof")


def print_reply(tcp):
    """One SMTP reply, as lines."""
    line = "   -"
    while line[3:4] == "-":
        line = tcp.read_line()
        print(f"< {line}")


def add_arguments(parser):
    parser.set_defaults(timeout=5)
    parser.add_argument("--quiet", action="store_true", help="do not say QUIT, just reset")
    parser.add_argument("--times", type=int, default=1, help="connections, one after the other")


def converse(tcp, quiet):
    tcp.exchange(SYN)
    print_reply(tcp)
    if quiet:
        tcp.send(RST | ACK)
        raise Closed("reset by us")
    tcp.exchange(PSH | ACK, b"QUIT\r\n")
    print_reply(tcp)
    tcp.close()


def run(arguments):
    """For each connection "< LINE" for the greeting and the answer to QUIT, then "= END". Stops
    at the first that does not end well."""
    if arguments.source is None:
        raise SystemExit("raw needs --source")
    for port in random.sample(PORTS, arguments.times):
        tcp = RawTcp(
            arguments.source,
            arguments.source_port or port,
            arguments.address,
            arguments.port,
            arguments.timeout,
        )
        try:
            converse(tcp, arguments.quiet)
        except Closed as closed:
            end = str(closed)
        if end == "timeout":
            tcp.send(RST | ACK)
        print(f"= {end}", flush=True)
        if end not in ("eof", "reset by us"):
            return 1
    return 0
