#!/usr/bin/env bash
# Pseudonyms: no output has a subscriber's address, all have the same name for it, also after a
# restart; and whoever may ask finds the address again, which leaves a trace.
. "${srcdir:=.}/tests/lab/lab.sh" || exit 1
. "$srcdir/tests/lab/policies.sh"
lab_enter "$0" "$@"
: "${OP25BCTL:=$(dirname "$OP25BD")/op25bctl}"
readonly SOCKET=$DAEMON_DIR/control.sock KEY=$DAEMON_DIR/state/pseudonym.key
readonly OUTPUTS=("$DAEMON_EVENTS" "$DAEMON_DIR"/{ecs,ocsf,rfc5424})
lab_up

config() { # KEY=VALUE...
    {
        policy_plans
        printf '[store]\nfile = events.db\n'
        for format in ecs ocsf rfc5424; do
            printf '[output %s]\nto = %s\nformat = %s\n' "$format" "$DAEMON_DIR/$format" "$format"
        done
    } | daemon_config events.pseudonym=hmac "$@"
}

ctl() {
    "$OP25BCTL" -s "$SOCKET" "$@" 2>&1
}

refuse_both() {
    client dialogue --source "$DYNAMIC4" "$OTHER4" reply line:QUIT drain >/dev/null
    client dialogue --source "$DYNAMIC6" "$OTHER6" reply line:QUIT drain >/dev/null
}

config events.pseudonym_key="$DAEMON_DIR/missing"
daemon_refuses '\[events\] pseudonym_key: .*missing: No such file'

config
daemon_start
expect_equal "the key is the daemon's alone" "600 32" "$(stat -c '%a %s' "$KEY")"
lab_spawn tail box "$OP25BCTL" -s "$SOCKET" tail
refuse_both
name4=$(event_key source "$(event_wait event=reject "destination=$OTHER4")")
name6=$(event_key source "$(event_wait event=reject "destination=$OTHER6")")
expect_match "a name in place of an address" '^p[0-9]+-[a-z2-7]{16}$' "$name4"
expect_match "also of an IPv6 one" '^p[0-9]+-[a-z2-7]{16}$' "$name6"
expect_not "each has its own" test "$name4" = "$name6"
ctl exempt add "$DYNAMIC4" --for 1h --reason "case 7, $DYNAMIC4 has a mail server" >/dev/null
expect "the trail has the name, too" event_wait event=audit "action=exempt add" "arguments~$name4.*$name4"
ctl exempt remove "$DYNAMIC4" >/dev/null

found=$(ctl reidentify "$name4" --reason "case 8")
expect_match "the address again, from when to when" "^$DYNAMIC4, from 20.* to 20" "$found"
expect "which leaves a trace" event_wait event=audit action=reidentify "arguments~case 8.*" "arguments~$name4" result=ok
found=$(ctl reidentify "$name6" --reason "case 9" --among "${DYNAMIC6%%::*}::/40" --json || true)
expect_match "an IPv6 one, as a prefix" '"source":"2001:db8:1[0-9a-f:]*/56"' "$found"
expect_match "or out of memory" '^2001:db8:1' "$(ctl reidentify "$name6" --reason "case 9")"
said=$(ctl reidentify "$name4" || true)
expect_match "not without a reason" 'reason' "$said"
said=$(ctl reidentify "$name4" --reason x --among 192.0.2.0/24 || true)
expect_match "one that is not among them" 'none of the 256 sources that come into question' "$said"
said=$(ctl reidentify "$DYNAMIC4" --reason x || true)
expect_match "an address is no pseudonym" 'p688-' "$said"
expect_match "explain is for those who run the box" "$DYNAMIC4 +[0-9]+ +$OTHER4" "$(ctl explain "$DYNAMIC4")"
wait_for 10 grep -q "$DYNAMIC4" "$LAB_DIR/tail.out" || fail "tail shows no address"
daemon_stop

for output in "${OUTPUTS[@]}"; do
    expect "${output##*/}: the name" grep -q "\"$name4\"" "$output"
    expect_not "${output##*/}: no address" grep -Eq "$DYNAMIC4|$DYNAMIC6" "$output"
done

event_mark
daemon_start
expect_match "an IPv6 one of before, out of the evidence" '^2001:db8:1.*/56, from' \
    "$(ctl reidentify "$name6" --reason "case 10")"
expect "which leaves a trace, too" event_wait event=audit "action=reidentify stored" "arguments~case 10.*" result=ok
refuse_both
expect "after a restart the same names" event_wait event=reject "source=$name4"
expect "also in IPv6" event_wait event=reject "source=$name6"
daemon_stop
