# shellcheck shell=bash
# row plain: Ruby net/smtp
# row auth: Ruby net/smtp -auth
# row tls: Ruby net/smtp -tls

program() {
    ruby - "$ROW" $SERVER $SENDER $RECIPIENT $MESSAGE <<'SCRIPT'
require "net/smtp"

row, server, sender, recipient, message = ARGV
smtp = Net::SMTP.new(server, 25)
row == "tls" ? smtp.enable_starttls : smtp.disable_starttls
login = row == "auth" ? { user: "sender", secret: "secret", authtype: :plain } : {}
smtp.start(helo: "home.subscriber.example", **login) do |connection|
  connection.send_message(File.read(message), sender, recipient)
end
SCRIPT
}
