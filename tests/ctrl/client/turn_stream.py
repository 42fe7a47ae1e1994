# SPDX-License-Identifier: GPL-2.0
"""A TURN client over TCP and TLS; for relayd-stream."""
import socket
import ssl
import struct

from turn import Client, PATIENCE, pad


class StreamClient(Client):
    """A client with a connection in place of a UDP socket."""

    # pylint: disable=super-init-not-called
    def __init__(self, relayd, address="127.0.0.1", user="user", password="pw", algorithm=None,
                 source=None, tls=None, read_little=False):
        self.user, self.password, self.algorithm = user, password, algorithm
        self.realm = self.nonce = self.algorithms = self.last = None
        self.anonymous = False
        listening = "[::1]" if address == "::1" else address
        port = relayd.tls_port(listening) if tls else relayd.port(listening)
        self.server = (address, port)
        self.socket = socket.socket(socket.AF_INET6 if ":" in address else socket.AF_INET)
        if read_little:
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        self.socket.settimeout(PATIENCE)
        if source:
            self.socket.bind(source)
        self.socket.connect(self.server)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if tls:
            self.socket = tls.wrap_socket(self.socket, server_hostname="relay.test")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.socket.close()

    def send(self, data, to=None):
        """Send bytes; there is one place where they can go."""
        self.socket.sendall(data)

    def receive_exactly(self, size):
        """So many bytes."""
        data = b""
        while len(data) < size:
            more = self.socket.recv(size - len(data))
            assert more, "closed"
            data += more
        return data

    def receive(self):
        """The next message, with its padding, and the server."""
        head = self.receive_exactly(4)
        length = struct.unpack("!H", head[2:])[0]
        rest = 16 + length if head[0] < 0x40 else length + -length % 4
        return head + self.receive_exactly(rest), self.server

    def send_channel(self, number, data, padding=None):
        """ChannelData; padded as it has to be over a stream."""
        message = struct.pack("!HH", number, len(data)) + data
        self.send(pad(message) if padding is None else message + padding)

    def receive_channel(self):
        """Number and data of ChannelData."""
        data, _ = self.receive()
        number, length = struct.unpack("!HH", data[:4])
        assert number >= 0x4000, data.hex()
        assert data[4 + length:] == bytes(-length % 4)
        return number, data[4:4 + length]


def is_closed(connection):
    """That the other end closes it; what it sends before is passed over."""
    try:
        while connection.recv(65536):
            pass
    except (ConnectionResetError, BrokenPipeError, ssl.SSLError):
        pass
    return True


__all__ = ["StreamClient", "is_closed"]
