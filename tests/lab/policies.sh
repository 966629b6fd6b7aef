# shellcheck shell=bash
#
# The policies that the tests configure, over the addresses of topology.sh. Source it after lab.sh.

# The plans of the notice, its two destination classes, and no phases: everything is enforced.
policy_plans() {
    cat <<EOF
[policy]
default = relay

[plan fiber-dynamic]
networks = 203.0.113.0/24, 2001:db8:100::/40
ipv4 = reject
ipv6 = reject

[plan fiber-static]
networks = 198.51.100.0/24, 2001:db8:51::/48
ipv4 = relay
ipv6 = reject

[destination mobile-carriers]
networks = $CARRIER4, $CARRIER6

[destination own-mail]
networks = $ISP4, $ISP6
verdict = reject

[reject]
url = https://isp.example/op25b
EOF
}

# policy_phases CARRIERS-SINCE ALL-SINCE: the notice's two dates.
policy_phases() {
    cat <<EOF
[phase carriers]
since = $1
destinations = mobile-carriers

[phase all]
since = $2
EOF
}
