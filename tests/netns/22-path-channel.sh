#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Paths through a relay: the kernel of a node puts WireGuard's messages into a channel, and
# takes them out of it.
#
#	a ─────── r ─────── b	(lib/line.sh); r is the relay
#
# Kernels: all
#
# shellcheck source=tests/netns/lib.sh
. "$(dirname "$0")/lib.sh"
begin
KERNEL_SOURCE=$("$project/tools/kernel-source")
export KERNEL_SOURCE
line
attach_both

relay_a4=192.0.2.1:3478 relay_b4=198.51.100.1:3478
relay_a6=[2001:db8:a::1]:3478 relay_b6=[2001:db8:b::1]:3478
relayed4=198.51.100.1 relayed6=[2001:db8:b::1]

carries()
{
	expect "$1: from a" pings a 10.7.0.2
	expect "$1: from b" pings b fd07::1
	expect "$1: TCP from a" copies a b 10.7.0.2
	expect "$1: TCP from b" copies b a fd07::1
	expect "$1: fragments inside" pings a 10.7.0.2 -s 8000
}

# ---- a uses a relay, b does not know that it is one ----

for version in 4 6; do
	client=a$version peer=b$version relay=relay_a$version relayed=relayed$version
	allocation=$(allocate "${!relay}" "${!client}")
	through=$(bind_channel "$allocation" 0x4001 "${!relayed}:40001" "${!peer}")
	there=$(path a b "${!client}" "${!relay}" 1$version --channel 0x4001 --kind relay)
	back=$(path b a "${!peer}" "${!relayed}:40001" 1$version)
	carries "IPv$version, channel to UDP"
	expect "IPv$version: the relay forwarded both ways" \
		[ "$(forwarded "$through" | awk '{ print ($1 > 100 && $3 > 100) }')" = 1 ]
	expect "IPv$version: the path has its channel" [ "$(path_value a "$there" channel)" = $((0x4001)) ]
	expect "IPv$version: and counts the messages as the other end does" \
		[ "$(path_value a "$there" tx_bytes)" = "$(path_value b "$back" rx_bytes)" ]
	[ $version = 6 ] || expect "the handshake was measured" [ "$(path_value a "$there" rtt_us)" != null ]
done

# ---- both are clients of the relay, one by IPv4, the other by IPv6 ----

one=$(allocate "$relay_a4" 192.0.2.2:5001)
two=$(allocate "$relay_b6" '[2001:db8:b::2]:5002')
first=$(bind_channel "$one" 0x4fff 192.0.2.1:40002 192.0.2.1:40003)
second=$(bind_channel "$two" 0x4000 192.0.2.1:40003 192.0.2.1:40002)
path a b 192.0.2.2:5001 "$relay_a4" 20 --channel 0x4fff --kind relay >/dev/null
id=$(path b a '[2001:db8:b::2]:5002' "$relay_b6" 20 --channel 0x4000 --kind relay)
capture inside r lo udp
carries "IPv4 to IPv6, channel to channel"
stop inside || :
expect "nothing of it left the relay's kernel on the way" not has_captured inside

# What a keep-alive adds between two looks is there at the next one.
passed_through()
{
	local counted

	counted=$(forwarded "$first" "$second")
	[ "$(head -n 1 <<<"$counted")" = \
		"$(tail -n 1 <<<"$counted" | awk '{ print $3, $4, $1, $2 }')" ]
}
eventually "what entered one channel left by the other" passed_through

# ---- what is no message of WireGuard in the channel is not WireGuard's ----

start other a "$netns_dir/lib/datagrams" sink 192.0.2.2:5001
wait_for says other listening
received=$(path_value a "$(on a meshctl path list --json | gojq '.paths[] | select(.channel == 20479) | .id')" rx_packets)
hand()
{
	on r "$netns_dir/lib/forge" eth0 192.0.2.1:3478 192.0.2.2:5001 "$1"
}
handed()
{
	wait_for grep -qx "$1" "$logs/other.log"
}
zeros=$(printf '%064d' 0)
hand "0101000c2112a442000102030405060708090a0b8022000800000000"
expect "STUN beside the channel goes to the socket" \
	handed "0101000c2112a442000102030405060708090a0b8022000800000000"
hand "4fff002004000001$zeros"
expect "data that is no message goes to the socket" handed "4fff002004000001$zeros"
hand "4fff002104000000$zeros"
expect "ChannelData that says it is longer" handed "4fff002104000000$zeros"
hand "4ffe002404000000$zeros"
expect "another channel" handed "4ffe002404000000$zeros"
hand "4fff"
expect "half a header" handed 4fff

# ---- how it is named ----

refused()
{
	local said

	! said=$(path a b "${@:2}" 2>&1) && [[ $said = *"$1"* ]]
}
expect "no such channel number" refused "0x4000 to 0x7fff" 192.0.2.2:5001 "$relay_a4" 1 --channel 3
expect "the same path again is the same path" \
	[ "$(path b a '[2001:db8:b::2]:5002' "$relay_b6" 20 --channel 0x4000 --kind relay)" = "$id" ]
expect "another channel is another path" \
	[ "$(path b a '[2001:db8:b::2]:5002' "$relay_b6" 1 --channel 0x4001 --kind relay)" != "$id" ]
