# shellcheck shell=bash
# row plain: swaks
# row auth: swaks -auth
# row tls: swaks -tls

program() {
    local options=()
    case $ROW in
    auth) options=(--auth --auth-user sender --auth-password secret) ;;
    tls) options=(--tls) ;;
    esac
    swaks --server $SERVER --from $SENDER --to $RECIPIENT --timeout 20 "${options[@]}"
}
