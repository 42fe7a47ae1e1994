#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""The kernel tree's own netlink client, for what takes many requests.

client.py refusals FILE        each line of FILE is refused as it says
client.py add DEVICE N [FIRST] peers number FIRST to FIRST + N - 1 are added to a device
client.py churn DEVICE N       peers come and go, one at a time, until stdin ends; there are
                               N or N + 1 of them at every moment
client.py dump OPERATION       a list, one JSON object a line, received in small pieces
client.py do OPERATION JSON... requests, addresses and keys as people write them; prints the
                               answer to each in one line
client.py overtaken DEVICE     lists that something is changed under; prints which of these were
                               interrupted by it. The device has one peer
client.py stale                joins the group of events again and again, by its number of now;
                               prints "event" for whatever it hears, until it is ended
"""
import base64
import errno
import functools
import ipaddress
import json
import os
import select
import socket
import struct
import sys

import yaml

project = os.path.dirname(os.path.dirname(os.path.dirname(os.path.dirname(
    os.path.realpath(__file__)))))
tree = os.environ["KERNEL_SOURCE"]
sys.path.append(os.path.join(tree, "tools/net/ynl"))
from lib import YnlFamily, NlError  # noqa: E402

# The client reads the specification each time it starts: with libyaml it does so in a tenth.
yaml.safe_load = functools.partial(yaml.load, Loader=yaml.CSafeLoader)

# The name that the kernel has for a number with two.
names = {**errno.errorcode, errno.EOPNOTSUPP: "EOPNOTSUPP"}

# Between two changes: a reader may finish its list in the meantime.
CHURN_S = 0.2


def family(recv_size=0):
    """Not held against its schema: tools/genl does that."""
    return YnlFamily(os.path.join(project, "genl-spec/wgmesh.yaml"), "", recv_size=recv_size)


def encode(attributes):
    """Addresses and keys as people write them, to what the client wants."""
    encoded = {}
    for name, value in attributes.items():
        if isinstance(value, dict):
            value = encode(value)
        elif isinstance(value, list):
            value = [encode(item) for item in value]
        elif name == "address4":
            value = int(ipaddress.IPv4Address(value))
        elif name == "address6" and ":" in value:
            value = ipaddress.IPv6Address(value).packed.hex()
        elif name in ("public-key", "probe-key-tx", "probe-key-rx"):
            value = base64.b64decode(value).hex()
        encoded[name] = value
    return encoded


def refusal(wgmesh, operation, attributes):
    try:
        wgmesh.do(operation, encode(attributes))
    except NlError as refused:
        words = refused.nl_msg.extack or {}
        told = {"errno": names[refused.error], "says": words.get("msg")}
        told.update({name: words[name] for name in ("bad-attr", "miss-type") if name in words})
        return told
    return {"errno": None}


def refusals(path):
    """Prints every refusal, in the form of FILE; fails when one differs."""
    wgmesh = family()
    differ = 0
    with open(path, encoding="utf-8") as lines:
        for line in lines:
            if line.startswith("#") or not line.strip():
                continue
            wanted = json.loads(line)
            told = {"do": wanted["do"], "with": wanted["with"]}
            told.update(refusal(wgmesh, wanted["do"], wanted["with"]))
            print(json.dumps(told))
            if told != wanted:
                print(f"# wanted: {line.strip()}")
                differ += 1
    return differ != 0


def key(number):
    return number.to_bytes(4, "big") + bytes(28)


def add_peers(wgmesh, device, first, count):
    for number in range(first, first + count):
        wgmesh.do("peer-set", {"device": device, "public-key": key(number)})


def churn(device, count):
    wgmesh = family()
    ids = sorted(peer["id"] for peer in wgmesh.dump("peer-get", {"device": device}))
    changes = 0
    print("churning", flush=True)
    while not select.select([sys.stdin], [], [], CHURN_S)[0]:
        new = wgmesh.do("peer-set", {"device": device, "public-key": key(1 << 24 | changes)})
        ids.append(new["id"])
        wgmesh.do("peer-del", {"id": ids.pop(0)})
        changes += 1
    print(f"{changes} changes")
    return len(ids) != count


def dump(operation):
    for item in family(recv_size=4096).dump(operation, {}):
        print(json.dumps(item, default=bytes.hex))


NETLINK_GENERIC = 16
SOL_NETLINK = 270
NETLINK_ADD_MEMBERSHIP = 1
NLM_F_REQUEST, NLM_F_DUMP, NLM_F_DUMP_INTR = 1, 0x300, 0x10
NLMSG_DONE = 3
PART = 4096


def messages(part):
    """Type and flags of the messages in what was received."""
    while part:
        length, kind, flags = struct.unpack_from("IHH", part)
        yield kind, flags
        part = part[(length + 3) & ~3:]


def is_interrupted(wgmesh, operation, change):
    """Lists; after the first part, and the second one that the kernel has ready, @change is made."""
    with socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, NETLINK_GENERIC) as lists:
        command = wgmesh.ops[operation].req_value
        lists.send(struct.pack("IHHIIBBH", 20, wgmesh.nlproto.family_id,
                               NLM_F_REQUEST | NLM_F_DUMP, 1, 0, command, 1, 0))
        change()
        parts = [lists.recv(PART)]
        seen = list(messages(parts[0]))
        while seen[-1][0] != NLMSG_DONE:
            parts.append(lists.recv(PART))
            seen += messages(parts[-1])
    return len(parts), any(flags & NLM_F_DUMP_INTR for kind, flags in seen)


def endpoint(port):
    return {"address4": int(ipaddress.IPv4Address("192.0.2.1")), "port": port}


class Changes:
    """One of each kind of object, that comes and goes."""

    def __init__(self, wgmesh, device):
        self.do = wgmesh.do
        device = wgmesh.do("device-get", {"id": device})
        self.device = device["id"]
        self.ifindex = device["ifindex"]
        self.last = wgmesh.do("allocation-set", self.allocation(3478))["id"]

    @staticmethod
    def allocation(port):
        return {"local": endpoint(port), "client": endpoint(port + 1), "lifetime-ms": 600000}

    def add_channel(self, number):
        return self.do("channel-set", {
            "allocation": self.last, "number": 0x4000 + number, "lifetime-ms": 600000,
            "relayed": endpoint(40000), "peer": endpoint(20000 + number)})

    def add_path(self, peer, number):
        return self.do("path-set", {"peer": peer, "local": endpoint(5000),
                                    "remote": endpoint(6000 + number)})

    def add_peer(self, number):
        return self.do("peer-set", {"device": self.device, "public-key": key(number)})

    def fill(self, count):
        """Lists of more than three parts."""
        peers = [self.add_peer(1 + number)["id"] for number in range(count)]
        for number in range(count):
            self.add_path(peers[number % (count // 4)], number)
            self.add_channel(number)
        self.peer = peers[-1]

    def device_changes(self):
        for port in (1, 51820):
            self.do("device-set", {"ifindex": self.ifindex, "listen-port": port})

    def peer_changes(self):
        self.do("peer-del", {"id": self.add_peer(0xffff)["id"]})

    def path_changes(self):
        self.do("path-del", {"id": self.add_path(self.peer, 3999)["id"]})

    def allocation_changes(self):
        self.do("allocation-del", {"id": self.do("allocation-set", self.allocation(3480))["id"]})

    def channel_changes(self):
        self.do("channel-del", {"id": self.add_channel(3999)["id"]})

    def bounce_changes(self):
        self.do("bounce-set", {"ifindex": self.ifindex})
        self.do("bounce-del", {"ifindex": self.ifindex})


def overtaken(device):
    wgmesh = family()
    changes = Changes(wgmesh, device)
    changes.fill(120)
    kinds = ("device", "peer", "path", "allocation", "channel", "bounce")
    for listed in kinds:
        parts = 0
        by = []
        for changed in kinds:
            parts, interrupted = is_interrupted(wgmesh, f"{listed}-get",
                                                getattr(changes, f"{changed}_changes"))
            by += [changed] if interrupted else []
        print(f"{listed}: {'long' if parts > 3 else 'short'}: {' '.join(by) or '-'}")


def stale():
    wgmesh = family()
    group = wgmesh.nlproto.get_mcast_id("events", {})
    with socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, NETLINK_GENERIC) as listener:
        # without a number of its own it would be taken for the sender, which hears no event
        listener.bind((0, 0))
        print("listening", flush=True)
        while True:
            listener.setsockopt(SOL_NETLINK, NETLINK_ADD_MEMBERSHIP, group)
            try:
                listener.recv(PART, socket.MSG_DONTWAIT)
                print("event", flush=True)
            except BlockingIOError:
                pass
            except OSError as lost:
                if lost.errno != errno.ENOBUFS:
                    raise
                print("event", flush=True)


def main(command, *arguments):
    if command == "refusals":
        return refusals(arguments[0])
    if command == "add":
        numbers = [int(argument) for argument in arguments]
        return add_peers(family(), numbers[0], numbers[2] if numbers[2:] else 1, numbers[1])
    if command == "overtaken":
        return overtaken(int(arguments[0]))
    if command == "stale":
        return stale()
    if command == "churn":
        return churn(int(arguments[0]), int(arguments[1]))
    if command == "do":
        wgmesh = family()
        for request in arguments[1:]:
            reply = wgmesh.do(arguments[0], encode(json.loads(request)))
            print(json.dumps(reply or {}, default=bytes.hex))
        return 0
    return dump(arguments[0])


sys.exit(main(*sys.argv[1:]))
