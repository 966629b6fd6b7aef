#!/usr/bin/env bash
# op25bctl doctor: each thing that can be wrong is broken, named together with its cure, and mended.
. "${srcdir:=.}/tests/lab/lab.sh" || exit 1
. "$srcdir/tests/lab/policies.sh"
lab_enter "$0" "$@"
[[ "$OP25BD_WRAPPER" != *valgrind* ]] || skip "the doctor knows op25bd by its name"
lab_network
: "${OP25BCTL:=$(dirname "$OP25BD")/op25bctl}"
policy_plans | daemon_config server.max_connections=1000
on box sysctl -qw net.core.somaxconn=4096 net.ipv4.tcp_migrate_req=1
on box "$OP25BCTL" -c "$DAEMON_CONFIG" firewall apply --interface access0
daemon_start

doctor() {
    on box "$OP25BCTL" -c "$DAEMON_CONFIG" doctor "$@"
}

# ill WHAT LEVEL REGEX: the doctor says that; FAIL is its exit status too.
ill() {
    local said status=0

    said=$(doctor) || status=$?
    expect_match "$1" "^$2 +$3" "$said"
    [ "$2" != FAIL ] || [ "$status" -eq 1 ] || fail "$1: exit status $status"
}

# setting NAME BROKEN GOOD LEVEL REGEX
setting() {
    on box sysctl -qw "$1=$2"
    ill "$1 = $2" "$4" "$5"
    on box sysctl -qw "$1=$3"
}

said=$(doctor) || fail "the healthy box is called ill: $said"
expect_equal "a healthy box fails in nothing" "" "$(grep -Ev '^(ok|warn +clock) ' <<<"$said" || true)"

said=$(doctor --json) || fail "the healthy box is called ill, as JSON: $said"
expect_match "as JSON" '^\{"worst":"(ok|warn)","findings":\[\{"level":"ok","check":"rules","text":"complete' "$said"

setting net.ipv4.ip_forward 0 1 FAIL 'forwarding +IPv4 .*sysctl -w net.ipv4.ip_forward=1'
setting net.ipv6.conf.all.forwarding 0 1 FAIL \
    'forwarding +IPv6 .*sysctl -w net.ipv6.conf.all.forwarding=1'
setting net.ipv4.conf.access0.rp_filter 1 0 warn 'rp_filter +access0 .*all.rp_filter=2'
setting net.core.somaxconn 100 4096 warn 'backlog .*sysctl -w net.core.somaxconn=4096'
setting net.ipv4.tcp_migrate_req 0 1 warn 'migration .*sysctl -w net.ipv4.tcp_migrate_req=1'

on box ip -6 rule del priority 2525
ill "the routing rule of one family" FAIL 'rules +missing routing rule: ip -6 .*firewall apply'
status=0
said=$(doctor --json) || status=$?
expect_equal "as JSON: exit status" 1 "$status"
expect_match "as JSON: the failure" '"worst":"fail".*"level":"fail","check":"rules","text":"missing routing rule' "$said"
on box ip -4 route flush table 2525
ill "the route of the other" FAIL 'rules +missing route: ip -4'
on box nft flush chain inet op25b untracked_in
ill "connection tracking" FAIL 'rules +missing in chain untracked_in: .*notrack'
on box nft delete table inet op25b
ill "all rules" FAIL 'rules +port 25 is not sent to op25bd'
on box "$OP25BCTL" -c "$DAEMON_CONFIG" firewall apply --interface access0

sed -i 's/^max_connections = .*/max_connections = 900000/' "$DAEMON_CONFIG"
ill "descriptors" warn 'descriptors .*max_connections = 900000; LimitNOFILE=1800256'
sed -i 's/^max_connections = .*/max_connections = 1000/' "$DAEMON_CONFIG"

mount -t tmpfs -o size=1m,nr_inodes=20 small "$DAEMON_DIR/state"
head -c 1100000 /dev/zero >"$DAEMON_DIR/state/big" 2>/dev/null || true
ill "a full disk" FAIL 'disk .*/state: 0 % of space left; df '
rm "$DAEMON_DIR/state/big"
for _ in {1..20}; do
    { : >"$DAEMON_DIR/state/file$_"; } 2>/dev/null || true
done
ill "no inodes" FAIL 'disk .*/state: 0 % of inodes left'
umount "$DAEMON_DIR/state"
rm -r "$DAEMON_DIR/state"
ill "no folder" FAIL 'disk .*/state .*No such file.*install -d'
mkdir "$DAEMON_DIR/state"

on box python3 -c '
import socket
server = socket.create_server(("127.0.0.1", 0), backlog=0)
clients = []
for _ in range(5):
    client = socket.socket()
    client.settimeout(0.2)
    clients.append(client)
    try:
        client.connect(server.getsockname())
    except TimeoutError:
        pass'
ill "lost connections" warn 'overflow .*connections to some listener'

daemon_stop
ill "the daemon is down" FAIL 'listener +nobody answers on 127.0.0.1:10025.*systemctl start op25bd'
ill "over IPv6 too" FAIL 'listener +nobody answers on \[::1\]:10025'
# Something else by that name, which has kept all capabilities.
cp "$(command -v sleep)" "$LAB_DIR/op25bd"
lab_spawn impostor box "$LAB_DIR/op25bd" 60
ill "too many capabilities" warn 'capabilities .*may do more than it needs'
lab_stop impostor
lab_spawn impostor box setpriv --inh-caps=-all --bounding-set=-net_raw "$LAB_DIR/op25bd" 60
wait_for 10 eval '[ "$(cat "/proc/${LAB_PIDS[impostor]}/comm")" = op25bd ]'
ill "a capability that is missing" FAIL 'capabilities .*no CAP_NET_RAW; AmbientCapabilities'
lab_stop impostor
