#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# The kernel forwards for 20 clients at once: 40 000 datagrams, and all come back. The clients send at
# a pace in time, which an emulated machine keeps only when its clock counts instructions:
#
#	tools/vm/run --icount -- tests/netns/icount/relay-load.sh
#
#	c ─────── r ─────── p
#
# shellcheck source=tests/netns/lib.sh
. "$(dirname "$0")/../lib.sh"
load_module
begin

client_relay_peer
# of the programs that send and answer
sysctl -q -w net.core.rmem_default=8388608 net.core.rmem_max=8388608

openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj /CN=relay \
	-keyout "$logs/key" -out "$logs/certificate" 2>/dev/null
chmod 600 "$logs/key"
start relayd r mesh-relayd --listen 192.0.2.1:3478 --relay-address 203.0.113.1 \
	--relay-address 2001:db8:3::1 --user user:pw --realm test --allow-peer 203.0.113.0/24 \
	--allow-peer 2001:db8:3::/64 --max-allocations-per-user 1000 --kernel require \
	--tls-cert "$logs/certificate" --tls-key "$logs/key"
wait_for listens r udp 3478
start peer p turnutils_peer -L 203.0.113.2 -L 2001:db8:3::2 -p 34800
wait_for listens p udp 34800

# all_come_back PEER [OPTION]...
all_come_back()
{
	on c turnutils_uclient -c -n 2000 -m 20 -l 1200 -z 1 -u user -w pw -p 3478 -e "$1" \
		-r 34800 "${@:2}" 192.0.2.1 | tee "$logs/client" | tail -n 8
	grep -q "tot_send_msgs=40000, tot_recv_msgs=40000" "$logs/client"
}

# cpu_ms: what the daemon has run, in milliseconds
cpu_ms()
{
	awk '{ print int($1 / 1000000) }' "/proc/${process_id[relayd]}/schedstat"
}

expect "in channels" all_come_back 203.0.113.2
remark "mesh-relayd has run for $(cpu_ms) ms"
expect "in channels, IPv4 to IPv6" all_come_back 2001:db8:3::2 -x
expect "in channels, client to client" all_come_back 203.0.113.2 -y
remark "mesh-relayd has run for $(cpu_ms) ms"
expect "in indications" all_come_back 203.0.113.2 -s
expect "over TCP" all_come_back 203.0.113.2 -t
expect "over TLS" all_come_back 203.0.113.2 -t -S -p 5349
send relayd INT
expect "it ends well" collect relayd
