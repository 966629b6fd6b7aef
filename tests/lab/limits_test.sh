#!/usr/bin/env bash
# Limits of ours: per source, of descriptors, and what a client may take in time.
. "${srcdir:=.}/tests/lab/lab.sh" || exit 1
. "$srcdir/tests/lab/policies.sh"
lab_enter "$0" "$@"
lab_up
policy_plans | sed 's/^\[reject\]/&\nquit_wait = 600ms\nsession_limit = 1500ms\nlinger = 500ms/' |
    daemon_config server.max_connections_per_source=3 server.source_prefix6=64
daemon_start

# Three of one source, the fourth is told; another source is not concerned.
client_spawn three hold $OTHER4 3
wait_for 10 lab_printed three '^holding 3: 554=3'
said=$(client dialogue $OTHER4 reply drain)
expect_match "the fourth of a source gets 421" '< 421 ' "$said"
event_wait event=overload close=source_limit rule=limit:source > /dev/null
said=$(client dialogue --source 203.0.113.77 $OTHER4 reply line:QUIT drain)
expect_match "another source gets its refusal" '< 554' "$said"
lab_stop three
client_spawn prefix hold --source 2001:db8:100::6 $OTHER6 3
wait_for 10 lab_printed prefix '^holding 3: 554=3'
said=$(client dialogue --source 2001:db8:100::7 $OTHER6 reply drain)
expect_match "an IPv6 prefix counts as one source" '< 421 ' "$said"
lab_stop prefix

wait_for 10 daemon_idle
event_mark
said=$(client dialogue $OTHER4 reply drain)
expect_match "silence ends with 421" '< 421 ' "$said"
event_wait event=reject close=idle_timeout "duration_ms>=590" "duration_ms<=1400" > /dev/null
event_mark
client dialogue $OTHER4 reply line:NOOP reply pause:400 line:NOOP reply pause:400 line:NOOP reply \
    pause:400 line:NOOP reply drain > "$LAB_DIR/talker.out"
expect_match "a client that keeps talking ends at session_limit" '< 421 ' "$(cat "$LAB_DIR/talker.out")"
event_wait event=reject close=session_limit "duration_ms>=1490" > /dev/null
daemon_stop

case $OP25BD_WRAPPER in
*valgrind*) exit 0 ;; # which has descriptors and a limit of its own
esac

# Out of descriptors. Refused clients that have their answer make room for others ...
policy_plans | daemon_config server.workers=1
daemon_start
server_start mail "$OTHER4:25=silent"
client dialogue --source $STATIC4 $OTHER4 > /dev/null # leaves its pipe for the next relay
wait_for 10 daemon_idle
event_mark
few=0 free=0 # numbers of descriptors, six of them free
while [ $free -lt 6 ]; do
    [ -e "/proc/$(daemon_pid)/fd/$few" ] || free=$((free + 1))
    few=$((few + 1))
done
on box prlimit --pid "$(daemon_pid)" --nofile=$few:$few
client_spawn refused hold $OTHER4 12
wait_for 10 lab_printed refused '^holding 12: 554=12$' || fail "not all are answered"
expect_equal "no more are open than there are descriptors for" 6 "$(daemon_descriptors)"
event_wait --count 6 event=reject close=shed > /dev/null
expect_equal "those that were silent for longest have made room" 6 "$(event_count event=reject close=shed)"
# ... relays do not: when there is nothing but them, it waits, without spinning.
client_spawn relays hold --mute --source $STATIC4 $OTHER4 2
client_spawn last hold --mute --source $STATIC4 $OTHER4 1
event_wait --count 12 event=reject close=shed > /dev/null ||
    fail "not all refused ones have made room for relays"
client_spawn late hold $OTHER4 1
daemon_log_wait 'new connections have to wait: accept: Too many open files'
lab_stop refused
ticks() { awk '{ print $14 + $15 }' "/proc/$(daemon_pid)/stat"; }
before=$(ticks)
sleep 1 # what is measured is the CPU time of one second
spent=$(($(ticks) - before))
expect "full, it takes under 5 % of a core ($spent ticks of 100)" test $spent -lt 5
began=${EPOCHREALTIME/./}
lab_signal last TERM
wait_for 10 lab_printed late '^holding 1: 554=1$' || fail "who has waited is not answered"
expect "when a relay closes, who has waited is answered at once" \
    test $((${EPOCHREALTIME/./} - began)) -lt $((400000 * LAB_PATIENCE))
lab_stop late
lab_stop relays
expect_match "no relay was cut off" "^held open=2$" "$(cat "$LAB_DIR/relays.out")"
said=$(client dialogue $OTHER4 reply line:QUIT drain)
expect_match "room again: the next one is answered" '< 554' "$said"
daemon_stop

# The same for max_connections: who has been told makes room, and only relays are in the way.
policy_plans | daemon_config server.workers=1 server.max_connections=4
daemon_start
event_mark
client_spawn first hold --source 203.0.113.7 $OTHER4 1
wait_for 10 lab_printed first '^holding 1: 554=1$'
client_spawn others hold $OTHER4 3
wait_for 10 lab_printed others '^holding 3: 554=3$'
said=$(client dialogue --source 203.0.113.77 $OTHER4 reply line:QUIT drain)
expect_match "at max_connections a new client still gets its refusal" '< 554' "$said"
lab_stop first
expect_match "in place of the one that was silent for longest" '^held eof=1$' "$(cat "$LAB_DIR/first.out")"
event_wait event=reject close=shed source=203.0.113.7 code=554 > /dev/null
client_spawn full hold --mute --source $STATIC4 $OTHER4 4
wait_for 10 lab_printed full '^holding 4'
wait_for 10 daemon_sockets_are 8 || fail "there are not four relays"
said=$(client dialogue --source 203.0.113.77 $OTHER4 reply drain)
expect_match "when all are relays the next is told 421" '< 421 ' "$said"
event_wait event=overload close=connection_limit rule=limit:connections > /dev/null
lab_stop full
expect_match "and no relay is cut off" '^held open=4$' "$(cat "$LAB_DIR/full.out")"
daemon_stop
