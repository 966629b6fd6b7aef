#!/usr/bin/env bash
# An exemption that follows its subscriber from address to address, over both families and a restart, whether a
# file or RADIUS tells where that one is; and no name in any output.
. "${srcdir:=.}/tests/lab/lab.sh" || exit 1
. "$srcdir/tests/lab/policies.sh"
lab_enter "$0" "$@"
lab_need radclient
lab_up
server_start mail "$OTHER4:25" "[$OTHER6]:25"
. "$srcdir/tests/lab/subscribers.sh"

#
# By a file.
#

policy_plans | daemon_config subscribers.source="file:$PEOPLE" subscribers.check=100ms
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

#
# By sessions; one of which nothing is heard any more is over.
#

policy_plans | daemon_config http.listen=127.0.0.1:9325 subscribers.source=radius \
    radius.listen="$BOX4:1813" radius.secret_file="$SECRET" radius.clients="$LAB_WAN4" \
    radius.session_timeout="$((3 * LAB_PATIENCE))s"
daemon_start
expect "Start without a plan" account Start 4 frank none "Framed-IP-Address = $DYNAMIC4"
expect_equal "frank is refused" '< 554' "$(first_reply $DYNAMIC4 $OTHER4)"
expect "he is exempt" "$OP25BCTL" -s "$DAEMON_DIR/control.sock" exempt add --subscriber frank --for 1h --reason test
expect "Interim-Update" account Interim-Update 4 frank none "Framed-IP-Address = $DYNAMIC4"
expect_equal "and relayed" '< 220' "$(first_reply $DYNAMIC4 $OTHER4)"
expect "at his next session's address, too" account Start 5 frank none "Framed-IP-Address = $UNLISTED4"
expect_match "as explain says" 'verdict: relay, rule exempt:subscriber' "$(explain $UNLISTED4)"
expect "the first one is over by itself" wait_for 20 replies $DYNAMIC4 $OTHER4 '< 554'
expect_match "and its address nobody's" 'is no known subscriber' "$(explain $DYNAMIC4)"
daemon_stop
