#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Damaged packets by the thousand at what the kernel takes from the wire: channels of a relay, from client
# and peer, with IPv4 and IPv6, and a path. The seeds are in seeds/. The kernel says nothing, and
# goes on forwarding.
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
wireguard c 51820 10.7.0.1/24
wireguard r 51820 10.7.0.2/24
wg_peer c r allowed-ips 10.7.0.2/32 endpoint 192.0.2.1:6000
wg_peer r c allowed-ips 10.7.0.1/32
attach c
attach r
virtual_peer c r
virtual_peer r c
path c r 192.0.2.2:6000 192.0.2.1:6000 1 >/dev/null
path r c 192.0.2.1:6000 192.0.2.2:6000 1 >/dev/null

start relayd r mesh-relayd --listen 192.0.2.1:3478 --listen '[2001:db8:1::1]:3478' \
	--relay-address 203.0.113.1 --relay-address 2001:db8:3::1 --user user:pw --realm test \
	--allow-peer 203.0.113.0/24 --allow-peer 2001:db8:3::/64 --kernel require
wait_for listens r udp 3478
for peer in 203.0.113.2 2001:db8:3::2; do
	[[ $peer = *:* ]] && at="[$peer]:7000" || at=$peer:7000
	start "echo-$peer" p "$netns_dir/lib/datagrams" echo "$at"
	wait_for says "echo-$peer" listening
done

channels()
{
	on r "$netns_dir/netlink/client.py" dump channel-get
}
client_of=(192.0.2.2:5000 '[2001:db8:1::2]:5000')
server_of=(192.0.2.1:3478 '[2001:db8:1::1]:3478')
peer_of=(203.0.113.2:7000 '[2001:db8:3::2]:7000')
for i in 0 1; do
	start client-$i c "$netns_dir/lib/turn-steady" "${client_of[i]}" "${server_of[i]}" \
		"${peer_of[i]}"
	wait_for says client-$i flowing
done
relayed=()
for member in address4 address6; do
	relayed+=("$(channels | gojq -r "select(.relayed.$member) | .relayed |
		(if .address6 then \"[\" + .address6 + \"]\" else .address4 end) + \":\\(.port)\"")")
done

packets=${PACKETS:-2000}
seed=${SEED:-$RANDOM}
remark "SEED=$seed"
# damaged MACHINE SOURCE DESTINATION
damaged()
{
	on "$1" "$netns_dir/lib/forge" eth0 "$2" "$3" --mutate "$packets" "$seed" "$netns_dir/seeds"
}
for i in 0 1; do
	expect "damaged packets of a client: ${client_of[i]}" \
		damaged c "${client_of[i]}" "${server_of[i]}"
	expect "damaged packets of a peer: ${peer_of[i]}" damaged p "${peer_of[i]}" "${relayed[i]}"
done
expect "damaged packets on a path" damaged c 192.0.2.2:6000 192.0.2.1:6000

for i in 0 1; do
	send client-$i USR1
	expect "the channel of ${client_of[i]} still works" wait_for says client-$i '^refreshed'
	send client-$i INT
	collect client-$i || :
	remark "$(tail -n 1 "$logs/client-$i.log")"
done
expect "the path still works" wait_for pings c 10.7.0.2
