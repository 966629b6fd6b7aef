#!/usr/bin/env python3
"""The name server of the clients' internet: dns.py ADDRESS. other.example has a mail server at
OTHER4, over IPv4 only, so that one attempt is one connection; no other name exists."""

import socket
import struct
import sys

A, MX, ANY = 1, 15, 255
MAIL = b"\4mail\5other\7example\0"
RECORDS = {
    b"\5other\7example\0": (MX, struct.pack(">H", 10) + MAIL),
    MAIL: (A, socket.inet_aton("192.0.2.25")),
}


def answer(query):
    """The reply to one question, or None to what is not one."""
    end = query.find(b"\0", 12) + 1
    if len(query) < 17 or end < 13 or len(query) < end + 4:
        return None
    name, kind = query[12:end], struct.unpack(">H", query[end : end + 2])[0]
    record = RECORDS.get(name.lower())
    found = record is not None and kind in (record[0], ANY)
    head = query[:2] + struct.pack(">HHHHH", 0x8580 | (0 if record else 3), 1, int(found), 0, 0)
    reply = head + query[12 : end + 4]
    if found:
        reply += b"\xc0\x0c" + struct.pack(">HHIH", record[0], 1, 3600, len(record[1])) + record[1]
    return reply


def main():
    """Answers until it is stopped. "ready" is said once it can."""
    port = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    port.bind((sys.argv[1], 53))
    print("ready", flush=True)
    while True:
        query, peer = port.recvfrom(4096)
        reply = answer(query)
        if reply:
            port.sendto(reply, peer)


main()
