# shellcheck shell=bash
# packages: opensmtpd
# row default: OpenSMTPD
# row tls: OpenSMTPD, TLS required

mta_start() {
    local tls=
    [ "$ROW" != tls ] || tls='tls'
    cat >/etc/smtpd.conf <<CONFIG
listen on 127.0.0.1
action "local" mbox
action "relay" relay helo $DOMAIN $tls
match from local for domain "$DOMAIN" action "local"
match from local for local action "local"
match from local for any action "relay"
CONFIG
    smtpd -d >/run/out/smtpd.log 2>&1 &
    within 10 smtpctl show status >/dev/null 2>&1
}

# It leaves alone for a while a host that has refused it; resuming ends that, and a moment later the
# message waits for its next turn, which is now.
mta_retry() {
    local route
    for route in $(smtpctl show routes | awk '{ sub(/\..*/, "", $1); print $1 }'); do
        smtpctl resume route "$route"
    done
    within 15 rescheduled
}

rescheduled() {
    smtpctl schedule all | grep -q '^[1-9]'
}
