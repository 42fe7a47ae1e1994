#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Through the relay at first, then directly, and back when the direct path is cut: the relay
# is the safety net.
#
#	a ── NAT ──┬── NAT ── b
#	         server, which is the relay
#
# Mostly waits
#
# shellcheck source=tests/netns/lib.sh
. "$(dirname "$0")/lib.sh"
begin
two_homes port-restricted port-restricted
relay_host server 203.0.113.1 --kernel require

sever_homes
members server a b
eventually "while there is no other way, through the relay" is_relayed a b
wait_for is_relayed b a
steady ab a "$(overlay b)"
steady ba b "$(overlay a)"
mend_homes
eventually "as soon as there is a direct path, directly" all_direct a b
expect "nothing was lost from a" steady_lost_nothing ab
expect "nothing was lost from b" steady_lost_nothing ba

kinds()
{
	status "$1" '[.peers[0].paths[].kind] | sort | join(" ")'
}
has_both()
{
	[ "$(kinds a)" = "direct relay" ] && [ "$(kinds b)" = "direct relay" ]
}
eventually "the path through the relay is kept beside it" has_both

# How soon is measured by tools/bench/failover, where time is counted in instructions. Here the
# bound is what a busy machine needs at most: 5 s, where ICE alone takes 15 s and more.
steady ab a "$(overlay b)"
steady ba b "$(overlay a)"
sever_homes
eventually "when it is cut, through the relay again" is_relayed a b
eventually "on both ends" is_relayed b a
expect "few pings were lost from a" steady_lost_at_most ab 1000
expect "few from b" steady_lost_at_most ba 1000
expect "and everything gets through" works_both_ways a b
steady ab a "$(overlay b)"
steady ba b "$(overlay a)"
mend_homes
eventually "and directly when it is back" all_direct a b
expect "nothing was lost from a then" steady_lost_nothing ab
expect "nothing was lost from b then" steady_lost_nothing ba

# ---- an operator knows better ----

# direct_path MACHINE FILTER: of its newest direct path
direct_path()
{
	status "$1" "[.peers[0].paths[] | select(.kind == \"direct\")] | max_by(.priority) | $2"
}

replaced_and_forced()
{
	[ "$(direct_path a .id)" != "$1" ] && [ "$(direct_path a .policy)" = force ]
}

refused_with()
{
	local said

	! said=$(on a meshctl paths b "${@:2}" 2>&1) && [[ $said == *"$1"* ]]
}

steady ab a "$(overlay b)"
expect "force the path through the relay" on a meshctl paths b --force relay
eventually "packets are relayed, though there is a direct path" is_relayed a b
expect "it is said why" [ "$(status a '.peers[0].why_relayed')" = \
	"there is a direct path, but another path is forced" ]
expect "a second one cannot be forced" refused_with "another path of the peer is forced" --force direct
expect "leave it to the selector again" on a meshctl paths b --auto
eventually "directly again" is_direct a b
expect "nothing was lost meanwhile" steady_lost_nothing ab

forced=$(direct_path a .id)
expect "force the direct path" on a meshctl paths b --force "$forced"
expect "look for paths anew" on a meshctl reconnect b
eventually "what replaces it is forced, too" replaced_and_forced "$forced"
eventually "and the one before is removed" has_both
expect "forbid it" on a meshctl paths b --forbid "$(direct_path a .id)"
eventually "packets are relayed" is_relayed a b
expect "it is said why again" [ "$(status a '.peers[0].why_relayed')" = \
	"there is a direct path, but it is forbidden" ]
