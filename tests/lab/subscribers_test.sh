#!/usr/bin/env bash
# Who is behind an address: by RADIUS accounting, spoken by FreeRADIUS's own client, and by a file
# that is read anew when it changes. A plan follows its subscriber, and no name reaches an output.
. "${srcdir:=.}/tests/lab/lab.sh" || exit 1
. "$srcdir/tests/lab/policies.sh"
lab_enter "$0" "$@"
lab_need radclient
lab_up
server_start mail "$OTHER4:25" "[$OTHER6]:25"

: "${OP25BCTL:=${OP25BD%op25bd}op25bctl}"
readonly SECRET=$DAEMON_DIR/secret PEOPLE=$DAEMON_DIR/people.csv
mkdir -p "$DAEMON_DIR"
printf 'xyzzy5461\n' >"$SECRET"
chmod 0600 "$SECRET"

first_reply() { # SOURCE DESTINATION
    client dialogue --source "$1" "$2" reply line:QUIT drain | grep -m1 -o '< [0-9]*'
}

replies() { # SOURCE DESTINATION REPLY: for wait_for
    [ "$(first_reply "$1" "$2")" = "$3" ]
}

refused() { # COMMAND...: it fails
    ! "$@"
}

explain() {
    "$OP25BCTL" -s "$DAEMON_DIR/control.sock" explain "$@" 2>&1
}

# account STATUS SESSION USER PLAN NETWORK-ATTRIBUTE...: one packet of the NAS, and its response.
account() {
    local status=$1 session=$2 user=$3 plan=$4
    shift 4
    {
        printf 'Acct-Status-Type = %s\nAcct-Session-Id = "%s"\n' "$status" "$session"
        printf 'User-Name = "%s"\nFilter-Id = "%s"\n' "$user" "$plan"
        [ $# -eq 0 ] || printf '%s\n' "$@"
    } | on subscriber radclient -q -t "${RADIUS_PATIENCE:-3}" -r 1 "${RADIUS_SERVER:-$BOX4:1813}" acct \
        "${RADIUS_SECRET:-xyzzy5461}" >>"$LAB_DIR/radclient.out" 2>&1
}

metric() { # RESULT
    on box curl -s http://127.0.0.1:9325/metrics |
        sed -n "s/^op25bd_radius_packets_total{result=\"$1\"} //p"
}

#
# RADIUS.
#

policy_plans | daemon_config http.listen=127.0.0.1:9325 subscribers.source=radius \
    radius.listen="$BOX4:1813" radius.secret_file="$SECRET" radius.clients="$LAB_WAN4" \
    radius.plan_attribute=Filter-Id radius.session_timeout=1h
chmod 0644 "$SECRET"
daemon_refuses 'others could read or change this secret'
chmod 0600 "$SECRET"
daemon_start

expect_equal "nobody is known: the network's plan" '< 554' "$(first_reply $DYNAMIC4 $OTHER4)"
expect "Start is answered" account Start 1 alice fiber-static "Framed-IP-Address = $DYNAMIC4" \
    "Delegated-IPv6-Prefix = 2001:db8:100::/56"
expect_equal "the session's plan relays" '< 220' "$(first_reply $DYNAMIC4 $OTHER4)"
expect_equal "and refuses IPv6, as it says" '< 554' "$(first_reply $DYNAMIC6 $OTHER6)"
expect "the event has a pseudonym" event_wait event=relay source=$DYNAMIC4 plan=fiber-static
expect_match "of hexadecimal digits" '"subscriber":"s-[0-9a-f]{20}"' "$(tail -n 1 "$DAEMON_EVENTS")"
expect_match "explain says whose plan it is" "plan fiber-static, of the subscriber's session" \
    "$(explain $DYNAMIC4)"
expect "Interim-Update is answered" account Interim-Update 1 alice fiber-static \
    "Framed-IP-Address = $DYNAMIC4"

expect "the address is another subscriber's" account Start 2 bob fiber-dynamic \
    "Framed-IP-Address = $DYNAMIC4"
expect_equal "who is refused" '< 554' "$(first_reply $DYNAMIC4 $OTHER4)"
expect "the Stop of the session before is late" account Stop 1 alice fiber-static
expect_match "and takes nothing from the next one" "subscriber s-[0-9a-f]*'s: plan fiber-dynamic" \
    "$(explain $DYNAMIC4)"
expect "its own Stop" account Stop 2 bob fiber-dynamic
expect_match "ends it" 'is no known subscriber' "$(explain $DYNAMIC4)"

RADIUS_PATIENCE=0.3
RADIUS_SECRET=wrong
expect "a wrong secret gets no answer" refused account Start 3 eve fiber-static \
    "Framed-IP-Address = $DYNAMIC4"
RADIUS_SECRET=
expect "nor does a NAS that is not listed" refused account Start 3 eve fiber-static \
    "Framed-IP-Address = $DYNAMIC4" "Packet-Src-IP-Address = $UNLISTED4"
expect_equal "and neither is believed" '< 554' "$(first_reply $DYNAMIC4 $OTHER4)"
expect_equal "both are counted: the secret" 1 "$(metric wrong_secret)"
expect_equal "and the NAS" 1 "$(metric unknown_nas)"
expect_equal "like what was heard" 2 "$(metric stop)"
expect "no name in the events" refused grep -q 'alice\|bob' "$DAEMON_EVENTS"
expect "nor in the log, and no secret" refused grep -q 'alice\|bob\|xyzzy' "$DAEMON_LOG"
daemon_stop

#
# A file.
#

policy_plans | daemon_config subscribers.source="file:$PEOPLE" subscribers.check=100ms
printf 'network,from,to,subscriber,plan\n%s,,,alice,fiber-static\n' "$DYNAMIC4" >"$PEOPLE"
daemon_start
expect_equal "the file's plan relays" '< 220' "$(first_reply $DYNAMIC4 $OTHER4)"

printf '%s,,,alice\n' "$DYNAMIC4" >"$PEOPLE.new"
mv "$PEOPLE.new" "$PEOPLE"
expect "a bad file is named with its line" wait_for 10 daemon_logged 'people.csv:1: has 4 fields'
expect_equal "and changes nothing" '< 220' "$(first_reply $DYNAMIC4 $OTHER4)"

printf '%s,,2026-01-01T00:00:00Z,alice,fiber-static\n%s,2026-01-01T00:00:00Z,,bob,fiber-dynamic\n' \
    "$DYNAMIC4" "$DYNAMIC4" >"$PEOPLE.new"
mv "$PEOPLE.new" "$PEOPLE"
expect "a new one is read by itself" wait_for 10 replies $DYNAMIC4 $OTHER4 '< 554'
expect_match "and knows what was before" "plan fiber-static, of the subscriber's session" \
    "$(explain $DYNAMIC4 --at 2025-12-31T00:00:00Z)"
expect "no name in the log" refused grep -q 'alice\|bob' "$DAEMON_LOG"
daemon_stop

#
# An exemption that follows its subscriber, on to the next address and line, and over a restart.
#

exempt() {
    "$OP25BCTL" -s "$DAEMON_DIR/control.sock" exempt "$@" 2>&1
}

people() { # LINE...: the file is this from now on
    printf '%s\n' "$@" >"$PEOPLE.new"
    mv "$PEOPLE.new" "$PEOPLE"
}

people "$DYNAMIC4,,,carol,fiber-dynamic" "$DYNAMIC6,,,carol,fiber-dynamic" "$UNLISTED4,,,dave,fiber-dynamic"
daemon_start
expect_equal "carol is refused" '< 554' "$(first_reply $DYNAMIC4 $OTHER4)"
expect "she is exempt, by name" exempt add --subscriber carol --for 1h --reason '#4711'
expect_equal "and relayed at once" '< 220' "$(first_reply $DYNAMIC4 $OTHER4)"
expect "by the rule of its own" event_wait event=relay source=$DYNAMIC4 rule=exempt:subscriber
expect_equal "in IPv6, too" '< 220' "$(first_reply $DYNAMIC6 $OTHER6)"
expect_equal "dave is not" '< 554' "$(first_reply $UNLISTED4 $OTHER4)"
who=$(explain $DYNAMIC4 | grep -om1 's-[0-9a-f]\{20\}')
expect_match "explain says why" "exempt at runtime holds the subscriber $who: relay until" "$(explain $DYNAMIC4)"
expect_match "the list shows a pseudonym" "^$who .*#4711" "$(exempt list)"
expect_match "it can be asked for" "^$who .*#4711" "$(exempt list --subscriber carol)"
expect "no name in the log" refused grep -q 'carol' "$DAEMON_LOG"
expect "nor in the events" refused grep -q 'carol' "$DAEMON_EVENTS"

people "$DYNAMIC4,,,dave,fiber-dynamic" "$UNLISTED4,,,carol,fiber-dynamic"
expect "the address is dave's by now: refused" wait_for 10 replies $DYNAMIC4 $OTHER4 '< 554'
expect_equal "carol's next one is not" '< 220' "$(first_reply $UNLISTED4 $OTHER4)"
daemon_stop
daemon_start
expect_equal "nor after a restart" '< 220' "$(first_reply $UNLISTED4 $OTHER4)"
expect "by pseudonym it is taken back" exempt remove --subscriber "$who"
expect_equal "and she is refused" '< 554' "$(first_reply $UNLISTED4 $OTHER4)"
expect_match "which the history tells" "removed .*$who" "$(exempt list --history)"
expect "what is neither is said" refused exempt add --subscriber '' --for 1h --reason none
daemon_stop
