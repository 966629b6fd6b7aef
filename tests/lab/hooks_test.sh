#!/usr/bin/env bash
# Hooks: a program is called when a source reaches a threshold, when an alarm is raised or over, and when events
# are lost. Once, and not for each event; what was held back is counted; one that hangs, fails or is missing costs
# nobody anything and is told once.
. "${srcdir:=.}/tests/lab/lab.sh" || exit 1
. "$srcdir/tests/lab/policies.sh"
lab_enter "$0" "$@"
lab_need curl
lab_up
: "${OP25BCTL:=$(dirname "$OP25BD")/op25bctl}"

readonly CALLS=$DAEMON_DIR/calls PIDS=$DAEMON_DIR/pids
mkdir -p "$DAEMON_DIR"

# program NAME: one that does what stdin says.
program() {
    { echo '#!/bin/sh' && cat; } >"$DAEMON_DIR/$1"
    chmod 755 "$DAEMON_DIR/$1"
}

# What it got, in one line of the file; and what else it has of the daemon's.
program tell <<END
read -r facts
rest=\$(cat)
fds=\$(ls /proc/self/fd | tr '\n' ' ')
caps=\$(awk '/^Cap(Prm|Eff|Amb)/ { printf "%s ", \$2 }' /proc/self/status)
echo "\$HOOK_NAME \$HOOK_ON [\$rest] fds=\$fds caps=\$caps secret=\$SECRET \$facts" >>'$CALLS'
END
program hang <<END
echo \$\$ >>'$PIDS'
sleep 1234
END
program fail <<END
exit 3
END

# hooks <<EOF: the configuration, with the sections of stdin and HTTP.
hooks() {
    { policy_plans && cat; } | daemon_config http.listen=127.0.0.1:9325 "$@"
}

come() { # TIMES [SOURCE] [DESTINATION]
    local i

    for ((i = 0; i < $1; i++)); do
        client dialogue --source "${2:-$DYNAMIC4}" "${3:-$OTHER4}" reply line:QUIT drain >/dev/null || return
    done
}

calls() { # REGEX: how many
    [ ! -e "$CALLS" ] || grep -cE -e "$1" "$CALLS" || true
}
calls_are() { [ "$(calls "$2")" = "$1" ]; } # for wait_for

last_call() { # KEY: of the facts
    tail -n 1 "$CALLS" | grep -o '{.*' | python3 -c 'import json, sys; print(json.load(sys.stdin)[sys.argv[1]])' "$1"
}

status_says() { # REGEX
    "$OP25BCTL" -s "$DAEMON_DIR/control.sock" status 2>&1 | grep -E -e "$1" >/dev/null
}

metric_is() { # NAME VALUE
    on box curl -s --max-time $((10 * LAB_PATIENCE)) http://127.0.0.1:9325/metrics | grep -Fx "$1 $2" >/dev/null
}

logged_times() { # REGEX
    tail -n "+$((DAEMON_LOG_MARK + 1))" "$DAEMON_LOG" | grep -cE -e "$1" || true
}

: >"$CALLS"
readonly BURST="[hook burst]
connections = 4
every = 1h
run = $DAEMON_DIR/tell"

#
# A threshold, and its debounce.
#
hooks <<<"$BURST"
export SECRET=hidden
daemon_start
unset SECRET
come 3
event_wait --count 3 event=reject >/dev/null
expect_equal "below the threshold nobody is called" 0 "$(calls .)"
come 1
expect "at the threshold the program is" wait_for 10 calls_are 1 '^burst source'
expect_equal "it is told who" "$DYNAMIC4 4 0" "$(last_call source) $(last_call connections) $(last_call held)"
expect_equal "and of which plan" fiber-dynamic "$(last_call plan)"
expect_match "it has one line of input" ' \[\] ' "$(cat "$CALLS")"
expect_match "its own descriptors" 'fds=0 1 2 3 +caps' "$(cat "$CALLS")"
expect_match "nothing of the environment" ' secret= ' "$(cat "$CALLS")"
come 8
event_wait --count 12 event=reject >/dev/null
come 4 "$DYNAMIC6" "$OTHER6"
expect "another source is told on its own" wait_for 10 calls_are 2 '^burst source'
expect_match "IPv6 by its prefix" '/' "$(last_call network)"
expect_equal "what came soon after was held back" 1 "$(calls "$DYNAMIC4")"
hooks <<<"${BURST/1h/1s}"
daemon_reload 'is in force'
come 4
expect "after its time there is a call again" wait_for 10 calls_are 2 "$DYNAMIC4"
expect_equal "which counts what was held back, also over a reload" 2 "$(last_call held)"
expect "status counts" status_says '^hook burst on source: 3 calls, 0 failed, 0 dropped, 0 running$'
expect "and so do the metrics" metric_is 'op25bd_hook_calls_total{hook="burst"}' 3
expect "with none for which there was no room" metric_is 'op25bd_hook_dropped_total{hook="burst"}' 0
expect_equal "and no zombie" '' "$(pgrep -P "$(daemon_pid)" -r Z || true)"

#
# Alarms, by a reload.
#
hooks server.silence_alarm=1s <<EOF
[hook pager]
on = alarm
run = $DAEMON_DIR/tell
EOF
daemon_reload 'is in force'
expect "an alarm calls" wait_for 10 calls_are 1 '^pager alarm .*"alarm":"silence","state":"raised"'
come 1
expect "and its end" wait_for 10 calls_are 1 '^pager alarm .*"alarm":"silence","state":"over"'
come 4
expect_equal "who is not configured any more is not called" 3 "$(calls '^burst')"

#
# One that hangs, one that fails, and one that is missing.
#
hooks <<EOF
[hook hangs]
connections = 1
timeout = 300ms
max_running = 1
run = $DAEMON_DIR/hang

[hook fails]
connections = 1
every = 1s
run = $DAEMON_DIR/fail

[hook missing]
connections = 1
every = 1s
run = $DAEMON_DIR/nothing
EOF
daemon_reload 'is in force'
come 2
come 1 "$STATIC6" "$OTHER6"
come 1 "$DYNAMIC6" "$OTHER6"
expect "one that is missing is told" daemon_log_wait 'hook missing\] .*/nothing cannot be started: No such file'
expect "one that fails is, too" daemon_log_wait 'hook fails\] .*ended with status 3'
expect "one that hangs is killed" daemon_log_wait 'hook hangs\] .*longer than its timeout of 300 ms'
expect "each of its calls" wait_for 10 metric_is 'op25bd_hook_failures_total{hook="hangs"}' 3
expect_equal "one process for each" 3 "$(sort -u "$PIDS" | wc -l)"
expect "with all that it has started" wait_for 5 eval '! pgrep -f "sleep 1234" >/dev/null'
expect_equal "each was told once" 3 "$(logged_times 'said once')"
expect "status warns" status_says 'WARNING: .*hook missing\] .*cannot be started'
program nothing </dev/null
for ((i = 0; i < 40; i++)); do
    ! daemon_logged 'hook missing\] works again' || break
    come 1
done
expect "one that is there again is told" daemon_logged 'hook missing\] works again'
daemon_stop

# As root what is root's stays; of an ordinary user nothing does.
[ "$LAB_ROOT" = yes ] && [ -z "$OP25BD_WRAPPER" ] || exit 0
cp "$OP25BD" "$LAB_DIR/op25bd" # where that user can read it
OP25BD=$LAB_DIR/op25bd
: >"$CALLS"
hooks server.user=nobody <<<"$BURST"
daemon_start
come 4
expect "an ordinary user's daemon calls" wait_for 10 calls_are 1 '^burst source'
expect_match "without any capability" 'caps=0{16} 0{16} 0{16} ' "$(cat "$CALLS")"
daemon_stop
