# shellcheck shell=bash
#
# The laboratory: a network of three hosts (subscriber - box - internet) for one test script,
# in namespaces that no other process sees. Source this file, call lab_enter, then lab_up.
# README.md has an example and the list of functions.
#
# Everything lives in LAB_DIR, a tmpfs of the script's own mount namespace, and every process in
# its own pid namespace: however the script ends, nothing of it is left.

set -Eeu
shopt -s inherit_errexit
# The system's own programs first: others of the same name may be slower, or lack the rights.
PATH=/usr/sbin:/usr/bin:/sbin:/bin:$PATH
unset JOURNAL_STREAM NOTIFY_SOCKET # of whoever runs the test; not for the daemon under test

LAB_SOURCE=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
LAB_DIR=/run/lab
: "${LAB_PATIENCE:=1}" # factor for every deadline: slow machines, valgrind
: "${LAB_KEEP:=}"      # a folder that gets a copy of LAB_DIR at the end
: "${LAB_NO_SKIP:=}"   # not empty: a test that cannot run has failed
export LAB_PATIENCE LC_ALL=C PYTHONDONTWRITEBYTECODE=1
declare -A LAB_PIDS=() # of lab_spawn

#
# How a test ends.
#

# Exit status 77 is the test driver's "not run"; the reason is for the person who wonders.
skip() {
    [ -z "$LAB_NO_SKIP" ] || fail "must not be skipped here: $*"
    printf 'SKIP: %s\n' "$*" >&2
    exit 77
}

fail() {
    printf 'FAIL: %s\n' "$*" >&2
    exit 1
}

# lab_need PROGRAM...: skips when one is not installed.
lab_need() {
    local program

    for program; do
        command -v "$program" >/dev/null || skip "$program is not installed"
    done
}

lab_dump() {
    local file

    for file in "$LAB_DIR"/*.{conf,log,out} "$LAB_DIR"/*/*.{log,jsonl}; do
        [ -s "$file" ] || continue
        printf '===== %s (last 200 lines)\n' "${file#"$LAB_DIR"/}"
        tail -n 200 "$file" | cut -c -1000
    done
    [ ! -e /run/netns/box ] || {
        echo '===== rules of the box'
        on box nft list ruleset
    }
}

lab_exit() {
    local status=$?

    trap - EXIT ERR
    set +e
    [ "$status" -eq 0 ] || [ "$status" -eq 77 ] || lab_dump
    [ -z "$LAB_KEEP" ] || cp -a "$LAB_DIR/." "$LAB_KEEP/"
    exit "$status"
}

#
# The way in.
#

# What the lab needs of the kernel, tried before it is relied on.
LAB_PROBE='
    mount -t tmpfs lab /run &&
    ip netns add probe &&
    { [ -d /proc/sys/net/ipv6 ] || { echo "the kernel has no IPv6" >&2; false; }; } &&
    echo "table inet probe { chain c {
        type filter hook prerouting priority mangle;
        meta l4proto tcp socket transparent 1 accept
        meta l4proto tcp tproxy ip6 to [::1]:1 accept
    }
    }" | nft -f -'

# lab_enter "$0" "$@": starts the script again, in namespaces of its own, as root or as what
# passes for root in a user namespace. Only the second time does it return.
lab_enter() {
    local spaces=(--net --mount --pid --fork --mount-proc --kill-child --propagation private)
    local reason

    if [ "${LAB_INSIDE:-}" = yes ]; then
        lab_inside
        return
    fi
    lab_need unshare nsenter ip nft sysctl python3
    if ! reason=$(unshare "${spaces[@]}" sh -c "$LAB_PROBE" 2>&1); then
        spaces+=(--user --map-root-user)
        reason=$(unshare "${spaces[@]}" sh -c "$LAB_PROBE" 2>&1) ||
            skip "no namespaces to build the network in: $reason"
    fi
    LAB_INSIDE=yes exec unshare "${spaces[@]}" "$BASH" "$@"
}

lab_inside() {
    local _ users

    unset LAB_INSIDE
    mount -t tmpfs -o mode=755 lab /run
    mkdir "$LAB_DIR"
    # No name server answers here: nobody shall wait for one.
    [ ! -e /etc/resolv.conf ] || mount --bind /dev/null /etc/resolv.conf
    trap lab_exit EXIT
    trap 'printf "FAIL: %s:%s: %s\n" "${BASH_SOURCE[0]##*/}" "$LINENO" "$BASH_COMMAND" >&2' ERR
    # The first process of a pid namespace hears only the signals it has a handler for.
    trap 'exit 130' INT
    trap 'exit 143' TERM
    # Root in earnest can become other users, root of a user namespace has only itself.
    read -r _ _ users </proc/self/uid_map
    LAB_ROOT=no
    [ "$users" -lt 65535 ] || LAB_ROOT=yes
    readonly LAB_ROOT
}

lab_need_root() {
    [ "$LAB_ROOT" = yes ] || skip "needs root: $*"
}

#
# Saying what is expected.
#

# expect WHAT COMMAND...: the command succeeds. One line of output for each.
expect() {
    local what=$1
    shift

    "$@" || fail "$what ($*)"
    printf 'ok: %s\n' "$what"
}

# expect_not WHAT COMMAND...: it does not.
expect_not() {
    local what=$1
    shift

    ! "$@" || fail "$what ($*)"
    printf 'ok: %s\n' "$what"
}

# expect_equal WHAT WANTED GOT
expect_equal() {
    [ "$2" = "$3" ] || fail "$1: wanted \"$2\", got \"$3\""
    printf 'ok: %s\n' "$1"
}

# expect_match WHAT REGEX TEXT: some line of the text matches the extended regular expression.
expect_match() {
    grep -Eq -e "$2" <<<"$3" || fail "$1: nothing matches \"$2\" in: $3"
    printf 'ok: %s\n' "$1"
}

# wait_for SECONDS COMMAND...: repeats the command until it succeeds. Fails after the deadline.
wait_for() {
    local deadline=$((SECONDS + 1 + $1 * LAB_PATIENCE))
    shift

    until "$@"; do
        [ "$SECONDS" -lt "$deadline" ] || return 1
        sleep 0.05
    done
}

#
# Processes.
#

# on HOST COMMAND...: runs it there. (Not by "ip netns exec", which mounts a fresh /sys.)
on() {
    nsenter --net="/run/netns/$1" -- "${@:2}"
}

# lab_spawn NAME HOST COMMAND...: in the background; stdout goes to LAB_DIR/NAME.out, stderr to
# LAB_DIR/NAME.log, both appended.
lab_spawn() {
    local name=$1

    # Not by way of on(): the process in the background is to be the command itself.
    nsenter --net="/run/netns/$2" -- "${@:3}" \
        </dev/null >>"$LAB_DIR/$name.out" 2>>"$LAB_DIR/$name.log" &
    LAB_PIDS[$name]=$!
}

lab_running() {
    kill -0 "${LAB_PIDS[$1]}" 2>/dev/null
}

lab_ended() {
    ! lab_running "$1"
}

# lab_signal NAME SIGNAL
lab_signal() {
    kill -s "$2" "${LAB_PIDS[$1]}"
}

# lab_wait NAME [SECONDS]: until it has ended by itself. Returns its exit status.
lab_wait() {
    wait_for "${2:-10}" lab_ended "$1" || fail "$1 has not ended within ${2:-10} seconds"
    wait "${LAB_PIDS[$1]}" 2>/dev/null
}

# lab_stop NAME [SIGNAL [SECONDS]]: sends TERM, or the signal, and waits for the end, however
# that looks.
lab_stop() {
    lab_signal "$1" "${2:-TERM}" || true
    lab_wait "$1" "${3:-10}" || true
}

# lab_printed NAME REGEX: the process has written a line like that on stdout.
lab_printed() {
    grep -Eqs -e "$2" "$LAB_DIR/$1.out"
}

for lab_part in topology hosts daemon; do
    # shellcheck source=/dev/null
    . "$LAB_SOURCE/$lab_part.sh"
done
unset lab_part
