# shellcheck shell=bash
# Delivers to one server by name, and knows no mailboxes: its bounces leave by the same way, and are
# refused there.
# packages: nullmailer
# row default: nullmailer

mta_start() {
    echo "$SERVER smtp" >/etc/nullmailer/remotes
    echo $DOMAIN >/etc/mailname
    echo $DOMAIN >/etc/nullmailer/defaultdomain
    : >/etc/nullmailer/adminaddr
    echo 3600 >/etc/nullmailer/pausetime # mta_retry ends the pause
    echo 3600 >/etc/nullmailer/maxpause
    setpriv --reuid=mail --regid=mail --clear-groups nullmailer-send &
    NULLMAILER=$!
}

# It looks at its queue when it starts, and when it is told of a new message.
mta_retry() {
    kill $NULLMAILER
    wait $NULLMAILER
    setpriv --reuid=mail --regid=mail --clear-groups nullmailer-send &
    NULLMAILER=$!
}

mta_gone() {
    [ -n "$(find /var/spool/nullmailer/failed -type f)" ] && [ -z "$(find /var/spool/nullmailer/queue -type f)" ]
}
