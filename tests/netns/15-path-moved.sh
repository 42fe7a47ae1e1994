#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# A WireGuard interface in a namespace of its own, as containers have it: its socket stays
# where it was made, and so do its paths.
#
#	c wg0 ╌╌ a ─────── r ─────── b	(lib/line.sh)
#
# Kernels: all
#
# shellcheck source=tests/netns/lib.sh
. "$(dirname "$0")/lib.sh"
begin
line
machine c
attach_both
path_both 4 10
expect "before the move" pings a 10.7.0.2

ip_on a link set wg0 netns "$(netns c)"
address c wg0 10.7.0.1/24 fd07::1/64
ip_on c link set wg0 up
expect "moved: it works" pings c 10.7.0.2
expect "from the other end as well" pings b fd07::1
expect "TCP" copies c b 10.7.0.2 2
expect "TCP back" copies b c fd07::1 2
path_both 6 20
expect "paths are still programmed where the socket is" pings c 10.7.0.2
expect "the new one is taken" [ "$(path_value a "$path_a" tx_packets)" -gt 0 ]

start flood b ping -n -q -f 10.7.0.1
expect "the interface is deleted under traffic, where it is" ip_on c link delete wg0
gone()
{
	[ "$(on a meshctl device list --json | gojq '.devices | length')" = 0 ]
}
expect "and the module has let go of it" gone
kill_hard flood
