#!/usr/bin/env python3
"""Makes the table of a benchmark's samples.

Reads lines "MEASURE SERVER VALUE" on stdin; arguments are lines for the head, such as "kernel: 6.1".
Writes Markdown: the medians of each server, then the goals and whether they are met.
"""
import collections
import statistics
import sys

SERVERS = ["floor", "haproxy", "haproxy-log", "op25bd", "forward", "offload", "offload-bare"]
TITLES = ["floor", "HAProxy", "HAProxy, JSON log", "op25bd", "forwarding", "offload",
          "offload, no live flows"]

WAITED_MOST = 5  # % of its CPU time that the floor may have waited

# Key, what the reader sees.
COMPARED = [
    ("rejects_per_s", "refused connections/s"),
    ("cpu_us", "CPU per refused connection, us"),
    ("p50_us", "greeting p50, us"),
    ("p99_us", "greeting p99, us"),
    ("held_bytes", "resident octets per held refused connection"),
    ("gbit_1", "relay, 1 stream, Gbit/s"),
    ("cpu_s_per_gb_1", "relay, 1 stream, CPU s per GB"),
    ("gbit_200", "relay, 200 streams, Gbit/s"),
    ("cpu_s_per_gb_200", "relay, 200 streams, CPU s per GB"),
    ("forwarded_gbit_1", "forwarded, 1 stream, Gbit/s"),
    ("forwarded_gbit_200", "forwarded, 200 streams, Gbit/s"),
    ("packet_ns", "forwarded, CPU for a packet of one segment, ns"),
    ("relay_bytes", "resident octets per idle relay"),
    ("errors", "connections that failed, all rounds"),
    ("waited", "waited for its core, % of its CPU time"),
    ("held_bytes_held", "connections held"),
    ("relay_bytes_held", "relays held"),
]

# What, the measure, against which server's (None: itself), least or most, the bound.
GOALS = [
    ("CPU per refused connection, against the floor", "cpu_us", "floor", "most", 1.15),
    ("the same, against HAProxy without a log", "cpu_us", "haproxy", "most", 0.75),
    ("the same, against HAProxy with its JSON log", "cpu_us", "haproxy-log", "most", 0.55),
    ("greeting p99, against the floor", "p99_us", "floor", "most", 1.2),
    ("octets per held refused connection", "held_bytes", None, "most", 700),
    ("relay, 1 stream, against HAProxy", "gbit_1", "haproxy", "least", 1.2),
    ("CPU per GB, 1 stream, against HAProxy", "cpu_s_per_gb_1", "haproxy", "most", 1),
    ("relay, 200 streams, against HAProxy", "gbit_200", "haproxy", "least", 1.2),
    ("CPU per GB, 200 streams, against HAProxy", "cpu_s_per_gb_200", "haproxy", "most", 1),
    ("offload, 1 stream, against forwarding", "forwarded_gbit_1@offload", "forward", "least", 0.95),
    ("offload, 200 streams, against forwarding", "forwarded_gbit_200@offload", "forward", "least",
     0.95),
    ("offload, CPU for a packet of one segment, against forwarding", "packet_ns@offload", "forward",
     "most", 1.25),
    ("of which the set of live flows, ns", "flows_ns", None, "most", 100),
    ("octets per idle relay", "relay_bytes", None, "most", 1536),
    ("load of a policy of that many networks, s", "policy_load_s", None, "most", 1),
    ("its memory, octets a network", "policy_bytes", None, "most", 64),
    ("lookup, cold, ns", "policy_cold_ns", None, "most", 100),
    ("lookup, warm, ns", "policy_warm_ns", None, "most", 30),
    ("connections lost in a reload", "reload_errors", None, "most", 0),
    ("greeting p99 with a reload, against without", "reload_p99_us", "reload_without_p99_us",
     "most", 2),
    ("connections lost in two upgrades", "upgrade_errors", None, "most", 0),
    ("connections per second meanwhile", "upgrade_rate", None, "least", 10000),
    ("CPU per connection, two workers against one", "cpu_us@op25bd-2", "op25bd", "most", 1.05),
    ("events lost", "events_lost", None, "most", 0),
    ("events out of order", "events_disordered", None, "most", 0),
    ("store at 20,000 events/s: CPU of an event, us", "store_mix_cpu_us", None, "most", 25),
    ("the same, each event from a new source, us", "store_new_cpu_us", None, "most", 50),
    ("store, most events/s", "store_mix_most", None, "least", 20000),
    ("the same, each event from a new source", "store_new_most", None, "least", 20000),
    ("writer thread, % of a core", "writer_percent", None, "most", 15),
]


def read():
    samples = collections.defaultdict(list)
    for line in sys.stdin:
        measure, server, value = line.split()
        samples[measure, server].append(float(value))
    results = {}
    for key, values in samples.items():
        results[key] = sum(values) if key[0] == "errors" else statistics.median(values)
    made = results.get(("events_made", "op25bd"))
    if made is not None:
        results["events_lost", "op25bd"] = made - results["events_written", "op25bd"]
    with_flows, without = (samples.get(("packet_ns", server)) for server in SERVERS[-2:])
    if with_flows and without:
        results["flows_ns", "op25bd"] = statistics.median(
            one - other for one, other in zip(with_flows, without))
    return samples, results


def number(value):
    if value is None:
        return "-"
    if value == int(value) or abs(value) >= 1000:
        return f"{value:,.0f}"
    return f"{value:.3g}"


def row(*cells):
    print("| " + " | ".join(cells) + " |")


def compared(results):
    row("median", *TITLES)
    row("---", *["---:"] * len(TITLES))
    for key, title in COMPARED:
        values = [results.get((key, server)) for server in SERVERS]
        if any(value is not None for value in values):
            row(title, *map(number, values))


def value_of(samples, results, measure, against):
    """The value; or the median of its ratios to another server's, or another measure's.

    Each round has a ratio of its own, as what else the machine did in it has struck both."""
    measure, _, server = measure.partition("@")
    own = (measure, server or "op25bd")
    if against is None or own not in results:
        return results.get(own)
    other = (measure, against) if against in SERVERS else (against, "op25bd")
    values, bases = samples.get(own, []), samples.get(other, [])
    if not bases or 0 in bases:
        return None
    if len(values) != len(bases):
        return statistics.median(values) / statistics.median(bases)
    return statistics.median(value / base for value, base in zip(values, bases))


def goals(samples, results):
    row("goal", "wanted", "measured", "met")
    row("---", "---:", "---:", "---")
    for title, measure, against, side, bound in GOALS:
        value = value_of(samples, results, measure, against)
        unit = "" if against is None else " x"
        wanted = f"at {side} {number(bound)}{unit}"
        if value is None:
            row(title, wanted, "not measured", "-")
            continue
        met = value >= bound if side == "least" else value <= bound
        row(title, wanted, number(value) + unit, "yes" if met else "**no**")


def spread(samples):
    row("spread, least to most", *TITLES[:4])
    row("---", *["---:"] * 4)
    for key, title in COMPARED[:4]:
        cells = []
        for server in SERVERS[:4]:
            values = samples.get((key, server))
            cells.append(f"{number(min(values))} to {number(max(values))}" if values else "-")
        row(title, *cells)


def warn(results):
    """A server that waits for its core has been kept from it by somebody else. (Threads of op25bd
    and HAProxy wait for each other as well; the floor has but one.)"""
    if results.get(("waited", "floor"), 0) > WAITED_MOST:
        print("**Something else used the cores meanwhile: read CPU figures with care, and "
              "latencies not at all.**\n")


def main():
    samples, results = read()
    print("# Results\n\nWritten by contrib/bench; README.md says what each measure is.\n")
    for line in sys.argv[1:]:
        print(f"* {line}")
    print()
    warn(results)
    compared(results)
    print()
    goals(samples, results)
    print()
    spread(samples)


main()
