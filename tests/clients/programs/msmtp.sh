# shellcheck shell=bash
# row plain: msmtp
# row auth: msmtp -auth
# row tls: msmtp -tls

program() {
    local options=(--tls=off)
    case $ROW in
    auth) options=(--tls=off --auth=on --user=sender --passwordeval='echo secret') ;;
    tls) options=(--tls=on --tls-starttls=on --tls-certcheck=off) ;;
    esac
    msmtp --host=$SERVER --port=25 --from=$SENDER --timeout=20 "${options[@]}" $RECIPIENT <$MESSAGE
}
