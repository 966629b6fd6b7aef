#!/usr/bin/env bash
# The shipped logrotate snippet turns the events of a running daemon over, and no line is lost.
. "${srcdir:=.}/tests/lab/lab.sh" || exit 1
. "$srcdir/tests/lab/policies.sh"
lab_enter "$0" "$@"
lab_need logrotate gzip
snippet=$srcdir/contrib/logrotate/op25bd
[ -e "$snippet" ] || skip "$snippet is not here"
lab_up
policy_plans | daemon_config
daemon_start

# As shipped, but for the path, the user, and the way the daemon is found.
sed -e "s|/var/log/op25bd/|$DAEMON_DIR/|" -e 's/su op25bd op25bd/su root root/' \
    -e "s/systemctl kill -s USR1 op25bd.service/kill -USR1 $(daemon_pid)/" "$snippet" > "$LAB_DIR/rotate.conf"
expect_equal "the copy differs in three lines only" 3 \
    "$(diff "$snippet" "$LAB_DIR/rotate.conf" | grep -c '^>')"
rotate() {
    logrotate --force --state "$LAB_DIR/rotate.state" "$LAB_DIR/rotate.conf" || fail "logrotate says $?"
    wait_for 10 test -e "$DAEMON_EVENTS" || fail "the daemon has not opened $DAEMON_EVENTS again"
}

# Is refused over and over, from many sources, and prints how often.
lab_spawn load subscriber python3 -c '
import signal, socket, sys
done, stopped = 0, []
signal.signal(signal.SIGTERM, lambda *_: stopped.append(1))
while not stopped and done < 20000:
    with socket.create_connection((sys.argv[1], 25), 10, ("203.0.113.%d" % (10 + done % 200), 0)) as s:
        s.sendall(b"QUIT\r\n")
        while s.recv(4096):
            pass
    done += 1
    print("done", done, flush=True)' "$OTHER4"
progress() { # MORE than when it was last asked
    [ "$(wc -l < "$LAB_DIR/load.out")" -ge $((PROGRESS + $1)) ]
}
for _ in 1 2 3 4; do
    PROGRESS=$(wc -l < "$LAB_DIR/load.out")
    wait_for 20 progress 100 || fail "the load does not get on"
    rotate
done
PROGRESS=$(wc -l < "$LAB_DIR/load.out")
wait_for 20 progress 100 || fail "the load does not get on"
lab_stop load
daemon_stop

expect "the newest rotated file is not compressed" test -e "$DAEMON_EVENTS.1"
expect "the older ones are" test -e "$DAEMON_EVENTS.2.gz" -a -e "$DAEMON_EVENTS.4.gz"
for file in "$DAEMON_EVENTS" "$DAEMON_EVENTS.1" "$DAEMON_EVENTS".{2,3,4}.gz; do
    zcat -f "$file" > "$LAB_DIR/lines"
    [ -s "$LAB_DIR/lines" ] || fail "$file is empty"
    cat "$LAB_DIR/lines" >> "$LAB_DIR/all"
done
accepted=$(sed -n 's/.*ended: \([0-9]*\) accepted.*/\1/p' "$DAEMON_LOG")
expect "over five hundred were accepted" test "$accepted" -ge 500
expect_equal "and each has a line, whole, and once" "$accepted" \
    "$(python3 -c 'import json, sys; print(len({json.loads(line)["ref"] for line in sys.stdin}))' < "$LAB_DIR/all")"
expect_equal "there are no more lines than that" "$accepted" "$(wc -l < "$LAB_DIR/all")"
