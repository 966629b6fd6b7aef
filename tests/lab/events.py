#!/usr/bin/env python3
"""Looks for lines in a file of one JSON object per line, while it is being written.

    events.py wait --file FILE [--after N] [--count N] [--within SECONDS] CONDITION...
    events.py count --file FILE [--after N] CONDITION...
    events.py key KEY          (reads one line from stdin, prints the value)

A condition is one argument; all of them have to hold:
    KEY=VALUE   KEY!=VALUE     as printed: 25, true, null, text without its quotes
    KEY~REGEX                  somewhere in the value
    KEY>=NUMBER KEY<=NUMBER
    KEY         !KEY           the line has, or has not, such a key

A line that is not JSON is an error, whatever the conditions. One without its newline is still
being written.
"""

import argparse
import json
import os
import re
import sys
import time

POLL_S = 0.02
CONDITION = re.compile(r"(!?)([A-Za-z_][\w.-]*)(?:(=|!=|~|>=|<=)(.*))?", re.DOTALL)
RELATIONS = {
    "=": lambda got, wanted: as_printed(got) == wanted,
    "!=": lambda got, wanted: as_printed(got) != wanted,
    "~": lambda got, wanted: re.search(wanted, as_printed(got)) is not None,
    ">=": lambda got, wanted: is_number(got) and got >= float(wanted),
    "<=": lambda got, wanted: is_number(got) and got <= float(wanted),
}


def as_printed(value):
    return value if isinstance(value, str) else json.dumps(value)


def is_number(value):
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def parse_condition(text):
    match = CONDITION.fullmatch(text)
    if match is None or (match[1] and match[3]):
        raise argparse.ArgumentTypeError(f"{text} is no condition")
    absent, key, relation, wanted = match.groups()
    if absent:
        return lambda line: key not in line
    if relation is None:
        return lambda line: key in line
    return lambda line: key in line and RELATIONS[relation](line[key], wanted)


class File:
    """The complete lines of a file that may not exist yet, each read once."""

    def __init__(self, path, skip):
        self.path = path
        self.skip = skip
        self.number = 0
        self.stream = None
        self.rest = ""

    def lines(self):
        if self.stream is None:
            if not os.path.exists(self.path):
                return
            self.stream = open(self.path, encoding="utf-8")
        *complete, self.rest = (self.rest + self.stream.read()).split("\n")
        for line in complete:
            self.number += 1
            if self.number > self.skip:
                yield line, self.parse(line)

    def parse(self, line):
        try:
            return json.loads(line)
        except ValueError as error:
            sys.exit(f"{self.path}:{self.number}: {error}: {line}")


def matching(file, conditions):
    for line, value in file.lines():
        if all(condition(value) for condition in conditions):
            yield line


def wait(arguments):
    file = File(arguments.file, arguments.after)
    patience = float(os.environ.get("LAB_PATIENCE", "1"))
    deadline = time.monotonic() + arguments.within * patience
    found = []
    while True:
        found += matching(file, arguments.conditions)
        if len(found) >= arguments.count:
            break
        if time.monotonic() > deadline:
            sys.exit(
                f"{len(found)} of {arguments.count} lines in {file.path} after line "
                f"{arguments.after} met: {' '.join(arguments.texts)}"
            )
        time.sleep(POLL_S)
    print("\n".join(found[: arguments.count]))


def count(arguments):
    file = File(arguments.file, arguments.after)
    print(sum(1 for _ in matching(file, arguments.conditions)))


def key(arguments):
    value = json.loads(sys.stdin.readline())
    if arguments.key not in value:
        sys.exit(f"no key {arguments.key} in {value}")
    print(as_printed(value[arguments.key]))


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    commands = parser.add_subparsers(dest="command", required=True)
    for name, function in (("wait", wait), ("count", count)):
        command = commands.add_parser(name)
        command.set_defaults(run=function)
        command.add_argument("--file", required=True)
        command.add_argument("--after", type=int, default=0, metavar="N")
        command.add_argument("texts", nargs="*", metavar="CONDITION")
        if function is wait:
            command.add_argument("--count", type=int, default=1)
            command.add_argument("--within", type=float, default=10, metavar="SECONDS")
    command = commands.add_parser("key")
    command.set_defaults(run=key)
    command.add_argument("key")
    arguments = parser.parse_args()
    if arguments.command != "key":
        try:
            arguments.conditions = [parse_condition(text) for text in arguments.texts]
        except argparse.ArgumentTypeError as error:
            parser.error(str(error))
    arguments.run(arguments)


if __name__ == "__main__":
    main()
