#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# The relay of both nodes dies with its host, under their traffic: the kernel has a path through
# another one, and takes it. A relay that is stopped in peace is left before, and nothing is lost.
#
#	a ── NAT ──┬── one, two ── NAT ── b
#	         server
#
# Mostly waits
#
# shellcheck source=tests/netns/lib.sh
. "$(dirname "$0")/lib.sh"
begin
internet server one two
machine a b
home a symmetric internet 203.0.113.10/24 10.1.0
home b symmetric internet 203.0.113.20/24 10.2.0

# Who is asked for its time answers for "two" 20 ms later.
on two tc qdisc add dev eth0 root netem delay 20ms limit 10000

mesh_server server 203.0.113.1
for name in one two; do
	address=$(machine_address $name eth0)
	DRAIN_S=60 relay $name "$address" --kernel require --allow-peer 203.0.113.0/24
	relay_add server $name $name "$address"
done
members server a b

# relay_where MACHINE FILTER: the names of the relays for which the filter of jq holds
relay_where()
{
	on "$1" meshctl relay status --json | gojq -r "[.relays[] | select($2) | .name] | join(\" \")"
}

# has_two MACHINE FIRST SECOND: it has an allocation on each
has_two()
{
	[ "$(relay_where "$1" '.state == "selected"')" = "$2" ] &&
		[ "$(relay_where "$1" '.state == "standby" and .relayed')" = "$3" ]
}

# goes_by MACHINE PEER RELAY
goes_by()
{
	[ "$(status "$1" ".peers[] | select(.hostname == \"$2\") |
		.paths[] | select(.selected) | .relay")" = "$3" ]
}

# relay_paths MACHINE: the relays of its paths; one that was left is kept for a while beside them
relay_paths()
{
	status "$1" '[.peers[].paths[].relay] | unique | join(" ")'
}
has_both_paths()
{
	[ "$(relay_paths a)" = "one two" ] && [ "$(relay_paths b)" = "one two" ]
}

eventually "a has an allocation on the nearest relay, and one in reserve" has_two a one two
eventually "and so has b" has_two b one two
eventually "there is a path through each" has_both_paths
eventually "a uses the nearest" goes_by a b one
eventually "and so does b" goes_by b a one
expect "everything gets through" works_both_ways a b

# How soon is measured by tools/bench/failover, where time is counted in instructions. Here the
# bound is what a busy machine needs at most: 5 s, where ICE alone takes 15 s and more.
steady ab a "$(overlay b)"
steady ba b "$(overlay a)"
ip_on one link set eth0 down
kill_hard relayd-one
expect "when it dies, traffic goes on" steady_goes_on ab
expect "in both directions" steady_goes_on ba
expect "little of it was lost" steady_lost_at_most ab 1000
expect "nor more from the other end" steady_lost_at_most ba 1000
eventually "a goes by the other relay" goes_by a b two
eventually "and so does b" goes_by b a two
eventually "a knows that its relay is gone" has_two a two ""
eventually "and so does b" has_two b two ""
expect "everything gets through" works_both_ways a b

ip_on one link set eth0 up
DRAIN_S=60 relay one 203.0.113.2 --kernel require --allow-peer 203.0.113.0/24
in_reserve()
{
	has_two "$1" two one || has_two "$1" one two
}
eventually "the dead relay comes back, and is in reserve" in_reserve a
eventually "for both" in_reserve b
eventually "with a path through each" has_both_paths

steady ab a "$(overlay b)"
steady ba b "$(overlay a)"
send relayd-two TERM
eventually "when the other is to stop, a leaves it" goes_by a b one
eventually "and so does b" goes_by b a one
expect "nothing was lost from a" steady_lost_nothing ab
expect "nothing was lost from b" steady_lost_nothing ba
# it would go on for a minute for those who have not left it
kill_hard relayd-two
