# shellcheck shell=bash
# row plain: mutt
# row auth: mutt -auth
# row tls: mutt -tls

program() {
    local settings=(-e "set smtp_url=smtp://$SERVER" -e 'set ssl_starttls=no ssl_force_tls=no')
    case $ROW in
    auth) settings=(-e "set smtp_url=smtp://sender@$SERVER smtp_pass=secret" -e 'set ssl_starttls=no ssl_force_tls=no') ;;
    tls) settings=(-e "set smtp_url=smtp://$SERVER" -e 'set ssl_starttls=yes ssl_force_tls=yes') ;;
    esac
    echo 'How do you do?' |
        mutt -n -F /dev/null -e "set from=$SENDER copy=no use_envelope_from=yes" "${settings[@]}" -s hello -- $RECIPIENT
}
