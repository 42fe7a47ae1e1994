#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Kernels: all
#
# The address of a path moves from a network card to a bridge above it, as virtual machines and
# containers have it done, and back. The path that was told the card goes on by whatever has its
# address.
#
#	a eth0 (br0) ─── eth0 b
#
# shellcheck source=tests/netns/lib.sh
. "$(dirname "$0")/lib.sh"
begin
machine a b
wire a eth0 b eth0
addresses=(192.0.2.1/24 2001:db8::1/64)
address a eth0 "${addresses[@]}"
address b eth0 192.0.2.2/24 2001:db8::2/64
wireguard a 51820 10.7.0.1/24
wireguard b 51820 10.7.0.2/24
attach_both
path a b 192.0.2.1:5000 192.0.2.2:5000 4 --interface eth0 >/dev/null
path a b '[2001:db8::1]:5000' '[2001:db8::2]:5000' 6 --interface eth0 >/dev/null
path b a 192.0.2.2:5000 192.0.2.1:5000 4 >/dev/null
path b a '[2001:db8::2]:5000' '[2001:db8::1]:5000' 6 >/dev/null
probe_keys
give_probe_keys a b
give_probe_keys b a

# alive_by INTERFACE: both leave there, and are answered
alive_by()
{
	local index

	index=$(on a cat "/sys/class/net/$1/ifindex")
	on a meshctl path list --json | gojq -e \
		"[.paths[] | .state == \"alive\" and .ifindex == $index] == [true, true]"
}
eventually "both are alive" alive_by eth0
# moves FROM TO
moves()
{
	local one

	for one in "${addresses[@]}"; do
		ip_on a address delete "$one" dev "$1"
	done
	address a "$2" "${addresses[@]}"
}
ip_on a link add br0 up type bridge
ip_on a link set eth0 master br0
moves eth0 br0
eventually "they leave by the bridge" alive_by br0
expect "pings pass" pings a 10.7.0.2
ip_on a link set eth0 nomaster
moves br0 eth0
eventually "and by the card again" alive_by eth0
expect "pings pass" pings a 10.7.0.2
