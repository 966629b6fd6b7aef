#!/usr/bin/env bash
# The event file: rotation by USR1 loses nothing, a full disk stops no connection and is made good.
. "${srcdir:=.}/tests/lab/lab.sh" || exit 1
. "$srcdir/tests/lab/policies.sh"
lab_enter "$0" "$@"
lab_up
policy_plans | daemon_config server.node=gw1
daemon_start

refuse() {
    client dialogue $OTHER4 reply line:QUIT drain > /dev/null
}

refuse
event_wait node=gw1 > /dev/null
mv "$DAEMON_EVENTS" "$DAEMON_EVENTS.1"
refuse # still into the file that was moved
wait_for 10 eval '[ "$(wc -l < "$DAEMON_EVENTS.1")" -eq 2 ]'
daemon_signal USR1
wait_for 10 test -e "$DAEMON_EVENTS"
refuse
event_wait event=reject > /dev/null
expect_equal "rotated: two before" 2 "$(wc -l < "$DAEMON_EVENTS.1")"
expect_equal "and one after" 1 "$(wc -l < "$DAEMON_EVENTS")"

rm "$DAEMON_EVENTS"
mkdir "$DAEMON_EVENTS"
daemon_log_mark
daemon_signal USR1
daemon_log_wait 'events.jsonl'
refuse
rmdir "$DAEMON_EVENTS"
daemon_signal USR1
wait_for 10 test -e "$DAEMON_EVENTS"
refuse
expect "a file that could not be opened again is said, and then made good" \
    event_wait event=reject
daemon_stop

# A disk that is full for a while.
mkdir "$LAB_DIR/small"
mount -t tmpfs -o size=64k,mode=777 small "$LAB_DIR/small"
dd if=/dev/zero of="$LAB_DIR/small/filler" bs=4k count=16 2> /dev/null || true
policy_plans | daemon_config events.output="$LAB_DIR/small/events.jsonl"
daemon_start
refuse
daemon_log_wait 'events.jsonl.*No space left'
said=$(client dialogue $OTHER4 reply line:QUIT drain)
expect_match "disk full: clients are answered as ever" '< 221' "$said"
rm "$LAB_DIR/small/filler"
wait_for 15 eval '[ "$(grep -c event\":\"reject "$LAB_DIR/small/events.jsonl")" -eq 2 ]' ||
    fail "the events held back were not written: $(cat "$LAB_DIR/small/events.jsonl")"
expect "room again: what was held back is written, each line whole" \
    python3 -c 'import json, sys; [json.loads(line) for line in open(sys.argv[1])]' \
    "$LAB_DIR/small/events.jsonl"
daemon_stop
