#!/usr/bin/env python3
"""Counts the events of a file that are out of order.

An event is written when its connection has ended: at "time" plus "duration_ms". With one worker
these must not go back. Both have been rounded to milliseconds, by two clocks: 2 ms are allowed.
"""
import datetime
import re
import sys

KEYS = re.compile(r'"time":"([^"]*)".*"duration_ms":(\d+)')
ROUNDING_MS = 2


def main():
    latest = 0
    disordered = 0
    second, second_ms = "", 0
    with open(sys.argv[1], encoding="ascii") as file:
        for line in file:
            found = KEYS.search(line)
            if not found:
                disordered += 1
                continue
            time = found[1]
            if time[:19] != second:
                second = time[:19]
                at = datetime.datetime.fromisoformat(second + "+00:00")
                second_ms = int(at.timestamp()) * 1000
            ended_ms = second_ms + int(time[20:23]) + int(found[2])
            if ended_ms < latest - ROUNDING_MS:
                disordered += 1
            latest = max(latest, ended_ms)
    print(disordered)


main()
