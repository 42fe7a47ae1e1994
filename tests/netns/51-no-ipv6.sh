#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# A machine whose admin turned IPv6 off is a member like any other, by IPv4: with one that has IPv6,
# directly and by the relay. IPv6 comes when it is turned on. On a kernel that was booted with
# ipv6.disable=1 nobody has it.
#
#	a ── r ── internet ── b
#	             └── server, which is the relay
#
# shellcheck source=tests/netns/lib.sh
. "$(dirname "$0")/lib.sh"
begin

# disable_ipv6 MACHINE 1|0
disable_ipv6()
{
	sysctl_on "$1" net.ipv6.conf.all.disable_ipv6="$2"
}

segment internet
machine server r a b
[ ! -d /proc/sys/net/ipv6 ] || disable_ipv6 a 1
plug server eth0 internet 203.0.113.1/24
plug b eth0 internet 203.0.113.20/24
plug r wan internet 203.0.113.10/24
wire r lan a eth0
address r lan 198.51.100.1/24
address a eth0 198.51.100.2/24
gateway a 198.51.100.1
gateway b 203.0.113.10
gateway server 203.0.113.10
sysctl_on r net.ipv4.ip_forward=1
relay_host server 203.0.113.1 --kernel require
members server a b

# works: with IPv4, small and large, and TCP
works()
{
	reaches a b && reaches b a && pings a "$(overlay b)" -s 4000 &&
		copies a b "$(overlay b)" 2 && copies b a "$(overlay a)" 2
}

# has_ipv6 MACHINE
has_ipv6()
{
	status "$1" .kernel.ipv6 && [ -n "$(ip_on "$1" -6 address show dev wgmesh0 scope global)" ] &&
		[ -n "$(ip_on "$1" -6 route show dev wgmesh0 proto 119)" ]
}

# has_no_ipv6 MACHINE: nothing of it, and meshd knows
has_no_ipv6()
{
	[ "$(status "$1" '.kernel.ipv6 | tostring')" = false ] &&
		[ -z "$(ip_on "$1" -6 address show dev wgmesh0)" ] &&
		[ -z "$(ip_on "$1" -6 route show dev wgmesh0)" ]
}

eventually "both are direct" all_direct a b
expect "everything gets through by IPv4" works
expect "a has no IPv6 in the private network" has_no_ipv6 a
says_so()
{
	on a meshctl status | grep "^IPv6 .*turned off"
}
expect "and its admin can see why" says_so

on r nft 'table ip cut { chain forward { type filter hook forward priority filter
	ip saddr 203.0.113.20 drop
	ip daddr 203.0.113.20 drop
}
}'
steady ab a "$(overlay b)"
eventually "cut off from each other they are relayed" is_relayed a b
expect "everything gets through by the relay" works
on r nft delete table ip cut
eventually "and direct afterwards" all_direct a b

if [ ! -d /proc/sys/net/ipv6 ]; then
	key=$(status a '.peers[0].public_key')
	on a meshctl path add wgmesh0 "$key" --local '[2001:db8::1]:5000' \
		--remote '[2001:db8::2]:5000' --priority 4000000000
	expect "a path by IPv6 is of no use, and harms nothing" works
	exit
fi
disable_ipv6 a 0
eventually "IPv6 comes when it is turned on" has_ipv6 a
expect "and everything gets through by both" works_both_ways a b
disable_ipv6 a 1
eventually "it goes when it is turned off" has_no_ipv6 a
expect "and IPv4 is left" works
