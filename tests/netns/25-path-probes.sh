#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Probes: a path that does not work is left at once, and used again when it does.
#
#	a ─────── r ─────── b	(lib/line.sh): one path over IPv4, one over IPv6
#
# The one over IPv4 is preferred. What is cut is cut on the router: the nodes see nothing of it.
#
# Kernels: all
#
# shellcheck source=tests/netns/lib.sh
. "$(dirname "$0")/lib.sh"
begin
line
attach_both

probe_keys

# peer_value MACHINE MEMBER: of its only peer
peer_value()
{
	on "$1" meshctl peer list --json | gojq -r ".peers[0].$2"
}

# path_is MACHINE ID STATE
path_is()
{
	[ "$(path_value "$1" "$2" state)" = "$3" ]
}

# both PATH STATE: path4 or path6, on both
both()
{
	local a=$1_a b=$1_b

	path_is a "${!a}" "$2" && path_is b "${!b}" "$2"
}

both_use()
{
	local a=$1_a b=$1_b

	path_in_use a "${!a}" && path_in_use b "${!b}"
}

# sever WORD...: the router does that with datagrams over IPv4, "drop" them for example
sever()
{
	on r nft "table ip severed { chain forward { type filter hook forward priority filter
		meta l4proto udp $*
	}
}"
}

mend()
{
	on r nft delete table ip severed
}

refused()
{
	local said

	! said=$(on a meshctl "${@:2}" 2>&1) && [[ $said == *"$1"* ]]
}

path_both 4 10
path4_a=$path_a path4_b=$path_b
path_both 6 5
path6_a=$path_a path6_b=$path_b
expect "without keys nothing is probed" both path4 untested
expect "but used" pings a 10.7.0.2
handshake=$(settled_handshake_of a b)

expect "a gets the keys" give_probe_keys a b
expect "b gets the keys" give_probe_keys b a
eventually "both paths are alive: IPv4" both path4 alive
eventually "both paths are alive: IPv6" both path6 alive
expect "there is a round-trip time" [ "$(path_value a "$path6_a" 'rtt_us > 0')" = true ]
expect "the preferred one is used" both_use path4

# ---- silently cut ----

# is_healed WORD...: of sever; a's reason to leave the path goes to $reason
is_healed()
{
	steady severed a 10.7.0.2
	sever "$@"
	wait_for both_use path6 && steady_goes_on severed && send severed INT && collect severed
	reason=$(peer_value a switch_reason)
	mend
}

# A path that failed some time ago is used again at once, one that failed often waits longer each
# time, and so does one between the same addresses. This one has not failed yet.
afresh()
{
	rounds=$((${rounds-0} + 1))
	a4=192.0.2.$((10 + rounds)):5000
	address a eth0 "${a4%:*}/32"
	on a meshctl path remove "$path4_a"
	on b meshctl path remove "$path4_b"
	path_both 4 10
	path4_a=$path_a path4_b=$path_b
	wait_for both_use path4
}

comes_back()
{
	steady back a 10.7.0.2
	wait_for both_use path4 && wait_for both path4 alive && steady_lost_nothing back
}

expect "cut both ways: over the other path" is_healed drop
expect "a knows why" [ "$reason" = lost ]
expect "when it is back it is used again, and nothing is lost" comes_back
afresh
expect "cut from a to b: over the other path" is_healed iifname eth0 drop
afresh
expect "cut from b to a: over the other path" is_healed iifname eth1 drop
expect "WireGuard did not shake hands again" [ "$(handshake_of a b)" = "$handshake" ]

# ---- said to be broken ----

afresh
expect "rejected with an ICMP error: over the other path" is_healed reject
expect "that is known, too" [ "$reason" = unreachable ]
afresh

# An error that is not true: as forged by somebody who knows the endpoints.
switches=$(peer_value a switches)
lies()
{
	local i

	for i in 1 2 3 4 5 6 7 8; do
		on r "$project/tests/netns/lib/forge" eth0 "$a4" "$b4" --unreachable 192.0.2.1 || return
		steady_goes_on lied_to || return
	done
}
steady lied_to a 10.7.0.2
expect "errors that are not true" lies
expect "change nothing" [ "$(peer_value a switches)" = "$switches" ]
expect "and lose nothing" steady_lost_nothing lied_to

# ---- the link ----

steady link a 10.7.0.2
addresses_lost()
{
	on a ip -4 address flush dev eth0
}
expect "all IPv4 addresses are taken away" addresses_lost
eventually "over the other path" path_in_use a "$path6_a"
expect "the link, says a" [ "$(peer_value a switch_reason)" = link ]
address a eth0 192.0.2.2/24 "${a4%:*}/32"
gateway a 192.0.2.1
eventually "back when they are" both_use path4
send link INT
collect link || :

# ---- what an operator wants ----

expect "force the other one" on a meshctl path set "$path6_a" --policy force
expect "it is used" path_in_use a "$path6_a"
expect "two cannot be forced" refused "another path of the peer is forced" path set "$path4_a" --policy force
expect "to the selector again" on a meshctl path set "$path6_a" --policy auto
expect "the preferred one" path_in_use a "$path4_a"
expect "forbid that" on a meshctl path set "$path4_a" --policy forbid
expect "the other one" path_in_use a "$path6_a"
expect "allow it" on a meshctl path set "$path4_a" --policy auto
expect "the preferred one again" path_in_use a "$path4_a"

expect "a pace that the kernel does not take is refused before" refused "10 ms to 30 s" device set wg0 --probe-standby 31s
expect "the longest one is taken" on a meshctl device set wg0 --probe-idle 30s
expect "and the usual one" on a meshctl device set wg0 --probe-idle 20s

# ---- selectors ----

expect "no selector of that name" refused "no selector has this name" peer set wg0 "${public_key[b]}" --selector best
expect "duplicate" on a meshctl peer set wg0 "${public_key[b]}" --selector duplicate
before=$(path_value b "$path6_b" rx_packets)
expect "it works" pings a 10.7.0.2
more_on_second()
{
	[ "$(path_value b "$path6_b" rx_packets)" -gt "$before" ]
}
expect "copies take the second path" more_on_second
expect "latency" on a meshctl device set wg0 --selector latency
expect "one's own goes before the device's" [ "$(peer_value a selector)" = duplicate ]
expect "back to failover" on a meshctl peer set wg0 "${public_key[b]}" --selector failover
expect "the copies end" [ "$(peer_value a second_path)" = null ]

# ---- forgeries ----

drops()
{
	on "$1" meshctl device list --json | gojq -r '.devices[0].drop_probe_packets'
}

# The first small request of a that passed the router, as hexadecimal digits.
capture probes r eth1 "udp src port 5000 and src host ${a4%:*} and udp[8:4] = 0xd777676d and
	udp[4:2] = 52"
probes_seen()
{
	[ "$(captured probes | grep -c 'UDP')" -ge 4 ]
}
start active a ping -n -i 0.05 10.7.0.2
wait_for probes_seen
request=$(tcpdump -n -r "$logs/probes.pcap" -c 1 -x 2>/dev/null | sed -n 's/^\s*0x[0-9a-f]*: *//p' |
	tr -d ' \n' | cut -c57-)

# dropped_more MACHINE COMMAND [ARGUMENT]...: a probe is dropped by the machine, and not answered
dropped_more()
{
	local before=$(drops "$1")

	"${@:2}" && wait_for drops_more_than "$1" "$before"
}

drops_more_than()
{
	[ "$(drops "$1")" -gt "$2" ]
}

send_to_b()
{
	on r "$project/tests/netns/lib/forge" eth1 "$a4" "$b4" "$1"
}

send_to_a()
{
	on r "$project/tests/netns/lib/forge" eth0 "$b4" "$a4" "$1"
}

expect "a request that is sent again is dropped" dropped_more b send_to_b "$request"
expect "sent back to where it came from, too" dropped_more a send_to_a "$request"
expect "with another sequence, too" dropped_more b send_to_b "${request:0:30}7${request:31}"
expect "with something behind it, too" dropped_more b send_to_b "${request}00"
expect "none of it made b ask back elsewhere" both path4 alive

# The module goes while probes are on their way, and comes back.
expect "the module can be removed meanwhile" unload_module
load_module
send active INT
collect active || :
