#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# A node that is removed, and does not hear of it, is out at the relay as well, whichever of the
# relay and the server was started again meanwhile; the others go on.
#
#	a ── NAT ──┬── NAT ── b
#	c ── NAT ──┤
#	         server, which is the relay
#
# shellcheck source=tests/netns/lib.sh
. "$(dirname "$0")/lib.sh"
begin
KERNEL_SOURCE=$("$project/tools/kernel-source")
export KERNEL_SOURCE
two_homes symmetric symmetric c
home c symmetric internet 203.0.113.30/24 10.3.0
relay_host server 203.0.113.1 --kernel require
members server a b c
for pair in a:b a:c b:c; do
	wait_for is_relayed "${pair%:*}" "${pair#*:}"
	wait_for is_relayed "${pair#*:}" "${pair%:*}"
done

# forwarded_for ADDRESS: how many allocations the kernel has of clients there
forwarded_for()
{
	on server "$netns_dir/netlink/client.py" dump allocation-get |
		gojq -s "map(select(.client.address4 == \"$1\")) | length"
}

# said_times N REGEX: whether the relay has said it so often
said_times()
{
	[ "$(grep -cE -- "$2" "$logs/relayd-server.log")" -ge "$1" ]
}

has_no_relay()
{
	on a meshctl relay status --json | gojq -e '.relays[0].relayed | not'
} >/dev/null

stays_out()
{
	expect "a, which asks again, is refused" wait_for said_times $(($1 + 1)) \
		"is refused: it is account"
	expect "the kernel forwards nothing for it" [ "$(forwarded_for 203.0.113.10)" = 0 ]
	expect "but for b" [ "$(forwarded_for 203.0.113.20)" = 1 ]
	expect "and for c" [ "$(forwarded_for 203.0.113.30)" = 1 ]
	eventually "a knows that it has no relay" has_no_relay
}
refused()
{
	grep -cE "is refused: it is account" "$logs/relayd-server.log" || :
}
told="nodes were removed from the network: 1 accounts are refused from now on"

expect "at first the kernel forwards for a" [ "$(forwarded_for 203.0.113.10)" = 1 ]
on a-nat nft 'table ip away { chain forward { type filter hook forward priority filter
	tcp dport 7443 drop
	tcp sport 7443 drop
	}
}'
steady bc b "$(overlay c)"
on server meshctl server peer remove a
expect "the relay is told, and ends what a has there" wait_for said_times 1 \
	"$told, 1 allocations have ended"
stays_out 0
expect "the server knows that" [ "$(on server meshctl relay list --json |
	gojq '.relays[0].untold')" = 0 ]

# ---- the relay is started again ----

before=$(refused)
send relayd-server INT
collect relayd-server
relay server 203.0.113.1 --kernel require
expect "the relay goes on with b and c" wait_for says relayd-server \
	"taken over from the kernel: 2 allocations"
expect "it is told again" wait_for said_times 2 "$told"
stays_out "$before"

# ---- both are, the server while the relay is away ----

before=$(refused)
send relayd-server INT
collect relayd-server
kill_hard server
mesh_server server 203.0.113.1
relay server 203.0.113.1 --kernel require
expect "it is told once more" wait_for said_times 3 "$told"
stays_out "$before"
expect "b and c went on all the time" steady_goes_on bc
expect "and lost nothing" steady_lost_nothing bc

# ---- back ----

on a-nat nft delete table ip away
join a "$(setup_key server)"
eventually "a node that joins again may use the relay again" is_relayed a b
expect "what its peers say is not taken for what they said before" \
	not says meshd-a "a box that was sent before"
