#!/usr/bin/env python3
"""What a bot does, or a polite client, from one address to many: a connection to each.

    bot.py [--hello NAME] [--quit] [--times N] SOURCE ADDRESS...

Reads the greeting; says EHLO NAME and reads the reply; says QUIT and reads to the end; closes. Its
system acknowledges what it reads as late as it may.
"""

import argparse
import socket


def visit(arguments, address):
    with socket.create_connection((address, 25), 10, (arguments.source, 0)) as client:
        client.setsockopt(socket.IPPROTO_TCP, socket.TCP_QUICKACK, 0)
        lines = client.makefile("rb")
        reply(lines)
        if arguments.hello:
            client.sendall(f"EHLO {arguments.hello}\r\n".encode())
            reply(lines)
        if arguments.quit:
            client.sendall(b"QUIT\r\n")
            lines.read()


def reply(lines):
    while (line := lines.readline()) and line[3:4] == b"-":
        pass
    print(line.decode("ascii", "replace").rstrip())


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--hello", metavar="NAME")
    parser.add_argument("--quit", action="store_true")
    parser.add_argument("--times", type=int, default=1, metavar="N")
    parser.add_argument("source")
    parser.add_argument("addresses", nargs="+", metavar="ADDRESS")
    arguments = parser.parse_args()
    for address in arguments.addresses * arguments.times:
        visit(arguments, address)


if __name__ == "__main__":
    main()
