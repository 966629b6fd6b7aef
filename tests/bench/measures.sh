# shellcheck shell=bash
#
# What is measured. Each function writes lines "MEASURE SERVER VALUE" to SAMPLES; table.py makes
# the table of them. Source it after servers.sh.

readonly SAMPLES=$LAB_DIR/samples.txt SUBSCRIBERS=203.0.113.0/24

sample() { # MEASURE VALUE
    printf '%s %s %s\n' "$1" "$SERVER" "$2" >>"$SAMPLES"
}

# arithmetic EXPRESSION
arithmetic() {
    awk "BEGIN { printf \"%.6g\", $1 }"
}

# The mail hosts on the internet: one that greets, one that swallows.
mail_hosts_start() {
    lab_spawn greeter internet taskset -c $LOAD_CORE \
        "$BENCH_PROGRAMS/floor" --plain "$GREETING" 25 "$OTHER4"
    lab_spawn sink internet taskset -c $LOAD_CORE "$BENCH_PROGRAMS/bulk" sink "$CARRIER4"
    wait_for 10 lab_printed greeter '^ready$' || fail "the greeting host has not started"
    wait_for 10 lab_printed sink '^ready$' || fail "the sink has not started"
}

# Refused connections, as fast as one core can ask for them.
measure_refusals() {
    local before waited said count

    load rate $SUBSCRIBERS "$OTHER4" 2000 200 >/dev/null
    before=$(server_cpu_ns)
    waited=$(server_waited_ns)
    said=$(load rate $SUBSCRIBERS "$OTHER4" "$CONNECTIONS" 200) || true
    count=$(value connections "$said")
    sample rejects_per_s "$(value rate "$said")"
    before=$(($(server_cpu_ns) - before))
    sample cpu_us "$(arithmetic "$before / $count / 1000")"
    sample waited "$(arithmetic "($(server_waited_ns) - $waited) * 100 / $before")"
    sample errors "$(value errors "$said")"
}

# The time to the whole greeting at a given rate.
measure_latency() {
    local said

    said=$(load open $SUBSCRIBERS "$OTHER4" "$OPEN_RATE" 3) || true
    sample p50_us "$(value p50_us "$said")"
    sample p99_us "$(value p99_us "$said")"
    sample errors "$(value errors "$said")"
}

# hold MEASURE SOURCE COUNT: resident memory for each connection that is held.
hold() {
    local before holding

    load rate $SUBSCRIBERS "$OTHER4" 200 20 >/dev/null # what is allocated once
    before=$(server_rss_kb)
    rm -f "$LAB_DIR/holder.out"
    lab_spawn holder subscriber taskset -c $LOAD_CORE \
        "$BENCH_PROGRAMS/load" hold "$2" "$OTHER4" "$3"
    wait_for 60 lab_printed holder '^holding' || fail "$SERVER does not hold connections"
    holding=$(awk '{ print $2 }' "$LAB_DIR/holder.out")
    sample "$1" "$(arithmetic "($(server_rss_kb) - $before) * 1024 / $holding")"
    sample "${1}_held" "$holding"
    lab_stop holder
}

measure_held() {
    hold held_bytes $SUBSCRIBERS "$HELD"
}

measure_idle_relays() {
    hold relay_bytes "$STATIC4/32" "$IDLE_RELAYS"
}

bulk_send() { # STREAMS SECONDS
    on subscriber taskset -c $LOAD_CORE "$BENCH_PROGRAMS/bulk" send "$STATIC4/32" "$CARRIER4" "$@"
}

# measure_bulk STREAMS SECONDS: through a relay, or forwarded. A second try, because a stream may
# get the port of one that the killed server before has left half-open at the sink.
measure_bulk() {
    local before=0 said

    [ "$SERVER" = forward ] || before=$(server_cpu_ns)
    said=$(bulk_send "$@") || {
        [ "$SERVER" = forward ] || before=$(server_cpu_ns)
        said=$(bulk_send "$@")
    }
    sample "gbit_$1" "$(value gbit "$said")"
    [ "$SERVER" = forward ] ||
        sample "cpu_s_per_gb_$1" \
            "$(arithmetic "($(server_cpu_ns) - $before) / $(value octets "$said")")"
}

# What the kernel forwards, and the sender's CPU time for a packet of one segment, of 1,448 octets, in which
# is what box and receiver do with it.
measure_forwarding() {
    local said streams

    for streams in 1 200; do
        said=$(bulk_send $streams "$BULK_SECONDS") || said=$(bulk_send $streams "$BULK_SECONDS")
        sample "forwarded_gbit_$streams" "$(value gbit "$said")"
    done
    on subscriber ip link set wan0 gso_max_segs 1
    said=$(bulk_send 1 "$BULK_SECONDS") || said=$(bulk_send 1 "$BULK_SECONDS")
    on subscriber ip link set wan0 gso_max_segs 65535
    sample packet_ns "$(arithmetic "1448 * $(value cpu_ns "$said")")"
}

# The highest of some rates at which the floor still answers in time: OPEN_RATE.
find_open_rate() {
    local said

    server_up floor
    for OPEN_RATE in 20000 15000 12000 10000 8000 6000 4000 2000 1000; do
        said=$(load open $SUBSCRIBERS "$OTHER4" "$OPEN_RATE" 1) || continue
        [ "$(value p99_us "$said")" -ge 20000 ] || break
    done
    server_down
}

#
# op25bd alone.
#

# The lab's policy and a plan of POLICY_NETWORKS networks.
networks_config() {
    local networks=$LAB_DIR/networks.cidr

    [ -e "$networks" ] || "$BENCH_PROGRAMS/networks" print "$POLICY_NETWORKS" >"$networks"
    { policy_plans && printf '[plan many]\nnetworks = @%s\n' "$networks"; } |
        daemon_config server.workers=1 server.max_connections="$MAX_CONNECTIONS" \
            server.max_connections_per_source=50000
}

# A reload of the policy of POLICY_NETWORKS networks, at the same rate.
measure_reload() {
    local said

    server_up op25bd
    networks_config
    daemon_reload 'is in force'
    said=$(load open $SUBSCRIBERS "$OTHER4" "$OPEN_RATE" 4) || true
    sample reload_without_p99_us "$(value p99_us "$said")"
    daemon_log_mark
    (
        sleep 1
        daemon_signal HUP
    ) &
    said=$(load open $SUBSCRIBERS "$OTHER4" "$OPEN_RATE" 4) || true
    wait $!
    daemon_log_wait 'is in force'
    sample reload_p99_us "$(value p99_us "$said")"
    sample reload_errors "$(value errors "$said")"
    server_down
}

# Two upgrades while connections come at a fixed rate.
measure_upgrade() {
    local said pid upgrades=2

    server_up op25bd
    daemon_log_mark
    (
        pid=$(daemon_pid)
        for ((i = 0; i < upgrades; i++)); do
            sleep 1.5
            kill -s USR2 "$pid"
            wait_for 10 upgraded_from "$pid"
            pid=$(upgraded_to)
        done
    ) &
    said=$(load open $SUBSCRIBERS "$OTHER4" "$UPGRADE_RATE" 6) || true
    wait $!
    sample upgrade_rate "$(value rate "$said")"
    sample upgrade_errors "$(value errors "$said")"
    kill -s KILL "$(upgraded_to)"
    lab_wait op25bd 10 || true
    SERVER=
}

# The process that took over last, of those that the log names.
upgraded_to() {
    sed -n 's/.*process \([0-9]*\) serves now.*/\1/p' "$DAEMON_LOG" | tail -n 1
}

upgraded_from() { # PID
    local to
    to=$(upgraded_to)
    [ -n "$to" ] && [ "$to" != "$1" ]
}

# Two workers on two cores: CPU per connection, as the loader needs one of the cores.
measure_workers() {
    WORKERS=2 WORKER_CORES=0,1 server_up op25bd
    SERVER=op25bd-2
    LAB_PIDS["$SERVER"]=${LAB_PIDS["op25bd"]}
    measure_refusals
    SERVER=op25bd
    server_down
}

# Every event is written: none lost, in order, and what the writer takes.
measure_events() {
    local said pid cpu begin

    server_up op25bd
    pid=${LAB_PIDS[op25bd]}
    begin=$(date +%s%N)
    said=$(load rate $SUBSCRIBERS "$OTHER4" "$EVENTS" 200) || true
    begin=$(($(date +%s%N) - begin))
    wait_for 10 daemon_idle || true
    wait_for 10 events_complete "$(value connections "$said")" || true
    cpu=$(writer_cpu_ns "$pid")
    sample events_made "$(value connections "$said")"
    sample events_written "$(wc -l <"$DAEMON_EVENTS")"
    sample events_disordered "$(python3 "$BENCH_SOURCE/order.py" "$DAEMON_EVENTS")"
    sample writer_percent "$(arithmetic "$cpu * 100 / $begin")"
    server_down
}

events_complete() {
    [ "$(wc -l <"$DAEMON_EVENTS")" -ge "$1" ]
}

writer_cpu_ns() { # PID
    local task

    for task in "/proc/$1/task/"*; do
        ! grep -q events "$task/comm" || awk '{ printf "%.0f\n", $1 }' "$task/schedstat"
    done
}

# A million networks: the file's way in, as "op25bd -t" goes it, and then the table alone.
# The evidence store alone: at the rate it must sustain, then as fast as it goes.
measure_store() {
    local said kind

    SERVER=op25bd
    for kind in mix new; do
        said=$(taskset -c $SERVER_CORE "$BENCH_PROGRAMS/store" $kind "$LAB_DIR/$kind.db" "$STORE_EVENTS" 20000)
        sample store_${kind}_cpu_us "$(value cpu_us "$said")"
        sample store_${kind}_rate "$(value events_per_s "$said")"
        rm -f "$LAB_DIR/$kind.db"*
        said=$(taskset -c $SERVER_CORE "$BENCH_PROGRAMS/store" $kind "$LAB_DIR/$kind.db" "$STORE_EVENTS")
        sample store_${kind}_most "$(value events_per_s "$said")"
        rm -f "$LAB_DIR/$kind.db"*
    done
}

measure_policy() {
    local said key

    SERVER=op25bd
    said=$(taskset -c $SERVER_CORE "$BENCH_PROGRAMS/networks" measure "$POLICY_NETWORKS")
    for key in policy_build_s policy_bytes policy_cold_ns policy_warm_ns; do
        sample $key "$(value $key "$said")"
    done
    networks_config
    said=$(date +%s%N)
    on box taskset -c $SERVER_CORE "$OP25BD" -t -c "$DAEMON_CONFIG" >"$LAB_DIR/check.out" 2>&1
    sample policy_load_s "$(arithmetic "($(date +%s%N) - $said) / 1e9")"
}
