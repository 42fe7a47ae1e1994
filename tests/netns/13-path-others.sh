#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Who else is affected: tcpdump sees a path's packets, firewall and connection tracking
# see nothing of them, and whatever is not a WireGuard message on a known path goes where
# it always went.
#
#	a ─────── r ─────── b	(lib/line.sh)
#
# Kernels: all
#
# shellcheck source=tests/netns/lib.sh
. "$(dirname "$0")/lib.sh"
begin
line
attach_both
# r is a peer as well, of the ordinary kind.
wireguard r 51820 10.7.0.3/24
wg_peer a r allowed-ips 10.7.0.3/32 endpoint 192.0.2.1:51820
wg_peer r a allowed-ips 10.7.0.1/32
path_both 4 10
path_both 6 20

expect "a peer with an ordinary endpoint stays plain WireGuard" pings a 10.7.0.3

capture eth0 a eth0 udp port 5000
expect "a path works beside it" pings a 10.7.0.2
stop eth0 || :
expect "tcpdump sees what was sent" has_captured eth0 src port 5000 and src host 2001:db8:a::2
expect "tcpdump sees what was received" has_captured eth0 dst port 5000 and dst host 2001:db8:a::2

# Sockets of a program on the endpoints of the paths, as ICE has them.
start socket4 a socat -u UDP4-RECV:5000,bind=192.0.2.2 STDOUT
start socket6 a socat -u "UDP6-RECV:5000,bind=[2001:db8:a::2]" STDOUT
wait_for listens a udp 5000

# What the datagrams say at their end, in hexadecimal, tells them apart. A STUN Binding
# request with SOFTWARE (RFC 8489); a data message of WireGuard; something else.
hex()
{
	printf %s "$1" | od -An -v -tx1 | tr -d ' \n'
}
stun()
{
	printf '000100182112a442%024x80220014%s' 7 "$(hex "$(printf %-20.20s "$1")")"
}
wireguard_message()
{
	printf '04000000%056x%s' 7 "$(hex "$(printf %-20.20s "$1")")"
}
forge()
{
	on "$1" "$netns_dir/lib/forge" "${@:2}"
}
socket_got()
{
	wait_for grep -aq "$2" "$logs/socket$1.log"
}

for version in 4 6; do
	a=a$version b=b$version
	a=${!a} b=${!b}
	stranger=${b/:5000/:5001}
	forge r eth0 "$b" "$a" "$(stun "stun from the peer")"
	forge r eth0 "$stranger" "$a" "$(stun "stun from a stranger")"
	forge r eth0 "$b" "$a" "$(hex "other from the peer")"
	forge r eth0 "$stranger" "$a" "$(wireguard_message "wg from a stranger")"
	forge r eth0 "$b" "$a" "$(wireguard_message "wg from the peer")"
	forge r eth0 "$b" "$a" "$(hex "the last one")"
	expect "IPv$version: the socket gets what comes last" socket_got $version "the last one"
	expect "IPv$version: and STUN of the peer" socket_got $version "stun from the peer"
	expect "IPv$version: and STUN of a stranger" socket_got $version "stun from a stranger"
	expect "IPv$version: and what is neither" socket_got $version "other from the peer"
	expect "IPv$version: and a WireGuard message from an unknown endpoint" \
		socket_got $version "wg from a stranger"
	expect "IPv$version: but no WireGuard message of the path" \
		not grep -aq "wg from the peer" "$logs/socket$version.log"
done

# To WireGuard itself: from outside nobody can pretend to be a virtual endpoint.
before=$(on a nstat -asz UdpInDatagrams | awk '/^Udp/ { print $2 }')
forge r eth0 "${virtual_endpoint[a-b]}" 192.0.2.2:51820 "$(wireguard_message "from 127/8")"
forge r eth0 192.0.2.1:4000 192.0.2.2:5000 "$(hex "behind it")"
expect "the stack drops packets from a virtual endpoint" socket_got 4 "behind it"
after=$(on a nstat -asz UdpInDatagrams | awk '/^Udp/ { print $2 }')
expect "and counts only the datagram behind" [ $((after - before)) = 1 ]

# Connection tracking is on, and everything but the neighbour protocol of IPv6 and the
# overlay is forbidden in both directions.
for machine in a b; do
	on $machine nft -f - <<-END
	table inet strict {
		chain input {
			type filter hook input priority filter; policy drop
			iifname wg0 accept
			icmpv6 type { nd-neighbor-solicit, nd-neighbor-advert } accept
			ct state established counter
		}
		chain output {
			type filter hook output priority filter; policy drop
			oifname wg0 accept
			icmpv6 type { nd-neighbor-solicit, nd-neighbor-advert } accept
			ct state established counter
		}
	}
	END
	on $machine conntrack -F
done
expect "a closed firewall does not matter to a path" pings a 10.7.0.2
expect "nor to TCP over it" copies a b fd07::2 1
expect "but to the ordinary peer" not pings a 10.7.0.3 -W 1
untracked()
{
	! on "$1" conntrack -L -p udp | grep 'dport=5000'
}
expect "a tracks no connection of a path" untracked a
expect "b tracks no connection of a path" untracked b
