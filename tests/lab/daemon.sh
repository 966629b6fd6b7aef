# shellcheck shell=bash
#
# The daemon under test on the box, and its events (part of lab.sh).
#
# OP25BD names the program, OP25BD_WRAPPER words to put in front of it ("prlimit --nofile=64:64";
# "valgrind --leak-check=full", without --quiet).

: "${OP25BD:=${top_builddir:-.}/src/op25bd}"
: "${OP25BD_WRAPPER:=}"

readonly DAEMON_DIR=$LAB_DIR/daemon # what the daemon writes; belongs to its user
readonly DAEMON_CONFIG=$LAB_DIR/op25bd.conf
readonly DAEMON_LOG=$LAB_DIR/op25bd.log
readonly DAEMON_EVENTS=$DAEMON_DIR/events.jsonl
DAEMON_LOG_MARK=0   # lines of the log that daemon_log_wait does not look at
DAEMON_EVENT_MARK=0 # the same of events, for event_wait
declare -A DAEMON_IDLE=() # descriptors of each kind after the start

# Messages of a sanitizer or of valgrind that say something is wrong.
readonly DAEMON_FINDINGS='(ERROR|WARNING): [A-Za-z]+Sanitizer|runtime error:|ERROR SUMMARY: [1-9]'

#
# Configuration.
#

# daemon_config [SECTION.KEY=VALUE]... <<EOF: writes the configuration. [server] and [events] come
# from here, with the arguments in place of the defaults or besides them; all other sections are
# read from stdin (or, a key or two, from arguments as well: http.listen=[::1]:9325).
# Every connection has its line, also in tests that make very many: events.burst=0.
daemon_config() {
    local -A values=()
    local pair user

    mkdir -p "$DAEMON_DIR/state"
    for pair in \
        server.hostname=op25b.isp.example \
        server.listen='127.0.0.1:10025, [::1]:10025' \
        server.workers=2 \
        server.user= \
        server.control="$DAEMON_DIR/control.sock" \
        server.state_dir="$DAEMON_DIR/state" \
        events.output="$DAEMON_EVENTS" \
        events.burst=0 \
        "$@"; do
        values[${pair%%=*}]=${pair#*=}
    done
    {
        daemon_config_values
        cat
    } >"$DAEMON_CONFIG"
    user=${values[server.user]}
    [ -z "$user" ] || chown -R "$user" "$DAEMON_DIR"
}

# The caller's values, as sections.
daemon_config_values() {
    local key section=

    for key in $(printf '%s\n' "${!values[@]}" | sort); do
        if [ "${key%%.*}" != "$section" ]; then
            section=${key%%.*}
            printf '[%s]\n' "$section"
        fi
        printf '%s = %s\n' "${key#*.}" "${values[$key]}"
    done
}

#
# Life.
#

daemon_need() {
    [ -x "$OP25BD" ] || fail "$OP25BD is not there: run make first, or set OP25BD"
}

daemon_pid() {
    printf '%s\n' "${LAB_PIDS[op25bd]}"
}

# Ready, or ended before it ever was.
daemon_settled() {
    daemon_logged '(^|[ >])ready$' || lab_ended op25bd
}

# daemon_start [OPTION]...: returns once it accepts connections.
daemon_start() {
    daemon_need
    daemon_log_mark
    # shellcheck disable=SC2086 # the wrapper is several words
    lab_spawn op25bd box $OP25BD_WRAPPER "$OP25BD" -c "$DAEMON_CONFIG" "$@"
    wait_for 20 daemon_settled || fail "op25bd is not ready after 20 seconds"
    lab_running op25bd || fail "op25bd has ended before it was ready"
    daemon_descriptors_baseline
}

# daemon_refuses REGEX [OPTION]...: it does not start, and says why.
daemon_refuses() {
    local reason=$1 status=0
    shift

    daemon_need
    daemon_log_mark
    # shellcheck disable=SC2086
    on box timeout $((20 * LAB_PATIENCE)) $OP25BD_WRAPPER "$OP25BD" -c "$DAEMON_CONFIG" "$@" \
        </dev/null >>"$LAB_DIR/op25bd.out" 2>>"$DAEMON_LOG" || status=$?
    [ "$status" -eq 1 ] || fail "op25bd ended with status $status, not 1"
    daemon_logged "$reason" || fail "op25bd does not say \"$reason\""
    daemon_check_findings
}

# daemon_stop [SECONDS]: asks it to end, and expects that it does, in good health.
daemon_stop() {
    local status=0

    lab_signal op25bd TERM || fail "op25bd is not there any more"
    daemon_wait "${1:-20}" || status=$?
    [ "$status" -eq 0 ] || fail "op25bd ended with status $status"
}

# daemon_wait [SECONDS]: until it has ended. Returns its exit status.
daemon_wait() {
    local status=0

    lab_wait op25bd "${1:-20}" || status=$?
    daemon_check_findings
    return "$status"
}

daemon_check_findings() {
    ! grep -Eq "$DAEMON_FINDINGS" "$DAEMON_LOG" || fail "a checker has findings, see op25bd.log"
    case $OP25BD_WRAPPER in
    *valgrind*)
        grep -q 'ERROR SUMMARY: 0 errors' "$DAEMON_LOG" || fail "valgrind has not reported" ;;
    esac
}

# daemon_signal SIGNAL
daemon_signal() {
    lab_signal op25bd "$1"
}

#
# What it says.
#

# daemon_log_mark: daemon_log_wait will look only at what the daemon says from now on.
daemon_log_mark() {
    touch "$DAEMON_LOG"
    DAEMON_LOG_MARK=$(wc -l <"$DAEMON_LOG")
}

daemon_logged() {
    tail -n "+$((DAEMON_LOG_MARK + 1))" "$DAEMON_LOG" | grep -E -e "$1" >/dev/null
}

# daemon_log_wait REGEX [SECONDS]
daemon_log_wait() {
    wait_for "${2:-10}" daemon_logged "$1" || fail "op25bd has not said \"$1\""
}

# daemon_reload REGEX: sends HUP and waits for the daemon to say that.
daemon_reload() {
    daemon_log_mark
    daemon_signal HUP
    daemon_log_wait "$1"
}

#
# What it holds.
#

# Open descriptors of a kind: socket, pipe, or all.
daemon_descriptors_open() {
    local kind=$1

    [ "$kind" != all ] || kind=
    find "/proc/${LAB_PIDS[op25bd]}/fd" -mindepth 1 -lname "$kind*" -printf . 2>/dev/null | wc -c
}

daemon_descriptors_baseline() {
    local kind

    for kind in socket pipe all; do
        DAEMON_IDLE[$kind]=$(daemon_descriptors_open "$kind")
    done
}

# daemon_descriptors [KIND]: how many more are open than after the start. Spare pipes are kept
# for the next relay, so the sockets (the default) are what must come back to 0.
daemon_descriptors() {
    local kind=${1:-socket}

    echo $(($(daemon_descriptors_open "$kind") - DAEMON_IDLE[$kind]))
}

# daemon_idle: no connection holds a socket any more. For wait_for.
daemon_idle() {
    [ "$(daemon_descriptors socket)" -eq 0 ]
}

# daemon_sockets_are N: so many sockets of connections are open. For wait_for.
daemon_sockets_are() {
    [ "$(daemon_descriptors socket)" -eq "$1" ]
}

#
# Events. What a CONDITION is, is said in events.py: KEY=VALUE, KEY~REGEX, KEY>=NUMBER, ...
#

# event_mark: event_wait and event_count will look only at what is written from now on. (An event
# is written a moment after its connection has ended: wait for it before marking.)
event_mark() {
    [ ! -e "$DAEMON_EVENTS" ] || DAEMON_EVENT_MARK=$(wc -l <"$DAEMON_EVENTS")
}

# event_wait [--count N] [--within SECONDS] CONDITION...: prints the first event that meets all
# conditions; with a count, as many. Fails when they have not been written in time.
event_wait() {
    python3 "$LAB_SOURCE/events.py" wait --file "$DAEMON_EVENTS" --after "$DAEMON_EVENT_MARK" "$@"
}

# event_count CONDITION...: prints how many there are by now.
event_count() {
    python3 "$LAB_SOURCE/events.py" count --file "$DAEMON_EVENTS" --after "$DAEMON_EVENT_MARK" "$@"
}

# event_key KEY EVENT: prints the value of the key in a line that event_wait printed.
event_key() {
    python3 "$LAB_SOURCE/events.py" key "$1" <<<"$2"
}
