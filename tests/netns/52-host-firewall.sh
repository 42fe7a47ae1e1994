#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Machines whose own firewall lets nothing in that it did not ask for are members without opening a
# port, and reach each other directly. What comes out of the private network is the firewall's to judge,
# as ever.
#
#	a (firewall) ──┐
#	b (firewall) ──┼── server
#	c ─────────────┘
#
# shellcheck source=tests/netns/lib.sh
. "$(dirname "$0")/lib.sh"
begin
internet server a b c
for name in a b; do
	on $name nft 'table inet firewall { chain input { type filter hook input priority filter; policy drop
		iif lo accept
		ct state established,related accept
	}
}'
	# packets have to come by the interface that the answer leaves by
	sysctl_on $name net.ipv4.conf.all.rp_filter=1 net.ipv4.conf.default.rp_filter=1 \
		net.ipv4.conf.eth0.rp_filter=1
done
public_host server 203.0.113.1
members server a b c

eventually "all are direct" all_direct a b c
expect "who is behind a firewall reaches c" reaches a c
expect "c does not reach behind it" not pings c "$(overlay a)" -W 2
for name in a b; do
	on $name nft add rule inet firewall input iifname wgmesh0 accept
done
expect "with a rule for the private network everything gets through" works_both_ways c a
expect "and between two with a firewall" works_both_ways a b
