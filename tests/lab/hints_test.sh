#!/usr/bin/env bash
# What to set for the very host that was tried: known by its addresses at once, by its confirmed
# reverse name from the second time on; never believed when forged, never said when too old, and
# never waited for.
. "${srcdir:=.}/tests/lab/lab.sh" || exit 1
. "$srcdir/tests/lab/policies.sh"
lab_enter "$0" "$@"
lab_need curl
: "${OP25BCTL:=$(dirname "$OP25BD")/op25bctl}"
[ -x "$OP25BCTL" ] || fail "$OP25BCTL is not there: run make first"
readonly SOCKET=$DAEMON_DIR/control.sock ZONE=$LAB_DIR/zone QUERIES=$LAB_DIR/queries
readonly HINTS=$LAB_DIR/hints.tsv
lab_up

# zone [LINE]...: what the name server answers from now on.
zone() {
    printf '%s\n' "$@" >"$ZONE.new"
    mv "$ZONE.new" "$ZONE"
}

asked() {
    grep -Ecs -e "$1" "$QUERIES" || true
}

asked_for() {
    [ "$(asked "$1")" -ge "${2:-1}" ]
}

# says DESTINATION [SOURCE]: the greeting.
says() {
    client dialogue --source "${2:-$DYNAMIC4}" "$1" reply line:QUIT drain
}

hint() {
    "$OP25BCTL" -s "$SOCKET" hint "$@" 2>&1
}

hint_is() { # STATE DESTINATION
    "$OP25BCTL" -s "$SOCKET" --json hint "$2" | grep -Fq "\"state\":\"$1\""
}

start() { # KEY=VALUE..., and STAGE=
    { policy_plans && echo "stage = ${STAGE:-greeting}"; } | daemon_config "hints.file=$HINTS" "hints.resolver=$ISP4:53" \
        hints.recheck=1s http.listen=127.0.0.1:9325 "$@"
    daemon_start
}

no_hint='For the server you tried'
cat >"$HINTS" <<'ROWS'
# pattern	host	ports	sure
^mx[0-9]\.big\.example$	smtp.big.example	465,587	directory
^smtp\.(own|same)\.example$	=	465	provider
\.unsure\.example$	smtp.unsure.example	587	check
ROWS
zone "$OTHER4 PTR mx1.big.example" "mx1.big.example A $OTHER4" \
    "$OTHER6 PTR MX2.Big.Example" "mx2.big.example AAAA $OTHER6" \
    "smtp.own.example A $ISP4" "smtp.own.example AAAA $ISP6" \
    "$CARRIER4 PTR mx9.big.example" "mx9.big.example A 192.0.2.99" \
    "$CARRIER6 PTR mx.unsure.example" "mx.unsure.example AAAA $CARRIER6"
lab_spawn dns internet python3 "$LAB_SOURCE/dns_server.py" --zone "$ZONE" \
    --queries "$QUERIES" "$ISP4"
wait_for 10 lab_printed dns '^ready$' || fail "the name server has not started"
start
wait_for 10 asked_for '^AAAA smtp.same.example$' || fail "the hosts are not resolved"

# A host of the file: by its addresses, without a lookup of them.
expect "a host of the file is known before it is ever tried" \
    wait_for 10 hint_is host "$ISP6"
expect_match "it is said at the first contact" '554-.*same server, port 465\.' "$(says "$ISP4")"
expect_match "over IPv6 too" '554-.*same server, port 465\.' "$(says "$ISP6" $DYNAMIC6)"
expect_equal "and its name was not looked up" 0 "$(asked '^PTR 53.2.0.192')"

# A name.
expect_not "at the first contact a name is unknown" grep -q "$no_hint" <<<"$(says "$OTHER4")"
expect "it is looked up then, and confirmed" wait_for 10 hint_is named "$OTHER4"
said=$(says "$OTHER4")
expect_match "at the second it is said" \
    '554-For the server you tried: use smtp.big.example port 465 or 587\.' "$said"
expect_equal "in a line more than before" 5 "$(grep -c '< 554' <<<"$said")"
expect_match "the last line is still the last" '< 554 .*https://isp.example/op25b' "$said"
says "$OTHER6" $DYNAMIC6 >/dev/null
expect "IPv6 has names too, in whatever case" wait_for 10 hint_is named "$OTHER6"
expect_match "and they are said" 'use smtp.big.example port 465 or 587\.' \
    "$(says "$OTHER6" $DYNAMIC6)"

# What must not be said.
says "$CARRIER4" >/dev/null
expect "a name that does not have the address is forged" wait_for 10 hint_is unconfirmed "$CARRIER4"
expect_not "and not believed" grep -q "$no_hint" <<<"$(says "$CARRIER4")"
says "$CARRIER6" $DYNAMIC6 >/dev/null
expect "a row that is only to be checked does not count" wait_for 10 hint_is 'no row' "$CARRIER6"
expect_not "and is not said" grep -q "$no_hint" <<<"$(says "$CARRIER6" $DYNAMIC6)"

# What monitoring sees, which is nobody's address.
metric() { on box curl -s --max-time $((10 * LAB_PATIENCE)) http://127.0.0.1:9325/metrics | awk -v name="$1" '$1 == name { print $2 }'; }
contacts() { metric "op25bd_hint_contacts_total{knowledge=\"$1\"}"; }
expect_equal "metrics: hints that were said" 4 "$(contacts hint)"
expect_equal "destinations that nothing was known of" 4 "$(contacts unknown)"
expect_equal "and those without a hint" 2 "$(contacts nothing)"
expect_match "lookups" '^[1-9][0-9]*$' "$(metric 'op25bd_hint_lookups_total{result="answered"}')"
expect_equal "none of which failed" 0 "$(metric 'op25bd_hint_lookups_total{result="failed"}')"
expect_match "destinations" '^[1-9][0-9]*$' "$(metric op25bd_hint_destinations)"

# op25bctl explain.
explain() { "$OP25BCTL" -s "$SOCKET" explain "$@"; }
expect_match "explain shows the reply with the hint" \
    '554-For the server you tried: use smtp.big.example port 465 or 587\.' "$(explain $DYNAMIC4 "$OTHER4")"
expect_match "and says where it is not known yet" "With a hint once the destination's name is known" \
    "$(explain $DYNAMIC4 192.0.2.77)"
expect_not "but not where there will be none" grep -q 'With a hint' <<<"$(explain $DYNAMIC4 "$CARRIER4")"

# op25bctl hint.
said=$(hint "$OTHER4")
expect_match "op25bctl says what is said" 'use smtp.big.example port 465 or 587' "$said"
expect_match "by which name" '^name: +mx1.big.example$' "$said"
expect_match "by which row" "^row: +$HINTS:2\$" "$said"
expect_match "how sure" '^sure: +directory$' "$said"
expect_match "and since when" '^age: +[0-9]+ s$' "$said"
expect_match "of a host, which one" '^host: +smtp.own.example$' "$(hint "$ISP4")"
expect_match "of a name, by its row" 'same server, port 465' "$(hint smtp.same.example)"
expect_match "an unsure row is named with its line" "$HINTS:4" "$(hint a.unsure.example)"
expect_match "from a file names are told without a daemon" 'use smtp.big.example' \
    "$("$OP25BCTL" -c "$DAEMON_CONFIG" hint mx3.big.example)"
expect_match "and addresses are not" 'only the running daemon' \
    "$("$OP25BCTL" -c "$DAEMON_CONFIG" hint "$OTHER4" 2>&1 || true)"

# Behind the greeting it may be known in time.
daemon_stop
STAGE=mail start
expect_match "a lookup ends while the client says hello" \
    '^550-5.7.1 .*use smtp.big.example port 465 or 587' \
    "$(export -f hint_is wait_for; export OP25BCTL SOCKET LAB_PATIENCE
       on subscriber "$BASH" -c 'exec 3<>"/dev/tcp/$1/25" || exit 1
           read -r _ <&3 && printf "EHLO a\r\n" >&3
           wait_for 10 hint_is named "$1"
           printf "MAIL FROM:<a@b.example>\r\nQUIT\r\n" >&3
           cat <&3' - "$OTHER4")"

# It gets old.
daemon_stop
start hints.recheck=1d
says "$OTHER4" >/dev/null
wait_for 10 hint_is named "$OTHER4" || fail "the name is not known"
before=$(asked '^PTR 25.2.0.192')
says "$OTHER4" >/dev/null
expect_match "what was looked up is not looked up again soon" use "$(says "$OTHER4")"
expect_equal "whoever asks" "$before" "$(asked '^PTR 25.2.0.192')"

# quick WHAT: four destinations that nobody has tried before, so that each of them begins a lookup.
# If anybody waited for that, all would; the machine may be slow once.
quick() {
    local last=$((QUICK + 4)) best=1000000 milliseconds

    while [ "$QUICK" -lt "$last" ]; do
        QUICK=$((QUICK + 1))
        read -r milliseconds _ <<<"$(says 192.0.2.$((100 + QUICK)))"
        [ "$milliseconds" -ge "$best" ] || best=$milliseconds
    done
    [ "$best" -lt $((50 * LAB_PATIENCE)) ] || fail "$1: the first line after $best ms"
    printf 'ok: %s (%s ms)\n' "$1" "$best"
}
QUICK=0

# The resolver is slow, then dead: nobody waits.
daemon_stop
zone "mode slow 800" "$OTHER4 PTR mx1.big.example" "mx1.big.example A $OTHER4"
start
quick "a slow resolver does not delay the greeting"
says "$OTHER4" >/dev/null
expect "its answers count when they come" wait_for 10 hint_is named "$OTHER4"
expect_match "and are said" use "$(says "$OTHER4")"
zone "mode dead"
daemon_stop
start hints.timeout=200ms
quick "a dead one does not either"
says "$OTHER4" >/dev/null
expect "the daemon knows that it failed" wait_for 10 hint_is failed "$OTHER4"
wait_for 20 sh -c "'$OP25BCTL' -s '$SOCKET' status | grep -q 'resolver of .hints. has not answered'" ||
    fail "status says nothing of the dead resolver"
expect_match "and how often" '"hints":\{"destinations":[0-9]+,"lookups":[0-9]+,"failed":[1-9]' \
    "$("$OP25BCTL" -s "$SOCKET" --json status)"

# Without a resolver, then without hints.
sed -i '/^resolver = /d' "$DAEMON_CONFIG"
daemon_reload 'there is no nameserver in /etc/resolv.conf: nothing is looked up'
daemon_log_wait 'is in force'
expect_not "without a name server nothing is said" grep -q "$no_hint" <<<"$(says "$OTHER4")"
sed -i '/^\[hints\]/,/^\[/{/^file/d}' "$DAEMON_CONFIG"
daemon_reload 'is in force'
expect_match "without a file there are no hints" 'hints. file is not set' "$(hint "$OTHER4" || true)"
expect "and the resolver's socket is closed" wait_for 10 daemon_sockets_are -1
daemon_stop
