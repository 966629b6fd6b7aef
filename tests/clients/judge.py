#!/usr/bin/env python3
"""What of the explanation is in a text: judge.py TEMPLATE FILE... prints "+" for the whole of it, "L"
or "1" for its last or its first line only, "-" for none. A FILE may be what a program printed or a
message; how its lines are wrapped does not matter."""

import email
import email.policy
import re
import sys


def readable(path):
    """The file, and if it is a message with encoded parts, these as well in the clear."""
    with open(path, "rb") as file:
        raw = file.read()
    texts = [raw.decode(errors="replace")]
    if b"Content-Transfer-Encoding" in raw:
        for part in email.message_from_bytes(raw, policy=email.policy.compat32).walk():
            texts.append((part.get_payload(decode=True) or b"").decode(errors="replace"))
    return "".join("".join(texts).split())


def patterns(template):
    """One regular expression for each line that is always said, blind to spaces, variables and the
    codes and hyphens that a mail program may take away or leave."""
    with open(template, encoding="ascii") as file:
        lines = [line for line in file if line.strip() and "%{?" not in line]
    found = []
    for line in lines:
        words = re.split(r"%\{\w+\}", line)
        found.append(".{0,60}?".join(re.escape("".join(word.split())) for word in words))
    return found


def main():
    """Prints the verdict."""
    text = "\n".join(readable(path) for path in sys.argv[2:])
    there = [re.search(pattern, text) is not None for pattern in patterns(sys.argv[1])]
    if all(there):
        print("+")
    elif there[-1]:
        print("L")
    elif there[0]:
        print("1")
    else:
        print("-")


main()
