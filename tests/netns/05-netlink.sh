#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# The netlink family of the module, without any daemon: through meshctl, and through the
# kernel tree's own client, which knows nothing but genl-spec/wgmesh.yaml.
#
#   ┌────────────────────────────────────┐   ┌─────┐
#   │ a: wg0  10.7.0.1                   │   │ b   │
#   │    eth0 192.0.2.1/24 2001:db8::1   │   │ (wg1 of a is moved here)
#   └────────────────────────────────────┘   └─────┘
#
# No packet is sent here.
#
# Kernels: all
#
# shellcheck disable=SC2154
# shellcheck source=tests/netns/lib.sh
. "$(dirname "$0")/lib.sh"
begin
KERNEL_SOURCE=$("$project/tools/kernel-source")
export KERNEL_SOURCE
client=$netns_dir/netlink/client.py
PEERS=1000

machine a b
wireguard a 51820 10.7.0.1/24
ip_on a link add eth0 up type dummy
address a eth0 192.0.2.1/24 2001:db8::1/64
key1=$(printf '\001%.0s' {1..32} | base64)
key2=$(printf '\002%.0s' {1..32} | base64)

# tell MACHINE FILTER COMMAND [ARGUMENT]...: runs meshctl, and picks from its JSON
tell()
{
	on "$1" meshctl "${@:3}" --json | gojq -r "$2"
}

# gives WANTED COMMAND [ARGUMENT]...: what a command prints
gives()
{
	local given

	given=$("${@:2}") || return
	[ "$given" = "$1" ] || {
		printf 'given:  %s\nwanted: %s\n' "$given" "$1"
		return 1
	}
}

# refused STATUS WORDS COMMAND [ARGUMENT]...: meshctl ends with that status and says so
refused()
{
	local said status=0

	said=$(on a meshctl "${@:3}" 2>&1) || status=$?
	printf 'status %s: %s\n' "$status" "$said"
	[ "$status" = "$1" ] && [[ $said == *"$2"* ]]
}

# refused_to_nobody COMMAND: of meshctl
refused_to_nobody()
{
	local said

	! said=$(on a timeout 60 setpriv --reuid 65534 --regid 65534 --clear-groups \
		"$(command -v meshctl)" "$1" 2>&1) && [[ $said == *"not permitted"* ]]
}

# tree_client MACHINE OPTION...: the kernel tree's command line client
tree_client()
{
	on "$1" python3 "$KERNEL_SOURCE/tools/net/ynl/cli.py" --output-json \
		--spec "$project/genl-spec/wgmesh.yaml" \
		--schema "$KERNEL_SOURCE/Documentation/netlink/genetlink-legacy.yaml" "${@:2}"
}

# ---- one thing after the other ----

start watch a meshctl watch --json
wait_for says watch '^watching'

expect "nothing is attached at first" gives 0 tell a '.devices | length' device
expect "attach" gives 1 tell a .device.id device attach wg0
expect "attach again: the same device" gives 1 tell a .device.id device attach wg0
expect "the port is WireGuard's" gives 51820 tell a '.devices[].listen_port' device list
expect "another port" gives 4321 tell a .device.listen_port \
	device attach wg0 --listen-port 4321

virtual=$(on a meshctl peer add wg0 "$key1")
expect "a peer gets a virtual endpoint" [ "$virtual" = 127.64.0.1:1 ]
expect "again: the same" gives "$virtual" on a meshctl peer add wg0 "$key1"
expect "another peer gets another" gives 127.64.0.2:1 on a meshctl peer add wg0 "$key2"
expect "WireGuard has to know the peer" \
	refused 1 "WireGuard does not have it" peer add wg0 "$key1" --wireguard
on a wg set wg0 peer "$key1" allowed-ips 10.7.0.2/32
expect "then it is told the endpoint" on a meshctl peer add wg0 "$key1" --wireguard
expect "WireGuard has the virtual endpoint" \
	gives "$key1	$virtual" on a wg show wg0 endpoints

path_a=(path add wg0 "$key1" --local 192.0.2.1:5000 --remote 192.0.2.2:5000)
path_b=(path add wg0 "$key1" --local '[2001:db8::1]:5000' --remote '[2001:db8::2]:5000')
expect "a path" gives 1 on a meshctl "${path_a[@]}"
expect "again: the same" gives 1 on a meshctl "${path_a[@]}"
expect "a path over IPv6, of higher priority" gives 2 on a meshctl "${path_b[@]}" --priority 10
expect "it is in use" gives 2 tell a '.paths[] | select(.selected).id' path
expect "the peer says so as well" gives 2 tell a '.peers[0].selected_path' peer
on a meshctl path set 1 --priority 20
expect "the highest priority is in use" gives 1 tell a '.paths[] | select(.selected).id' path
on a meshctl path set 1 --kind relay
expect "the kind changes, the priority stays" gives "relay 20" \
	tell a '.paths[0] | "\(.kind) \(.priority)"' path list wg0
expect "adding it again changes both" gives "direct 3" \
	tell a '.path | "\(.kind) \(.priority)"' "${path_a[@]}" --kind direct --priority 3
expect "the largest packet is that of the route" gives 1500 tell a '.paths[0].mtu_bytes' path

# ---- refusals ----

expect "every refusal names the attribute and the reason" \
	on a "$client" refusals "$netns_dir/netlink/refusals.jsonl"
expect "a refusal changes nothing" gives "1 device, 2 peers" \
	tell a '"\(.devices | length) device, \(.devices[0].peers) peers"' device
expect "the words of the kernel reach the user" refused 1 "not a unicast address" \
	path add wg0 "$key1" --local 0.0.0.0:1 --remote 192.0.2.2:1
for number in {3..8}; do
	on a meshctl path add wg0 "$key1" --local "192.0.2.1:$number" --remote 192.0.2.2:1 \
		>>"$logs/paths"
done
expect "a peer has at most 8 paths" refused 1 "the peer has all the paths it can have" \
	path add wg0 "$key1" --local 192.0.2.1:9 --remote 192.0.2.2:1
expect "an interface that is no WireGuard" refused 1 "of kind dummy" device attach eth0
expect "an interface that does not exist" refused 1 "No such device" device attach wg9
expect "an interface that is not attached" refused 1 "no attached interface is called" \
	peer list wg9
expect "an unknown peer" refused 1 "has no peer with this key" peer remove wg0 "${key1/B/C}"
expect "a malformed key" refused 2 "" peer add wg0 "${key1%=}"
expect "a malformed endpoint" refused 2 --local \
	path add wg0 "$key1" --local 192.0.2.1 --remote 192.0.2.2:1
expect "only root may" refused_to_nobody device
expect "and listen to events" refused_to_nobody watch

# ---- the kernel tree's client sees the same ----

for list in device peer path; do
	expect "$list-get: the same as meshctl" gives "$(tell a ".${list}s[].id" $list)" \
		gojq .id <(on a "$client" dump $list-get)
done
expect "cli.py --dump path-get, too" gives "$(tell a '.paths[].id' path)" \
	gojq '.[].id' <(tree_client a --dump path-get)
expect "cli.py --do path-get" gives "192.0.2.1 5000 3" \
	gojq -r '"\(.local.address4) \(.local.port) \(.priority)"' \
	<(tree_client a --do path-get --json '{"id":1}')

# ---- removal ----

on a meshctl path remove 1
expect "the next best is in use" gives 2 tell a '.paths[] | select(.selected).id' path
on a meshctl peer remove wg0 "$key1"
expect "with a peer its paths go" gives 0 tell a '.paths | length' path
expect "the other peer stays" gives "$key2" tell a '.peers[].public_key' peer list wg0
expect "a peer that comes again is a new one" gives "3 127.64.0.3:1" \
	tell a '.peer | "\(.id) \(.virtual_endpoint)"' peer add wg0 "$key1"
on a meshctl device detach wg0
expect "with a device its peers go" gives 0 tell a '.peers | length' peer
expect "WireGuard keeps its configuration" gives "$key1	$virtual" on a wg show wg0 endpoints

# What a clock says is different each time.
without_ages()
{
	gojq -c 'walk(if type == "object" then del(.state_age_ms, .switch_age_ms) else . end)'
}

eventually "the last event has come" says watch device-removed
stop watch
expect "events: as recorded" diff -u "$netns_dir/netlink/events.jsonl" \
	<(grep '^{' "$logs/watch.log" | without_ages)

# ---- how paths are probed and chosen ----

# chosen OBJECT: its selector and the pace of its probes
chosen()
{
	tell a ".$1s[0] | \"\(.selector) \(.probe_active_ms) \(.probe_standby_ms) \(.probe_idle_ms) \(.probe_attempts)\"" "$1"
}

selected()
{
	tell a '.peers[0] | "\(.selected_path) \(.switch_reason)"' peer
}

# keys_in FILE MODE KEY...: a file of keys
keys_in()
{
	printf '%s\n' "${@:3}" >"$logs/$1"
	chmod "$2" "$logs/$1"
}

on a meshctl device attach wg0
on a meshctl peer add wg0 "$key1"
expect "the defaults" gives "failover 100 1000 20000 5" chosen device
on a meshctl device set wg0 --selector latency --probe-active 50ms
expect "settings of a device: what was not given stays" gives "latency 50 1000 20000 5" chosen device
expect "they are those of its peers" gives "latency 50 1000 20000 5" chosen peer
on a meshctl peer set wg0 "$key1" --selector duplicate --probe-standby 2s --probe-attempts 3
expect "settings of a peer go before" gives "duplicate 50 2000 20000 3" chosen peer
expect "the device keeps its own" gives "latency 50 1000 20000 5" chosen device
on a meshctl peer set wg0 "$key1" --selector default
expect "a peer gives its selector back" gives "latency 50 2000 20000 3" chosen peer
on a meshctl device set wg0 --selector default
expect "so does a device" gives "failover 50 1000 20000 5" chosen device
expect "an unknown selector" refused 1 "no selector has this name" \
	device set wg0 --selector fastest
expect "of a peer, too" refused 1 "no selector has this name" \
	peer set wg0 "$key1" --selector fastest
expect "nothing to set" refused 2 "nothing to set" peer set wg0 "$key1"
expect "settings of an interface that is not attached" refused 1 "no attached interface" \
	device set wg9 --selector latency
expect "settings of an unknown peer" refused 1 "has no peer with this key" \
	peer set wg0 "$key2" --selector latency

first=$(on a meshctl "${path_a[@]}")
second=$(on a meshctl "${path_b[@]}" --priority 10)
expect "the path of the higher priority is in use" gives "$second added" selected
on a meshctl path set "$first" --policy force
expect "a forced path is in use" gives "$first policy" selected
expect "the priority may change meanwhile" on a meshctl path set "$second" --priority 20
expect "that does not matter" gives "$first policy" selected
expect "two cannot be forced" refused 1 "another path of the peer is forced" \
	path set "$second" --policy force
expect "the refused one is as before" gives auto \
	tell a ".paths[] | select(.id == $second).policy" path
on a meshctl path set "$first" --policy auto
expect "left to the selector" gives "$second policy" selected
on a meshctl path set "$second" --policy forbid
expect "a forbidden path is not used" gives "$first policy" selected
on a meshctl path set "$first" --policy forbid
expect "not even when there is no other" gives "null policy" selected
expect "an unknown policy" refused 2 "--policy" path set "$first" --policy never

one=$(wg genkey) other=$(wg genkey)
keys_in keys 600 "$one" "$other"
keys_in open 644 "$one" "$other"
keys_in single 600 "$one"
keys_in twice 600 "$one" "$one"
expect "without keys there are no probes" gives false tell a '.peers[0].probing' peer
expect "keys that others can read" refused 1 "$logs/open" \
	peer set wg0 "$key1" --probe-key-file "$logs/open"
expect "one key is not enough" refused 1 "two keys" \
	peer set wg0 "$key1" --probe-key-file "$logs/single"
expect "nor twice the same" refused 1 "different keys" \
	peer set wg0 "$key1" --probe-key-file "$logs/twice"
expect "nothing was set" gives false tell a '.peers[0].probing' peer
expect "two keys" gives true tell a .peer.probing \
	peer set wg0 "$key1" --probe-key-file "$logs/keys"
on a meshctl device detach wg0

# ---- an interface in another network namespace than its socket ----

ip_on a link add wg1 type wireguard
on a wg set wg1 listen-port 51821
ip_on a link set wg1 netns "$(netns b)"
start holder b sleep infinity
expect "attach an interface that was moved away" gives "wg1 51821" \
	tell a '.device | "\(.ifname) \(.listen_port)"' \
	device attach wg1 --netns "${process_id[holder]}"
expect "it is attached here" gives wg1 tell a '.devices[].ifname' device
expect "and not there" gives 0 tell b '.devices | length' device
expect "its endpoint is set where it is" refused 1 "cannot find the interface wg1" \
	peer add wg1 "$key1" --wireguard
ip_on b link del wg1
expect "it goes with the interface" gives 0 tell a '.devices | length' device
kill_hard holder

# ---- many ----

device=$(tell a .device.id device attach wg0)
start watch2 a meshctl watch
wait_for says watch2 '^watching'
send watch2 STOP
expect "$PEERS peers" on a "$client" add "$device" $PEERS

# in_order COUNT: numbers on stdin grow, and are that many
in_order()
{
	awk -v wanted="$1" '$1 <= last { exit 1 } { last = $1 } END { exit NR != wanted }'
}

listed()
{
	tell a '.peers[].id' peer list wg0 | in_order $PEERS
}

listed_by_tree()
{
	on a "$client" dump peer-get | gojq .id | in_order $PEERS
}

expect "meshctl lists each once" listed
expect "so does the kernel tree's client, in small pieces" listed_by_tree

# A list that mixes two moments has more than fits in either.
consistent()
{
	local count

	count=$(tell a '[.peers[].id] | if . == unique then length else 0 end' peer)
	echo "$count peers"
	[ "$count" = $PEERS ] || [ "$count" = $((PEERS + 1)) ]
}

mkfifo "$logs/end-of-churn"
start churn a sh -c "exec $client churn $device $PEERS <$logs/end-of-churn"
exec {churn}>"$logs/end-of-churn"
wait_for says churn '^churning'
for attempt in {1..3}; do
	expect "list $attempt while peers come and go is of one moment" consistent
done
exec {churn}>&-
expect "they did come and go" collect churn
remark "$(tail -n 1 "$logs/churn.log") while these were read"

on a meshctl device detach wg0
expect "all are gone" gives 0 tell a '.peers | length' peer

# overflows: peers come and go, and there was an event for which a socket had no room
overflows()
{
	device=$(tell a .device.id device attach wg0) && on a "$client" add "$device" $PEERS &&
		on a meshctl device detach wg0 &&
		on a awk 'NR > 1 { drops += $9 } END { exit !drops }' /proc/net/netlink
}
eventually "who does not read has no room in the end" overflows
send watch2 CONT
eventually "who did not read all this time learns that events were lost" says watch2 '^lost$'
stop watch2

# ---- the module itself goes and comes ----

expect "attach once more" on a meshctl device attach wg0
start watch3 a meshctl watch
wait_for says watch3 '^watching'
unload_module
eventually "a listener hears that the module went" says watch3 '^module-gone$'
load_module
eventually "and that it came" says watch3 '^module-loaded$'
expect "it has forgotten everything" gives 0 tell a '.devices | length' device
expect "attach" on a meshctl device attach wg0
eventually "the listener hears of what happens then" says watch3 '^device 1: wg0$'
ip_on a link del wg0
eventually "of an interface that was removed, too" says watch3 '^device-removed 1: wg0$'
stop watch3

# expect_sanitized WHAT PROGRAM: programs do not have all of the address space on User-Mode Linux,
# and AddressSanitizer insists on a part of it.
expect_sanitized()
{
	if grep -q 'User Mode Linux' /proc/cpuinfo; then
		skip "$1" "there is no AddressSanitizer on User-Mode Linux"
	else
		expect "$@"
	fi
}

expect_sanitized "WireGuard's own family, with many peers" "$project/build/san/tests/test-wireguard"
expect_sanitized "rtnetlink" "$project/build/san/tests/test-link"
