#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# A network that lets no UDP out: the node talks to its relay by TCP, or by TLS where only
# that gets through.
#
#	a ── NAT that drops UDP ──┬── NAT ── b
#	                        server, which is the relay
#
# shellcheck source=tests/netns/lib.sh
. "$(dirname "$0")/lib.sh"
begin
two_homes udp-blocked port-restricted
on server sh -c "umask 077; mkdir -p /var/lib/wgmesh
	openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj /CN=relay \
	-keyout /var/lib/wgmesh/relay.key -out /var/lib/wgmesh/relay.crt 2>/dev/null"
relay server 203.0.113.1 --kernel require --tls-cert /var/lib/wgmesh/relay.crt \
	--tls-key /var/lib/wgmesh/relay.key
mesh_server server 203.0.113.1 --relay-secret-file /var/lib/wgmesh/relay.secret
members server a b

transport_of()
{
	on "$1" meshctl relay status --json |
		gojq -r '.relays[] | select(.state == "selected") | .transport'
}
eventually "a reaches b" is_relayed a b
eventually "b reaches a" is_relayed b a
expect "everything gets through" works_both_ways a b
expect "a uses the relay beside the server by TCP" [ "$(transport_of a)" = tcp ]
expect "b uses UDP" [ "$(transport_of b)" = udp ]

# TLS is not what a server assumes of the relay beside it.
relay_add server home server 203.0.113.1 --transport udp,tcp,tls
on a-nat nft 'table inet firm { chain forward { type filter hook forward priority filter
	tcp dport 3478 reject with tcp reset
}
}'
on a meshctl down
on a meshctl up
eventually "where only TLS gets through, by TLS" is_relayed a b
expect "it says so" [ "$(transport_of a)" = tls ]
wait_for is_relayed b a
expect "and everything gets through" works_both_ways a b

on a-nat nft delete table inet blocked
by_udp()
{
	[ "$(transport_of a)" = udp ]
}
eventually "as soon as UDP gets through, by UDP" by_udp
eventually "and directly" all_direct a b
