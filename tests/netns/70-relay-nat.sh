#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# The NATs of a relayed pair forget their bindings, give other ports, have another address. The
# allocation moves with its client; the relayed endpoints stay, so that nobody has to be told.
#
#	a ── NAT ──┬── NAT ── b
#	         server, which is the relay
#
# shellcheck source=tests/netns/lib.sh
. "$(dirname "$0")/lib.sh"
begin
two_homes symmetric symmetric
relay_host server 203.0.113.1 --kernel require
members server a b
wait_for is_relayed a b
wait_for is_relayed b a
expect "everything gets through" works_both_ways a b

# relayed_endpoints: of both nodes, as they know them
relayed_endpoints()
{
	local machine

	for machine in a b; do
		on "$machine" meshctl relay status --json |
			gojq -r '.relays[] | select(.state == "selected") | .relayed'
	done
}
before=$(relayed_endpoints)

# clients_of_relay: the endpoints of its clients, as its kernel has them
KERNEL_SOURCE=$("$project/tools/kernel-source")
export KERNEL_SOURCE
clients_of_relay()
{
	on server "$netns_dir/netlink/client.py" dump allocation-get |
		gojq -r '"\(.client | .address4):\(.client.port)"' | sort
}
clients_are_others()
{
	[ "$(clients_of_relay | wc -l)" = 2 ] &&
		[ -z "$(comm -12 <(clients_of_relay) <(echo "$clients"))" ]
}

forget()
{
	on a-nat conntrack -F && on b-nat conntrack -F
}
other_ports()
{
	on a-nat nft "flush chain ip nat postrouting
		add rule ip nat postrouting meta l4proto udp oifname wan masquerade to :2000-9999
		add rule ip nat postrouting oifname wan masquerade" &&
		on a-nat conntrack --delete --proto udp
}
other_address()
{
	on a-nat ip -batch - <<-'END'
	address delete 203.0.113.10/24 dev wan
	address add 203.0.113.11/24 dev wan
	END
}

# How soon is measured by tools/bench/failover, where time is counted in instructions. Here the
# bound is what a busy machine needs at most: 5 s, where the lifetime of a channel is minutes.
for change in forget other_ports other_address; do
	steady ab a "$(overlay b)"
	steady ba b "$(overlay a)"
	expect "the NATs change: $change" $change
	expect "traffic goes on" steady_goes_on ab
	expect "in both directions" steady_goes_on ba
	expect "little of it was lost" steady_lost_at_most ab 1000
	expect "nor more from the other end" steady_lost_at_most ba 1000
	expect "through the relayed endpoints that were there" \
		[ "$(relayed_endpoints)" = "$before" ]
done
expect "a and b are relayed" is_relayed a b
expect "to each other" is_relayed b a

# Nobody speaks: what was forgotten is noticed all the same.
clients=$(clients_of_relay)
expect "both NATs forget while nobody speaks" forget
eventually "the allocations move" clients_are_others
expect "and keep their endpoints" [ "$(relayed_endpoints)" = "$before" ]
expect "and the first packets get through" pings a "$(overlay b)"
