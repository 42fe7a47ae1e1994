#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# A machine with many networks, whose uplink is the last one (a dialled one, say): the address that
# leads out is among the candidates.
#
#	18 VLANs ── a ── internet ── b
#	                    └── server
#
# shellcheck source=tests/netns/lib.sh
. "$(dirname "$0")/lib.sh"
begin
segment internet
machine server a b
plug server eth0 internet 203.0.113.1/24
plug b eth0 internet 203.0.113.3/24
machine elsewhere
wire a trunk elsewhere trunk
for ((i = 1; i <= 18; i++)); do
	printf '%s\n' "link add link trunk name trunk.$i type vlan id $i" "link set trunk.$i up" \
		"address add 10.50.$i.1/24 dev trunk.$i"
done | ip -n "$(netns a)" -batch -
plug a ppp0 internet 203.0.113.2/24
relay_host server 203.0.113.1
members server a b
eventually "a reaches b somehow" pings a "$(overlay b)"
has_uplink()
{
	status a '[.peers[0].ice.local_candidates[] | contains("203.0.113.2 ")] | any'
}
# 20 s: it is gathered at once or never
WAIT_S=20
expect "the address of the uplink is a candidate" wait_for has_uplink
WAIT_S=60
eventually "and the way is direct" all_direct a b
