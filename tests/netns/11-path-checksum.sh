#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# What leaves a node is well-formed: with all checksum offloads off, the checksums are
# there and right, and a plain WireGuard at the other end understands it. What a bad
# cable damages does no harm.
#
#	a ─────── r ─────── b	(lib/line.sh)
#
# Kernels: all
#
# shellcheck source=tests/netns/lib.sh
. "$(dirname "$0")/lib.sh"
begin
line
for machine in a b; do
	on $machine ethtool -K eth0 tx off >/dev/null
done

# b is not attached: it has WireGuard alone, and learns from what a sends where a is.
attach a
virtual_peer a b allowed-ips 10.7.0.2/32,fd07::2/128
wg_peer b a allowed-ips 10.7.0.1/32,fd07::1/128

checksums_are_right()
{
	has_captured "$1" udp && ! captured "$1" -v | grep 'bad udp cksum'
}

no_checksum_errors()
{
	on "$1" nstat -asz UdpInCsumErrors Udp6InCsumErrors IpExtInCsumErrors |
		awk 'NR > 1 && $2 != 0 { print; bad = 1 } END { exit bad }'
}

for version in 4 6; do
	local_end=a$version remote_end=b$version
	capture wire$version r eth1 udp
	path a b "${!local_end}" "${!remote_end/5000/51820}" $version >/dev/null
	expect "IPv$version: plain WireGuard answers" pings a 10.7.0.2
	expect "IPv$version: it saw the local endpoint of the path" \
		[ "$(on b wg show wg0 endpoints | cut -f2)" = "${!local_end}" ]
	expect "IPv$version: TCP to plain WireGuard" copies a b 10.7.0.2 2
	expect "IPv$version: TCP from plain WireGuard" copies b a fd07::1 2
	stop wire$version || :
	expect "IPv$version: every checksum on the wire is right" checksums_are_right wire$version
	expect "IPv$version: b counted no bad checksum" no_checksum_errors b
done

# From now on every tenth packet arrives at b with a bit flipped, and at a too.
on r tc qdisc add dev eth0 root netem corrupt 10%
on r tc qdisc add dev eth1 root netem corrupt 10%
expect "damaged packets: TCP comes through" copies a b 10.7.0.2 1
expect "damaged packets: TCP comes back" copies b a 10.7.0.1 1
