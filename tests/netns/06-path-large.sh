#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# A virtual machine that leaves the fragmenting of its datagrams to the host (UFO): what it sends
# on a path is one datagram, of whatever size, and reaches WireGuard as such.
#
#	a vm0 ───── a virtual machine, 192.0.2.2
#
# Kernels: all
#
# shellcheck disable=SC2154
# shellcheck source=tests/netns/lib.sh
. "$(dirname "$0")/lib.sh"
begin
modprobe tun
machine a b
ip_on a tuntap add dev vm0 mode tap vnet_hdr
ip_on a link set vm0 up
address a vm0 192.0.2.1/24
wireguard a 51820 10.7.0.1/24
wireguard b 51820 10.7.0.2/24
attach a
virtual_peer a b allowed-ips 10.7.0.2/32
path=$(path a b 192.0.2.1:5000 192.0.2.2:5000 1)

# came PACKETS BYTES: so much was received on the path
came()
{
	[ "$(path_value a "$path" rx_packets)" = "$1" ] && [ "$(path_value a "$path" rx_bytes)" = "$2" ]
}

expect "a datagram of 4000 bytes is sent" on a "$project/tests/netns/lib/virtual-machine" vm0 \
	192.0.2.2:5000 192.0.2.1:5000 4000
expect "it is received, whole" came 1 4000
expect "one of 30000 bytes as well" on a "$project/tests/netns/lib/virtual-machine" vm0 \
	192.0.2.2:5000 192.0.2.1:5000 30000
expect "it is received, whole" came 2 34000
expect "one to another port is sent" on a "$project/tests/netns/lib/virtual-machine" vm0 \
	192.0.2.2:5000 192.0.2.1:5001 4000
expect "and is not the path's" came 2 34000
