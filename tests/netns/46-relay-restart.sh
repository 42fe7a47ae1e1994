#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# mesh-relayd is killed, and restarted, under the traffic of two nodes that reach each other
# through it: the kernel goes on, and the next run knows the allocations again.
#
#	a ── NAT ──┬── NAT ── b
#	c ── NAT ──┤
#	         server, which is the relay
#
# shellcheck source=tests/netns/lib.sh
. "$(dirname "$0")/lib.sh"
begin
KERNEL_SOURCE=$("$project/tools/kernel-source")
export KERNEL_SOURCE
two_homes symmetric symmetric c
home c symmetric internet 203.0.113.30/24 10.3.0
relay_host server 203.0.113.1 --kernel require
members server a b
wait_for is_relayed a b
wait_for is_relayed b a

dump()
{
	on server "$netns_dir/netlink/client.py" dump "$1-get"
}
numbers()
{
	dump channel | gojq -s 'map(.id) | sort'
}
relayed_of()
{
	on "$1" meshctl relay status --json | gojq -r '.relays[0].relayed'
}
channels=$(numbers)
relayed=$(relayed_of a)
expect "each node has a channel" [ "$(gojq length <<<"$channels")" = 2 ]

steady ab a "$(overlay b)"
steady ba b "$(overlay a)"
kill_hard relayd-server
relay server 203.0.113.1 --kernel require
expect "the next run goes on with it" wait_for says relayd-server \
	"taken over from the kernel: 2 allocations"
steady_goes_on ba
send relayd-server INT
collect relayd-server
relay server 203.0.113.1 --kernel require
expect "and so does the run after a restart" wait_for says relayd-server \
	"taken over from the kernel: 2 allocations"
steady_goes_on ab
expect "nothing was lost from a" steady_lost_nothing ab
expect "nothing was lost from b" steady_lost_nothing ba
expect "the channels are the same" [ "$(numbers)" = "$channels" ]

# ---- the clients are known: what they ask for is about the same allocation ----

node c
join c "$(setup_key server)"
eventually "a third node reaches a" is_relayed c a
eventually "and b" is_relayed c b
wait_for is_relayed a c
wait_for is_relayed b c
expect "everything gets through" works_both_ways a c
expect "a has the relayed endpoint that it had" [ "$(relayed_of a)" = "$relayed" ]
expect "and the channel to b" [ "$(gojq -n "$(numbers) | contains($channels)")" = true ]

on server meshctl relay remove home >/dev/null
gone()
{
	[ -z "$(dump allocation)" ]
}
eventually "when they give their allocations back, these are taken from the kernel" gone
relay_add server home server 203.0.113.1
eventually "they allocate anew" is_relayed a b
other_relayed()
{
	[ "$(relayed_of a)" != "$relayed" ]
}
eventually "at another endpoint" other_relayed

# ---- a stop is no restart ----

stop relayd-server
expect "after a stop nothing is left in the kernel" gone
