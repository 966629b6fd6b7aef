#!/usr/bin/env python3
"""Do the daemon's farewell, its events and the crowds' own counts agree, to the last one?

    account.py LOG EVENTS CROWDS

LOG has the daemon's "ended: N accepted, ..." line, EVENTS a line of JSON for each connection,
CROWDS a line of each crowd (see crowd.c). Prints each sum with both sides; status 1 when two
differ. What no crowd has made must not be in the files.
"""

import collections
import json
import re
import sys

FAREWELL = re.compile(
    r"ended: (\d+) accepted, (\d+) rejected, (\d+) relayed, (\d+) observed, "
    r"(\d+) turned away, (\d+) misdirected, (\d+) events_dropped"
)
KINDS = ("reject", "relay", "observe", "overload", "misdirected")


def read_farewell(path):
    with open(path, encoding="utf-8", errors="replace") as log:
        found = [match for line in log if (match := FAREWELL.search(line))]
    if not found:
        sys.exit(f"{path}: the daemon has not said its farewell")
    accepted, *kinds, dropped = (int(number) for number in found[-1].groups())
    return accepted, dict(zip(KINDS, kinds)), dropped


def read_events(path):
    events = collections.Counter()
    with open(path, encoding="utf-8") as lines:
        for line in lines:
            event = json.loads(line)
            events[event["event"], event["close"]] += 1
    return events


def read_crowds(path):
    """Counts by mode and key, such as ("flood", "ended_421")."""
    crowds = collections.Counter()
    with open(path, encoding="ascii") as lines:
        for line in lines:
            words = dict(word.split("=", 1) for word in line.split())
            mode = words.pop("mode")
            for key, value in words.items():
                if value.isdigit():
                    crowds[mode, key] += int(value)
    return crowds


def main():
    log, events_path, crowds_path = sys.argv[1:]
    accepted, kinds, dropped = read_farewell(log)
    events = read_events(events_path)
    crowds = read_crowds(crowds_path)

    def of_kind(kind):
        return sum(number for (event, _), number in events.items() if event == kind)

    def of_key(key):
        return sum(number for (_, name), number in crowds.items() if name == key)

    def rejects(*reasons):
        return sum(events["reject", reason] for reason in reasons)

    sums = [
        ("accepted, and ended in some way", accepted, sum(kinds.values())),
        ("accepted, and the crowds' connections", accepted, of_key("connected")),
        ("events dropped, and none", dropped, 0),
        *((f"{kind}: counted, and events", kinds[kind], of_kind(kind)) for kind in KINDS),
        ("turned away, and clients greeted with 421", kinds["overload"], of_key("turned_away")),
        # A greeting of 220 is a relay's, or our own at a later stage: both count here.
        (
            "close=quit and relays, and polite clients that said QUIT",
            rejects("quit") + kinds["relay"],
            crowds["polite", "quit"],
        ),
        (
            "close=input_limit, and floods that were told 421",
            rejects("input_limit"),
            crowds["flood", "ended_421"],
        ),
        (
            "closes at a deadline or by a reset, and dribblers, silent and resetting clients",
            rejects("idle_timeout", "session_limit", "client_reset"),
            crowds["dribble", "ended_421"] + crowds["silent", "left"] + crowds["silent", "reset"] + crowds["reset", "left"],
        ),
    ]
    for what, left, right in sums:
        print(f"{'ok' if left == right else 'DIFFER'}: {what}: {left} {right}")
    different = any(left != right for _, left, right in sums)
    if different:
        print(dict(events), dict(crowds))
    sys.exit(different)


if __name__ == "__main__":
    main()
