#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Kernels: all
#
# WireGuard's packets are routed by a mark, as wg-quick has it for a default route: what is not
# marked goes into the tunnel. The mark is the device's: every path is probed by it before data took
# any, and another one is followed.
#
#	a ═══ two cables ═══ b		a: unmarked packets to wg0
#
# shellcheck source=tests/netns/lib.sh
. "$(dirname "$0")/lib.sh"
begin
machine a b
wire a eth0 b eth0
wire a eth1 b eth1
address a eth0 192.0.2.1/24 2001:db8::1/64
address b eth0 192.0.2.2/24 2001:db8::2/64
address a eth1 198.51.100.1/24
address b eth1 198.51.100.2/24
wireguard a 51820 10.7.0.1/24
wireguard b 51820 10.7.0.2/24
on a wg set wg0 fwmark 51820
attach a
attach b
mark_of_a()
{
	on a meshctl device list --json | gojq '.devices[0].mark'
}
expect "the module is told the mark" [ "$(mark_of_a)" = 51820 ]
virtual_peer a b allowed-ips 0.0.0.0/0,::/0
virtual_peer b a allowed-ips 10.7.0.1/32

# Without the mark the routes lead into wg0, with it to the two cables.
ip_on a route flush table main proto kernel dev eth0
ip_on a route flush table main proto kernel dev eth1
ip_on a -6 route flush table main proto kernel dev eth0
ip_on a route add 192.0.2.0/24 dev eth0 src 192.0.2.1 table 100
ip_on a route add 198.51.100.0/24 dev eth1 src 198.51.100.1 table 100
ip_on a -6 route add 2001:db8::/64 dev eth0 table 100
for family in -4 -6; do
	ip_on a $family route add default dev wg0 table 51820
	ip_on a $family rule add fwmark 51820 table 100 pref 100
	ip_on a $family rule add not fwmark 51820 table 51820 pref 200
done
first=$(path a b 192.0.2.1:5000 192.0.2.2:5000 10)
standby=$(path a b 198.51.100.1:5000 198.51.100.2:5000 5)
standby6=$(path a b '[2001:db8::1]:5000' '[2001:db8::2]:5000' 1)
path b a 192.0.2.2:5000 192.0.2.1:5000 10 >/dev/null
path b a 198.51.100.2:5000 198.51.100.1:5000 5 >/dev/null
path b a '[2001:db8::2]:5000' '[2001:db8::1]:5000' 1 >/dev/null

# Before there are probes, an MTU that a router tells is kept where the mark leads to.
on b "$netns_dir/lib/forge" eth0 192.0.2.1:5000 192.0.2.2:5000 --too-big 192.0.2.2 1300
mtu_is()
{
	[ "$(path_value a "$first" mtu_bytes)" = "$1" ]
}
eventually "an ICMP error is about the route of the mark" mtu_is 1300

probe_keys
give_probe_keys a b
give_probe_keys b a
alive()
{
	local id

	for id; do
		[ "$(path_value a "$id" state)" = alive ] || return
	done
}
eventually "all paths are alive, and no data was sent" alive "$first" "$standby" "$standby6"
expect "nor did a packet of WireGuard teach it" [ "$(path_value a "$first" tx_packets)" = 0 ]
expect "pings pass" pings a 10.7.0.2

# Another mark, and other routes for it: told by the next packet that WireGuard sends.
on a wg set wg0 fwmark 77
for family in -4 -6; do
	ip_on a $family rule add fwmark 77 table 100 pref 101
	ip_on a $family rule del fwmark 51820 table 100 pref 100
	ip_on a $family rule del not fwmark 51820 table 51820 pref 200
	ip_on a $family rule add not fwmark 77 table 51820 pref 200
done
eventually "another mark is followed" pings a 10.7.0.2
expect "by the device" [ "$(mark_of_a)" = 77 ]
eventually "and by the paths that carry nothing" alive "$first" "$standby" "$standby6"

for machine in a b; do
	on $machine nft -f - <<-END
	table inet cut {
		chain prerouting {
			type filter hook prerouting priority -1000
			iifname eth0 udp dport 5000 drop
		}
	}
	END
done
eventually "a standby path takes over when the first dies without a word" pings a 10.7.0.2
expect "it is in use" path_in_use a "$standby"
