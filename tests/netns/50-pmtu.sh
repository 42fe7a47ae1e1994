#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Packets that are too large for the way are refused where they are made, with the size that fits,
# whatever the routers on the way do: nothing hangs, and nothing is fragmented.
#
#	a ── r ── internet ── b	r drops what is too large without a word
#	             └── server, which is the relay
#
# shellcheck source=tests/netns/lib.sh
. "$(dirname "$0")/lib.sh"
begin
segment internet
machine server r a b
plug server eth0 internet 203.0.113.1/24 2001:db8::1/64
plug b eth0 internet 203.0.113.20/24 2001:db8::20/64
plug r wan internet 203.0.113.10/24 2001:db8::10/64
wire r lan a eth0
address r lan 198.51.100.1/24 2001:db8:a::1/64
address a eth0 198.51.100.2/24 2001:db8:a::2/64
gateway a 198.51.100.1 2001:db8:a::1
gateway b 203.0.113.10 2001:db8::10
gateway server 203.0.113.10 2001:db8::10
sysctl_on r net.ipv4.ip_forward=1 net.ipv6.conf.all.forwarding=1

# sever PROTOCOL: nothing passes between a and b, but to the server it does
sever()
{
	case $1 in
	ip6) on r nft 'table inet cut6 { chain forward { type filter hook forward priority filter
			ip6 saddr 2001:db8::20 drop
			ip6 daddr 2001:db8::20 drop
		}
	}' ;;
	ip) on r nft 'table inet cut4 { chain forward { type filter hook forward priority filter
			ip saddr 203.0.113.20 drop
			ip daddr 203.0.113.20 drop
		}
	}' ;;
	esac
}

# in_use MEMBER MACHINE: of its path in use
in_use()
{
	status "$2" ".peers[0].paths[] | select(.selected) | .$1"
}
measured()
{
	[ "$(in_use pmtu_bytes a)" = "$1" ] && [ "$(in_use pmtu_bytes b)" = "$1" ]
}

# refuses VERSION MTU: what a sends to b is refused at once, with the size that fits
refuses()
{
	local said

	! said=$(on a ping -n -c 1 -W 1 -M do -s 1400 "$(overlay b "$1")" 2>&1) &&
		grep -qE "message too long, mtu[=:] ?$2\$" <<<"$said"
}

# fits VERSION SIZE: a packet of that size is not refused, and answered
fits()
{
	local headers=28

	[ "$1" = 4 ] || headers=48
	on a ping -n -q -c 1 -W 5 -M do -s $(($2 - headers)) "$(overlay b "$1")"
}

# whole WHAT PMTU INSIDE: everything is as it should be on a path that takes packets of PMTU bytes,
# with INSIDE bytes in it
whole()
{
	eventually "$1: the path takes $2 bytes" measured "$2"
	eventually "$1: IPv4: larger packets are refused, with the size" refuses 4 "$3"
	expect "$1: IPv4: that size is right" fits 4 "$3"
	eventually "$1: IPv6: larger packets are refused, with the size" refuses 6 "$3"
	expect "$1: IPv6: that size is right" fits 6 "$3"
	count_fragments r
	expect "$1: TCP over IPv4" copies a b "$(overlay b)" 4
	expect "$1: TCP over IPv6, the other way" copies b a "$(overlay a 6)" 4
	expect "$1: and no fragments" not fragments_on r
}

# mend PROTOCOL
mend()
{
	case $1 in
	ip6) on r nft delete table inet cut6 ;;
	ip) on r nft delete table inet cut4 ;;
	esac
}

narrow r 1400
sever ip
relay_host server 203.0.113.1 --kernel require
members server a b
wait_for all_direct a b
start talk a ping -n -i 0.2 -s 400 "$(overlay b)"
expect "they talk by IPv6" [ "$(in_use local a | cut -c1)" = '[' ]
whole "direct, IPv6" 1400 1320

mend ip
sever ip6
ipv4_direct()
{
	all_direct a b && [ "$(in_use local a | cut -d: -f1)" = 198.51.100.2 ]
}
eventually "without IPv6, by IPv4" ipv4_direct
whole "direct, IPv4" 1400 1340

# ---- it changes under a transfer ----

receive()
{
	start receiver b socat -u "TCP4-LISTEN:9999,bind=$(overlay b),reuseaddr" "OPEN:$logs/got,creat"
	wait_for listens b tcp 9999
}
receive
mkfifo "$logs/pipe"
start sender a socat -u "OPEN:$logs/pipe" "TCP4:$(overlay b):9999"
exec {pipe}<>"$logs/pipe"
got()
{
	[ "$(stat -c %s "$logs/got")" = "$1" ]
}
send_mib()
{
	head -c "$1M" /dev/zero >&"$pipe"
}
send_mib 1
eventually "a transfer begins" got $((1 << 20))
narrow r 1340
send_mib 2
eventually "the path shrinks, and it goes on" got $((3 << 20))
eventually "the size is found" measured 1340
eventually "and told to who sends" refuses 4 1280
count_fragments r
send_mib 2
eventually "it goes on" got $((5 << 20))
expect "without fragments" not fragments_on r
widen r
ip_on a link set eth0 down
ip_on a link set eth0 up
address a eth0 2001:db8:a::2/64
gateway a 198.51.100.1
eventually "the path grows, and that is found when the link was away" measured 1500
send_mib 2
eventually "the transfer goes on" got $((7 << 20))
exec {pipe}>&-
collect sender && collect receiver
eventually "the interface is the limit now" refuses 4 1416

# ---- through the relay ----

narrow r 1380
sever ip
eventually "without a direct path, through the relay" is_relayed a b
wait_for is_relayed b a
relayed_pmtu()
{
	[ "$(in_use pmtu_bytes a)" = 1380 ] && [ "$(in_use pmtu_bytes b)" -ge 1380 ]
}
eventually "relayed: the path takes 1380 bytes" relayed_pmtu
eventually "relayed: larger packets are refused, with the size" refuses 4 1316
expect "relayed: that size is right" fits 4 1316
count_fragments r
expect "relayed: TCP" copies a b "$(overlay b)" 4
expect "relayed: TCP, the other way" copies b a "$(overlay a 6)" 4
expect "relayed: and no fragments" not fragments_on r
expect "the numbers are shown" [ "$(on a meshctl status -d | grep -c 'largest packet 1380 B (the route says 1500)')" = 1 ]

# ---- meshd starts again ----

route_mtu()
{
	ip -n "$(netns a)" -json route show "$(overlay b)" | gojq '.[0].metrics[0].mtu'
}
expect "the route has it" [ "$(route_mtu)" = 1316 ]
kill_hard meshd-a
expect "and keeps it without meshd" [ "$(route_mtu)" = 1316 ]
node a
eventually "and with the next one" refuses 4 1316
