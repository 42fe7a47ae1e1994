# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# shellcheck disable=SC2154
#
# Relays by themselves: the machines around one, and the kernel's part of one, on the machine r,
# programmed without its daemon.
#
#	allocation=$(allocate 192.0.2.1:3478 192.0.2.2:5000)
#	channel=$(bind_channel "$allocation" 0x4001 203.0.113.1:40001 203.0.113.2:7000)

# client_relay_peer: the machines of most scenarios of a relay by itself
#
#	c eth0 ─────────── eth0 r eth1 ─────────── eth0 p
#	192.0.2.2        192.0.2.1   203.0.113.1        203.0.113.2
#	2001:db8:1::2         ...1   2001:db8:3::1             ...2
client_relay_peer()
{
	machine c r p
	wire c eth0 r eth0
	wire p eth0 r eth1
	address c eth0 192.0.2.2/24 2001:db8:1::2/64
	address r eth0 192.0.2.1/24 2001:db8:1::1/64
	address r eth1 203.0.113.1/24 2001:db8:3::1/64
	address p eth0 203.0.113.2/24 2001:db8:3::2/64
}

# endpoint_json ENDPOINT
endpoint_json()
{
	local address=${1%:*}

	case $1 in
	\[*) address=${address#[} address=${address%]}
		printf '{"address6":"%s","port":%s}' "$address" "${1##*:}" ;;
	*) printf '{"address4":"%s","port":%s}' "$address" "${1##*:}" ;;
	esac
}

request()
{
	on r "$netns_dir/netlink/client.py" do "$@"
}

# allocate LOCAL CLIENT [LIFETIME_MS [RATE]]: prints the number
allocate()
{
	request allocation-set "{\"local\":$(endpoint_json "$1"),\"client\":$(endpoint_json "$2"),
		\"lifetime-ms\":${3:-600000},\"rate\":${4:-0}}" | gojq .id
}

# channel_json ALLOCATION NUMBER RELAYED PEER LIFETIME_MS
channel_json()
{
	echo "{\"allocation\":$1,\"number\":$(($2)),\"relayed\":$(endpoint_json "$3"),
		\"peer\":$(endpoint_json "$4"),\"lifetime-ms\":$5}"
}

# bind_channel ALLOCATION NUMBER RELAYED PEER [LIFETIME_MS]: prints the number in the kernel
bind_channel()
{
	request channel-set "$(channel_json "$1" "$2" "$3" "$4" "${5:-600000}")" | gojq .id
}

# forwarded ID...: prints the datagrams and bytes to the peer, and those to the client
forwarded()
{
	request channel-get $(printf '{"id":%s} ' "$@") | gojq -r '"\(."to-peer-packets") " +
		"\(."to-peer-bytes") \(."to-client-packets") \(."to-client-bytes")"'
}
