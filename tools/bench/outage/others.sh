# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# shellcheck disable=SC2154
#
# The black hole for other programs than ours: a is 10.7.0.1 and b 10.7.0.2 in their network,
# whose interface is "tunnel" on each.

# shellcheck source=tools/bench/outage/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

# They may take minutes.
patience_s=180
modprobe tun

has_tunnel()
{
	grep -q "inet " <<<"$(ip -n "$(netns "$1")" address show dev tunnel up)"
} 2>/dev/null

# Where they send directly, the router sees it.
count_way()
{
	on a-nat nft -f - <<-END
	table ip way {
		counter direct { }
		chain forward {
			type filter hook forward priority filter - 1
			ip daddr 203.0.113.20 udp length > 200 counter name direct
		}
	}
	END
}

direct_packets()
{
	on a-nat nft -j list counter ip way direct | gojq '.nftables[] | .counter.packets // empty'
}

# sends_directly: more than half of what is sent in a while
sends_directly()
{
	local before

	before=$(direct_packets)
	pause 0.5
	[ $(($(direct_packets) - before)) -gt 250 ]
}

# black_hole PROGRAM
black_hole()
{
	count_way
	wait_for on a ping -n -q -c 1 -W 1 10.7.0.2 >/dev/null
	traffic a b 10.7.0.1 10.7.0.2
	wait_for sends_directly
	settled plain
	mark
	sever a-nat "ip saddr 203.0.113.20,ip daddr 203.0.113.20" drop
	pause 1
	await plain
	traffic_ends
	value "black hole, both ways: outage" ms '' "$(worse 1 gap)"
}
