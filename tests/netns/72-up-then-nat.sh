#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Both NATs forget their bindings while two nodes have only just joined, and whatever they have begun
# is half done. What is said to be relayed is answered, and a ping gets through.
#
#	a ── NAT ──┬── NAT ── b
#	         server, which is the relay
#
# shellcheck source=tests/netns/lib.sh
. "$(dirname "$0")/lib.sh"
begin
two_homes symmetric symmetric
relay_host server 203.0.113.1 --kernel require
key=$(setup_key server --reusable)
node a b

# is_honest MACHINE: it does not say "relayed" of a path that nothing came back on
is_honest()
{
	status "$1" '[.peers[] | select(.state == "relayed") | .paths[] | select(.selected) |
		.state == "alive" or .state == "suspect" or .rx_age_ms != null] | all'
}
has_path()
{
	status "$1" '.peers | length > 0 and all(.paths | length > 0)'
}

join a "$key"
join b "$key"
wait_for has_path a
on a-nat conntrack -F
on b-nat conntrack -F
answered()
{
	is_honest a && is_honest b && pings a "$(overlay b)"
}
eventually "after both NATs forgot, a ping gets through, and nobody boasts" answered
expect "in both directions" pings b "$(overlay a)"
eventually "a is relayed" is_relayed a b
eventually "and so is b" is_relayed b a
expect "which is true" is_honest a
expect "of both" is_honest b
expect "a has one allocation, which works" [ "$(on a meshctl relay status --json |
	gojq -r '.relays[0].state')" = selected ]
