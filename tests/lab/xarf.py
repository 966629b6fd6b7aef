"""Is a file a XARF v4 report of connection/infected_host? xarf.py FILE SCHEMA SOURCE EVENTS."""
import base64
import datetime
import hashlib
import ipaddress
import json
import re
import sys
import uuid

path, schema, source, events = sys.argv[1:]
report = json.load(open(path))
known, required = set(), set()
for line in open(schema):
    line = line.split("#")[0].strip()
    if line:
        known.add(line.lstrip("!"))
        if line.startswith("!"):
            required.add(line[1:])


def names(value, prefix=""):
    if isinstance(value, dict):
        for key, inner in value.items():
            yield prefix + key
            yield from names(inner, prefix + key + ".")
    elif isinstance(value, list):
        for inner in value:
            yield from names(inner, prefix)


found = set(names(report))
assert not found - known, f"not in the schema: {found - known}"
assert not required - found, f"missing: {required - found}"
assert re.fullmatch(r"4\.\d+\.\d+", report["xarf_version"])
assert uuid.UUID(report["report_id"]).version == 4
for key in "timestamp", "first_seen", "last_seen":
    datetime.datetime.fromisoformat(report[key].replace("Z", "+00:00"))
assert (report["category"], report["type"], report["protocol"]) == ("connection", "infected_host", "tcp")
assert report["source_identifier"] == source
ipaddress.ip_address(report["destination_ip"])
assert 1 <= report["source_port"] <= 65535 and report["destination_port"] == 25
for who in report["reporter"], report["sender"]:
    assert who["contact"].endswith("@" + who["domain"])
item = report["evidence"][0]
payload = base64.b64decode(item["payload"], validate=True)
assert len(payload) == item["size"]
assert item["hash"] == "sha256:" + hashlib.sha256(payload).hexdigest()
assert payload.count(b"\r\n") == int(events) + 1
