#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# A UDP socket whose address is taken away: with IPv4 nothing can be sent from it any more, and send()
# says so. With IPv6 all goes on leaving from the address that is gone, by whatever interface the routes
# say, without an error; and the kernel answers who asks for the route from there, too.
#
# What:   iproute2 6.1.0-3 (Debian 12) on the running kernel (6.18)
# Guess:  both fail at once, with EADDRNOTAVAIL or ENETUNREACH.
# Seen:   IPv4, there: bound sent, connected sent, both by wa
#         IPv4, address gone: bound ENETUNREACH, connected ENETUNREACH
#         IPv4, address gone, asked for the route: none
#         IPv4, address gone, default route by wc: bound ENETUNREACH, connected ENETUNREACH
#         IPv6, there: bound sent, connected sent, both by wa
#         IPv6, address gone: bound sent, connected sent, both by wa
#         IPv6, address gone, asked for the route: dev wa
#         IPv6, address gone, default route by wc: bound sent, connected sent, both by wc
# So:     with IPv6 neither a socket nor a question for the route tells that an address is gone: the
#         events of addresses do, or answers that stay out.
#
# As root, in a network namespace of its own. Fails when it is no longer so.
set -eu
version=6.1.0-3
if [ -z "${work-}" ]; then
	work=$(mktemp -d)
	trap 'rm -rf "$work"' EXIT
	(cd "$work" && apt-get -qq -o APT::Sandbox::User=root download iproute2=$version)
	work=$work unshare --net "$0"
	exit
fi
cd "$work"
dpkg-deb -x iproute2_*.deb .
export PATH=$work/bin:$work/sbin:$PATH

cat >gone.py <<'END'
import errno
import re
import socket
import subprocess


def ip(command):
    return subprocess.run(["ip", *command.split()], check=False, capture_output=True, text=True)


def must(command):
    assert ip(command).returncode == 0, command


def send(udp):
    try:
        udp.send(b"mark")
    except OSError as error:
        return errno.errorcode[error.errno]
    return "sent"


def left_by(source):
    """The interfaces by which what was sent from there has come to their other ends."""
    seen = set()
    while True:
        try:
            frame, where = sniffer.recvfrom(2000)
        except BlockingIOError:
            return seen
        if frame.endswith(b"mark") and source in frame and where[0] in others:
            seen.add(others[where[0]])


def family(name, number, there, gone, default, far):
    def tell(when):
        left_by(b"")
        sent = [send(udp) for udp in sockets]
        by = left_by(socket.inet_pton(number, gone))
        print(f"{name}, {when}: bound {sent[0]}, connected {sent[1]}" +
              "".join(f", both by {interface}" for interface in sorted(by)))

    for number_of, interface in enumerate(("wa", "wc")):
        must(f"address add {there[number_of]} dev {interface}")
        must(f"neighbour add {default[number_of]} lladdr 02:00:00:00:00:02 dev {interface}")
    must(f"address add {gone}/{there[0].split('/')[1]} dev wa")
    must(f"route add default via {default[0]} src {gone}")
    sockets = [socket.socket(number, socket.SOCK_DGRAM) for _ in range(2)]
    sockets[0].bind((gone, 0))
    for udp in sockets:
        udp.connect((far, 9))
        assert udp.getsockname()[0] == gone
    tell("there")
    must(f"address delete {gone}/{there[0].split('/')[1]} dev wa")
    ip(f"route replace default via {default[0]}")
    tell("address gone")
    route = re.search("dev w.", ip(f"route get {far} from {gone}").stdout)
    print(f"{name}, address gone, asked for the route:", route.group() if route else "none")
    must(f"route replace default via {default[1]}")
    tell("address gone, default route by wc")


others = {"wb": "wa", "wd": "wc"}
for other, interface in others.items():
    must(f"link add name {interface} type veth peer name {other}")
    for one in (interface, other):
        with open(f"/proc/sys/net/ipv6/conf/{one}/accept_dad", "w", encoding="ascii") as setting:
            setting.write("0")
        must(f"link set {one} up")
sniffer = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(3))
sniffer.setblocking(False)
family("IPv4", socket.AF_INET, ("10.1.0.1/24", "10.2.0.1/24"), "10.1.0.5",
       ("10.1.0.2", "10.2.0.2"), "192.0.2.1")
family("IPv6", socket.AF_INET6, ("fd01::1/64", "fd02::1/64"), "fd01::5",
       ("fd01::2", "fd02::2"), "2001:db8::1")
END
/usr/bin/python3 gone.py | tee seen
diff -u - seen <<'END'
IPv4, there: bound sent, connected sent, both by wa
IPv4, address gone: bound ENETUNREACH, connected ENETUNREACH
IPv4, address gone, asked for the route: none
IPv4, address gone, default route by wc: bound ENETUNREACH, connected ENETUNREACH
IPv6, there: bound sent, connected sent, both by wa
IPv6, address gone: bound sent, connected sent, both by wa
IPv6, address gone, asked for the route: dev wa
IPv6, address gone, default route by wc: bound sent, connected sent, both by wc
END
echo "as it was found to be"
