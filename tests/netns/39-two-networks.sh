#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# One machine in two networks, each with a server of its own; and one that changes from one network
# to the other, which it leaves for nothing less.
#
#	a ──┬── internet ──┬── home-server, work-server
#	    │ (home, work) ├── b (home)
#	                   └── c (work)
#
# shellcheck source=tests/netns/lib.sh
. "$(dirname "$0")/lib.sh"
begin
segment internet
machine homeserver workserver a b c
plug homeserver eth0 internet 203.0.113.1/24
plug workserver eth0 internet 203.0.113.2/24
plug a eth0 internet 203.0.113.3/24
plug b eth0 internet 203.0.113.4/24
plug c eth0 internet 203.0.113.5/24
for name in home work; do
	address=203.0.113.1
	[ $name = home ] || address=203.0.113.2
	start relayd-$name ${name}server mesh-relayd --listen $address:3478
	start server-$name ${name}server mesh-server --state-dir /var/lib/wgmesh/server \
		--public-host $address --stun $address:3478 --network-name $name
	wait_for server_answers ${name}server
done

start meshd-a-home a meshd --network home
start meshd-a-work a meshd --network work
start meshd-b b meshd --network home
start meshd-c c meshd --network work

# mesh MACHINE NETWORK ARGUMENT...
mesh()
{
	on "$1" meshctl -n "$2" "${@:3}"
}
peer_address()
{
	mesh a "$1" status --json | gojq -er '.peers[0].addresses[0] | split("/")[0]'
}
connected()
{
	mesh a "$1" status --json | gojq -e '.peers[0].state == "direct"'
}
mesh_answers()
{
	{ mesh "$1" "$2" status --json || :; } | gojq -e .version
}
for pair in "a home" "a work" "b home" "c work"; do
	# shellcheck disable=SC2086
	wait_for mesh_answers $pair
	key=$(setup_key "${pair#* }server")
	# shellcheck disable=SC2086
	expect "${pair% *} joins ${pair#* }" mesh $pair up "$key"
done
for name in home work; do
	eventually "a is direct in the network $name" connected $name
	eventually "a reaches its peer there" pings a "$(peer_address $name)"
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
b_address=$(peer_address home)
elsewhere=$(setup_key workserver)
unknown=${elsewhere%/*/*}/$(setup_key homeserver | cut -d/ -f4)/${elsewhere##*/}
steady pings a "$b_address"
expect "b stays where it is when nobody listens elsewhere" \
	stays "${elsewhere/:7443/:7444}" 'cannot join at .*:7444'
expect "and when it is not let in" stays "$unknown" 'setup key'
expect "it is up" [ "$(mesh b home status --json | gojq -r .state)" = up ]
expect "and would be after a restart" \
	[ "$(on b gojq -r .server.host /var/lib/wgmesh/home/state.json)" = 203.0.113.1 ]
steady_goes_on pings
expect "nothing was lost" steady_lost_nothing pings
expect "b changes to the other network" mesh b home up "$elsewhere"
b_is_in_work()
{
	mesh a work status --json | gojq -e '.peers | map(select(.hostname == "b"))[0].state == "direct"'
}
eventually "a is direct to it there" b_is_in_work
expect "and not at its address in the network before" not pings a "$b_address"

expect "leaving one" mesh a home down
expect "leaves the other alone" pings a "$(peer_address work)"
