#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Through the relay at first, then directly, and back when the direct path is cut: the relay
# is the safety net.
#
#	a ── NAT ──┬── NAT ── b
#	         server, which is the relay
#
# shellcheck source=tests/netns/lib.sh
. "$(dirname "$0")/lib.sh"
begin
segment internet
machine server a b
plug server eth0 internet 203.0.113.1/24
home a port-restricted internet 203.0.113.10/24 10.1.0
home b port-restricted internet 203.0.113.20/24 10.2.0
relay_host server 203.0.113.1 --kernel require
key=$(setup_key server --reusable)

# sever, mend: between the two NATs, not to the server
sever()
{
	on a-nat nft 'table inet cut { chain forward { type filter hook forward priority filter
		ip saddr 203.0.113.20 drop
		ip daddr 203.0.113.20 drop
	}
}'
}
mend()
{
	on a-nat nft delete table inet cut
}

sever
node a b
join a "$key"
join b "$key"
eventually "while there is no other way, through the relay" is_relayed a b
wait_for is_relayed b a
steady ab a "$(overlay b)"
steady ba b "$(overlay a)"
mend
eventually "as soon as there is a direct path, directly" all_direct a b
expect "nothing was lost from a" steady_lost_nothing ab
expect "nothing was lost from b" steady_lost_nothing ba

kinds()
{
	status "$1" '[.peers[0].paths[].kind] | sort | join(" ")'
}
has_both()
{
	[ "$(kinds a)" = "direct relay" ] && [ "$(kinds b)" = "direct relay" ]
}
eventually "the path through the relay is kept beside it" has_both

sever
eventually "when it is cut, through the relay again" is_relayed a b
eventually "on both ends" is_relayed b a
expect "and everything gets through" works_both_ways a b
mend
eventually "and directly when it is back" all_direct a b
