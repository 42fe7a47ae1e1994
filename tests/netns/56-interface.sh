#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Kernels: all
#
# A path that was told its interface: it leaves there although another line is the better one, lives
# and dies with it, and comes back with it. What is received may come by the other one.
#
#	  ┌─ eth0 ─── eth0 ┐
#	a ┤                r eth2 ─── eth0 b
#	  └─ eth1 ─── eth1 ┘
#
# shellcheck source=tests/netns/lib.sh
. "$(dirname "$0")/lib.sh"
begin
machine a r b
wire a eth0 r eth0
wire r eth2 b eth0
address r eth0 192.0.2.1/24 2001:db8:1::1/64
address r eth2 203.0.113.1/24 2001:db8:3::1/64
address a eth0 192.0.2.2/24 2001:db8:1::2/64
address b eth0 203.0.113.2/24 2001:db8:3::2/64
gateway b 203.0.113.1 2001:db8:3::1
sysctl_on r net.ipv4.ip_forward=1 net.ipv6.conf.all.forwarding=1 net.ipv4.conf.all.rp_filter=0
sysctl_on a net.ipv4.conf.all.rp_filter=0 net.ipv4.conf.default.rp_filter=0

# second_line: eth1, whose default routes are the worse ones
second_line()
{
	wire a eth1 r eth1
	address r eth1 198.51.100.1/24 2001:db8:2::1/64
	address a eth1 198.51.100.2/24 2001:db8:2::2/64
	ip_on a route add default via 198.51.100.1 dev eth1 metric 2000
	ip_on a route add default via 2001:db8:2::1 dev eth1 metric 2000
}
second_line
ip_on a route add default via 192.0.2.1 dev eth0 metric 100
ip_on a route add default via 2001:db8:1::1 dev eth0 metric 100

wireguard a 51820 10.7.0.1/24
wireguard b 51820 10.7.0.2/24
attach_both
on r nft -f - <<-END
table inet lines {
	counter eth0 { }
	counter eth1 { }
	chain forward {
		type filter hook forward priority filter
		iifname eth0 udp dport 5000 counter name eth0
		iifname eth1 udp dport 5000 counter name eth1
	}
}
END
# forwarded_by LINE: how many packets of paths came from it
forwarded_by()
{
	on r nft -j list counter inet lines "$1" | gojq '.nftables[].counter | select(.) | .packets'
}

for version in 4 6; do
	case $version in
	4) a=198.51.100.2 b=203.0.113.2 ;;
	6) a=[2001:db8:2::2] b=[2001:db8:3::2] ;;
	esac
	id[version]=$(path a b $a:5000 $b:5000 $version --interface eth1)
	far[version]=$(path b a $b:5000 $a:5000 $version)
	before=$(forwarded_by eth1)
	expect "IPv$version: pings pass" pings a 10.7.0.2
	expect "IPv$version: by the interface of the path" \
		[ $(($(forwarded_by eth1) - before)) -ge 3 ]
	expect "IPv$version: not where the better route leads" [ "$(forwarded_by eth0)" = 0 ]
done

ip_on r route add 198.51.100.2/32 via 192.0.2.2 dev eth0
ip_on r route add 2001:db8:2::2/128 via 2001:db8:1::2 dev eth0
expect "answers may come by the other line" pings a 10.7.0.2
ip_on r route del 198.51.100.2/32
ip_on r route del 2001:db8:2::2/128

probe_keys
give_probe_keys a b
give_probe_keys b a
is()
{
	[ "$(path_value a "${id[4]}" state) $(path_value a "${id[6]}" state)" = "$1 $1" ]
}
eventually "both are alive" is alive
ip_on a link set eth0 down
expect "the other line goes down: they stay" is alive
ip_on a link set eth0 up
ip_on r link set eth1 down
eventually "theirs has no link: they are dead" is dead

# Another interface of the same name, as one has that was unplugged.
index=$(path_value a "${id[4]}" ifindex)
ip_on a link delete eth1
ip_on a link add spare type dummy
second_line
eventually "it comes back: they live" is alive
expect "by another index" [ "$(path_value a "${id[4]}" ifindex)" != "$index" ]
expect "under the same numbers" pings a 10.7.0.2
ip_on a link set eth1 down
ip_on a link set eth1 name wan
ip_on a link set wan up
ip_on a route add default via 198.51.100.1 dev wan metric 2000
address a wan 2001:db8:2::2/64
ip_on a route add default via 2001:db8:2::1 dev wan metric 2000
eventually "it may get another name" is alive

# The same link-local addresses on both lines.
for line in eth0 wan; do
	ip_on a address add fe80::aa/64 dev $line nodad
done
for line in eth0 eth1; do
	ip_on r address add fe80::bb/64 dev $line nodad
done
wireguard r 51820 10.7.0.3/24
attach r
virtual_peer a r allowed-ips 10.7.0.3/32
virtual_peer r a allowed-ips 10.7.0.1/32
near=(eth0 wan) far=(eth0 eth1)
for i in 0 1; do
	here[i]=$(path a r '[fe80::aa]:6000' '[fe80::bb]:6000' $i --interface ${near[i]})
	there[i]=$(path r a '[fe80::bb]:6000' '[fe80::aa]:6000' $i --interface ${far[i]})
	expect "link-local, ${near[i]}: pings pass" pings a 10.7.0.3
	expect "link-local, ${near[i]}: and arrive there" \
		[ "$(path_value r "${there[i]}" rx_packets)" -ge 3 ]
done
expect "a path over one line has nothing of the other" \
	[ "$(path_value a "${here[1]}" rx_packets)" -lt 6 ]
