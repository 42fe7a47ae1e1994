#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Moving from one path to another loses nothing.
#
#	a ─────── r ─────── b	(lib/line.sh): one path over IPv4, one over IPv6
#
# Kernels: all
#
# shellcheck source=tests/netns/lib.sh
. "$(dirname "$0")/lib.sh"
begin
line
attach_both
path_both 4 10
path4_a=$path_a path4_b=$path_b
path_both 6 5
path6_a=$path_a path6_b=$path_b
expect "packets take a path" pings a 10.7.0.2
expect "the one with the higher priority, on a" [ "$(path_value a "$path4_a" selected)" = true ]
expect "the one with the higher priority, on b" [ "$(path_value b "$path4_b" selected)" = true ]
expect "the other one carried nothing" [ "$(path_value a "$path6_a" tx_packets)" = 0 ]
handshake=$(settled_handshake_of a b)

steady pings a 10.7.0.2
steady_goes_on pings
path_both 6 20
expect "another priority changes the selection" [ "$(path_value a "$path6_a" selected)" = true ]
expect "a path keeps its number" [ "$path_a $path_b" = "$path6_a $path6_b" ]
steady_goes_on pings
on a meshctl path remove "$path4_a"
on b meshctl path remove "$path4_b"
steady_goes_on pings
path_both 4 5
steady_goes_on pings
path_both 4 30
steady_goes_on pings
path_both 4 1
expect "switching and removing lost no ping" steady_lost_nothing pings
expect "WireGuard did not shake hands again" [ "$(handshake_of a b)" = "$handshake" ]

# Of two with the same priority the older one stays.
path_both 4 20
expect "the older path wins a tie" [ "$(path_value a "$path6_a" selected)" = true ]

# One end alone: what the other still sends on the old path arrives as well.
steady oneside a 10.7.0.2
path4_a=$(path a b $a4 $b4 40)
steady_goes_on oneside
expect "a sends on IPv4, b on IPv6, and nothing is lost" steady_lost_nothing oneside
expect "a: sends on IPv4" [ "$(path_value a "$path4_a" selected)" = true ]
expect "b: sends on IPv6" [ "$(path_value b "$path6_b" selected)" = true ]
