#!/usr/bin/env bash
# How much is recorded: each level of [events] detail holds what op25bd.conf(5) says, and at no
# level does a secret that clients have sent show anywhere: in any format, the log, the metrics,
# what op25bctl says, or a file of the daemon's.
. "${srcdir:=.}/tests/lab/lab.sh" || exit 1
. "$srcdir/tests/lab/policies.sh"
lab_enter "$0" "$@"
lab_need curl
: "${OP25BCTL:=$(dirname "$OP25BD")/op25bctl}"
readonly SOCKET=$DAEMON_DIR/control.sock SAID=$LAB_DIR/said
lab_up
on box ip link set lo up

# Each destination is refused at a stage of its own.
readonly STAGES=("greeting $OTHER4" "ehlo $CARRIER4" "mail $ISP4" "rcpt $OTHER6" "command $CARRIER6")

config() { # LEVEL
    local stage
    {
        printf '[policy]\ndefault = reject\n[reject]\nurl = https://isp.example/op25b\n'
        for stage in "${STAGES[@]}"; do
            printf '[destination at-%s]\nnetworks = %s\nstage = %s\n' "${stage% *}" \
                "${stage#* }" "${stage% *}"
        done
        for format in ecs ocsf rfc5424; do
            printf '[output %s]\nto = %s\nformat = %s\n' "$format" "$DAEMON_DIR/$format" "$format"
        done
    } | daemon_config http.listen=127.0.0.1:9325 store.file=events.db events.detail="$1" \
        events.i_have_a_legal_basis="${2:-yes}"
}

# Nobody may find these anywhere. In base64: "\0Us3rSecret\0Pas5Secret", and each of the two.
readonly SECRETS='L0calSecret|Us3rSecret|Pas5Secret|Subj3ctSecret|B0dySecret|QuotedSecret|AFVzM3JTZWNyZXQAUGFzNVNlY3JldA|VXMzclNlY3JldA|UGFzNVNlY3JldA|Lat3Secret'

# What a mail program says, and what one says that logs in; neither waits for a reply.
readonly MAIL='EHLO pc-17.home.example\r\nMAIL FROM:<L0calSecret@sender.example> AUTH=<L0calSecret>\r\nRCPT TO:<\"QuotedSecret@x\"@recipient.example>\r\nRCPT TO:<L0calSecret@third.example>\r\nDATA\r\nSubject: Subj3ctSecret\r\n\r\nB0dySecret\r\nEHLO Lat3Secret\r\nMAIL FROM:<a@Lat3Secret>\r\n.\r\nQUIT\r\n'
readonly LOGIN='HELO login-17.example\r\nAUTH PLAIN AFVzM3JTZWNyZXQAUGFzNVNlY3JldA==\r\nAUTH LOGIN\r\nVXMzclNlY3JldA==\r\nUGFzNVNlY3JldA==\r\nMAIL FROM:<L0calSecret@Lat3Secret>\r\nVRFY L0calSecret\r\nL0calSecret@Lat3Secret\r\nQUIT\r\n'

play() { # LEVEL: both dialogues at every stage
    local stage dialogue pids=()

    for stage in "${STAGES[@]}"; do
        for dialogue in "$MAIL" "$LOGIN"; do
            client dialogue "${stage#* }" reply "bytes:$dialogue" drain >>"$LAB_DIR/client.out" &
            pids+=($!)
        done
    done
    wait "${pids[@]}"
}

ctl() {
    "$OP25BCTL" -s "$SOCKET" "$@"
}

config envelope no
daemon_refuses "op25bd.conf:[0-9]+: \[events\] detail: envelope records the domains.*i_have_a_legal_basis" -t

config counters
daemon_start
lab_spawn tail box "$OP25BCTL" -s "$SOCKET" tail --json

play
for level in source connection helo envelope; do
    config $level
    daemon_reload 'is in force'
    event_mark
    play
    event_wait --count 10 event=reject source~. >/dev/null || fail "$level: not ten events"
    case $level in
    source)
        reference=$(event_key ref "$(event_wait event=reject)")
        wait_for 10 eval 'ctl ref "$reference" --json | grep -q "\"close\""' || fail "ref knows no $reference"
        said=$(ctl ref "$reference" --json)
        expect_match "source: the store has the event" '"stage"|"close"' "$said"
        expect_not "source: and no destination in it" grep -Eq "$OTHER4|$OTHER6|$CARRIER4|0\.0\.0\.0" <<<"${said%%explain*}"
        expect_equal "source: what it holds" 10 "$(event_count source rule close ref \
            !destination !source_port !destination_port !bytes_in !duration_ms !destination_class)"
        ;;
    connection)
        expect_equal "connection: what it holds" 10 "$(event_count destination source_port bytes_in \
            duration_ms destination_class !greeting_name !sender_domain !recipient_domain)"
        ;;
    helo)
        expect_equal "helo: the first greeting name, at every stage" "5 5" \
            "$(event_count greeting_name=pc-17.home.example) $(event_count greeting_name=login-17.example)"
        expect_equal "helo: no domains" "0 0" "$(event_count sender_domain) $(event_count recipient_domain)"
        ;;
    envelope)
        expect_equal "envelope: the domains, at every stage" 5 "$(event_count \
            sender_domain=sender.example recipient_domain=recipient.example greeting_name=pc-17.home.example)"
        expect_equal "envelope: nothing from behind AUTH" 5 \
            "$(event_count greeting_name=login-17.example !sender_domain !recipient_domain)"
        ;;
    esac
done

on box curl -sf http://127.0.0.1:9325/metrics >"$SAID.metrics"
for question in status "explain $DYNAMIC4" "explain $DYNAMIC6 $OTHER6" "explain $DYNAMIC4 --json"; do
    # shellcheck disable=SC2086
    ctl $question >>"$SAID.ctl" 2>&1
done
accepted=$(sed -n 's/^op25bd_accepted_total \([0-9]*\)$/\1/p' "$SAID.metrics")
daemon_stop
lab_wait tail 10 || true

# connections [REASON]: the sum of all lines, or of the rollups with that reason.
connections() {
    python3 -c 'import json, sys
lines = [line for line in map(json.loads, sys.stdin) if line["event"] not in ("audit", "alarm")]
print(sum(line.get("count", 1) for line in lines if line.get("reason") in (sys.argv[1:] or (None, "detail"))))' \
        "$@" <"$DAEMON_EVENTS"
}
expect_equal "counters: nothing but how many there were" 10 "$(connections detail)"
expect_equal "lines and counts are all there were" 50 "$(connections)"
expect_equal "and the metrics say the same" 50 "$accepted"

expect_equal "every output has been looked at" 4 \
    "$(grep -lc 'sender.example' "$DAEMON_DIR"/{events.jsonl,ecs,ocsf,rfc5424} | wc -l)"
expect_equal "the watcher, too" yes "$(grep -q recipient.example "$LAB_DIR/tail.out" && echo yes)"
expect_match "ECS has no destination at the level source" '"op25bd.plan"|"rule.name"' \
    "$(grep '"event.action":"reject"' "$DAEMON_DIR/ecs" | grep -v destination.ip | head -n 1)"
expect_not "not one secret is anywhere" grep -raEl "$SECRETS" "$DAEMON_DIR" "$DAEMON_LOG" \
    "$LAB_DIR/op25bd.out" "$LAB_DIR/tail.out" "$SAID.metrics" "$SAID.ctl"
expect "though the clients have sent them" grep -q '> .*Secret' "$LAB_DIR/client.out"
