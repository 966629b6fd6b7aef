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

# Out of descriptors: it waits, does not spin, and goes on as soon as there are some.
policy_plans | daemon_config server.workers=1
daemon_start
few=$(($(daemon_descriptors_open all) + 5))
on box prlimit --pid "$(daemon_pid)" --nofile=$few:$few
client_spawn crowd hold --mute $OTHER4 12
daemon_log_wait 'new connections have to wait: accept: Too many open files'
wait_for 10 lab_printed crowd '^holding 12'
expect "no more are open than there are descriptors for" test "$(daemon_descriptors)" -lt 12
ticks() { awk '{ print $14 + $15 }' "/proc/$(daemon_pid)/stat"; }
before=$(ticks)
sleep 1 # what is measured is the CPU time of one second
spent=$(($(ticks) - before))
expect "full, it takes under 5 % of a core ($spent ticks of 100)" test $spent -lt 5
lab_stop crowd KILL
said=$(client dialogue $OTHER4 reply line:QUIT drain)
expect_match "room again: the next one is answered" '< 554' "$said"
daemon_stop
