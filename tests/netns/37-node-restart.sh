#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# meshd is killed on both nodes under traffic, and started again: no packet is lost, and
# nothing is torn down.
#
#	a ── NAT ── internet ── NAT ── b
#	               └── server
#
# shellcheck source=tests/netns/lib.sh
. "$(dirname "$0")/lib.sh"
begin
two_homes port-restricted port-restricted
public_host server 203.0.113.1
members server a b
wait_for all_direct a b
address_a=$(overlay a)
address_b=$(overlay b)
eventually "the way is open" pings a "$address_b"

index=$(on a cat /sys/class/net/wgmesh0/ifindex)
virtual=$(on a wg show wgmesh0 endpoints)
steady ab a "$address_b"
steady ba b "$address_a"
kill_hard meshd-a meshd-b
steady_goes_on ab
expect "meshd is not running" not meshd_answers a
paths=$(on a meshctl path list --json | gojq '[.paths[].id]')
steady_goes_on ba
expect "killed on both: nothing was lost from a" steady_lost_nothing ab
expect "killed on both: nothing was lost from b" steady_lost_nothing ba

steady ab a "$address_b"
steady ba b "$address_a"
node a b
expect "a has adopted what the kernel had" [ "$(status a '.peers[0].paths | length > 0')" = true ]
eventually "both are direct" all_direct a b
renewed()
{
	[ "$(status "$1" '[.peers[].ice.state] | join(" ")')" = ready ] &&
		[ "$(status "$1" '[.peers[].paths[] | .id] | length')" = 1 ]
}
eventually "a has a new ICE session, and its path alone" renewed a
eventually "b has a new ICE session, and its path alone" renewed b
steady_goes_on ab
steady_goes_on ba
expect "started again: nothing was lost from a" steady_lost_nothing ab
expect "started again: nothing was lost from b" steady_lost_nothing ba
expect "the interface is the same" [ "$(on a cat /sys/class/net/wgmesh0/ifindex)" = "$index" ]
expect "the virtual endpoint is the same" [ "$(on a wg show wgmesh0 endpoints)" = "$virtual" ]
expect "the path that was killed had a number" [ "$paths" != "[]" ]

expect "a service restart loses nothing either" stop meshd-a
steady ab a "$address_b"
node a
eventually "a is direct again" all_direct a b
steady_goes_on ab
expect "nothing was lost" steady_lost_nothing ab
