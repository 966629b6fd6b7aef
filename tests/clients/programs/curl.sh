# shellcheck shell=bash
# Without -v, as scripts use it.
# row plain: curl (without -v)
# row auth: curl (without -v) -auth
# row tls: curl (without -v) -tls

program() {
    local options=()
    case $ROW in
    auth) options=(--user sender:secret) ;;
    tls) options=(--ssl-reqd --insecure) ;;
    esac
    curl --silent --show-error "${options[@]}" --mail-from $SENDER --mail-rcpt $RECIPIENT \
        --upload-file $MESSAGE smtp://$SERVER
}
