#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# What containers, routers and DHCP servers do all day is no change of the network: nobody looks for
# new ways to the peers. The uplink has a name like the end of a container, and is offered; the
# bridge of the containers is not.
#
#	guest ── docker0 ── a ── veth0 ── internet ── b
#	                                     └── server
#
# shellcheck source=tests/netns/lib.sh
. "$(dirname "$0")/lib.sh"
begin
segment internet
machine server a b guest
plug server eth0 internet 203.0.113.1/24
plug b eth0 internet 203.0.113.3/24
plug a veth0 internet 203.0.113.2/24 2001:db8::2/64 203.0.113.7/24
ip_on a route add default via 203.0.113.9
ip_on a -6 route add default via fe80::9 dev veth0 proto ra expires 1800
ip_on a link add docker0 up type bridge
address a docker0 172.17.0.1/16
wire a vethe0f1 guest eth0
ip_on a link set vethe0f1 master docker0
public_host server 203.0.113.1
members server a b

offered()
{
	[ "$(status a '.underlay.addresses | sort | join(" ")')" = "$1" ]
}
wait_for all_direct a b
eventually "the uplink is offered, the bridge of the containers is not" \
	offered "2001:db8::2 203.0.113.2 203.0.113.7"

changes()
{
	grep -c 'the network changed' "$logs/meshd-a.log" || :
}
has_changed()
{
	[ "$(changes)" -gt "$before" ]
}
before=$(changes) path=$(path_ids a)

# An address fades, which shows that meshd has looked since, and is preferred again.
seen()
{
	ip_on a address change 203.0.113.7/24 dev veth0 preferred_lft 0 valid_lft 3600
	wait_for offered "2001:db8::2 203.0.113.2"
	ip_on a address change 203.0.113.7/24 dev veth0 preferred_lft forever valid_lft forever
	wait_for offered "2001:db8::2 203.0.113.2 203.0.113.7"
}
ip_on a -6 route change default via fe80::9 dev veth0 proto ra expires 900
seen
ip_on a route add default via 203.0.113.9 table 77
seen
ip_on a address change 2001:db8::2/64 dev veth0 valid_lft 3600 preferred_lft 1800
ip_on guest link set eth0 down
seen
for ((i = 0; i < 5; i++)); do
	ip_on a link add "veth$i.a" type veth peer name "veth$i.b"
	ip_on a link set "veth$i.a" up master docker0
	ip_on a link set "veth$i.b" up
done
seen
expect "none of that is a change" not has_changed
expect "and the path is what it was" [ "$(path_ids a)" = "$path" ]
ip_on a address add 203.0.113.8/24 dev veth0
eventually "another address is one" has_changed
eventually "and the way is direct" all_direct a b
