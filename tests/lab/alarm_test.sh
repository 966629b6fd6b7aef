#!/usr/bin/env bash
# The alarms: packets that go past the daemon, and silence. Each is told once, in the log, as an event, by
# status and in the metrics, and so is its end. And the helper process that reads the firewall for it.
. "${srcdir:=.}/tests/lab/lab.sh" || exit 1
. "$srcdir/tests/lab/policies.sh"
lab_enter "$0" "$@"
lab_need curl
lab_network
: "${OP25BCTL:=$(dirname "$OP25BD")/op25bctl}"

# config [SECTION.KEY=VALUE]...: with five looks a second; a bypass is over after 1.2 s of calm.
config() {
    policy_plans | daemon_config server.bypass_check=200ms 'http.listen=127.0.0.1:9325' "$@"
}

firewall() {
    on box "$OP25BCTL" -c "$DAEMON_CONFIG" firewall "$@" 2>&1
}

metric_is() { # NAME VALUE
    on box curl -s --max-time $((10 * LAB_PATIENCE)) http://127.0.0.1:9325/metrics | grep -Fx "$1 $2" >/dev/null
}

refused() { # SOURCE DESTINATION
    client dialogue --source "$1" "$2" reply line:QUIT drain 2>&1 | grep '< 554' >/dev/null
}

# Goes past the daemon and is reset by the rules.
slips() { # SOURCE DESTINATION
    client dialogue --source "$1" "$2" reply line:QUIT drain 2>&1 | grep '= refused' >/dev/null
}

# The same again and again, for at most 20 seconds: it does not calm down while others look.
slip_on() { # SOURCE DESTINATION
    lab_spawn slipper subscriber python3 -c '
import socket, sys, time
for _ in range(200):
    try:
        socket.create_connection((sys.argv[2], 25), 2, (sys.argv[1], 0)).close()
    except OSError:
        pass
    time.sleep(0.1)' "$1" "$2"
}

logged_times() { # REGEX
    tail -n "+$((DAEMON_LOG_MARK + 1))" "$DAEMON_LOG" | grep -cE -e "$1" || true
}

status_says() { # REGEX
    "$OP25BCTL" -s "$DAEMON_DIR/control.sock" status 2>&1 | grep -E -e "$1" >/dev/null
}

helper_pid() {
    pgrep -P "$(daemon_pid)" -f -- --net-admin
}

# Of the value of a key in the helper's status: one line.
helper_status() { # KEY
    awk -v key="$1:" '$1 == key { print $2 }' "/proc/$(helper_pid)/status"
}

# Rules for a daemon that listens at other ports than it does: what an edit of listen leaves behind.
config server.listen='127.0.0.1:10026, [::1]:10026'
firewall print --interface access0 >"$LAB_DIR/outdated.nft"
config
firewall apply --interface access0 || fail "the rules can not be applied"
outdate() { on box nft -f "$LAB_DIR/outdated.nft"; }
mend() { firewall apply || fail "the rules can not be mended"; }

#
# Before the daemon came, packets went past. That is no alarm.
#
expect "without the daemon packets go past" slips $DYNAMIC4 $OTHER4
daemon_start
expect "the counters are watched" wait_for 10 metric_is op25bd_bypass_watched 1
expect "the daemon refuses, IPv4" refused $DYNAMIC4 $OTHER4
expect "and IPv6" refused $DYNAMIC6 $OTHER6
expect "status has seen nothing" status_says '^packets past op25bd: 0 IPv4, 0 IPv6$'
expect_not "and warns of nothing" status_says 'WARNING.*go past'
expect_equal "nor does the log" 0 "$(logged_times 'alarm: ')"

#
# Who reads them.
#
expect_equal "the helper has CAP_NET_ADMIN" 0000000000001000 "$(helper_status CapEff)"
expect_equal "and can get nothing else" "1 0000000000001000" \
    "$(helper_status NoNewPrivs) $(helper_status CapPrm)"
expect_equal "the daemon has CAP_NET_RAW" 0000000000002000 \
    "$(awk '/^CapEff/ { print $2 }' "/proc/$(daemon_pid)/status")"
helper=$(helper_pid)
kill -TERM "$helper"
kill -HUP "$helper"
kill -INT "$helper"

#
# A bypass, by family.
#
for family in 4 6; do
    dynamic=DYNAMIC$family other=OTHER$family
    event_mark
    daemon_log_mark
    counted=$(lab_counter bypass$family)
    outdate
    slip_on "${!dynamic}" "${!other}"
    raised=$(event_wait event=alarm alarm=bypass state=raised family=ipv$family 'packets>=1') ||
        fail "there is no event"
    expect_match "the event says what to do" 'firewall apply' "$(event_key message "$raised")"
    expect "so does the log" daemon_logged "warning: alarm: IPv$family packets .*firewall apply"
    expect "and status" status_says "WARNING: IPv$family packets .*firewall apply"
    expect "the alarm is in the metrics" wait_for 5 metric_is 'op25bd_alarm{alarm="bypass"}' 1
    lab_stop slipper KILL
    mend
    over=$(event_wait event=alarm alarm=bypass state=over family=ipv$family) || fail "it does not end"
    packets=$(($(lab_counter bypass$family) - counted))
    expect_equal "its end says how many it were" $packets "$(event_key packets "$over")"
    expect "and so do the metrics" wait_for 5 metric_is \
        "op25bd_bypass_packets_total{family=\"ipv$family\"}" $packets
    expect "the log tells the end" daemon_logged "notice.*alarm over: no more IPv$family|alarm over: no more IPv$family"
    expect_equal "each was told once" "1 1" "$(logged_times 'alarm: ') $(logged_times 'alarm over: ')"
    expect_not "status warns no more" status_says 'WARNING.*go past'
    expect "nor do the metrics" metric_is 'op25bd_alarm{alarm="bypass"}' 0
    expect "the daemon refuses again" refused "${!dynamic}" "${!other}"
done

#
# Silence.
#
event_mark
config server.silence_alarm=1s
daemon_reload 'is in force'
silent=$(event_wait event=alarm alarm=silence state=raised 'duration_ms>=1000') || fail "silence is no event"
expect_match "silence is an event" 'routers' "$(event_key message "$silent")"
expect "silence is logged" daemon_logged 'warning: alarm: no connection has come for 1s'
expect "silence is in status" status_says 'WARNING: no connection has come'
expect "silence is in the metrics" metric_is 'op25bd_alarm{alarm="silence"}' 1
event_mark
expect "traffic is back" refused $DYNAMIC4 $OTHER4
event_wait event=alarm alarm=silence state=over >/dev/null || fail "silence does not end"
expect "which the log tells" daemon_logged 'alarm over: connections come again'
config
daemon_reload 'is in force'
event_mark

#
# An upgrade: the new process has a helper of its own. Without rules nothing is watched, and nobody warns.
#
daemon_log_mark
daemon_signal USR2
daemon_log_wait 'process [0-9]+ serves now' 20
next=$(sed -n 's/.*process \([0-9]*\) serves now.*/\1/p' "$DAEMON_LOG")
daemon_wait || fail "the old process ended with status $?"
LAB_PIDS[op25bd]=$next
expect "after an upgrade they are watched" wait_for 10 metric_is op25bd_bypass_watched 1
expect_not "the old helper has ended" kill -0 "$helper"
firewall remove || fail "the rules can not be removed"
expect "without rules status says so" \
    wait_for 5 status_says '^packets past op25bd: not watched: the rules of op25bctl firewall are not'
expect_equal "and no alarm is made of it" 0 "$(event_count event=alarm)"
expect_equal "nor of the upgrade" 0 "$(logged_times 'alarm: |alarm over|counters')"
firewall apply --interface access0 || fail "the rules can not be applied again"
expect "they are watched when they are back" wait_for 5 metric_is op25bd_bypass_watched 1

#
# The helper is killed: told once, and the daemon goes on.
#
helper=$(pgrep -f -- --net-admin)
kill -KILL "$helper"
daemon_log_wait 'the process that reads and writes the firewall for op25bd has ended: restart'
expect "status says that nothing is watched" wait_for 5 status_says 'not watched: the'
expect "the daemon still refuses" refused $DYNAMIC4 $OTHER4
expect_equal "that was told once" 1 "$(logged_times 'has ended: restart|cannot be read')"
daemon_signal TERM
wait_for 20 eval '! kill -0 $next 2>/dev/null' || fail "it does not end"
expect_not "no helper is left" pgrep -f -- --net-admin

#
# Without CAP_NET_ADMIN, and when nobody wants it.
#
[ -z "$OP25BD_WRAPPER" ] || exit 0
OP25BD_WRAPPER='setpriv --bounding-set=-net_admin' daemon_start
expect "without CAP_NET_ADMIN the start says so" daemon_logged 'not watched: that takes CAP_NET_ADMIN'
expect_not "there is no helper" helper_pid
expect "and the daemon refuses" refused $DYNAMIC4 $OTHER4
daemon_stop
config server.bypass_check=0s
daemon_start
expect_not "with bypass_check = 0s there is none either" helper_pid
expect_equal "and nothing to say" 0 "$(logged_times 'watched|CAP_NET_ADMIN')"
daemon_stop
status=0
"$OP25BD" --net-admin nobody </dev/null 2>"$LAB_DIR/byhand.out" || status=$?
expect_equal "called by hand the helper says what it is" 2 "$status"
expect_match "to a person" 'is for op25bd itself' "$(cat "$LAB_DIR/byhand.out")"

[ "$LAB_ROOT" = yes ] || exit 0
cp "$OP25BD" "$LAB_DIR/op25bd" # where that user can read it
OP25BD=$LAB_DIR/op25bd
config server.user=nobody
daemon_start
expect_equal "of a daemon that gives up root, the helper does too" "$(id -u nobody)" "$(helper_status Uid)"
expect "and reads the counters" wait_for 10 metric_is op25bd_bypass_watched 1
daemon_stop
