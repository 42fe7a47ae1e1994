#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# coturn takes renewed credentials of the same account, but not for what the old ones made; the old
# ones go on working there after they have expired. And a client that has given its allocation back
# is told for a second that it has one.
#
# What:   coturn 4.6.1-1 (Debian 12) with a shared secret; users are EXPIRY:ACCOUNT, as nodes get them
# Guess:  the account is what counts, so EXPIRY2:alice refreshes what EXPIRY1:alice made; after its
#         expiry EXPIRY1:alice is refused; after Refresh with lifetime 0 the 5-tuple is free.
# Seen:   refresh by the renewed user: 441
#         allocate on another port by the renewed user: 0
#         refresh by the first user after it expired: 0
#         lifetime 0: 0, allocate at once: 437
#         allocate later: 0, after 0.5 to 2.5 s
# So:     an allocation keeps the credentials it was made with; and 437 after a restart is no error.
#
# On the loopback. Fails when it is no longer so.
set -eu
version=4.6.1-1
work=$(mktemp -d)
trap 'kill $server 2>/dev/null || :; rm -rf "$work"' EXIT
cd "$work"
apt-get -qq -o APT::Sandbox::User=root download coturn=$version
dpkg-deb -x coturn_*.deb .
usr/bin/turnserver -n --no-tls --no-dtls --no-cli --use-auth-secret --static-auth-secret swordfish \
	--realm r -L 127.0.0.1 -E 127.0.0.1 -p 13478 --log-file stdout --pidfile "$work/pid" \
	--userdb "$work/db" >log 2>&1 &
server=$!

cat >client.py <<'END'
"""Just enough of STUN and TURN (RFC 8489, RFC 8656)."""
import base64
import hashlib
import hmac
import os
import socket
import struct
import time

ALLOCATE, REFRESH = 3, 4
challenge = {}


def attribute(kind, value):
    return struct.pack("!HH", kind, len(value)) + value + bytes(-len(value) % 4)


def request(udp, method, user, lifetime=600):
    """The error code, 0 when there is none."""
    def signed():
        body = attribute(0x000D, struct.pack("!I", lifetime))
        if method == ALLOCATE:
            body += attribute(0x0019, b"\x11\0\0\0")
        if not challenge:
            return struct.pack("!HHI", method, len(body), 0x2112A442) + ident + body
        password = base64.b64encode(hmac.digest(b"swordfish", user.encode(), "sha1"))
        key = hashlib.md5(b":".join((user.encode(), b"r", password))).digest()
        body += attribute(0x0006, user.encode()) + attribute(0x0014, b"r") \
            + attribute(0x0015, challenge["nonce"])
        head = struct.pack("!HHI", method, len(body) + 24, 0x2112A442) + ident
        return head + body + attribute(0x0008, hmac.digest(key, head + body, "sha1"))
    for _ in range(4):
        ident = os.urandom(12)
        udp.send(signed())
        answer = udp.recv(2000)
        at, code = 20, 0
        while at < len(answer):
            kind, length = struct.unpack_from("!HH", answer, at)
            if kind == 0x0009:
                code = answer[at + 6] * 100 + answer[at + 7]
            if kind == 0x0015:
                challenge["nonce"] = answer[at + 4:at + 4 + length]
            at += 4 + length + -length % 4
        if code not in (401, 438):
            break
    return code


def client():
    udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    udp.settimeout(20)
    udp.bind(("127.0.0.1", 0))
    udp.connect(("127.0.0.1", 13478))
    return udp


expires = int(time.time()) + 4
first, renewed = f"{expires}:alice", f"{expires + 3600}:alice"
udp = client()
assert request(udp, ALLOCATE, first) == 0
print("refresh by the renewed user:", request(udp, REFRESH, renewed))
print("allocate on another port by the renewed user:", request(client(), ALLOCATE, renewed))
while time.time() < expires + 2:
    time.sleep(0.1)
print("refresh by the first user after it expired:", request(udp, REFRESH, first))
print("lifetime 0: %d, allocate at once: %d" % (request(udp, REFRESH, first, 0),
                                                request(udp, ALLOCATE, renewed)))
begin = time.monotonic()
while (code := request(udp, ALLOCATE, renewed)) == 437 and time.monotonic() < begin + 20:
    time.sleep(0.05)
took = time.monotonic() - begin
print(f"allocate later: {code}, after", "0.5 to 2.5 s" if 0.5 < took < 2.5 else f"{took:.1f} s")
END

until ss -Hlun sport = :13478 | grep -q . && grep -q 'SQLite DB connection' log; do
	kill -0 $server
	read -rt 0.1 <> <(:) || :
done
/usr/bin/python3 client.py | tee seen
diff -u - seen <<'END'
refresh by the renewed user: 441
allocate on another port by the renewed user: 0
refresh by the first user after it expired: 0
lifetime 0: 0, allocate at once: 437
allocate later: 0, after 0.5 to 2.5 s
END
echo "as it was found to be"
