# shellcheck shell=bash
# packages: courier-mta
# row default: Courier

mta_start() {
    echo $DOMAIN | tee /etc/courier/me /etc/courier/defaultdomain /etc/courier/locals >/dev/null
    echo 1s >/etc/courier/esmtpdelay # the same host is tried again at once
    as_sender maildirmake.courier /home/sender/Maildir
    install -d -o courier -g courier /run/courier /run/courier/authdaemon
    authdaemond start
    courier start
}

mta_retry() {
    courier flush
}
