#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# A bounce server: plain WireGuard clients reach each other through it, while forwarding is
# off and the firewall drops everything.
#
#	a 10.7.0.2 ────┐
#	               ├─ wg0 10.7.0.1  s  wg1 10.8.0.1 ──── c 10.8.0.2
#	b 10.7.0.3 ────┘
#
# The same with fd07:: and fd08::. The MTU of s is smaller than that of the clients.
#
# Kernels: all
#
# shellcheck disable=SC2154
# shellcheck source=tests/netns/lib.sh
. "$(dirname "$0")/lib.sh"
begin

small_mtu=1380

machine s a b c
number=0
for client in a b c; do
	wire "$client" eth0 s "eth$number"
	address "$client" eth0 "192.0.2.$((4 * number + 2))/30"
	address s "eth$number" "192.0.2.$((4 * number + 1))/30"
	number=$((number + 1))
done

# wg1 MACHINE: a second interface there
wg1()
{
	wg1_key=$(wg genkey)
	ip_on "$1" link add wg1 mtu "$small_mtu" type wireguard
	on "$1" wg set wg1 listen-port 51821 private-key <(echo "$wg1_key")
	on "$1" wg set wg1 peer "${public_key[c]}" allowed-ips 10.8.0.2/32,fd08::2/128
	address "$1" wg1 10.8.0.1/24 fd08::1/64
	ip_on "$1" link set wg1 up
}

wg0()
{
	wireguard s 51820 10.7.0.1/24 fd07::1/64
	ip_on s link set wg0 mtu "$small_mtu"
	wg_peer s a allowed-ips 10.7.0.2/32,fd07::2/128,10.9.0.0/24
	wg_peer s b allowed-ips 10.7.0.3/32,fd07::3/128
}

# client MACHINE SERVER-KEY SERVER-ENDPOINT: it talks first, as behind a NAT
client()
{
	on "$1" wg set wg0 peer "$2" endpoint "$3" \
		allowed-ips 10.7.0.0/24,10.8.0.0/24,10.9.0.0/24,fd07::/64,fd08::/64,ff0e::7/128
}

clients()
{
	client a "${public_key[s]}" 192.0.2.1:51820
	client b "${public_key[s]}" 192.0.2.5:51820
	client c "$(wg pubkey <<<"$wg1_key")" 192.0.2.9:51821
	wait_for pings a 10.7.0.1 && wait_for pings b 10.7.0.1 && wait_for pings c 10.8.0.1
}

wireguard a 51820 10.7.0.2/24 fd07::2/64
wireguard b 51820 10.7.0.3/24 fd07::3/64
wireguard c 51820 10.8.0.2/24 fd08::2/64
for client in a b; do
	ip_on $client route add 10.8.0.0/24 dev wg0
	ip_on $client route add fd08::/64 dev wg0
done
ip_on c route add 10.7.0.0/24 dev wg0
ip_on c route add fd07::/64 dev wg0
wg0
wg1 s
clients

sysctl_on s net.ipv4.ip_forward=0 net.ipv6.conf.all.forwarding=0
on s nft -f - <<-END
table inet closed {
	chain before {
		type filter hook prerouting priority raw; policy accept
		iifname { wg0, wg1 } fib daddr type != local drop
	}
	chain input {
		type filter hook input priority filter; policy drop
		udp dport { 51820, 51821 } accept
		meta l4proto { icmp, ipv6-icmp } accept
	}
	chain forward {
		type filter hook forward priority filter; policy drop
	}
}
END

# bounce COMMAND [ARGUMENT]...: on the server
bounce()
{
	on s meshctl bounce "$@"
}

# let_forward INTERFACE [OPTION]...
let_forward()
{
	bounce enable "$@" >&2
}

# value MEMBER [INTERFACE]
value()
{
	bounce status --json | gojq -r ".bounces[] | select(.ifname == \"${2:-wg0}\") | .$1"
}

# counts MEMBER COMMAND [ARGUMENT]...: the command makes that counter of wg0 rise
counts()
{
	local before

	before=$(value "$1")
	"${@:2}"
	[ "$(value "$1")" -gt "$before" ]
}

# answers MACHINE WORDS ADDRESS [OPTION]...: what ping hears of has these words. It ends with the first
# answer; how long one may take is a busy machine's.
answers()
{
	local said

	said=$(on "$1" ping -n -c 1 -W 20 "${@:4}" "$3" 2>&1) || :
	echo "$said"
	[[ $said == *"$2"* ]]
}

unheard()
{
	not pings "$1" "$2" -W 1
}

# refused STATUS WORDS ARGUMENT...
refused()
{
	local said status=0

	said=$(bounce "${@:3}" 2>&1) || status=$?
	echo "status $status: $said"
	[ "$status" = "$1" ] && [[ $said == *"$2"* ]]
}

# ---- wrong input ----

expect "an interface that is not WireGuard's is refused" \
	refused 1 "the interface is not a WireGuard device" enable eth0
expect "and one that is not there" refused 1 "nowhere" enable nowhere
expect "and half a pair" refused 2 "is not a pair" enable wg0 --allow 10.7.0.2
expect "and what is no address" refused 2 "10.7.0.300" enable wg0 --deny 10.7.0.2,10.7.0.300
expect "and too long a prefix" refused 2 "/33" enable wg0 --deny 10.7.0.2/33,10.7.0.3
expect "and a pair of IPv4 and IPv6" refused 2 "do not talk to each other" \
	enable wg0 --allow 10.7.0.2,fd07::2
expect "and a group below 0" refused 2 "--group" enable wg0 --group -1
many=()
for ((i = 0; i < 33; i++)); do
	many+=(--allow "10.7.0.$i,10.7.0.2")
done
expect "and too many pairs" refused 2 "at most 32 pairs" enable wg0 "${many[@]}"
expect "to disable what is not enabled is refused" \
	refused 1 "wg0 does not forward between its peers" disable wg0
not_root()
{
	! on s setpriv --reuid 65534 --regid 65534 --clear-groups \
		"$(command -v meshctl)" bounce enable wg0
}
expect "to nobody but root it is forbidden" not_root
expect "and none of that enabled anything" [ "$(bounce status --json | gojq '.bounces | length')" = 0 ]

# ---- forwarding ----

expect "without it nothing passes" unheard a 10.7.0.3
let_forward wg0
expect "enabled, a reaches b" pings a 10.7.0.3
expect "and b reaches a, over IPv6" pings b fd07::2
expect "packets are counted" [ "$(value packets)" -ge 12 ]
expect "TCP passes" copies a b 10.7.0.3 4
expect "and over IPv6" copies b a fd07::2 4
expect "a fragmented packet passes" pings a 10.7.0.3 -s 4000
expect "and over IPv6" pings a fd07::3 -s 4000
expect "one hop fewer is left" answers a "ttl=63" 10.7.0.3
expect "and over IPv6" answers a "ttl=63" fd07::3
expect "the server's own address is the server's" answers a "ttl=64" 10.7.0.1
untracked()
{
	! on s conntrack -L | grep -F 10.7.0.3
}
expect "connection tracking saw nothing of it" untracked
capture wg0 s wg0 host 10.7.0.3
expect "while somebody captures, it works" pings a 10.7.0.3
stop wg0 || :
expect "and packets come and leave with their hops" has_captured wg0 'ip[8] == 64'
expect "one fewer" has_captured wg0 'ip[8] == 63'

# ---- what a router tells the sender ----

expect "with the last hop the server answers" \
	counts drop_expired_packets answers a "From 10.7.0.1 icmp_seq=1 Time to live exceeded" 10.7.0.3 -t 1
expect "and over IPv6" \
	counts drop_expired_packets answers a "From fd07::1 icmp_seq=1 Time exceeded: Hop limit" fd07::3 -t 1
# What TCP was told before.
forget_mtu()
{
	ip_on "$1" route flush cache
	ip_on "$1" -6 route flush cache
}
forget_mtu a
expect "too large a packet is answered with the MTU" counts drop_too_big_packets \
	answers a "Frag needed and DF set (mtu = $small_mtu)" 10.7.0.3 -M do -s 1370
expect "and over IPv6" counts drop_too_big_packets \
	answers a "Packet too big: mtu=$small_mtu" fd07::3 -M do -s 1360
forget_mtu a
forget_mtu b
expect "one that may be fragmented is" pings b 10.7.0.2 -M dont -s 1390
sysctl_on a net.ipv4.ip_no_pmtu_disc=1
expect "and so is TCP" copies a b 10.7.0.3 1
sysctl_on a net.ipv4.ip_no_pmtu_disc=0
ip_on s route add 10.7.0.3/32 dev wg0 mtu 1300
expect "the MTU of a route counts" \
	answers a "Frag needed and DF set (mtu = 1300)" 10.7.0.3 -M do -s 1340
ip_on s route del 10.7.0.3/32
forget_mtu a
expect "an address of no peer is answered" \
	counts drop_error_packets answers a "From 10.7.0.1 icmp_seq=1 Destination Host Unreachable" 10.7.0.77
expect "and over IPv6" \
	answers a "From fd07::1 icmp_seq=1 Destination unreachable: Address unreachable" fd07::77

# ---- what is the stack's ----

# unheard_of MACHINE ADDRESS [OPTION]...: no answer, whatever else is heard
unheard_of()
{
	not on "$1" ping -n -q -c 1 -W 1 "${@:3}" "$2"
}

expect "IP options are the stack's" counts stack_unusual_packets unheard_of a 10.7.0.3 -R
expect "and multicast" counts stack_unusual_packets unheard_of a ff0e::7 -I wg0
expect "and what leads elsewhere" counts stack_elsewhere_packets unheard_of a 10.8.0.2
address a wg0 10.9.0.1/32
ip_on s route add 10.9.0.0/24 dev eth1
sysctl_on s net.ipv4.conf.wg0.rp_filter=1
expect "and a source that the route back does not lead to" \
	counts stack_source_packets unheard_of a 10.7.0.3 -I 10.9.0.1
ip_on s route del 10.9.0.0/24 dev eth1
ip_on s route add 10.9.0.0/24 dev wg0
ip_on b route add 10.9.0.0/24 dev wg0
expect "which is forwarded when it does" pings a 10.7.0.3 -I 10.9.0.1
expect "a route that changes counts at once" ip_on s route add blackhole 10.7.0.3/32
expect "for what comes next" unheard_of a 10.7.0.3
ip_on s route del blackhole 10.7.0.3/32
expect "and so does one that goes" pings a 10.7.0.3
ip_on s xfrm policy add dir fwd src 10.7.0.2/32 dst 10.7.0.3/32 action block
expect "an IPsec policy is heeded" counts stack_unusual_packets unheard_of a 10.7.0.3
expect "by those whom it is about" pings b fd07::2
ip_on s xfrm policy flush
expect "and no longer when it is gone" pings a 10.7.0.3

attach s
expect "an interface that is attached for its paths forwards as well" pings a 10.7.0.3
detach s
expect "and when it is detached" pings a 10.7.0.3

# ---- who may talk to whom ----

let_forward wg0 --deny 10.7.0.2,10.7.0.0/24
expect "who is denied is told" counts drop_denied_packets answers a "Packet filtered" 10.7.0.3
expect "in both directions" counts drop_denied_packets answers b "Packet filtered" 10.7.0.2
expect "the other addresses may" pings a fd07::3
let_forward wg0 --allow fd07::2,fd07::/64
expect "when some are allowed, these may" pings b fd07::2
expect "but no others" answers a "Packet filtered" 10.7.0.3
let_forward wg0 --allow 10.7.0.0/24,10.7.0.0/24 --deny 10.7.0.2,10.7.0.3
expect "who is denied is not allowed" answers b "Packet filtered" 10.7.0.2
expect "over IPv6 too" answers b "Administratively prohibited" fd07::2
shown()
{
	[ "$(value '| [.allow, .deny] | tojson')" = '[[["10.7.0.0/24","10.7.0.0/24"]],[["10.7.0.2","10.7.0.3"]]]' ]
}
expect "what was said is shown" shown
let_forward wg0
expect "and goes when it is not said again" pings a 10.7.0.3

# ---- two interfaces ----

let_forward wg1
expect "two interfaces are two by themselves" unheard a 10.8.0.2
let_forward wg0 --group 7
let_forward wg1 --group 7
expect "those of a group forward to each other" pings a 10.8.0.2
expect "and back, over IPv6" pings c fd07::3
expect "TCP passes between them" copies a c 10.8.0.2 2
let_forward wg1 --group 7 --deny 10.7.0.2,10.8.0.2
expect "both are asked who may" answers a "Packet filtered" 10.8.0.2
expect "those who may, may" pings b 10.8.0.2
let_forward wg1 --group 8
expect "another group is another group" unheard b 10.8.0.2
let_forward wg1 --group 7
expect "and the same again the same" pings b 10.8.0.2
bounce disable wg1
expect "one that is disabled is not forwarded to" unheard b 10.8.0.2
expect "the other one goes on" pings a 10.7.0.3

# ---- the end ----

start watch s meshctl watch
wait_for says watch '^watching'
bounce disable wg0
expect "disabled, nothing passes at once" unheard a 10.7.0.3
let_forward wg0
expect "enabled again, it does" pings a 10.7.0.3
eventually "who watches hears of the one" says watch '^bounce-removed: wg0$'
eventually "and of the other" says watch '^bounce: wg0$'
stop watch

# Until the end; as much as leaves time for what happens under it.
traffic()
{
	start "flood-$1" b ping -n -q -i 0.005 -s 1300 fd07::2
	start "server-$1" b iperf3 --server --one-off
	wait_for listens b tcp 5201
	start "tcp-$1" a iperf3 --client 10.7.0.3 --time 1000 --bitrate 5M --forceflush
	wait_for says "tcp-$1" connected
}
traffic_ends()
{
	kill_hard "flood-$1" "server-$1" "tcp-$1"
}
nothing_forwards()
{
	[ "$(bounce status --json | gojq '.bounces | length')" = 0 ]
}

traffic switch
for ((i = 0; i < 20; i++)); do
	let_forward wg0 --group "$i"
	bounce disable wg0
done
let_forward wg0
expect "enabled and disabled under traffic, it works" pings a 10.7.0.3
traffic_ends switch

traffic module
expect "the module is unloaded under traffic" unload_module
expect "nothing passes any more" unheard a 10.7.0.3
load_module
let_forward wg0
expect "loaded again, it works" pings a 10.7.0.3
traffic_ends module

traffic device
expect "the interface is deleted under traffic" ip_on s link delete wg0
expect "and forwards no longer" nothing_forwards
traffic_ends device
wg0
clients
expect "a new one in its place does not forward" unheard a 10.7.0.3
let_forward wg0
expect "unless it is told to" pings a 10.7.0.3

machine other
expect "an interface moves to another namespace" ip_on s link set wg0 netns "$(netns other)"
expect "and leaves its forwarding behind" nothing_forwards

# Nothing may run on s, or its namespace would live on.
ip -n "$(netns other)" link set wg0 netns "$(netns s)"
address s wg0 10.7.0.1/24 fd07::1/64
ip_on s link set wg0 up
let_forward wg0
eventually "back and enabled, it forwards" pings a 10.7.0.3
start flood a ping -n -q -f 10.7.0.3
namespaces=$(ip netns list-id | wc -l)
remove_machine s
one_less()
{
	[ "$(ip netns list-id | wc -l)" = $((namespaces - 1)) ]
}
eventually "the namespace is deleted under traffic" one_less
kill_hard flood
