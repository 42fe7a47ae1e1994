#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Something else that configures the machine's network takes routes away that are not its own, or
# sets the interface down and up: what is missing comes back, and status says so.
#
#	a ── internet ── b
#	        └── server
#
# shellcheck source=tests/netns/lib.sh
. "$(dirname "$0")/lib.sh"
begin
internet server a b
public_host server 203.0.113.1
members server a b
eventually "the way is direct" all_direct a b
b4=$(overlay b) b6=$(overlay b 6)
eventually "pings pass" pings a "$b4"
expect "nothing was mended" status a '.mended == []'

# mended KIND: things of that kind were put right
mended()
{
	status a "[.mended[] | select(.what == \"$1\" and .count > 0 and .last > 0)] | any"
}
reaches_b()
{
	pings a "$b4" && pings a "$b6"
}
# meshd looks when it is over, and finds the interface up and its addresses there
down_up()
{
	send meshd-a STOP &&
		printf 'link set wgmesh0 down\nlink set wgmesh0 up\n' | ip -n "$(netns a)" -batch - &&
		send meshd-a CONT
}

# the kernel says nothing of the IPv4 route that goes; the IPv6 address goes, too
down_up
eventually "set down and up in one go: a reaches b" reaches_b
ip_on a route del "$b4" dev wgmesh0
eventually "a route deleted: a reaches b" reaches_b
ip_on a route flush dev wgmesh0
ip_on a -6 route flush dev wgmesh0 proto 119
eventually "all routes flushed: a reaches b" reaches_b
sysctl_on a net.ipv6.conf.all.keep_addr_on_down=1 net.ipv6.conf.wgmesh0.keep_addr_on_down=1
down_up
eventually "down and up where the addresses stay: a reaches b" reaches_b
ip_on a link set wgmesh0 down
eventually "set down: it is set up" mended interface
eventually "and a reaches b" reaches_b
ip_on a address flush dev wgmesh0 scope global
eventually "all addresses flushed: a reaches b" reaches_b
expect "status says what was mended" status a '[.mended[].what] | contains(["routes", "addresses"])'
says_mended()
{
	on a meshctl status | grep -E "(mended|^) +interface: [0-9]+ \(last 2"
}
expect "in words, too" says_mended
