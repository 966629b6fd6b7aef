# shellcheck shell=bash
#
# Two real mail servers: a Postfix on the subscriber's host, using the static plan's addresses,
# and one on the internet that receives for every domain of the lab. Source it after lab.sh; the
# tests that do need root, as Postfix has users of its own.
#
# Recipients choose the way: any name at
#     other.example    OTHER4       other6.example    OTHER6
#     carrier.example  CARRIER4     carrier6.example  CARRIER6
#     isp.example      ISP4         isp6.example      ISP6
# Bounces come home to the sender's mailbox on the subscriber's host. There is no DNS.

readonly POSTFIX_SENDER=sender@subscriber.example
readonly POSTFIX_MAILBOX_USER=nobody # whose the delivered messages are

postfix_dir() {
    printf '%s\n' "$LAB_DIR/postfix-$1"
}

postfix_need() {
    lab_need_root "Postfix runs as several users"
    lab_need postfix postconf sendmail openssl
    getent passwd postfix >/dev/null || skip "there is no user postfix"
}

# postfix_on client|server COMMAND...: Postfix's programs look for the addresses of their instance.
postfix_on() {
    case $1 in
    client) on subscriber "${@:2}" ;;
    server) on internet "${@:2}" ;;
    esac
}

# The services an instance needs, none in a chroot. An smtpd where $1 is "server".
postfix_services() {
    [ "$1" != server ] || echo 'smtp inet n - n - - smtpd'
    cat <<'SERVICES'
pickup     unix       n - n 60    1 pickup
cleanup    unix       n - n -     0 cleanup
qmgr       unix       n - n 300   1 qmgr
tlsmgr     unix       - - n 1000? 1 tlsmgr
rewrite    unix       - - n -     - trivial-rewrite
bounce     unix       - - n -     0 bounce
defer      unix       - - n -     0 bounce
trace      unix       - - n -     0 bounce
flush      unix       n - n 1000? 0 flush
proxymap   unix       - - n -     - proxymap
smtp       unix       - - n -     - smtp
showq      unix       n - n -     - showq
error      unix       - - n -     - error
retry      unix       - - n -     - error
virtual    unix       - n n -     - virtual
anvil      unix       - - n -     1 anvil
scache     unix       - - n -     1 scache
postlog    unix-dgram n - n -     1 postlogd
SERVICES
}

# What both have in common: a place of their own, no DNS, mailboxes for the given domains.
postfix_settings() {
    local dir=$1 domains=$2 uid gid

    uid=$(id -u $POSTFIX_MAILBOX_USER)
    gid=$(id -g $POSTFIX_MAILBOX_USER)
    cat <<SETTINGS
compatibility_level = 3.6
queue_directory = $dir/queue
data_directory = $dir/data
maillog_file = $dir/mail.log
maillog_file_prefixes = $dir
mydestination =
mynetworks_style = host
alias_maps =
alias_database =
local_transport = error:there are no local users
smtp_dns_support_level = disabled
smtp_host_lookup = native
smtpd_peername_lookup = no
disable_dns_lookups = yes
inet_protocols = all
virtual_mailbox_domains = $domains
virtual_mailbox_base = $dir/mail
virtual_mailbox_maps = static:box/
virtual_uid_maps = static:$uid
virtual_gid_maps = static:$gid
mailbox_size_limit = 0
virtual_mailbox_limit = 0
message_size_limit = 0
SETTINGS
}

# postfix_instance NAME HOST DOMAINS [main.cf line]...
postfix_instance() {
    local name=$1 host=$2 dir
    dir=$(postfix_dir "$name")

    mkdir -p "$dir"/{etc,queue,data,mail}
    chown postfix "$dir/data"
    chown $POSTFIX_MAILBOX_USER "$dir/mail"
    postfix_services "$name" >"$dir/etc/master.cf"
    {
        postfix_settings "$dir" "$3"
        printf '%s\n' "${@:4}"
    } >"$dir/etc/main.cf"
    lab_spawn "postfix-$name" "$host" postfix -c "$dir/etc" start-fg
    wait_for 20 postfix_logged "$name" 'daemon started' ||
        fail "the Postfix called $name has not started"
}

# postfix_server_start [main.cf line]...: receives on port 25, with STARTTLS.
postfix_server_start() {
    postfix_need
    lab_certificate
    postfix_instance server internet \
        "other.example other6.example carrier.example carrier6.example isp.example isp6.example" \
        "myhostname = mail.other.example" \
        "inet_interfaces = $OTHER4 $OTHER6 $CARRIER4 $CARRIER6 $ISP4 $ISP6" \
        "smtpd_tls_security_level = may" \
        "smtpd_tls_cert_file = $LAB_CERTIFICATE" \
        "smtpd_tls_key_file = $LAB_KEY" \
        "smtpd_tls_loglevel = 1" \
        "$@"
}

# postfix_client_start [main.cf line]...: sends from the static plan, insisting on TLS.
postfix_client_start() {
    postfix_need
    postfix_instance client subscriber subscriber.example \
        "myhostname = mail.subscriber.example" \
        "inet_interfaces = loopback-only" \
        "smtp_bind_address = $STATIC4" \
        "smtp_bind_address6 = $STATIC6" \
        "smtp_tls_security_level = encrypt" \
        "smtp_tls_loglevel = 1" \
        "transport_maps = inline:{
            { other.example = smtp:[$OTHER4] } { other6.example = smtp:[ipv6:$OTHER6] }
            { carrier.example = smtp:[$CARRIER4] } { carrier6.example = smtp:[ipv6:$CARRIER6] }
            { isp.example = smtp:[$ISP4] } { isp6.example = smtp:[ipv6:$ISP6] } }" \
        "$@"
}

# postfix_stop client|server
postfix_stop() {
    postfix_on "$1" postfix -c "$(postfix_dir "$1")/etc" stop || fail "the $1 cannot be stopped"
    lab_wait "postfix-$1" 20 || true
}

# postfix_send RECIPIENT FILE: gives the client's Postfix a message (header, empty line, body).
postfix_send() {
    postfix_on client sendmail -C "$(postfix_dir client)/etc" -i -f $POSTFIX_SENDER "$1" <"$2"
}

# postfix_retry: tries what waits in the client's queue now.
postfix_retry() {
    postfix_on client postqueue -c "$(postfix_dir client)/etc" -f
}

postfix_logged() {
    grep -Eqs -e "$2" "$(postfix_dir "$1")/mail.log"
}

# postfix_log_wait client|server REGEX [SECONDS]
postfix_log_wait() {
    wait_for "${3:-20}" postfix_logged "$1" "$2" || fail "the $1's mail.log has no \"$2\""
}

postfix_arrived() {
    [ "$(postfix_messages "$1" | wc -l)" -ge "$2" ]
}

# postfix_messages client|server: the files of the messages in its mailbox, oldest first.
postfix_messages() {
    find "$(postfix_dir "$1")/mail/box/new" -type f -printf '%T@ %p\n' 2>/dev/null |
        sort -n | cut -d ' ' -f 2-
}

# postfix_message_wait client|server [N [SECONDS]]: prints the file of its Nth message (the
# first) once that has arrived.
postfix_message_wait() {
    wait_for "${3:-20}" postfix_arrived "$1" "${2:-1}" ||
        fail "message ${2:-1} of the $1 has not arrived"
    postfix_messages "$1" | sed -n "${2:-1}p"
}

# postfix_body FILE: the message without its header, which every server on the way adds to.
postfix_body() {
    sed '1,/^$/d' "$1"
}
