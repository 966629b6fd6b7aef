"""What client and server have in common: addresses, reproducible bodies, ways to end."""

import base64
import errno
import hashlib
import random
import re
import socket
import struct

CRLF = b"\r\n"
CHUNK = 1 << 16


def parse_endpoint(text):
    """"192.0.2.25:25" or "[2001:db8::1]:25" as (family, address, port)."""
    match = re.fullmatch(r"\[([0-9A-Fa-f:.]+)\]:(\d+)|([0-9.]+):(\d+)", text)
    if match is None:
        raise ValueError(f"{text} is neither ADDRESS:PORT nor [ADDRESS]:PORT")
    six, six_port, four, four_port = match.groups()
    if six is not None:
        return socket.AF_INET6, six, int(six_port)
    return socket.AF_INET, four, int(four_port)


def family_of(address):
    return socket.AF_INET6 if ":" in address else socket.AF_INET


def random_bytes(size, seed):
    """The same for the same seed, everywhere. Pieces, so that size may be large."""
    source = random.Random(seed)
    while size > 0:
        piece = source.randbytes(min(size, CHUNK))
        size -= len(piece)
        yield piece


def random_text(size, seed):
    """About size octets of lines with CRLF; some start with a dot, as SMTP finds awkward."""
    raw = b"".join(random_bytes(size * 3 // 4, seed))
    return base64.encodebytes(raw).replace(b"\nA", b"\n.A").replace(b"\n", CRLF)


def digest(data):
    return hashlib.sha256(data).hexdigest()


def connect(arguments):
    """By the options that all commands of client.py share."""
    client = socket.socket(family_of(arguments.address), socket.SOCK_STREAM)
    client.settimeout(arguments.timeout)
    if arguments.source is not None:
        client.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        client.bind((arguments.source, arguments.source_port))
    client.connect((arguments.address, arguments.port))
    return client


def reset(connection):
    """Closes with a RST in place of a FIN."""
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    connection.close()


def printable(data):
    """One line of ASCII, whatever the octets."""
    return data.decode("latin-1").encode("unicode_escape").decode("ascii")


def why(error):
    """One word for how a connection failed or ended."""
    if isinstance(error, socket.timeout):
        return "timeout"
    names = {
        errno.ECONNREFUSED: "refused",
        errno.ECONNRESET: "reset",
        errno.EPIPE: "reset",
        errno.ETIMEDOUT: "timeout",
        errno.EHOSTUNREACH: "unreachable",
        errno.ENETUNREACH: "unreachable",
    }
    return names.get(error.errno, str(error))
