#!/usr/bin/env bash
# "make misbehaviour-full": 18,000 clients that send an octet every ten seconds, with the limits
# that op25bd has by default. Two minutes and a half, 20,000 descriptors. Each ends at its deadline
# (quit_wait for those that never end a line, session_limit for the others), within two seconds, and
# a normal client is greeted in under 50 ms meanwhile.
. "${srcdir:=.}/tests/lab/lab.sh" || exit 1
. "$srcdir/tests/lab/policies.sh"
. "$srcdir/tests/lab/crowd.sh"
lab_enter "$0" "$@"
crowd_need
: "${DRIBBLERS:=18000}" # an even number
[ "$(ulimit -Hn)" = unlimited ] || [ "$(ulimit -Hn)" -ge $((DRIBBLERS + 1000)) ] ||
    skip "the hard limit of descriptors is $(ulimit -Hn)"
lab_up
policy_plans | daemon_config
daemon_start
empty=$(crowd_daemon_kb VmRSS)
ticks() { awk '{ print $14 + $15 }' "/proc/$(daemon_pid)/stat"; }

# Of IPv6, where each client is a subscriber of its own /56.
crowd_spawn dribblers dribble $LAB_DYNAMIC6 $OTHER6 "$DRIBBLERS" every_ms=10000 rate=3000 seconds=140
all_there() { [ "$(daemon_descriptors)" -ge "$DRIBBLERS" ]; }
wait_for 20 all_there || fail "only $(daemon_descriptors) of $DRIBBLERS are there"
full=$(crowd_daemon_kb VmRSS)
before=$(ticks)
said=$(crowd polite $LAB_DYNAMIC4 $OTHER4 110 rate=1 seconds=130)
echo "$said"
echo "CPU: $(($(ticks) - before)) ticks of 11000; resident: $empty kB empty, $full kB with $DRIBBLERS dribblers"
crowd_prompt "beside $DRIBBLERS dribblers, one a second" "$said"
said=$(crowd_wait dribblers 60)
echo "$said"
expect_equal "every dribbler is told 421" "$DRIBBLERS" "$(crowd_value ended_421 "$said")"
half=$((DRIBBLERS / 2))
event_wait --count $half close=idle_timeout "duration_ms>=60000" "duration_ms<=62000" >/dev/null
echo "ok: $half ended at quit_wait, 60 s, within 2 s"
event_wait --count $half close=session_limit "duration_ms>=120000" "duration_ms<=122000" >/dev/null
echo "ok: $half ended at session_limit, 120 s, within 2 s"
wait_for 10 daemon_idle || fail "a socket is left open"
daemon_stop
expect "every count agrees" crowd_accounts
