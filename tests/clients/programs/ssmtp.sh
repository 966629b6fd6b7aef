# shellcheck shell=bash
# packages: ssmtp
# row plain: ssmtp

program() {
    printf 'mailhub=%s\nhostname=%s\nFromLineOverride=YES\n' $SERVER $DOMAIN >/etc/ssmtp/ssmtp.conf
    ssmtp -f $SENDER $RECIPIENT <$MESSAGE
}
