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
"""
import base64
import errno
import functools
import ipaddress
import json
import os
import select
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


def main(command, *arguments):
    if command == "refusals":
        return refusals(arguments[0])
    if command == "add":
        numbers = [int(argument) for argument in arguments]
        return add_peers(family(), numbers[0], numbers[2] if numbers[2:] else 1, numbers[1])
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
