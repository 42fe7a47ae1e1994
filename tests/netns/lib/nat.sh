# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# shellcheck disable=SC2154
#
# Routers between a home and the public network. The types are the files in nat/,
# named after what RFC 4787 and its predecessors call them.

# router NAME TYPE INSIDE: the machine NAME, with interfaces "wan" and "lan", becomes
# a router of that type; INSIDE is the address of the machine that it forwards to, for
# the types that forward.
router()
{
	local name=$1 type=$2 inside=$3

	sysctl_on "$name" net.ipv4.ip_forward=1 net.ipv6.conf.all.forwarding=1
	on "$name" nft -I "$netns_dir/nat" -D "inside=$inside" -f "$netns_dir/nat/$type.nft"
}

# home MACHINE TYPE SEGMENT WAN/LENGTH LAN: a machine behind a router of its own
#
#	MACHINE eth0 ----------- lan MACHINE-nat wan --------- SEGMENT
#	      LAN.2/24       LAN.1/24           WAN/LENGTH
home()
{
	local machine=$1 type=$2 segment=$3 wan=$4 lan=$5 nat=$1-nat

	machine "$nat"
	plug "$nat" wan "$segment" "$wan"
	wire "$nat" lan "$machine" eth0
	address "$nat" lan "$lan.1/24"
	address "$machine" eth0 "$lan.2/24"
	gateway "$machine" "$lan.1"
	router "$nat" "$type" "$lan.2"
}

# two_homes TYPE-A TYPE-B [MACHINE...]: two homes, a public server, and the machines named
#
#	a ── a-nat ──┬── b-nat ── b
#	           server
two_homes()
{
	segment internet
	machine server a b "${@:3}"
	plug server eth0 internet 203.0.113.1/24
	home a "$1" internet 203.0.113.10/24 10.1.0
	home b "$2" internet 203.0.113.20/24 10.2.0
}

# sever_homes, mend_homes: between the two NATs, not to the server
sever_homes()
{
	on a-nat nft 'table inet cut { chain forward { type filter hook forward priority filter
		ip saddr 203.0.113.20 drop
		ip daddr 203.0.113.20 drop
	}
}'
}

mend_homes()
{
	on a-nat nft delete table inet cut
}

# home6 MACHINE SEGMENT WAN LAN: a machine with IPv6 behind a stateful firewall
#
#	MACHINE eth0 ----------- lan MACHINE-nat wan --------- SEGMENT (a router)
#	    LAN::2/64        LAN::1/64           WAN/64
home6()
{
	local machine=$1 segment=$2 wan=$3 lan=$4 nat=$1-nat

	machine "$nat"
	plug "$nat" wan "$segment" "$wan/64"
	wire "$nat" lan "$machine" eth0
	address "$nat" lan "$lan::1/64"
	address "$machine" eth0 "$lan::2/64"
	gateway "$machine" "$lan::1"
	gateway "$nat" "$(machine_address "$segment" switch -6)"
	ip_on "$segment" route add "$lan::/64" via "$wan"
	router "$nat" firewall "$lan::2"
}
