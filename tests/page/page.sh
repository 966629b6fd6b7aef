#!/usr/bin/env bash
# The help page in a browser, as a subscriber who was refused sees it, and exported as files. Started
# by contrib/check-page, which has installed what it needs. PAGE_MODULES is the folder of
# node_modules, PAGE_SCREENSHOTS where pictures go.
. "${srcdir:=.}/tests/lab/lab.sh" || exit 1
. "$srcdir/tests/lab/policies.sh"
lab_enter "$0" "$@"
lab_need node chromium tidy
lab_up
{
    policy_plans
    printf 'stage = ehlo\n[hints]\nfile = hints.tsv\n'
    policy_phases 2005-10-18T00:00:00+09:00 2006-11-21T00:00:00+09:00
    cat <<CONFIG
[help]
listen = $BOX4:8025
provider = Example Net
mail_host = mail.isp.example
contact = https://isp.example/ask
events_kept = 90d
CONFIG
} | daemon_config events.detail=helo
cp "$srcdir/conf/hints.tsv" "$LAB_DIR"
TZ=JST-9 daemon_start

export NODE_PATH=$PAGE_MODULES
on subscriber ip route replace $BOX4/32 dev wan0 src "$DYNAMIC4"
look() { on subscriber node "$srcdir/tests/page/check.js" "$@"; }
mkdir -p "$PAGE_SCREENSHOTS"
# Attempts of two devices, to five mail servers.
names=(PC-ANNA PC-ANNA '<b>NAS</b>' PRINTER-IN-THE-HALL.home.example PC-ANNA '[192.0.2.7]')
for number in "${!names[@]}"; do
    client dialogue --source "$DYNAMIC4" "192.0.2.$((110 + number))" reply "line:EHLO ${names[number]}" \
        reply line:QUIT drain >/dev/null
done
reference=$(event_key ref "$(event_wait destination=192.0.2.115)")
expect "the page in a browser" look "http://$BOX4:8025/" "$PAGE_SCREENSHOTS" "$reference"

"${OP25BD%op25bd}op25bctl" -c "$DAEMON_CONFIG" help-page "$LAB_DIR/files" >/dev/null
expect "the files in a browser" look "file://$LAB_DIR/files/index.html" "$PAGE_SCREENSHOTS" --file

# tidy of Debian 12 is older than aria-current.
curl_page() { on subscriber curl -s "http://$BOX4:8025/?lang=$1&line=mine&ip=4&mail=server&port=25"; }
for language in en ja; do
    curl_page $language >"$LAB_DIR/served.html"
    for file in "$LAB_DIR/files/$language.html" "$LAB_DIR/served.html"; do
        said=$(tidy -q -e -utf8 "$file" 2>&1 | grep -v 'proprietary attribute "aria-current"' || true)
        expect_equal "valid HTML: ${file##*/}" "" "$said"
    done
done
daemon_stop
