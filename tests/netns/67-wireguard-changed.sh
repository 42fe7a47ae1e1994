#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Somebody changes with other tools what meshd made: WireGuard's port, key and peers, the name and
# the MTU of the interface. Nothing tells meshd of WireGuard; it looks.
#
#	a ── internet ── b
#	        └── server
#
# Mostly waits
#
# shellcheck source=tests/netns/lib.sh
. "$(dirname "$0")/lib.sh"
begin
internet server a b
public_host server 203.0.113.1
members server a b
eventually "the way is direct" all_direct a b
b4=$(overlay b)
eventually "pings pass" pings a "$b4"

# what is to stay as it is: all but when the last handshake was, and the counters
wireguard_of_a()
{
	on a wg show wgmesh0 dump | cut -f 1-4,8
}
before=$(wireguard_of_a)
as_before()
{
	[ "$(wireguard_of_a)" = "$before" ]
}
peer_b=$(on a wg show wgmesh0 peers)
# back WHAT: WireGuard is as it was, and a reaches b
back()
{
	eventually "$1: as before" as_before
	eventually "and a reaches b" pings a "$b4"
}
on a wg syncconf wgmesh0 /dev/null
back "wg syncconf with an empty file"
on a wg set wgmesh0 private-key <(wg genkey)
back "another private key"
on a wg set wgmesh0 listen-port 4500 peer "$peer_b" allowed-ips 192.0.2.0/24 \
	endpoint 203.0.113.9:9 preshared-key <(wg genpsk)
back "another port; another endpoint, other addresses and a key of its own for a peer"
mended()
{
	status a "[.mended[].what] | contains([\"wireguard\", \"peers\"])"
}
expect "status says so" mended

# An interface that is up keeps its name, before Linux 6.2 at least; meshd, which would put it up again
# at once, is held until that is done.
rename()
{
	send meshd-a STOP &&
		ip_on a link set wgmesh0 down &&
		ip_on a link set wgmesh0 name other0 &&
		send meshd-a CONT
}
expect "somebody takes it down and gives it another name" rename
eventually "the interface has its name again" on a ip link show wgmesh0 up
eventually "a reaches b by it" pings a "$b4"
mtu()
{
	[ "$(ip -n "$(netns a)" -json link show wgmesh0 | gojq '.[0].mtu')" = "$1" ]
}
ip_on a link set wgmesh0 mtu 1300
eventually "its MTU is what it was" mtu 1416
