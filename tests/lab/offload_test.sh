#!/usr/bin/env bash
# offload = nft: what exempt sources send is forwarded by the kernel and never comes to op25bd, as long as
# they are exempt and no longer; and nothing that is under way is cut by any of it.
. "${srcdir:=.}/tests/lab/lab.sh" || exit 1
. "$srcdir/tests/lab/policies.sh"
lab_enter "$0" "$@"
lab_need curl
lab_network
: "${OP25BCTL:=$(dirname "$OP25BD")/op25bctl}"
readonly EXEMPT4=203.0.113.77 EXEMPT6=2001:db8:100::77 LATER4=203.0.113.88
configure() { # EXEMPT
    { policy_plans | sed "s/^default = relay/&\nexempt = $1/" && printf '[relay]\noffload = nft\n'; } |
        daemon_config server.user="${USER_OF_DAEMON:-}" http.listen=127.0.0.1:9325
}
configure "$EXEMPT4, $EXEMPT6"

ctl() {
    "$OP25BCTL" -s "$DAEMON_DIR/control.sock" "$@" 2>&1
}
firewall() {
    on box "$OP25BCTL" -c "$DAEMON_CONFIG" firewall "$@"
}
accepted() { # by the daemon, ever
    ctl --json status | python3 -c 'import json, sys; print(json.load(sys.stdin)["totals"]["accepted"])'
}
says() { # SOURCE DESTINATION REGEX
    client dialogue --source "$1" "$2" reply line:QUIT drain 2>&1 | grep -E -e "$3" >/dev/null
}
offloaded() { # SOURCE: is in its set
    local set=exempt4

    case $1 in *:*) set=exempt6 ;; esac
    on box nft get element inet op25b $set "{ $1 }" >/dev/null 2>&1
}
not_offloaded() {
    ! offloaded "$1"
}
metric() {
    on box curl -s --max-time $((10 * LAB_PATIENCE)) http://127.0.0.1:9325/metrics |
        awk -v name="$1" '$1 == name { print $2 }'
}
passes() { # WHAT SOURCE DESTINATION: without the daemon
    local before

    expect "$1: it is in the set" wait_for 10 offloaded "$2"
    before=$(accepted)
    expect "and passes" says "$2" "$3" '< 220'
    expect "from its own address" server_wait mail event=connect peer="$2"
    expect_equal "past op25bd" "$before" "$(accepted)"
}
# patient NAME SOURCE: connects, and sends one more command each time it is told to.
patient() {
    mkfifo "$LAB_DIR/$1.go"
    lab_spawn "$1" subscriber python3 -c '
import socket, sys
source, other, go = sys.argv[1:]
with socket.create_connection((other, 25), 20, (source, 0)) as client:
    print(client.recv(999).decode(), flush=True)
    for word in open(go):
        client.sendall(b"NOOP\r\n")
        print(word.strip(), client.recv(999).decode(), flush=True)' "$2" "$OTHER4" "$LAB_DIR/$1.go"
    wait_for 10 lab_printed "$1" '^220' || fail "the client $1 got no greeting"
}
goes_on() { # NAME WORD: the clients hear of it by the descriptors 5, 6 and 7
    case $1 in
    forwarded) echo "$2" >&5 ;;
    relayed) echo "$2" >&6 ;;
    expiring) echo "$2" >&7 ;;
    esac
    wait_for 10 lab_printed "$1" "^$2 250"
}

server_start mail "$OTHER4:25" "[$OTHER6]:25"
firewall apply --interface access0 >/dev/null
daemon_start

#
# Of the configuration, and at run time.
#
passes "an exemption of the configuration, IPv4" $EXEMPT4 $OTHER4
passes "IPv6" $EXEMPT6 $OTHER6
expect_equal "metrics: the networks in the sets" 2 "$(metric op25bd_offload_networks)"
expect_equal "which are all of them" 1 "$(metric op25bd_offload_complete)"
expect_equal "and nothing was wrong" 0 "$(metric op25bd_offload_failures_total)"
expect_match "and packets are counted" '^[0-9]+$' "$(metric 'op25bd_offload_packets_total{family="ipv4"}')"
expect "who is not exempt is refused" says $DYNAMIC4 $OTHER4 '< 554'
ctl exempt add $DYNAMIC4 $DYNAMIC6 --for 1h --reason test >/dev/null
passes "one that is given now, IPv4" $DYNAMIC4 $OTHER4
passes "IPv6" $DYNAMIC6 $OTHER6
expect_match "with an end of its own" 'expires (59m|1h)' "$(on box nft list set inet op25b exempt4)"
patient forwarded $DYNAMIC4
patient relayed $UNLISTED4
exec 5>"$LAB_DIR/forwarded.go" 6>"$LAB_DIR/relayed.go"

expect "it is taken back" ctl exempt remove $DYNAMIC4 $DYNAMIC6
expect "and leaves the set" wait_for 10 not_offloaded $DYNAMIC4
expect "IPv4 is refused again" says $DYNAMIC4 $OTHER4 '< 554'
expect "IPv6, too" says $DYNAMIC6 $OTHER6 '< 554'
expect "what the kernel forwarded goes on" goes_on forwarded still

ctl exempt add $UNLISTED4 --for 1h --reason test >/dev/null
passes "one who has a connection through op25bd" $UNLISTED4 $OTHER4
expect "that connection goes on there" goes_on relayed added
ctl exempt remove $UNLISTED4 >/dev/null
expect "it is taken back" wait_for 10 not_offloaded $UNLISTED4
expect "the connection goes on" goes_on relayed removed
before=$(accepted)
expect "the next one is relayed" says $UNLISTED4 $OTHER4 '< 220'
expect_equal "by op25bd" $((before + 1)) "$(accepted)"

ctl exempt add $DYNAMIC4 --for $((4 * LAB_PATIENCE))s --reason test >/dev/null
expect "one for some seconds is in the set" wait_for 10 offloaded $DYNAMIC4
patient expiring $DYNAMIC4
exec 7>"$LAB_DIR/expiring.go"
expect "it ends by itself" wait_for 20 says $DYNAMIC4 $OTHER4 '< 554'
expect "and is not in the set" not_offloaded $DYNAMIC4
expect "what it had begun goes on" goes_on expiring still

# A network around others: the set can not hold both.
ctl exempt add $DYNAMIC4 --for 1h --reason test >/dev/null
ctl exempt add $LAB_DYNAMIC4 --for 1h --reason test --force >/dev/null
expect "a network around two others" wait_for 10 offloaded $LATER4
ctl exempt remove $LAB_DYNAMIC4 >/dev/null
expect "is taken back" wait_for 10 not_offloaded $LATER4
expect "they stay: of the configuration" wait_for 10 offloaded $EXEMPT4
expect "at run time" offloaded $DYNAMIC4

#
# Other configurations, and other hands on the table.
#
configure $LATER4
daemon_reload 'is in force'
expect "a reload puts in what is new" wait_for 10 offloaded $LATER4
expect "and takes out what is gone" not_offloaded $EXEMPT4
expect "IPv4 is refused then" says $EXEMPT4 $OTHER4 '< 554'
daemon_log_mark
on box nft flush set inet op25b exempt4
daemon_log_wait 'is no longer in the set'
expect "a set that was flushed is filled again" wait_for 10 offloaded $LATER4
daemon_log_mark
on box nft delete table inet op25b
daemon_log_wait 'op25bctl firewall apply'
expect_match "the status says it" 'offload: .*firewall apply' "$(ctl status)"
firewall apply --interface access0 >/dev/null
daemon_log_wait '2 networks of exempt sources are in the sets' 15
expect "a table that was deleted and made again, too" offloaded $LATER4
expect_equal "and the status is content" 0 "$(ctl status | grep -c offload: || true)"

#
# Without the daemon, and without the capability.
#
for name in forwarded relayed expiring; do
    lab_stop $name KILL
done
wait_for 10 daemon_idle || fail "a socket is left open"
daemon_stop
expect "while op25bd is down the set serves" says $LATER4 $OTHER4 '< 220'
expect "others are reset" says $EXEMPT4 $OTHER4 '= refused'
configure $EXEMPT4
daemon_start
expect "a new start puts in what it should have" wait_for 10 offloaded $EXEMPT4
expect "and takes out all else" not_offloaded $LATER4
daemon_stop
OP25BD_WRAPPER="$OP25BD_WRAPPER setpriv --bounding-set=-net_admin" daemon_start
expect_match "without CAP_NET_ADMIN it says so" 'offload: .*CAP_NET_ADMIN' "$(ctl status)"
expect "and serves" says $LATER4 $OTHER4 '< 554'
daemon_stop
