#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# A list of IPv6 routes that is read while others change leaves out routes that were there all the
# time, of an interface that nobody touched, and nothing tells that it did. One of IPv4 does not.
#
# What:   iproute2 6.1.0-3 (Debian 12) on the running kernel (6.18); "ip route show dev wa" has told a
#         part of 2000 routes when a hundred of another interface are removed and one is added
# Guess:  it is marked as interrupted (NLM_F_DUMP_INTR, "Dump was interrupted" of ip), as that of links
#         or addresses is; and it has in any case what was there before, meanwhile and afterwards.
# Seen:   IPv4: 2000 of 2000 told, exit 0, not said to be interrupted
#         IPv6: 1900 of 2000 told, exit 0, not said to be interrupted
#         IPv6, one added: 2000 of 2000 told, exit 0, not said to be interrupted
#         IPv6, one added in front: 2000 of 2000 told, 1 of them twice, exit 0, not said to be interrupted
#         IPv6, nothing changed: 2000 of 2000 told, exit 0, not said to be interrupted
# So:     that an IPv6 route is missing in one list is no proof: it has to be asked for by itself, or
#         the list be read again when there were events of routes while it was read.
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
PATH=$work/bin:$work/sbin:$PATH

cat >halfway.py <<'END'
"""halfway.py COMMAND LIST...: runs the command when the list has been written in part."""
import array
import fcntl
import os
import subprocess
import sys
import termios
import time

ROOM = 4096
pipe, end = os.pipe()
fcntl.fcntl(pipe, fcntl.F_SETPIPE_SZ, ROOM)
lister = subprocess.Popen(sys.argv[2:], stdout=end, stderr=open("said", "wb"))
os.close(end)
waiting = array.array("i", [0])
while waiting[0] < ROOM - 100:  # no line is longer, and none is written in part
    time.sleep(0.01)
    fcntl.ioctl(pipe, termios.FIONREAD, waiting)
    assert lister.poll() is None
subprocess.run(sys.argv[1], shell=True, check=True)
with open(pipe, "rb") as rest, open("told", "wb") as told:
    told.write(rest.read())
sys.exit(lister.wait())
END

# list WHAT FAMILY CHANGE
list()
{
	local there told twice status=0 said='not said'

	"$ip" "$2" route show dev wa proto boot | sort >before
	/usr/bin/python3 halfway.py "$3" "$ip" "$2" route show dev wa proto boot || status=$?
	"$ip" "$2" route show dev wa proto boot | sort >after
	there=$(comm -12 before after | wc -l)
	told=$(comm -12 before after | comm -12 - <(sort -u told) | wc -l)
	twice=$(sort told | uniq -d | wc -l)
	! grep -qi interrupted said || said=said
	[ "$twice" -gt 0 ] && twice=", $twice of them twice" || twice=
	echo "$1: $told of $there told$twice, exit $status, $said to be interrupted" | tee -a seen
}

ip=$(command -v ip)
ip link add name wa type veth peer name wb
ip link set wa up
ip link set wb up
for i in {0..1999}; do
	echo "route add 10.1.$((i / 250)).$((i % 250)) dev wa" >&4
	printf 'route add fd00::%x dev wa\n' $((i + 4096)) >&6
done 4>routes4 6>routes6
for i in {0..99}; do
	echo "route add 10.0.0.$i dev wb" >&4
	printf 'route add fc00::%x dev wb\n' $((i + 4096)) >&6
done 4>>routes4 6>>routes6
ip -4 -batch routes4
ip -6 -batch routes6

list IPv4 -4 'ip -4 route flush dev wb proto boot; ip -4 route add 10.9.0.1 dev wb'
list IPv6 -6 'ip -6 route flush dev wb proto boot; ip -6 route add fe00::1 dev wb'
list 'IPv6, one added' -6 'ip -6 route add fe00::2 dev wb'
list 'IPv6, one added in front' -6 'ip -6 route add fc00::1 dev wb'
list 'IPv6, nothing changed' -6 true
diff -u - seen <<'END'
IPv4: 2000 of 2000 told, exit 0, not said to be interrupted
IPv6: 1900 of 2000 told, exit 0, not said to be interrupted
IPv6, one added: 2000 of 2000 told, exit 0, not said to be interrupted
IPv6, one added in front: 2000 of 2000 told, 1 of them twice, exit 0, not said to be interrupted
IPv6, nothing changed: 2000 of 2000 told, exit 0, not said to be interrupted
END
echo "as it was found to be"
