#!/usr/bin/env python3
"""Servers on the far side of the box, each doing one thing, and a record of what they saw.

    smtp_server.py --directory DIR [--certificate FILE --key FILE] LISTENER...

A listener is ADDRESS:PORT[=MODE[:NUMBER]], an IPv6 address in brackets. The modes:
    smtp        (default) an SMTP server, see smtp_session.py
    smtps       the same, TLS from the first octet on
    slow:MS     smtp, but waits so long before each time it reads or answers
    reset:N     smtp, but resets the connection once it has received N octets (0: at once)
    goodbye     says its greeting and closes
    silent      accepts, never says a word, closes when the client does
    echo        sends back all it gets, until the client closes its half
    digest      reads until the client closes its half, then says "SIZE SHA256" and closes
    flood:N     sends N octets of random_bytes(seed N), closes its half, then reads to the end

"ready" on stdout means that all listeners are open. DIR/sessions.jsonl then gets
    {"event":"connect", "session":, "listener":, "mode":, "peer":, "peer_port":}
    {"event":"message", ...}     see smtp_session.py
    {"event":"end", ..., "commands":, "bytes_in":, "bytes_out":, "sha256":, "end":}
where sha256 is of all octets received (after TLS, if any), "end" is "eof" or "reset" (by the
client), "quit" or "server" (we closed, or reset). An error of the server itself goes to stderr.
"""

import argparse
import hashlib
import json
import os
import socket
import ssl
import threading
import time
import traceback

import wire
from smtp_session import SmtpSession


class Reset(Exception):
    """It is time to reset the connection."""


class Journal:
    """The file sessions.jsonl, written by all threads."""

    def __init__(self, directory):
        self.directory = directory
        self.stream = open(os.path.join(directory, "sessions.jsonl"), "a", encoding="ascii")
        self.lock = threading.Lock()
        self.sessions = 0

    def number(self):
        with self.lock:
            self.sessions += 1
            return self.sessions

    def write(self, record):
        line = json.dumps(record, separators=(",", ":"))
        with self.lock:
            print(line, file=self.stream, flush=True)


class Connection:
    """A socket that counts, and that keeps to what its listener's mode says about pace."""

    def __init__(self, accepted, session, peer, mode):
        self.socket = accepted
        self.session = session  # its number
        self.peer = peer  # address
        self.pause_s = mode.number / 1000 if mode.name == "slow" else 0
        self.reset_after = mode.number if mode.name == "reset" else None
        self.received = hashlib.sha256()
        self.bytes_in = 0
        self.bytes_out = 0
        self.commands = []  # verbs, filled in by SmtpSession
        self.check_reset()

    def check_reset(self):
        if self.reset_after is not None and self.bytes_in >= self.reset_after:
            raise Reset

    def receive(self):
        """What there is, b"" at the end."""
        time.sleep(self.pause_s)
        data = self.socket.recv(wire.CHUNK)
        self.bytes_in += len(data)
        self.received.update(data)
        self.check_reset()
        return data

    def send(self, data):
        time.sleep(self.pause_s)
        self.socket.sendall(data)
        self.bytes_out += len(data)

    def start_tls(self, context):
        self.socket = context.wrap_socket(self.socket, server_side=True)

    def end_output(self):
        self.socket.shutdown(socket.SHUT_WR)

    def drain(self):
        while self.receive():
            pass


def serve_smtp(connection, server, _):
    return SmtpSession(connection, server.journal, server.tls).run()


def serve_smtps(connection, server, _):
    connection.start_tls(server.tls)
    return SmtpSession(connection, server.journal, server.tls, secure=True).run()


def serve_goodbye(connection, server, _):
    SmtpSession(connection, server.journal, server.tls).greet()
    return "server"


def serve_silent(connection, *_):
    connection.drain()
    return "eof"


def serve_echo(connection, *_):
    while data := connection.receive():
        connection.send(data)
    return "eof"


def serve_digest(connection, *_):
    connection.drain()
    summary = f"{connection.bytes_in} {connection.received.hexdigest()}"
    connection.send(summary.encode() + wire.CRLF)
    return "eof"


def serve_flood(connection, _, mode):
    for piece in wire.random_bytes(mode.number, mode.number):
        connection.send(piece)
    connection.end_output()
    connection.drain()
    return "eof"


MODES = {
    "smtp": serve_smtp,
    "smtps": serve_smtps,
    "slow": serve_smtp,
    "reset": serve_smtp,
    "goodbye": serve_goodbye,
    "silent": serve_silent,
    "echo": serve_echo,
    "digest": serve_digest,
    "flood": serve_flood,
}
WITH_NUMBER = ("slow", "reset", "flood")


class Mode:
    def __init__(self, text):
        self.name, colon, number = text.partition(":")
        if self.name not in MODES or bool(colon) != (self.name in WITH_NUMBER):
            raise ValueError(f"{text} is no mode")
        self.number = int(number) if colon else None


class Server:
    def __init__(self, journal, tls):
        self.journal = journal
        self.tls = tls

    def listen(self, text):
        where, _, mode = text.partition("=")
        family, address, port = wire.parse_endpoint(where)
        mode = Mode(mode or "smtp")
        listener = socket.create_server((address, port), family=family, backlog=1024)
        threading.Thread(target=self.accept, args=(listener, where, mode), daemon=True).start()

    def accept(self, listener, where, mode):
        while True:
            accepted, peer = listener.accept()
            what = {
                "session": self.journal.number(),
                "listener": where,
                "mode": mode.name,
                "peer": peer[0],
                "peer_port": peer[1],
            }
            self.journal.write({"event": "connect", **what})
            threading.Thread(target=self.serve, args=(accepted, what, mode), daemon=True).start()

    def serve(self, accepted, what, mode):
        connection = None
        try:
            connection = Connection(accepted, what["session"], what["peer"], mode)
            end = MODES[mode.name](connection, self, mode)
            connection.socket.close()
        except Reset:
            wire.reset(accepted if connection is None else connection.socket)
            end = "server"
        except ssl.SSLError as error:
            end = f"tls: {error.reason}"
        except OSError as error:
            end = wire.why(error)
        except Exception:
            traceback.print_exc()
            end = "error"
        self.journal.write({"event": "end", **what, **self.totals(connection), "end": end})

    @staticmethod
    def totals(connection):
        if connection is None:
            return {"bytes_in": 0, "bytes_out": 0}
        return {
            "commands": connection.commands,
            "bytes_in": connection.bytes_in,
            "bytes_out": connection.bytes_out,
            "sha256": connection.received.hexdigest(),
        }


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--directory", required=True)
    parser.add_argument("--certificate")
    parser.add_argument("--key")
    parser.add_argument("listeners", nargs="+", metavar="LISTENER")
    arguments = parser.parse_args()
    tls = None
    if arguments.certificate is not None:
        tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        tls.load_cert_chain(arguments.certificate, arguments.key)
    server = Server(Journal(arguments.directory), tls)
    for text in arguments.listeners:
        server.listen(text)
    print("ready", flush=True)
    threading.Event().wait()


if __name__ == "__main__":
    main()
