#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# An underlay without IPv4: two nodes, each behind a stateful firewall.
#
#	a ── firewall ── internet ── firewall ── b
#	                    └─ server
#
# shellcheck source=tests/netns/lib.sh
. "$(dirname "$0")/lib.sh"
begin
segment internet 2001:db8::ffff/64
machine server a b
plug server eth0 internet 2001:db8::1/64
gateway server 2001:db8::ffff
home6 a internet 2001:db8::10 2001:db8:1
home6 b internet 2001:db8::20 2001:db8:2
public_host server 2001:db8::1 --stun "[2001:db8::1]:3478"
key=$(setup_key server --reusable)
node a b
expect "a joins" join a "$key"
expect "b joins" join b "$key"

eventually "both are direct" all_direct a b
expect "over IPv6" [ "$(underlay a b | cut -c1-16)" = "[2001:db8:2::2]:" ]
expect "everything gets through" works_both_ways a b
