# SPDX-License-Identifier: GPL-2.0
"""
A mesh-server to test, and nodes and an operator to test it with: the other end of
docs/protocol.md, written from that page alone, with the WebSocket, TLS and BLAKE2b of Python and
the X25519 of PyNaCl.
"""
import asyncio
import base64
import hashlib
import json
import os
import signal
import socket
import ssl
import subprocess

import nacl.bindings
import websockets

TIMEOUT_S = 30


def b64(data):
    return base64.b64encode(data).decode()


def unb64(text):
    return base64.b64decode(text, validate=True)


def tls_context():
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context


class Refused(Exception):
    """The server sent an error, or closed without one (code None)."""

    def __init__(self, code, message=""):
        super().__init__(f"{code}: {message}")
        self.code = code
        self.message = message


class Server:
    """A mesh-server process with a state directory of its own."""

    def __init__(self, program, directory, *arguments):
        self.program = program
        self.directory = directory
        self.state = f"{directory}/state"
        self.socket = f"{directory}/server.sock"
        self.arguments = arguments
        self.listen = "127.0.0.1:0"
        self.environment = {}
        self.process = None
        self.port = None
        self.log = open(f"{directory}/log", "a+")
        with open(f"{directory}/server.conf", "w"):
            pass

    def command(self, *arguments):
        return [self.program, "--config", f"{self.directory}/server.conf", "--state-dir",
                self.state, "--socket", self.socket, *arguments]

    async def start(self):
        self.process = subprocess.Popen(
            self.command("--listen", self.listen, *self.arguments), stderr=self.log,
            env={**os.environ, **self.environment})
        status = await until(lambda: self.request_or_none({"request": "status"}))
        self.port = int(status["status"]["listen"][0].rsplit(":", 1)[1])
        self.listen = f"127.0.0.1:{self.port}"  # the same after a restart

    def kill(self):
        self.process.kill()
        return self.process.wait()

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(TIMEOUT_S)

    def said(self):
        self.log.seek(0)
        return self.log.read()

    def rss_kib(self):
        with open(f"/proc/{self.process.pid}/status") as status:
            return next(int(line.split()[1]) for line in status if line.startswith("VmRSS"))

    def request(self, message):
        """One request of the operator: the last line of the answer, without its "done"."""
        with socket.socket(socket.AF_UNIX) as connection:
            connection.settimeout(TIMEOUT_S)
            connection.connect(self.socket)
            text = message if isinstance(message, bytes) else json.dumps(message).encode()
            connection.sendall(text + b"\n")
            with connection.makefile() as lines:
                answer = json.loads(lines.readline())
        assert answer.pop("done") is True, answer
        return answer

    def request_or_none(self, message):
        if self.process.poll() is not None:
            raise AssertionError("mesh-server ended: " + self.said())
        try:
            return self.request(message)
        except OSError:
            return None

    def meshctl(self, *arguments):
        """Exit status, stdout and stderr of a command of MESHCTL, or of the one beside the server."""
        program = os.environ.get("MESHCTL", f"{os.path.dirname(self.program)}/meshctl")
        ended = subprocess.run([program, "--socket", self.socket, *arguments], check=False,
                               text=True, capture_output=True, timeout=TIMEOUT_S)
        return ended.returncode, ended.stdout, ended.stderr

    def key(self, **members):
        """A new setup key: (text, id)."""
        answer = self.request({"request": "key-create", **members})
        return answer["join"].split("/")[3], answer["key"]["id"]

    def status(self):
        return self.request({"request": "status"})["status"]

    def peers(self):
        return {peer["hostname"]: peer
                for peer in self.request({"request": "peer-list"})["peers"]}


async def until(condition):
    """Wait for a state, and return it."""
    for _ in range(TIMEOUT_S * 50):
        state = condition()
        if state:
            return state
        await asyncio.sleep(0.02)
    raise AssertionError("the awaited state never came")


class Node:
    """A node with a key. It applies maps and deltas as it reads them."""

    def __init__(self, server, hostname="node", private=None):
        self.server = server
        self.hostname = hostname
        self.private = private or os.urandom(32)
        self.public = nacl.bindings.crypto_scalarmult_base(self.private)
        self.key = b64(self.public)
        self.session = os.urandom(16)
        self.websocket = None
        self.challenge = None
        self.fingerprint = None
        self.welcome = None
        self.generation = None
        self.peers = {}
        self.relays = {}
        self.received = []

    async def connect(self, **options):
        """As far as the challenge."""
        self.websocket = await websockets.connect(
            f"wss://127.0.0.1:{self.server.port}/v1/node", ssl=tls_context(),
            max_size=16 * 1024 * 1024, ping_interval=None, open_timeout=TIMEOUT_S, **options)
        tls = self.websocket.transport.get_extra_info("ssl_object")
        self.fingerprint = hashlib.sha256(tls.getpeercert(True)).digest()
        self.challenge = await self.read()
        assert self.challenge["type"] == "challenge" and self.challenge["version"] == 1
        return self

    def proof(self, challenge=None, fingerprint=None):
        challenge = challenge or self.challenge
        server_key = unb64(challenge["public_key"])
        shared = nacl.bindings.crypto_scalarmult(self.private, server_key)
        text = (b"wgmesh proof 1" + unb64(challenge["nonce"]) + self.public + server_key +
                (fingerprint or self.fingerprint))
        return hashlib.blake2b(text, key=shared, digest_size=32).digest()

    def hello(self, **members):
        message = {"type": "hello", "version": 1, "public_key": self.key,
                   "proof": b64(self.proof()), "session": b64(self.session),
                   "hostname": self.hostname, **members}
        return {name: value for name, value in message.items() if value is not None}

    async def join(self, setup_key=None, **members):
        """Up to the first map."""
        if not self.websocket:
            await self.connect()
        await self.send(self.hello(setup_key=setup_key, **members))
        self.welcome = await self.read("welcome")
        await self.read("map")
        return self

    async def send(self, message):
        if not isinstance(message, (str, bytes)):
            message = json.dumps(message)
        try:
            await self.websocket.send(message)
        except websockets.ConnectionClosed:
            pass  # read() tells why

    async def read(self, wanted=None):
        """The next message, or the next of a type; the others are kept in received."""
        while True:
            try:
                text = await asyncio.wait_for(self.websocket.recv(), TIMEOUT_S)
            except websockets.ConnectionClosed as closed:
                raise Refused(None, str(closed)) from None
            message = json.loads(text)
            if message["type"] == "error":
                raise Refused(message["code"], message["message"])
            self.apply(message)
            if wanted in (None, message["type"]):
                return message
            self.received.append(message)

    def apply(self, message):
        if message["type"] == "map":
            self.peers = {peer["public_key"]: peer for peer in message["peers"]}
            self.relays = {relay["name"]: relay for relay in message["relays"]}
            self.generation = message["generation"]
        elif message["type"] == "map-delta":
            assert message["previous"] == self.generation, (message, self.generation)
            assert message["generation"] > message["previous"]
            assert not {peer["public_key"] for peer in message["changed"]} & \
                set(message["removed"])
            self.peers.update({peer["public_key"]: peer for peer in message["changed"]})
            for key in message["removed"]:
                self.peers.pop(key, None)
            if "relays" in message:
                self.relays = {relay["name"]: relay for relay in message["relays"]}
            self.generation = message["generation"]

    async def map_where(self, condition):
        """Read until the map is as wanted."""
        while not condition(self.peers):
            await self.read()

    async def relays_where(self, condition):
        """Read until the relays are as wanted."""
        while not condition(self.relays):
            await self.read()

    async def refused(self):
        """Read on until the server refuses: its code. The connection has to be closed then."""
        try:
            while True:
                await self.read()
        except Refused as refusal:
            code = refusal.code
        await asyncio.wait_for(self.websocket.wait_closed(), TIMEOUT_S)
        return code

    async def leave(self):
        await self.websocket.close()


class Raw:
    """A TLS connection to the server, to send what no node would."""

    def __init__(self, server, source="127.0.0.1", receive_buffer=None):
        plain = socket.socket()
        if receive_buffer:
            plain.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
        plain.settimeout(TIMEOUT_S)
        plain.bind((source, 0))
        plain.connect(("127.0.0.1", server.port))
        self.socket = tls_context().wrap_socket(plain)
        self.rest = b""

    def http(self, path="/v1/node", headers=()):
        lines = [f"GET {path} HTTP/1.1", "Host: x", "Connection: Upgrade", "Upgrade: websocket",
                 "Sec-WebSocket-Version: 13",
                 "Sec-WebSocket-Key: " + b64(b"0123456789abcdef"), *headers, "", ""]
        self.socket.sendall("\r\n".join(lines).encode())
        head, _, self.rest = self.socket.recv(4096).partition(b"\r\n\r\n")
        return head.split(b"\r\n")[0].decode()

    def take(self, size):
        """So many bytes."""
        while len(self.rest) < size:
            chunk = self.socket.recv(65536)
            if not chunk:
                raise Refused(None, "closed")
            self.rest += chunk
        taken, self.rest = self.rest[:size], self.rest[size:]
        return taken

    def read(self):
        """The next message."""
        while True:
            first, size = self.take(2)
            if size >= 126:
                size = int.from_bytes(self.take(2 if size == 126 else 8), "big")
            payload = self.take(size)
            if first == 0x81:
                return json.loads(payload)

    def send(self, message):
        payload = json.dumps(message).encode()
        self.frame(0x81, len(payload), payload)

    def join(self, node, setup_key):
        """Up to the first map, as this node. Nothing is read ahead from then on."""
        assert self.http() == "HTTP/1.1 101 Switching Protocols"
        node.fingerprint = hashlib.sha256(self.socket.getpeercert(True)).digest()
        node.challenge = self.read()
        self.send(node.hello(setup_key=setup_key))
        while self.read()["type"] != "map":
            pass
        return self

    def frame(self, first, size, payload=b"", mask=True):
        """A frame whose header need not be true to its payload; the mask is zero."""
        if size < 126:
            header = bytes([first, size | mask << 7])
        elif size < 65536:
            header = bytes([first, 126 | mask << 7]) + size.to_bytes(2, "big")
        else:
            header = bytes([first, 127 | mask << 7]) + size.to_bytes(8, "big")
        self.socket.sendall(header + (bytes(4) if mask else b"") + payload)

    def read_all(self):
        """Everything until the server closes."""
        received = b""
        try:
            while chunk := self.socket.recv(65536):
                received += chunk
        except (ConnectionError, ssl.SSLError):
            pass
        return received

    def close(self):
        self.socket.close()
