# shellcheck shell=bash
# row plain: esmtp

program() {
    printf 'hostname = %s:25\nstarttls = disabled\n' $SERVER >/root/.esmtprc
    chmod 600 /root/.esmtprc
    esmtp -f $SENDER $RECIPIENT <$MESSAGE
}
