#!/usr/bin/env python3
"""thunderbird.py RECIPIENT: writes a message in a compose window of the Thunderbird that listens on
port 2828 (Marionette), sends it, answers the dialogs as a person would (a password is "secret", all
else is accepted), and prints what they said."""

import json
import socket
import sys
import time

PORT = 2828
PATIENCE = 40

# Runs inside Thunderbird. A dialog is read when it has loaded, then answered.
SEND = """
const [recipient, seconds, done] = arguments;
const { MailServices } = ChromeUtils.importESModule("resource:///modules/MailServices.sys.mjs");
const said = [];
let timer = 0;

function finish() {
  Services.obs.removeObserver(observer, "common-dialog-loaded");
  done(said.join("\\n"));
}
function later(milliseconds) {
  window.clearTimeout(timer);
  timer = window.setTimeout(finish, milliseconds);
}
const observer = {
  observe(dialog) {
    const arguments_ = dialog.Dialog.args;
    said.push(arguments_.text);
    if (arguments_.promptType === "promptPassword") {
      dialog.document.getElementById("password1Textbox").value = "secret";
    }
    dialog.setTimeout(() => dialog.document.querySelector("dialog").acceptDialog(), 100);
    later(arguments_.promptType === "alert" ? 500 : seconds * 1000);
  },
};
Services.obs.addObserver(observer, "common-dialog-loaded");
later(seconds * 1000);

const fields = Cc["@mozilla.org/messengercompose/composefields;1"].createInstance(Ci.nsIMsgCompFields);
fields.to = recipient;
fields.subject = "hello";
fields.body = "How do you do?";
const parameters = Cc["@mozilla.org/messengercompose/composeparams;1"].createInstance(Ci.nsIMsgComposeParams);
parameters.composeFields = fields;
parameters.identity = MailServices.accounts.defaultAccount.defaultIdentity;
parameters.format = Ci.nsIMsgCompFormat.PlainText;
Services.ww.registerNotification({
  observe(opened, topic) {
    if (topic !== "domwindowopened") return;
    opened.addEventListener("compose-editor-ready", () => {
      opened.setTimeout(() => opened.goDoCommand("cmd_sendNow"), 500);
    });
  },
});
MailServices.compose.OpenComposeWindowWithParams(null, parameters);
"""


class Marionette:
    """One session: commands and their answers, each a JSON array behind its length and a colon."""

    def __init__(self, port, patience):
        deadline = time.monotonic() + patience
        while True:
            try:
                self.peer = socket.create_connection(("127.0.0.1", port), timeout=patience)
                break
            except OSError:
                if time.monotonic() > deadline:
                    raise
                time.sleep(0.1)
        self.file = self.peer.makefile("rb")
        self.number = 0
        self.read()  # what it is

    def read(self):
        """One packet."""
        length = b""
        while not length.endswith(b":"):
            octet = self.file.read(1)
            if not octet:
                raise EOFError("Thunderbird has closed the connection")
            length += octet
        return json.loads(self.file.read(int(length[:-1])))

    def call(self, name, **parameters):
        """The result of a command."""
        self.number += 1
        packet = json.dumps([0, self.number, name, parameters]).encode()
        self.peer.sendall(b"%d:%s" % (len(packet), packet))
        _, _, error, result = self.read()
        if error:
            raise RuntimeError(f"{name}: {error['error']}: {error['message']}")
        return result


def main():
    """Prints what the dialogs said."""
    remote = Marionette(PORT, PATIENCE)
    remote.call("WebDriver:NewSession")
    remote.call("WebDriver:SetTimeouts", script=PATIENCE * 1000)
    remote.call("Marionette:SetContext", value="chrome")
    answer = remote.call(
        "WebDriver:ExecuteAsyncScript", script=SEND, args=[sys.argv[1], PATIENCE - 10], sandbox="system"
    )
    print(answer["value"])


main()
