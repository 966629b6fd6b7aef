#!/usr/bin/env bash
# Everything that can go wrong with a relay: the right reply, the right close, no descriptor left.
. "${srcdir:=.}/tests/lab/lab.sh" || exit 1
. "$srcdir/tests/lab/policies.sh"
lab_enter "$0" "$@"
lab_up
{
    policy_plans
    printf '[relay]\nconnect_timeout = 700ms\nidle_timeout = 900ms\n'
} | daemon_config
server_start odd "$CARRIER4:25=silent" "[$CARRIER6]:25=reset:20000" "[$OTHER6]:25=flood:3"
daemon_start

no_descriptor_left() {
    wait_for 10 daemon_idle || fail "descriptors are left open: $(daemon_descriptors)"
    expect_equal "$1: no socket is left" 0 "$(daemon_descriptors)"
}

said=$(client dialogue --source $UNLISTED4 $OTHER4 reply drain)
expect_match "upstream refused: the client is told who could not reach whom, and why" \
    "< 421 op25b.isp.example cannot reach $OTHER4 port 25.*connection refused" "$said"
expect_match "and the connection ends in order" '= eof' "$said"
event_wait event=relay close=upstream_refused code=421 errno=111 source=$UNLISTED4 '!upstream_port' \
    > /dev/null
no_descriptor_left "upstream refused"

on box ip route add unreachable 198.51.100.200/32
said=$(client dialogue --source $UNLISTED4 198.51.100.200 reply drain)
expect_match "upstream unreachable" '< 421 op25b.isp.example cannot reach .*unreachable' "$said"
event_wait event=relay close=upstream_unreachable > /dev/null
no_descriptor_left "upstream unreachable"

on internet nft -f - <<< 'table inet silent { chain in { type filter hook input priority filter;
    ip daddr 192.0.2.25 tcp dport 25 drop; }; }'
said=$(client dialogue --source $UNLISTED4 $OTHER4 reply drain)
expect_match "upstream silent at connect: told after connect_timeout" '< 421 .*no answer' "$said"
event_wait event=relay close=upstream_timeout "duration_ms>=600" > /dev/null
no_descriptor_left "connect timeout"

said=$(client dialogue --source $UNLISTED4 $CARRIER4 drain)
expect_match "upstream silent after connect: closed after idle_timeout" '= eof' "$said"
event_wait event=relay close=idle_timeout "duration_ms>=800" > /dev/null
no_descriptor_left "idle timeout"

said=$(client stream --source $UNLISTED6 --size 1000000 $CARRIER6 || true)
expect_match "upstream resets in mid-transfer: the client gets a reset, not an end" '= reset' "$said"
event_wait event=relay close=upstream_reset > /dev/null
no_descriptor_left "upstream reset"

event_mark
client dialogue --source $UNLISTED4 $CARRIER4 bytes:HELO reset > /dev/null
event_wait event=relay close=client_reset > /dev/null
expect "client resets: so does the upstream end" server_wait odd event=end peer=$UNLISTED4 end=reset
no_descriptor_left "client reset"

# A client that vanishes without a word, while it is sent more than fits.
event_mark
client_spawn gone dialogue --source $UNLISTED6 $OTHER6 pause:100000
export diverted; diverted=$(lab_counter diverted)
wait_for 10 eval '[ "$(lab_counter diverted)" -gt "$diverted" ]'
lab_cut subscriber
event_wait --within 20 event=relay "close~^(idle_timeout|client_reset)$" source=$UNLISTED6 > /dev/null
lab_mend subscriber
lab_stop gone KILL
no_descriptor_left "client vanished"

daemon_stop
