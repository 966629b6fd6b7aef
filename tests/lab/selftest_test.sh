#!/usr/bin/env bash
# op25bctl selftest: refuses and relays with a site's configuration, touches nothing outside, leaves
# nothing behind, and can fail.
. "${srcdir:=.}/tests/lab/lab.sh" || exit 1
. "$srcdir/tests/lab/policies.sh"
lab_enter "$0" "$@"
lab_network
: "${OP25BCTL:=$(dirname "$OP25BD")/op25bctl}"
policy_plans | daemon_config server.listen='127.0.0.1:2525, [::1]:2525' http.listen=127.0.0.1:9325

selftest() {
    on box "${1:-$OP25BCTL}" -c "$DAEMON_CONFIG" selftest "${@:2}" 2>&1
}
outside() {
    on box nft list ruleset
    on box ip rule list
    on box ip -4 route list table all
    on box ip link
    grep -c . /proc/self/mounts
    find /tmp -maxdepth 1 -name 'op25b-selftest*'
    find "$DAEMON_DIR"
}

before=$(outside)
said=$(selftest) || fail "selftest fails: $said"
for family in IPv4 IPv6; do
    expect_match "$family is refused" "^ok +$family refused: from " "$said"
    expect_match "$family is relayed" "^ok +$family relayed: from " "$said"
done
expect_match "it prints what the subscriber reads" '< 554.*587' "$said"
expect_equal "nothing outside has changed, nothing is left" "$before" "$(outside)"

said=$(selftest "$OP25BCTL" --json) || fail "selftest fails, as JSON: $said"
expect_match "as JSON" '^\{"passed":true,"trials":\[\{"family":"IPv4","wanted":"refused","result":"ok","source":"[0-9.]+","talk":\["< 554.*"problems":\[\]\}$' "$said"

policy_plans | sed 's/^ipv6 = reject/ipv6 = relay/' | daemon_config server.listen=127.0.0.1:2525
said=$(selftest) || true
expect_match "what the configuration does not have is said" '^none IPv6 refused' "$said"

{ policy_plans | sed '/^\[plan/,/^$/d' && printf '[plan told]\nipv6 = relay\n'; } |
    daemon_config server.listen='127.0.0.1:2525, [::1]:2525' subscribers.source=file:/nowhere/people.csv
said=$(selftest) || fail "selftest fails with plans of sessions alone: $said"
expect_match "a plan that only sessions name refuses" '^ok +IPv4 refused: from 100.127.25.25' "$said"
expect_match "and relays" '^ok +IPv6 relayed: from ' "$said"

policy_plans | daemon_config server.listen=127.0.0.1:2525
said=$(selftest) && fail "a family without a listener is called well: $said"
expect_match "a family without a listener fails" '^FAIL IPv6 refused' "$said"
expect_match "the other is well" '^ok +IPv4 refused' "$said"
cp "$OP25BCTL" "$LAB_DIR/op25bctl"
said=$(selftest "$LAB_DIR/op25bctl") && fail "without op25bd it is called well: $said"
expect_match "no op25bd, no success" '^FAIL op25bd does not start: .*No such file' "$said"
said=$(selftest "$LAB_DIR/op25bctl" --json) && fail "the same, as JSON, is called well: $said"
expect_match "the same as JSON" '^\{"passed":false,"trials":\[\],"problems":\[\{"what":"op25bd does not start","why":".*No such file' "$said"
