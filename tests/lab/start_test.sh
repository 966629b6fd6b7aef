#!/usr/bin/env bash
# Starting: what it says when it can not, and what it has given up once it runs.
. "${srcdir:=.}/tests/lab/lab.sh" || exit 1
. "$srcdir/tests/lab/policies.sh"
lab_enter "$0" "$@"
lab_need setpriv
lab_up

policy_plans | daemon_config
daemon_start
status=/proc/$(daemon_pid)/status
if [[ "$OP25BD_WRAPPER" != *valgrind* ]]; then
    cap_net_raw=0000000000002000
    expect_equal "CAP_NET_RAW is its only effective capability" $cap_net_raw \
        "$(awk '/^CapEff/ { print $2 }' "$status")"
    expect_equal "and its only permitted one" $cap_net_raw "$(awk '/^CapPrm/ { print $2 }' "$status")"
    expect_equal "the bounding set is empty" 0000000000000000 \
        "$(awk '/^CapBnd/ { print $2 }' "$status")"
    expect_equal "no_new_privs is set" 1 "$(awk '/^NoNewPrivs/ { print $2 }' "$status")"
    expect_equal "the descriptor limit is the hard one" \
        "$(awk '/^Max open files/ { print $5 }' "/proc/$(daemon_pid)/limits")" \
        "$(awk '/^Max open files/ { print $4 }' "/proc/$(daemon_pid)/limits")"
fi
daemon_stop

OP25BD_WRAPPER='setpriv --inh-caps=-all --bounding-set=-net_raw --no-new-privs' \
    daemon_refuses 'CAP_NET_RAW is missing'
expect "without CAP_NET_RAW it refuses to start and says how to get it" true

lab_spawn other box python3 -c '
import socket, signal
s = socket.create_server(("127.0.0.1", 10025)); print("listening", flush=True); signal.pause()'
wait_for 10 lab_printed other listening
policy_plans | daemon_config
daemon_refuses 'cannot listen on 127.0.0.1:10025.*another program listens there'
lab_stop other KILL
policy_plans | daemon_config
sed -i 's/^user = .*/user = no-such-user-here/' "$DAEMON_CONFIG"
daemon_refuses 'no user "no-such-user-here"'
policy_plans | daemon_config events.output=/nowhere/at/all/events.jsonl
daemon_refuses 'cannot open /nowhere/at/all/events.jsonl: No such file'
expect "each failure to start is explained" true

printf '[server]\nhostname = op25b.isp.example\nworkers = many\n' > "$DAEMON_CONFIG"
daemon_refuses "^$DAEMON_CONFIG:3: \[server\] workers: "

if [ "$LAB_ROOT" = yes ]; then
    policy_plans | daemon_config server.user=nobody
    daemon_start
    status=/proc/$(daemon_pid)/status
    if [[ "$OP25BD_WRAPPER" != *valgrind* ]]; then
        expect_equal "as root it becomes the user" "$(id -u nobody)" \
            "$(awk '/^Uid/ { print $3 }' "$status")"
        expect_equal "with CAP_NET_RAW only" $cap_net_raw "$(awk '/^CapEff/ { print $2 }' "$status")"
        expect_equal "and without root's groups" "" "$(awk '/^Groups/ { print $2 }' "$status")"
    fi
    server_start mail "$OTHER4:25"
    said=$(client dialogue --source $UNLISTED4 $OTHER4 reply line:QUIT drain)
    expect_match "and relays from the client's address all the same" '< 220' "$said"
    expect "which the server sees" server_wait mail event=connect peer=$UNLISTED4
    expect_equal "its events belong to the user" nobody "$(stat -c %U "$DAEMON_EVENTS")"
    daemon_stop
fi
