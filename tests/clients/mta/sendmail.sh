# shellcheck shell=bash
# As Debian configures it; the queue is run by mta_retry only.
# packages: sendmail-bin sendmail-base sendmail-cf sensible-mda procmail
# row default: sendmail

mta_start() {
    {
        cat /etc/mail/sendmail.mc
        printf "define(\`%s', \`%s')dnl\n" confDOMAIN_NAME $DOMAIN confMIN_QUEUE_AGE 0
    } >/run/sendmail.mc
    m4 /run/sendmail.mc >/etc/mail/sendmail.cf
    echo $DOMAIN >>/etc/mail/local-host-names
    install -d -m 755 /run/sendmail /run/sendmail/mta
    /usr/sbin/sendmail-mta -bd -q1h
}

mta_retry() {
    /usr/sbin/sendmail-mta -q
}
