#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# mesh-relayd hands the channels of its clients to the kernel: coturn's load generator gets
# every datagram back, and the daemon sees none of them.
#
#	c ─────── r ─────── p
#
# shellcheck source=tests/netns/lib.sh
. "$(dirname "$0")/lib.sh"
begin
KERNEL_SOURCE=$("$project/tools/kernel-source")
export KERNEL_SOURCE

client_relay_peer

start relayd r mesh-relayd --listen 192.0.2.1:3478 --listen '[2001:db8:1::1]:3478' \
	--relay-address 203.0.113.1 --relay-address 2001:db8:3::1 --user user:pw --realm test \
	--allow-peer 203.0.113.0/24 --allow-peer 2001:db8:3::/64 --kernel require \
	--metrics 127.0.0.1:9641
wait_for listens r udp 3478
expect "it says that the kernel forwards" wait_for says relayd "the kernel forwards the data"
start peer p turnutils_peer -L 203.0.113.2 -L 2001:db8:3::2 -p 34800
wait_for listens p udp 34800

# no_room: datagrams that the sockets of client and peer had no room for, which is small: on a busy
# machine they do not get the time to read
no_room()
{
	local machine

	for machine in c p; do
		on $machine nstat -asz UdpRcvbufErrors Udp6RcvbufErrors
	done | awk '$1 ~ /Udp/ { sum += $2 } END { print sum }'
}

clients=4 messages=250
# all_come_back SERVER PEER OPTION...: what client and peer have received themselves
all_come_back()
{
	local before=$(no_room) sent received lost

	on c turnutils_uclient -c -n $messages -m $clients -l 1200 -z 10 -u user -w pw -p 3478 \
		-e "$2" -r 34800 "${@:3}" "$1" | tee "$logs/client" | tail -n 8
	read -r sent received < <(sed -n 's/.*tot_send_msgs=\([0-9]*\), tot_recv_msgs=\([0-9]*\).*/\1 \2/p' \
		"$logs/client" | tail -n 1)
	lost=$(($(no_room) - before))
	echo "sent $sent, received $received, no room for $lost"
	[ "$sent" = $((messages * clients)) ] && [ $((received + lost)) -ge "$sent" ] &&
		[ $((lost * 2)) -lt "$sent" ]
}

channels()
{
	on r "$netns_dir/netlink/client.py" dump channel-get
}

# metric NAME [LABELS]: its value
metric()
{
	on r /usr/bin/python3 -c '
import sys, urllib.request
text = urllib.request.urlopen("http://127.0.0.1:9641/metrics", timeout=20).read().decode()
print(next(line.split()[-1] for line in text.splitlines() if line.startswith(sys.argv[1] + " ")))
' "$1"
}

# udp_datagrams: that sockets of r have received
udp_datagrams()
{
	on r nstat -asz UdpInDatagrams Udp6InDatagrams | awk 'NR > 1 { sum += $2 } END { print sum }'
}

for pair in 192.0.2.1-203.0.113.2 2001:db8:1::1-203.0.113.2 192.0.2.1-2001:db8:3::2 \
		2001:db8:1::1-2001:db8:3::2; do
	options=()
	[[ ${pair#*-} != *:* ]] || options=(-x)
	before=$(udp_datagrams)
	expect "from ${pair%-*} to ${pair#*-}: all come back" \
		all_come_back "${pair%-*}" "${pair#*-}" "${options[@]}"
	requests=$(($(udp_datagrams) - before))
	expect "from ${pair%-*} to ${pair#*-}: the daemon saw requests alone" \
		[ $requests -lt $((messages * clients / 10)) ]
done
before=$(udp_datagrams)
expect "client to client: all come back" all_come_back 192.0.2.1 203.0.113.2 -y
requests=$(($(udp_datagrams) - before))
expect "client to client: the daemon saw requests alone" \
	[ $requests -lt $((messages * clients / 10)) ]
expect "Send indications go through the daemon" all_come_back 192.0.2.1 203.0.113.2 -s
expect "over TCP all come back" all_come_back 192.0.2.1 203.0.113.2 -t
expect "they pass through the daemon" \
	[ "$(metric 'turn_traffic_rcvp{path="stream"}')" = $((messages * clients)) ]

# grows NAME BEFORE: that a metric has grown, while there are clients
grows()
{
	[ "$(metric mesh_relayd_channels)" -gt 0 ] && [ "$(metric "$1")" -gt "$2" ] &&
		[ "$(metric mesh_relayd_channels)" -gt 0 ]
}
before=$(metric 'turn_traffic_rcvp{path="kernel"}')
expect "the metrics have what the kernel forwarded" [ "$before" -ge $((messages * clients * 4)) ]
# A session that lasts until it is told to end, however long it takes to look at it.
start session c "$netns_dir/lib/turn-steady" 192.0.2.2:5000 192.0.2.1:3478 203.0.113.2:34800
wait_for says session flowing
eventually "they grow while a session lasts" \
	grows 'turn_traffic_rcvp{path="kernel"}' $((before + 100))
eventually "both ways" grows 'turn_traffic_sentp{path="kernel"}' $((before + 100))
send session INT
expect "the session ends well" collect session
sent=$(sed -n 's/ sent, .*//p' "$logs/session.log")
nothing_left()
{
	[ -z "$(channels)" ]
}
eventually "the clients have left nothing in the kernel" nothing_left
expect "what has ended still counts" \
	[ "$(metric 'turn_traffic_rcvp{path="kernel"}')" -ge $((before + sent)) ]

send relayd INT
expect "it ends well" collect relayd
