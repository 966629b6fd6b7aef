#!/usr/bin/env python3
"""The table of results: table.py [--quiet | --write FILE] --expected FILE --earlier FILE RESULTS

RESULTS has a line for every try: client, stage and cell, by tabs. The expected and the earlier table
are files with a first line of stages and a line for each client. Prints the table and where it differs
from what was measured earlier, with a scripted server (not with --quiet), and what is worse than
expected: then the exit status is 1."""

import argparse
import sys

STAGES = ["greeting", "ehlo", "mail", "rcpt", "command", "adaptive"]
TEXT = {"+": 3, "L": 2, "1": 1, "-": 0}

HEAD = """# What real clients do with op25bd's refusal

Written by `contrib/check-clients`: Debian 12's clients, through a real interception, with the shipped text.
[README.md](README.md) says how, and how to add a client.

`B` bounced at once, `D` deferred (stays in a queue for days; the person sees nothing), `+` the whole text
reaches the person, `L`/`1` only its last/first line, `-` no text, `X` given up and nobody told, `?` the client
made no connection. Rows with `-tls` require STARTTLS, rows with `-auth` have a password configured. The number
under adaptive is the attempt whose refusal came home; one attempt of a mail server is one turn of its queue.
"""

DIFFERENT = "Different from what the same clients did with a scripted server (earlier.tsv -> now):"


def read_table(path):
    """{client: {stage: cell}}, in the order of the file."""
    table = {}
    with open(path, encoding="utf-8") as file:
        lines = [line.rstrip("\n").split("\t") for line in file if line.strip() and line[0] != "#"]
    for client, *cells in lines[1:]:
        table[client] = dict(zip(lines[0][1:], cells))
    return table


def read_results(path):
    """The same of lines of client, stage and cell."""
    table = {}
    with open(path, encoding="utf-8") as file:
        for line in file:
            client, stage, cell = line.rstrip("\n").split("\t")
            table.setdefault(client, {})[stage] = cell
    return table


def score(cell):
    """How good a result is for the person: (reached and with how much text, how soon)."""
    result, _, attempt = cell.partition(" ")
    if result in ("?", "X", "D", "D-"):
        return (-1 if result == "?" else 0, 0)  # deferred or lost: the person sees nothing
    return (1 + TEXT.get(result[-1], 0), -int(attempt or 1))


def markdown(table, stages, order):
    """The table, clients in the order of the expected ones."""
    names = [name for name in order if name in table] + [name for name in table if name not in order]
    lines = ["| client | " + " | ".join(stages) + " |", "|---" * (len(stages) + 1) + "|"]
    for name in names:
        lines.append(f"| {name} | " + " | ".join(table[name].get(stage, "") for stage in stages) + " |")
    return "\n".join(lines)


def compare(table, other, different):
    """[client, stage: was, is] wherever different(is, was)."""
    found = []
    for name, cells in table.items():
        for stage, cell in cells.items():
            was = other.get(name, {}).get(stage, "")
            if was and different(cell, was):
                found.append(f"{name}, {stage}: {was} -> {cell}")
    return found


def main():
    """Prints, writes, and judges."""
    parser = argparse.ArgumentParser()
    for option in ("--write", "--expected", "--earlier"):
        parser.add_argument(option)
    parser.add_argument("--quiet", action="store_true")
    parser.add_argument("results")
    arguments = parser.parse_args()
    table, expected = read_results(arguments.results), read_table(arguments.expected)
    stages = [stage for stage in STAGES if any(stage in cells for cells in table.values())]
    text = markdown(table, stages, list(expected))
    changed = compare(table, read_table(arguments.earlier), lambda cell, was: score(cell) != score(was))
    worse = compare(table, expected, lambda cell, was: score(cell) < score(was))
    missing = [name for name in table if name not in expected]
    differences = "\n".join([DIFFERENT, ""] + [f"- {line}" for line in changed or ["nothing"]])
    if not arguments.quiet:
        print(text, differences, sep="\n\n", end="\n\n")
    if arguments.write:
        with open(arguments.write, "w", encoding="utf-8") as file:
            print(HEAD, text, "", differences, sep="\n", file=file)
    for line in worse:
        print(f"FAIL: worse than expected: {line}")
    for name in missing:
        print(f"FAIL: {name} is not in the table of what is expected")
    return 1 if worse or missing else 0


sys.exit(main())
