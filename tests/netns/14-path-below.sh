#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# What may lie below a path: whatever kind of interface its packets leave through, they
# arrive, and are delivered by the path layer at the other end.
#
#	a wg0 ╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌ wg0 b
#	  KIND ─ eth0 ─── eth0 ─ KIND
#
# Kernels: all
#
# shellcheck source=tests/netns/lib.sh
. "$(dirname "$0")/lib.sh"
modprobe -a ipip ip_gre # which give every namespace an interface of their own
begin
machine a b
wire a eth0 b eth0
address a eth0 192.0.2.1/24 2001:db8::1/64
address b eth0 192.0.2.2/24 2001:db8::2/64
wireguard a 51820 10.7.0.1/24
wireguard b 51820 10.7.0.2/24
attach_both

# works WHAT ADDRESS_OF_A ADDRESS_OF_B [OPTION]...: a path between them, with these options,
# carries all traffic
works()
{
	local path_a path_b

	path_a=$(path a b "$2:5000" "$3:5000" 1 "${@:4}")
	path_b=$(path b a "$3:5000" "$2:5000" 1 "${@:4}")
	expect "$1: ping" pings a 10.7.0.2
	expect "$1: TCP" copies a b 10.7.0.2 1
	expect "$1: TCP back" copies b a 10.7.0.1 1
	expect "$1: the path took it" [ "$(path_value b "$path_b" rx_packets)" -gt 800 ]
	expect "$1: and back" [ "$(path_value a "$path_a" rx_packets)" -gt 800 ]
	on a meshctl path remove "$path_a"
	on b meshctl path remove "$path_b"
}

# over KIND NUMBER [OPTION]...: gives the new interface its addresses, and makes paths over it
over()
{
	ip_both address add "10.$2.0.ME/24" dev "$1"
	ip_both address add "fd00:$2::ME/64" dev "$1"
	ip_both link set "$1" up
	works "$1, IPv4" "10.$2.0.1" "10.$2.0.2" "${@:3}"
	works "$1, IPv6" "[fd00:$2::1]" "[fd00:$2::2]" "${@:3}"
}

ip_both link add link eth0 name vlan type vlan id 7
over vlan 1

ip_both link add link eth0 name macvlan type macvlan mode bridge
over macvlan 2

ip_both link add vxlan type vxlan id 7 local 192.0.2.ME remote 192.0.2.YOU dstport 4789
over vxlan 3

ip_both link add ipip type ipip local 192.0.2.ME remote 192.0.2.YOU
ip_both address add 10.4.0.ME/24 dev ipip
ip_both link set ipip up
works "ipip, IPv4" 10.4.0.1 10.4.0.2

ip_both link add gre type gre local 192.0.2.ME remote 192.0.2.YOU
over gre 5

ip_both link add vrf0 type vrf table 70
ip_both link set vrf0 up
ip_both link add link eth0 name vlan8 type vlan id 8
ip_both link set vlan8 master vrf0
over vlan8 6 --interface vlan8

# Another tunnel of WireGuard, which carries ours.
ip_both link add wg1 type wireguard
for machine in a b; do
	on $machine wg set wg1 listen-port 51821 private-key <(wg genkey)
done
outer_a=$(on a wg show wg1 public-key)
outer_b=$(on b wg show wg1 public-key)
on a wg set wg1 peer "$outer_b" endpoint 192.0.2.2:51821 allowed-ips 10.7.1.0/24,fd00:7::/64
on b wg set wg1 peer "$outer_a" endpoint 192.0.2.1:51821 allowed-ips 10.7.1.0/24,fd00:7::/64
ip_both address add 10.7.1.ME/24 dev wg1
ip_both address add fd00:7::ME/64 dev wg1
ip_both link set wg1 mtu 1400 up
works "another WireGuard, IPv4" 10.7.1.1 10.7.1.2
works "another WireGuard, IPv6" "[fd00:7::1]" "[fd00:7::2]"

# IPsec between the two nodes: a policy that demands it, both ways.
for version in 4 6; do
	case $version in
	4) end_a=192.0.2.1 end_b=192.0.2.2 ;;
	6) end_a=2001:db8::1 end_b=2001:db8::2 ;;
	esac
	for machine in a b; do
		case $machine in
		a) out=$end_a in=$end_b ;;
		b) out=$end_b in=$end_a ;;
		esac
		for pair in "$end_a $end_b" "$end_b $end_a"; do
			read -r src dst <<<"$pair"
			ip_on $machine xfrm state add src "$src" dst "$dst" proto esp spi 0x100$version \
				mode transport enc 'cbc(aes)' 0x000102030405060708090a0b0c0d0e0f \
				auth 'hmac(sha256)' 0x000102030405060708090a0b0c0d0e0f
		done
		ip_on $machine xfrm policy add src "$out" dst "$in" proto udp dir out \
			tmpl proto esp mode transport
		ip_on $machine xfrm policy add src "$in" dst "$out" proto udp dir in \
			tmpl proto esp mode transport
	done
done
capture esp a eth0 esp
works "IPsec, IPv4" 192.0.2.1 192.0.2.2
works "IPsec, IPv6" "[2001:db8::1]" "[2001:db8::2]"
stop esp || :
expect "IPsec, IPv4: it was encrypted" has_captured esp ip proto 50
expect "IPsec, IPv6: it was encrypted" has_captured esp ip6 proto 50
for machine in a b; do
	ip_on $machine link delete macvlan # which lets its interface be in no bridge
	ip_on $machine xfrm policy flush
	ip_on $machine xfrm state flush
done

# The interface itself becomes a port of a bridge, which takes its place.
ip_both link add bridge type bridge
ip_both link set eth0 master bridge
ip_both address flush dev eth0
ip_both address add 192.0.2.ME/24 dev bridge
ip_both address add 2001:db8::ME/64 dev bridge
ip_both link set bridge up
works "bridge, IPv4" 192.0.2.1 192.0.2.2
works "bridge, IPv6" "[2001:db8::1]" "[2001:db8::2]"
