#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# coturn moves an allocation at once to the endpoint from which its ticket comes; but what it answers is
# no STUN message. The new ticket comes with the answer to the next Refresh, be it the same sent again.
#
# What:   coturn 4.6.1-1 (Debian 12) with --mobility (RFC 8016) and long-term credentials
# Guess:  the first Refresh from there is challenged, for it has the nonce of another 5-tuple; then it
#         succeeds with a new ticket. Channel and permission survive, the old endpoint and the old
#         ticket are refused.
# Seen:   ticket from another port: 24 bytes that are no STUN message
#         what the peer sends: comes to the new port
#         what the new port sends in the channel: comes to the peer
#         the same Refresh again: success, another ticket
#         without ticket: success, the same ticket as before
#         from the old port: 437
#         the first ticket from a third port: 404
# So:     a client that waits for the answer moves no sooner than its first retransmission is answered,
#         and has to try the old ticket and none before it gives the allocation up.
#
# On the loopback of a network namespace of its own. Fails when it is no longer so.
set -eu
version=4.6.1-1
if [ -z "${work-}" ]; then
	work=$(mktemp -d)
	trap 'rm -rf "$work"' EXIT
	(cd "$work" && apt-get -qq -o APT::Sandbox::User=root download coturn=$version)
	work=$work unshare --net "$0"
	exit
fi
cd "$work"
dpkg-deb -x coturn_*.deb .
ip link set lo up
usr/bin/turnserver -n --no-tls --no-dtls --no-cli --lt-cred-mech --user alice:swordfish --mobility \
	--allow-loopback-peers --realm r -L 127.0.0.1 -E 127.0.0.1 -p 13478 --log-file stdout \
	--pidfile "$work/pid" --userdb "$work/db" >log 2>&1 &
server=$!
trap 'kill "$server"' EXIT

cat >client.py <<'END'
"""Just enough of STUN and TURN (RFC 8489, RFC 8656, RFC 8016)."""
import hashlib
import hmac
import os
import socket
import struct

MAGIC = 0x2112A442
ALLOCATE, REFRESH, CHANNEL_BIND = 3, 4, 9
ERROR, CHANNEL, PEER, NONCE, RELAYED, TICKET = 0x0009, 0x000C, 0x0012, 0x0015, 0x0016, 0x8030
KEY = hashlib.md5(b"alice:r:swordfish").digest()


def attribute(kind, value):
    return struct.pack("!HH", kind, len(value)) + value + bytes(-len(value) % 4)


def request(method, nonce, body):
    ident = os.urandom(12)
    if nonce:
        body += attribute(0x0006, b"alice") + attribute(0x0014, b"r") + attribute(NONCE, nonce)
    head = struct.pack("!HHI", method, len(body) + (24 if nonce else 0), MAGIC) + ident
    signature = attribute(0x0008, hmac.digest(KEY, head + body, "sha1")) if nonce else b""
    return head + body + signature


def refresh(ticket=None):
    lifetime = attribute(0x000D, struct.pack("!I", 600))
    return request(REFRESH, nonce, lifetime + (attribute(TICKET, ticket) if ticket else b""))


def exchange(udp, message):
    """The attributes of the answer, or its bytes where it is no STUN message."""
    udp.send(message)
    answer = udp.recv(2000)
    if answer[4:20] != message[4:20]:
        return answer
    at, found = 20, {}
    while at < len(answer):
        kind, length = struct.unpack_from("!HH", answer, at)
        found[kind] = answer[at + 4:at + 4 + length]
        at += 4 + length + -length % 4
    return found


def told(answer, known):
    if isinstance(answer, bytes):
        return f"{len(answer)} bytes that are no STUN message"
    if ERROR in answer:
        return str(answer[ERROR][2] * 100 + answer[ERROR][3])
    return f"success, {known.get(answer[TICKET], 'another ticket')}"


def bound(to=None):
    udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    udp.settimeout(10)
    udp.bind(("127.0.0.1", 0))
    if to:
        udp.connect(to)
    return udp


def whether_at_peer():
    data, source = peer.recvfrom(2000)
    return "comes to the peer" if (data, source[1]) == (b"data", relayed) else "is lost"


server = ("127.0.0.1", 13478)
old, new, third, peer = bound(server), bound(server), bound(server), bound()
wanted = attribute(0x0019, b"\x11\0\0\0") + attribute(TICKET, b"")
nonce = exchange(old, request(ALLOCATE, None, wanted))[NONCE]
allocated = exchange(old, request(ALLOCATE, nonce, wanted))
relayed = struct.unpack("!H", allocated[RELAYED][2:4])[0] ^ MAGIC >> 16
first = allocated[TICKET]
address = struct.pack("!HHI", 1, peer.getsockname()[1] ^ MAGIC >> 16, 0x7F000001 ^ MAGIC)
assert ERROR not in exchange(old, request(CHANNEL_BIND, nonce, attribute(CHANNEL, b"\x40\0\0\0") +
                                          attribute(PEER, address)))
old.send(b"\x40\0\0\4data")
assert whether_at_peer() == "comes to the peer"

move = refresh(first)
print("ticket from another port:", told(exchange(new, move), {first: "the same ticket"}))
peer.sendto(b"data", ("127.0.0.1", relayed))
print("what the peer sends:",
      "comes to the new port" if new.recv(2000) == b"\x40\0\0\4data" else "is lost")
new.send(b"\x40\0\0\4data")
print("what the new port sends in the channel:", whether_at_peer())
again = exchange(new, move)
print("the same Refresh again:", told(again, {first: "the same ticket"}))
print("without ticket:", told(exchange(new, refresh()),
                              {again.get(TICKET): "the same ticket as before"}))
print("from the old port:", told(exchange(old, refresh()), {}))
print("the first ticket from a third port:", told(exchange(third, refresh(first)), {}))
END

until ss -Hlun sport = :13478 | grep -q . && grep -q 'SQLite DB connection' log; do
	kill -0 "$server"
	read -rt 0.1 <> <(:) || :
done
/usr/bin/python3 client.py | tee seen
diff -u - seen <<'END'
ticket from another port: 24 bytes that are no STUN message
what the peer sends: comes to the new port
what the new port sends in the channel: comes to the peer
the same Refresh again: success, another ticket
without ticket: success, the same ticket as before
from the old port: 437
the first ticket from a third port: 404
END
echo "as it was found to be"
