#!/usr/bin/env bash
# Exact totals: connections made = events and rollups in the file = the same in the evidence = the
# daemon's own counters, to the last one, under load, with events dropped, over reloads and an upgrade.
. "${srcdir:=.}/tests/lab/lab.sh" || exit 1
. "$srcdir/tests/lab/policies.sh"
. "$srcdir/tests/lab/crowd.sh"
lab_enter "$0" "$@"
crowd_need
[ -z "$OP25BD_WRAPPER" ] || skip "thousands of connections take too long under a checker"
lab_up
readonly FOLDER=$LAB_DIR/output EVIDENCE=$DAEMON_DIR/state/events.db SOURCES=203.0.113.16/28
readonly OUTPUT=$FOLDER/events.jsonl
mkdir "$FOLDER"
mount -t tmpfs -o size=8m,mode=777 output "$FOLDER"

# total: what lines of the file speak of, how often a line says that events were dropped, and what
# rows of the evidence speak of.
total() {
    python3 - "$OUTPUT" "$EVIDENCE" <<'PYTHON'
import json, sqlite3, sys
count, dropped = 0, 0
for line in open(sys.argv[1]):
    event = json.loads(line)
    if event["event"] in ("reject", "overload"):
        count += 1
    elif event["event"] == "rollup":
        count += event["count"]
        dropped += event.get("reason") == "events_dropped"
database = sqlite3.connect(f"file:{sys.argv[2]}?mode=ro", uri=True)
def one(question):
    return database.execute(question).fetchone()[0] or 0
rows = one("SELECT count(*) FROM event") + one("SELECT sum(count) FROM rollup")
print(count, dropped, rows, one("SELECT sum(attempts) FROM plan_day"))
PYTHON
}

# farewells: what all processes that have ended say.
farewells() {
    sed -n 's/.*ended: \([0-9]*\) accepted.*/\1/p' "$DAEMON_LOG"
}

sum() {
    awk '{ n += $1 } END { print n }'
}

gone() { # PID
    ! kill -0 "$1" 2>/dev/null
}

metric() { # NAME
    on box curl -sf http://127.0.0.1:9325/metrics | awk -v name="$1" '$1 ~ "^" name "($|{)" { n += $2 } END { print n + 0 }'
}

{
    policy_plans
    printf '[http]\nlisten = 127.0.0.1:9325\n[store]\nfile = events.db\n'
} | daemon_config server.max_connections_per_source=5000 events.output="$OUTPUT" events.queue=1024 \
    events.burst=100 events.rollup_interval=1s
daemon_start
FIRST=$(daemon_pid)

# The output's disk is full for a while, in which the rings, of 1024 each, do not hold what comes.
crowd polite $SOURCES $OTHER4 1000 at_once=50 >/dev/null
wait_for 10 test -s "$OUTPUT" || fail "no events"
cat /dev/zero >"$FOLDER/filler" 2>/dev/null || true
crowd_spawn load polite $SOURCES $OTHER4 9000 at_once=50
daemon_log_wait 'No space left on device' 20
crowd_wait load 30 >/dev/null
rm "$FOLDER/filler"
daemon_log_wait 'takes events again' 20
expect "events are dropped, and counted" [ "$(metric op25bd_events_dropped_total)" -gt 0 ]

# Reloads and an upgrade under load.
crowd_spawn load polite $SOURCES $OTHER4 10000 at_once=50 rate=4000
for _ in 1 2 3 4; do
    daemon_log_mark
    kill -HUP "$FIRST"
    daemon_log_wait 'is in force'
done
daemon_log_mark
kill -USR2 "$FIRST"
daemon_log_wait 'process [0-9]+ serves now' 20
NEXT=$(sed -n 's/.*process \([0-9]*\) serves now.*/\1/p' "$DAEMON_LOG")
crowd_wait load 30 >/dev/null
daemon_wait || fail "the old process ended with status $?"
last=$(metric op25bd_accepted_total)
kill -TERM "$NEXT"
wait_for 20 gone "$NEXT" || fail "the new process has not ended"

made=$(sed 's/.* connected=\([0-9]*\).*/\1/' "$CROWD_TALLY" | sum)
read -r lines dropped rows attempts < <(total)
expect_equal "all were connected" 20000 "$made"
expect_equal "counters of both processes" "$made" "$(farewells | sum)"
expect_equal "metrics and the farewell" "$last" "$(farewells | tail -n 1)"
expect_equal "lines and rollups of the file" "$made" "$lines"
expect "of which some tell of what was dropped" [ "$dropped" -gt 0 ]
expect_equal "rows of the evidence" "$made" "$rows"
expect_equal "sums of the evidence" "$made" "$attempts"
