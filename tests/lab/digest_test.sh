#!/usr/bin/env bash
# A flood from one source: a few lines and a rollup, together all connections, also when the
# daemon stops before the interval is over.
. "${srcdir:=.}/tests/lab/lab.sh" || exit 1
. "$srcdir/tests/lab/policies.sh"
lab_enter "$0" "$@"
lab_up

readonly MANY=300 BURST=5

# told: prints how many refusals have a line, and how many rollups stand for.
told() {
    python3 - "$DAEMON_EVENTS" <<'PYTHON'
import json, sys
lines, counted = 0, 0
for line in open(sys.argv[1]):
    event = json.loads(line)
    if event["event"] == "reject":
        lines += 1
    elif event["event"] == "rollup":
        assert event["of"] == "reject", event
        assert event["destinations"] == 1, event
        assert sum(event["closes"].values()) == event["count"], event
        counted += event["count"]
print(lines, counted)
PYTHON
}

all_told() {
    read -r LINES_OUT COUNTED < <(told)
    [ $((LINES_OUT + COUNTED)) -eq "$1" ]
}

flood() {
    client flood $OTHER4 "$MANY" >/dev/null || fail "not all were refused"
}

policy_plans | daemon_config server.max_connections_per_source=1000 \
    events.burst=$BURST events.rollup_interval=1s
daemon_start
flood
expect "the rollup comes by itself, and nothing is missing" wait_for 10 all_told $MANY
expect "only the first of an interval have lines" test "$LINES_OUT" -lt $((MANY / 2))
daemon_stop

: >"$DAEMON_EVENTS"
policy_plans | daemon_config server.max_connections_per_source=1000 \
    events.burst=$BURST events.rollup_interval=1h
daemon_start
flood
wait_for 10 all_told $BURST || fail "not $BURST lines: $(told)"
daemon_stop
expect_equal "at the end what is pending is written" "$BURST $((MANY - BURST))" "$(told)"
