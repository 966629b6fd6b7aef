#!/usr/bin/env bash
# [http]: metrics that match what happened, health by the real path, and evil clients.
. "${srcdir:=.}/tests/lab/lab.sh" || exit 1
. "$srcdir/tests/lab/policies.sh"
lab_enter "$0" "$@"
lab_need curl promtool prometheus
lab_up
server_start mail "$OTHER4:25" "$CARRIER4:25=echo"
policy_plans | daemon_config 'http.listen=127.0.0.1:9325, [::1]:9325'
daemon_start

web() { on box curl -s --max-time $((10 * LAB_PATIENCE)) "$@"; }
web_status() { web -o /dev/null -w '%{http_code}' "$@"; }
metrics=http://127.0.0.1:9325/metrics
health=http://127.0.0.1:9325/healthz
metric() { web $metrics | awk -v name="$1" 'index($0, name " ") == 1 { print $2; found = 1 } END { exit !found }'; }
metric_is() { [ "$(metric "$1")" = "$2" ]; }

for _ in 1 2; do
    client dialogue --source "$DYNAMIC4" $OTHER4 reply line:QUIT drain >/dev/null
done
client dialogue --source "$DYNAMIC6" $OTHER6 reply line:QUIT drain >/dev/null
client stream --source $UNLISTED4 --size 1000 $CARRIER4 >/dev/null
event_wait event=relay >/dev/null
refused='op25bd_connections_total{kind="reject",plan="fiber-dynamic",phase="",family="ipv4",stage="greeting"}'
expect "refusals are counted by their labels" wait_for 5 metric_is "$refused" 2
expect "also IPv6" metric_is "${refused/ipv4/ipv6}" 1
expect "the relay too" metric_is \
    'op25bd_connections_total{kind="relay",plan="",phase="",family="ipv4",stage=""}' 1
expect "its octets" metric_is 'op25bd_relay_bytes_total{direction="from_client"}' 1000
expect "greetings are timed" metric_is op25bd_greeting_seconds_count 3
expect "so are kinds of clients, the unknown ones" wait_for 5 metric_is 'op25bd_clients_total{class="unknown"}' 3
expect "and the others" metric_is 'op25bd_clients_total{class="bot"}' 0
expect "nothing is open" metric_is 'op25bd_connections_open{kind="reject"}' 0
expect "events are counted" wait_for 5 metric_is op25bd_events_written_total 4
web $metrics >"$LAB_DIR/metrics.out"
expect "promtool has nothing to say" promtool check metrics <"$LAB_DIR/metrics.out"

# Every metric that the rules and the dashboard name is there.
# Those of parts that are not configured here are seen by the tests of these parts.
grep -Eoh "(op25bd|process)_[a-z0-9_]+" "$srcdir"/contrib/prometheus/op25bd.rules.yml \
    "$srcdir"/contrib/grafana/op25bd.json | sort -u | while read -r name; do
    grep -q "^# TYPE ${name%_bucket} " "$LAB_DIR/metrics.out" ||
        grep -qw --exclude=metrics_test.sh "$name" "$srcdir"/tests/lab/*_test.sh || echo "$name"
done >"$LAB_DIR/unknown.out"
expect_equal "rules and dashboard name no metric that is not there" "" "$(cat "$LAB_DIR/unknown.out")"
expect "the dashboard is valid JSON" python3 -m json.tool "$srcdir/contrib/grafana/op25bd.json" /dev/null
expect "the rules fire when they should" \
    promtool test rules "$srcdir/contrib/prometheus/op25bd.rules.test.yml"

# Counts survive a reload.
daemon_reload 'is in force'
client dialogue --source "$DYNAMIC4" $OTHER4 reply line:QUIT drain >/dev/null
expect "the same plan counts on after a reload" wait_for 5 metric_is "$refused" 3
expect "the reload is counted" metric_is 'op25bd_config_reloads_total{result="success"}' 1

# Health; its own connections leave no trace.
expect_equal "healthy" 200 "$(web_status $health)"
expect_equal "also over IPv6" ok "$(web 'http://[::1]:9325/healthz')"
expect "probes are not accepted connections" metric_is op25bd_accepted_total 5
expect_equal "nor events" 0 "$(event_count event=misdirected)"

# What it does not do.
expect_equal "another path" 404 "$(web_status http://127.0.0.1:9325/etc/passwd)"
expect_match "POST is refused" '^(405|501)$' "$(web_status -X POST $metrics)"
expect_match "a body is refused" "^(400|413)\$" "$(web_status -d x $metrics)"
expect_equal "HEAD has no body" "" "$(web -I $metrics | sed '1,/^\r*$/d')"
big=$(head -c 100000 /dev/zero | tr '\0' a)
expect_match "a header of 100,000 octets is refused" '^(400|413|000)$' "$(web_status -H "X: $big" $metrics)"

# Two hundred who say nothing, or half a line.
lab_spawn idle box python3 -c '
import socket, time
held = []
for i in range(200):
    held.append(socket.create_connection(("127.0.0.1", 9325)))
    held[-1].send(b"GET /met")
print("held", flush=True)
time.sleep(60)'
wait_for 20 lab_printed idle '^held$' || fail "the idle ones could not connect"
expect_equal "200 idle connections, and it answers" 200 "$(web_status $metrics)"
expect "their number is bounded" test "$(daemon_descriptors)" -le 70
lab_stop idle KILL

# A real Prometheus.
cat >"$LAB_DIR/prometheus.yml" <<CONFIG
global: {scrape_interval: 1s}
scrape_configs: [{job_name: op25bd, static_configs: [{targets: ["127.0.0.1:9325"]}]}]
CONFIG
lab_spawn prometheus box prometheus --config.file "$LAB_DIR/prometheus.yml" \
    --storage.tsdb.path "$LAB_DIR/tsdb" --web.listen-address 127.0.0.1:9090
queried() {
    web -G http://127.0.0.1:9090/api/v1/query --data-urlencode 'query=op25bd_greeting_seconds_count' |
        grep -q '"4"'
}
expect "Prometheus has scraped the number" wait_for 20 queried
lab_stop prometheus

# Draining.
client_spawn transfer stream --source $UNLISTED4 --size 100 --keep-open $CARRIER4
wait_for 5 metric_is 'op25bd_connections_open{kind="relay"}' 1 || fail "the relay is not counted as open"
daemon_signal TERM
daemon_log_wait draining
expect_equal "draining: not healthy" 503 "$(web_status $health)"
expect_match "and why" draining "$(web $health)"
lab_stop transfer KILL
daemon_wait || fail "it ended with status $?"
