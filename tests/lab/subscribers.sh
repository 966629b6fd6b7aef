# shellcheck shell=bash
#
# What the tests of subscribers share. Source it after lab_enter, with radclient there.

: "${OP25BCTL:=${OP25BD%op25bd}op25bctl}"
readonly SECRET=$DAEMON_DIR/secret PEOPLE=$DAEMON_DIR/people.csv
mkdir -p "$DAEMON_DIR"
printf 'xyzzy5461\n' >"$SECRET"
chmod 0600 "$SECRET"

first_reply() { # SOURCE DESTINATION
    client dialogue --source "$1" "$2" reply line:QUIT drain | grep -m1 -o '< [0-9]*'
}

replies() { # SOURCE DESTINATION REPLY: for wait_for
    [ "$(first_reply "$1" "$2")" = "$3" ]
}

refused() { # COMMAND...: it fails
    ! "$@"
}

explain() {
    "$OP25BCTL" -s "$DAEMON_DIR/control.sock" explain "$@" 2>&1
}

# account STATUS SESSION USER PLAN NETWORK-ATTRIBUTE...: one packet of the NAS, and its response.
account() {
    local status=$1 session=$2 user=$3 plan=$4
    shift 4
    {
        printf 'Acct-Status-Type = %s\nAcct-Session-Id = "%s"\n' "$status" "$session"
        printf 'User-Name = "%s"\nFilter-Id = "%s"\n' "$user" "$plan"
        [ $# -eq 0 ] || printf '%s\n' "$@"
    } | on subscriber radclient -q -t "${RADIUS_PATIENCE:-3}" -r 1 "${RADIUS_SERVER:-$BOX4:1813}" acct \
        "${RADIUS_SECRET:-xyzzy5461}" >>"$LAB_DIR/radclient.out" 2>&1
}

exempt() {
    "$OP25BCTL" -s "$DAEMON_DIR/control.sock" exempt "$@" 2>&1
}

people() { # LINE...: the file is this from now on
    printf '%s\n' "$@" >"$PEOPLE.new"
    mv "$PEOPLE.new" "$PEOPLE"
}
