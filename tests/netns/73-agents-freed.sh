#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Once the kernels of both ends hold the direct path, ICE is over: no socket, no checks. The path
# goes on without it, its port stays reserved, and what ends the path begins a new session.
#
#	a ── NAT ──┬── NAT ── b
#	         server, which is the relay
#
# Mostly waits
#
# shellcheck source=tests/netns/lib.sh
. "$(dirname "$0")/lib.sh"
begin
two_homes port-restricted port-restricted
relay_host server 203.0.113.1 --kernel require

# over MACHINE: its ICE session has ended, and packets take the path that it found
over()
{
	status "$1" '.peers[0] | .state == "direct" and .ice.running == false and .ice.state == "ready"'
}
both_over()
{
	over a && over b
}

# local_port MACHINE: that of its path in use
local_port()
{
	status "$1" '.peers[0].paths[] | select(.selected) | .local | split(":")[1]'
}

# udp_ports MACHINE ADDRESS: those that sockets are bound to there
udp_ports()
{
	on "$1" ss -Hnul src "$2" | awk '{ sub(".*:", "", $4); print $4 }' | sort -u | xargs
}

# takes_in_silence MACHINE ADDRESS PORT: what comes there is not answered by an ICMP error, which would
# be here before what is sent to oneself after it
takes_in_silence()
{
	on "$1" python3 -c 'import socket, sys
udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
udp.connect((sys.argv[1], int(sys.argv[2])))
own = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
own.bind((sys.argv[1], 0))
for i in range(3):
    udp.send(b"is anybody there?")
    own.sendto(b"done?", own.getsockname())
    own.recv(5)' "$2" "$3"
}

# what would be another one after a new session
session()
{
	status "$1" '.peers[0] | [.ice.local_candidates, .ice.remote_candidates, .switches,
		[.paths[].id]] | tojson'
}

held_for()
{
	status "$1" ".peers[0].paths[] | select(.selected) |
		.kind == \"direct\" and .state == \"alive\" and .state_age_ms > $2 * 1000"
}

members server a b
eventually "both are direct, and their ICE sessions are over" both_over
steady ab a "$(overlay b)"
steady ba b "$(overlay a)"
session_a=$(session a) session_b=$(session b)
port=$(local_port a)
has_port()
{
	[[ " $(udp_ports "$1" "$2") " = *" $3 "* ]]
}
expect "the port of a's path is left" has_port a 10.1.0.2 "$port"
expect "nobody is told that it is closed" takes_in_silence a 10.1.0.2 "$port"
expect "a port that nobody has is closed" not takes_in_silence a 10.1.0.2 9
expect "status has the candidates" \
	[ "$(status a '.peers[0].ice | [.local_candidates, .remote_candidates | length > 0] | all')" = true ]
# checks_sent: STUN from one NAT to the other since now; what goes to the server is none of it
on a-nat nft 'table inet checks { chain forward { type filter hook forward priority filter
		ip daddr 203.0.113.20 @th,96,32 0x2112a442 counter
		ip saddr 203.0.113.20 @th,96,32 0x2112a442 counter
	}
}'
checks_sent()
{
	on a-nat nft -j list table inet checks |
		gojq '[.nftables[].rule.expr // empty | .[].counter.packets // empty] | add'
}
# An ICE session whose checks are not answered fails after 30 s.
eventually "the path holds" held_for a 45
eventually "on both ends" held_for b 45
expect "no check was sent" [ "$(checks_sent)" = 0 ]
expect "a has begun nothing" [ "$(session a)" = "$session_a" ]
expect "nor has b" [ "$(session b)" = "$session_b" ]
expect "nothing was lost from a" steady_lost_nothing ab
expect "nothing was lost from b" steady_lost_nothing ba

sever_homes
eventually "the path is cut: through the relay" is_relayed a b
eventually "on both ends" is_relayed b a
works()
{
	pings a "$(overlay b)" && pings b "$(overlay a)"
}
expect "which works" works
failed_and_gone()
{
	status "$1" '.peers[0].ice | .error != null and .running == false'
}
eventually "a session that found nothing is over, too" failed_and_gone a
mend_homes
eventually "it is mended: directly" all_direct a b
eventually "and the sessions are over again" both_over
expect "everything gets through" works_both_ways a b

port=$(local_port a)
kill_hard server meshd-a
node a
expect "a, started again, keeps the port of the path that it finds there" \
	takes_in_silence a 10.1.0.2 "$port"
expect "while the server is away, directly" is_direct a b
expect "without ICE" [ "$(status a '.peers[0].ice.running')" = false ]
mesh_server server 203.0.113.1
eventually "with a session of ICE, which is over" over a
eventually "b's, too" over b
expect "everything gets through" works_both_ways a b
