#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# One machine in two networks, each with a server of its own, and in each of them once; and one that
# changes from one network to the other, which it leaves for nothing less.
#
#	a (home, work), b (home), c (work)	(lib/networks.sh)
#
# shellcheck source=tests/netns/lib.sh
. "$(dirname "$0")/lib.sh"
begin
two_networks
for name in home work; do
	eventually "a is direct in the network $name" \
		status_in a $name '.peers[0].state == "direct"'
	eventually "a reaches its peer there" pings a "$(peer_in a $name)"
done
expect "each has an interface of its own" \
	[ "$(on a wg show interfaces | wc -w)" = 2 ]
expect "each has a key of its own" \
	[ "$(on a wg show all public-key | cut -f2 | sort -u | wc -l)" = 2 ]

# stays JOIN-STRING REGEX: b cannot get in there, is told why, and where it is
stays()
{
	! mesh b home up "$1" >"$logs/stays" 2>&1 && grep -E "$2" "$logs/stays" &&
		grep "still in the network 'home'" "$logs/stays"
}
b_address=$(peer_in a home)
elsewhere=$(setup_key workserver)
unknown=${elsewhere%/*/*}/$(setup_key homeserver | cut -d/ -f4)/${elsewhere##*/}
steady pings a "$b_address"
expect "b stays where it is when nobody listens elsewhere" \
	stays "${elsewhere/:7443/:7444}" 'cannot join at .*:7444'
expect "and when it is not let in" stays "$unknown" 'setup key'
expect "it is up" [ "$(status_in b home .state)" = up ]
expect "and would be after a restart" \
	[ "$(on b gojq -r .server.host /var/lib/wgmesh/home/state.json)" = 203.0.113.1 ]
steady_goes_on pings
expect "nothing was lost" steady_lost_nothing pings
expect "b changes to the other network" mesh b home up "$elsewhere"
b_is_in_work()
{
	status_in a work '.peers | map(select(.hostname == "b"))[0].state == "direct"'
}
eventually "a is direct to it there" b_is_in_work
expect "and not at its address in the network before" not pings a "$b_address"

# refused NETWORK ARGUMENT...: there is an interface in that network already
refused()
{
	! mesh a again up "${@:2}" >"$logs/again" 2>&1 &&
		grep -F "in that network already, by the interface $1." "$logs/again"
}
# home_knows NUMBER: so many nodes
home_knows()
{
	[ "$(on homeserver meshctl server peer list --json | gojq '.peers | length')" = "$1" ]
}
start meshd-a-again a meshd --network again
wait_for status_in a again .version
key=$(setup_key homeserver)
nodes=$(on homeserver meshctl server peer list --json | gojq '.peers | length')
steady pings a "$(peer_in a work)"
expect "the network home is refused a second time" refused wgm-home "$key"
expect "there is no third interface" [ "$(on a wg show interfaces | wc -w)" = 2 ]
expect "its server was not asked to let it in" home_knows "$nodes"
steady_goes_on pings
expect "nothing was lost" steady_lost_nothing pings
expect "out of it, by the one" mesh a home down
expect "and into it, by the other, with the same setup key" mesh a again up "$key"
refused_home()
{
	! mesh a home up >"$logs/home" 2>&1 &&
		grep -F "in that network already, by the interface wgm-again." "$logs/home"
}
expect "now the first is refused" refused_home
says_why()
{
	status_in a home '.state == "error" and (.error | contains("wgm-again"))'
}
eventually "its status says why" says_why
kill_hard meshd-a-again
expect "one that crashed is in it all the same" refused_home
start meshd-a-again a meshd --network again
wait_for status_in a again .version
up_again()
{
	status_in a again '.state == "up" and .server.connected'
}
eventually "and goes on" up_again
expect "it leaves" mesh a again down
up_home()
{
	status_in a home '.state == "up" and .server.connected'
}
eventually "and the first comes in, by itself" up_home

expect "leaving one" mesh a home down
expect "leaves the other alone" pings a "$(peer_in a work)"
