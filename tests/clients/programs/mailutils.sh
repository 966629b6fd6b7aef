# shellcheck shell=bash
# row plain: mailutils

program() {
    mail.mailutils -E "set sendmail=\"smtp://$SERVER\"" -r $SENDER -s hello $RECIPIENT <$MESSAGE
}
