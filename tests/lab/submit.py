"""One message, by smtplib: DATA with text, or BDAT (RFC 3030) with octets of any kind."""

import smtplib
import ssl

import wire

SENDER = "sender@subscriber.example"
RECIPIENT = "recipient@other.example"
HELLO = "subscriber.example"


def message(arguments):
    if arguments.file is not None:
        with open(arguments.file, "rb") as file:
            return file.read()
    head = f"From: <{SENDER}>\r\nTo: <{RECIPIENT}>\r\nSubject: {arguments.seed}\r\n\r\n".encode()
    if arguments.binary:
        return head + b"".join(wire.random_bytes(arguments.size, arguments.seed))
    return head + wire.random_text(arguments.size, arguments.seed)


def open_session(arguments):
    source = None if arguments.source is None else (arguments.source, arguments.source_port)
    kind = smtplib.SMTP
    more = {}
    context = ssl.create_default_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    if arguments.tls:
        kind = smtplib.SMTP_SSL
        more["context"] = context
    session = kind(
        arguments.address,
        arguments.port,
        local_hostname=HELLO,
        timeout=arguments.timeout,
        source_address=source,
        **more,
    )
    session.ehlo_or_helo_if_needed()
    if arguments.starttls:
        session.starttls(context=context)
        session.ehlo()
    return session


def expect(wanted, answer):
    code, text = answer
    if code != wanted:
        raise smtplib.SMTPResponseException(code, text)
    return answer


def send_data(session, content, _):
    return expect(250, session.data(content))


def send_chunks(session, content, size):
    pieces = [content[at : at + size] for at in range(0, len(content), size)]
    for piece in pieces[:-1]:
        session.send(b"BDAT %d\r\n" % len(piece) + piece)
        expect(250, session.getreply())
    session.send(b"BDAT %d LAST\r\n" % len(pieces[-1]) + pieces[-1])
    return expect(250, session.getreply())


def deliver(arguments):
    """Prints the server's answer as SMTP has it, then "sent SIZE SHA256"; 0 when it is accepted."""
    content = message(arguments)
    send_content = send_chunks if arguments.binary else send_data
    try:
        session = open_session(arguments)
        expect(250, session.mail(SENDER))
        expect(250, session.rcpt(RECIPIENT))
        code, text = send_content(session, content, arguments.chunk)
        session.quit()
    except smtplib.SMTPResponseException as refusal:
        print_reply(refusal.smtp_code, refusal.smtp_error)
        return 1
    except smtplib.SMTPException as error:
        print(f"= {type(error).__name__}: {error}")
        return 1
    except OSError as error:
        print(f"= {wire.why(error)}")
        return 1
    print_reply(code, text)
    print(f"sent {len(content)} {wire.digest(content)}")
    return 0


def print_reply(code, text):
    lines = text.decode("ascii", "backslashreplace") if isinstance(text, bytes) else text
    for line in lines.splitlines():
        print(f"{code} {line}")
