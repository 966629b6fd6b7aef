#!/usr/bin/env bash
# USR2: a new process takes over the listening sockets; relays and refused clients stay with the old
# one until they end; no connection is lost; a new process that can not start changes nothing.
. "${srcdir:=.}/tests/lab/lab.sh" || exit 1
. "$srcdir/tests/lab/policies.sh"
lab_enter "$0" "$@"
lab_up
server_start mail "$OTHER4:25" "$CARRIER4:25=echo"
: "${OP25BCTL:=$(dirname "$OP25BD")/op25bctl}"
{
    policy_plans
    printf '[http]\nlisten = 127.0.0.1:9325\n'
} | daemon_config server.max_connections_per_source=5000
daemon_start

# Sends USR2 to the process that serves; NEXT is then the one that took over. Somebody has just been
# answered by HTTP, and descriptors that were his are used again.
upgrade() {
    daemon_log_mark
    on box curl -s http://127.0.0.1:9325/healthz > /dev/null || true
    kill -s USR2 "$NEXT"
    daemon_log_wait 'process [0-9]+ serves now' 20
    NEXT=$(tail -n "+$((DAEMON_LOG_MARK + 1))" "$DAEMON_LOG" |
        sed -n 's/.*process \([0-9]*\) serves now.*/\1/p')
}

# The process that answers op25bctl, and the one that serves [http].
answering() {
    "$OP25BCTL" -s "$DAEMON_DIR/control.sock" --json status |
        python3 -c 'import json, sys; print(json.load(sys.stdin)["pid"])'
}

healthy() {
    on box ss -Hltnp 'sport = 9325' | grep -q "pid=$NEXT," &&
        on box curl -sf http://127.0.0.1:9325/healthz | grep -q '^ok'
}

gone() {
    ! kill -0 "$1" 2>/dev/null
}

# Connects, is refused and says QUIT, over and over, from many sources; counts what goes wrong.
load() {
    lab_spawn load subscriber python3 -c '
import itertools, signal, socket, sys, threading
stop = threading.Event()
signal.signal(signal.SIGTERM, lambda *_: stop.set())
good, bad, lock = [0], [], threading.Lock()
def run(first):
    for turn in itertools.count():
        if stop.is_set() or turn >= 20000:
            return
        try:
            with socket.create_connection((sys.argv[1], 25), 10, ("203.0.113.%d" % (first + turn % 20), 0)) as s:
                s.settimeout(10)
                said = s.recv(4096)
                s.sendall(b"QUIT\r\n")
                while more := s.recv(4096):
                    said += more
                if not said.startswith(b"554") or b"221 " not in said:
                    raise ValueError(repr(said))
            with lock:
                good[0] += 1
        except Exception as error:
            with lock:
                bad.append(repr(error))
threads = [threading.Thread(target=run, args=(10 + 20 * i,)) for i in range(8)]
for thread in threads: thread.start()
print("started", flush=True)
while not stop.wait(0.2):
    print("good", good[0], flush=True)
for thread in threads: thread.join()
print("result", good[0], len(bad), bad[:3], flush=True)' "$OTHER4"
    wait_for 10 lab_printed load '^good [1-9]'
}

progress() { # MORE: so many more have been served than when it was last asked
    local now
    now=$(awk '$1 == "good" { n = $2 } END { print n + 0 }' "$LAB_DIR/load.out")
    [ "$now" -ge "$((PROGRESS + $1))" ]
}

FIRST=$(daemon_pid)
NEXT=$FIRST
CAPABILITIES=$(grep -E '^Cap(Prm|Eff|Amb)' "/proc/$FIRST/status")
client_spawn relayed stream --source $UNLISTED4 --size 100000 --keep-open $CARRIER4
client_spawn refused dialogue $OTHER4 reply pause:4000 line:NOOP reply line:QUIT drain
wait_for 10 lab_printed refused '< 554 '
wait_for 10 eval '[ "$(daemon_descriptors)" -eq 3 ]'

sed -i 's/^default = relay/default = nonsense/' "$DAEMON_CONFIG"
daemon_log_mark
daemon_signal USR2
daemon_log_wait 'upgrade: the new process ended with status 1.*this one goes on'
expect "a bad file: its problem is named" daemon_logged '\[policy\] default: '
expect "and the old process serves on" \
    eval 'client dialogue $OTHER4 reply line:QUIT drain | grep -q "< 554 "'
sed -i 's/^default = nonsense/default = relay/' "$DAEMON_CONFIG"

load
upgrade
SECOND=$NEXT
PROGRESS=$(awk '$1 == "good" { n = $2 } END { print n + 0 }' "$LAB_DIR/load.out")
expect "the new process serves under load" wait_for 20 progress 200
[[ "$OP25BD_WRAPPER" == *valgrind* ]] ||
    expect_equal "with CAP_NET_RAW alone, as the old one" "$CAPABILITIES" \
        "$(grep -E '^Cap(Prm|Eff|Amb)' "/proc/$SECOND/status")"
expect_equal "op25bctl reaches the new process" "$SECOND" "$(answering)"
expect "which serves metrics and health as soon as the old one lets go" wait_for 10 healthy
expect "the old one is there for its relay" lab_running op25bd
sed -i 's/^workers = 2/workers = 1/' "$DAEMON_CONFIG"
upgrade
PROGRESS=$(awk '$1 == "good" { n = $2 } END { print n + 0 }' "$LAB_DIR/load.out")
expect "again, with fewer workers than sockets" wait_for 20 progress 200
expect "the process between has ended" wait_for 20 gone "$SECOND"
THIRD=$NEXT
sed -i 's/^workers = 1/workers = 3/' "$DAEMON_CONFIG"
upgrade
expect "again, with more workers than sockets" wait_for 20 gone "$THIRD"
lab_stop load TERM 30
result=$(grep '^result' "$LAB_DIR/load.out")
expect_match "three upgrades under load lose no connection" '^result [0-9]+ 0 \[\]$' "$result"

lab_wait refused 20 || true
expect "the refused client kept its dialogue" lab_printed refused '< 503 '
expect "to its end" lab_printed refused '< 221 '
expect "the relay is still open" lab_running relayed
lab_stop relayed KILL
daemon_wait || fail "it ended with status $?"
event_wait event=relay destination=$CARRIER4 bytes_in=100000 > /dev/null
expect "with the relay the first process has ended" true

kill -s TERM "$NEXT"
wait_for 20 gone "$NEXT" || fail "the last process does not end"
served=$(awk '{ print $2 }' <<<"$result")
expect_equal "all farewell lines together count every connection" "$((served + 3))" \
    "$(grep -o 'ended: [0-9]* accepted' "$DAEMON_LOG" | awk '{ n += $2 } END { print n }')"
expect_equal "and every one has a line of its own, whole" "$((served + 3))" \
    "$(python3 -c 'import json, sys; print(sum(1 for line in sys.stdin if json.loads(line)))' < "$DAEMON_EVENTS")"
