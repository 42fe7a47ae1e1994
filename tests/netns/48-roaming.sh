#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Endpoints change under traffic: a NAT gives another port, a node gets another address. The path
# follows; the other end learns of it by an authenticated probe.
#
#	a ── internet ── NAT ── b
#	        └── server
#
# Kernels: all
#
# shellcheck source=tests/netns/lib.sh
. "$(dirname "$0")/lib.sh"
begin
internet server a
machine b
home b port-restricted internet 203.0.113.20/24 10.2.0
public_host server 203.0.113.1
members server a b
wait_for all_direct a b

# port_of_b: the port of the NAT that a sends to
port_of_b()
{
	local endpoint

	endpoint=$(underlay a b)
	echo "${endpoint##*:}"
}

# rebind FIRST-LAST: the NAT forgets what it has, and takes these ports from now on
rebind()
{
	on b-nat nft "flush chain ip nat postrouting
		add rule ip nat postrouting meta l4proto udp oifname wan masquerade to :$1
		add rule ip nat postrouting oifname wan masquerade"
	on b-nat conntrack -F
}
port_is_new()
{
	(($(port_of_b) >= 20000 && $(port_of_b) <= 20999))
}

# How soon is measured by tools/bench/failover, where time is counted in instructions. Here the
# bound is what a busy machine needs at most: 5 s, where ICE alone takes 15 s and more.
expect "the NAT does not use these ports yet" not port_is_new
path=$(path_ids a)
steady ab a "$(overlay b)"
steady ba b "$(overlay a)"
rebind 20000-20999
expect "the NAT forgets its bindings, and traffic goes on" steady_goes_on ab
expect "in both directions" steady_goes_on ba
expect "few of it were lost" steady_lost_at_most ab 1000
expect "nor more from the other end" steady_lost_at_most ba 1000
eventually "a sends to the new port" port_is_new
expect "on the path that it had" [ "$(path_ids a)" = "$path" ]
expect "and meshd knows" all_direct a b

steady ab a "$(overlay b)"
steady ba b "$(overlay a)"
on a ip -batch - <<'END'
address delete 203.0.113.2/24 dev eth0
address add 203.0.113.3/24 dev eth0
END
expect "a gets another address, and traffic goes on" steady_goes_on ab
expect "in both directions" steady_goes_on ba
expect "few of it were lost" steady_lost_at_most ab 1000
expect "nor more from the other end" steady_lost_at_most ba 1000
new_address()
{
	[ "$(underlay b a | cut -d: -f1)" = 203.0.113.3 ]
}
eventually "b sends to the new address" new_address

# Only what was gathered anew has it.
candidates_are_new()
{
	status a '[.peers[0].ice.local_candidates[] | contains("203.0.113.3")] | any' &&
		! status a '[.peers[0].ice.local_candidates[] | contains("203.0.113.2 ")] | any'
}
eventually "meshd gathers its candidates anew" candidates_are_new
eventually "and agrees with b on a path" all_direct a b
expect "everything gets through" works_both_ways a b

steady ab a "$(overlay b)"
ip_on a link set eth0 down
ip_on a link set eth0 up
expect "a is away for a moment, and traffic goes on" steady_goes_on ab
kill_hard ab
eventually "directly" all_direct a b
