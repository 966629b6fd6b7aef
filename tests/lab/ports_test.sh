#!/usr/bin/env bash
# The port of the upstream: the client's own, or a fresh one while that is in TIME_WAIT; and a relay
# that is routed back to the box is caught.
. "${srcdir:=.}/tests/lab/lab.sh" || exit 1
. "$srcdir/tests/lab/policies.sh"
lab_enter "$0" "$@"
lab_up
{ policy_plans; printf '[relay]\nconnect_timeout = 2s\n'; } | daemon_config
server_start mail "$OTHER4:25" "[$OTHER6]:25"
# Without TCP timestamps the kernel will not reuse a pair that is in TIME_WAIT.
on internet sysctl -qw net.ipv4.tcp_timestamps=0
daemon_start

# The box closes first (the client resets while the server waits), which leaves TIME_WAIT with it.
relay_from() { # PORT
    client dialogue --source $UNLISTED4 --source-port "$1" $OTHER4 reply half-close drain > /dev/null
}
event_mark
relay_from 41025
event_wait event=relay source_port=41025 upstream_port=41025 > /dev/null
relay_from 41025
event_wait --count 2 event=relay source_port=41025 > /dev/null
expect "the same client port again is relayed from some port" \
    event_wait --count 2 event=relay source_port=41025 'close~eof$' 'upstream_port>=1'

# Somebody on the box has the client's address and port: a fresh port is used.
lab_spawn squatter box python3 -c '
import socket, signal
s = socket.socket(); s.setsockopt(socket.IPPROTO_IP, 19, 1)
s.bind(("'$UNLISTED4'", 42025)); print("bound", flush=True); signal.pause()'
wait_for 10 lab_printed squatter bound
event_mark
relay_from 42025
expect "a port that is taken: relayed from a fresh one" \
    event_wait event=relay source_port=42025 'upstream_port!=42025' 'upstream_port>=1'
expect "the server still sees the client's address" \
    server_wait mail event=connect peer=$UNLISTED4 'peer_port!=42025'

# A loop: what the box sends to port 25, from a port of its own choice, comes back to it, and so do
# the answers to that.
on box nft -f - << 'RULES'
table inet loop {
    chain out {
        type route hook output priority mangle;
        tcp dport 25 meta mark set 1
        tcp sport 25 tcp dport != 42025 meta mark set 1
    }
    chain back {
        type filter hook prerouting priority mangle - 1;
        iifname "lo" meta nfproto ipv4 tcp dport 25 tcp flags syn / syn,ack,rst \
            tproxy ip to 127.0.0.1:10025 meta mark set 1 accept
    }
}
RULES
event_mark
client dialogue --source $UNLISTED4 --source-port 42025 --timeout 10 $OTHER4 reply drain > /dev/null || true
expect "a relay that comes back to the box is caught" event_wait event=misdirected close=loop source=$UNLISTED4
daemon_log_wait 'routed back to this box'
on box nft delete table inet loop
wait_for 10 daemon_idle || fail "descriptors are left open: $(daemon_descriptors)"
said=$(client dialogue --source $UNLISTED4 $OTHER4 reply line:QUIT drain)
expect_match "and mended, it relays again" '< 220' "$said"
daemon_stop
