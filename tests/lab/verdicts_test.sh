#!/usr/bin/env bash
# Who is refused where: plans by family, the provider's own mail servers, unlisted sources; and that
# ports 587 and 465 work whatever becomes of the daemon.
. "${srcdir:=.}/tests/lab/lab.sh" || exit 1
. "$srcdir/tests/lab/policies.sh"
lab_enter "$0" "$@"
lab_up
policy_plans | daemon_config server.max_connections=4 server.workers=1
server_start mail "$OTHER4:25" "[$OTHER6]:25" "$ISP4:25" "[$ISP6]:25" \
    "$OTHER4:587" "[$OTHER6]:587" "$OTHER4:465=smtps" "[$OTHER6]:465=smtps" "$ISP4:587"
daemon_start

# greeted SOURCE DESTINATION CODE: the first reply has the code.
greeted() {
    client dialogue --source "$1" "$2" reply line:QUIT drain | grep -q "< $3[ -]"
}

expect "the dynamic plan is refused over IPv4" greeted $DYNAMIC4 $OTHER4 554
expect "and over IPv6" greeted $DYNAMIC6 $OTHER6 554
expect "the static plan is relayed over IPv4" greeted $STATIC4 $OTHER4 220
event_wait event=relay source=$STATIC4 plan=fiber-static rule=plan:fiber-static:ipv4 > /dev/null
expect "the server sees the static client's own address" \
    server_wait mail event=connect peer=$STATIC4
expect "the same subscriber is refused over IPv6" greeted $STATIC6 $OTHER6 554
event_wait event=reject source=$STATIC6 rule=plan:fiber-static:ipv6 > /dev/null
expect "a source in no plan is relayed" greeted $UNLISTED4 $OTHER4 220
event_wait event=relay source=$UNLISTED4 rule=default '!plan' > /dev/null
expect "over IPv6 too" greeted $UNLISTED6 $OTHER6 220
expect "the provider's own mail server is refused, even for the static plan" \
    greeted $STATIC4 $ISP4 554
event_wait event=reject source=$STATIC4 destination=$ISP4 rule=destination:own-mail \
    destination_class=own-mail > /dev/null
expect "and over IPv6" greeted $DYNAMIC6 $ISP6 554

# submission STATE: mail through 587 and 465 of the very host whose port 25 is refused.
submission() {
    expect "$1: 587 works over IPv4" client send --port 587 --starttls $OTHER4
    expect "$1: 587 works over IPv6" client send --port 587 --starttls $OTHER6
    expect "$1: 465 works over IPv4" client send --port 465 --tls $OTHER4
    expect "$1: 465 works over IPv6" client send --port 465 --tls $OTHER6
    expect "$1: 587 of the provider's own server works" client send --port 587 $ISP4
}
submission "daemon up"

client_spawn crowd hold --source $STATIC4 $OTHER4 4
wait_for 10 lab_printed crowd '^holding 4: 220=4' # relays: they make room for nobody
expect "the daemon is full" greeted $DYNAMIC4 $OTHER4 421
event_wait event=overload close=connection_limit rule=limit:connections code=421 > /dev/null
submission "daemon overloaded"
lab_stop crowd

daemon_stop
said=$(client dialogue $OTHER4 reply || true)
expect_match "without the daemon port 25 is shut" '= refused' "$said"
submission "daemon down"
