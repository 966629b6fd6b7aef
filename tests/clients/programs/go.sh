# shellcheck shell=bash
# Go's own net/smtp: SendMail, which uses STARTTLS where it is offered.
# row plain: Go net/smtp
# row auth: Go net/smtp -auth

program() {
    cat >/run/send.go <<'SCRIPT'
package main

import (
	"log"
	"net/smtp"
	"os"
)

func main() {
	row, server, sender, recipient := os.Args[1], os.Args[2], os.Args[3], os.Args[4]
	message, err := os.ReadFile(os.Args[5])
	if err != nil {
		log.Fatal(err)
	}
	var login smtp.Auth
	if row == "auth" {
		login = smtp.PlainAuth("", "sender", "secret", server)
	}
	if err := smtp.SendMail(server+":25", login, sender, []string{recipient}, message); err != nil {
		log.Fatal(err)
	}
}
SCRIPT
    GOCACHE=/run/go GO111MODULE=off go run /run/send.go "$ROW" $SERVER $SENDER $RECIPIENT $MESSAGE
}
