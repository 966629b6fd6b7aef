#!/usr/bin/env bash
# Runtime exemptions: in force at once, over by themselves, kept over a restart and a kill, and
# taking one back cuts nothing off.
. "${srcdir:=.}/tests/lab/lab.sh" || exit 1
. "$srcdir/tests/lab/policies.sh"
lab_enter "$0" "$@"
lab_up
server_start mail "$OTHER4:25" "[$OTHER6]:25" "$CARRIER4:25=echo"
policy_plans | daemon_config
daemon_start

: "${OP25BCTL:=${OP25BD%op25bd}op25bctl}"
ctl() {
    "$OP25BCTL" -s "$DAEMON_DIR/control.sock" exempt "$@" 2>&1
}

first_reply() { # SOURCE DESTINATION
    client dialogue --source "$1" "$2" reply line:QUIT drain | grep -m1 -o '< [0-9]*'
}

replies() { # SOURCE DESTINATION REPLY: for wait_for
    [ "$(first_reply "$1" "$2")" = "$3" ]
}

for family in 4 6; do
    source=DYNAMIC$family destination=OTHER$family
    source=${!source} destination=${!destination}
    expect_equal "IPv$family: refused" '< 554' "$(first_reply "$source" "$destination")"
    expect "an exemption is given" ctl add "$source" --for 1h --reason test --ticket T-1
    expect_equal "and relayed at once" '< 220' "$(first_reply "$source" "$destination")"
    expect "by the rule of its own" event_wait event=relay source="$source" rule=exempt:runtime
done
expect_match "the list says why" "$DYNAMIC4 .*T-1.*test" "$(ctl list)"
expect_match "and --json may stand behind" "^\{.*\"$DYNAMIC4\"" "$(ctl list --json)"
expect_match "a second time extends" 'extended' "$(ctl add $DYNAMIC4 --for 2h --reason test)"
expect_match "everybody is refused without --force" 'exemption_widest4' \
    "$(ctl add 0.0.0.0/0 --for 1h --reason slip || true)"

client_spawn transfer stream --source $DYNAMIC4 --size 2000 --keep-open $CARRIER4
wait_for 10 eval '[ "$(daemon_descriptors)" -eq 2 ]'
expect "it is taken back" ctl remove $DYNAMIC4
expect_equal "the next connection is refused" '< 554' "$(first_reply $DYNAMIC4 $OTHER4)"
expect "the transfer goes on" lab_running transfer
expect_equal "with its two sockets" 2 "$(daemon_descriptors)"
lab_stop transfer KILL
wait_for 10 daemon_idle || fail "descriptors are left open: $(daemon_descriptors)"

expect "one for two seconds" ctl add $DYNAMIC4 --for 2s --reason short
expect "is over by itself" wait_for 15 replies $DYNAMIC4 $OTHER4 '< 554'
history_tells() {
    ctl list --history | grep -q "expired.*$DYNAMIC4 .*short"
}
expect "and the history tells" wait_for 10 history_tells

daemon_stop
daemon_start
expect_equal "a restart keeps what lasts" '< 220' "$(first_reply $DYNAMIC6 $OTHER6)"
expect "one more, and a kill right after it" ctl add $DYNAMIC4 --for 1h --reason kill
lab_stop op25bd KILL
daemon_start
expect_equal "a kill keeps it as well" '< 220' "$(first_reply $DYNAMIC4 $OTHER4)"
daemon_stop

rm -f "$DAEMON_DIR"/state/exemptions.db*
head -c 4096 /dev/urandom >"$DAEMON_DIR/state/exemptions.db"
daemon_start
expect_equal "with a damaged database it serves, without them" '< 554' "$(first_reply $DYNAMIC4 $OTHER4)"
expect_match "and the status says so" 'WARNING: .*exemptions' \
    "$("$OP25BCTL" -s "$DAEMON_DIR/control.sock" status)"
expect_match "giving one is refused, not lost" 'exemptions' "$(ctl add $DYNAMIC4 --for 1h --reason no || true)"
daemon_stop
