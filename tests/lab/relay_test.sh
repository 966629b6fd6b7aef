#!/usr/bin/env bash
# Exempt mail passes as if the box were not there: the client's own address and port, not one octet
# altered, STARTTLS, PIPELINING and CHUNKING untouched, ends passed on one by one.
. "${srcdir:=.}/tests/lab/lab.sh" || exit 1
. "$srcdir/tests/lab/policies.sh"
lab_enter "$0" "$@"
lab_up
policy_plans | daemon_config
server_start mail "$OTHER4:25" "[$OTHER6]:25"
daemon_start

for family in 4 6; do
    source=UNLISTED$family destination=OTHER$family
    source=${!source} destination=${!destination}
    said=$(client send --source "$source" --starttls "$destination")
    size=$(awk '/^sent/ { print $2 }' <<< "$said")
    sum=$(awk '/^sent/ { print $3 }' <<< "$said")
    expect "STARTTLS over IPv$family: the message arrives octet by octet" \
        server_wait mail event=message peer="$source" tls=true size="$size" sha256="$sum"
    said=$(client chunking --source "$source" --size 300000 --seed 7 "$destination")
    sum=$(awk '/^sent/ { print $3 }' <<< "$said")
    expect "BDAT over IPv$family: a binary message arrives octet by octet" \
        server_wait mail event=message peer="$source" by=BDAT sha256="$sum"
done

said=$(client send --source $UNLISTED4 --size 50000000 --seed 3 $OTHER4)
sum=$(awk '/^sent/ { print $3 }' <<< "$said")
expect "a message of 50 MB arrives octet by octet" \
    server_wait mail event=message sha256="$sum"
event_wait event=relay source=$UNLISTED4 bytes_in\>=50000000 > /dev/null

said=$(client dialogue --source $UNLISTED4 $OTHER4 reply \
    "bytes:EHLO a\r\nMAIL FROM:<a@b.example>\r\nRCPT TO:<c@d.example>\r\nRSET\r\nQUIT\r\n" drain)
expect_match "the server's own extensions are seen" '< 250.PIPELINING' "$said"
expect_match "STARTTLS is not stripped" '< 250.STARTTLS' "$said"
expect_match "and pipelined commands are answered to the last" '< 221 ' "$said"

event_mark
client dialogue --source $UNLISTED4 --source-port 40025 $OTHER4 reply line:QUIT drain > /dev/null
expect "the server sees the client's own port" \
    server_wait mail event=connect peer=$UNLISTED4 peer_port=40025
event_wait event=relay source_port=40025 upstream_port=40025 close=upstream_eof > /dev/null

# A half-close must arrive as one: the server answers only after the client's end.
server_start odd "$CARRIER4:25=digest" "[$CARRIER6]:25=echo"
said=$(client stream --source $UNLISTED4 --size 3000000 --seed 9 $CARRIER4)
expect_match "a client that half-closes early gets its answer, of all it sent" \
    "^text $(awk '/^sent/ { print $2, $3 }' <<< "$said")" "$said"
said=$(client stream --source $UNLISTED6 --size 20000000 --seed 4 $CARRIER6)
expect_equal "20 MB both ways at once come back the same" \
    "$(awk '/^sent/ { print $2, $3 }' <<< "$said")" "$(awk '/^received/ { print $2, $3 }' <<< "$said")"

wait_for 10 daemon_idle || fail "descriptors are left open: $(daemon_descriptors)"
daemon_stop

# source = server: the box's own address.
{ policy_plans; printf '[relay]\nsource = server\n'; } | daemon_config
daemon_start
event_mark
client dialogue --source $UNLISTED4 $OTHER4 reply line:QUIT drain > /dev/null
expect "with source = server the box's own address is seen" \
    server_wait mail event=connect peer=192.0.2.1
event_wait event=relay source=$UNLISTED4 > /dev/null
daemon_stop
