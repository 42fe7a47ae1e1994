#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# The server is killed under traffic, comes back, and stays away while a node starts.
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

connected()
{
	status "$1" .server.connected
}
# Whenever it is written it is another file.
stored()
{
	stat -c '%i %y' "$lab/a/state/default/state.json"
}
eventually "the way is open" pings a "$address_b"
stored=$(stored)
steady pings a "$address_b"
kill_hard server
eventually "a knows that the server is gone" not connected a
steady_goes_on pings
mesh_server server 203.0.113.1
eventually "a is connected again" connected a
eventually "b is connected again" connected b
steady_goes_on pings
expect "nothing was lost" steady_lost_nothing pings
expect "a kept its address" [ "$(overlay a)" = "$address_a" ]
expect "and wrote down nothing, for nothing is new" [ "$(stored)" = "$stored" ]
expect "the server kept its nodes" [ "$(on server meshctl server peer list --json | gojq '.peers | length')" = 2 ]
expect "no second setup key is needed" [ "$(on server meshctl server key list --json | gojq '.keys[0].uses')" = 2 ]

kill_hard server
stop meshd-a
node a
expect "a starts without the server" [ "$(status a .state)" = up ]
expect "with the address it had" [ "$(overlay a)" = "$address_a" ]
eventually "and reaches b over the last map" pings a "$address_b"
