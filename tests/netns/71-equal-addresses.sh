#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Two networks on one machine have the same addresses: of two peers, of a peer and this node itself.
# The status of both says which interface has the address. So it does when something else has an
# address of this node.
#
#	a (home, work), b (home), c (work)	(lib/networks.sh)
#
# shellcheck source=tests/netns/lib.sh
. "$(dirname "$0")/lib.sh"
begin
two_networks
own4()
{
	status_in "$1" "$2" '.addresses[] | select(contains(".")) | split("/")[0]'
}
b4=$(own4 b home)
eventually "a reaches b" pings a "$b4"

# c_gets ADDRESS
c_gets()
{
	local hex

	# shellcheck disable=SC2086
	hex=$(printf %02x ${1//./ })
	stop server-work
	on workserver sqlite3 /var/lib/wgmesh/server/server.db \
		"UPDATE nodes SET address = x'$hex' WHERE hostname = 'c'"
	serve work 203.0.113.2
	eventually "c has the address $1" c_is_known_by "$1"
}
c_is_known_by()
{
	status_in a work ".peers[0].addresses | contains([\"$1\"])"
}
c_gets "$b4"
# shared NETWORK OTHER, misses NETWORK OTHER: what the status of NETWORK says of OTHER's interface
shared()
{
	status_in a "$1" '.peers[0] | select(has("route_error") | not) | .route_shared' |
		grep -F "$b4 is also an address of a peer of the interface wgm-$2; wgm-$1 has"
}
misses()
{
	status_in a "$1" '.peers[0] | select(has("route_shared") | not) | .route_error' |
		grep -F "$b4 is also an address in the network of the interface wgm-$2"
}
eventually "the network that came second says who has the address" misses work home
expect "the first says that it has it" shared home work
expect "a reaches b there" pings a "$b4"
for both in "home work" "work home"; do
	read -r first second <<<"$both"
	expect "for people, too: $first" grep -F "of a peer of the interface wgm-$second" \
		<(mesh a "$first" status -d)
	expect "$first is left" mesh a "$first" down
	eventually "now $second has the address" \
		status_in a "$second" '.peers[0] | (has("route_error") or has("route_shared")) | not'
	eventually "a reaches its peer there" pings a "$b4"
	expect "and is joined again" mesh a "$first" up
	eventually "$first misses the address" misses "$first" "$second"
	expect "$second says that it has it" shared "$second" "$first"
done

a4=$(own4 a home)
c_gets "$a4"
local_address()
{
	status_in a work '.peers[0].route_error' | grep -F "$a4 is an address of this machine itself"
}
eventually "a peer that has the address of this machine" local_address
expect "is said in the other network, too" grep -F "$a4 is also an address of a peer" \
	<(status_in a home .address_shared)
expect "packets to it stay here" pings a "$a4"

expect "nothing else has it" status_in a home 'has("address_error") | not'
ip_on a address add "$a4/24" dev eth0
says_eth0()
{
	status_in a home .address_error | grep -F "an address of the interface eth0"
}
eventually "something else has it: said" says_eth0
expect "and logged" grep -F "an address of the interface eth0" "$logs/meshd-a-home.log"
ip_on a address del "$a4/24" dev eth0
eventually "until it has not" status_in a home 'has("address_error") | not'
