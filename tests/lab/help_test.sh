#!/usr/bin/env bash
# [help]: the page behind the URL, as subscribers of each kind see it, through a proxy and without,
# in both languages; and what it does not answer.
. "${srcdir:=.}/tests/lab/lab.sh" || exit 1
. "$srcdir/tests/lab/policies.sh"
lab_enter "$0" "$@"
lab_need curl
: "${OP25BCTL:=$(dirname "$OP25BD")/op25bctl}"
[ -x "$OP25BCTL" ] || fail "$OP25BCTL is not there: run make first"
lab_up
page4=http://$BOX4:8025
page6="http://[$BOX6]:8025"
{
    policy_plans
    policy_phases 2005-10-18T00:00:00+09:00 2006-11-21T00:00:00+09:00
    cat <<CONFIG
[help]
listen = $BOX4:8025, [$BOX6]:8025, 127.0.0.1:8025
trusted_proxies = 127.0.0.1
provider = Example <Net>
mail_host = mail.isp.example
contact = https://isp.example/ask?a=1&b=2
events_kept = 90d
request_limit = 2s
[hints]
file = hints.tsv
CONFIG
} | daemon_config
cp "$srcdir/conf/hints.tsv" "$LAB_DIR"
TZ=JST-9 daemon_start

# get HOST ARGUMENT...: the page, as someone there sees it.
get() {
    local host=$1
    shift
    on "$host" curl -s --max-time $((10 * LAB_PATIENCE)) "$@"
}
status() { get "$@" -o /dev/null -w '%{http_code}'; }
# from ADDRESS [ARGUMENT]...: the page for the subscriber there.
from() {
    local source=$1 page=$page4
    shift
    case $source in *:*) page=$page6 ;; esac
    get subscriber --interface "$source" "$@" "$page/"
}
# A page's part about the visitor's own connection.
connection() { sed -n '/<section id="connection"/,/<\/section>/p'; }

# Who asks.
said=$(from "$DYNAMIC4" | connection)
expect_match "a subscriber's own address" ">$DYNAMIC4<" "$said"
expect_match "and plan" '<dd>fiber-dynamic</dd>' "$said"
expect_match "refused" 'class="refused"' "$said"
expect_match "since the phase" '2006-11-21' "$said"
expect_match "and what helps" '587 or 465' "$said"
said=$(from "$DYNAMIC6" | connection)
expect_match "over IPv6" ">$DYNAMIC6</span> \(IPv6\)" "$said"
expect_match "refused too" 'class="refused"' "$said"
said=$(from "$STATIC4" | connection)
expect_match "static IPv4: sent to others" 'other mail services</dt><dd><span class="sends"' "$said"
said=$(from "$STATIC6" | connection)
expect_match "static, but IPv6: refused" 'other mail services</dt><dd><span class="refused"' "$said"
expect_match "and told of IPv4" 'over IPv4' "$said"
said=$(from $UNLISTED4 | connection)
expect_match "of no plan: sent to others" 'other mail services</dt><dd><span class="sends"' "$said"
said=$(get internet $page4/ -H 'Host: isp.example' | connection)
expect_match "somebody outside" ">$OTHER4<" "$said"

# Languages.
expect_match "English without a wish" '<html lang="en">' "$(from "$DYNAMIC4")"
expect_match "Japanese by the browser's wish" '<html lang="ja">' \
    "$(from "$DYNAMIC4" -H 'Accept-Language: fr, ja;q=0.9, en;q=0.8')"
expect_match "which the switch overrules" '<html lang="en">' \
    "$(get subscriber -H 'Accept-Language: ja' "$page4/?lang=en")"
said=$(from "$DYNAMIC4" -H 'Accept-Language: ja')
expect_match "Japanese says what to set" '465番または587番' "$said"
expect_match "and since when" '2006年11月21日' "$said"
expect_match "and links to English" 'href="\?lang=en"' "$said"

# What the configuration says.
said=$(from "$DYNAMIC4")
expect_match "the provider's name, escaped" 'Example &lt;Net&gt;' "$said"
expect_match "the contact, escaped" 'href="https://isp.example/ask\?a=1&amp;b=2"' "$said"
expect_match "its mail host" 'mail.isp.example' "$said"
expect_match "how long records are kept" 'These records: <strong>90 days</strong>' "$said"

# The form.
result() { sed -n '/<section id="result"/,/<\/section>/p'; }
check() { get subscriber "$page4/?line=$1&ip=$2&mail=$3&port=$4" | result; }
expect_match "a plan, other mail, 25" 'class="refused"' "$(check plan:fiber-dynamic 4 other 25)"
expect_match "on 465" 'class="sends"' "$(check plan:fiber-dynamic 4 other 465)"
expect_match "the static plan" 'class="sends"' "$(check plan%3Afiber-static 4 server 25)"
expect_match "over IPv6" 'class="refused"' "$(check plan:fiber-static 6 server 25)"
expect_match "a server at home is told of the smarthost" 'smarthost' "$(check plan:fiber-dynamic 4 server 25)"
expect_match "another provider" 'that provider may block' "$(check other 4 ours 25)"
expect_match "nothing of ours" 'Neither' "$(check other 4 other 25)"
expect_match "a plan that is gone" 'no such plan' "$(check plan:gone 4 other 25)"

# Servers of mail services.
find_server() { get subscriber "$page4/?q=$1" | sed -n '/<section id="providers"/,/<details>/p'; }
expect_match "by an address below the service's name" smtp.softbank.jp "$(find_server me%40i.softbank.jp)"
expect_match "none that is known" 'None of the servers' "$(find_server no.such.example)"
expect_equal "none but what was looked for" "" "$(find_server gmail | grep softbank || true)"

# The last attempts, for who has the code and the line.
client dialogue --source "$DYNAMIC4" $OTHER4 reply line:QUIT drain >/dev/null
reference=$(event_key ref "$(event_wait event=reject source="$DYNAMIC4")")
attempts() {
    local source=$1
    shift
    get subscriber --interface "$source" "$page4/?ref=$1" | sed -n '/<section id="attempts"/,/<.section>/p'
}
said=$(attempts "$DYNAMIC4" "${reference,,}")
expect_match "the attempt with this code" ">$reference<" "$said"
expect_match "and where to" ">$OTHER4<" "$said"
expect_match "and by which device: its port" 'from port <code>[0-9]+<' "$said"
expect_not "whose name is not recorded" grep -q 'called itself' <<<"$said"
expect_match "not from another line" 'Nothing with this code' "$(attempts "$STATIC4" "$reference")"
expect_match "nor with another code" 'Nothing with this code' "$(attempts "$DYNAMIC4" AAAAAAAA)"

# The device's name, where it is recorded: by somebody who would like to see it run.
sed -i 's/^\[events\]/&\ndetail = helo/' "$DAEMON_CONFIG"
sed -i 's/^\[reject\]/&\nstage = ehlo/' "$DAEMON_CONFIG"
daemon_reload 'is in force'
client dialogue --source "$DYNAMIC4" $OTHER4 reply 'line:EHLO <script>alert(1)' reply line:QUIT drain >/dev/null
reference=$(event_key ref "$(event_wait stage=ehlo source="$DYNAMIC4")")
said=$(attempts "$DYNAMIC4" "$reference")
expect_match "the name of a device" 'called itself <strong class="host">&lt;script&gt;alert' "$said"
expect_not "is text" grep -q '<script' <<<"$said"
expect_match "the page says that names are recorded" 'HELO or EHLO' "$(from "$DYNAMIC4")"

# A reload.
sed -i 's/^events_kept = .*/events_kept = 30d/' "$DAEMON_CONFIG"
daemon_reload 'is in force'
kept_is() { from "$DYNAMIC4" | grep -q "These records: <strong>$1 days</strong>"; }
expect "a reload changes the page" wait_for 5 kept_is 30

# Behind a proxy.
said=$(get box -H "X-Forwarded-For: 198.51.100.77, $DYNAMIC4" http://127.0.0.1:8025/ | connection)
expect_match "a trusted proxy is believed about the last one" ">$DYNAMIC4<" "$said"
said=$(get box -H "Forwarded: for=$DYNAMIC4" http://127.0.0.1:8025/ | connection)
expect_match "not in the other header" 'can not tell' "$said"
said=$(from $UNLISTED4 -H "X-Forwarded-For: $DYNAMIC4" | connection)
expect_match "others are not believed" ">$UNLISTED4<" "$said"

# What it does not answer, or not so.
expect_equal "its path" 200 "$(status box -H 'Host: isp.example' http://127.0.0.1:8025/op25b)"
expect_equal "a parameter that others add to links" 200 "$(status box 'http://127.0.0.1:8025/?utm_source=x')"
expect_equal "another path" 404 "$(status box http://127.0.0.1:8025/metrics)"
expect_equal "another host" 421 "$(status box -H 'Host: evil.example' http://127.0.0.1:8025/)"
expect_equal "no host" 400 "$(status box -H 'Host:' http://127.0.0.1:8025/)"
expect_equal "the host's other names" 200 "$(status box -H 'Host: OP25B.isp.example.:80' http://127.0.0.1:8025/)"
expect_equal "POST" 405 "$(status box -X POST http://127.0.0.1:8025/)"
expect_match "a body" '^(400|413)$' "$(status box -d x=y http://127.0.0.1:8025/)"
expect_equal "HEAD has no body" "" "$(get box -I http://127.0.0.1:8025/ | sed '1,/^\r*$/d')"
expect_equal "a value of no form" 400 "$(status box 'http://127.0.0.1:8025/?port=26')"
long=$(head -c 300 /dev/zero | tr '\0' a)
expect_equal "an overlong value" 400 "$(status box "http://127.0.0.1:8025/?q=$long")"
big=$(head -c 100000 /dev/zero | tr '\0' a)
expect_match "a header of 100,000 octets" '^(400|413|431|000)$' \
    "$(status box -H "X: $big" http://127.0.0.1:8025/)"
for evil in '?line=plan:%3Cscript%3Ealert(1)%3C/script%3E' '?q=%22%3E%3Cscript%3Ealert(1)' \
    '?lang=%3Cscript%3E' '?utm=%3Cscript%3E'; do
    said=$(get box "http://127.0.0.1:8025/$evil")
    case $said in *'<script'*) fail "$evil came back as markup" ;; esac
done
expect_equal "octets that are no text" 400 "$(status box 'http://127.0.0.1:8025/?q=%ff%fe')"

headers=$(get box -D - -o /dev/null http://127.0.0.1:8025/ | tr -d '\r')
expect_match "nothing but its own style" "default-src 'none'; style-src 'sha256-[A-Za-z0-9+/=]{44}'" "$headers"
expect_match "no sniffing" 'X-Content-Type-Options: nosniff' "$headers"
expect_match "no referrer" 'Referrer-Policy: no-referrer' "$headers"
expect_match "no keeping" 'Cache-Control: no-store' "$headers"
expect_equal "no cookies" 0 "$(grep -ci set-cookie <<<"$headers" || true)"

# Those who send an octet now and then, or nothing.
on box python3 - $((10 * LAB_PATIENCE)) >"$LAB_DIR/slow.out" <<'SLOW' || fail "a slow client was not closed"
import socket, sys, time
limit = float(sys.argv[1])
peer = socket.create_connection(("127.0.0.1", 8025))
peer.settimeout(0.2)
begin = time.monotonic()
while time.monotonic() - begin < limit:
    try:
        peer.send(b"G")
        if peer.recv(100) == b"":
            break
    except TimeoutError:
        continue
    except OSError:
        break
else:
    sys.exit(1)
print("closed after", time.monotonic() - begin)
SLOW
lab_spawn idle box python3 -c '
import socket, time
held = []
for i in range(600):
    held.append(socket.create_connection(("127.0.0.1", 8025)))
print("held", flush=True)
time.sleep(60)'
wait_for 20 lab_printed idle '^held$' || fail "the idle ones could not connect"
expect_equal "600 idle connections, and it answers" 200 "$(status box http://127.0.0.1:8025/)"
expect "their number is bounded" test "$(daemon_descriptors)" -le 262
lab_stop idle KILL
expect "and they go" wait_for 10 daemon_idle

# The same page as files, and nothing in them about who reads it.
files=$LAB_DIR/files
expect "files" "$OP25BCTL" -c "$DAEMON_CONFIG" help-page --language ja "$files" >/dev/null
expect_equal "their names" "en.html index.html ja.html" "$(cd "$files" && echo *)"
expect "index.html is in the language asked for" cmp "$files/index.html" "$files/ja.html"
expect_match "English" '<html lang="en">' "$(cat "$files/en.html")"
expect_match "links to Japanese" 'href="ja.html"' "$(cat "$files/en.html")"
expect_match "brings its own policy" 'http-equiv="Content-Security-Policy"' "$(cat "$files/en.html")"
expect_equal "has neither form nor script" 0 "$(grep -Ec '<(form|script|section id="connection")' "$files/en.html" || true)"
status=0
"$OP25BCTL" -c "$DAEMON_CONFIG" help-page /proc/no/where 2>"$LAB_DIR/why.out" || status=$?
expect_equal "a folder that can not be made" 1 "$status"
expect_match "and why" '/proc/no/where: No such file' "$(cat "$LAB_DIR/why.out")"
daemon_stop
