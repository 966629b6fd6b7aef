#!/usr/bin/env bash
# attempts.sh STAGE CLIENT ROW: inside a home, lets the client send one message and says in one word what
# became of it, as the README of this folder explains: /run/out/cell.
#
# CLIENT is a file of mta/ or programs/. One of mta/ defines
#     mta_start   configures and starts it, as ROW says
#     mta_retry   makes it try again what it has
# and may define mta_gone (it has given up the message) and mta_deferred N (it says that N attempts have
# failed: nothing more has to be waited for); one of programs/ defines
#     program     sends the message as ROW says, and prints what a person would see
set -u
STAGE=$1 CLIENT=$2 ROW=$3
# shellcheck disable=SC2034 # they are for the clients
readonly STAGE CLIENT ROW \
    SERVER=mail.other.example DOMAIN=home.subscriber.example \
    SENDER=sender@home.subscriber.example RECIPIENT=someone@other.example \
    MESSAGE=/run/message EVENTS=/run/box/events.jsonl TEMPLATE=/template/default.txt
# An attempt comes so long after the last one: more than the retry_step of the configuration.
readonly PAUSE=1.2 MOST_ATTEMPTS=4

# within SECONDS COMMAND...: repeats it until it succeeds; fails after the deadline.
within() {
    local deadline=$((SECONDS + 1 + $1 * LAB_PATIENCE))
    shift
    until "$@"; do
        [ "$SECONDS" -lt "$deadline" ] || return 1
        sleep 0.1
    done
}

# The person: one local user, whose mailbox is wherever the client puts it.
furnish() {
    local address
    address=$(ip -4 -o address show dev wan | awk '{ sub("/.*", "", $4); print $4 }')
    hostname $DOMAIN
    printf '127.0.0.1 localhost\n%s %s home\n' "$address" $DOMAIN >/etc/hosts
    printf 'nameserver 192.0.2.53\noptions timeout:2 attempts:2\n' >/etc/resolv.conf
    printf 'hosts: files dns\npasswd: files\ngroup: files\nshadow: files\n' >/etc/nsswitch.conf
    echo $DOMAIN >/etc/mailname
    echo $DOMAIN >/etc/hostname
    echo 'sender:x:2525:2525:Sender:/home/sender:/bin/sh' >>/etc/passwd
    echo 'sender:x:2525:' >>/etc/group
    echo 'sender:*:19000:0:99999:7:::' >>/etc/shadow
    install -d -o 2525 -g 2525 /home/sender
    mkdir -p /var/mail
    find /var/mail/ -type f -delete
    printf 'From: <%s>\nTo: <%s>\nSubject: hello\n\nHow do you do?\n' $SENDER $RECIPIENT >$MESSAGE
    export SOURCE=$address
    ln -sf /run/systemd/journal/dev-log /dev/log 2>/dev/null
}

as_sender() {
    (cd /home/sender && HOME=/home/sender setpriv --reuid=2525 --regid=2525 --clear-groups "$@")
}

# Connections of this home that have come to an end at the box.
connections() {
    grep -cs "\"source\":\"$SOURCE\"" $EVENTS || true
}

more_connections() { # THAN
    [ "$(connections)" -gt "$1" ]
}

# What has come home, in the mailboxes of all: a program's own dead letters are not mail.
mail_home() {
    find /var/mail/ /home/sender/Maildir/new -type f -size +0 ! -name '*.lock' 2>/dev/null || true
}

bounced() {
    [ -n "$(mail_home)" ]
}

judge() {
    python3 /clients/judge.py $TEMPLATE "$@"
}

# A connection has ended, or is kept open (Courier) but has had its effect.
effective() { # CONNECTIONS-BEFORE
    more_connections "$1" || bounced
}

settled() { # ATTEMPT
    bounced || mta_deferred "$1"
}

# One attempt, and then there is a bounce or, for a while, none.
attempted() { # CONNECTIONS-BEFORE ATTEMPT
    within 20 effective "$1" || {
        echo "no connection was made" >>/run/out/problem
        return 1
    }
    within 4 settled "$2"
    bounced || return 1
    within 4 mail_is_whole
}

# What is there is not growing any more.
mail_is_whole() {
    local before
    before=$(mail_home | xargs cat | cksum)
    sleep 0.2
    [ "$before" = "$(mail_home | xargs cat | cksum)" ]
}

mta_gone() {
    false
}

mta_deferred() {
    false
}

mta_send() {
    as_sender sendmail -f $SENDER $RECIPIENT <$MESSAGE
}

try_mta() {
    local before attempt most=1
    [ "$STAGE" != adaptive ] || most=$MOST_ATTEMPTS
    python3 /clients/syslog.py /run/systemd/journal/dev-log /run/out/syslog &
    mta_start
    for ((attempt = 1; attempt <= most; attempt++)); do
        before=$(connections)
        if [ "$attempt" -eq 1 ]; then
            mta_send
        else
            sleep $PAUSE
            mta_retry
        fi
        if attempted "$before" "$attempt"; then
            mail_home | xargs cat >/run/out/bounce
            # shellcheck disable=SC2046 # one word for each file, without spaces
            echo "B$(judge $(mail_home))$([ "$most" -eq 1 ] || echo " $attempt")" >/run/out/cell
            return
        fi
        if mta_gone; then
            echo X >/run/out/cell
            return
        fi
    done
    if [ -e /run/out/problem ]; then echo '?'; else echo D; fi >/run/out/cell
}

try_program() {
    local before
    before=$(connections)
    program </dev/null >/run/out/printed 2>&1
    echo "exit status $?" >/run/out/status
    if within 5 more_connections "$before"; then
        judge /run/out/printed
    else
        echo '?'
    fi >/run/out/cell
}

furnish
# shellcheck source=/dev/null
. "/clients/$CLIENT"
case $CLIENT in
mta/*) try_mta ;;
programs/*) try_program ;;
esac >/run/out/out.log 2>&1
