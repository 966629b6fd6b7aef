#!/usr/bin/env bash
# Event output in trouble: greetings come as fast as ever, losses are counted exactly, writing
# resumes by itself, the operator is told once.
. "${srcdir:=.}/tests/lab/lab.sh" || exit 1
. "$srcdir/tests/lab/policies.sh"
lab_enter "$0" "$@"
lab_up

readonly MANY=2400 # more than queue, batch and pipe hold together
FOLDER=$LAB_DIR/output
OUTPUT=$FOLDER/events.jsonl
CONNECTIONS=0 # of the daemon that runs
mkdir "$FOLDER"
mount -t tmpfs -o size=2m,mode=777 output "$FOLDER"

start() {
    policy_plans | daemon_config server.workers=1 server.max_connections_per_source=1000 \
        events.queue=1024 events.output="$OUTPUT"
    CONNECTIONS=0
    daemon_start
}

# flood COUNT: sets P99 and MAX, in whole milliseconds.
flood() {
    local said

    said=$(client flood $OTHER4 "$1") || fail "not all were refused: $said"
    CONNECTIONS=$((CONNECTIONS + $1))
    read -r P99 MAX < <(sed -E 's/.* p99_ms=([0-9]+).* max_ms=([0-9]+).*/\1 \2/' <<<"$said")
}

# tally FILE...: prints how many events there are and how many the rollups stand for. Fails if a
# line is torn, doubled or not JSON.
tally() {
    python3 - "$@" <<'PYTHON'
import json, sys
events, rolled_up, seen = 0, 0, set()
for path in sys.argv[1:]:
    for line in open(path):
        assert line.endswith("\n"), f"{path} ends inside a line"
        event = json.loads(line)
        if event["event"] == "rollup":
            rolled_up += event["count"]
        else:
            events += 1
            assert event["ref"] not in seen, f"twice: {line}"
            seen.add(event["ref"])
print(events, rolled_up)
PYTHON
}

logged_times() {
    tail -n "+$((DAEMON_LOG_MARK + 1))" "$DAEMON_LOG" | grep -c -e "$1" || true
}

calm() {
    flood 400
    BEFORE=$P99 BEFORE_MAX=$MAX
}

# trouble WHAT: a flood during which greetings must be as quick as before. A stall of the loop
# behind a disk or a reader would last for seconds: the longest one may also be the scheduler's.
trouble() {
    local p99=$((3 * BEFORE)) most=$((3 * BEFORE_MAX))

    flood $MANY
    [ "$p99" -gt 20 ] || p99=20
    [ "$most" -gt 250 ] || most=250
    expect "$1: greetings are not late (p99 $BEFORE then $P99 ms, longest $BEFORE_MAX then $MAX)" \
        test "$P99" -le $((p99 * LAB_PATIENCE)) -a "$MAX" -le $((most * LAB_PATIENCE))
}

# over WHAT FILE...: the daemon ended, and all adds up.
over() {
    local what=$1 events rolled_up
    shift

    daemon_stop
    read -r events rolled_up < <(tally "$@")
    expect_equal "$what: lines and rollups are all connections" $CONNECTIONS $((events + rolled_up))
    expect_equal "$what: the farewell has the same count" 1 \
        "$(logged_times " $rolled_up events_dropped")"
    LOST=$rolled_up
}

told_once() {
    expect_equal "$1: its beginning is told once, with what to do" 1 "$(logged_times "$2")"
    expect_equal "$1: and its beginning only so" 1 "$(logged_times 'cannot write to')"
    expect_equal "$1: its end is told once, with what was lost" 1 \
        "$(logged_times "takes events again after .*; $LOST events were dropped")"
}

# A full disk.
start
calm
dd if=/dev/zero of="$FOLDER/filler" bs=512 2>/dev/null || true
trouble "full disk"
daemon_log_wait 'No space left on device'
rm "$FOLDER/filler"
# No connection comes: the silent worker's losses are told all the same.
daemon_log_wait 'takes events again' 20
expect "full disk: what was lost is told before the end" grep -q '"event":"rollup"' "$OUTPUT"
over "full disk" "$OUTPUT"
told_once "full disk" 'No space left on device. Free some space'
expect "full disk: some were lost" test "$LOST" -gt 0
rm "$OUTPUT"

# A file system that the kernel finds damaged and makes read-only under us, and that is mounted anew.
# Only the kernel can do that to a file that is open for writing, and only ext4 can be told to.
disk() { # NAME: an empty one, mounted on FOLDER
    truncate -s 16m "$LAB_DIR/$1.img"
    mkfs.ext4 -q "$LAB_DIR/$1.img" && mount -o loop "$LAB_DIR/$1.img" "$FOLDER"
}
if [ "$LAB_ROOT" = yes ] && command -v mkfs.ext4 >/dev/null && disk damaged; then
    start
    calm
    wait_for 10 eval '[ "$(wc -l <"$OUTPUT")" -eq 400 ]'
    cp "$OUTPUT" "$LAB_DIR/damaged.jsonl"
    mount -o remount,abort "$FOLDER" 2>/dev/null || true
    trouble "read-only"
    daemon_log_wait 'Read-only file system'
    umount -l "$FOLDER"
    disk repaired
    touch "$OUTPUT"
    daemon_log_wait 'takes events again' 20
    over "read-only" "$LAB_DIR/damaged.jsonl" "$OUTPUT"
    told_once "read-only" 'Read-only file system. Mount its file system for writing again'
    expect "read-only: some were lost" test "$LOST" -gt 0
    umount "$FOLDER"
fi

# A reader that stops and goes, and one that comes back.
mkfifo "$OUTPUT"
start
lab_spawn reader box sh -c "exec cat <'$OUTPUT' >>'$LAB_DIR/read.jsonl'"
calm
lab_signal reader STOP
trouble "reader stopped"
daemon_log_wait 'its reader does not keep up'
lab_signal reader CONT
daemon_log_wait 'takes events again' 20
over "reader stopped" "$LAB_DIR/read.jsonl"
told_once "reader stopped" 'its reader does not keep up. Look at the reader'
expect "reader stopped: some were lost" test "$LOST" -gt 0
lab_wait reader
rm "$LAB_DIR/read.jsonl"

# One that goes away, and another that comes: what is in the pipe waits for it.
start
lab_spawn reader box sh -c "exec cat <'$OUTPUT' >>'$LAB_DIR/read.jsonl'"
calm
wait_for 10 eval '[ "$(wc -l <"$LAB_DIR/read.jsonl")" -eq 400 ]'
lab_stop reader KILL
trouble "reader gone"
daemon_log_wait 'its reader does not keep up'
lab_spawn reader box sh -c "exec cat <'$OUTPUT' >>'$LAB_DIR/read.jsonl'"
daemon_log_wait 'takes events again' 20
over "reader gone" "$LAB_DIR/read.jsonl"
told_once "reader gone" 'its reader does not keep up. Look at the reader'
expect "reader gone: some were lost" test "$LOST" -gt 0
lab_wait reader
rm "$LAB_DIR/read.jsonl"

# One that is slow, until it is told to hurry.
start
lab_spawn reader box python3 -c '
import os, signal, sys, time
pause = 0
def slow(*_):
    global pause
    pause = 0.05
def fast(*_):
    global pause
    pause = 0
signal.signal(signal.SIGUSR1, slow)
signal.signal(signal.SIGUSR2, fast)
with open(sys.argv[1], "rb", 0) as pipe, open(sys.argv[2], "ab", 0) as out:
    print("reads", flush=True)
    while octets := pipe.read(1024 if pause else 65536):
        out.write(octets)
        time.sleep(pause)' "$OUTPUT" "$LAB_DIR/read.jsonl"
wait_for 10 lab_printed reader '^reads$' || fail "there is no reader"
calm
lab_signal reader USR1
trouble "slow reader"
lab_signal reader USR2
daemon_log_wait 'takes events again' 20
over "slow reader" "$LAB_DIR/read.jsonl"
told_once "slow reader" 'its reader does not keep up. Look at the reader'
expect "slow reader: some were lost" test "$LOST" -gt 0
lab_wait reader
rm "$OUTPUT"

# Killed, and started again: a line that was torn is closed, not continued.
start
calm
wait_for 10 eval '[ "$(wc -l <"$OUTPUT")" -eq 400 ]'
daemon_signal KILL
lab_wait op25bd || true
truncate -s -20 "$OUTPUT" # as if the kill, or the disk, had cut it
start
flood 4
daemon_stop
expect_equal "torn by a kill: one line is lost, no other" 403 \
    "$(grep -cE '^\{"time":.*\}$' "$OUTPUT")"
expect_equal "torn by a kill: nothing was joined to it" 404 "$(wc -l <"$OUTPUT")"
