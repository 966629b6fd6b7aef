# shellcheck shell=bash
#
# The servers that are compared, on the box: floor, haproxy, haproxy-log, op25bd; forward, where the box
# only forwards; and offload, where op25bd has it forward, and offload-bare. Source it after lab.sh. All run on SERVER_CORE with one thread for
# connections; all their files are in LAB_DIR, which is a tmpfs.

readonly SERVER_CORE=0 LOAD_CORE=1
readonly GREETING=$LAB_DIR/greeting.txt EXEMPT=$LAB_DIR/exempt.cidr
export GREETING
SERVER= # the one that runs; its process is LAB_PIDS[$SERVER]

# load ARGUMENT...: the loader on the subscriber's host; one line of key=value.
load() {
    on subscriber taskset -c $LOAD_CORE "$BENCH_PROGRAMS/load" "$@"
}

# value KEY LINE: from a line of key=value.
value() {
    sed -n "s/.*\\b$1=\\([^ ]*\\).*/\\1/p" <<<"$2"
}

server_op25bd() {
    policy_plans | daemon_config server.workers="${WORKERS:-1}" \
        server.max_connections="$MAX_CONNECTIONS" server.max_connections_per_source=50000 "$@"
    OP25BD_WRAPPER="taskset -c ${WORKER_CORES:-$SERVER_CORE}" daemon_start
}

server_floor() {
    lab_spawn floor box taskset -c $SERVER_CORE \
        "$BENCH_PROGRAMS/floor" "$GREETING" 10025 127.0.0.1 ::1
    wait_for 10 lab_printed floor '^ready$' || fail "the floor has not started"
}

# haproxy_configure LOG?: "yes" for a line of JSON for each connection, on stdout.
haproxy_configure() {
    local target='' log='' format=''

    if [ "$1" = yes ]; then
        target='log stdout format raw local0'
        log='log global'
        format="log-format '{\"time\":\"%[date,utime(\"%Y-%m-%dT%H:%M:%S\")].%ms\",\"event\":\"%b\""
        format+=",\"source\":\"%ci\",\"source_port\":%cp,\"destination\":\"%[dst]\""
        format+=",\"destination_port\":%[dst_port],\"bytes_in\":%U,\"bytes_out\":%B"
        format+=",\"duration_ms\":%Tt,\"close\":\"%ts\"}'"
    fi
    format=${format//&/\\&}
    sed -e "s|@MAXCONN@|$MAX_CONNECTIONS|; s|@FOLDER@|$BENCH_SOURCE|; s|@EXEMPT@|$EXEMPT|" \
        -e "s|@LOG_TARGET@|$target|; s|@LOG@|$log|; s|@LOG_FORMAT@|${format//\\/\\\\}|" \
        "$BENCH_SOURCE/haproxy.cfg.in" >"$LAB_DIR/haproxy.cfg"
}

haproxy_listens() {
    [ -n "$(on box ss -Hltn 'sport = 10025 and src 127.0.0.1')" ]
}

haproxy_start() { # NAME LOG?
    haproxy_configure "$2"
    lab_spawn "$1" box taskset -c $SERVER_CORE haproxy -db -f "$LAB_DIR/haproxy.cfg"
    wait_for 10 haproxy_listens || fail "HAProxy has not started"
}

server_haproxy() { haproxy_start haproxy no; }

server_haproxy-log() { haproxy_start haproxy-log yes; }

server_forward() {
    on box nft delete table inet op25b
}

# The daemon's own rules, and its exempt sources in their sets.
server_offload() {
    { policy_plans | sed "s/^default = relay/&\nexempt = $STATIC4/" && printf '[relay]\noffload = nft\n'; } |
        daemon_config server.workers=1
    on box "${OP25BD%op25bd}op25bctl" -c "$DAEMON_CONFIG" firewall apply --interface access0 >"$LAB_DIR/firewall.out"
    OP25BD_WRAPPER="taskset -c $SERVER_CORE" daemon_start
    wait_for 10 on box nft get element inet op25b exempt4 "{ $STATIC4 }" >"$LAB_DIR/firewall.out" 2>&1 ||
        fail "the exempt source is not in the set"
}

# The same, but that nobody remembers the connections that are forwarded.
server_offload-bare() {
    local handle

    server_offload
    handle=$(on box nft -a list chain inet op25b port25 | awk '/update @flows4/ { print $NF; exit }')
    on box nft replace rule inet op25b port25 handle "$handle" ip saddr @exempt4 counter name exempted4 accept
}

# server_up NAME [ARGUMENT...]: starts it, fresh.
server_up() {
    SERVER=$1
    rm -f "$LAB_DIR/$SERVER.out" "$DAEMON_EVENTS"
    "server_$SERVER" "${@:2}"
}

server_down() {
    if [ "$SERVER" = forward ]; then
        lab_rules op25b.nft
    elif [[ $SERVER == offload* ]]; then
        lab_stop op25bd KILL
        on box "${OP25BD%op25bd}op25bctl" -c "$DAEMON_CONFIG" firewall remove >"$LAB_DIR/firewall.out"
        lab_rules op25b.nft
    else
        lab_stop "$SERVER" KILL
    fi
    SERVER=
}

# CPU time of all threads that the server has, in nanoseconds.
server_cpu_ns() {
    server_schedstat 1
}

# How long its threads could have run, but the core was taken.
server_waited_ns() {
    server_schedstat 2
}

server_schedstat() { # FIELD
    cat "/proc/${LAB_PIDS[$SERVER]}/task/"*/schedstat |
        awk -v field="$1" '{ sum += $field } END { printf "%.0f\n", sum }'
}

server_rss_kb() {
    awk '$1 == "VmRSS:" { print $2 }' "/proc/${LAB_PIDS[$SERVER]}/status"
}

# What a refused client of op25bd is told, for the others to say the same. The reference in it has
# the same length each time.
greeting_copy() {
    server_up op25bd
    on subscriber python3 - "$OTHER4" >"$GREETING" <<'PYTHON'
import re, socket, sys
connection = socket.create_connection((sys.argv[1], 25), 10)
data = b""
while not re.search(rb"(^|\n)\d{3} [^\n]*\n$", data):
    data += connection.recv(4096)
sys.stdout.buffer.write(data)
PYTHON
    server_down
}
