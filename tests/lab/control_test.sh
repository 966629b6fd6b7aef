#!/usr/bin/env bash
# op25bctl against the running daemon: what it answers, what it changes, whom it lets in, and that
# nothing a peer of the socket does stops the service.
. "${srcdir:=.}/tests/lab/lab.sh" || exit 1
. "$srcdir/tests/lab/policies.sh"
lab_enter "$0" "$@"
: "${OP25BCTL:=$(dirname "$OP25BD")/op25bctl}"
[ -x "$OP25BCTL" ] || fail "$OP25BCTL is not there: run make first"
readonly SOCKET=$DAEMON_DIR/control.sock
lab_up
server_start mail "$CARRIER4:25=echo"

ctl() {
    "$OP25BCTL" -s "$SOCKET" "$@" 2>&1
}

# refuses WHAT REGEX ARGUMENT...: exit status 1, or what STATUS says, and the reason.
refuses() {
    local what=$1 reason=$2 status=0 said
    shift 2
    said=$(ctl "$@") || status=$?
    expect_equal "$what: exit status" "${STATUS:-1}" "$status"
    expect_match "$what" "$reason" "$said"
}

refuse_one() {
    client dialogue --source $DYNAMIC4 $OTHER4 reply line:QUIT drain > /dev/null
}

refuses "no daemon: what to do" 'is op25bd running' status
policy_plans | daemon_config
daemon_start

# Asking.
said=$(ctl status)
expect_match "status: alive" '^op25bd .*pid [0-9]+, serving, up 0m' "$said"
expect_match "status: policy version" "$DAEMON_CONFIG, policy version 1" "$said"
said=$(ctl status --json)
expect_match "status: as JSON" '^\{.*"state":"serving".*\}$' "$said"
expect_equal "explain: the daemon and the file say the same" \
    "$("$OP25BCTL" -c "$DAEMON_CONFIG" explain $DYNAMIC4 $OTHER4)" \
    "$(ctl explain $DYNAMIC4 $OTHER4 | sed '/^No attempts/d' | sed '$d')"
expect_match "explain: nothing tried yet" '^No attempts of this source since the daemon began, 20' \
    "$(ctl explain $DYNAMIC4 $OTHER4)"
expect_match "explain: the rule" 'rule plan:fiber-dynamic:ipv4' "$(ctl explain $DYNAMIC4)"
expect_match "explain: what it means" '  ours +other +25 +refused +Lines of the plan fiber-dynamic are' \
    "$(ctl explain $DYNAMIC4)"
expect_match "explain: the same in Japanese" '当社 +他社 +25 +送信できません +ご契約の接続サービス' \
    "$(ctl explain $DYNAMIC4 --lang ja)"
expect_match "explain: as JSON" '"impact":\{"language":"ja".*"kind":"port"' \
    "$(ctl explain $DYNAMIC4 --lang ja --json)"
refuses "explain: another language" 'neither en nor ja' explain $DYNAMIC4 --lang fr
refuses "explain: a bad address" 'not an address' explain nonsense
STATUS=2 refuses "a misspelt command" 'did you mean status' statsu
STATUS=2 refuses "an option that is not" 'there is no option --wat' status --wat
STATUS=2 refuses "both a socket and a file" 'ask the daemon, or the file' -c "$DAEMON_CONFIG" status
expect_match "help of one command" '^usage: .*explain SOURCE \[DESTINATION\]' "$(ctl explain --help)"

complete_words() { # WORD...: what bash offers for the last one
    (
        PATH=$(dirname "$OP25BCTL"):$PATH
        # shellcheck source=/dev/null
        . "$srcdir/contrib/completion/op25bctl.bash"
        COMP_WORDS=(op25bctl "$@")
        COMP_CWORD=$#
        _op25bctl
        echo "${COMPREPLY[*]}"
    )
}
expect_equal "completion: commands" 'reidentify reload ref report reopen' "$(complete_words re)"
expect_equal "completion: options of a command" '--json --help --force --dry-run' \
    "$(complete_words -s /x reload --)"
expect_equal "completion: languages" 'en ja' "$(complete_words explain --lang '')"

# Watching.
lab_spawn tail box "$OP25BCTL" -s "$SOCKET" tail --event reject --source $DYNAMIC4 --json
refuse_until_seen() {
    refuse_one
    lab_printed tail "\"event\":\"reject\".*\"source\":\"$DYNAMIC4\""
}
wait_for 10 refuse_until_seen || fail "tail has not shown the refusal"
expect "tail: a refusal is seen as it happens" true
lab_stop tail
expect_match "explain: the last attempts" \
    "^  20[0-9T:.Z-]+  $DYNAMIC4 +[0-9]+ +$OTHER4 +reject +quit +[A-Z2-7]{8} +unknown *\$" "$(ctl explain $DYNAMIC4)"
expect_match "explain: as JSON" "\"attempts\":\\[\{\"time\":.*\"source_port\":[1-9][0-9]*,\"destination\":\"$OTHER4\",\"verdict\":\"reject\"" \
    "$(ctl explain $DYNAMIC4 --json)"
refuses "tail: a kind that is not" 'no kind "rejct"' tail --event rejct
said=$(ctl top --for 200ms)
expect_match "top: counts" 'connections ended in 0.2 s' "$said"

# Changing.
said=$(ctl reload)
expect_match "reload: nothing changes" '^verdicts: 0 of [0-9]+ sampled change$' "$said"
expect_match "reload: a new version" 'policy version 2 is in force' "$said"
policy_plans | sed 's/, 2001:db8:100::\/40//; s/^default = relay/default = reject/' |
    daemon_config server.backlog=100 relay.idle_timeout=5m
refuses "reload: half the plan is gone" 'plan fiber-dynamic: 2 -> 1 networks.*--force' reload
expect_match "and nothing was changed" 'policy version 2' "$(ctl status)"
said=$(ctl reload --dry-run)
expect_match "reload --dry-run: says so too" 'nothing was changed: policy version 2' "$said"
said=$(ctl reload --force)
expect_match "reload --force: the list" 'plan fiber-dynamic +2 -> 1' "$said"
expect_match "reload --force: a key" 'idle_timeout: 10m -> 5m' "$said"
expect_match "reload --force: a key that waits" 'backlog: 4096 -> 100' "$said"
expect_match "reload --force: in force" 'policy version 3 is in force' "$said"
expect_match "status: the key that waits" 'WARNING: keys wait for a restart: .server. backlog' "$(ctl status)"
echo '[nonsense]' >> "$DAEMON_CONFIG"
refuses "reload: a bad file" "$DAEMON_CONFIG:[0-9]+: .*nonsense" reload
expect_match "status: and why it failed" 'WARNING: the last reload failed.*nonsense' "$(ctl status)"
event_wait --count 4 event=audit action=reload > /dev/null
expect "every reload is an audit event" event_wait event=audit action=reload result=ok \
    'arguments~force' uid=0
expect "with its failure" event_wait event=audit action=reload 'result~^refused'
expect "and a line of the log" daemon_logged 'control: .* reload .*refused'
mv "$DAEMON_EVENTS" "$DAEMON_EVENTS.1"
ctl reopen > /dev/null
expect "reopen: the output is there again" wait_for 10 test -e "$DAEMON_EVENTS"

# Who may.
expect_equal "the socket's mode" 660 "$(stat -c %a "$SOCKET")"
if [ "$LAB_ROOT" = yes ]; then
    chmod 711 "$LAB_DIR" "$DAEMON_DIR"
    stranger() {
        setpriv --reuid=nobody --regid=nogroup --clear-groups "$OP25BCTL" -s "$SOCKET" status 2>&1
    }
    if setpriv --reuid=nobody --regid=nogroup --clear-groups test -x "$OP25BCTL"; then
        expect_match "a stranger is kept out by the mode" 'Permission denied' "$(stranger || true)"
        chmod 666 "$SOCKET"
        expect_match "and by the daemon" 'not allowed' "$(stranger || true)"
        chmod 660 "$SOCKET"
    fi
fi
policy_plans | daemon_config
daemon_refuses 'another op25bd listens'
expect "a second daemon at the same socket does not start" true

# What a peer can do.
client_spawn relayed stream --source $UNLISTED4 --size 1000 --keep-open $CARRIER4
cat > "$LAB_DIR/hostile.py" <<'PYTHON'
import socket, sys
def dial():
    s = socket.socket(socket.AF_UNIX); s.connect(sys.argv[1]); return s
half = dial(); half.sendall(b'{"command":"sta')
flood = dial()
try:
    for _ in range(64): flood.sendall(b"x" * 100000)
except OSError:
    pass
deep = dial(); deep.sendall(b"[" * 900000 + b"\n")
gone = dial(); gone.sendall(b'{"command":"status"}\n'); gone.close()
idle = [dial() for _ in range(100)]
print("done", flush=True)
import signal; signal.pause()
PYTHON
lab_spawn hostile box python3 "$LAB_DIR/hostile.py" "$SOCKET"
wait_for 20 lab_printed hostile "done" || fail "the hostile peers are stuck"
expect_match "among hostile peers, status answers" 'serving' "$(ctl status)"
refuse_one
expect "and clients are served" event_wait event=reject source=$DYNAMIC4
lab_stop hostile KILL
lab_stop relayed KILL
daemon_stop

# Draining.
policy_plans | daemon_config
daemon_start
expect "a dead daemon's socket was no obstacle" test -S "$SOCKET"
client_spawn last stream --source $UNLISTED4 --size 100000 --keep-open $CARRIER4
wait_for 10 eval 'ctl status | grep -q "1 relays"'
said=$(ctl drain)
expect_match "drain: one relay is left" '1 relays are open' "$said"
expect_match "status meanwhile" 'draining' "$(ctl status)"
refuses "reload meanwhile" 'draining' reload
expect "the relay goes on" lab_running last
event_wait event=audit action=drain result=ok > /dev/null
lab_stop last KILL
daemon_wait || fail "it ended with status $?"
expect "and with the relay, the daemon has ended" true
expect_not "its socket is gone" test -e "$SOCKET"
