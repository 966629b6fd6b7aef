#!/usr/bin/env bash
# HUP: the next connection is judged by the new file, running relays go on; a bad file changes
# nothing and every problem of it is printed.
. "${srcdir:=.}/tests/lab/lab.sh" || exit 1
. "$srcdir/tests/lab/policies.sh"
lab_enter "$0" "$@"
lab_up
server_start mail "$OTHER4:25" "$CARRIER4:25=echo"
policy_plans | daemon_config
daemon_start

first_reply() { # SOURCE
    client dialogue --source "$1" $OTHER4 reply line:QUIT drain | grep -m1 -o '< [0-9]*'
}

expect_equal "before: the unlisted source is relayed" '< 220' "$(first_reply $UNLISTED4)"
client_spawn transfer stream --source $UNLISTED4 --size 2000 --keep-open $CARRIER4
wait_for 10 eval '[ "$(daemon_descriptors)" -eq 2 ]'

policy_plans | sed 's/^default = relay/default = reject/' | daemon_config
daemon_reload 'is in force'
expect_equal "after HUP: the next connection is refused" '< 554' "$(first_reply $UNLISTED4)"
event_wait event=reject source=$UNLISTED4 rule=default > /dev/null
expect "the relay from before goes on" lab_running transfer
expect_equal "with its two sockets" 2 "$(daemon_descriptors)"

{ policy_plans; printf '[relay]\nidle_timeot = 5m\nconnect_timeout = soon\n'; } | daemon_config
daemon_reload 'stays in force'
expect "a bad file: the misspelt key is named with its line" \
    daemon_logged "^$DAEMON_CONFIG:[0-9]+: \[relay\] idle_timeot: .*did you mean .*idle_timeout"
expect "and so is the bad value, in the same run" \
    daemon_logged "^$DAEMON_CONFIG:[0-9]+: \[relay\] connect_timeout: "
expect_equal "nothing has changed" '< 554' "$(first_reply $UNLISTED4)"

policy_plans | daemon_config server.listen=127.0.0.1:10026
daemon_reload 'is in force'
expect "a key that needs a restart is named" daemon_logged '\[server\] listen has changed'
expect_equal "the rest of that file is in force" '< 220' "$(first_reply $UNLISTED4)"

lab_stop transfer KILL
event_wait event=relay destination=$CARRIER4 rule=default > /dev/null
wait_for 10 daemon_idle || fail "descriptors are left open: $(daemon_descriptors)"
daemon_stop
