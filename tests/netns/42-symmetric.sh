#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Two nodes behind symmetric NATs, where no direct path exists: they reach each other through
# the relay at once, in the kernels of the nodes and of the relay.
#
#	a ── NAT ──┬── NAT ── b
#	         server, which is the relay
#
# shellcheck source=tests/netns/lib.sh
. "$(dirname "$0")/lib.sh"
begin
two_homes symmetric symmetric
relay_host server 203.0.113.1 --kernel require
key=$(setup_key server --reusable)
node a b

expect "a joins" join a "$key"
expect "b joins" join b "$key"
eventually "a reaches b through the relay" is_relayed a b
eventually "b reaches a through the relay" is_relayed b a
expect "everything gets through" works_both_ways a b
expect "the path in use leads to the relay" [ "$(underlay b a)" = 203.0.113.1:3478 ]
expect "status names the relay" \
	[ "$(status a '.peers[0].paths[] | select(.selected) | .relay')" = home ]
tells_why()
{
	[ "$(status a '.peers[0].why_relayed')" = "no pair of candidates works" ]
}
eventually "and says why there is no direct path" tells_why
expect "so does meshctl ping" [ "$(on a meshctl ping -c 1 b |
	grep -c 'via 203.0.113.1:3478 (relay home, not direct: .*)')" = 1 ]
expect "the relay of a is selected" \
	[ "$(on a meshctl relay status --json | gojq -r '.relays[0] | "\(.name) \(.state)"')" = "home selected" ]
expect "the MTU leaves room for the worst path" \
	[ "$(on a cat /sys/class/net/wgmesh0/mtu)" = 1416 ]
expect "and nothing is fragmented" pings a "$(overlay b)" -M do -s 1388

# ---- no data passes a program ----

udp_datagrams()
{
	on "$1" nstat -asz UdpInDatagrams | awk 'NR > 1 { print $2 }'
}
before="$(udp_datagrams server) $(udp_datagrams a) $(udp_datagrams b)"
on a ping -n -q -c 300 -i 0.005 "$(overlay b)"
after="$(udp_datagrams server) $(udp_datagrams a) $(udp_datagrams b)"
few_more()
{
	echo "sockets of server, a, b: before $1, after $2"
	paste <(tr ' ' '\n' <<<"$1") <(tr ' ' '\n' <<<"$2") |
		awk '$2 - $1 >= 100 { bad = 1 } END { exit bad }'
}
expect "600 messages pass the relay and the nodes, and their sockets see hardly one" \
	few_more "$before" "$after"

# ---- meshd is killed and started again ----

steady ab a "$(overlay b)"
kill_hard meshd-a
steady_goes_on ab
node a
eventually "a is back" is_relayed a b
new_path()
{
	[ "$(status a '[.peers[0].paths[] | select(.kind == "relay")] | length')" = 1 ] &&
		[ "$(status a '.peers[0].online')" = true ]
}
eventually "on a new allocation alone" new_path
expect "nothing was lost" steady_lost_nothing ab

steady ba b "$(overlay a)"
expect "it is stopped" stop meshd-a
steady_goes_on ba
node a
eventually "and back again" new_path
expect "nothing was lost either" steady_lost_nothing ba
