#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# What a network card may do with datagrams before the path layer sees them, it undoes:
# datagrams merged on receipt (GRO), vectors of pages, and traffic that is only bridged
# through while br_netfilter shows it to the hooks.
#
#	a ─────── r ─────── b	(lib/line.sh)
#
# Kernels: all
#
# shellcheck source=tests/netns/lib.sh
. "$(dirname "$0")/lib.sh"
begin
line
attach_both

# A veth device merges when it may; rx-udp-gro-forwarding lets it merge any datagrams.
for machine in a b; do
	on $machine ethtool -K eth0 gro on rx-udp-gro-forwarding on tx-udp-segmentation off >/dev/null
done
capture merged b eth0 udp port 5000 and greater 1600
for version in 4 6; do
	path_both $version 1$version
	expect "merging, IPv$version: ping" pings a 10.7.0.2
	expect "merging, IPv$version: TCP" copies a b 10.7.0.2 8
	expect "merging, IPv$version: TCP back" copies b a fd07::1 8
done
stop merged || :
remark "merged: $(captured merged ip | grep -c ' > ' || :) over IPv4, $(captured merged ip6 | grep -c ' > ' || :) over IPv6"

# Nobody listens any more, for whose sake the packets would be copied.
expect "merging, and nobody listens: TCP" copies a b 10.7.0.2 8
for machine in a b; do
	on $machine ethtool -K eth0 rx-udp-gro-forwarding off rx-gro-list on >/dev/null
done
expect "merging into lists: TCP" copies a b fd07::2 8

# A node that is a bridge as well, and filters what it bridges: c hides behind a, with the
# same traffic between other machines. What is bridged is not the node's own.
machine c d
ip_on r link add middle type bridge
ip_on r link set middle up
wire c eth0 r eth2
wire d eth0 r eth3
ip_on r link set eth2 master middle
ip_on r link set eth3 master middle
address c eth0 203.0.113.3/24
address d eth0 203.0.113.4/24
address r middle 203.0.113.1/24
for machine in c d; do
	wireguard $machine 51820 10.8.0.$([ $machine = c ] && echo 3 || echo 4)/24
done
wireguard r 51820 10.9.0.1/24
on r modprobe br_netfilter
attach r
attach c
attach d
virtual_peer c d allowed-ips 10.8.0.4/32
virtual_peer d c allowed-ips 10.8.0.3/32
path c d 203.0.113.3:5000 203.0.113.4:5000 1 >/dev/null
path d c 203.0.113.4:5000 203.0.113.3:5000 1 >/dev/null
# r has a path with just these endpoints, as if it were d
virtual_peer r c allowed-ips 10.9.0.2/32
bridged=$(path r c 203.0.113.4:5000 203.0.113.3:5000 1)
expect "bridged traffic passes a bridge with br_netfilter" pings c 10.8.0.4
expect "TCP as well" copies c d 10.8.0.4 2
expect "though the bridge has a path with the same endpoints" \
	[ "$(path_value r "$bridged" rx_packets)" = 0 ]
