#!/usr/bin/env bash
# A real Postfix on the static plan delivers to a real Postfix behind the box, insisting on STARTTLS:
# the receiver sees the client's own address, and the message arrives byte for byte.
. "${srcdir:=.}/tests/lab/lab.sh" || exit 1
. "$srcdir/tests/lab/policies.sh"
. "$srcdir/tests/lab/postfix.sh"
lab_enter "$0" "$@"
postfix_need
lab_up
lab_invalid_drop
policy_plans | daemon_config
daemon_start
postfix_server_start
postfix_client_start

{
    printf 'From: <%s>\nTo: <someone@other.example>\nSubject: from the static plan\n\n' "$POSTFIX_SENDER"
    python3 -c '
import random
random.seed(25)
for _ in range(20000):
    print("".join(chr(random.randrange(33, 127)) for _ in range(random.randrange(1, 200))))
print(".\n..\n.leading dots\nFrom the line start\n\n\nend")'
} > "$LAB_DIR/message"
postfix_send someone@other.example "$LAB_DIR/message"
arrived=$(postfix_message_wait server)
expect "the body arrives byte for byte" \
    cmp <(postfix_body "$LAB_DIR/message") <(postfix_body "$arrived")
postfix_log_wait server "connect from .*\[$STATIC4\]"
expect "the receiver logs the client's own address" true
expect "over TLS" postfix_logged server "TLS connection established from .*\[$STATIC4\]"
expect "the sender has it delivered" postfix_logged client 'to=<someone@other.example>.*status=sent'
event_wait event=relay source=$STATIC4 destination=$OTHER4 plan=fiber-static \
    rule=plan:fiber-static:ipv4 'bytes_in>=1900000' 'close~^(client|upstream)_eof$' > /dev/null

# The same customer over IPv6 is regulated: Postfix is told so, in words that its log keeps.
postfix_send someone@other6.example "$LAB_DIR/message"
event_wait event=reject source=$STATIC6 destination=$OTHER6 rule=plan:fiber-static:ipv6 > /dev/null
postfix_log_wait client 'to=<someone@other6.example>.*554.*[Pp]ort 25 is blocked'
expect "over IPv6 its log says what is wrong" true

wait_for 10 daemon_idle || fail "descriptors are left open: $(daemon_descriptors)"
postfix_stop client
postfix_stop server
daemon_stop
