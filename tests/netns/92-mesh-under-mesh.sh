#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Somebody builds a network of its own on top of the private one, as k3s does with flannel on the
# interface of the mesh: a VXLAN between the private addresses. Its addresses answer, but only
# through the mesh itself: they are no way to a peer.
#
#	a ── NAT ── internet ── NAT ── b
#	               └── server
#
# shellcheck source=tests/netns/lib.sh
. "$(dirname "$0")/lib.sh"
begin
two_homes port-restricted port-restricted
relay_host server 203.0.113.1
members server a b
eventually "the way is direct" all_direct a b
a4=$(overlay a) b4=$(overlay b)
eventually "pings pass" pings a "$b4"

# vxlan MACHINE LOCAL REMOTE ADDRESS NET VIA
vxlan()
{
	ip_on "$1" link add flannel.1 type vxlan id 1 local "$2" remote "$3" dev wgmesh0 dstport 8472
	ip_on "$1" address add "$4/32" dev flannel.1
	ip_on "$1" link set flannel.1 up
	ip_on "$1" route add "$5" via "$6" dev flannel.1 onlink
}
vxlan a "$a4" "$b4" 10.42.1.0 10.42.2.0/24 10.42.2.0
vxlan b "$b4" "$a4" 10.42.2.0 10.42.1.0/24 10.42.1.0
eventually "what is on top works" pings a 10.42.2.0

on_top()
{
	status "$1" '[.peers[0].paths[] | .remote, .local | contains("10.42.")] | any'
} >/dev/null
seen=0
for ((i = 0; i < 10; i++)); do
	pause 2
	! on_top a || seen=$((seen + 1))
	! on_top b || seen=$((seen + 1))
done
remark "a path led over the private network itself in $seen of 20 looks; $(grep -c 'does not answer on the direct path' "$logs/meshd-a.log") times the direct path was lost"
expect "no path leads through what is on top" [ "$seen" = 0 ]
eventually "the way is direct still" all_direct a b
expect "and pings pass" pings a "$b4"
