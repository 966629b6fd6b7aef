# shellcheck shell=bash
#
# Clients at home, for contrib/check-clients and tests/lab/clients_test.sh: source it after lab.sh.
# Every row of the table has a home: a network of its own behind the subscriber's host, with one
# address of the regulated plan, so that the rows can be tried side by side and none is taken for
# another that came back. There is no way out but by the box.

: "${CLIENTS_JOBS:=$(($(nproc) * 2 + 1))}" # at once: most of them wait
: "${CLIENTS_ROOT:=}"   # for all clients: "host", for those that this machine has
CLIENTS_SOURCE=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
CLIENTS_TEMPLATE=$(cd "$CLIENTS_SOURCE/../../conf/messages" && pwd)
export CLIENTS_SOURCE CLIENTS_TEMPLATE LAB_DIR CLIENTS_CACHE
# shellcheck disable=SC2034 # for contrib/check-clients
readonly CLIENTS_STAGES="greeting ehlo mail rcpt command adaptive"
readonly CLIENTS_GATEWAY=100.64.254.1 # the subscriber's host, seen from every home
CLIENTS_HOMES=0

# clients_rows [CLIENT]...: prints FILE ROOT ROW LABEL (by tabs) for every row of the files, or of all. A
# file names its rows, and its packages, in comments: "# row NAME: LABEL".
clients_rows() {
    local name file root

    [ $# -gt 0 ] || set -- "$CLIENTS_SOURCE"/mta/*.sh "$CLIENTS_SOURCE"/programs/*.sh
    for name; do
        name=$(basename "$name" .sh)
        file=$(cd "$CLIENTS_SOURCE" && find mta programs -name "$name.sh")
        [ -n "$file" ] || {
            echo "there is no client $name in tests/clients" >&2
            return 1
        }
        root=programs
        [ -z "$(clients_packages "$file")" ] || root=$name
        root=${CLIENTS_ROOT:-$root}
        sed -n "s|^# row \([a-z]*\): \(.*\)|$file\t$root\t\1\t\2|p" "$CLIENTS_SOURCE/$file"
    done
}

# clients_packages FILE: the packages of its own root.
clients_packages() {
    sed -n 's|^# packages: ||p' "$CLIENTS_SOURCE/$1"
}

# The internet's name server, and the subscriber's host as the router of homes.
clients_up() {
    lab_up
    lab_spawn dns internet python3 "$CLIENTS_SOURCE/dns.py" $ISP4
    wait_for 10 lab_printed dns '^ready$' || fail "the name server has not started"
    on subscriber sysctl -qw net.ipv4.ip_forward=1
    on subscriber ip route del local $LAB_DYNAMIC4 dev lo
}

# clients_home NAME: makes it.
clients_home() {
    local name=home-$1 address device

    CLIENTS_HOMES=$((CLIENTS_HOMES + 1))
    device=home$CLIENTS_HOMES
    address=203.0.113.$((CLIENTS_HOMES + 100))
    lab_host "$name"
    ip link add "$device" netns subscriber type veth peer name wan netns "$name"
    lab_address subscriber "$device" $CLIENTS_GATEWAY/32
    on subscriber ip route add $address/32 dev "$device"
    lab_address "$name" wan $address/32
    on "$name" ip route add $CLIENTS_GATEWAY/32 dev wan
    on "$name" ip route add default via $CLIENTS_GATEWAY
}

# clients_homes ROWS: one for each.
clients_homes() {
    local file row

    while IFS=$'\t' read -r file _ row _; do
        clients_home "$(basename "$file" .sh)-$row"
    done <<<"$1"
}

# clients_daemon STAGE: one that has never seen any of them.
clients_daemon() {
    clients_policy "$1" | daemon_config
    daemon_start
}

clients_policy() {
    cat <<CONFIG
[plan fiber-dynamic]
networks = $LAB_DYNAMIC4
ipv4 = reject
[reject]
stage = $1
message = @$CLIENTS_TEMPLATE/default.txt
url = https://isp.example/op25b
CONFIG
    # A queue comes back after minutes; here, after a second and more.
    [ "$1" != adaptive ] || printf 'retry_step = 500ms\nretry_memory = 8h\n'
}

# clients_try STAGE FILE ROOT ROW LABEL: lets one row try; its line is in clients_results thereafter.
clients_try() {
    local stage=$1 file=$2 root=$3 row=$4 label=$5 name cell='?' since=$SECONDS

    name=$(basename "$file" .sh)-$row
    mkdir -p "$LAB_DIR/homes/$name-$stage"
    timeout -k 2 $((75 * LAB_PATIENCE)) nsenter --net="/run/netns/home-$name" -- \
        unshare --mount --uts --ipc --pid --fork --kill-child "$BASH" "$CLIENTS_SOURCE/home.sh" \
        "$root" "$name-$stage" "$stage" "$file" "$row" \
        </dev/null >"$LAB_DIR/homes/$name-$stage/home.log" 2>&1 || true
    [ ! -s "$LAB_DIR/homes/$name-$stage/cell" ] || cell=$(<"$LAB_DIR/homes/$name-$stage/cell")
    printf '%s\t%s\t%s\n' "$label" "$stage" "$cell" >"$LAB_DIR/homes/$name-$stage/result"
    printf '%3d s  %s, %s\n' $((SECONDS - since)) "$label" "$stage" >"$LAB_DIR/homes/$name-$stage/took"
}

# clients_stage STAGE ROWS: a daemon of that stage, and every row's try, some at a time.
clients_stage() {
    local file root row label

    clients_daemon "$1"
    while IFS=$'\t' read -r file root row label; do
        while [ "$(jobs -pr | wc -l)" -ge $((CLIENTS_JOBS + ${#LAB_PIDS[@]})) ]; do
            wait -n || true
        done
        clients_try "$1" "$file" "$root" "$row" "$label" &
    done <<<"$2"
    clients_wait
    daemon_stop
}

# All tries have ended (not what lab_spawn has started).
clients_wait() {
    while [ "$(jobs -pr | wc -l)" -gt "${#LAB_PIDS[@]}" ]; do
        wait -n || true
    done
}

# clients_slowest: the tries that took longest, with their seconds.
clients_slowest() {
    cat "$LAB_DIR"/homes/*/took | sort -rn | head -n 8
}

# clients_results: LABEL STAGE CELL, by tabs.
clients_results() {
    cat "$LAB_DIR"/homes/*/result
}
