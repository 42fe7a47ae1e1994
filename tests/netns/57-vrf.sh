#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Kernels: all
#
# Two customers, each in a VRF of n, have the same addresses. A path belongs to one of the two, and
# gets nothing of the other; and what has loopback addresses has to come by lo.
#
#	a eth0 ─── eth0 ┐ red
#	192.0.2.1       n 192.0.2.2 in red, blue and outside
#	b eth0 ─── eth1 ┤ blue
#	c eth0 ─── eth2 ┘
#
# shellcheck source=tests/netns/lib.sh
. "$(dirname "$0")/lib.sh"
begin
machine n a b c
table=100
for line in "red a eth0" "blue b eth1"; do
	read -r vrf machine interface <<<"$line"
	table=$((table + 1))
	ip_on n link add $vrf type vrf table $table
	ip_on n link set $vrf up
	wire $machine eth0 n $interface
	ip_on n link set $interface master $vrf
	address n $interface 192.0.2.2/24 2001:db8::2/64
	address $machine eth0 192.0.2.1/24 2001:db8::1/64
done
wire c eth0 n eth2
address n eth2 192.0.2.2/24
address c eth0 192.0.2.1/24
wireguard n 51820 10.7.0.1/24
wireguard a 51820 10.7.0.2/24
wireguard b 51820 10.7.0.3/24
attach a
attach b
attach n
virtual_peer n a allowed-ips 10.7.0.2/32
virtual_peer n b allowed-ips 10.7.0.3/32
declare -A id=()
for line in "a red" "b eth1"; do
	read -r machine interface <<<"$line"
	virtual_peer $machine n allowed-ips 10.7.0.1/32
	for version in 4 6; do
		case $version in
		4) near=192.0.2.2:5000 far=192.0.2.1:5000 ;;
		6) near=[2001:db8::2]:5000 far=[2001:db8::1]:5000 ;;
		esac
		id[$machine$version]=$(path n $machine $near $far $version --interface $interface)
		path $machine n $far $near $version >/dev/null
	done
done
rx()
{
	path_value n "${id[$1]}" rx_packets
}
for version in 4 6; do
	[ $version = 4 ] && for machine in a b; do
		# IPv6 has the higher priority
		on n meshctl path set "${id[${machine}6]}" --policy forbid >/dev/null
	done
	[ $version = 6 ] && for machine in a b; do
		on n meshctl path set "${id[${machine}6]}" --policy force >/dev/null
	done
	expect "IPv$version: pings to a" pings n 10.7.0.2
	before=$(rx b$version)
	expect "IPv$version: again, and b's path gets nothing of it" pings n 10.7.0.2
	expect "IPv$version: what came was a's" [ "$(rx b$version)" = "$before" ]
	expect "IPv$version: pings to b" pings n 10.7.0.3
done

# From outside of both, with the same endpoints.
message=04000000$(printf %056x 7)$(printf %040x 8)
start sink n "$netns_dir/lib/datagrams" sink 192.0.2.2:5000
wait_for listens n udp 5000
before=$(rx a4)/$(rx b4)
on c "$netns_dir/lib/forge" eth0 192.0.2.1:5000 192.0.2.2:5000 "$message"
expect "what comes by no VRF goes to the socket" wait_for grep -qx "$message" "$logs/sink.log"
expect "and not to the paths" [ "$(rx a4)/$(rx b4)" = "$before" ]

# A path without an interface takes what comes by a VRF when a socket would.
outside=$(path n a 192.0.2.2:6000 192.0.2.1:6000 0)
took_outside()
{
	[ "$(path_value n "$outside" rx_packets)" = "$1" ]
}
on a "$netns_dir/lib/forge" eth0 192.0.2.1:6000 192.0.2.2:6000 "$message"
expect "a path outside takes nothing of a VRF" pings n 10.7.0.2
expect "as its counters say" took_outside 0
sysctl_on n net.ipv4.udp_l3mdev_accept=1
on a "$netns_dir/lib/forge" eth0 192.0.2.1:6000 192.0.2.2:6000 "$message"
eventually "but with udp_l3mdev_accept, as sockets do" took_outside 1

# Loopback addresses. The stack would take them from the wire, for it was told so.
sysctl_on n net.ipv4.conf.all.route_localnet=1 net.ipv4.conf.eth2.route_localnet=1 \
	net.ipv4.conf.all.rp_filter=0 net.ipv4.conf.eth2.rp_filter=0
inside=$(path n a 127.0.0.1:7000 127.0.0.1:7001 0)
took_inside()
{
	[ "$(path_value n "$inside" rx_packets)" = "$1" ]
}
on c "$netns_dir/lib/forge" eth0 127.0.0.1:7001 127.0.0.1:7000 "$message"
on c "$netns_dir/lib/forge" eth0 192.0.2.1:5000 192.0.2.2:5000 "${message/%8/9}"
expect "what follows from the wire has arrived" \
	wait_for grep -qx "${message/%8/9}" "$logs/sink.log"
expect "loopback addresses from the wire are taken for nothing" took_inside 0
printf %b "$(sed 's/../\\x&/g' <<<"$message")" |
	on n socat -u - UDP4:127.0.0.1:7000,bind=127.0.0.1:7001
eventually "by lo they are a path's" took_inside 1

# The kernel forwards for relays outside of all VRFs.
on n mount -t cgroup2 none /sys/fs/cgroup
refused()
{
	local said

	! said=$(on n ip vrf exec red mesh-relayd --listen 192.0.2.2:3478 --user user:pw --realm test \
		--relay-address 192.0.2.2 --kernel require 2>&1) || return
	echo "$said"
	[[ $said = *"the sockets of this program belong to red"* ]]
}
expect "a relay in a VRF that has to have the kernel forward is told why not" refused
