# shellcheck shell=bash
#
# The crowd on the subscriber's host (crowd.c says what it can do), and whether everybody's counts
# agree afterwards. Source it after lab.sh; CROWD names the program.

: "${CROWD:=${top_builddir:-.}/tests/lab/crowd}"
readonly CROWD_TALLY=$LAB_DIR/crowd.log # a line for each crowd that has come and gone

crowd_need() {
    [ -x "$CROWD" ] || skip "$CROWD is not there: make tests/lab/crowd, or set CROWD"
}

# crowd MODE SOURCE/BITS DESTINATION COUNT [NAME=NUMBER]...: prints its line.
crowd() {
    on subscriber "$CROWD" "$@" | tee -a "$CROWD_TALLY"
}

# crowd_spawn NAME MODE ...: in the background.
crowd_spawn() {
    rm -f "$LAB_DIR/$1.out"
    lab_spawn "$1" subscriber "$CROWD" "${@:2}"
}

# crowd_wait NAME [SECONDS]: until it has gone. Prints its line.
crowd_wait() {
    # Its line is its last act. Not lab_wait: this is called in subshells, which have no children.
    wait_for "${2:-20}" test -s "$LAB_DIR/$1.out" || fail "the crowd $1 has not gone"
    tee -a "$CROWD_TALLY" <"$LAB_DIR/$1.out"
}

# crowd_value KEY LINE
crowd_value() {
    sed -n "s/.*\\b$1=\\([^ ]*\\).*/\\1/p" <<<"$2"
}

# crowd_prompt WHAT LINE: it was greeted, all of it, and each of it under 50 ms.
crowd_prompt() {
    local slowest

    slowest=$(crowd_value greeting_max_ms "$2")
    expect_equal "$1: everyone is answered" "$(crowd_value started "$2")" "$(crowd_value quit "$2")"
    expect "$1: greetings take under 50 ms (the slowest $slowest ms)" \
        awk "BEGIN { exit !($slowest < 50 * $LAB_PATIENCE) }"
}

# Resident memory of the daemon in kB: VmRSS now, or VmHWM at most so far.
crowd_daemon_kb() { # VmRSS|VmHWM
    awk -v key="$1:" '$1 == key { print $2 }' "/proc/$(daemon_pid)/status"
}

# Not under a checker, which has memory and time of its own.
crowd_can_measure() {
    [ -z "$OP25BD_WRAPPER" ] && ! grep -q -e __asan_init -e __tsan_init "$OP25BD"
}

# crowd_accounts: after daemon_stop. The farewell, the events and the crowds' own counts agree.
crowd_accounts() {
    python3 "$LAB_SOURCE/account.py" "$DAEMON_LOG" "$DAEMON_EVENTS" "$CROWD_TALLY"
}
