#!/usr/bin/env bash
# Who is behind an address: by RADIUS accounting, spoken by FreeRADIUS's own client, and by a file
# that is read anew when it changes. A plan follows its subscriber, and no name reaches an output.
. "${srcdir:=.}/tests/lab/lab.sh" || exit 1
. "$srcdir/tests/lab/policies.sh"
lab_enter "$0" "$@"
lab_need radclient
lab_up
server_start mail "$OTHER4:25" "[$OTHER6]:25"
. "$srcdir/tests/lab/subscribers.sh"

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
# A NAS that has lost our answer sends the very same packet again (RFC 5080 2.2.1).
starts=$(metric start)
expect_equal "a packet that comes three times has three answers, all the same" '3 1' "$(on subscriber python3 -c '
import hashlib, socket, struct, sys
server, secret = sys.argv[1:]
attributes = struct.pack("!BBI", 40, 6, 1) + b"\x2c\x0420" + b"\x01\x05eve\x08\x06" + bytes([100, 64, 7, 7])
head = struct.pack("!BBH", 4, 99, 20 + len(attributes))
authenticator = hashlib.md5(head + bytes(16) + attributes + secret.encode()).digest()
nas = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
nas.connect((server, 1813))
nas.settimeout(20)
answers = []
for _ in range(3):
    nas.send(head + authenticator + attributes)
    answers.append(nas.recv(4096))
print(len(answers), len(set(answers)))' "$BOX4" xyzzy5461)"
expect_equal "of which one is counted" $((starts + 1)) "$(metric start)"
expect_equal "the others are duplicates" 2 "$(metric duplicate)"

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
