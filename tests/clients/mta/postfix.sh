# shellcheck shell=bash
# packages: postfix
# row default: Postfix
# row tls: Postfix, TLS required
# row skip: Postfix, smtp_skip_5xx_greeting=no

mta_start() {
    sed -E '/^(smtps?|submission|465|587) +inet/d; s/^([a-z]+ +(unix|fifo) +[-ny] +[-ny] +)[-y]/\1n/' \
        /usr/share/postfix/master.cf.dist >/etc/postfix/master.cf
    cat >/etc/postfix/main.cf <<CONFIG
compatibility_level = 3.6
myhostname = $DOMAIN
mydestination = $DOMAIN
inet_interfaces = loopback-only
maillog_file = /var/log/mail.log
alias_maps =
alias_database =
CONFIG
    case $ROW in
    tls) echo 'smtp_tls_security_level = encrypt' ;;
    skip) echo 'smtp_skip_5xx_greeting = no' ;;
    esac >>/etc/postfix/main.cf
    postfix start
}

mta_retry() {
    postqueue -f
}

mta_deferred() {
    [ "$(grep -c status=deferred /var/log/mail.log)" -ge "$1" ]
}
