#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# A relay starts before its machine has an address, as it may at boot: it relays as soon as there is
# one. When its machine gets another address to relay from, its clients get theirs anew.
#
#	a ── NAT ── internet ── NAT ── b	symmetric, both
#	         server ┘ └ relay
#
# shellcheck source=tests/netns/lib.sh
. "$(dirname "$0")/lib.sh"
begin
segment internet
machine server relay
plug server eth0 internet 203.0.113.1/24
plug relay eth0 internet
machine a b
home a symmetric internet 203.0.113.10/24 10.1.0
home b symmetric internet 203.0.113.20/24 10.2.0
public_host server 203.0.113.1
on relay meshctl relay secret /var/lib/wgmesh/relay.secret >/dev/null
start relayd-relay relay mesh-relayd --secret-file /var/lib/wgmesh/relay.secret \
	--allow-peer 203.0.113.0/24 --drain-time 0
wait_for listens relay udp 3478
expect "it says that it relays for nobody yet" says relayd-relay 'relaying for nobody until'
relay_add server late relay 203.0.113.5
members server a b
# it is found at the one address, and reaches the internet from the other one
address relay eth0 203.0.113.5/24
address relay eth0 203.0.113.7/24
ip_on relay route add default via 203.0.113.1 src 203.0.113.7
eventually "it relays from the address that its machine gets" \
	says relayd-relay 'relaying from 203.0.113.7,'
eventually "and a reaches b through it" pings a "$(overlay b)"
expect "by the relay" is_relayed a b

# are_at ADDRESS: both relayed endpoints
are_at()
{
	local machine

	for machine in a b; do
		on "$machine" meshctl relay status --json | gojq -er '.relays[].relayed' |
			grep "^$1:" || return
	done
}
expect "by its address" are_at 203.0.113.7
address relay eth0 203.0.113.8/24
ip_on relay route replace default via 203.0.113.1 src 203.0.113.8
eventually "another address: it relays from that" says relayd-relay 'relaying from 203.0.113.8,'
expect "those who have the one before keep it while it is there" are_at 203.0.113.7
ip_on relay address del 203.0.113.7/24 dev eth0
eventually "it goes: they get the other one" are_at 203.0.113.8
eventually "and a reaches b" pings a "$(overlay b)"
expect "by the relay" is_relayed a b
