#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Kernels: all
#
# A second network on top of the mesh, as Kubernetes' and other VPNs' are: what it offers as a way to
# the peer leads through the mesh itself. Such a path is refused, or never used, and the good one
# stays.
#
#	a wg0 ═══ tunnels of many kinds over it ═══ wg0 b
#	  eth0 ──────────────────────────────────── eth0
#
# shellcheck source=tests/netns/lib.sh
. "$(dirname "$0")/lib.sh"
modprobe -a ip_gre
begin
machine a b
wire a eth0 b eth0
address a eth0 192.0.2.1/24
address b eth0 192.0.2.2/24
wireguard a 51820 10.7.0.1/24 fd07::1/64
wireguard b 51820 10.7.0.2/24 fd07::2/64
attach a
attach b
virtual_peer a b allowed-ips 10.7.0.0/24,fd07::/64
virtual_peer b a allowed-ips 10.7.0.0/24,fd07::/64
good=$(path a b 192.0.2.1:5000 192.0.2.2:5000 1)
path b a 192.0.2.2:5000 192.0.2.1:5000 1 >/dev/null
probe_keys
give_probe_keys a b
give_probe_keys b a
eventually "the good path is in use" pings a 10.7.0.2

# Told their interface, or not: then only the routes say where they lead. wg1 is a network of its
# own, which has no paths.
ip_both link add vxlan1 type vxlan id 1 local 10.7.0.ME remote 10.7.0.YOU dstport 4789 dev wg0
ip_both link add vxlan2 type vxlan id 2 local 10.7.0.ME remote 10.7.0.YOU dstport 4789
ip_both link add gre1 type gre local 10.7.0.ME remote 10.7.0.YOU dev wg0
ip_both link add gre2 type gretap local 10.7.0.ME remote 10.7.0.YOU key 2
ip_both link add br0 type bridge
ip_both link set gre2 master br0
ip_both link set gre2 up
ip_both link add link vxlan1 name vlan type vlan id 7
ip_both link set vxlan1 up
ip_both link add wg1 type wireguard
for machine in a b; do
	on $machine wg set wg1 listen-port 51821 private-key <(wg genkey)
done
outer_a=$(on a wg show wg1 public-key)
outer_b=$(on b wg show wg1 public-key)
on a wg set wg1 peer "$outer_b" endpoint 10.7.0.2:51821 allowed-ips 10.16.0.0/16
on b wg set wg1 peer "$outer_a" endpoint 10.7.0.1:51821 allowed-ips 10.16.0.0/16

good_one_stays()
{
	path_in_use a "$good" && [ "$(path_value a "$good" state)" = alive ]
}
is_dead_by_loop()
{
	[ "$(path_value a "$1" state) $(path_value a "$1" dead_reason)" = "dead loop" ]
}
refused()
{
	local said

	! said=$(path "$@" 2>&1) && [[ $said = *"it cannot carry one"* ]]
}
number=10
for kind in vxlan1 vxlan2 gre1 br0 vlan wg1; do
	number=$((number + 1))
	ip_both address add "10.$number.0.ME/24" dev $kind
	ip_both link set $kind up
	path b a "10.$number.0.2:5000" "10.$number.0.1:5000" 50 >/dev/null
	bad[number]=$(path a b "10.$number.0.1:5000" "10.$number.0.2:5000" 50)
done
for kind in vxlan1 gre1 vlan; do
	expect "$kind: refused when it is asked for" refused a b 10.7.0.1:6000 10.7.0.2:6000 50 \
		--interface $kind
done
expect "wg0: likewise" refused a b 10.7.0.1:6000 10.7.0.2:6000 50 --interface wg0
number=10
for kind in vxlan1 vxlan2 gre1 br0 vlan wg1; do
	number=$((number + 1))
	eventually "$kind: dead, for it leads into itself" is_dead_by_loop "${bad[number]}"
done
expect "the good path stays" good_one_stays
expect "and works" pings a 10.7.0.2

# It arises later: a good line becomes one over the mesh, and is a good one again.
wire a eth1 b eth1
address a eth1 198.51.100.1/24
address b eth1 198.51.100.2/24
later=$(path a b 198.51.100.1:5000 198.51.100.2:5000 60)
path b a 198.51.100.2:5000 198.51.100.1:5000 60 >/dev/null
eventually "another line is better" path_in_use a "$later"
ip_on a route add 198.51.100.2/32 dev vxlan2 src 198.51.100.1
eventually "until its route leads into the mesh" is_dead_by_loop "$later"
eventually "then the good one is in use" good_one_stays
expect "and works" pings a 10.7.0.2
ip_on a route del 198.51.100.2/32 dev vxlan2
alive_again()
{
	[ "$(path_value a "$later" state)" = alive ]
}
eventually "when that is over, it is alive again" alive_again
