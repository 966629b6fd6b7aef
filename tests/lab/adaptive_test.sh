#!/usr/bin/env bash
# The adaptive stage: the greeting at first, EHLO for a source that comes back, then any command;
# by source, within a plan or a destination class, across a reload. How far a source is can be asked
# for (op25bctl explain), which also tells the test when a step is over.
. "${srcdir:=.}/tests/lab/lab.sh" || exit 1
. "$srcdir/tests/lab/policies.sh"
lab_enter "$0" "$@"
: "${OP25BCTL:=$(dirname "$OP25BD")/op25bctl}"
lab_need swaks
lab_up

configure() { # MEMORY STEP
    policy_plans | sed "s/^\\[reject\\]/&\\nstage = adaptive\\nretry_memory = $1\\n\
retry_step = $2/; s/^\\[destination own-mail\\]/&\\nstage = rcpt/" | daemon_config
}

# next_stage SOURCE [DESTINATION]
next_stage() {
    "$OP25BCTL" -s "$DAEMON_DIR/control.sock" --json explain "$@" |
        sed -n 's/.*"next_stage": *"\([a-z]*\)".*/\1/p'
}

stage_is() { # SOURCE STAGE
    [ "$(next_stage "$1")" = "$2" ]
}

# refused WHAT SOURCE DESTINATION STAGE REPLY STEP...: a client that goes these steps is told so.
refused() {
    local what=$1 source=$2 destination=$3 stage=$4 reply=$5 said
    shift 5

    event_mark
    said=$(client dialogue --source "$source" "$destination" reply "$@" line:QUIT drain)
    expect_match "$what: the text" "< $reply.*(587|465)" "$said"
    event_wait event=reject source="$source" stage="$stage" close=quit > /dev/null ||
        fail "$what: no event of stage $stage"
}

configure 1h 10m
daemon_start
for source in "$DYNAMIC4" "$DYNAMIC6"; do
    destination=$OTHER4
    [[ $source != *:* ]] || destination=$OTHER6
    expect_equal "a source that is new" greeting "$(next_stage "$source")"
    refused "the first time" "$source" "$destination" greeting 554
    refused "at once again: the same attempt" "$source" "$destination" greeting 554
done
said=$("$OP25BCTL" -c "$DAEMON_CONFIG" explain "$DYNAMIC4")
expect_match "explain: of a file" 'at stage adaptive, which for this source is now greeting' "$said"

# The memory survives a reload; with shorter steps the same times are more.
configure 1h 100ms
daemon_reload 'is in force'
wait_for 10 stage_is "$DYNAMIC4" ehlo || fail "$DYNAMIC4 never gets to EHLO"
said=$("$OP25BCTL" -s "$DAEMON_DIR/control.sock" explain "$DYNAMIC4")
expect_match "explain: of the daemon" 'at stage adaptive, which for this source is now ehlo' "$said"
for source in "$DYNAMIC4" "$DYNAMIC6"; do
    destination=$OTHER4
    [[ $source != *:* ]] || destination=$OTHER6
    wait_for 10 stage_is "$source" ehlo || fail "$source never gets to EHLO"
    refused "after the step" "$source" "$destination" ehlo '550' line:'EHLO a.example' reply
done

# Another destination is of no matter.
wait_for 10 stage_is "$DYNAMIC4" command || fail "$DYNAMIC4 never gets to any command"
event_mark
said=$(on subscriber swaks --server "$CARRIER4" --local-interface "$DYNAMIC4" --tls \
    --from a@subscriber.example --to b@other.example --timeout 10 2>&1 || true)
expect_match "then: STARTTLS is listed" '^<-  250-STARTTLS' "$said"
expect_match "and refused like any command" '^<\*\* 550.5\.7\.1 .*(587|465)' "$said"
expect_not "AUTH is not listed" grep -q '^<.*AUTH$' <<< "$said"
event_wait event=reject source="$DYNAMIC4" stage=command code=550 > /dev/null ||
    fail "no event of stage command"
refused "from then on" "$DYNAMIC4" "$OTHER4" command 550 line:'EHLO a.example' reply line:'MAIL FROM:<>' reply

# A destination class with a stage of its own is no matter of the memory.
refused "a class with a stage of its own" "$DYNAMIC4" "$ISP4" rcpt 550 line:'EHLO a.example' reply \
    line:'MAIL FROM:<>' reply line:'RCPT TO:<b@isp.example>' reply

# Shorter now: silence is forgotten.
configure 1s 100ms
daemon_reload 'is in force'
wait_for 10 stage_is "$DYNAMIC4" greeting || fail "$DYNAMIC4 is remembered for ever"
refused "after long silence" "$DYNAMIC4" "$OTHER4" greeting 554

wait_for 10 daemon_idle || fail "descriptors are left open: $(daemon_descriptors)"
daemon_stop
