#!/usr/bin/env bash
# op25bctl firewall: what it applies intercepts, what it says about a changed kernel is true, and it
# takes away what it made; what happens while the daemon is down is what was asked for.
. "${srcdir:=.}/tests/lab/lab.sh" || exit 1
. "$srcdir/tests/lab/policies.sh"
lab_enter "$0" "$@"
lab_network
: "${OP25BCTL:=$(dirname "$OP25BD")/op25bctl}"
readonly EXEMPT4=203.0.113.77 EXEMPT6=2001:db8:100::77
policy_plans | sed "s/^default = relay/&\nexempt = $EXEMPT4, $EXEMPT6/" | daemon_config

firewall() {
    on box "$OP25BCTL" -c "$DAEMON_CONFIG" firewall "$@" 2>&1
}

# What the box's kernel holds. Priorities and counters that never moved print alike.
kernel() {
    local family

    on box nft -s -t list ruleset
    for family in -4 -6; do
        on box ip $family rule list
        on box ip $family route list table all | grep -Ev "fe80|ff00"
    done
}

# says SOURCE DESTINATION REGEX
says() {
    client dialogue --source "$1" "$2" reply line:QUIT drain 2>&1 | grep -E -e "$3" >/dev/null
}

# By family, for indirect names such as ${!dynamic}.
family_names() {
    dynamic=DYNAMIC$1 exempt=EXEMPT$1 unlisted=UNLISTED$1 other=OTHER$1
}

#
# Applying.
#
server_start mail "$OTHER4:25" "[$OTHER6]:25"
before=$(kernel)
expect_not "without an interface nothing is applied" firewall apply
expect_not "nor with a name that no interface has" firewall apply --interface 'a"b'
expect_equal "and nothing has changed" "$before" "$(kernel)"
expect "rules and routing are applied" firewall apply --interface access0
applied=$(kernel)
expect "applying again" firewall apply
expect_equal "gives the same, for the interface that it found" "$applied" "$(kernel)"
firewall print --format script --interface access0 >"$LAB_DIR/setup.sh"
expect "the script runs" on box sh "$LAB_DIR/setup.sh"
expect_equal "and gives the same" "$applied" "$(kernel)"
expect "check agrees" firewall check
expect_equal "check as JSON" '{"right":true,"differences":[]}' "$(firewall check --json)"
expect_equal "apply as JSON" \
    '{"interfaces":["access0"],"on_failure":"block","ipv4":true,"ipv6":true}' "$(firewall apply --json)"
expect_match "print as JSON" '^\{"format":"nft","text":".*table inet op25b' \
    "$(firewall print --interface access0 --json)"

daemon_start
for family in 4 6; do
    family_names $family
    expect "IPv$family is refused" says "${!dynamic}" "${!other}" '< 554'
    expect "IPv$family is relayed" says "${!unlisted}" "${!other}" '< 220'
    expect "from the client's own address" server_wait mail event=connect peer="${!unlisted}"
    expect "IPv$family was intercepted" test "$(lab_counter intercepted$family)" -gt 0
    expect_equal "nothing of it went past" 0 "$(lab_counter bypass$family)"
done
wait_for 10 daemon_idle || fail "a socket is left open"
daemon_stop

#
# Without the daemon.
#
for family in 4 6; do
    family_names $family
    expect "daemon down, IPv$family: who is refused is reset" \
        says "${!dynamic}" "${!other}" '= refused'
    expect "who is exempt passes" says "${!exempt}" "${!other}" '< 220'
    expect "and who is in no plan" says "${!unlisted}" "${!other}" '< 220'
    expect "all of it is counted" test "$(lab_counter bypass$family)" -gt 0
done
expect "a plan that relays IPv4 passes" says $STATIC4 $OTHER4 '< 220'
expect "and is reset over IPv6" says $STATIC6 $OTHER6 '= refused'

# A connection that is forwarded now must not notice what comes.
mkfifo "$LAB_DIR/go"
lab_spawn patient subscriber python3 -c '
import socket, sys
exempt, other, go = sys.argv[1:]
with socket.create_connection((other, 25), 20, (exempt, 0)) as client:
    print(client.recv(999).decode(), flush=True)
    open(go).read()
    client.sendall(b"NOOP\r\n")
    print("still", client.recv(999).decode(), flush=True)' $EXEMPT4 $OTHER4 "$LAB_DIR/go"
wait_for 10 lab_printed patient '^220' || fail "the patient client got no greeting"

expect "open is applied" firewall apply --on-failure open
for family in 4 6; do
    family_names $family
    expect "daemon down, open: IPv$family passes" says "${!dynamic}" "${!other}" '< 220'
done
expect "check remembers that it is to be open" firewall check
daemon_start
expect "the daemon is back" says $DYNAMIC4 $OTHER4 '< 554'
echo now >"$LAB_DIR/go"
expect "a connection from before goes on" wait_for 10 lab_printed patient '^still 250'
daemon_stop

#
# Checking.
#
# differs WHAT REGEX: check fails and says that.
differs() {
    local said

    ! said=$(firewall check) || fail "$1: check saw nothing"
    expect_match "$1" "$2" "$said"
    expect "which apply mends" firewall apply --interface access0
    firewall check >/dev/null || fail "apply has not mended it"
}
# rule_handle CHAIN WORDS: of the first rule like that.
rule_handle() {
    on box nft -a list chain inet op25b "$1" | awk -v words="$2" \
        'index($0, words) { print $NF; exit }'
}

expect "block is applied" firewall apply --on-failure block
on box nft delete rule inet op25b intercept handle "$(rule_handle intercept 'socket transparent')"
differs "a rule that is gone is missed" 'missing in chain intercept: .*socket transparent'
on box nft insert rule inet op25b port25 accept
differs "one that is too many is seen" '^unknown in chain port25: accept'
handle=$(rule_handle port25 'fib daddr')
on box nft "delete rule inet op25b port25 handle $handle; add rule inet op25b port25 fib daddr type local accept"
differs "and one at the wrong place" '^out of order in chain port25'
on box ip -6 rule del priority 2525
differs "a routing rule that is gone is missed" 'missing routing rule: ip -6 rule add'
on box ip -4 route flush table 2525
differs "and a route" 'missing route: ip -4 route replace local default'
on box nft flush chain inet op25b port25
differs "and all rules at once" 'missing in chain port25: .*tproxy'

# The rules follow the configuration, and what does not load leaves them in place.
applied=$(kernel)
sed -i "s/^listen = .*/listen = 127.0.0.1:10026/" "$DAEMON_CONFIG"
said=$(firewall check || true)
expect_match "check sees another port" 'missing in chain port25: .*127.0.0.1:10026' "$said"
expect_match "and that IPv6 has no listener any more" 'unknown in chain port25: .*tproxy ip6' "$said"
said=$(firewall print --interface access0)
expect_match "a family without a listener is warned of" 'WARNING.*no IPv6 address' "$said"
expect_not "rules that do not load are refused" on box sh -c \
    'sed s/tproxy/tproxi/ "$1" | sh' sh "$LAB_DIR/setup.sh"
expect_equal "and leave those before in place" "$applied" "$(kernel)"

#
# Removing.
#
expect "removing" firewall remove
expect_equal "leaves nothing" "$before" "$(kernel)"
expect_equal "removing again does no harm" '{"removed":true}' "$(firewall remove --json)"
expect_not "check says what is missing" firewall check --interface access0
