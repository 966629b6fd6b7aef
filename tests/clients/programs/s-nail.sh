# shellcheck shell=bash
# row plain: s-nail
# row auth: s-nail -auth
# row tls: s-nail -tls

program() {
    local url=smtp://$SERVER settings=(-S smtp-auth=none)
    case $ROW in
    auth) url=smtp://sender:secret@$SERVER settings=(-S smtp-auth=plain) ;;
    tls) settings+=(-S smtp-use-starttls) ;;
    esac
    echo 'How do you do?' | s-nail -:/ -S v15-compat -S mta=$url -S from=$SENDER -S sendwait \
        "${settings[@]}" -s hello $RECIPIENT
}
