#!/usr/bin/env bash
# What kind of client: a bot that is scripted, a mail server and mail programs that behave, each from
# an address of its own; their class, and what it is based on, in the events, the rollups, the metrics.
. "${srcdir:=.}/tests/lab/lab.sh" || exit 1
lab_enter "$0" "$@"
lab_need curl
lab_up
on box ip link set lo up
readonly HOSTS=(192.0.2.10{1..6})

config() { # [SECTION.KEY=VALUE]...: its [signature ...] is on stdin
    {
        printf '[policy]\ndefault = reject\n[reject]\nurl = https://isp.example/op25b\nstage = ehlo\n'
        for format in ecs ocsf; do
            printf '[output %s]\nto = %s\nformat = %s\n' "$format" "$DAEMON_DIR/$format" "$format"
        done
        cat
    } | daemon_config http.listen=127.0.0.1:9325 "$@"
}

bot() { # [OPTION]... SOURCE ADDRESS...
    on subscriber python3 "$LAB_SOURCE/bot.py" "$@" >>"$LAB_DIR/said.out"
}

# expect_class WHAT SOURCE COUNT "CLASS WHY SIGNATURE": of the last of its COUNT events.
expect_class() {
    expect_equal "$1" "$4" "$(event_wait --count "$3" event=reject source="$2" |
        python3 -c 'import json, sys
last = json.loads(sys.stdin.readlines()[-1])
print(*(last.get(key, "-") for key in ("class", "class_why", "signature")))')"
}

config events.detail=helo <<'CONFIG'
[signature cutwail]
pattern = ^ylmf-pc$
[signature camera]
pattern = ^(a+)+cam$
class = device
CONFIG
daemon_start

# The system of this bot acknowledges nothing but with what it says: that is how a client looks that
# has not yet heard of the greeting, on whatever network.
on subscriber nft -f - <<'RULES'
table inet late {
    chain out {
        type filter hook output priority filter;
        ip saddr 203.0.113.12 tcp dport 25 tcp flags & (syn | fin | rst | psh | ack) == ack drop
    }
}
RULES
client dialogue --source 203.0.113.12 $OTHER4 'line:EHLO pc' reply reply line:QUIT drain >>"$LAB_DIR/said.out"
expect_class "talks before the greeting" 203.0.113.12 1 "bot talked_first -"
bot --hello pc --quit --times 10 203.0.113.18 $OTHER4
expect_class "who waits for it does not, however late its acknowledgements" 203.0.113.18 10 "unknown - -"
expect_equal "not once" 0 "$(event_count source=203.0.113.18 class_why)"

bot --hello ylmf-pc 203.0.113.10 $OTHER4
expect_class "known by its name" 203.0.113.10 1 "bot signature cutwail"
bot --hello 'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa!' 203.0.113.11 $OTHER4
expect_class "a pattern that never gets done with a name" 203.0.113.11 1 "unknown - -"
bot 203.0.113.13 "${HOSTS[@]}"
expect_class "many destinations, and never QUIT" 203.0.113.13 6 "bot fan_out -"
bot --hello $OTHER4 --quit 203.0.113.14 $OTHER4
expect_class "calls itself by its destination" 203.0.113.14 1 "bot greeting_is_destination -"

bot --hello mail.subscriber.example --quit 203.0.113.20 "${HOSTS[@]}"
expect_class "many destinations, and always QUIT" 203.0.113.20 6 "mta queue_fan_out -"
bot --hello '[192.168.1.5]' --quit 203.0.113.21 $OTHER4
expect_class "a mail program" 203.0.113.21 1 "mua greeting_is_literal -"
client send --source 203.0.113.22 $OTHER4 >>"$LAB_DIR/said.out" 2>&1 || true
expect "Python's smtplib is no bot" event_wait source=203.0.113.22 class!=bot

expect "ECS says the same" grep -q '"source.ip":"203.0.113.10".*"op25bd.signature":"cutwail",'\
'"op25bd.class":"bot","op25bd.class_why":"signature"' "$DAEMON_DIR/ecs"
expect "OCSF, too" grep -q \
    '"ip":"203.0.113.10".*"signature":"cutwail","class":"bot","class_why":"signature"' "$DAEMON_DIR/ocsf"
on box curl -sf http://127.0.0.1:9325/metrics >"$LAB_DIR/metrics.out"
for class in unknown bot mta mua device; do
    expect_equal "the metric counts the events: $class" "$(event_count event=reject class=$class)" \
        "$(sed -n "s/^op25bd_clients_total{class=\"$class\"} //p" "$LAB_DIR/metrics.out")"
done

# Another name for the same; and less detail.
config events.detail=helo <<'CONFIG'
[signature other]
pattern = ^YLMF
class = unknown
CONFIG
daemon_reload 'is in force'
event_mark
bot --hello ylmf-pc 203.0.113.15 $OTHER4
expect_class "a reload brings other signatures" 203.0.113.15 1 "unknown signature other"
config events.detail=source </dev/null
daemon_reload 'is in force'
event_mark
bot --hello ylmf-pc 203.0.113.16 "${HOSTS[@]}"
expect_class "of what is not recorded nothing is said" 203.0.113.16 6 "unknown - -"
daemon_stop

# A flood: the rollup has the class that most of what it stands for had.
config events.burst=2 </dev/null
daemon_start
event_mark
bot 203.0.113.17 "${HOSTS[@]}"
daemon_stop
expect "a rollup has a class" event_wait event=rollup source=203.0.113.17 of=reject count=4 class=bot class_why=fan_out
