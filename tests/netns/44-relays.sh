#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Two relays: each node keeps its first allocation on the nearest, so that data goes from relay to
# relay; a relay that is gone is left for the other, and one that dies is avoided by a path that is
# there already.
#
#	a ── NAT ── near ── internet ── far ── NAT ── b
#	                       └── server
#
# Mostly waits
#
# shellcheck source=tests/netns/lib.sh
. "$(dirname "$0")/lib.sh"
begin
internet server near far
machine a b
home a symmetric internet 203.0.113.10/24 10.1.0
home b symmetric internet 203.0.113.20/24 10.2.0

# away FROM ADDRESS: what FROM sends to ADDRESS takes 40 ms
away()
{
	on "$1" tc qdisc add dev wan root handle 1: prio
	on "$1" tc qdisc add dev wan parent 1:3 netem delay 40ms
	on "$1" tc filter add dev wan parent 1: protocol ip u32 match ip dst "$2" flowid 1:3
}
away a-nat 203.0.113.3
away b-nat 203.0.113.2

mesh_server server 203.0.113.1
for name in near far; do
	address=$(machine_address $name eth0)
	relay $name "$address" --kernel require --allow-peer 203.0.113.0/24
	relay_add server $name $name "$address"
done
members server a b

# relay_of MACHINE: the one that it is allocated on
relay_of()
{
	on "$1" meshctl relay status --json | gojq -r '.relays[] | select(.state == "selected") | .name'
}
uses()
{
	[ "$(relay_of "$1")" = "$2" ]
}
eventually "a uses the relay near to it" uses a near
eventually "b uses the one near to it" uses b far
eventually "they reach each other from relay to relay" is_relayed a b
wait_for is_relayed b a
expect "everything gets through" works_both_ways a b
expect "a sends to its own relay" [ "$(underlay a b)" = 203.0.113.2:3478 ]
expect "b sends to its own relay" [ "$(underlay b a)" = 203.0.113.3:3478 ]

# forwards MACHINE: whether its kernel has forwarded more than 100 datagrams of a channel
forwards()
{
	[ "$(on "$1" "$netns_dir/netlink/client.py" dump channel-get |
		gojq -s 'map(."to-peer-packets") | add > 100')" = true ]
}
KERNEL_SOURCE=$("$project/tools/kernel-source")
export KERNEL_SOURCE
expect "both relays forwarded in the kernel" forwards near
expect "and neither left it to the other" forwards far

expect "the operator takes a relay out" on server meshctl relay remove far
eventually "b moves to the one that is left" uses b near
goes_by_near()
{
	[ "$(underlay b a)" = 203.0.113.2:3478 ] && pings b "$(overlay a)"
}
eventually "and reaches a through it" goes_by_near
relay_add server far far 203.0.113.3
eventually "it comes back" uses b far
goes_by_far()
{
	[ "$(underlay b a)" = 203.0.113.3:3478 ] && pings b "$(overlay a)"
}
eventually "and is used again" goes_by_far

# ---- one that dies ----

# Beside the path from relay to relay each end has one from its own second relay to the first of the
# other, and the other way round.
relay_paths()
{
	[ "$(status "$1" '[.peers[].paths[] | select(.kind == "relay")] | length')" = 3 ]
}
eventually "a has a path that avoids each relay" relay_paths a
eventually "and so has b" relay_paths b
wait_for goes_by_far
steady ab a "$(overlay b)"
steady ba b "$(overlay a)"
ip_on far link set eth0 down
kill_hard relayd-far

# How soon is measured by tools/bench/failover, where time is counted in instructions. Here the
# bound is what a busy machine needs at most: 5 s, where ICE alone takes 15 s and more.
expect "when one dies, traffic goes on" steady_goes_on ab
expect "in both directions" steady_goes_on ba
expect "little of it was lost" steady_lost_at_most ab 1000
expect "nor more from the other end" steady_lost_at_most ba 1000
eventually "b leaves it" uses b near
eventually "and goes by the other" goes_by_near
