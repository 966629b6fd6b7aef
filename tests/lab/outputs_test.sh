#!/usr/bin/env bash
# A real rsyslog with TLS takes events while it is restarted twice: not one is missing or doubled.
# Then what waits on disk: it outlives us, and has a bound. Then all the other transports.
#
#   outputs_test.sh [COUNT]   so many events, 20,000 unless said otherwise
. "${srcdir:=.}/tests/lab/lab.sh" || exit 1
. "$srcdir/tests/lab/policies.sh"
lab_enter "$0" "$@"
lab_need rsyslogd openssl
compgen -G '/usr/lib/*/rsyslog/imrelp.so' >/dev/null || skip "rsyslog-relp is not installed"
compgen -G '/usr/lib/*/rsyslog/lmnsd_ossl.so' >/dev/null || skip "rsyslog-openssl is not installed"
lab_up
on box ip link set lo up

readonly COUNT=${1:-20000}
readonly FEEDER=${top_builddir:-.}/tests/lab/feeder
readonly WORK=$LAB_DIR/collector BOTH=$LAB_DIR/both.pem STATE=$LAB_DIR/state
readonly OUT=$WORK/events
[ -x "$FEEDER" ] || fail "$FEEDER is not there: run make check first"
mkdir "$WORK" "$STATE"

openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 \
    -subj /CN=collector.example -addext subjectAltName=DNS:collector.example,IP:127.0.0.1 \
    -keyout "${LAB_KEY:?}" -out "$LAB_CERTIFICATE" 2>"$LAB_DIR/openssl.log" ||
    fail "openssl has made no certificate"
cat "$LAB_KEY" "$LAB_CERTIFICATE" >"$BOTH"

# A collector that loses nothing in an orderly stop: what it has taken and not yet written goes on
# its own disk.
cat >"$LAB_DIR/rsyslog.conf" <<CONFIG
global(workDirectory="$WORK" net.enableDNS="off" DefaultNetstreamDriver="ossl"
       DefaultNetstreamDriverCAFile="$LAB_CERTIFICATE"
       DefaultNetstreamDriverCertFile="$LAB_CERTIFICATE"
       DefaultNetstreamDriverKeyFile="$LAB_KEY")
main_queue(queue.type="LinkedList" queue.fileName="main" queue.saveOnShutdown="on"
           queue.size="200000" queue.timeoutShutdown="10000" queue.timeoutEnqueue="10000")
module(load="imrelp")
module(load="imtcp" StreamDriver.Name="ossl" StreamDriver.Mode="1" StreamDriver.AuthMode="anon")
module(load="imptcp")
module(load="imudp")
module(load="imuxsock" SysSock.Use="off")
input(type="imrelp" port="2514" tls="on" tls.authMode="certvalid" tls.caCert="$LAB_CERTIFICATE"
      tls.myCert="$LAB_CERTIFICATE" tls.myPrivKey="$LAB_KEY")
input(type="imtcp" port="6514")
input(type="imptcp" port="601")
input(type="imudp" address="127.0.0.1" port="514")
input(type="imuxsock" socket="/dev/log" useSpecialParser="off" parseHostname="on")
template(name="raw" type="string" string="%structured-data% %msg%\n")
if \$programname == "op25bd" then action(type="omfile" file="$OUT" template="raw")
CONFIG

# A /dev of our own, for /dev/log.
mkdir "$LAB_DIR/dev"
for device in null urandom random zero full; do
    : >"$LAB_DIR/dev/$device"
    mount --bind "/dev/$device" "$LAB_DIR/dev/$device"
done
mount --rbind "$LAB_DIR/dev" /dev

collector_start() {
    # Without descriptor 8, whose end is the feeder's.
    lab_spawn collector box rsyslogd -n -i "$WORK/pid" -f "$LAB_DIR/rsyslog.conf" 8>&-
    wait_for 10 on box sh -c 'ss -Hltn sport = :2514 | grep -q . && ss -Hltn sport = :6514 | grep -q .'
}

collector_stop() {
    lab_signal collector TERM
    lab_wait collector || true
}

received() {
    wc -l <"$OUT"
}

# feeder_start URL [SPOOL_SIZE [COUNT [PER_SECOND [FIRST [QUEUE]]]]]; feeder_end.
feeder_start() {
    [ -p "$LAB_DIR/more" ] || mkfifo "$LAB_DIR/more"
    : >"$LAB_DIR/feeder.out"
    lab_spawn feeder box sh -c "exec '$FEEDER' ${3:-$COUNT} ${4:-20000} '$STATE' '$1' '$BOTH' \
        ${2:-268435456} ${5:-1} ${6:-65536} <'$LAB_DIR/more'"
    exec 8>"$LAB_DIR/more"
}

feeder_end() {
    exec 8>&-
    lab_wait feeder 30 || fail "the feeder has failed"
}

# account: "MISSING DOUBLED ROLLED" of what the collector has written, of COUNT events; a number
# that is neither there nor counted by a rollup is missing.
account() {
    python3 - "$OUT" "$1" <<'PYTHON'
import json, sys
seen, rolled = {}, 0
for line in open(sys.argv[1]):
    event = json.loads(line[line.index("{"):])
    if event["event"] == "rollup":
        rolled += event["count"]
    else:
        seen[event["bytes_in"]] = seen.get(event["bytes_in"], 0) + 1
print(int(sys.argv[2]) - len(seen) - rolled, sum(seen.values()) - len(seen), rolled)
PYTHON
}

# The collector goes away twice in the middle, in order.
: >"$OUT"
collector_start
feeder_start relp+tls://127.0.0.1:2514
for part in $((COUNT / 4)) $((COUNT / 2)); do
    wait_for 60 eval "[ \"\$(received)\" -ge $part ]" || fail "nothing comes: $(received)"
    collector_stop
    collector_start
done
wait_for 120 eval '[ "$(received)" -ge $COUNT ]' || true
feeder_end
collector_stop
expect_equal "RELP over TLS, restarted twice: none of $COUNT is missing or doubled" "0 0 0" "$(account "$COUNT")"
expect_match "and nothing was dropped" '^dropped 0 failed 0 lost 0' "$(cat "$LAB_DIR/feeder.out")"

# Away from the beginning to the end: all waits on disk, and goes out when we are there again.
: >"$OUT"
feeder_start relp+tls://127.0.0.1:2514 268435456 3000
wait_for 30 lab_printed feeder '^fed$'
feeder_end
expect_match "away all the time: nothing is lost" 'lost 0' "$(cat "$LAB_DIR/feeder.out")"
collector_start
feeder_start relp+tls://127.0.0.1:2514 268435456 1000 20000 3001
wait_for 30 eval '[ "$(received)" -ge 4000 ]' || true
feeder_end
expect_equal "what waited comes, before what is new" "0 0 0" "$(account 4000)"
expect_match "in order" '"bytes_in":1,' "$(head -n 1 "$OUT")"

# A spool that is too small: its bound holds, and what was lost is told.
collector_stop
: >"$OUT"
feeder_start relp+tls://127.0.0.1:2514 1048576 9000 20000 1 1024
wait_for 60 lab_printed feeder '^fed$'
wait_for 30 grep -q 'its spool is full' "$LAB_DIR/feeder.log"
expect "the spool keeps its bound" test "$(du -sb "$STATE" | cut -f1)" -lt 4500000
collector_start
wait_for 60 grep -q '"rollup"' "$OUT" || true
wait_for 60 eval '[ "$(account 9000 | cut -d" " -f1)" = 0 ]' || true
feeder_end
read -r missing doubled rolled <<<"$(account 9000)"
expect_equal "too small a spool: events and rollups are all there were" "0 0" "$missing $doubled"
expect "and some are in a rollup" test "$rolled" -gt 0

# The other transports, by the daemon itself and all at once.
: >"$OUT"
policy_plans | daemon_config server.node=gw1 >/dev/null
cat >>"$DAEMON_CONFIG" <<CONFIG
[output tls]
to = tcp+tls://127.0.0.1:6514
ca = $LAB_CERTIFICATE
format = ecs
[output tcp]
to = tcp://127.0.0.1:601
format = ocsf
[output udp]
to = udp://127.0.0.1:514
[output local]
to = syslog
format = rfc5424
[output wrong]
to = tcp+tls://localhost:6514
ca = $LAB_CERTIFICATE
CONFIG
daemon_start
for _ in 1 2 3; do client dialogue $OTHER4 reply line:QUIT drain >/dev/null; done
wait_for 20 eval '[ "$(received)" -ge 12 ]' || fail "came: $(cat "$OUT")"
expect_equal "TLS, in the words of ECS" 3 "$(grep -c '"@timestamp"' "$OUT")"
expect_equal "TCP, in the words of OCSF" 3 "$(grep -c '"class_uid":4001' "$OUT")"
expect_equal "UDP and the local socket, in the words of JSON" 6 "$(grep -c '{"time":"[^"]*","event":"reject"' "$OUT")"
expect_equal "each counts for itself" 4 "$(grep -c 'sequenceId="3"' "$OUT")"
expect_match "status tells of each" 'syslog: 3 written, 0 dropped' "$("${OP25BCTL:-$(dirname "$OP25BD")/op25bctl}" -s "$DAEMON_DIR/control.sock" status 2>&1)"
expect "a certificate for another name is refused, and said" \
    daemon_log_wait 'output wrong.: no connection to .*(mismatch|localhost)' 20
daemon_stop
