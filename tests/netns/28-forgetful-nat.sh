#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# NATs that forget a path after ten seconds without a packet: the module keeps it open, without any
# daemon, whoever has to say something first. And finds out what a NAT keeps that forgets later.
#
#	a eth0 ── lan a-nat wan ── internet ── wan b-nat lan ── eth0 b
#
# Kernels: all
#
# shellcheck source=tests/netns/lib.sh
. "$(dirname "$0")/lib.sh"
begin
# more than twice as long as the NATs keep a path
silent_s=${SILENT_S:-25}
segment internet
machine a b
home a port-restricted internet 203.0.113.2/24 192.168.1
home b port-restricted internet 203.0.113.3/24 192.168.2
for nat in a-nat b-nat; do
	# A packet of the outside that is not expected takes no port of the inside.
	on $nat nft 'table ip closed { chain input { type filter hook input priority filter
		iifname wan ct state new drop
	}
}'
	sysctl_on $nat net.netfilter.nf_conntrack_udp_timeout=10 \
		net.netfilter.nf_conntrack_udp_timeout_stream=10
done
wireguard a 51820 10.7.0.1/24
wireguard b 51820 10.7.0.2/24
attach_both
probe_keys
give_probe_keys a b
give_probe_keys b a
path_a=$(path a b 192.168.1.2:5000 203.0.113.3:5000 10)
path_b=$(path b a 192.168.2.2:5000 203.0.113.2:5000 10)

alive()
{
	[ "$(path_value a "$path_a" state)" = alive ] && [ "$(path_value b "$path_b" state)" = alive ]
}

# silent_for SECONDS MACHINE ID: nothing but probes was sent on the path for that time
silent_for()
{
	[ "$(path_value "$2" "$3" "rx_age_ms > $1 * 1000")" = true ]
}

sleeps()
{
	[ "$(on "$1" meshctl peer list --json | gojq '.peers[0].active')" = false ]
}

# ping_all MACHINE ADDRESS: all of forty come back
ping_all()
{
	on "$1" ping -n -q -c 40 -i 0.05 -W 5 "$2" | grep ' 40 received'
}

eventually "the path is alive" alive
expect "a reaches b" pings a 10.7.0.2
# Keep-alives of WireGuard, which follow data without an answer, would keep the NATs open.
eventually "nothing is sent" silent_for "$silent_s" a "$path_a"
expect "a's prober sleeps" sleeps a
expect "b reaches a after that, 40 of 40" ping_all b 10.7.0.1
eventually "nothing is sent, the other way round" silent_for "$silent_s" b "$path_b"
expect "a reaches b after that, 40 of 40" ping_all a 10.7.0.2
expect "nobody has another endpoint" alive
