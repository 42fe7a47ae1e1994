#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# The largest packet that passes a path is measured, whatever routers on the way say or do not
# say; what is larger is sent in fragments that pass.
#
#	a ─────── r ─────── b	(lib/line.sh); r drops what is too large without a word
#
# Kernels: all
#
# shellcheck source=tests/netns/lib.sh
. "$(dirname "$0")/lib.sh"
begin
KERNEL_SOURCE=$("$project/tools/kernel-source")
export KERNEL_SOURCE
line
attach_both
probe_keys

# pmtu_is MACHINE ID BYTES
pmtu_is()
{
	[ "$(path_value "$1" "$2" pmtu_bytes)" = "$3" ]
}

# measured PATH BYTES: path4 or path6, on both
measured()
{
	local a=$1_a b=$1_b

	pmtu_is a "${!a}" "$2" && pmtu_is b "${!b}" "$2"
}

# large_ping SIZE [SECONDS]: a packet of that size inside, and back; it ends with the answer
large_ping()
{
	on a ping -n -q -c 1 -W "${2:-20}" -s $(($1 - 28)) 10.7.0.2
}

# ---- found, without a word from the router ----

narrow r 1400
path_both 4 10
path4_a=$path_a path4_b=$path_b
expect "without keys nothing is measured" pmtu_is a "$path4_a" null
expect "and what is too large is lost" not large_ping 1420 1
capture probes r eth0 "udp[8:4] = 0xd777676d and udp[4:2] != 52"
give_probe_keys a b
give_probe_keys b a
start talk a ping -n -i 0.2 -s 400 10.7.0.2
eventually "IPv4: found, in both directions" measured path4 1400
stop probes || :
expect "padded probes were sent" has_captured probes "udp[34] = 1"
expect "and their answers are small" not has_captured probes "udp[34] = 2"
expect "the route is what it was" [ "$(path_value a "$path4_a" mtu_bytes)" = 1500 ]
expect "what is larger arrives, in fragments" large_ping 1420
expect "TCP works" copies a b 10.7.0.2 2

path_both 6 5
path6_a=$path_a path6_b=$path_b
expect "the one over IPv6 is not used" not path_in_use a "$path6_a"
eventually "and measured before it is" measured path6 1400
expect "use it" on a meshctl path set "$path6_a" --policy force
on b meshctl path set "$path6_b" --policy force
expect "what is larger arrives there too" large_ping 1420
expect "TCP works there too" copies a b fd07::2 2

# ---- it changes ----

# large NAME: steady pings, each larger than the path ever is
large()
{
	steady "$1" a 10.7.0.2 -s 1392
}

large shrinks6
narrow r 1300
eventually "IPv6: it shrinks in use, and is found" measured path6 1300
expect "large packets go on" steady_goes_on shrinks6
kill_hard shrinks6
on a meshctl path set "$path6_a" --policy auto
on b meshctl path set "$path6_b" --policy auto
expect "the other path again" path_in_use a "$path4_a"
large shrinks4
eventually "IPv4: it is looked at when it is used" measured path4 1300
narrow r 1290
eventually "IPv4: it shrinks in use, and is found" measured path4 1290
expect "large packets go on" steady_goes_on shrinks4
narrow r 700
eventually "IPv4: even below what IPv6 needs" measured path4 700
expect "large packets go on" steady_goes_on shrinks4

widen r
ip_on a link set eth0 mtu 1490
eventually "the MTU of the route changes, and it is measured anew: all of that" \
	pmtu_is a "$path4_a" 1490
ip_on a link set eth0 mtu 1500
eventually "larger again" pmtu_is a "$path4_a" 1500
kill_hard shrinks4

# ---- routers that say so ----

# lie MTU: somebody who knows the endpoints makes it up
lie()
{
	on r "$project/tests/netns/lib/forge" eth0 "$a4" "$b4" --too-big 192.0.2.1 "$1"
}
lies()
{
	local mtu

	for mtu in 0 68 576 1280 1400 1499; do
		lie "$mtu" && steady_goes_on lied_to && pmtu_is a "$path4_a" 1500 || return
	done
}
steady lied_to a 10.7.0.2 -s 1392
expect "errors that are not true change nothing" lies
expect "not the route either" [ "$(path_value a "$path4_a" mtu_bytes)" = 1500 ]
expect "and lose nothing" steady_lost_nothing lied_to

large told
ip_on r link set eth1 mtu 1350
ip_on b link set eth0 mtu 1350
eventually "errors that are true are found to be" measured path4 1350
expect "large packets go on" steady_goes_on told
kill_hard told
ip_on r link set eth1 mtu 1500
ip_on b link set eth0 mtu 1500

# ---- through a relay ----

stop talk || :
on a meshctl path remove "$path4_a"
on a meshctl path remove "$path6_a"
on b meshctl path remove "$path4_b"
on b meshctl path remove "$path6_b"

# swallow BYTES: the link between the relay and b takes no larger packets
swallow()
{
	on b nft "table inet swallow
		delete table inet swallow
		table inet swallow { chain in { type filter hook prerouting priority -450
			iifname eth0 ip length > $1 drop
			iifname eth0 ip6 length > $(($1 - 40)) drop
		}
	}"
}

for version in 4 6; do
	client=a$version peer=b$version
	case $version in
	4) relay=192.0.2.1:3478 relayed=198.51.100.1:40001 ;;
	6) relay=[2001:db8:a::1]:3478 relayed=[2001:db8:b::1]:40001 ;;
	esac
	swallow 1500
	allocation=$(allocate "$relay" "${!client}")
	bind_channel "$allocation" 0x4001 "$relayed" "${!peer}" >/dev/null
	there=$(path a b "${!client}" "$relay" 1$version --channel 0x4001 --kind relay)
	back=$(path b a "${!peer}" "$relayed" 1$version)
	start "talk$version" a ping -n -i 0.2 -s 400 10.7.0.2
	eventually "IPv$version, relay: all of the route passes" pmtu_is a "$there" 1500
	eventually "IPv$version, relay: four bytes less for who does not know of the channel" \
		pmtu_is b "$back" 1496
	large "relayed$version"
	swallow 1390
	eventually "IPv$version, relay: what is lost behind it counts" pmtu_is a "$there" 1394
	swallow 1500
	ip_on r link set eth1 mtu 1320
	ip_on b link set eth0 mtu 1320
	eventually "IPv$version, relay: what it fragments counts" pmtu_is a "$there" 1324
	expect "IPv$version, relay: large packets go on" steady_goes_on "relayed$version"
	expect "IPv$version, relay: TCP works" copies a b 10.7.0.2 2
	kill_hard "relayed$version" "talk$version"
	ip_on r link set eth1 mtu 1500
	ip_on b link set eth0 mtu 1500
done
