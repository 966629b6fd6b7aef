# shellcheck shell=bash
# row plain: busybox sendmail

program() {
    busybox sendmail -S $SERVER -f $SENDER $RECIPIENT <$MESSAGE
}
