"""One connection, step by step, with times.

Prints "MILLISECONDS < LINE" for what it got, "> LINE" for what it sent, and last "= END", END
being eof, reset, timeout, close or "reset by us"; or refused, unreachable, timeout for a
connection that was never made, with exit status 1. Steps:
    reply          wait for a whole SMTP reply
    line:TEXT      send a line
    bytes:TEXT     send TEXT with Python's escapes: bytes:EHLO\\x20a\\r\\nQUIT\\r\\n
    repeat:N:TEXT  the same N times
    tls            go on in TLS, whoever the server is; tls:1.2 in no later version. Ends with
                   "tls: WHY" when that is not agreed on; else "* VERSION" and a hash of the
                   certificate are printed
    pause:MS       do nothing
    drain          read to the end (this is the last step unless close or reset is)
    half-close     close our half
    close          close; what is left to read is not waited for
    reset          close with a RST
"""

import hashlib
import os
import socket
import ssl
import sys
import time

import wire


def say(text):
    """Prints. A reader who has seen enough (grep -q) does not end the conversation."""
    try:
        print(text, flush=True)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def hash_of(certificate):
    return hashlib.sha256(certificate.encode()).hexdigest()[:16]


class Ended(Exception):
    """The connection is over; the argument says how."""


class Dialogue:
    def __init__(self, arguments):
        self.start = time.monotonic()
        self.arguments = arguments
        self.socket = None
        self.rest = b""

    def note(self, sign, text):
        elapsed_ms = int((time.monotonic() - self.start) * 1000)
        say(f"{elapsed_ms:6d} {sign} {text}")

    def receive_line(self):
        while b"\n" not in self.rest:
            data = self.socket.recv(wire.CHUNK)
            if not data:
                if self.rest:
                    self.note("<", wire.printable(self.rest) + " (no line end)")
                raise Ended("eof")
            self.rest += data
        line, _, self.rest = self.rest.partition(b"\n")
        self.note("<", wire.printable(line.rstrip(b"\r")))
        return line

    def reply(self, _):
        while self.receive_line()[3:4] == b"-":
            pass

    def drain(self, _):
        while True:
            self.receive_line()

    def send(self, data):
        shown = wire.printable(data.rstrip(wire.CRLF))
        self.note(">", shown if len(shown) < 200 else f"{shown[:60]}... ({len(data)} octets)")
        self.socket.sendall(data)

    def line(self, text):
        self.send(text.encode() + wire.CRLF)

    def bytes(self, text):
        self.send(text.encode("latin-1").decode("unicode_escape").encode("latin-1"))

    def repeat(self, text):
        count, _, text = text.partition(":")
        self.bytes(text * int(count))

    def tls(self, version):
        context = ssl.create_default_context()
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
        if version:
            context.minimum_version = ssl.TLSVersion.MINIMUM_SUPPORTED
            context.maximum_version = ssl.TLSVersion[f"TLSv{version.replace('.', '_')}"]
            context.set_ciphers("DEFAULT:@SECLEVEL=0")  # old versions need old hashes
        try:
            self.socket = context.wrap_socket(self.socket)
        except (ssl.SSLError, ConnectionError) as error:
            raise Ended(f"tls: {getattr(error, 'reason', None) or error}") from error
        certificate = ssl.DER_cert_to_PEM_cert(self.socket.getpeercert(True))
        self.note("*", f"{self.socket.version()} {hash_of(certificate)}")

    def pause(self, text):
        time.sleep(int(text) / 1000)

    def half_close(self, _):
        self.socket.shutdown(socket.SHUT_WR)

    def close(self, _):
        self.socket.close()
        raise Ended("close")

    def reset(self, _):
        wire.reset(self.socket)
        raise Ended("reset by us")

    STEPS = {
        "reply": reply,
        "line": line,
        "bytes": bytes,
        "repeat": repeat,
        "tls": tls,
        "pause": pause,
        "drain": drain,
        "half-close": half_close,
        "close": close,
        "reset": reset,
    }

    def run(self, steps):
        try:
            self.socket = wire.connect(self.arguments)
            for name, _, text in (step.partition(":") for step in [*steps, "drain"]):
                self.STEPS[name](self, text)
        except Ended as ended:
            self.note("=", ended)
        except OSError as error:
            self.note("=", wire.why(error))
        return 0 if self.socket is not None else 1


def run(arguments):
    for step in arguments.steps:
        if step.partition(":")[0] not in Dialogue.STEPS:
            sys.exit(f"{step} is no step of a dialogue")
    return Dialogue(arguments).run(arguments.steps)
