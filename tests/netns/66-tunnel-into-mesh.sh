#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Tunnels between sites are a way to the peer as long as they are beside the mesh. Once the far end
# of one is routed into the mesh, it is carried by the mesh, and the path through it is given up.
#
#	a ══ vxlan ══ hub ══ vxlan ══ b		a and b do not reach each other otherwise
#	└────────── internet ─────────┘
#	             server
#
# shellcheck source=tests/netns/lib.sh
. "$(dirname "$0")/lib.sh"
begin
# no tunnels that the kernel makes by itself
sysctl -q -w net.core.fb_tunnels_only_for_init_net=2
internet server a b
machine hub
plug hub eth0 internet 203.0.113.9/24
ip_on hub link add sites up type bridge
# site MACHINE ADDRESS NUMBER: its end of a tunnel, and the hub's
site()
{
	ip_on "$1" link add site up type vxlan id "$3" local "$2" remote 203.0.113.9 dstport 4789
	ip_on hub link add name "to-$1" up master sites type vxlan id "$3" local 203.0.113.9 \
		remote "$2" dstport 4789
	address "$1" site "10.9.0.$3/24"
}
site a 203.0.113.2 1
site b 203.0.113.3 2
on a nft 'add table ip apart; add chain ip apart far { type filter hook prerouting priority -1000; }
	add rule ip apart far ip saddr 203.0.113.3 drop'
relay_host server 203.0.113.1
members server a b
by_tunnel()
{
	status a '[.peers[0].paths[] | .local | startswith("10.9.0.")] | any'
} >/dev/null
is_candidate()
{
	status a ".underlay.addresses | index(\"$1\") != null"
} >/dev/null
eventually "the tunnel is the way" by_tunnel
eventually "and it is direct" all_direct a b

# What others build on top of the mesh, without and with an end of its own.
ip_on a link add ipip9 up type ipip local "$(overlay a)" remote "$(overlay b)"
address a ipip9 10.99.1.1/24
ip_on a link add many9 up type ipip
address a many9 10.99.2.1/24
ip_on a route add 10.99.3.0/24 via "$(overlay b)" dev many9 onlink
ip_on a link add wg9 type wireguard
on a wg set wg9 private-key <(wg genkey) peer "$(wg genkey | wg pubkey)" \
	endpoint "$(overlay b):9" allowed-ips 0.0.0.0/0
address a wg9 10.99.4.1/24
ip_on a link set wg9 up
ip_on a route add 0.0.0.0/1 dev wg9 table 99
ip_on a rule add pref 99 fwmark 99 table 99
address a eth0 203.0.113.22/24
eventually "what comes in by the uplink is offered" is_candidate 203.0.113.22
for on_top in 10.99.1.1 10.99.2.1 10.99.4.1; do
	expect "what is on top of the mesh is not: $on_top" not is_candidate "$on_top"
done

# WireGuard answers by ICMP what it has no peer for, and the answer would go the same way: a kernel
# with one processor that looks for its own faults complains of an error that begins in another one.
on a nft 'table ip quiet { chain output { type filter hook output priority filter
	icmp type destination-unreachable drop
}
}'
ip_on a route add 203.0.113.9/32 dev wgmesh0
eventually "a tunnel that leads into the mesh is no way any more" not by_tunnel
eventually "nor is it offered" not is_candidate 10.9.0.1
eventually "the relay is" is_relayed a b
eventually "for b, too" is_relayed b a
eventually "and pings pass" pings a "$(overlay b)"
sysctl -q -w net.core.fb_tunnels_only_for_init_net=0
