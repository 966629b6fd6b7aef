#!/usr/bin/env bash
# A relay with the client's own port is two TCP connections under one tuple. With a stateful firewall
# that drops what it takes for invalid, the greeting must still arrive at a client whose sequence
# numbers are not of this kernel's making.
. "${srcdir:=.}/tests/lab/lab.sh" || exit 1
. "$srcdir/tests/lab/policies.sh"
lab_enter "$0" "$@"
lab_up
lab_invalid_drop
policy_plans | daemon_config
server_start mail "$OTHER4:25"
daemon_start

# One that is dropped may still pass by chance, depending on which of two random numbers is larger:
# sixteen do not.
said=$(raw_client --source $UNLISTED4 --times 16 $OTHER4)
expect_equal "all greetings arrive" 16 "$(grep -c '220 mail.other.example' <<< "$said")"
expect "from the client's own port" \
    event_wait --count 16 event=relay source=$UNLISTED4 'upstream_port>=61000' > /dev/null
said=$(raw_client --source $DYNAMIC4 $OTHER4)
expect_match "a refusal arrives as well" '554' "$said"
daemon_stop
