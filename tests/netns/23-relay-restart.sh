#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# mesh-relayd is killed, and restarted, under traffic: the kernel goes on forwarding, the next
# process takes over what it finds, and the client notices nothing.
#
#	c ─────── r ─────── p
#
# Kernels: all
#
# shellcheck source=tests/netns/lib.sh
. "$(dirname "$0")/lib.sh"
begin
KERNEL_SOURCE=$("$project/tools/kernel-source")
export KERNEL_SOURCE

client_relay_peer

# relayd NAME [OPTION]...
relayd()
{
	start "$1" r mesh-relayd --listen 192.0.2.1:3478 --relay-address 203.0.113.1 \
		--user user:pw --realm test --allow-peer 203.0.113.0/24 --kernel require \
		--drain-time 0 "${@:2}"
	wait_for says "$1" "the kernel forwards the data"
	wait_for listens r udp 3478
}

request()
{
	on r "$netns_dir/netlink/client.py" "$@"
}

# allocations: how many the kernel has
allocations()
{
	request dump allocation-get | gojq -s length
}

refreshes()
{
	local before

	before=$(grep -cx refreshed "$logs/steady.log") || :
	send steady USR1
	wait_for refreshed_more_than "$before"
}

refreshed_more_than()
{
	[ "$(grep -cx refreshed "$logs/steady.log")" -gt "$1" ] && ! says steady "not refreshed"
}

nobody_listens()
{
	! listens r udp 3478
}

start echo p "$netns_dir/lib/datagrams" echo 203.0.113.2:7000
wait_for says echo listening
relayd first
start steady c "$netns_dir/lib/turn-steady" 192.0.2.2:5000 192.0.2.1:3478 203.0.113.2:7000
wait_for says steady flowing
relayed=$(request dump channel-get | gojq -c .relayed)

# something in the kernel that nobody knows
: "$(request do allocation-set '{"local":{"address4":"192.0.2.1","port":3478},
	"client":{"address4":"192.0.2.2","port":5999},"lifetime-ms":600000}')"

kill_hard first
expect "killed: the kernel has the allocation and the unknown one" [ "$(allocations)" = 2 ]
relayd second
expect "the next process takes the allocation over" \
	wait_for says second "taken over from the kernel: 1 allocations"
expect "it removes what it does not know, and says so" \
	says second "removing the allocation of 192.0.2.2:5999 .*this program did not make it"
expect "in the kernel, too" [ "$(allocations)" = 1 ]
expect "with the same relayed address" [ "$(request dump channel-get | gojq -c .relayed)" = "$relayed" ]
expect "the client can refresh allocation, permission and channel" refreshes

send second INT
collect second
expect "restarted: the kernel still has it" [ "$(allocations)" = 1 ]
wait_for nobody_listens
relayd third
expect "the next process takes it over" \
	wait_for says third "taken over from the kernel: 1 allocations"
expect "the client can refresh again" refreshes

send steady INT
expect "no datagram was lost" collect steady
remark "$(tail -n 1 "$logs/steady.log")"
expect "what the client deletes is gone from the kernel" [ "$(allocations)" = 0 ]

start steady c "$netns_dir/lib/turn-steady" 192.0.2.2:5001 192.0.2.1:3478 203.0.113.2:7000
channel_is_there()
{
	[ "$(allocations)" = 1 ]
}
wait_for channel_is_there
stop third
expect "after a stop nothing stays in the kernel" [ "$(allocations)" = 0 ]
kill_hard steady
