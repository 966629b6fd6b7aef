"""One SMTP session as a server: enough of RFC 5321 to receive what real clients send, with
PIPELINING (RFC 2920), CHUNKING (RFC 3030), STARTTLS (RFC 3207) and, under TLS, AUTH (RFC 4954).

Every message is kept as DIR/SESSION-NUMBER.eml and reported as
    {"event":"message", "session":, "peer":, "from":, "to":, "by":"DATA"|"BDAT", "tls":,
     "size":, "sha256":, "file":}
Its content is what the client meant: without the dots SMTP adds, line ends as they came.
"""

import os

import wire

HOST = "mail.other.example"
LINE_MAX = 1 << 16


class Disconnected(Exception):
    """The client is gone in the middle of something."""


class SmtpSession:
    def __init__(self, connection, journal, tls, secure=False):
        self.connection = connection
        self.journal = journal
        self.tls = tls  # context; None: no STARTTLS
        self.secure = secure
        self.buffer = bytearray()
        self.messages = 0
        self.over = False
        self.forget()

    def forget(self):
        """What RSET does."""
        self.sender = None
        self.recipients = []
        self.chunks = None

    # Octets.

    def fill(self):
        data = self.connection.receive()
        if not data:
            raise Disconnected
        self.buffer += data

    def take(self, size):
        while len(self.buffer) < size:
            self.fill()
        data = bytes(self.buffer[:size])
        del self.buffer[:size]
        return data

    def take_line(self):
        while (end := self.buffer.find(b"\n")) == -1:
            if len(self.buffer) > LINE_MAX:
                raise Disconnected
            self.fill()
        return self.take(end + 1).rstrip(b"\r\n")

    def take_message(self):
        """Up to the lone dot. The CRLF before the first line is only thought."""
        text = bytearray(wire.CRLF)
        while True:
            searched = max(0, len(text) - 5)
            text += self.buffer
            self.buffer.clear()
            end = text.find(b"\r\n.\r\n", searched)
            if end != -1:
                break
            self.fill()
        self.buffer += text[end + 5 :]
        return bytes(text[: end + 2]).replace(b"\r\n.", b"\r\n")[2:]

    def reply(self, code, *lines):
        marks = "-" * (len(lines) - 1) + " "
        text = "".join(f"{code}{mark}{line}\r\n" for mark, line in zip(marks, lines))
        self.connection.send(text.encode("ascii"))

    # Commands. Each gets what follows the verb.

    def ehlo(self, _):
        self.forget()
        lines = [HOST, "PIPELINING", "8BITMIME", "SIZE 209715200", "CHUNKING"]
        if self.secure:
            lines.append("AUTH PLAIN LOGIN")
        elif self.tls is not None:
            lines.append("STARTTLS")
        self.reply(250, *lines)

    def helo(self, _):
        self.forget()
        self.reply(250, HOST)

    def starttls(self, _):
        if self.tls is None or self.secure:
            self.reply(502, "not offered")
            return
        self.buffer.clear()  # RFC 3207, 6: nothing said before TLS counts after it
        self.reply(220, "go ahead")
        self.connection.start_tls(self.tls)
        self.secure = True
        self.forget()

    def auth(self, parameters):
        if not self.secure:
            self.reply(538, "only under TLS")
            return
        mechanism, *initial = parameters.split()
        wanted = 2 if mechanism.upper() == "LOGIN" else 1
        for _ in range(wanted - len(initial)):
            self.reply(334, "")
            self.take_line()
        self.reply(235, "welcome, whoever you are")

    def mail(self, parameters):
        self.forget()
        self.sender = parameters.partition(":")[2].split()[0]
        self.reply(250, "sender ok")

    def rcpt(self, parameters):
        if self.sender is None:
            self.reply(503, "MAIL first")
            return
        self.recipients.append(parameters.partition(":")[2].split()[0])
        self.reply(250, "recipient ok")

    def data(self, _):
        if not self.recipients:
            self.reply(503, "RCPT first")
            return
        self.reply(354, "go on, end with a lone dot")
        self.store(self.take_message(), "DATA")

    def bdat(self, parameters):
        size, *last = parameters.split()
        chunk = self.take(int(size))
        if not self.recipients:
            self.reply(503, "RCPT first")
            return
        self.chunks = (self.chunks or []) + [chunk]
        if last:
            self.store(b"".join(self.chunks), "BDAT")
        else:
            self.reply(250, f"{size} octets")

    def store(self, content, verb):
        self.messages += 1
        name = f"{self.connection.session}-{self.messages}.eml"
        with open(os.path.join(self.journal.directory, name), "wb") as file:
            file.write(content)
        self.journal.write(
            {
                "event": "message",
                "session": self.connection.session,
                "peer": self.connection.peer,
                "from": self.sender,
                "to": self.recipients,
                "by": verb,
                "tls": self.secure,
                "size": len(content),
                "sha256": wire.digest(content),
                "file": name,
            }
        )
        self.forget()
        self.reply(250, f"message {name} stored")

    def rset(self, _):
        self.forget()
        self.reply(250, "forgotten")

    def noop(self, _):
        self.reply(250, "fine")

    def quit(self, _):
        self.over = True
        self.reply(221, "bye")

    COMMANDS = {
        "EHLO": ehlo,
        "HELO": helo,
        "STARTTLS": starttls,
        "AUTH": auth,
        "MAIL": mail,
        "RCPT": rcpt,
        "DATA": data,
        "BDAT": bdat,
        "RSET": rset,
        "NOOP": noop,
        "QUIT": quit,
    }

    def greet(self):
        self.reply(220, f"{HOST} ESMTP")

    def run(self):
        """Returns how the session ended."""
        try:
            self.greet()
            while not self.over:
                line = self.take_line().decode("ascii", "backslashreplace")
                verb, _, parameters = line.partition(" ")
                verb = verb.upper()
                self.connection.commands.append(verb)
                if verb in self.COMMANDS:
                    self.COMMANDS[verb](self, parameters)
                else:
                    self.reply(500, "what?")
        except Disconnected:
            return "eof"
        return "quit"
