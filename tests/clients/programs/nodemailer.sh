# shellcheck shell=bash
# row plain: nodemailer
# row auth: nodemailer -auth
# row tls: nodemailer -tls

program() {
    NODE_PATH=/usr/share/nodejs node - "$ROW" $SERVER $SENDER $RECIPIENT <<'SCRIPT'
const [row, host, from, to] = process.argv.slice(2);
const options = { host, port: 25, ignoreTLS: row !== "tls", requireTLS: row === "tls" };
if (row === "auth") options.auth = { user: "sender", pass: "secret" };
require("nodemailer")
  .createTransport(options)
  .sendMail({ from, to, subject: "hello", text: "How do you do?" })
  .catch((error) => {
    console.error(error.message);
    process.exitCode = 1;
  });
SCRIPT
}
