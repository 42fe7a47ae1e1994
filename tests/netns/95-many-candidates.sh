#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Two nodes with many networks each, behind NATs: of their hundreds of pairs of addresses one works,
# that of the endpoints which the NATs gave. Few others are tried.
#
#	18 VLANs ── a ── NAT ──┬── NAT ── b ── 18 VLANs
#	                     server
#
# shellcheck source=tests/netns/lib.sh
. "$(dirname "$0")/lib.sh"
begin
two_homes port-restricted port-restricted
# vlans MACHINE NETWORK
vlans()
{
	machine "$1-trunk"
	wire "$1" trunk "$1-trunk" trunk
	for ((i = 1; i <= 18; i++)); do
		printf '%s\n' "link add link trunk name trunk.$i type vlan id $i" \
			"link set trunk.$i up" "address add $2.$i.1/24 dev trunk.$i"
	done | ip -n "$(netns "$1")" -batch -
}
vlans a 10.50
vlans b 10.60
# every pair of addresses that a's checks go between: those of STUN (its cookie) to b's hosts and NAT
on a nft -f - <<-END
table inet checks {
	set pairs {
		typeof ip saddr . ip daddr
		flags dynamic
		size 4096
	}
	chain output {
		type filter hook output priority filter
		ip daddr { 10.2.0.0/24, 10.60.0.0/16, 203.0.113.20 } meta l4proto udp \
			@th,96,32 0x2112a442 add @pairs { ip saddr . ip daddr }
	}
}
END
tried_pairs()
{
	on a nft -j list set inet checks pairs | gojq '[.nftables[].set.elem // empty | .[]] | length'
}
public_host server 203.0.113.1
members server a b
eventually "the way is direct" all_direct a b
expect "a reaches b" pings a "$(overlay b)"
tried=$(tried_pairs)
remark "$tried pairs were tried"
expect "some pairs were tried" [ "$tried" -ge 1 ]
expect "of hundreds of pairs, no more than a hundred" [ "$tried" -le 100 ]
has()
{
	status a ".peers[0].ice.$1[] | select(contains(\"$2\"))" >/dev/null
}
expect "the NAT's endpoint of b is among what is tried" has remote_candidates "203.0.113.20 "
expect "so is the address behind it" has remote_candidates "10.2.0.2 "
expect "what is not tried is said" has left_out "10.60."
expect "and logged" says meshd-a "peer b: both ends have many addresses"
expect "once" [ "$(grep -c "both ends have many" "$logs/meshd-a.log")" = 1 ]
