#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Packets reach a peer again that WireGuard has no session with: meshd has it shake hands, by taking
# the peer away and putting it back. That is nobody else's change.
#
#	a ── internet ── b
#	        └── server
#
# shellcheck source=tests/netns/lib.sh
. "$(dirname "$0")/lib.sh"
begin
internet server a b
public_host server 203.0.113.1
# lose WHAT: of what the two send each other
lose()
{
	incoming "ip saddr { 203.0.113.2, 203.0.113.3 } udp dport != 53 $1" a b
}
# all_are STATE: the paths of both
all_are()
{
	local machine

	for machine in a b; do
		status $machine ".peers[0].paths | length > 0 and all(.state == \"$1\")" || return
	done
}
# the types of the messages of a handshake
lose "@th,64,32 { 0x01000000, 0x02000000 } drop"
members server a b
eventually "probes pass, handshakes do not" all_are alive
begun()
{
	status a '.peers[0].wg_tx_bytes > 0' && status b '.peers[0].wg_tx_bytes > 0'
}
eventually "WireGuard has begun one" begun
expect "there is no session" not status a '.peers[0].last_handshake'
lose drop
eventually "nothing passes" all_are dead
lose accept
eventually "all passes: there is a session" pings a "$(overlay b)"
# who looks at the port looks at the peers, too
for machine in a b; do
	on $machine wg set wgmesh0 listen-port 4500
	eventually "what somebody else changed on $machine is told" \
		status $machine '.mended[] | select(.what == "wireguard")'
	expect "nobody else changed the peers" status $machine '[.mended[].what] | index("peers") | not'
done
