#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# A flow that begins while a router has no NAT rule, at boot or while its firewall is loaded anew, is
# never translated afterwards, for as long as it goes on: who keeps sending from that port stays cut
# off. One that was translated before passes untranslated meanwhile, and gets its old port again.
#
# What:   nftables 1.0.6-2+deb12u2 (Debian 12) on the running kernel (6.18): a router with a stateful
#         filter, and masquerading in a table of its own
# Guess:  disputed. What is not answered is new to connection tracking, and each new packet goes
#         through the NAT rules: the next one is translated. Or: only once the entry has timed out.
# Seen:   before the rule: A from 10.0.0.2:5000
#         with the rule: A from 10.0.0.2:5000, B from 192.0.2.1:5001
#         without it again: A from 10.0.0.2:5000, B from 10.0.0.2:5001, C from 10.0.0.2:5002
#         with it again: A from 10.0.0.2:5000, B from 192.0.2.1:5001, C from 10.0.0.2:5002
#         another port of the same: D from 192.0.2.1:5003
#         entries forgotten: A from 192.0.2.1:5000, C from 192.0.2.1:5002
# So:     keep-alives that stay without an answer keep the fault alive; who is not answered has to try
#         from another port after a while, or be silent until the entry is forgotten (30 s).
#
# As root, in network namespaces of its own. Fails when it is no longer so.
set -eu
if [ -z "${work-}" ]; then
	work=$(mktemp -d)
	trap 'rm -rf "$work"' EXIT
	(cd "$work" && apt-get -qq -o APT::Sandbox::User=root download \
		nftables=1.0.6-2+deb12u2 libnftables1=1.0.6-2+deb12u2 conntrack=1:1.4.7-1+b2)
	work=$work unshare --net "$0"
	exit
fi
cd "$work"
for package in *.deb; do
	dpkg-deb -x "$package" .
done
export LD_LIBRARY_PATH=$work/usr/lib/x86_64-linux-gnu PATH=$work/usr/sbin:$PATH

# The three machines end with these two, and with this script.
unshare --net sleep infinity &
inside=$!
unshare --net sleep infinity &
outside=$!
trap 'kill "$inside" "$outside"' EXIT
here=$(readlink /proc/self/ns/net)
for machine in "$inside" "$outside"; do
	until [ "$(readlink "/proc/$machine/ns/net")" != "$here" ]; do
		read -rt 0.1 <> <(:) || :
	done
done
at() { nsenter --net="/proc/$1/ns/net" "${@:2}"; }

ip link add name near type veth peer name lan netns "$inside"
ip link add name far type veth peer name wan netns "$outside"
ip address add 10.0.0.1/24 dev near
ip address add 192.0.2.1/24 dev far
ip link set near up
ip link set far up
at "$inside" ip address add 10.0.0.2/24 dev lan
at "$inside" ip link set lan up
at "$inside" ip route add default via 10.0.0.1
at "$outside" ip address add 192.0.2.2/24 dev wan
at "$outside" ip link set wan up
at "$outside" sysctl -qw net.ipv4.conf.all.rp_filter=0 net.ipv4.conf.wan.rp_filter=0
sysctl -qw net.ipv4.ip_forward=1

cat >send.py <<'END'
"""send.py INSIDE OUTSIDE FLOW...: where the outside sees what the inside sends."""
import ctypes
import socket
import sys

libc = ctypes.CDLL(None)


def udp_of(machine, address):
    with open(f"/proc/{machine}/ns/net", "rb") as network:
        assert libc.setns(network.fileno(), 0) == 0
    udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    udp.settimeout(10)
    udp.bind(address)
    return udp


receiver = udp_of(sys.argv[2], ("192.0.2.2", 9))
seen = []
for flow in sys.argv[3:]:
    sender = udp_of(sys.argv[1], ("10.0.0.2", 5000 + ord(flow) - ord("A")))
    sender.sendto(b"keep-alive", ("192.0.2.2", 9))
    source = receiver.recvfrom(100)[1]
    seen.append(f"{flow} from {source[0]}:{source[1]}")
print(", ".join(seen))
END

# tell WHEN FLOW...
tell()
{
	echo "$1: $(/usr/bin/python3 send.py "$inside" "$outside" "${@:2}")" | tee -a seen
}

rule='table ip translate { chain out { type nat hook postrouting priority 100; oifname far masquerade; }; }'
nft 'table ip filter { chain forward { type filter hook forward priority 0; ct state invalid drop; }; }'
tell 'before the rule' A
nft "$rule"
tell 'with the rule' A B
nft delete table ip translate
tell 'without it again' A B C
nft "$rule"
tell 'with it again' A B C
tell 'another port of the same' D
conntrack -F 2>/dev/null
tell 'entries forgotten' A C

diff -u - seen <<'END'
before the rule: A from 10.0.0.2:5000
with the rule: A from 10.0.0.2:5000, B from 192.0.2.1:5001
without it again: A from 10.0.0.2:5000, B from 10.0.0.2:5001, C from 10.0.0.2:5002
with it again: A from 10.0.0.2:5000, B from 192.0.2.1:5001, C from 10.0.0.2:5002
another port of the same: D from 192.0.2.1:5003
entries forgotten: A from 192.0.2.1:5000, C from 192.0.2.1:5002
END
echo "as it was found to be"
