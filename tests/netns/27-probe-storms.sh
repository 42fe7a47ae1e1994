#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Many peers, and their probes: they leave one after the other when all of them would like to at
# once, and what does not concern them does not make them look.
#
#	a eth0 ─────── eth0 b	many: 1000 peers of one interface, whom nobody answers;
#	  eth1 ─────── eth1	then those that 16 interfaces of a and 16 of b are to each other
#
# Kernels: all
#
# shellcheck disable=SC2154
# shellcheck source=tests/netns/lib.sh
. "$(dirname "$0")/lib.sh"
begin
many=1000 interfaces=16
peers=$((interfaces * interfaces))
crowd=$project/build/bench/crowd
trace=/sys/kernel/tracing

machine a b
wire a eth0 b eth0
wire a eth1 b eth1
address a eth0 192.0.2.2/24
address b eth0 192.0.2.3/24
address a eth1 198.51.100.2/24
address b eth1 198.51.100.3/24

# keys N: so many keys, for interfaces that need no WireGuard: only probes are sent
keys()
{
	python3 -c 'import base64, os, sys
for _ in range(int(sys.argv[1])): print(base64.b64encode(os.urandom(32)).decode())' "$1"
}

# most_within SECONDS [each]: how many packets of $logs/storm.pcap there are at most in such a time,
# or to each endpoint
most_within()
{
	tcpdump -n -tt -r "$logs/storm.pcap" 2>/dev/null | awk -v window="$1" -v each="${2-}" '
		{ to = each ? $5 : "all" }
		{ time[to, ++n[to]] = $1 }
		{ while (time[to, n[to]] - time[to, first[to] + 1] > window) first[to]++ }
		n[to] - first[to] > most { most = n[to] - first[to] }
		END { print most + 0 }'
}

# whole NAME ADDRESS: ends the capture, after it has read what was sent until now: a last datagram to
# the address tells. A storm is what a capture loses first, so it has to say that it lost nothing.
whole()
{
	on a bash -c "echo >/dev/udp/$2/9" && wait_for ends_with_mark "$1" && send "$1" INT &&
		collect "$1" && tail -n 1 "$logs/$1.log" | grep -x '0 packets dropped by kernel'
}

ends_with_mark()
{
	has_captured "$1" udp dst port 9
}

sent()
{
	on a meshctl path list --json | gojq '[.paths[].probes_sent] | add'
}

sent_at_least()
{
	[ "$(sent)" -ge "$1" ]
}

# ---- paths that nobody answers ----

ip_on a link add wg0 type wireguard
on b nft 'table ip silent { chain input { type filter hook prerouting priority raw
	udp dport 10000-19999 drop
}
}'
own=$(keys 1) i=0
for key in $(keys $many); do
	echo "wg0 $own $key 192.0.2.2:$((10000 + i)) 192.0.2.3:$((10000 + i)) 1"
	i=$((i + 1))
done >"$logs/many"
capture storm b eth0 -s 64 -B 16384 udp
expect "$many peers are added" on a "$crowd" <"$logs/many"
eventually "each is probed" sent_at_least $((2 * many))
expect "all of that was captured" whole storm 192.0.2.3
within=$(most_within 1)
expect "never more than $many a second, but $within" [ "$within" -le $many ]
within=$(most_within 3 each)
expect "and each less and less often: $within in three seconds" [ "$within" -le 18 ]
detach a

# ---- paths that work ----

links()
{
	local i

	for ((i = 1; i <= interfaces; i++)); do
		echo "link add wg$i type wireguard"
	done | ip -n "$(netns "$1")" -batch -
}

# crowd_of MACHINE OTHER LAST LAST-OF-OTHER: each pair of interfaces has a port of its own, and a
# path by each cable
crowd_of()
{
	local i j port

	for ((i = 1; i <= interfaces; i++)); do
		for ((j = 1; j <= interfaces; j++)); do
			port=$((20000 + i * 100 + j))
			[ "$1" = a ] || port=$((20000 + j * 100 + i))
			echo "wg$i ${key_of[$1-$i]} ${key_of[$2-$j]} 192.0.2.$3:$port 192.0.2.$4:$port 2"
			echo "wg$i ${key_of[$1-$i]} ${key_of[$2-$j]} 198.51.100.$3:$port 198.51.100.$4:$port 1"
		done
	done | on "$1" "$crowd"
}

# count MACHINE STATE: paths that are in that state
count()
{
	on "$1" meshctl path list --json | gojq --arg state "$2" '[.paths[] | select(.state == $state)] | length'
}

all_alive()
{
	[ "$(count a alive)" = $((2 * peers)) ] && [ "$(count b alive)" = $((2 * peers)) ]
}

declare -A key_of=()
for machine in a b; do
	i=0
	for key in $(keys $interfaces); do
		i=$((i + 1))
		key_of[$machine-$i]=$key
	done
	links $machine
done
crowd_of a b 2 3
crowd_of b a 3 2
eventually "$peers peers have two paths each that work" all_alive

# ---- what does not concern them ----

# What makes a prober look before its time is counted; and, to be told, how often their timers ran.
tracing()
{
	mount -t tracefs none $trace || [ -d $trace/events ]
	echo 'p:wgmesh/kick wgmesh:wgmesh_prober_kick' >$trace/kprobe_events &&
		echo 'hist:keys=common_type' >$trace/events/wgmesh/kick/trigger &&
		echo 'hist:keys=function.sym' >$trace/events/timer/timer_expire_entry/trigger
}

untracing()
{
	echo '!hist:keys=common_type' >$trace/events/wgmesh/kick/trigger
	echo '!hist:keys=function.sym' >$trace/events/timer/timer_expire_entry/trigger
	echo >$trace/kprobe_events
}

kicks()
{
	awk '/hitcount:/ { n += $NF } END { print n + 0 }' $trace/events/wgmesh/kick/hist
}

ticks()
{
	awk '/\[wgmesh\]/ { n += $NF } END { print n + 0 }' $trace/events/timer/timer_expire_entry/hist
}

ten_cables()
{
	local i

	for i in {0..9}; do
		ip_on a link add cable$i type veth peer name far$i && ip_on a link set far$i up &&
			address a cable$i 10.0.$i.1/24 && ip_on a link set cable$i up || return
	done
	for i in {0..9}; do
		ip_on a link delete cable$i || return
	done
}

if tracing 2>/dev/null; then
	kicks_before=$(kicks) ticks_before=$(ticks)
	expect "ten cables come and go" ten_cables
	kicks=$(($(kicks) - kicks_before)) ticks=$(($(ticks) - ticks_before))
	remark "meanwhile the timers of probers ran $ticks times"
	expect "and make $kicks of $peers idle probers look" [ "$kicks" -le $((peers / 100)) ]
	untracing
else
	skip "ten cables that come and go do not make probers look" "this kernel does not trace"
fi
expect "and change nothing" all_alive

# ---- a link that is lost ----

all_lost()
{
	[ "$(count a dead)" = $peers ]
}

capture storm b eth1 -s 64 -B 16384 'src host 198.51.100.2 and udp'
before=$(sent)
ip_on a link set eth0 down
eventually "the link is lost: all paths by it are dead" all_lost
eventually "and all others are probed" sent_at_least $((before + peers))
expect "all of that was captured" whole storm 198.51.100.3
# a's requests, and its answers to those of b, whose link it is, too: two for each peer
within=$(most_within 0.1)
expect "but never half of them at once: $within" [ "$within" -lt $peers ]
ip_on a link set eth0 up
eventually "all are alive again when it is back" all_alive
