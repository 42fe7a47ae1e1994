#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Five nodes, a full mesh. One leaves and comes back, one is removed.
#
#	n1 ... n5 ── internet ── server		(n4 and n5 behind NATs)
#
# shellcheck source=tests/netns/lib.sh
. "$(dirname "$0")/lib.sh"
begin
segment internet
machine server n1 n2 n3 n4 n5
plug server eth0 internet 203.0.113.1/24
for i in 1 2 3; do
	plug n$i eth0 internet 203.0.113.1$i/24
done
home n4 port-restricted internet 203.0.113.14/24 10.1.0
home n5 full-cone internet 203.0.113.15/24 10.1.0
public_host server 203.0.113.1
key=$(setup_key server --reusable)
nodes=(n1 n2 n3 n4 n5)
node "${nodes[@]}"
for name in "${nodes[@]}"; do
	expect "$name joins" join $name "$key"
done

eventually "every pair is direct" all_direct "${nodes[@]}"
addresses=$(for name in "${nodes[@]}"; do overlay $name; overlay $name 6; done)
expect "all addresses differ" [ "$(sort -u <<<"$addresses" | wc -l)" = 10 ]
full_mesh()
{
	local one other

	for one in "${nodes[@]}"; do
		for other in "${nodes[@]}"; do
			[ $one = $other ] || reaches $one $other || return
		done
	done
}
expect "each reaches every other one" full_mesh

address=$(overlay n2)
expect "n2 leaves" on n2 meshctl down
expect "its interface is gone" not on n2 ip link show wgmesh0
offline()
{
	[ "$(status n1 '.peers[] | select(.hostname == "n2") | .online')" = false ]
}
eventually "n1 sees that it is offline" offline
expect "n2 comes back" on n2 meshctl up
expect "with the same address" [ "$(overlay n2)" = "$address" ]
eventually "every pair is direct again" all_direct "${nodes[@]}"
eventually "n2 is reached again" reaches n1 n2

removed_address=$(overlay n3)
expect "the operator removes n3" on server meshctl server peer remove n3
no_n3()
{
	! status n1 '.peers[] | select(.hostname == "n3")' &&
		! grep -q wgmesh0 <<<"$(on n1 ip route get "$removed_address")"
}
eventually "n1 has forgotten n3" no_n3
told()
{
	status n3 .error | grep removed
}
eventually "n3 knows why" told
