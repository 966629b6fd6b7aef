#!/usr/bin/env python3
"""confined.py UNIT PROGRAM [ARGUMENT]...: runs the program under the system call filter of a unit.

Reads SystemCallFilter= and RestrictAddressFamilies= as systemd.exec(5) describes them, sets of calls
expanded by systemd-analyze(1). What the filter does not allow fails with EPERM, as in the unit.
"""
import errno
import os
import socket
import subprocess
import sys

import seccomp

ALWAYS = "@default"  # systemd allows these whatever the unit says


def settings(unit, key):
    with open(unit, encoding="utf-8") as lines:
        return [line.split("=", 1)[1].split() for line in lines if line.startswith(key + "=")]


def calls_of(name):
    """The calls that a set, or a single name, stands for."""
    if not name.startswith("@"):
        return {name}
    listed = subprocess.run(
        ["systemd-analyze", "syscall-filter", name], check=True, capture_output=True, text=True
    ).stdout.split("\n")
    words = [line.strip() for line in listed if line.startswith(" ")]
    return set().union(*(calls_of(word) for word in words if not word.startswith("#")))


def allowed_calls(unit):
    allowed = calls_of(ALWAYS)
    for words in settings(unit, "SystemCallFilter"):
        takes_away = words[0].startswith("~")
        for word in words:
            calls = calls_of(word.lstrip("~"))
            allowed = allowed - calls if takes_away else allowed | calls
    return allowed | {"execve"}


def main():
    unit, command = sys.argv[1], sys.argv[2:]
    allowed = allowed_calls(unit) - {"socket"}
    rules = seccomp.SyscallFilter(defaction=seccomp.ERRNO(errno.EPERM))
    for call in sorted(allowed):
        try:
            rules.add_rule(seccomp.ALLOW, call)
        except (RuntimeError, ValueError):
            pass  # of another architecture, or newer than the library
    for family in sum(settings(unit, "RestrictAddressFamilies"), []):
        rules.add_rule(
            seccomp.ALLOW, "socket", seccomp.Arg(0, seccomp.EQ, getattr(socket, family))
        )
    rules.load()
    os.execv(command[0], command)


main()
