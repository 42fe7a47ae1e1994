#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# The module is replaced while nodes and a relay use it and packets are on their way: what was
# WireGuard's own stays, nobody is restarted, and everything is programmed anew by itself.
#
#	a ── NAT ──┬── NAT ── b		a and b reach each other through the relay
#	         server, which is the relay
#	f ──────── g				plain WireGuard, which nobody attached
#
# Kernels: all
#
# shellcheck source=tests/netns/lib.sh
. "$(dirname "$0")/lib.sh"
begin
KERNEL_SOURCE=$("$project/tools/kernel-source")
export KERNEL_SOURCE
PEERS=500

# modprobe looks for modules there: the project's, and WireGuard's with all that they need.
tree=$logs/modules
make_tree()
{
	local dir=$tree/lib/modules/$(uname -r) name file

	mkdir -p "$dir"
	cp "$module" "$dir/"
	for name in wireguard $(modinfo -F depends "$module" | tr , ' '); do
		modprobe --show-depends "$name"
	done | awk '$1 == "insmod" && !seen[$2]++ { print $2 }' | while read -r file; do
		cp "$file" "$dir/"
	done
	depmod -b "$tree"
}

# in_tree OPTION...: modprobe
in_tree()
{
	modprobe -d "$tree" "$@"
}

two_homes symmetric symmetric f g
wire f eth0 g eth0
address f eth0 192.0.2.1/24
address g eth0 192.0.2.2/24
wireguard f 51820 10.7.0.1/24
wireguard g 51820 10.7.0.2/24
wg_peer f g endpoint 192.0.2.2:51820 allowed-ips 10.7.0.2/32
wg_peer g f endpoint 192.0.2.1:51820 allowed-ips 10.7.0.1/32
make_tree

relay_host server 203.0.113.1 --kernel require
members server a b
wait_for is_relayed a b
wait_for is_relayed b a
address_b=$(overlay b)
eventually "the way is open" pings a "$address_b"
steady foreign f 10.7.0.2

# An interface with many peers takes a while to be let go of, and whoever listens to the number
# that the group of the module had must not hear of it: it may be another one's by then.
: "$(ip_on g link add wg9 type wireguard)"
device=$(on g meshctl device attach wg9 --json | gojq .device.id)
on g "$netns_dir/netlink/client.py" add "$device" $PEERS
start stale g "$netns_dir/netlink/client.py" stale
wait_for says stale '^listening'
on g "$netns_dir/netlink/client.py" add "$device" 1 $((PEERS + 1))
expect "who listens hears of a peer" wait_for says stale '^event'

# forwarding: the kernel of the relay forwards between the two
forwarding()
{
	on server "$netns_dir/netlink/client.py" dump channel-get |
		gojq -se '[.[] | ."to-peer-packets"] | add > 0' >/dev/null
}

expect "the kernel forwards" wait_for forwarding
start flood a ping -n -q -f "$address_b"
expect "modprobe -r removes the module under traffic" in_tree -r wgmesh
expect "it is gone" not test -d /sys/module/wgmesh
expect "WireGuard's interfaces stay" ip_on f link show wg0 up
expect "those of the nodes, too" ip_on a link show wgmesh0 up
expect "plain WireGuard goes on" steady_goes_on foreign
says_module()
{
	grep -q "modprobe wgmesh" <<<"$(on a meshctl status)"
}
eventually "a node says what is missing" says_module
eventually "the relay says who forwards now" says relayd-server "this program forwards until"
kill_hard flood

kill_hard stale
expect "nobody hears of the objects that went with the module" \
	[ "$(grep -c '^event' "$logs/stale.log")" = 1 ]

# What it needs is there; WireGuard is not among that.
expect "the module comes back" in_tree wgmesh
expect "nothing of it asks for WireGuard" [ -z "$(modinfo -F softdep "$module")" ]
before=$EPOCHREALTIME
eventually "the nodes program it anew, and it works" pings a "$address_b"
remark "$(bc <<<"$EPOCHREALTIME - $before") s until three pings were answered"
eventually "they are not direct, but relayed, as before" is_relayed a b
eventually "the kernel of the relay forwards again" forwarding
notes()
{
	on server "$netns_dir/netlink/client.py" dump allocation-get |
		gojq -se 'length == 2 and all(.note != null)' >/dev/null
}
expect "what the next run of the relay needs is noted again" notes
steady again a "$address_b"
expect "nothing is lost any more" steady_lost_nothing again
expect "plain WireGuard has lost nothing in all this time" steady_lost_nothing foreign
