#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# A node gets another address, of a network that leads nowhere else (a VPN's, say). Peers are offered
# it; but what works stays as it is: the allocation on the relay, the path to the peer. Then the two
# get a cable, which is better.
#
#	vpn ── a ── NAT ──┬── NAT ── b
#	       └╌╌╌╌╌╌╌╌╌╌│╌╌╌╌╌╌╌╌╌╌┘
#	                server, which is the relay
#
# shellcheck source=tests/netns/lib.sh
. "$(dirname "$0")/lib.sh"
begin
two_homes port-restricted port-restricted vpn
relay_host server 203.0.113.1 --kernel require --metrics 127.0.0.1:9641
members server a b

# over MACHINE: its ICE session has found the path that packets take, and has ended
over()
{
	status "$1" '.peers[0] | .state == "direct" and .ice.running == false and .ice.state == "ready"'
}
both_over()
{
	over a && over b
} >/dev/null

# ways: the paths of both, how often others were taken, and their allocations
ways()
{
	local machine

	for machine in a b; do
		status "$machine" '.peers[0] | [.switches, ([.paths[] | [.id, .local, .remote]] | sort)] | tojson'
		on "$machine" meshctl relay status --json | gojq -r '.relays[0] | .state, .relayed'
	done
}
allocations_made()
{
	on server /usr/bin/python3 -c '
import urllib.request
text = urllib.request.urlopen("http://127.0.0.1:9641/metrics", timeout=20).read().decode()
print([line for line in text.splitlines()
       if line.startswith("mesh_relayd_allocations_made_total{")])'
}
has_both_ways()
{
	status "$1" '[.peers[0].paths[] | .kind] | sort == ["direct", "relay"]'
}
both_have_both_ways()
{
	has_both_ways a && has_both_ways b
} >/dev/null
eventually "both are direct, and their ICE sessions are over" both_over
eventually "with a path through the relay in reserve" both_have_both_ways
before=$(ways) made=$(allocations_made)

# is_offered ADDRESS: a newer session of both has it, and is over
is_offered()
{
	status a ".peers[0].ice.local_candidates | any(contains(\" $1 \"))" &&
		status b ".peers[0].ice.remote_candidates | any(contains(\" $1 \"))" && both_over
} >/dev/null
steady ab a "$(overlay b)"
steady ba b "$(overlay a)"
wire vpn eth0 a vpn0
address a vpn0 10.77.0.2/24
eventually "b is offered a's other address" is_offered 10.77.0.2
expect "the paths and the allocations are those of before" [ "$(ways)" = "$before" ]
expect "no other allocation was made" [ "$(allocations_made)" = "$made" ]
ip_on a link del vpn0
changed()
{
	status a '.underlay.addresses == ["10.1.0.2"]'
} >/dev/null
eventually "it is gone again" changed
expect "the allocations are those of before" [ "$(allocations_made)" = "$made" ]
expect "nothing was lost from a" steady_lost_nothing ab
expect "nothing was lost from b" steady_lost_nothing ba

wire a eth1 b eth1
address a eth1 10.78.0.1/24
address b eth1 10.78.0.2/24
by_cable()
{
	[[ $(underlay a b) = 10.78.0.2:* && $(underlay b a) = 10.78.0.1:* ]]
}
eventually "what is better is taken" by_cable
eventually "and the sessions are over" both_over
expect "everything gets through" works_both_ways a b
expect "the allocations are those of before" [ "$(allocations_made)" = "$made" ]
