#!/usr/bin/env python3
"""Keeps what is said to syslog: syslog.py SOCKET FILE. Most mail servers say nowhere else what they do."""

import socket
import sys

port = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
port.bind(sys.argv[1])
with open(sys.argv[2], "ab", buffering=0) as log:
    while True:
        log.write(port.recv(65536).rstrip(b"\0\n") + b"\n")
