#!/usr/bin/env bash
# starttls = certificate: TLS in the box's own name, and then the refusal; no more than that.
. "${srcdir:=.}/tests/lab/lab.sh" || exit 1
. "$srcdir/tests/lab/policies.sh"
lab_enter "$0" "$@"
lab_need swaks openssl
lab_up
readonly CERTIFICATE=$LAB_DIR/box.pem KEY=$LAB_DIR/box.key

# certify NAME: a new certificate for this name, readable by whoever the daemon is.
certify() {
    openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 30 -subj "/CN=$1" \
        -addext "subjectAltName=DNS:$1" -keyout "$KEY" -out "$CERTIFICATE" 2> "$LAB_DIR/openssl.log" ||
        fail "openssl has made no certificate"
}

configure() { # STAGE [LINE]...: of [reject]
    policy_plans | sed "s|^\\[reject\\]|&\\nstage = $1\\nstarttls = certificate\\n\
certificate = $CERTIFICATE\\ncertificate_key = $KEY\\n${2:-}|" | daemon_config
}

# in_tls STEP...: a dialogue that has come to STARTTLS.
in_tls() {
    client dialogue "$OTHER4" reply line:'EHLO a.example' reply line:STARTTLS reply "$@"
}

certify op25b.isp.example
configure command
daemon_start

# Real clients.
event_mark
said=$(on subscriber swaks --server "$OTHER4" --local-interface "$DYNAMIC4" --tls \
    --from a@subscriber.example --to b@other.example --timeout 10 2>&1 || true)
expect_match "swaks: STARTTLS is listed" '^<-  250-STARTTLS' "$said"
expect_match "swaks: TLS 1.3, and this box's own name" 'CN=op25b.isp.example' "$said"
expect_match "swaks: the text comes inside" '^<~\* 550.5\.7\.1 .*(587|465)' "$said"
expect_not "swaks: STARTTLS is not listed again, AUTH never is" grep -Eq '^<~  250.(STARTTLS|AUTH)' <<< "$said"
event_wait event=reject stage=command tls=TLSv1.3 code=550 close=quit > /dev/null ||
    fail "the event does not tell of TLS"

said=$(printf 'EHLO a.example\nMAIL FROM:<>\nQUIT\n' |
    on subscriber openssl s_client -starttls smtp -tls1_2 -crlf -quiet -ign_eof \
        -CAfile "$CERTIFICATE" -verify_return_error -verify_hostname op25b.isp.example \
        -connect "$OTHER4:25" 2>&1 || true)
expect_match "openssl: TLS 1.2, a certificate that stands the check" '^550.5\.7\.1 .*(587|465)' "$said"
event_wait event=reject tls=TLSv1.2 close=quit > /dev/null || fail "no event of TLS 1.2"

# Versions.
for version in 1.2 1.3; do
    said=$(in_tls "tls:$version" line:'EHLO a.example' reply line:NOOP reply line:QUIT drain)
    expect_match "TLS $version: is spoken" "\\* TLSv$version" "$said"
    expect_match "TLS $version: refused in it" '< 550.5\.7\.1 .*(587|465)' "$said"
    expect_match "TLS $version: an end in order" '= eof' "$said"
done
event_mark
expect_match "TLS 1.1 is not" '= tls: ' "$(in_tls tls:1.1)"
event_wait event=reject close=tls_failed > /dev/null || fail "no event tls_failed"

# What an attacker between could have put behind STARTTLS.
event_mark
said=$(client dialogue "$OTHER4" reply line:'EHLO a.example' reply \
    'bytes:STARTTLS\r\nEHLO injected.example\r\nMAIL FROM:<injected@a.example>\r\n' reply tls \
    line:'EHLO a.example' reply line:QUIT drain)
expect_equal "injected commands are not answered inside" '250 221' \
    "$(sed -n '/\* TLS/,$ s/.*< \([0-9]*\) .*/\1/p' <<< "$said" | xargs)"
event_wait event=reject tls=TLSv1.3 '!code' close=quit > /dev/null || fail "injected commands were refused"
event_mark
said=$(client dialogue "$OTHER4" reply line:'EHLO a.example' reply line:STARTTLS reply \
    line:'MAIL FROM:<injected@a.example>' drain)
expect_not "plain text in place of a handshake is not answered" grep -q '< 550' <<< "$said"
event_wait event=reject close=tls_failed > /dev/null || fail "no event tls_failed"

# Long replies and pipelining inside, a client that ends in different ways.
said=$(in_tls tls 'repeat:17:NOOP\r\n' 'bytes:QUIT\r\n' drain)
expect_equal "pipelined inside: every command is answered" 17 "$(grep -c '< 550 ' <<< "$said")"
expect_match "pipelined inside: and QUIT" '< 221' "$said"
said=$(in_tls tls 'repeat:3000:x' 'repeat:63000:y' drain)
expect_match "a line without an end is cut off" '< 421 .*too much input' "$said"
event_mark
in_tls tls line:NOOP reply reset > /dev/null
event_wait event=reject close=client_reset tls=TLSv1.3 > /dev/null || fail "no event client_reset"
event_mark
in_tls tls line:NOOP reply close > /dev/null
event_wait event=reject tls=TLSv1.3 "close~client_(eof|reset)" > /dev/null || fail "no event of the end"

# A new certificate by HUP; who began with the old one keeps it.
before=$(in_tls tls line:QUIT drain | sed -n 's/.*\* TLSv1.3 //p')
client_spawn old dialogue "$OTHER4" reply line:'EHLO a.example' reply line:STARTTLS reply tls pause:100 \
    line:NOOP reply pause:60000
wait_for 10 lab_printed old '< 550 '
certify other.isp.example
daemon_reload 'is in force'
expect "the name that is not this box's is doubted" \
    daemon_logged "^$DAEMON_CONFIG:[0-9]+: \[reject\] certificate: is not for op25b.isp.example"
after=$(in_tls tls line:QUIT drain | sed -n 's/.*\* TLSv1.3 //p')
expect "there is a certificate before and after" test -n "$before" -a -n "$after"
expect_not "HUP changes it" test "$before" = "$after"
expect "an open session goes on" lab_running old
lab_stop old KILL

# One that can not be used changes nothing.
echo nonsense > "$KEY"
daemon_reload 'stays in force'
expect "a bad key is named with its line" \
    daemon_logged "^$DAEMON_CONFIG:[0-9]+: \[reject\] certificate_key: $KEY: holds no key"
expect_equal "and the one before serves" "$after" "$(in_tls tls line:QUIT drain | sed -n 's/.*\* TLSv1.3 //p')"

# Times and limits; the stage mail lists STARTTLS only while there is room.
certify op25b.isp.example
configure mail 'max_tls_sessions = 1\nquit_wait = 2s\nlinger = 1s'
daemon_reload 'is in force'
event_mark
client_spawn stalled dialogue "$OTHER4" reply line:'EHLO a.example' reply line:STARTTLS reply pause:60000
wait_for 10 lab_printed stalled '< 220 2.0.0'
said=$(client dialogue "$OTHER4" reply line:'EHLO a.example' reply line:STARTTLS reply line:QUIT drain)
expect_not "no room for one more: STARTTLS is not listed" grep -q 'STARTTLS$' <<< "$(grep '<' <<< "$said")"
expect_match "and not answered" '< 502' "$said"
event_wait event=reject close=idle_timeout > /dev/null || fail "a stalled handshake does not end"
lab_stop stalled KILL
said=$(in_tls tls line:'EHLO a.example' reply line:'MAIL FROM:<>' reply line:QUIT drain)
expect_match "then there is room again" '< 550.5\.7\.1 .*(587|465)' "$said"
event_wait event=reject stage=mail "tls~TLS" code=550 > /dev/null || fail "no event of stage mail"

wait_for 10 daemon_idle || fail "descriptors are left open: $(daemon_descriptors)"
client_spawn last dialogue "$OTHER4" reply line:'EHLO a.example' reply line:STARTTLS reply tls \
    line:NOOP reply drain
wait_for 10 lab_printed last '< 250 2.0.0'
daemon_stop
wait_for 10 lab_printed last '< 421 4.3.2' || fail "going down is not told in TLS"
