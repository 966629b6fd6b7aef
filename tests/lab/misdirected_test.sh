#!/usr/bin/env bash
# What must not reach the listener is closed without a word, and counted.
. "${srcdir:=.}/tests/lab/lab.sh" || exit 1
. "$srcdir/tests/lab/policies.sh"
lab_enter "$0" "$@"
lab_up
policy_plans | daemon_config
daemon_start

# From the box itself, straight to the listener.
for listener in 127.0.0.1 ::1; do
    said=$(on box python3 "$LAB_SOURCE/client.py" dialogue --port 10025 "$listener" drain)
    expect_match "a direct connection to $listener is closed" '= (eof|reset)' "$said"
    expect_not "without a word" grep -q '<' <<< "$said"
    event_wait event=misdirected destination="$listener" destination_port=10025 \
        close=misdirected bytes_out=0 > /dev/null
done

# A subscriber can not reach the listener at all.
said=$(client dialogue --port 10025 --timeout 2 $BOX4 || true)
expect_match "a subscriber's connection to the box's port is refused" '= (refused|reset)' "$said"

# Another port, redirected by mistake.
lab_redirect 2525
for destination in $OTHER4 $OTHER6; do
    said=$(client dialogue --port 2525 "$destination" drain)
    expect_not "a redirected connection to port 2525 of $destination gets no word" \
        grep -q '<' <<< "$said"
    event_wait event=misdirected destination="$destination" destination_port=2525 > /dev/null
done

daemon_stop
expect "the count is said at the end" daemon_logged '4 misdirected'
