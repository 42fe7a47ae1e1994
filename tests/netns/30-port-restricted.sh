#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Two nodes, each behind a port-restricted NAT, find a direct path.
#
#	a ── NAT ──┬── NAT ── b
#	         server
#
# shellcheck source=tests/netns/lib.sh
. "$(dirname "$0")/lib.sh"
begin
segment internet
machine server a b
plug server eth0 internet 203.0.113.1/24
home a port-restricted internet 203.0.113.10/24 10.1.0
home b port-restricted internet 203.0.113.20/24 10.1.0
public_host server 203.0.113.1
key=$(setup_key server --reusable)
node a b

expect "a joins" join a "$key"
expect "b joins" join b "$key"
eventually "both are direct" all_direct a b
expect "a sends to b's NAT" [ "$(underlay a b | cut -d: -f1)" = 203.0.113.20 ]
expect "b sends to a's NAT" [ "$(underlay b a | cut -d: -f1)" = 203.0.113.10 ]
expect "everything gets through" works_both_ways a b
expect "meshctl ping names the path" \
	[ "$(on a meshctl ping -c 1 b | grep -c 'via 203.0.113.20:[0-9]* (direct)')" = 1 ]
expect "the private key of a is nobody else's to read" \
	[ "$(on a find /var/lib/wgmesh -name '*key*' -perm /077)" = "" ]
