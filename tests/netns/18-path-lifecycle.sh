#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Everything may end while packets are on their way: the module, the WireGuard interface,
# the network namespace. Nothing breaks, and what is set up again works.
#
#	a ─────── r ─────── b	(lib/line.sh)
#
# Kernels: all
#
# shellcheck source=tests/netns/lib.sh
. "$(dirname "$0")/lib.sh"
begin
line

connect()
{
	attach_both
	path_both "$1" 10
}

# In both directions, until the end; as much as leaves time for what happens under it.
traffic()
{
	start "flood-$1" b ping -n -q -i 0.005 -s 1300 fd07::1
	start "server-$1" b iperf3 --server --one-off
	wait_for listens b tcp 5201
	start "tcp-$1" a iperf3 --client 10.7.0.2 --time 1000 --bitrate 5M --forceflush
	wait_for says "tcp-$1" connected
}
traffic_ends()
{
	kill_hard "flood-$1" "server-$1" "tcp-$1"
}

for version in 4 6; do
	connect $version
	expect "IPv$version: connected" pings a 10.7.0.2
	traffic $version
	expect "IPv$version: the module is unloaded under traffic" unload_module
	expect "IPv$version: nothing gets through any more" not pings a 10.7.0.2 -W 1
	load_module
	connect $version
	eventually "IPv$version: loaded and set up again, it works" pings a 10.7.0.2
	expect "IPv$version: detached and attached under traffic" detach a
	attach a
	virtual_peer a b allowed-ips 10.7.0.2/32,fd07::2/128
	path_both $version 10
	eventually "IPv$version: it works again" pings a 10.7.0.2
	traffic_ends $version
done

traffic device
expect "the interface is deleted under traffic" ip_on b link delete wg0
gone()
{
	[ "$(on b meshctl device list --json | gojq '.devices | length')" = 0 ]
}
expect "and the module has let go of it" gone
wireguard b 51820 10.7.0.2/24 fd07::2/64
attach b
virtual_peer b a allowed-ips 10.7.0.1/32,fd07::1/128
virtual_peer a b allowed-ips 10.7.0.2/32,fd07::2/128
path_both 4 20
eventually "a new interface in its place works" pings a 10.7.0.2
traffic_ends device

# Nothing may run on b, or its namespace would live on: the kernel answers pings alone.
start flood a ping -n -q -f 10.7.0.2
namespaces=$(ip netns list-id | wc -l)
remove_machine b
one_less()
{
	[ "$(ip netns list-id | wc -l)" = $((namespaces - 1)) ]
}
eventually "the namespace is deleted under traffic" one_less
kill_hard flood
