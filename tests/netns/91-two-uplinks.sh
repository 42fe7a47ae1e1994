#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# A node with two providers (Ethernet and a mobile one, say), each of which lets out only its own
# sources. It is direct; when the first line dies behind its router and what watches the lines takes
# the default route away, it goes on by the second one.
#
#	a ──┬── NAT one ──┐
#	    └── NAT two ──┴── internet ── b, server
#
# shellcheck source=tests/netns/lib.sh
. "$(dirname "$0")/lib.sh"
begin
segment internet
machine server a b one two
plug server eth0 internet 203.0.113.1/24
plug b eth0 internet 203.0.113.3/24
plug one wan internet 203.0.113.10/24
plug two wan internet 203.0.113.11/24
wire one lan a eth0
wire two lan a eth1
address one lan 10.1.0.1/24
address two lan 10.2.0.1/24
address a eth0 10.1.0.2/24
address a eth1 10.2.0.2/24
router one port-restricted 10.1.0.2
router two port-restricted 10.2.0.2
on one nft 'add table ip own; add chain ip own f { type filter hook forward priority -10; }; add rule ip own f iifname lan ip saddr != 10.1.0.0/24 counter drop'
on two nft 'add table ip own; add chain ip own f { type filter hook forward priority -10; }; add rule ip own f iifname lan ip saddr != 10.2.0.0/24 counter drop'
ip_on a route add default via 10.1.0.1 metric 100
ip_on a route add default via 10.2.0.1 metric 200
relay_host server 203.0.113.1
members server a b
b4=$(overlay b)
eventually "a reaches b somehow" pings a "$b4"
direct()
{
	is_direct a b && is_direct b a
}

# line_in_use: the provider by which the path leaves, "one" or "two"
line_in_use()
{
	case $(status a '.peers[0].paths[] | select(.selected and .kind == "direct") | .local') in
	10.1.*) echo one ;;
	10.2.*) echo two ;;
	*) return 1 ;;
	esac
}

# direct_by LINE
direct_by()
{
	direct && [ "$(line_in_use)" = "$1" ]
}

declare -A router=([one]=10.1.0.1 [two]=10.2.0.1) metric=([one]=100 [two]=200)

# works LINE: a path by it answers
works()
{
	status a "[.peers[0].paths[] | select(.kind == \"direct\" and .state == \"alive\") |
		.local | startswith(\"${router[$1]%.*}.\")] | any"
} >/dev/null

# dies LINE OTHER: behind its router, which is noticed later
dies()
{
	steady ab a "$b4"
	ip_on "$1" link set wan down
	eventually "the kernel finds out that line $1 is dead" not works "$1"
	ip_on a route del default via "${router[$1]}"
	eventually "by line $2 it goes on" pings a "$b4"
	kill_hard ab
	remark "$(steady_count ab 2>/dev/null) (sent, answered, lost, twice)"
	eventually "directly" direct_by "$2"
}

eventually "a and b are direct" direct
first=$(line_in_use)
[ "$first" = one ] && second=two || second=one
dies "$first" "$second"

# It is back, and then the other one dies.
ip_on "$first" link set wan up
ip_on a route add default via "${router[$first]}" metric "${metric[$first]}"
eventually "both lines are there, and it is direct" direct
both=$(line_in_use)
[ "$both" = one ] && other=two || other=one
dies "$both" "$other"
