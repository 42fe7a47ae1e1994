#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Both ends have programmed a path through the relay, and nothing comes back on it: neither says that
# it is relayed.
#
#	a ── NAT ──┬── NAT ── b
#	         server, which is the relay
#
# shellcheck source=tests/netns/lib.sh
. "$(dirname "$0")/lib.sh"
begin
two_homes symmetric symmetric
relay_host server 203.0.113.1 --kernel require

# what the relay forwards is ChannelData
for nat in a-nat b-nat; do
	on $nat nft 'table inet cut { chain forward { type filter hook forward priority filter
		udp sport 3478 @th,64,8 0x40-0x7f drop
	}
}'
done
members server a b

# probed MACHINE: it has tried the path in use often enough to know
probed()
{
	status "$1" '.peers | length > 0 and
		all(.paths | any(.selected and .kind == "relay" and .probes_sent >= 10))'
}
for machine in a b; do
	eventually "$machine has a path that nobody answers" probed $machine
	expect "it does not say that it works" \
		status $machine '.peers[0].state | . != "relayed" and . != "direct"'
done
for nat in a-nat b-nat; do
	on $nat nft delete table inet cut
done
eventually "answered: a is relayed" is_relayed a b
eventually "and so is b" is_relayed b a
eventually "a reaches b" pings a "$(overlay b)"
