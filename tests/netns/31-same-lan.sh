#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Two nodes in one LAN behind one NAT talk to each other inside it.
#
#	a ──┐
#	    lan ── NAT ── internet ── server
#	b ──┘
#
# shellcheck source=tests/netns/lib.sh
. "$(dirname "$0")/lib.sh"
begin
segment internet
segment lan
machine server nat a b
plug server eth0 internet 203.0.113.1/24
plug nat wan internet 203.0.113.10/24
plug nat lan lan 10.1.0.1/24
plug a eth0 lan 10.1.0.2/24
plug b eth0 lan 10.1.0.3/24
gateway a 10.1.0.1
gateway b 10.1.0.1
router nat port-restricted 10.1.0.2
public_host server 203.0.113.1
members server a b

eventually "both are direct" all_direct a b
inside_the_lan()
{
	[ "$(underlay a b | cut -d: -f1)" = 10.1.0.3 ] && [ "$(underlay b a | cut -d: -f1)" = 10.1.0.2 ]
}
eventually "their packets stay in the LAN" inside_the_lan
expect "everything gets through" works_both_ways a b
