#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Packets too large for the underlay arrive all the same, in fragments, as they do with
# plain WireGuard: when a link on the way is smaller than the nodes know, and when the
# tunnel is larger than the node's own link.
#
#	a ───1500─── r ───1400─── b	(lib/line.sh)
#
# Kernels: all
#
# shellcheck source=tests/netns/lib.sh
. "$(dirname "$0")/lib.sh"
begin
line
ip_on r link set eth1 mtu 1400
ip_on b link set eth0 mtu 1400

# A single packet that does not fit; a router that answers "too big" loses the first.
large_ping()
{
	on "$1" ping -n -q -c 1 -W 1 -s "$3" "$2"
}

large_packets_arrive()
{
	eventually "$1: large packets from a" large_ping a 10.7.0.2 "$2"
	eventually "$1: large packets from b" large_ping b 10.7.0.1 "$2"
	expect "$1: TCP from a" copies a b fd07::2 2
	expect "$1: TCP from b" copies b a fd07::1 2
}

wg_peer a b allowed-ips 10.7.0.2/32,fd07::2/128 endpoint "${b4/5000/51820}"
wg_peer b a allowed-ips 10.7.0.1/32,fd07::1/128 endpoint "${a4/5000/51820}"
large_packets_arrive "plain WireGuard, IPv4, smaller link on the way" 1370
wg_peer a b endpoint "${b6/5000/51820}"
wg_peer b a endpoint "${a6/5000/51820}"
large_packets_arrive "plain WireGuard, IPv6, smaller link on the way" 1370

attach_both
path_both 4 10
large_packets_arrive "IPv4, smaller link on the way" 1370
path_both 6 20
large_packets_arrive "IPv6, smaller link on the way" 1370
expect "the path knows what the router said" [ "$(path_value a "$path_a" mtu_bytes)" = 1400 ]
