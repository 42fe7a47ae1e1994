# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# shellcheck disable=SC2154
#
# The kernel's relay on the machine r, programmed without its daemon.
#
#	allocation=$(allocate 192.0.2.1:3478 192.0.2.2:5000)
#	channel=$(bind_channel "$allocation" 0x4001 203.0.113.1:40001 203.0.113.2:7000)

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
		\"lifetime-ms\":${3:-600000},\"rate\":${4:-0}}" | jq .id
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
	request channel-set "$(channel_json "$1" "$2" "$3" "$4" "${5:-600000}")" | jq .id
}

# forwarded ID...: prints the datagrams and bytes to the peer, and those to the client
forwarded()
{
	request channel-get $(printf '{"id":%s} ' "$@") | jq -r '"\(."to-peer-packets") " +
		"\(."to-peer-bytes") \(."to-client-packets") \(."to-client-bytes")"'
}
