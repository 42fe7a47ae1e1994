# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# shellcheck disable=SC2154
#
# What most scenarios of the path layer begin with: two nodes with a router between
# them, and WireGuard on both.
#
#   ┌──────────────────────┐   ┌───────────────────────┐   ┌──────────────────────┐
#   │ a                    │   │ r                     │   │ b                    │
#   │ wg0   10.7.0.1       │   │                       │   │ wg0   10.7.0.2       │
#   │       fd07::1        │   │                       │   │       fd07::2        │
#   │ eth0  192.0.2.2/24   ├───┤eth0               eth1├───┤ eth0 198.51.100.2/24 │
#   │       2001:db8:a::2  │   │ ...1               ...1│  │      2001:db8:b::2   │
#   └──────────────────────┘   └───────────────────────┘   └──────────────────────┘
#
# The endpoints of the paths are port 5000 of these addresses; WireGuard's own port is
# 51820.

a4=192.0.2.2:5000 b4=198.51.100.2:5000
a6=[2001:db8:a::2]:5000 b6=[2001:db8:b::2]:5000

line()
{
	machine a r b
	wire a eth0 r eth0
	wire r eth1 b eth0
	address r eth0 192.0.2.1/24 2001:db8:a::1/64
	address r eth1 198.51.100.1/24 2001:db8:b::1/64
	address a eth0 192.0.2.2/24 2001:db8:a::2/64
	address b eth0 198.51.100.2/24 2001:db8:b::2/64
	gateway a 192.0.2.1 2001:db8:a::1
	gateway b 198.51.100.1 2001:db8:b::1
	sysctl_on r net.ipv4.ip_forward=1 net.ipv6.conf.all.forwarding=1
	wireguard a 51820 10.7.0.1/24 fd07::1/64
	wireguard b 51820 10.7.0.2/24 fd07::2/64
}

# ip_both WORD...: the same words for ip(8) on both, with ME and YOU for 1 and 2 or 2 and 1
ip_both()
{
	local words=("$@")

	words=("${words[@]//ME/1}")
	ip_on a "${words[@]//YOU/2}"
	words=("${@//ME/2}")
	ip_on b "${words[@]//YOU/1}"
}

# attach_both: both get virtual peers, without paths yet
attach_both()
{
	attach a
	attach b
	virtual_peer a b allowed-ips 10.7.0.2/32,fd07::2/128
	virtual_peer b a allowed-ips 10.7.0.1/32,fd07::1/128
}

# path_both 4|6 PRIORITY: the path over IPv4 or IPv6, on both; the numbers go to $path_a
# and $path_b
path_both()
{
	local a=a$1 b=b$1

	path_a=$(path a b "${!a}" "${!b}" "$2")
	path_b=$(path b a "${!b}" "${!a}" "$2")
}
