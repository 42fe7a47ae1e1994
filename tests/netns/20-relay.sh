#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# The channels of a relay, programmed without its daemon: data goes through the kernel of r
# in both directions, between all combinations of IPv4 and IPv6, and between two clients.
#
#	c ──┐
#	    r ── p
#	d ──┘
#
# Kernels: all
#
# shellcheck source=tests/netns/lib.sh
. "$(dirname "$0")/lib.sh"
begin
KERNEL_SOURCE=$("$project/tools/kernel-source")
export KERNEL_SOURCE

machine c d r p
wire c eth0 r eth0
wire d eth0 r eth1
wire p eth0 r eth2
address c eth0 192.0.2.2/24 2001:db8:1::2/64
address r eth0 192.0.2.1/24 2001:db8:1::1/64
address d eth0 198.51.100.2/24 2001:db8:2::2/64
address r eth1 198.51.100.1/24 2001:db8:2::1/64
address p eth0 203.0.113.2/24 2001:db8:3::2/64
address r eth2 203.0.113.1/24 2001:db8:3::1/64

datagrams=$netns_dir/lib/datagrams

client_of[4]=192.0.2.2:5000 client_of[6]='[2001:db8:1::2]:5000'
server_of[4]=192.0.2.1:3478 server_of[6]='[2001:db8:1::1]:3478'
relayed_of[4]=203.0.113.1 relayed_of[6]='[2001:db8:3::1]'
peer_of[4]=203.0.113.2:7000 peer_of[6]='[2001:db8:3::2]:7000'

for version in 4 6; do
	start echo$version p "$datagrams" echo "${peer_of[version]}"
	wait_for says echo$version listening
done

# ---- one client, all combinations, with checksums left to the device and not ----

numbers=() requests=()
for version in 4 6; do
	allocation=$(allocate "${server_of[version]}" "${client_of[version]}")
	for to in 4 6; do
		for _ in on off; do
			number=$((0x4001 + ${#numbers[@]}))
			numbers+=($number)
			requests+=("$(channel_json "$allocation" $number \
				"${relayed_of[to]}:$((number + 34000))" "${peer_of[to]}" 600000)")
		done
	done
done
mapfile -t channels < <(request channel-set "${requests[@]}" | gojq .id)

for off in 0 1; do
	offload=(on off)
	for machine in c p; do
		on $machine ethtool -K eth0 tx ${offload[off]} >/dev/null
	done
	i=$off
	for version in 4 6; do
		for to in 4 6; do
			expect "IPv$version to IPv$to, checksum offload ${offload[off]}" \
				on c "$datagrams" send "${client_of[version]}" "${server_of[version]}" \
				200 32,200,1392 "${numbers[i]}"
			i=$((i + 2))
		done
	done
done
bytes=$((200 * (32 + 200 + 1392)))
all_forwarded()
{
	local counted

	counted=$(forwarded "${channels[@]}")
	echo "$counted"
	[ "$(sort -u <<<"$counted")" = "600 $bytes 600 $bytes" ]
}
expect "all of it passed the kernel, both ways" all_forwarded
no_checksum_errors()
{
	on "$1" nstat -asz UdpInCsumErrors Udp6InCsumErrors |
		awk 'NR > 1 && $2 != 0 { print; bad = 1 } END { exit bad }'
}
expect "c counted no bad checksum" no_checksum_errors c
expect "p counted no bad checksum" no_checksum_errors p

# ---- two clients of the same relay, through each other's relayed endpoints ----

one=$(allocate 192.0.2.1:3479 192.0.2.2:5001)
two=$(allocate '[2001:db8:2::1]:3479' '[2001:db8:2::2]:5001')
a=$(bind_channel "$one" 0x4000 203.0.113.1:60001 203.0.113.1:60002)
b=$(bind_channel "$two" 0x4fff 203.0.113.1:60002 203.0.113.1:60001)
# What d gets it sends back as it is, and so in its own channel.
start mirror d "$datagrams" echo '[2001:db8:2::2]:5001'
wait_for says mirror listening
capture inside r lo udp
expect "channel to channel" on c "$datagrams" send 192.0.2.2:5001 192.0.2.1:3479 200 1000 0x4000
# An echo is as large as what it answers, with its header.
expect "it passed the first channel" [ "$(forwarded "$a")" = "200 200000 200 200000" ]
expect "and the second one" [ "$(forwarded "$b")" = "200 200000 200 200000" ]
stop inside || :
expect "it did not leave the module" not has_captured inside

# ---- what is not data of a live channel is the daemon's ----

start daemon r "$datagrams" sink 192.0.2.1:3480
wait_for says daemon listening
three=$(allocate 192.0.2.1:3480 192.0.2.2:5003)
channel=$(bind_channel "$three" 0x4000 203.0.113.1:60003 203.0.113.2:7000)
hand()
{
	on c "$netns_dir/lib/forge" eth0 192.0.2.2:5003 192.0.2.1:3480 "$1"
}
handed()
{
	wait_for grep -qx "$1" "$logs/daemon.log"
}
hand 000100002112a442000102030405060708090a0b
expect "STUN" handed 000100002112a442000102030405060708090a0b
hand 4001000401020304
expect "a channel that is not bound" handed 4001000401020304
hand 40000004010203040000
expect "ChannelData with padding" handed 40000004010203040000
hand 4000000901020304
expect "ChannelData that says it is longer" handed 4000000901020304
hand 4000
expect "half a header" handed 4000
expect "nothing of that was forwarded" [ "$(forwarded "$channel")" = "0 0 0 0" ]

# ---- what contradicts itself ----

refused()
{
	local said

	! said=$(request "$2" "$3" 2>&1) && [[ $said = *"$1"* ]]
}
expect "a channel without an allocation is refused" refused "no allocation has this number" \
	channel-set "$(channel_json 4711 0x4000 203.0.113.1:60003 203.0.113.2:7000 1000)"
expect "no lifetime" refused "a lifetime is 1 millisecond to one day" \
	channel-set "$(channel_json "$three" 0x4000 203.0.113.1:60003 203.0.113.2:7000 0)"
expect "another peer for a bound channel" refused "the channel is bound to another peer" \
	channel-set "$(channel_json "$three" 0x4000 203.0.113.1:60003 203.0.113.2:7001 1000)"
expect "a second channel to the same peer" refused "another channel leads" \
	channel-set "$(channel_json "$three" 0x4001 203.0.113.1:60003 203.0.113.2:7000 1000)"
expect "a peer of another IP version" refused "different IP versions" \
	channel-set "$(channel_json "$three" 0x4002 203.0.113.1:60003 '[2001:db8:3::2]:7000' 1000)"

# ---- ends ----

request channel-del "{\"id\":$channel}"
hand 4000000401020304
expect "a channel that was removed is the daemon's at once" handed 4000000401020304
short=$(allocate 192.0.2.1:3481 192.0.2.2:5004)
: "$(bind_channel "$short" 0x4000 203.0.113.1:60004 203.0.113.2:7000)"
# Only now: however slow this is, the channel was bound in time.
: "$(allocate 192.0.2.1:3481 192.0.2.2:5004 1000)"
expired()
{
	! request allocation-get "{\"id\":$short}"
}
eventually "what is not renewed ends by itself" expired
no_channels()
{
	[ -z "$(on r "$netns_dir/netlink/client.py" dump channel-get |
		gojq "select(.allocation == $short)")" ]
}
expect "and its channels with it" no_channels

# ---- limits ----

slow=$(allocate 192.0.2.1:3482 192.0.2.2:5005 600000 1000)
: "$(bind_channel "$slow" 0x4000 203.0.113.1:60005 203.0.113.2:7000)"
expect "a flood over the limit does not come through" \
	not on c "$datagrams" send 192.0.2.2:5005 192.0.2.1:3482 100 1000 0x4000
expect "what was dropped is counted" \
	[ "$(request allocation-get "{\"id\":$slow}" | gojq '."drop-rate" > 0')" = true ]
