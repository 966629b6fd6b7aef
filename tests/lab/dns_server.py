#!/usr/bin/env python3
"""A name server for tests: answers from a file, in the way the file says, and writes down what it
was asked.

    dns_server.py --zone FILE --queries FILE ADDRESS...

The zone file has a line for each record, NAME TYPE VALUE [TTL]: "mx.isp.example A 192.0.2.25",
"25.2.0.192.in-addr.arpa PTR mx.isp.example 60"; an address in place of NAME stands for its reverse
name. It is read anew for each question. Besides records it may have "mode dead" (no answer at
all), "mode slow MS" (answers after a while) and "mode refuse" (SERVFAIL).
"""

import argparse
import ipaddress
import socket
import struct
import sys
import threading
import time

TYPES = {"A": 1, "PTR": 12, "AAAA": 28}
NAMES = {number: name for name, number in TYPES.items()}


def key(name):
    try:
        return ipaddress.ip_address(name).reverse_pointer
    except ValueError:
        return name.rstrip(".").lower()


def read_zone(path):
    records, mode = {}, ["answer"]
    with open(path, encoding="ascii") as lines:
        for fields in (line.split() for line in lines):
            if fields and fields[0] == "mode":
                mode = fields[1:]
            elif fields and not fields[0].startswith("#"):
                ttl = int(fields[3]) if len(fields) > 3 else 3600
                records.setdefault((key(fields[0]), fields[1]), []).append((fields[2], ttl))
    return records, mode


def labels(name):
    return b"".join(bytes([len(part)]) + part.encode("latin-1").decode("unicode_escape").encode("latin-1")
                    for part in name.rstrip(".").split(".")) + b"\0"


def encode(kind, value):
    return labels(value) if kind == "PTR" else ipaddress.ip_address(value).packed


def question(packet):
    """The name as asked, its type, and where the question ends."""
    at, parts = 12, []
    while packet[at]:
        parts.append(packet[at + 1:at + 1 + packet[at]].decode("latin-1"))
        at += 1 + packet[at]
    return ".".join(parts), struct.unpack("!H", packet[at + 1:at + 3])[0], at + 5


def answer(packet, records, mode):
    name, number, end = question(packet)
    kind = NAMES.get(number, str(number))
    found = records.get((name.lower(), kind), [])
    known = any(known == name.lower() for known, _ in records)
    code = 2 if mode[0] == "refuse" else 0 if known else 3
    reply = packet[:2] + struct.pack("!HHHHH", 0x8180 | code, 1, len(found), 0, 0)
    reply += packet[12:end]
    for value, ttl in found:
        data = encode(kind, value)
        reply += b"\xc0\x0c" + struct.pack("!HHIH", number, 1, ttl, len(data)) + data
    return f"{kind} {name.lower()}", reply


def serve(listener, arguments, lock):
    while True:
        packet, peer = listener.recvfrom(4096)
        records, mode = read_zone(arguments.zone)
        asked, reply = answer(packet, records, mode)
        with lock, open(arguments.queries, "a", encoding="ascii") as queries:
            queries.write(asked + "\n")
        if mode[0] == "dead":
            continue
        wait = int(mode[1]) / 1000 if mode[0] == "slow" else 0
        threading.Timer(wait, listener.sendto, (reply, peer)).start()


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--zone", required=True)
    parser.add_argument("--queries", required=True)
    parser.add_argument("address", nargs="+")
    arguments = parser.parse_args()
    lock = threading.Lock()
    for address in arguments.address:
        family = socket.AF_INET6 if ":" in address else socket.AF_INET
        listener = socket.socket(family, socket.SOCK_DGRAM)
        listener.bind((address, 53))
        threading.Thread(target=serve, args=(listener, arguments, lock), daemon=True).start()
    print("ready", flush=True)
    while True:
        time.sleep(3600)


if __name__ == "__main__":
    sys.exit(main())
