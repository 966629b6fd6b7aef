# shellcheck shell=bash
# Without a screen, and led by its own remote control (thunderbird.py): a compose window, "Send", and then
# whatever its dialogs say.
# packages: thunderbird
# row plain: Thunderbird
# row auth: Thunderbird -auth
# row tls: Thunderbird -tls

program() {
    local profile=/run/profile method=1 socket=0
    case $ROW in
    auth) method=3 ;;
    tls) socket=2 ;;
    esac
    mkdir -p $profile
    cat >$profile/user.js <<PREFERENCES
user_pref("app.update.auto", false);
user_pref("datareporting.policy.dataSubmissionEnabled", false);
user_pref("extensions.update.enabled", false);
user_pref("mail.accountmanager.accounts", "account1,account2");
user_pref("mail.accountmanager.defaultaccount", "account1");
user_pref("mail.accountmanager.localfoldersserver", "server2");
user_pref("mail.account.account1.server", "server1");
user_pref("mail.account.account1.identities", "id1");
user_pref("mail.account.account2.server", "server2");
user_pref("mail.server.server1.type", "pop3");
user_pref("mail.server.server1.hostname", "$SERVER");
user_pref("mail.server.server1.userName", "sender");
user_pref("mail.server.server1.name", "$SENDER");
user_pref("mail.server.server1.check_new_mail", false);
user_pref("mail.server.server1.login_at_startup", false);
user_pref("mail.server.server2.type", "none");
user_pref("mail.server.server2.hostname", "Local Folders");
user_pref("mail.server.server2.userName", "nobody");
user_pref("mail.server.server2.name", "Local Folders");
user_pref("mail.identity.id1.useremail", "$SENDER");
user_pref("mail.identity.id1.fullName", "Sender");
user_pref("mail.identity.id1.valid", true);
user_pref("mail.identity.id1.smtpServer", "smtp1");
user_pref("mail.identity.id1.fcc", false);
user_pref("mail.smtpservers", "smtp1");
user_pref("mail.smtp.defaultserver", "smtp1");
user_pref("mail.smtpserver.smtp1.type", "smtp");
user_pref("mail.smtpserver.smtp1.hostname", "$SERVER");
user_pref("mail.smtpserver.smtp1.port", 25);
user_pref("mail.smtpserver.smtp1.authMethod", $method);
user_pref("mail.smtpserver.smtp1.try_ssl", $socket);
user_pref("mail.smtpserver.smtp1.username", "$([ "$ROW" != auth ] || echo sender)");
user_pref("mail.provider.suppress_dialog_on_startup", true);
user_pref("mail.rights.version", 1);
user_pref("mail.shell.checkDefaultClient", false);
user_pref("mail.spotlight.firstRunDone", true);
user_pref("mail.winsearch.firstRunDone", true);
user_pref("mailnews.start_page.enabled", false);
user_pref("mailnews.start_page_override.mstone", "ignore");
user_pref("messenger.account_setup.firstRunDone", true);
user_pref("network.manage-offline-status", false);
user_pref("offline.autoDetect", false);
user_pref("marionette.port", 2828);
user_pref("toolkit.telemetry.enabled", false);
PREFERENCES
    HOME=/run MOZ_DISABLE_CONTENT_SANDBOX=1 thunderbird --headless --no-remote --marionette --remote-allow-system-access \
        --profile $profile >/run/out/thunderbird.log 2>&1 &
    python3 /clients/thunderbird.py "$RECIPIENT"
    kill %1
}
