# shellcheck shell=bash
#
# The people on either side of the box: scripted servers on the internet, clients on the
# subscriber's host (part of lab.sh).

readonly LAB_CERTIFICATE=$LAB_DIR/certificate.pem LAB_KEY=$LAB_DIR/key.pem

# A certificate for a test's own servers, made once.
lab_certificate() {
    [ ! -e "$LAB_CERTIFICATE" ] || return 0
    lab_need openssl
    openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 \
        -subj /CN=mail.other.example -keyout "$LAB_KEY" -out "$LAB_CERTIFICATE" \
        2>"$LAB_DIR/openssl.log" || fail "openssl has made no certificate"
}

# server_start NAME LISTENER...: a server of smtp_server.py on the host internet; a listener is
# ADDRESS:PORT or ADDRESS:PORT=MODE, such as "$OTHER4:25", "[$OTHER6]:25", "$OTHER4:465=smtps".
# What it has seen is in LAB_DIR/NAME/sessions.jsonl, messages are in LAB_DIR/NAME/*.eml.
server_start() {
    local name=$1
    shift

    lab_certificate
    mkdir -p "$LAB_DIR/$name"
    : >"$LAB_DIR/$name.out"
    lab_spawn "$name" internet python3 "$LAB_SOURCE/smtp_server.py" \
        --directory "$LAB_DIR/$name" --certificate "$LAB_CERTIFICATE" --key "$LAB_KEY" "$@"
    wait_for 10 lab_printed "$name" '^ready$' || fail "the server $name has not started"
}

# server_wait NAME [--count N] [--within SECONDS] CONDITION...: as event_wait, but for what the
# server has written down.
server_wait() {
    python3 "$LAB_SOURCE/events.py" wait --file "$LAB_DIR/$1/sessions.jsonl" "${@:2}"
}

# client ARGUMENT...: client.py on the subscriber's host.
client() {
    on subscriber python3 "$LAB_SOURCE/client.py" "$@"
}

# client_spawn NAME ARGUMENT...: the same in the background; see lab_spawn.
client_spawn() {
    lab_spawn "$1" subscriber python3 "$LAB_SOURCE/client.py" "${@:2}"
}

# raw_client ARGUMENT...: "client raw", while the subscriber's kernel is kept from answering for
# the connection it knows nothing of.
raw_client() {
    local status=0

    on subscriber nft -f - <<'RULES'
table inet raw_client {
    chain out {
        type filter hook output priority filter;
        tcp sport 61000-61999 tcp flags & rst == rst meta mark != 25 drop
    }
}
RULES
    client raw "$@" || status=$?
    on subscriber nft delete table inet raw_client
    return "$status"
}
