#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# A server that lies gives a peer the address of a node's router, its resolver, of the node itself,
# or one that is not of the network: it is refused, told and logged. The node's own network goes on,
# and the peer stays reachable at the address that is right.
#
#	a ── a-nat ── internet ─┬─ b
#	(192.168.1.2, .1)       └── server (192.168.0.0/17)
#
# shellcheck disable=SC2154
# shellcheck source=tests/netns/lib.sh
. "$(dirname "$0")/lib.sh"
begin
internet server b
machine a
home a port-restricted internet 203.0.113.10/24 192.168.1
on a mkdir -p /run/systemd/resolve
on a sh -c 'echo nameserver 192.168.1.53 >/run/systemd/resolve/resolv.conf'
public_host server 203.0.113.1 --prefix 192.168.0.0/17
members server a b
eventually "a and b are direct" all_direct a b
b4=$(overlay b) b6=$(overlay b 6)
eventually "a reaches b" pings a "$b4"

# lie SQL: the server does, from its next start on
lie()
{
	stop server
	on server sqlite3 /var/lib/wgmesh/server/server.db "$1"
	mesh_server server 203.0.113.1
}
# gives ADDRESS: to b
gives()
{
	local hex

	# shellcheck disable=SC2086
	hex=$(printf %02x ${1//./ })
	lie "UPDATE nodes SET address = x'$hex' WHERE hostname = 'b'"
}
# b_is FILTER: of jq, on what a says of b
b_is()
{
	status a ".peers[] | select(.hostname == \"b\") | $1"
}
told()
{
	b_is .address_refused | grep -F "$1"
}

# refuses ADDRESS WHY
refuses()
{
	gives "$1"
	eventually "$1 is refused: $2" told "$1 is $2"
	expect "for people, too" grep -F "$1 is $2" <(on a meshctl status)
	expect "and logged" grep -F "to b is refused: $1 is $2" "$logs/meshd-a.log"
	expect "b has its other address alone" b_is ".addresses == [\"$b6\"]"
	expect "there is no route to the one that is refused" \
		not grep wgmesh <(ip_on a route get "$1")
	expect "a reaches b" pings a "$b6"
	expect "the network of a goes on" pings a 203.0.113.1
}
refuses 10.9.9.9 "not of 192.168.0.0/17 and"
expect "b does not take it either" grep -F "10.9.9.9 is not of" <(status b .address_refused)
refuses 192.168.1.1 "a router of this machine, by the interface eth0"
expect "a reaches its router" pings a 192.168.1.1
refuses 192.168.1.53 "a resolver of this machine"
refuses 192.168.1.2 "an address of this machine itself, of the interface eth0"
refuses 8.8.8.8 "not of 192.168.0.0/17 and"
lines()
{
	grep -c "to b is refused: $1 is" "$logs/meshd-a.log"
}
expect "each was logged once" [ "$(lines 192.168.1.53)" = 1 ]

stop meshd-a
kill_hard server
node a
expect "after a restart without the server, too" told "8.8.8.8 is not of"
mesh_server server 203.0.113.1
gives "$b4"
eventually "nothing is refused any more" b_is 'has("address_refused") | not'
eventually "a reaches b again" pings a "$b4"

ip_on a route add default via "$b4" dev eth0 onlink metric 77
eventually "a router that comes has the address of b" told "$b4 is a router of this machine"
ip_on a route del default metric 77
eventually "until it goes" b_is 'has("address_refused") | not'
eventually "a reaches b once more" pings a "$b4"

lie "UPDATE networks SET prefix = '192.168.0.0/16'"
says_prefixes()
{
	status a .network.prefixes_refused | grep -F "the network has 192.168.0.0/16 and"
}
eventually "other prefixes are refused" says_prefixes
expect "those of before are kept" status a '.network.prefixes[0] == "192.168.0.0/17"'
expect "a reaches b at that" pings a "$b4"
expect "the join string is given again" join a "$(setup_key server)"
expect "now they are taken" status a '.network | .prefixes[0] == "192.168.0.0/16" and
	(has("prefixes_refused") | not)'

key_b=$(status b .public_key)
expect "b is removed" on server meshctl server peer remove b
on b meshctl down
stop meshd-b
expect "its machine is set up anew" on b sh -c 'rm -r /var/lib/wgmesh/*'
node b
expect "and joins, with another key" join b "$(setup_key server)"
b_is_new()
{
	b_is ".key_changes[] | select(.what == \"b\" and .from == \"$key_b\" and .when > 0)"
}
eventually "a says that the name has another key" b_is_new
expect "for people, too" grep -F "b was that of the key $key_b" <(on a meshctl status)
expect "and logs it" grep -F "b was that of the key $key_b" "$logs/meshd-a.log"
