#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# A route that is there already costs the peer of that address its own, and nobody else anything;
# when it goes, that of the peer comes. Where something takes a route away again and again, it is
# put back less and less often.
#
#	a ── internet ─┬─ b
#	        │      └─ c
#	        └── server
#
# shellcheck source=tests/netns/lib.sh
. "$(dirname "$0")/lib.sh"
begin
internet server a b c
public_host server 203.0.113.1
members server a b c
eventually "the ways are direct" all_direct a b c
b4=$(overlay b) c4=$(overlay c) b6=$(overlay b 6)
eventually "pings pass" pings a "$b4"

on a meshctl down
ip_on a route add "$b4" dev eth0 proto static
ip_on a route add "$b6" dev eth0 proto static metric 100
expect "a comes back where routes to b's addresses are" on a meshctl up
expect "it is up" [ "$(status a .state)" = up ]
eventually "it reaches c" pings a "$c4"
says_route()
{
	status a ".peers[] | select(.hostname == \"b\") | .route_error" | grep -F "$1"
}
eventually "the status of b says which route" says_route "$b4 dev eth0 proto static metric 0"
expect "and what to do" says_route "ip route del"
expect "and of the other address" says_route "$b6 dev eth0 proto static metric 100"
expect "that of c says nothing" \
	status a '.peers[] | select(.hostname == "c") | has("route_error") | not'
ip_on a route del "$b4" dev eth0
ip_on a -6 route del "$b6" dev eth0 metric 100
eventually "when it goes, a reaches b" pings a "$b4"
expect "and the other way" pings a "$b6"
has_no_error()
{
	status a '[.peers[] | has("route_error")] | any | not'
}
expect "nothing is said any more" has_no_error

# ip route replace takes ours away without a word about it
ip_on a route replace "$b4" dev eth0 proto static
eventually "replaced by another: said" says_route "$b4 dev eth0 proto static"
ip_on a route del "$b4" dev eth0
eventually "and back when that goes" pings a "$b4"

# a_takes_away: an adversary that takes the route to c away whenever it is there
a_takes_away()
{
	ip -n "$(netns a)" route del "$c4" dev wgmesh0 2>/dev/null || :
	status a '.mended[] | select(.what == "routes") | .again_and_again'
}
eventually "who takes it away again and again is said" a_takes_away
eventually "left alone, it comes back" pings a "$c4"
