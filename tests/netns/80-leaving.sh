#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# A node leaves: for now while meshd does not run, and for good with the server there, without meshd,
# and without the server.
#
#	a ── internet ── b
#	        └── server
#
# shellcheck source=tests/netns/lib.sh
. "$(dirname "$0")/lib.sh"
begin
internet server a b
public_host server 203.0.113.1
members server a b
eventually "both reach each other" all_direct a b
key_of_a=$(status a .public_key)

# knows MACHINE: whether the server lists it
knows()
{
	on server meshctl server peer list --json | gojq -e ".peers | any(.hostname == \"$1\")"
} >/dev/null

has_interface()
{
	on "$1" ip link show wgmesh0
} >/dev/null 2>&1

has_state()
{
	[ -e "$lab/$1/state/default/state.json" ] || [ -e "$lab/$1/state/default/private-key" ]
}

is_alone()
{
	[ "$(status "$1" '.peers | length')" = 0 ]
}

says_left()
{
	grep -q '^left: ' <<<"$said"
}

# belongs_to_others: whether each file of the state of a is of the user that the directory is of
belongs_to_others()
{
	[ -z "$(find "$lab/a/state/default" ! -user 65534)" ]
}

kill_hard meshd-a
expect "a killed meshd leaves the interface" has_interface a
chown -R 65534:65534 "$lab/a/state/default"
expect "down without meshd" on a meshctl down
expect "the state stays its user's" belongs_to_others
chown -R 0:0 "$lab/a/state/default"
expect "the interface is gone" not has_interface a
expect "and no module knows of it" [ -z "$(on a meshctl device list | grep wgmesh0)" ]
node a
expect "the next meshd stays down" [ "$(status a .state)" = down ]
expect "with the same key" [ "$(status a .public_key)" = "$key_of_a" ]
expect "down twice is fine" on a meshctl down
expect "and up needs no join string" on a meshctl up
eventually "both reach each other again" all_direct a b

said=$(on a meshctl leave)
expect "a leaves for good" says_left
expect "the server has forgotten it" not knows a
expect "its interface is gone" not has_interface a
eventually "b has no such peer any more" is_alone b
expect "meshd runs on, in no network" [ "$(status a '"\(.state) \(.hostname)"')" = "down " ]
expect "with another key" [ "$(status a .public_key)" != "$key_of_a" ]
expect "leaving twice is told" not on a meshctl leave
expect "it joins as a new one" join a "$(setup_key server)"
eventually "and reaches b" all_direct a b

stop meshd-a
said=$(on a meshctl leave)
expect "leaving without meshd, that was up" says_left
expect "the server has forgotten it" not knows a
expect "its interface is gone" not has_interface a
expect "and its key" not has_state a
expect "down where there is nothing is told" not on a meshctl down

on b meshctl down
expect "b leaves while it is down" on b meshctl leave
expect "the server has forgotten it, too" not knows b
expect "b joins as a new one" join b "$(setup_key server)"

kill_hard server
said=$(on b meshctl leave 2>&1)
expect "b leaves without the server" says_left
expect "and says what is left to do there" grep -q 'meshctl server peer remove b' <<<"$said"
expect "its interface is gone" not has_interface b
mesh_server server 203.0.113.1
expect "for the server still lists it" knows b
