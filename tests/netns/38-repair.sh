#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# What somebody breaks below meshd is repaired: the interface deleted, the module unloaded
# and loaded, the address of the node changed.
#
#	a ── internet ── NAT ── b
#	        └── server
#
# shellcheck source=tests/netns/lib.sh
. "$(dirname "$0")/lib.sh"
begin
internet server a
machine b
home b port-restricted internet 203.0.113.20/24 10.2.0
public_host server 203.0.113.1
members server a b
wait_for all_direct a b
address_b=$(overlay b)
eventually "the way is open" pings a "$address_b"

start flood a ping -n -q -f "$address_b"
expect "the interface is deleted under traffic" ip_on a link delete wgmesh0
interface_is_back()
{
	on a ip link show wgmesh0 up
}
eventually "meshd makes a new one" interface_is_back
eventually "and gets through again" pings a "$address_b"
kill_hard flood

start flood a ping -n -q -f "$address_b"
expect "the module is unloaded under traffic" unload_module
kill_hard flood
says_module()
{
	grep -q "modprobe wgmesh" <<<"$(on a meshctl status)"
}
eventually "meshctl says what is missing" says_module
expect "the module is loaded" load_module
eventually "meshd programs it anew" pings a "$address_b"

ip_on a address delete 203.0.113.2/24 dev eth0
ip_on a address add 203.0.113.3/24 dev eth0
eventually "a gets through with another address" pings a "$address_b"
new_address()
{
	[ "$(underlay b a | cut -d: -f1)" = 203.0.113.3 ]
}
eventually "b sends to the new address" new_address
