# SPDX-License-Identifier: GPL-2.0
"""A TURN client that can also misbehave, and the mesh-relayd it talks to; for relayd-turn."""
import base64
import hashlib
import hmac
import ipaddress
import os
import select
import signal
import socket
import struct
import subprocess
import time

COOKIE = 0x2112A442

BINDING, ALLOCATE, REFRESH, SEND, DATA, PERMIT, BIND = 1, 3, 4, 6, 7, 8, 9
REQUEST, INDICATION, SUCCESS, ERROR = 0, 1, 2, 3

USERNAME, INTEGRITY, ERROR_CODE, UNKNOWN = 0x06, 0x08, 0x09, 0x0A
CHANNEL_NUMBER, LIFETIME, PEER, PAYLOAD, REALM, NONCE = 0x0C, 0x0D, 0x12, 0x13, 0x14, 0x15
RELAYED, FAMILY, EVEN_PORT, TRANSPORT, DONT_FRAGMENT = 0x16, 0x17, 0x18, 0x19, 0x1A
INTEGRITY_SHA256, ALGORITHM, USERHASH, MAPPED, TOKEN = 0x1C, 0x1D, 0x1E, 0x20, 0x22
ADDITIONAL_FAMILY, ADDRESS_ERROR, ALGORITHMS, ICMP = 0x8000, 0x8001, 0x8002, 0x8004
ALTERNATE_SERVER, FINGERPRINT, DRAINING, REVOCATION = 0x8023, 0x8028, 0xC0D7, 0xC0D8

UDP = (TRANSPORT, b"\x11\0\0\0")
IPV4, IPV6 = b"\1\0\0\0", b"\2\0\0\0"
MD5, SHA256 = b"\0\1\0\0", b"\0\2\0\0"

# Much longer than anything takes; what is to stay away is shown by something later that comes.
PATIENCE = 20


def pad(value):
    """To a multiple of four bytes."""
    return value + bytes(-len(value) % 4)


def attribute(kind, value):
    """An attribute on the wire."""
    return struct.pack("!HH", kind, len(value)) + pad(value)


def message_type(method, kind):
    """Method and class in one number."""
    return ((method & 0xF80) << 2 | (method & 0x70) << 1 | method & 0xF |
            (kind & 2) << 7 | (kind & 1) << 4)


def xor(address, transaction):
    """XOR-PEER-ADDRESS for (ADDRESS, PORT)."""
    ip = ipaddress.ip_address(address[0])
    mask = struct.pack("!I", COOKIE) + transaction
    return struct.pack("!BBH", 0, 1 if ip.version == 4 else 2, address[1] ^ COOKIE >> 16) + bytes(
        a ^ b for a, b in zip(ip.packed, mask))


def unxor(value, transaction):
    """(ADDRESS, PORT) of an XOR address."""
    mask = struct.pack("!I", COOKIE) + transaction
    port = struct.unpack("!H", value[2:4])[0] ^ COOKIE >> 16
    return str(ipaddress.ip_address(bytes(a ^ b for a, b in zip(value[4:], mask)))), port


class Message:
    """A message that was received, its integrity not yet looked at."""

    def __init__(self, data):
        kind, length, cookie = struct.unpack("!HHI", data[:8])
        assert kind < 0x4000 and cookie == COOKIE and length == len(data) - 20, data.hex()
        self.data, self.transaction = data, data[8:20]
        self.kind = (kind >> 7 & 2) | (kind >> 4 & 1)
        self.method = kind & 0xF | kind >> 1 & 0x70 | kind >> 2 & 0xF80
        self.attributes, self.offsets, at = {}, {}, 20
        while at < len(data):
            number, size = struct.unpack("!HH", data[at:at + 4])
            self.attributes.setdefault(number, data[at + 4:at + 4 + size])
            self.offsets.setdefault(number, at)
            at += 4 + size + -size % 4

    def __getitem__(self, kind):
        return self.attributes[kind]

    def __contains__(self, kind):
        return kind in self.attributes

    @property
    def code(self):
        """Of ERROR-CODE; 0 for a success."""
        if self.kind == SUCCESS:
            return 0
        assert self.kind == ERROR
        return self[ERROR_CODE][2] * 100 + self[ERROR_CODE][3]

    def address(self, kind):
        """An XOR address."""
        return unxor(self[kind], self.transaction)

    def number(self, kind):
        """LIFETIME."""
        return struct.unpack("!I", self[kind])[0]

    def is_signed(self, key, sha256=False):
        """Whether its integrity is right."""
        kind, size = (INTEGRITY_SHA256, 32) if sha256 else (INTEGRITY, 20)
        at = self.offsets[kind]
        head = self.data[:2] + struct.pack("!H", at + 4 + size - 20) + self.data[4:at]
        return hmac.new(key, head, "sha256" if sha256 else "sha1").digest() == self[kind]


class Relayd:
    """The program, on free ports of loopback."""

    def __init__(self, program, work, *arguments, listen=("127.0.0.1:0", "[::1]:0"),
                 user="user:pw", relay=True, config=""):
        self.work = work
        self.config = f"{work}/relay.conf"
        with open(self.config, "w", encoding="utf-8") as file:
            file.write(config)
        self.log = f"{work}/log"
        command = [program, "--config", self.config]
        command += [f"--listen={endpoint}" for endpoint in listen]
        if user:
            command += ["--user", user]
        if relay:
            command += ["--realm", "test", "--allow-peer", "127.0.0.0/8", "--allow-peer", "::1"]
        with open(self.log, "wb") as log:
            self.process = subprocess.Popen(command + list(arguments), stderr=log)
        until(lambda: self.said("listening on ") == len(listen) or self.process.poll() is not None)
        tls = sum(argument.startswith("--listen-tls") for argument in arguments)
        until(lambda: self.said("listening for TLS") == tls or self.process.poll() is not None)

    def said(self, text):
        """How often it has."""
        with open(self.log, encoding="utf-8") as file:
            return file.read().count(text)

    def port(self, address="127.0.0.1", what="listening on"):
        """The port it has got there."""
        with open(self.log, encoding="utf-8") as file:
            for line in file:
                if line.startswith(f"{what} {address}:"):
                    return int(line.rsplit(":", 1)[1])
        raise AssertionError(f"not {what} {address}")

    def tls_port(self, address="127.0.0.1"):
        """The port it has got there for TLS."""
        return self.port(address, "listening for TLS on")

    def stop(self):
        """End it at once, and well."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGINT)
        status = self.process.wait(PATIENCE)
        with open(self.log, encoding="utf-8") as file:
            log = file.read()
        assert status == 0, log
        assert "anitizer" not in log and "runtime error" not in log, log

    def __enter__(self):
        return self

    def __exit__(self, kind, *_):
        if kind:
            self.process.kill()
            self.process.wait()
        else:
            self.stop()


def until(condition):
    """Wait for a state."""
    end = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < end, "in vain"
        select.select([], [], [], 0.02)


class Peer:
    """A UDP socket of somebody."""

    def __init__(self, address="127.0.0.1", port=0):
        self.socket = socket.socket(socket.AF_INET6 if ":" in address else socket.AF_INET,
                                    socket.SOCK_DGRAM)
        self.socket.bind((address, port))
        self.socket.settimeout(PATIENCE)

    @property
    def at(self):
        """Its (ADDRESS, PORT)."""
        return self.socket.getsockname()[:2]

    def send(self, data, to):
        """Send a datagram."""
        self.socket.sendto(data, to)

    def receive(self):
        """The next datagram and where it came from."""
        data, source = self.socket.recvfrom(65536)
        return data, source[:2]


class Client(Peer):
    """A client of TURN."""

    def __init__(self, relayd, address="127.0.0.1", user="user", password="pw", algorithm=None):
        super().__init__(address)
        listening = "[::1]" if address == "::1" else "127.0.0.1"
        self.server = (address if ":" in address else "127.0.0.1", relayd.port(listening))
        self.user, self.password, self.algorithm = user, password, algorithm
        self.realm = self.nonce = self.algorithms = None
        self.anonymous = False
        self.extra = {}
        self.last = None

    @property
    def key(self):
        """The long-term key."""
        text = f"{self.user}:{self.realm.decode()}:{self.password}".encode()
        return (hashlib.sha256 if self.algorithm == SHA256 else hashlib.md5)(text).digest()

    def build(self, method, attributes, *, kind=REQUEST, signed=True, transaction=None,
              leave_out=()):
        """A message; attributes are (kind, bytes), or (kind, (ADDRESS, PORT))."""
        transaction = transaction or os.urandom(12)
        attributes = list(attributes)
        if signed:
            attributes += [
                (USERHASH, hashlib.sha256(self.user.encode() + b":" + self.realm).digest())
                if self.anonymous else (USERNAME, self.user.encode()),
                (REALM, self.realm), (NONCE, self.nonce)]
            if self.algorithm:
                attributes += [(ALGORITHMS, self.algorithms), (ALGORITHM, self.algorithm)]
        body = b"".join(attribute(number, xor(value, transaction) if isinstance(value, tuple)
                                  else value)
                        for number, value in attributes if number not in leave_out)
        if not signed:
            return self.head(method, kind, len(body), transaction) + body
        digest, number, size = (("sha256", INTEGRITY_SHA256, 32) if self.algorithm else
                                ("sha1", INTEGRITY, 20))
        data = self.head(method, kind, len(body) + 4 + size, transaction) + body
        return data + attribute(number, hmac.new(self.key, data, digest).digest())

    @staticmethod
    def head(method, kind, length, transaction):
        """The header."""
        return struct.pack("!HHI", message_type(method, kind), length, COOKIE) + transaction

    def exchange(self, data):
        """Send a request and take its answer."""
        self.send(data, self.server)
        while True:
            answer, source = self.receive()
            assert source == self.server
            if answer[0] < 4 and answer[8:20] == data[8:20]:
                return Message(answer)

    def challenge(self):
        """Learn realm and nonce."""
        answer = self.exchange(self.build(ALLOCATE, [UDP], signed=False))
        assert answer.code == 401
        self.take_challenge(answer)
        return answer

    def take_challenge(self, answer):
        """Take realm and nonce over."""
        self.realm, self.nonce = answer[REALM], answer[NONCE]
        self.algorithms = answer[ALGORITHMS]

    def request(self, method, *attributes, **options):
        """Ask with credentials; the answer has to be signed when it says that it knows us."""
        if not self.nonce:
            self.challenge()
        answer = self.exchange(self.build(method, attributes, **options))
        assert answer.method == method
        if answer.code not in (400, 401, 438):
            assert answer.is_signed(self.key, bool(self.algorithm))
        return answer

    def allocate(self, *attributes, **options):
        """Have an allocation; the answer."""
        answer = self.request(ALLOCATE, UDP, *attributes, **options)
        assert answer.code == 0, answer.code
        self.last = answer
        return answer

    def relayed(self):
        """An allocation's relayed transport address."""
        return self.allocate().address(RELAYED)

    def permit(self, *peers):
        """CreatePermission; its code."""
        return self.request(PERMIT, *((PEER, peer) for peer in peers)).code

    def bind(self, number, peer):
        """ChannelBind; its code."""
        return self.request(BIND, (CHANNEL_NUMBER, struct.pack("!HH", number, 0)),
                            (PEER, peer)).code

    def send_indication(self, peer, data, *extra):
        """Send something to a peer."""
        self.send(self.build(SEND, [(PEER, peer), (PAYLOAD, data), *extra], kind=INDICATION,
                             signed=False), self.server)

    def send_channel(self, number, data, padding=b""):
        """Send something in a channel."""
        self.send(struct.pack("!HH", number, len(data)) + data + padding, self.server)

    def receive_indication(self):
        """A Data indication."""
        message = Message(self.receive()[0])
        assert (message.method, message.kind) == (DATA, INDICATION)
        return message


def revocation_key(secret):
    """What mesh-server signs with when it tells a relay of accounts that have ended."""
    return hmac.new(secret, b"wgmesh revocation 1", "sha256").digest()


def revocation(account, until):
    """An account that has ended."""
    return REVOCATION, struct.pack("!Q", until) + account.encode()


def revoke(relayd, secret, *attributes, digest="sha256"):
    """Tell a relay as mesh-server does, by default with nothing to tell; the answer."""
    peer, transaction = Peer(), os.urandom(12)
    number, size = (INTEGRITY_SHA256, 32) if digest == "sha256" else (INTEGRITY, 20)
    body = b"".join(attribute(*value) for value in attributes or [(REVOCATION, b"")])
    data = Client.head(BINDING, REQUEST, len(body) + 4 + size, transaction) + body
    data += attribute(number, hmac.new(revocation_key(secret), data, digest).digest())
    peer.send(data, ("127.0.0.1", relayd.port()))
    answer = Message(peer.receive()[0])
    assert answer.transaction == transaction and answer.method == BINDING
    return answer


def rest_password(secret, user):
    """The password that belongs to a user name made with a secret."""
    return base64.b64encode(hmac.new(secret, user.encode(), "sha1").digest()).decode()
