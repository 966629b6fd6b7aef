#!/usr/bin/env python3
"""What a subscriber's programs do, and what they must not be able to do.

    client.py COMMAND [OPTION]... ADDRESS ...

    dialogue ADDRESS [STEP]...  one connection, step by step, see dialogue.py
    send ADDRESS                a message, by smtplib
    chunking ADDRESS            a binary message, by BDAT
    stream ADDRESS              octets, as they are, both ways at once
    flood ADDRESS COUNT         many connections, a few at once, and their latency, see flood.py
    hold ADDRESS COUNT          many connections at once, until SIGTERM
    raw ADDRESS                 by a TCP of its own, see raw_client.py

All take --source ADDRESS, --port PORT (25) and --timeout SECONDS (for each wait).
"""

import argparse
import signal
import socket
import sys
import threading

import dialogue
import flood
import raw_client
import submit
import wire


class Push(threading.Thread):
    """Sends while another thread receives."""

    def __init__(self, client, arguments):
        super().__init__(daemon=True)
        self.client = client
        self.arguments = arguments
        self.error = None

    def run(self):
        arguments = self.arguments
        try:
            for piece in wire.random_bytes(arguments.size, arguments.seed):
                self.client.sendall(piece)
            if not arguments.keep_open:
                self.client.shutdown(socket.SHUT_WR)
        except OSError as error:
            self.error = error


def exchange(arguments, received):
    """Fills received; how it ended."""
    try:
        client = wire.connect(arguments)
        push = Push(client, arguments)
        push.start()
        while data := client.recv(wire.CHUNK):
            received += data
        push.join(arguments.timeout)
        client.close()
    except OSError as error:
        return wire.why(error)
    # The kernel tells of a reset once: when the sender heard it, the receiver saw an end.
    return "eof" if push.error is None else wire.why(push.error)


def stream(arguments):
    sent = b"".join(wire.random_bytes(arguments.size, arguments.seed))
    received = bytearray()
    end = exchange(arguments, received)
    if len(received) < 100:
        print(f"text {wire.printable(bytes(received)).rstrip()}")
    print(f"sent {len(sent)} {wire.digest(sent)}")
    print(f"received {len(received)} {wire.digest(bytes(received))}")
    print(f"= {end}")
    return 0 if end == "eof" else 1


def tally(words):
    words = list(words)
    return " ".join(f"{word}={words.count(word)}" for word in sorted(set(words)))


def first_code(client):
    try:
        return wire.printable(client.recv(wire.CHUNK)[:3]) or "eof"
    except OSError as error:
        return wire.why(error)


def state(client):
    """open, eof or reset; what there is to read is thrown away."""
    client.setblocking(False)
    try:
        while client.recv(wire.CHUNK):
            pass
    except BlockingIOError:
        return "open"
    except OSError as error:
        return wire.why(error)
    return "eof"


def hold(arguments):
    clients = []
    failures = []
    signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGTERM])
    for _ in range(arguments.count):
        try:
            clients.append(wire.connect(arguments))
        except OSError as error:
            failures.append(wire.why(error))
    codes = failures + ([] if arguments.mute else [first_code(client) for client in clients])
    print(f"holding {len(clients)}: {tally(codes)}", flush=True)
    signal.sigwait([signal.SIGTERM])
    print(f"held {tally(state(client) for client in clients)}")
    return 0


def parse_arguments():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    commands = parser.add_subparsers(dest="command", required=True)

    def command(name, run, timeout_s=10):
        added = commands.add_parser(name)
        added.set_defaults(run=run)
        added.add_argument("--source", metavar="ADDRESS")
        added.add_argument("--source-port", type=int, default=0, metavar="PORT")
        added.add_argument("--port", type=int, default=25)
        added.add_argument("--timeout", type=float, default=timeout_s, metavar="SECONDS")
        added.add_argument("address")
        return added

    command("dialogue", dialogue.run).add_argument("steps", nargs="*", metavar="STEP")
    for name in ("send", "chunking"):
        mail = command(name, submit.deliver, timeout_s=60)
        mail.set_defaults(binary=name == "chunking")
        mail.add_argument("--size", type=int, default=1000, help="octets of the body")
        mail.add_argument("--seed", type=int, default=1)
        mail.add_argument("--file", help="the whole message, in place of a made one")
        mail.add_argument("--chunk", type=int, default=65536, help="octets of one BDAT")
        mail.add_argument("--starttls", action="store_true")
        mail.add_argument("--tls", action="store_true", help="from the first octet, as on 465")
    flow = command("stream", stream, timeout_s=60)
    flow.add_argument("--size", type=int, default=0)
    flow.add_argument("--seed", type=int, default=1)
    flow.add_argument("--keep-open", action="store_true", help="do not close our half")
    many = command("flood", flood.run)
    many.add_argument("count", type=int)
    many.add_argument("--at-once", type=int, default=4)
    many = command("hold", hold)
    many.add_argument("count", type=int)
    many.add_argument("--mute", action="store_true", help="do not wait for greetings")
    raw_client.add_arguments(command("raw", raw_client.run))
    return parser.parse_args()


def main():
    arguments = parse_arguments()
    sys.exit(arguments.run(arguments))


if __name__ == "__main__":
    main()
