#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Kernels: all
#
# The underlay of r is a bridge, and netfilter sees what is bridged, as on a machine with
# containers or virtual machines: paths and the channels of a relay carry their data in the kernel
# as before, and what is only bridged stays what it is.
#
#	a wg0 ╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌ wg0 r
#	  eth0 ────── eth0 ─ br0 ─ eth1 ────── eth0 c
#
# shellcheck source=tests/netns/lib.sh
. "$(dirname "$0")/lib.sh"
begin
machine a r c
wire a eth0 r eth0
wire c eth0 r eth1
address a eth0 192.0.2.1/24 2001:db8::1/64
address c eth0 192.0.2.3/24 2001:db8::3/64
wireguard a 51820 10.7.0.1/24
wireguard r 51820 10.7.0.2/24
# before there is a bridge: that one comes later
attach a
attach r
ip_on r link add br0 type bridge
ip_on r link set eth0 master br0
ip_on r link set eth1 master br0
address r br0 192.0.2.2/24 2001:db8::2/64
ip_on r link set br0 up
virtual_peer a r allowed-ips 10.7.0.2/32
virtual_peer r a allowed-ips 10.7.0.1/32
modprobe br_netfilter
expect "netfilter sees what is bridged" \
	[ "$(on r sysctl -n net.bridge.bridge-nf-call-iptables)" = 1 ]

# Everything but what is needed to find a neighbour is forbidden on r, and looked at by connection
# tracking before.
on r nft -f - <<-END
table inet strict {
	chain input {
		type filter hook input priority filter; policy drop
		iifname wg0 accept
		icmpv6 type { nd-neighbor-solicit, nd-neighbor-advert } accept
		ct state established counter
	}
}
END

rx()
{
	path_value r "$path_r" rx_packets
}
carries()
{
	local before

	before=$(rx)
	pings a 10.7.0.2 "$@" && [ "$(rx)" -ge $((before + 3)) ] &&
		[ "$(path_value a "$path_a" rx_packets)" -ge 3 ]
}
for version in 4 6; do
	case $version in
	4) a=192.0.2.1 b=192.0.2.2 ;;
	6) a=[2001:db8::1] b=[2001:db8::2] ;;
	esac
	path_a=$(path a r $a:5000 $b:5000 $version)
	path_r=$(path r a $b:5000 $a:5000 $version)
	expect "IPv$version: a path carries what comes by the bridge" carries
	for machine in a r; do
		ip_on $machine link set wg0 mtu 1500
	done
	expect "IPv$version: in fragments, too" carries -s 1472
	for machine in a r; do
		ip_on $machine link set wg0 mtu 1420
	done
done
# A relay on r, whose client is a, and whose peer is c.
datagrams=$netns_dir/lib/datagrams
KERNEL_SOURCE=$("$project/tools/kernel-source")
export KERNEL_SOURCE
channels=()
start echo c "$datagrams" echo 192.0.2.3:7000
start echo6 c "$datagrams" echo '[2001:db8::3]:7000'
wait_for says echo listening
wait_for says echo6 listening
allocation=$(allocate 192.0.2.2:3478 192.0.2.1:5001)
channels+=("$(bind_channel "$allocation" 0x4001 192.0.2.2:60001 192.0.2.3:7000)")
expect "a relay's channel does, both ways" \
	on a "$datagrams" send 192.0.2.1:5001 192.0.2.2:3478 50 1000,2000 0x4001
allocation=$(allocate '[2001:db8::2]:3478' '[2001:db8::1]:5001')
channels+=("$(bind_channel "$allocation" 0x4001 '[2001:db8::2]:60001' '[2001:db8::3]:7000')")
expect "with IPv6, too" \
	on a "$datagrams" send '[2001:db8::1]:5001' '[2001:db8::2]:3478' 50 1000,2000 0x4001
expect "in the kernel" [ "$(forwarded "${channels[@]}" | sort -u)" = "100 150000 100 150000" ]

# Endpoints of a path, but the address is that of c.
path_r=$(path r a 192.0.2.3:5000 192.0.2.1:5000 1)
start sink c "$datagrams" sink 192.0.2.3:5000
wait_for says sink listening
message=04000000$(printf %056x 7)$(printf %040x 8)
on a "$netns_dir/lib/forge" eth0 192.0.2.1:5000 192.0.2.3:5000 "$message"
expect "what is only bridged is not taken" wait_for grep -qx "$message" "$logs/sink.log"
expect "nor counted" [ "$(rx)" = 0 ]
