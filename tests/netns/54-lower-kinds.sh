#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Kernels: all
#
# A path over each kind of interface that may lie below, first as it is, then with netfilter looking
# into bridges, for most of them lie on one.
#
#	a eth0 ─── eth0 b	br0, and on it: vlan, macvlan, ipvlan, vrf, ipip, gre, vxlan
#	a eth1 ─── eth1 b	bond
#	a eth2 ─── eth2 b	team
#
# shellcheck source=tests/netns/lib.sh
. "$(dirname "$0")/lib.sh"
modprobe -a ipip ip_gre # which give every namespace an interface of their own
begin
machine a b
for i in 0 1 2; do
	wire a eth$i b eth$i
done
wireguard a 51820 10.7.0.1/24
wireguard b 51820 10.7.0.2/24
attach_both

kinds=()
# kind NAME [OPTION]...: the interface of that name, whose place in the table is its network; the
# options are those of the path
declare -A options=() network=()
kind()
{
	kinds+=("$1")
	network[$1]=10.$((20 + ${#kinds[@]})).0
	options[$1]=${*:2}
	ip_both address add "${network[$1]}.ME/24" dev "$1"
	ip_both link set "$1" up
}

# there WHAT MODULE: does the kernel have it?
there()
{
	modprobe -q "$2" || [ -d "/sys/module/$2" ] && return
	skip "$1" "this kernel has no $2"
	return 1
}

ip_both link add br0 type bridge
ip_both link set eth0 master br0
kind br0
ip_both link add link br0 name vlan type vlan id 7
kind vlan
ip_both link add link br0 name macvlan type macvlan mode bridge
kind macvlan
if there ipvlan ipvlan; then
	ip_both link add link br0 name vlan9 type vlan id 9
	ip_both link set vlan9 up
	ip_both link add link vlan9 name ipvlan type ipvlan mode l2
	kind ipvlan
fi
ip_both link add vrf0 type vrf table 70
ip_both link set vrf0 up
ip_both link add link br0 name vlan8 type vlan id 8
ip_both link set vlan8 master vrf0
kind vlan8 --interface vlan8
ip_both link add ipip type ipip local 10.21.0.ME remote 10.21.0.YOU
kind ipip
ip_both link add gre type gre local 10.21.0.ME remote 10.21.0.YOU
kind gre
ip_both link add vxlan type vxlan id 7 local 10.21.0.ME remote 10.21.0.YOU dstport 4789
kind vxlan
if there bond bonding; then
	ip_both link add bond type bond mode active-backup
	ip_both link set eth1 down
	ip_both link set eth1 master bond
	kind bond
fi
if ! type teamnl >/dev/null 2>&1; then
	skip team "without teamnl a team has no mode, and passes nothing on"
elif there team team && modprobe -q team_mode_roundrobin; then
	ip_both link add team type team
	for machine in a b; do
		on $machine teamnl team setoption mode roundrobin
	done
	ip_both link set eth2 down
	ip_both link set eth2 master team
	ip_both link set eth2 up
	kind team
fi

# carries KIND: a path over it takes what the pings are, both ways; it is gone afterwards
carries()
{
	local of=${network[$1]} path_a path_b

	# shellcheck disable=SC2086
	path_a=$(path a b "$of.1:5000" "$of.2:5000" 1 ${options[$1]}) &&
		path_b=$(path b a "$of.2:5000" "$of.1:5000" 1 ${options[$1]}) &&
		pings a 10.7.0.2 -W 5 &&
		[ "$(path_value a "$path_a" rx_packets)" -ge 3 ] &&
		[ "$(path_value b "$path_b" rx_packets)" -ge 3 ] &&
		on a meshctl path remove "$path_a" && on b meshctl path remove "$path_b"
}
for kind in "${kinds[@]}"; do
	expect "a path over $kind carries traffic" carries "$kind"
done
modprobe br_netfilter
expect "bridged packets pass netfilter" \
	[ "$(on b sysctl -n net.bridge.bridge-nf-call-iptables)" = 1 ]
for kind in "${kinds[@]}"; do
	expect "with br_netfilter: a path over $kind does" carries "$kind"
done
