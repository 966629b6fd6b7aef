#!/usr/bin/env bash
# Regulated clients, IPv4 and IPv6, by real programs: they are told what to do, and the event says
# who they were and which rule refused them.
. "${srcdir:=.}/tests/lab/lab.sh" || exit 1
. "$srcdir/tests/lab/policies.sh"
lab_enter "$0" "$@"
lab_need swaks
lab_up
policy_plans | daemon_config
daemon_start

text='[Pp]ort 25 is blocked.*(587|465)'

swaks_says() {
    on subscriber swaks --server "$1" --local-interface "$2" --from a@subscriber.example \
        --to b@other.example --timeout 10 2>&1 || true
}

refused_event() { # SOURCE DESTINATION
    event_wait event=reject source="$1" destination="$2" destination_port=25 \
        plan=fiber-dynamic code=554 stage=greeting "rule~^plan:fiber-dynamic:ipv[46]$" \
        'ref~^[A-Z2-7]{8}$' 'time~^20..-..-..T..:..:..\.[0-9]{3}Z$' close=quit bytes_in\>=6
}

for family in 4 6; do
    source=DYNAMIC$family destination=OTHER$family
    source=${!source} destination=${!destination}
    event_mark
    said=$(swaks_says "$destination" "$source")
    expect_match "swaks over IPv$family reads the code and the box's own name" \
        '^<\*\* +554-op25b.isp.example' "$said"
    expect_match "swaks over IPv$family reads what to do" "^<\*\* +554.$text" "$said"
    expect_match "and where to read more, in the last line" \
        '^<\*\* +554 .*https://isp.example/op25b' "$said"
    event=$(refused_event "$source" "$destination")
    expect_match "the text holds the event's reference" \
        "$(event_key ref "$event")" "$said"
    expect_equal "the rule is that of IPv$family" "plan:fiber-dynamic:ipv$family" \
        "$(event_key rule "$event")"

    event_mark
    said=$(client send --source "$source" "$destination" || true)
    expect_match "smtplib over IPv$family gives its user the text" "$text" "$said"
    event_wait event=reject source="$source" plan=fiber-dynamic > /dev/null
done

event_mark
port=$(event_key source_port "$(client dialogue --source-port 0 "$OTHER4" reply line:QUIT drain > "$LAB_DIR/quit.out"
    event_wait event=reject source="$DYNAMIC4")")
expect "the event names the client's port" test "$port" -gt 1023
expect_match "QUIT is answered 221, then comes the end" '< 221 ' "$(cat "$LAB_DIR/quit.out")"
expect_match "and the end is no reset" '= eof' "$(cat "$LAB_DIR/quit.out")"

# Whatever a client does instead, the text arrives whole and the connection ends in order.
said=$(client dialogue "$OTHER4" "bytes:EHLO a\r\nMAIL FROM:<a@b.example>\r\nRCPT TO:<c@d.example>\r\nDATA\r\n" \
    reply reply reply reply reply line:QUIT drain)
expect_match "pipelined commands get the greeting first" '< 554 ' "$said"
expect_equal "and 503 each" 4 "$(grep -c '< 503 ' <<< "$said")"
expect_not "DATA is never accepted" grep -q '< 354' <<< "$said"
expect_match "after QUIT" '< 221 ' "$said"

event_mark
said=$(client dialogue "$OTHER4" half-close drain)
expect_match "a client that half-closes at once still reads the text" '< 554 ' "$said"
event_wait event=reject close=client_eof > /dev/null

event_mark
said=$(client dialogue "$OTHER4" "repeat:3000:x" reply "repeat:70000:x" drain)
expect_match "a line without an end is cut off" '< 421 ' "$said"
event_wait event=reject close=input_limit > /dev/null

event_mark
client dialogue "$OTHER4" reply reset > /dev/null
event_wait event=reject close=client_reset > /dev/null

wait_for 10 daemon_idle || fail "descriptors are left open: $(daemon_descriptors)"
daemon_stop
