# shellcheck shell=bash
#
# The network (part of lab.sh). All addresses are for documentation (RFC 5737, RFC 3849) or
# shared (RFC 6598):
#
#   subscriber                          box                            internet
#   DYNAMIC  STATIC  UNLISTED -- wan0 | access0   internet0 | box0 -- OTHER  CARRIER  ISP
#
# The subscriber's host has, besides the addresses named here, every other one of the dynamic
# plan's networks: what 203.0.113.77 sends is as good as another subscriber.

# shellcheck disable=SC2034 # they are for the tests
readonly \
    DYNAMIC4=203.0.113.5 DYNAMIC6=2001:db8:100::5 \
    STATIC4=198.51.100.9 STATIC6=2001:db8:51::9 \
    UNLISTED4=100.64.0.9 UNLISTED6=2001:db8:999::9 \
    OTHER4=192.0.2.25 OTHER6=2001:db8:f00::25 \
    CARRIER4=192.0.2.80 CARRIER6=2001:db8:f00::80 \
    ISP4=192.0.2.53 ISP6=2001:db8:f00::53 \
    BOX4=100.64.255.1 BOX6=2001:db8:ffff::1

readonly LAB_DYNAMIC4=203.0.113.0/24 LAB_DYNAMIC6=2001:db8:100::/40
readonly LAB_WAN4=100.64.255.2 LAB_WAN6=2001:db8:ffff::2
readonly LAB_INTERNET4=192.0.2.1 LAB_INTERNET6=2001:db8:f00::1 # the box, seen from there

# One namespace, with addresses that can be used at once and nothing taken over from the host.
lab_host() {
    ip netns add "$1"
    on "$1" sysctl -qw net.ipv6.conf.{all,default}.disable_ipv6=0 \
        net.ipv6.conf.{all,default}.accept_dad=0 net.ipv6.conf.{all,default}.accept_ra=0 \
        net.ipv4.conf.{all,default}.rp_filter=0
    on "$1" ip link set lo up
}

# lab_address HOST DEVICE ADDRESS/LENGTH...
lab_address() {
    local host=$1 device=$2 address
    shift 2

    for address; do
        case $address in
        *:*) on "$host" ip address add "$address" dev "$device" nodad ;;
        *) on "$host" ip address add "$address" dev "$device" ;;
        esac
    done
    on "$host" ip link set "$device" up
}

lab_subscriber() {
    on subscriber sysctl -qw net.ipv6.ip_nonlocal_bind=1 # for 'route add local' below
    lab_address subscriber wan0 $LAB_WAN4/30 $LAB_WAN6/64 $DYNAMIC4/32 $DYNAMIC6/128 \
        $STATIC4/32 $STATIC6/128 $UNLISTED4/32 $UNLISTED6/128
    on subscriber ip route add local $LAB_DYNAMIC4 dev lo
    on subscriber ip route add local $LAB_DYNAMIC6 dev lo
    on subscriber ip route add default via $BOX4 src $DYNAMIC4
    on subscriber ip route add default via $BOX6 dev wan0 src $DYNAMIC6
}

lab_box() {
    local network

    on box sysctl -qw net.ipv4.ip_forward=1 net.ipv6.conf.all.forwarding=1
    lab_address box access0 $BOX4/30 $BOX6/64
    lab_address box internet0 $LAB_INTERNET4/24 $LAB_INTERNET6/64
    for network in $LAB_DYNAMIC4 $STATIC4 $UNLISTED4; do
        on box ip route add "$network" via $LAB_WAN4
    done
    for network in $LAB_DYNAMIC6 $STATIC6 $UNLISTED6; do
        on box ip route add "$network" via $LAB_WAN6
    done
}

lab_internet() {
    lab_address internet box0 $OTHER4/24 $OTHER6/64 $CARRIER4/24 $CARRIER6/64 $ISP4/24 $ISP6/64
    on internet ip route add default via $LAB_INTERNET4
    on internet ip route add default via $LAB_INTERNET6
}

# The network alone: the box forwards everything.
lab_network() {
    local host

    for host in subscriber box internet; do
        lab_host "$host"
    done
    ip link add access0 netns box type veth peer name wan0 netns subscriber
    ip link add internet0 netns box type veth peer name box0 netns internet
    lab_subscriber
    lab_box
    lab_internet
}

# Loads a ruleset of this folder on the box. A syntax error would load nothing and so leave port
# 25 open: checked first.
lab_rules() {
    on box nft -c -f "$LAB_SOURCE/$1" || fail "$1 does not load"
    on box nft -f "$LAB_SOURCE/$1"
}

# Sends port 25 from access0 to the loopback of the box.
lab_intercept() {
    local family

    for family in -4 -6; do
        on box ip $family rule add fwmark 1 lookup 100
        on box ip $family route add local default dev lo table 100
    done
    lab_rules op25b.nft
}

lab_up() {
    lab_network
    lab_intercept
}

# The stateful firewall that many a box has besides: "ct state invalid drop".
lab_invalid_drop() {
    lab_rules invalid.nft
}

# lab_exempt add|remove ADDRESS: in the rules, so that its packets never come near the daemon.
lab_exempt() {
    local command set=exempt4

    case $1 in
    add) command=add ;;
    remove) command=delete ;;
    *) fail "lab_exempt: $1 is neither add nor remove" ;;
    esac
    case $2 in *:*) set=exempt6 ;; esac
    on box nft "$command" element inet op25b "$set" "{ $2 }"
}

# lab_redirect PORT: sends another port to the daemon, by mistake.
lab_redirect() {
    local rule='insert rule inet op25b intercept iifname access0'

    on box nft -f - <<RULES
$rule meta nfproto ipv4 tcp dport $1 tproxy ip to 127.0.0.1:10025 meta mark set 1 accept
$rule meta nfproto ipv6 tcp dport $1 tproxy ip6 to [::1]:10025 meta mark set 1 accept
RULES
}

# lab_counter NAME: packets counted by that counter of op25b.nft.
lab_counter() {
    on box nft list counter inet op25b "$1" | awk '$1 == "packets" { print $2 }'
}

# lab_cut HOST: takes the host's TCP off the net without a word to its peers. lab_mend HOST
# brings it back.
lab_cut() {
    on "$1" nft -f - <<'RULES'
table inet cut {
    chain in { type filter hook input priority raw; meta l4proto tcp drop; }
    chain out { type filter hook output priority raw; meta l4proto tcp drop; }
}
RULES
}

lab_mend() {
    on "$1" nft delete table inet cut
}
