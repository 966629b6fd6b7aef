# shellcheck shell=bash
# row plain: Python smtplib
# row auth: Python smtplib -auth
# row tls: Python smtplib -tls

program() {
    python3 - "$ROW" $SERVER $SENDER $RECIPIENT $MESSAGE <<'SCRIPT'
import smtplib
import sys

row, server, sender, recipient, message = sys.argv[1:]
with smtplib.SMTP(server, timeout=20) as connection:
    if row == "tls":
        connection.starttls()
    if row == "auth":
        connection.login("sender", "secret")
    with open(message, encoding="ascii") as file:
        connection.sendmail(sender, recipient, file.read())
SCRIPT
}
