#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# A machine without a clock of its own starts again with one of the past: WireGuard of the other one
# takes no initiation of it, so that one has to begin, though it believes in the session that it has.
# Then the clock is set forward, as NTP does: a session that is alive stays.
#
#	a ── internet ── b
#	        └── server, which is the relay
#
# Mostly waits
#
# shellcheck source=tests/netns/lib.sh
. "$(dirname "$0")/lib.sh"
begin

may_set_clock
clock 86400

internet server a b
relay_host server 203.0.113.1
members server a b
eventually "the way is direct" all_direct a b

# handshake MACHINE: when the last one was, by its clock
handshake()
{
	status "$1" '.peers[0].last_handshake'
}
both_shook_hands()
{
	handshake a && handshake b
} >/dev/null
eventually "there is a session" both_shook_hands

# starts_again MACHINE CLOCK: its kernel knows nothing any more
starts_again()
{
	kill_hard "meshd-$1"
	ip_on "$1" link delete wgmesh0
	clock "$2"
	node "$1"
}

# shook_hands_anew MACHINE: since $before
shook_hands_anew()
{
	local now

	now=$(handshake "$1") && [ "$now" != "$before" ]
}

# The controlling node, which has the smaller key, has begun the first handshake: what it begins after
# that is refused until its clock is where it was. The other one begins the next, and has its turn.
key()
{
	status "$1" .public_key | base64 -d | od -An -v -tx1
}
first=a second=b
[[ $(key a) < $(key b) ]] || first=b second=a

# Nobody sends anything, which would make WireGuard find out by itself. Without that it begins no
# handshake while the one before is younger than 120 s (REKEY_AFTER_TIME).
set_to=86400
for pair in "$first $second 50000" "$second $first 60"; do
	read -r again other back <<<"$pair"
	before=$(handshake $other)
	expect "$again starts again, with a clock of the past" starts_again $again $back
	eventually "$other shakes hands with it" shook_hands_anew $other
	expect "before WireGuard would have" \
		[ $(($(handshake $other) - back - (before - set_to))) -lt 120 ]
	eventually "it has a session, too" handshake $again
	set_to=$back
done
b4=$(overlay b)
eventually "pings pass" pings a "$b4"

# by_relay STATE: the path of both through the relay, over which nothing goes
by_relay()
{
	local machine

	for machine in a b; do
		status $machine "[.peers[0].paths[] | select(.kind == \"relay\" and (.selected | not)) |
			.state] == [\"$1\"]" || return
	done
} >/dev/null

# relayed WHAT: of the data that the relay passes on
relayed()
{
	incoming "ip saddr 203.0.113.1 udp sport 3478 @th,64,2 1 $1" a b
}

# has_counted MACHINE: WireGuard has received all those pings, 128 bytes each, from a peer that it knows
has_counted()
{
	local answered

	read -r _ answered _ < <(steady_count ab)
	status "$1" ".peers[0].wg_rx_bytes >= $answered * 128"
}
eventually "another path is there" by_relay alive
steady ab a "$b4"
clock 3600
relayed drop
eventually "the clock is an hour ahead, and that path is lost" by_relay dead
relayed accept
eventually "it is there again" by_relay alive
expect "nothing was lost" steady_lost_nothing ab
expect "WireGuard of a has not forgotten b" has_counted a
expect "nor has that of b forgotten a" has_counted b
