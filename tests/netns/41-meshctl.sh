#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# What meshctl says, and what its exit status is, from before the daemon runs until the
# node has left: two nodes and their server on one network.
#
#   ┌────────────────────┐   ┌──────────┐   ┌─────────────────┐
#   │ server 203.0.113.1 ├───┤ internet ├───┤ a 203.0.113.10  │
#   └────────────────────┘   │          │   ├─────────────────┤
#                            │          ├───┤ b 203.0.113.20  │
#                            └──────────┘   └─────────────────┘
#
# shellcheck disable=SC2154
# shellcheck source=tests/netns/lib.sh
. "$(dirname "$0")/lib.sh"
begin

segment internet
machine server a b
plug server eth0 internet 203.0.113.1/24
plug a eth0 internet 203.0.113.10/24
plug b eth0 internet 203.0.113.20/24

# meshctl_says MACHINE STATUS REGEX ARGUMENT...: it ends with the status; a line that it
# prints matches
meshctl_says()
{
	local said status=0

	said=$(on "$1" meshctl "${@:4}" 2>&1) || status=$?
	printf 'exit status %s\n%s\n' "$status" "$said"
	[ "$status" = "$2" ] && grep -qE -- "$3" <<<"$said"
}

# refuses_nobody TEXT: somebody in no group is told that
refuses_nobody()
{
	local said

	! said=$(on a setpriv --reuid 65534 --regid 65534 --clear-groups \
		"$(command -v meshctl)" status 2>&1) && [[ $said == *"$1"* ]]
}

# on_terminal MACHINE COMMAND [ARGUMENT]...: what a terminal gets
on_terminal()
{
	on "$1" env TERM=xterm script -qec "${*:2}" /dev/null
}

# All of it is read first: "script" does not end well when nobody reads the rest.
has_colours()
{
	[[ $(cat) == *$'\e['* ]]
}

coloured()
{
	on_terminal a "$@" | has_colours
}

expect "no daemon: status says how to start it" \
	meshctl_says a 1 '^Start it with "systemctl start meshd@default"; "journalctl -u' status
expect "no daemon, another network" \
	meshctl_says a 1 'systemctl start meshd@home' --network home status
expect "no daemon: wait gives up" meshctl_says a 1 'not running' wait --timeout 1s
expect "no server: said as well" meshctl_says a 1 'systemctl start mesh-server' server status

public_host server 203.0.113.1
node a b
expect "not joined: status" meshctl_says a 1 '^not joined yet' status
expect "not joined: up needs a join string" meshctl_says a 1 'join string' up
expect "not joined: wait gives up" meshctl_says a 1 'not up' wait --timeout 1s
expect "not joined: JSON all the same" \
	[ "$(status a '"\(.version) \(.state)"')" = "1 down" ]
expect "a malformed join string" meshctl_says a 2 'not a join string' up mesh://nonsense
expect "a mistyped command" meshctl_says a 2 'Did you mean "meshctl status"' stauts
expect "the version" meshctl_says a 0 '^meshctl [0-9]' --version
expect "a mistyped option" meshctl_says a 2 'explains' status --jsno
expect "too much on the command line" meshctl_says a 2 'too much' down now

key=$(setup_key server --reusable)
expect "up" meshctl_says a 0 '^up: this node is alpha in the network "wgmesh"' \
	up "$key" --hostname alpha
expect "up, with a join string that nobody sees" on b sh -c 'meshctl up -' <<<"$key"
expect "wait for a peer" meshctl_says a 0 '' wait b --timeout 3m
expect "wait for all" meshctl_says b 0 '' wait --timeout 3m
expect "wait for one that is not there" meshctl_says a 1 'no peer has' wait c --timeout 1

locked_kib()
{
	awk '/^VmLck:/ { print $2 }' "/proc/${process_id[meshd-a]}/status"
}
expect "the private key is not swapped out" [ "$(locked_kib)" -gt 0 ]

expect "status: this node" meshctl_says a 0 '^this node +alpha +100\.' status
expect "status: the server" meshctl_says a 0 '^server +wss://203.0.113.1:.*, connected$' status
expect "status: the path to the peer" \
	meshctl_says a 0 '^b +100\.[0-9.]+ +direct +via 203\.0\.113\.20:[0-9]+ ' status
expect "status of a peer: by its name" meshctl_says a 0 'remote candidates 203.0.113.20' status b
expect "status of a peer: by its address" \
	meshctl_says a 0 '^b  direct' status "$(overlay b)"
b_key=$(status b .public_key)
expect "status of a peer: by the beginning of its key" \
	meshctl_says a 0 '^b  direct' status "${b_key:0:8}"
expect "status of nobody" meshctl_says a 1 '"meshctl status" lists the peers' status nobody
expect "status of a peer: for programs" \
	[ "$(on a meshctl status b --json | gojq -r '"\(.hostname) \(.state)"')" = "b direct" ]
expect "status of nobody: for programs" meshctl_says a 1 'lists the peers' status nobody --json
expect "status for programs" [ "$(status a '.peers[0].paths[0] | .selected, (.mtu_bytes > 0)')" = \
	$'true\ntrue' ]

expect "paths: which one is in use" \
	meshctl_says a 0 '^b: packets go directly, on path [0-9]+$' paths b
expect "paths: how it is" meshctl_says a 0 '^ +(untested|alive) for .*, round trip [0-9.]+ ms' paths b
expect "paths: why there is no other" meshctl_says a 0 '^ +no path through a relay: .' paths b
expect "paths of nobody" meshctl_says a 1 '"meshctl status" lists the peers' paths nobody
expect "paths for programs" [ "$(on a meshctl paths b --json | gojq -r .hostname)" = b ]
expect "force a path" meshctl_says a 0 '^ +in use, forced$' paths b --force direct
expect "it is forced" [ "$(status a '.peers[0].paths[0].policy')" = force ]
expect "leave it to the selector again" meshctl_says a 0 '^ +in use$' paths b --auto
expect "force one that is not there" meshctl_says a 1 'b has no relay path: ' paths b --force relay
expect "forbid one that is not there" meshctl_says a 1 'lists them' paths b --forbid 4000000
expect "force and leave it" meshctl_says a 2 'exclude each other' paths b --force direct --auto

pong='^pong from b \(100\.[0-9.]+\) via 203\.0\.113\.20:[0-9]+ \(direct\) in [0-9.]+ ms$'
expect "ping tells the path" meshctl_says a 0 "$pong" ping -c 2 -i 0.1 b
expect "ping sums up" meshctl_says a 0 '^3 sent, 3 received, 0 % lost; round trip' \
	ping -c 3 -i 0.01 b
expect "ping an IPv6 address" meshctl_says a 0 'pong from b \(fd' ping -c 1 "$(overlay b 6)"
sysctl_on a net.ipv4.ping_group_range="1 0"
expect "ping without ping sockets" meshctl_says a 0 "$pong" ping -c 1 b
expect "ping without ping sockets, IPv6" \
	meshctl_says a 0 'pong from b \(fd' ping -c 1 "$(overlay b 6)"
expect "ping nobody" meshctl_says a 1 'no peer has' ping -c 1 nobody

start pinging a meshctl ping -i 0.05 b
wait_for says pinging "$pong"
send pinging INT
expect "ping until Ctrl-C" collect pinging
expect "it sums up then, too" says pinging '^[0-9]+ sent, [0-9]+ received'

expect "reconnect" meshctl_says a 0 '' reconnect b
expect "there is a path all the time" meshctl_says a 0 "$pong" ping -c 1 b

expect "colours for a terminal" coloured meshctl status
expect "none when NO_COLOR says so" not coloured NO_COLOR=1 meshctl status
expect "none into a pipe" not has_colours < <(on a meshctl status)
expect "not everybody is let in" refuses_nobody "no permission"

# The group is one that is there.
looks()
{
	on "$1" setpriv --reuid 65534 --regid "$(getent group games | cut -d : -f 3)" --clear-groups \
		"$(command -v meshctl)" "${@:2}" 2>&1
}

may_look_only()
{
	looks a status && ! said=$(looks a reconnect) && [[ $said == *'members of the group "root"'* ]]
}

stop meshd-a
start meshd-a a meshd --viewer-group games
wait_for meshd_answers a
expect "a group may look, and is told who may do more" may_look_only
expect "nobody else is let in" refuses_nobody 'members of "games"'
expect "all is as before" meshctl_says a 0 '' wait b --timeout 3m

expect "down" meshctl_says b 0 '^down' down
expect "down: status" meshctl_says b 1 '^stopped' status
eventually "the other one sees it" meshctl_says a 0 '^b .*(away|offline)' status
expect "and gets no answer" meshctl_says a 1 '^no answer|100 % lost' ping -c 1 b
expect "up again needs no join string" meshctl_says b 0 '^up: this node is b' up
expect "the way is there again" meshctl_says b 0 '' wait alpha --timeout 3m

unload_module
expect "up without the module says so, and how to go on" \
	meshctl_says a 1 '^"meshctl up --without-module"' up
expect "and what is to be done" meshctl_says a 1 '^(Install the headers|.*modprobe wgmesh)' up
expect "it goes on when asked to" meshctl_says a 0 '^up: this node is alpha' up --without-module
eventually "without the module status says what to do" meshctl_says a 0 'modprobe wgmesh' status
load_module
expect "with it all is as before" meshctl_says a 0 '' wait b --timeout 3m
