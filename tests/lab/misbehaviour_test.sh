#!/usr/bin/env bash
# Hundreds of clients at once that dribble, reset, do not read, or send without end, and SYNs in
# the name of others: they end at their deadlines, memory is bounded, somebody else is answered at
# once meanwhile, and in the end every count agrees. misbehaviour_full.sh is the same in full size.
. "${srcdir:=.}/tests/lab/lab.sh" || exit 1
. "$srcdir/tests/lab/policies.sh"
. "$srcdir/tests/lab/crowd.sh"
lab_enter "$0" "$@"
crowd_need
lab_up
on box ip route add 198.51.100.0/24 via $LAB_WAN4 # the flood's; the subscriber answers only for STATIC4
on box sysctl -qw net.ipv4.tcp_wmem='4096 4096 4096' # replies of 90 kB have to wait in the daemon

# configure STAGE
configure() {
    policy_plans | sed "s|^\\[reject\\]|&\\nstage = $1\\nmessage = @$LAB_DIR/long.txt\\n\
quit_wait = 1s\\nsession_limit = 2s\\nlinger = 500ms\\nmax_input = 64k|" |
        daemon_config server.max_connections_per_source=100
}

for _ in 1 2 3 4 5 6 7 8 9 10; do
    printf '%0480d\n' 0
done >"$LAB_DIR/long.txt"
configure greeting
daemon_start
# A new link may lose the first neighbour solicitation, and the second comes after a second: that
# is not to be taken for the daemon's time.
crowd polite $LAB_DYNAMIC4 $OTHER4 1 >/dev/null
crowd polite $LAB_DYNAMIC6 $OTHER6 1 >/dev/null

# Two deadlines: of those that never end a line, and of those that keep the session going.
crowd_spawn dribblers dribble $LAB_DYNAMIC4 $OTHER4 400 every_ms=100
said=$(crowd polite $LAB_DYNAMIC6 $OTHER6 15 rate=10)
crowd_prompt "beside 400 dribblers" "$said"
said=$(crowd_wait dribblers)
expect_equal "every dribbler is told 421" 400 "$(crowd_value ended_421 "$said")"
expect "none before its deadline" test "$(crowd_value life_min_ms "$said")" -ge 990
expect "none long after it" test "$(crowd_value life_max_ms "$said")" -lt $((2000 + 1000 * LAB_PATIENCE))
event_wait --count 200 event=reject close=idle_timeout "duration_ms>=1000" >/dev/null
event_wait --count 200 event=reject close=session_limit "duration_ms>=2000" >/dev/null

said=$(crowd reset $LAB_DYNAMIC4 $OTHER4 500 at_once=100)
expect_equal "resets at once" 500 "$(crowd_value left "$said")"
event_wait --count 500 event=reject close=client_reset >/dev/null

# At the command stage each of eighteen commands is answered with the whole long text.
configure command
daemon_reload 'is in force'
before=$(crowd_daemon_kb VmRSS)
crowd_spawn readers silent $LAB_DYNAMIC4 $OTHER4 100 seconds=3
crowd_spawn floods flood $LAB_DYNAMIC4 $OTHER4 40
said=$(crowd polite $LAB_DYNAMIC6 $OTHER6 15 rate=10)
expect_equal "beside 100 that never read and 40 that flood everyone is answered" 15 \
    "$(crowd_value quit "$said")"
said=$(crowd_wait floods)
expect_equal "every flood is told 421" 40 "$(crowd_value ended_421 "$said")"
event_wait --count 40 event=reject close=input_limit "bytes_in>=65536" >/dev/null
# Nor does the kernel keep for minutes what they have not read.
no_orphans() { [ -z "$(on box ss -Htn state fin-wait-1)" ]; }
wait_for 5 no_orphans || fail "text of clients that never read stays in the kernel"
crowd_wait readers >/dev/null
event_wait --count 100 event=reject "bytes_out>=85000" >/dev/null
if crowd_can_measure; then
    grown=$(($(crowd_daemon_kb VmHWM) - before))
    # 100 times 90 kB, once more while they are put together, and of the megabytes nothing.
    expect "memory is bounded by the replies that wait ($grown kB)" test $grown -lt 24000
fi

# No flood of SYNs takes room in the backlog: each is answered by a cookie.
cookies() {
    # shellcheck disable=SC2016 # of awk
    on box awk '$1 == "TcpExt:" && !n { n = split($0, names) }
        $1 == "TcpExt:" { for (i = 1; i <= n; i++) if (names[i] == "SyncookiesSent") sent = $i }
        END { print sent }' /proc/net/netstat
}
configure greeting
daemon_reload 'is in force'
on box sysctl -qw net.ipv4.tcp_syncookies=2
before=$(cookies)
lab_spawn flood subscriber python3 "$LAB_SOURCE/syn_flood.py" 198.51.100.128/25 $OTHER4 4000 1.5
said=$(crowd polite $LAB_DYNAMIC4 $OTHER4 20 rate=15)
lab_wait flood || fail "the flood of SYNs has not been sent"
crowd_prompt "beside 4000 SYNs" "$said"
expect "all of them came, and were given cookies" test $(($(cookies) - before)) -ge 4000

wait_for 10 daemon_idle || fail "a socket is left open"
daemon_stop
expect "every count agrees" crowd_accounts
