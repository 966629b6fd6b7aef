#!/usr/bin/env bash
# A hook with a url: what a program would read is posted over HTTPS, with a header that nobody sees, by pseudonym
# where events have those. A wrong certificate, a redirect, an error, an endless answer and silence are failures,
# told once, and cost no client anything.
. "${srcdir:=.}/tests/lab/lab.sh" || exit 1
. "$srcdir/tests/lab/policies.sh"
lab_enter "$0" "$@"
lab_need openssl
lab_up
: "${OP25BCTL:=$(dirname "$OP25BD")/op25bctl}"

readonly CA=$DAEMON_DIR/ca.pem TOKEN=$DAEMON_DIR/token POSTS=$LAB_DIR/receiver.out
mkdir -p "$DAEMON_DIR"
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj /CN=hook.example \
    -addext 'subjectAltName = IP:127.0.0.1' -keyout "$LAB_DIR/key.pem" -out "$CA" 2>"$LAB_DIR/openssl.log" ||
    fail "openssl has made no certificate"
printf 'Authorization: Bearer sesame-4711\n' >"$TOKEN"
chmod 0600 "$TOKEN"

# Prints each request, and answers as its path says.
cat >"$LAB_DIR/receiver.py" <<'EOF'
import http.server, ssl, sys, time

class Receiver(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"])).decode().strip()
        print(self.path, self.headers["Content-Type"], self.headers.get("Authorization"), body, flush=True)
        if self.path == "/silence":
            time.sleep(1000)
        self.send_response({"/moved": 302, "/broken": 500}.get(self.path, 204 if self.path == "/good" else 200))
        if self.path == "/moved":
            self.send_header("Location", "/good")
        self.end_headers()
        for _ in range(200 if self.path == "/endless" else 0):
            self.wfile.write(b"x" * 1000)

    def log_message(self, *_):
        pass

server = http.server.ThreadingHTTPServer(("127.0.0.1", 8443), Receiver)
tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
tls.load_cert_chain(sys.argv[1], sys.argv[2])
server.socket = tls.wrap_socket(server.socket, server_side=True)
print("ready", flush=True)
server.serve_forever()
EOF
lab_spawn receiver box python3 "$LAB_DIR/receiver.py" "$CA" "$LAB_DIR/key.pem"
wait_for 10 grep -q ready "$POSTS" || fail "the receiver does not start"

# hook NAME PATH [LINE...]: a section of the configuration.
hook() {
    printf '[hook %s]\nconnections = 1\nevery = 1s\nurl = https://127.0.0.1:8443%s\n' "$1" "$2"
    shift 2
    printf '%s\n' "ca = $CA" "$@" ''
}

come() {
    client dialogue --source "$DYNAMIC4" "$OTHER4" reply line:QUIT drain >/dev/null
}

posted() { # REGEX
    grep -qE -e "$1" "$POSTS"
}

refused() {
    ! "$@"
}

export https_proxy=http://192.0.2.99:1 # which nobody uses
{ policy_plans && hook good /good "header = $TOKEN"; } | daemon_config
daemon_start
come
expect "a source is posted" wait_for 20 posted '^/good application/json .*"hook":"good","on":"source"'
expect "with the header" posted 'Bearer sesame-4711'
expect "and by address" posted "\"source\":\"$DYNAMIC4\""
expect "the token is nowhere else" refused grep -rq sesame "$DAEMON_LOG" "$DAEMON_EVENTS"
expect_match "status counts" '^hook good on source: 1 calls, 0 failed' "$("$OP25BCTL" -s "$DAEMON_DIR/control.sock" status)"

{
    policy_plans
    hook moved /moved
    hook broken /broken
    hook endless /endless
    hook silence /silence 'timeout = 300ms'
    hook untrusted /good | grep -v '^ca ='
    hook open /good "header = $CA"
    printf '[hook nobody]\nconnections = 1\nurl = https://127.0.0.1:9/\nca = %s\n' "$CA"
} | daemon_config
chmod 0644 "$CA"
daemon_reload 'is in force'
come
expect "a redirect is not followed" daemon_log_wait 'hook moved\] url was answered with HTTP status 3xx'
expect "an error is told" daemon_log_wait 'hook broken\] url was answered with HTTP status 5xx'
expect "an endless answer is cut" daemon_log_wait 'hook endless\] url was answered with more than'
expect "silence ends" daemon_log_wait 'hook silence\] url took longer than its timeout'
expect "a certificate of nobody's is not trusted" daemon_log_wait 'hook untrusted\] url fails: SSL peer certificate'
expect "a header file that others can read is not sent" daemon_log_wait 'ca.pem: others could read'
expect "nobody there is told" daemon_log_wait "hook nobody\\] url fails: Couldn't connect"
expect "the redirect's target was not asked" eval '[ "$(grep -c "^/good" "$POSTS")" -eq 1 ]'
come
daemon_stop

#
# By pseudonym, unless the hook says otherwise.
#
{
    policy_plans
    hook veiled /good
    hook clear /good 'addresses = clear'
} | daemon_config events.pseudonym=hmac
daemon_start
come
expect "a hook tells what events do" wait_for 20 posted '"hook":"veiled".*"source":"p[0-9]+-[^"]*","network":"p'
expect "or an address, as it is asked to" wait_for 20 posted "\"hook\":\"clear\".*\"source\":\"$DYNAMIC4\""
daemon_stop
