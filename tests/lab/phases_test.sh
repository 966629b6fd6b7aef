#!/usr/bin/env bash
# The notice's two dates, as they lie before and behind us: nothing refused but observed, then the
# carriers' networks, then everything.
. "${srcdir:=.}/tests/lab/lab.sh" || exit 1
. "$srcdir/tests/lab/policies.sh"
lab_enter "$0" "$@"
lab_up
server_start mail "$OTHER4:25" "[$OTHER6]:25" "$CARRIER4:25" "[$CARRIER6]:25"

past=2005-10-18T00:00:00+09:00
future=2999-11-21T00:00:00+09:00

judged() { # DESTINATION CODE EVENT CONDITION...
    local destination=$1 code=$2 event=$3
    shift 3
    event_mark
    client dialogue "$destination" reply line:QUIT drain | grep -q "< ${code}[ -]" ||
        fail "$destination is not answered with $code"
    expect "$destination: $code, event $event $*" \
        event_wait "event=$event" "destination=$destination" plan=fiber-dynamic "$@"
}

{ policy_plans; policy_phases $future $future; } | daemon_config
daemon_start
for destination in $OTHER4 $CARRIER4; do
    judged $destination 220 observe would_reject=true rule=plan:fiber-dynamic:ipv4 '!phase'
done
judged $OTHER6 220 observe would_reject=true

{ policy_plans; policy_phases $past $future; } | daemon_config
daemon_reload 'is in force'
judged $CARRIER4 554 reject phase=carriers destination_class=mobile-carriers
judged $CARRIER6 554 reject phase=carriers
judged $OTHER4 220 relay rule=phase:none '!phase' '!would_reject'
judged $OTHER6 220 relay rule=phase:none

{ policy_plans; policy_phases $past $past; } | daemon_config
daemon_reload 'is in force'
judged $CARRIER4 554 reject phase=all
judged $OTHER4 554 reject phase=all rule=plan:fiber-dynamic:ipv4
judged $OTHER6 554 reject phase=all rule=plan:fiber-dynamic:ipv6

daemon_stop
