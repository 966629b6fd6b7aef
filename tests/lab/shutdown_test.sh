#!/usr/bin/env bash
# TERM: refused clients are told 421, new ones turned away, relays finish. A second TERM: at once.
. "${srcdir:=.}/tests/lab/lab.sh" || exit 1
. "$srcdir/tests/lab/policies.sh"
lab_enter "$0" "$@"
lab_up
server_start mail "$OTHER4:25" "$CARRIER4:25=echo"

start_with_clients() {
    policy_plans | daemon_config "$@"
    event_mark
    daemon_start
    client_spawn refused dialogue $OTHER4 reply drain
    client_spawn relayed stream --source $UNLISTED4 --size 100000 --keep-open $CARRIER4
    wait_for 10 eval '[ "$(daemon_descriptors)" -eq 3 ]'
    wait_for 10 lab_printed refused '< 554 '
}

start_with_clients
daemon_signal TERM
lab_wait refused || fail "the refused client was not let go"
expect "TERM: the refused client is told 421" lab_printed refused '< 421 '
event_wait event=reject close=shutdown code=554 > /dev/null
expect "the relay goes on" lab_running relayed
expect "and so does the daemon" lab_running op25bd
lab_stop relayed KILL
daemon_wait || fail "it ended with status $?"
event_wait event=relay destination=$CARRIER4 'close~^client_(eof|reset)$' bytes_in=100000 > /dev/null
expect "it ends once the relay has ended, with its counts" \
    daemon_logged 'ended: 2 accepted, 1 rejected, 1 relayed'

start_with_clients
daemon_signal TERM
daemon_log_wait draining
daemon_signal TERM
daemon_wait 5 || fail "it ended with status $?"
expect "second TERM: it ends while the relay is open" true
lab_wait relayed || true
expect "whose client sees a reset, not an end" lab_printed relayed '^= reset'
event_wait event=relay destination=$CARRIER4 close=shutdown > /dev/null

start_with_clients server.drain_timeout=300ms
daemon_signal TERM
daemon_wait 10 || fail "it ended with status $?"
expect "drain_timeout: the relay is cut off" daemon_logged 'drain_timeout has passed'
event_wait event=relay destination=$CARRIER4 close=shutdown > /dev/null
lab_wait relayed || true
