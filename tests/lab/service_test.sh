#!/usr/bin/env bash
# The systemd units: correct, well confined, and not so much that the daemon could not do its work.
. "${srcdir:=.}/tests/lab/lab.sh" || exit 1
. "$srcdir/tests/lab/policies.sh"
lab_enter "$0" "$@"
lab_need systemd-analyze
unit=${top_builddir:=.}/contrib/systemd/op25bd.service
[ -e "$unit" ] || skip "$unit has not been built here"

# Judged as it is shipped, but for the program, which is not installed, and the user, who may not exist.
mkdir "$LAB_DIR/units"
sed -e "s|^ExecStart=[^ ]*|ExecStart=$(realpath "$OP25BD")|" "$unit" > "$LAB_DIR/units/op25bd.service"
cp "$srcdir/contrib/systemd/op25bd.socket" "$LAB_DIR/units"
unit=$LAB_DIR/units/op25bd.service
verify() { # FOLDER
    systemd-analyze verify --man=no --recursive-errors=no "$1"/* > "$LAB_DIR/verify.out" 2>&1 &&
        ! grep -q op25bd "$LAB_DIR/verify.out"
}
expect "systemd-analyze verify has nothing to say of the units" verify "$LAB_DIR/units"
cp -r "$LAB_DIR/units" "$LAB_DIR/faulty"
sed -i 's/^UMask=/UMusk=/' "$LAB_DIR/faulty/op25bd.service"
expect_not "but of a faulty one" verify "$LAB_DIR/faulty"
exposed() { # UNIT: by more than 2.0
    ! systemd-analyze security --offline=true --no-pager --threshold=20 "$1" > "$LAB_DIR/security.out" 2>&1
}
expect_not "the unit's exposure is at most 2.0" exposed "$unit"
grep 'Overall exposure' "$LAB_DIR/security.out"
grep -vE '^(SystemCallFilter|CapabilityBoundingSet|ProtectSystem)' "$unit" > "$LAB_DIR/open.service"
expect "that of a unit without half of it is not" exposed "$LAB_DIR/open.service"

# Under its filter of system calls, and as far as can be had with its user, capabilities and /proc.
[ -z "$OP25BD_WRAPPER" ] || skip "$OP25BD_WRAPPER makes system calls of its own"
/usr/bin/python3 -c 'import seccomp' 2> /dev/null || skip "python3-seccomp is not installed"
export ASAN_OPTIONS=detect_leaks=0 # looking for leaks takes ptrace(2)
lab_up
server_start mail "$OTHER4:25"
policy_plans | daemon_config
wrapper="/usr/bin/python3 $LAB_SOURCE/confined.py $unit"
if [ "$LAB_ROOT" = yes ]; then
    policy_plans | daemon_config server.user=nobody
    cp "$OP25BD" "$LAB_DIR/op25bd" # where that user can read it
    cp "$LAB_SOURCE/confined.py" "$LAB_DIR"
    OP25BD=$LAB_DIR/op25bd
    wrapper="unshare --mount sh -c 'mount -t proc -o subset=pid proc /proc && exec \"\$@\"' - setpriv
        --reuid=nobody --regid=nogroup --clear-groups --inh-caps=-all,+net_raw,+net_admin
        --ambient-caps=-all,+net_raw,+net_admin --bounding-set=-all,+net_raw,+net_admin --no-new-privs /usr/bin/python3 $LAB_DIR/confined.py $unit"
fi
printf '#!/bin/sh\nexec %s "$@"\n' "$(tr '\n' ' ' <<<"$wrapper")" > "$LAB_DIR/confined"
chmod 755 "$LAB_DIR/confined"

expect_equal "the filter is in force" "Operation not permitted" "$("$LAB_DIR/confined" /usr/bin/python3 -c '
import os
try:
    os.chroot("/")
except OSError as error:
    print(error.strerror)')"
OP25BD_WRAPPER=$LAB_DIR/confined daemon_start
expect_equal "and in force for the daemon" 2 "$(awk '/^Seccomp:/ { print $2 }' "/proc/$(daemon_pid)/status")"
refused() {
    said=$(client dialogue --source "$DYNAMIC4" "$OTHER4" reply line:QUIT drain)
    grep -q '< 554' <<<"$said"
}
expect "it refuses" refused
said=$(client dialogue --source "$UNLISTED4" "$OTHER4" reply line:QUIT drain)
expect_match "and relays" '< 220' "$said"
expect "from the client's address" server_wait mail event=connect peer="$UNLISTED4"
daemon_reload 'is in force'
mv "$DAEMON_EVENTS" "$DAEMON_EVENTS.1"
daemon_signal USR1
expect "it opens its events again" wait_for 10 test -e "$DAEMON_EVENTS"
daemon_log_mark
daemon_signal USR2
daemon_log_wait 'process [0-9]+ serves now' 20
next=$(sed -n 's/.*process \([0-9]*\) serves now.*/\1/p' "$DAEMON_LOG")
expect_equal "it upgrades, and hands on its one capability" 0000000000002000 \
    "$(awk '/^CapEff/ { print $2 }' "/proc/$next/status")"
daemon_wait || fail "the old process ended with status $?"
expect "its successor refuses" refused
# The rules of this lab do not have the counters: whoever says so was allowed to ask the kernel.
: "${OP25BCTL:=${top_builddir:=.}/src/op25bctl}"
asked() { "$OP25BCTL" -s "$DAEMON_DIR/control.sock" status | grep -F 'the rules of op25bctl firewall are not loaded'; }
expect "its helper reads the firewall" wait_for 5 asked
expect_equal "no call was missing" "" "$(grep -iE 'permitted|permission' "$DAEMON_LOG" || true)"
kill "$next"
wait_for 20 eval '! kill -0 $next 2> /dev/null' || fail "it does not end"
