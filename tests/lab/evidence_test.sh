#!/usr/bin/env bash
# The abuse desk's questions to the evidence of real interceptions, who may ask them, and that a killed
# daemon leaves it whole.
. "${srcdir:=.}/tests/lab/lab.sh" || exit 1
. "$srcdir/tests/lab/policies.sh"
lab_enter "$0" "$@"
: "${OP25BCTL:=$(dirname "$OP25BD")/op25bctl}"
readonly SOCKET=$DAEMON_DIR/control.sock
lab_up
server_start mail "$CARRIER4:25=echo" "$OTHER4:25=echo"

ctl() {
    "$OP25BCTL" -s "$SOCKET" "$@" 2>&1
}

# value EXPRESSION COMMAND...: of the answer, as "a" in Python.
value() {
    local expression=$1
    shift
    ctl "$@" --json | python3 -c "import json, sys; a = json.load(sys.stdin); print($expression)"
}

refuse_one() {
    client dialogue --source "${1:-$DYNAMIC4}" "${2:-$OTHER4}" reply line:QUIT drain > /dev/null
}

# How many connections rows speak of by now.
stored() {
    [ "$(value 'a["store"]["stored"]' status)" -ge "$1" ]
}

policy_plans | daemon_config server.control_abuse=games server.control_support=news
daemon_start
expect_match "without a store: what to do" '\[store\] file is empty' "$(ctl who $DYNAMIC4 || true)"
daemon_stop

{
    policy_plans
    printf '[store]\nfile = events.db\n'
} | daemon_config server.control_abuse=games server.control_support=news
daemon_start
for _ in 1 2 3 4 5; do refuse_one; done
refuse_one $DYNAMIC6 $OTHER6
client stream --source $UNLISTED4 --size 1000 $CARRIER4 > /dev/null
wait_for 20 stored 7

# who
expect_equal "who: attempts" "5 5 0 1" \
    "$(value 'a["attempts"], a["rejected"], a["relayed"], a["destinations"]' who $DYNAMIC4 | tr -d '(),')"
said=$(ctl who $DYNAMIC4)
expect_match "who: for people" "$DYNAMIC4: seen from 20.*5 attempts: 5 refused" "${said//$'\n'/ }"
expect_match "who: how they ended" 'ended by: quit 5' "$said"
expect_equal "who: a network" 6 \
    "$(("$(value 'a["attempts"]' who 203.0.113.0/24)" + "$(value 'a["attempts"]' who 2001:db8:100::/40)"))"
expect_match "who: nobody" 'nothing was seen' "$(ctl who 192.0.2.200)"
ctl exempt add $DYNAMIC4 --for 1h --reason "moves his mail" --ticket T1 > /dev/null
expect_match "who: its exemptions" 'exemption: .* added of '"$DYNAMIC4"' .*moves his mail' "$(ctl who $DYNAMIC4)"
ctl exempt remove $DYNAMIC4 > /dev/null

# ref
code=$(event_wait event=reject source=$DYNAMIC4 | python3 -c 'import json, sys; print(json.load(sys.stdin)["ref"])')
said=$(ctl ref "${code,,}")
expect_match "ref: the event" "reject +$DYNAMIC4 -> $OTHER4 .* $code" "$said"
expect_match "ref: why" 'rule plan:fiber-dynamic:ipv4' "$said"
expect_match "ref: an unknown one" 'no event with the reference' "$(ctl ref AAAAAAAA)"
expect_match "ref: none" 'eight letters' "$(ctl ref 12 || true)"

# top, stats
expect_equal "top: by source" "$DYNAMIC4 5" \
    "$(value 'a["rows"][0]["key"], a["rows"][0]["attempts"]' top --since 1h | tr -d "(),'")"
expect_equal "top: by net" 203.0.113.0/24 "$(value 'a["rows"][0]["key"]' top --by net)"
expect_equal "top: by plan" fiber-dynamic "$(value 'a["rows"][0]["key"]' top --by plan)"
expect_equal "top: by destination" "$OTHER4" "$(value 'a["rows"][0]["key"]' top --by destination)"
expect_equal "top: those that are new" 3 "$(value 'len(a["rows"])' top --new --since 1h)"
expect_equal "stats: the sources of a day" 2 \
    "$(value 'sum(d["sources_rejected"] for d in a["days"] if d.get("plan") == "fiber-dynamic")' stats)"

# match
now=$(date -u +%Y-%m-%dT%H:%M:%SZ)
cat > "$LAB_DIR/complaints" <<JSON
{"xarf_version":"4.0.0","source_identifier":"$DYNAMIC4","timestamp":"$now"}
{"source.ip":"$UNLISTED4","time.source":"$now"}
{"source.ip":"203.0.113.77","time.source":"$now"}
{"source.ip":"$DYNAMIC4","time.source":"2020-01-01T00:00:00Z"}
JSON
expect_equal "match: blocked, relayed, never seen, not then" "blocked relayed unseen unseen" \
    "$(value '" ".join(c["finding"] for c in a["complaints"])' match "$LAB_DIR/complaints")"
printf 'Feedback-Type: abuse\nSource-IP: %s\nArrival-Date: %s\n' "$DYNAMIC4" "$(date -R)" > "$LAB_DIR/arf"
expect_match "match: a mail" "$DYNAMIC4 .*refused here" "$(ctl match "$LAB_DIR/arf")"
printf "Subject: hello\n\nhello\n" > "$LAB_DIR/letter"
expect_match "match: what is no complaint" "neither a mail" "$(ctl match "$LAB_DIR/letter" || true)"

# report
ctl report $DYNAMIC4 --org "ISP" --contact abuse@isp.example > "$LAB_DIR/report.json"
expect "report: XARF has what its schema requires" python3 "$srcdir/tests/lab/xarf.py" \
    "$LAB_DIR/report.json" "$srcdir/tests/schemas/xarf-4.txt" $DYNAMIC4 5
expect_equal "report: CSV" 6 "$(ctl report $DYNAMIC4 --format csv | wc -l)"
expect_match "report: who reports" 'names who reports' "$(ctl report $DYNAMIC4 || true)"
expect_match "report: nothing to report" 'no event of' \
    "$(ctl report 203.0.113.77 --format csv || true)"

# Who may ask what. In a user namespace nobody can become another user.
as_group() { # GROUP ARGUMENT...
    local group=$1
    shift
    setpriv --reuid=nobody --regid="$group" --clear-groups "$OP25BCTL" -s "$SOCKET" "$@" 2>&1 || true
}
if setpriv --reuid=nobody --regid=games --clear-groups test -x "$OP25BCTL" -a -w "$SOCKET" 2> /dev/null; then
    expect_match "support: ref" " $code" "$(as_group news ref "$code")"
    expect_match "support: explain" 'rule plan' "$(as_group news explain $DYNAMIC4)"
    expect_match "support: no who" 'not allowed.*control_abuse' "$(as_group news who $DYNAMIC4)"
    expect_match "support: no drain" 'not allowed' "$(as_group news drain)"
    expect_match "abuse: who" '5 attempts' "$(as_group games who $DYNAMIC4)"
    expect_match "abuse: no exemptions" 'not allowed' \
        "$(as_group games exempt add $DYNAMIC4 --for 1h --reason x)"
    expect_match "anybody else: nothing" 'not allowed' "$(as_group nogroup status)"
    event_wait event=audit action=who result="not allowed" > /dev/null
fi
event_wait event=audit action=who result=ok > /dev/null
expect "every question is an audit event" true

# A killed process loses no more than its last half second, and never the file.
before=$(value 'a["store"]["stored"]' status)
daemon_signal KILL
daemon_wait || true
daemon_start
expect_equal "after a kill it is all there" 5 "$(value 'a["attempts"]' who $DYNAMIC4)"
refuse_one
wait_for 20 eval '[ "$(value "a[\"attempts\"]" who $DYNAMIC4)" -eq 6 ]'
expect "and grows" true
expect "it had stored what there was" [ "$before" -ge 7 ]
daemon_stop
expect_equal "the file is whole" ok "$(python3 -c '
import sqlite3, sys
print(sqlite3.connect(sys.argv[1]).execute("PRAGMA integrity_check").fetchone()[0])' "$DAEMON_DIR/state/events.db")"
