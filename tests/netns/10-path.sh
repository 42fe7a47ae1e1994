#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# The path layer, from the beginning: WireGuard with virtual endpoints reaches its peer
# over IPv4 and over IPv6, and sees nothing of it.
#
#	a ─────── r ─────── b	(lib/line.sh)
#
# Kernels: all
#
# shellcheck source=tests/netns/lib.sh
. "$(dirname "$0")/lib.sh"
begin
line
attach_both

expect "without a path nothing gets through" not pings a 10.7.0.2 -W 1

for version in 4 6; do
	path_both $version 1$version
	expect "IPv$version underlay: IPv4 overlay, from a" pings a 10.7.0.2
	expect "IPv$version underlay: IPv4 overlay, from b" pings b 10.7.0.1
	expect "IPv$version underlay: IPv6 overlay, from a" pings a fd07::2
	expect "IPv$version underlay: IPv6 overlay, from b" pings b fd07::1
	expect "IPv$version underlay: TCP from a" copies a b 10.7.0.2
	expect "IPv$version underlay: TCP from b" copies b a fd07::1
	expect "IPv$version underlay: fragments inside, from a" pings a 10.7.0.2 -s 8000
	expect "IPv$version underlay: fragments inside, from b" pings b fd07::1 -s 8000
done

expect "WireGuard sees the endpoint it was given, on a" \
	[ "$(on a wg show wg0 endpoints | cut -f2)" = "${virtual_endpoint[a-b]}" ]
expect "WireGuard sees the endpoint it was given, on b" \
	[ "$(on b wg show wg0 endpoints | cut -f2)" = "${virtual_endpoint[b-a]}" ]
