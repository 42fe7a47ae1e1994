#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# What cannot be stored is not reported as done: up and down on a full disk fail, and say what to do.
#
#	a ── internet ── server
#
# shellcheck disable=SC2154
# shellcheck source=tests/netns/lib.sh
. "$(dirname "$0")/lib.sh"
begin
internet server a
public_host server 203.0.113.1
key=$(setup_key server)
state=/var/lib/wgmesh/default
on a mkdir -p $state
on a mount -t tmpfs -o size=64k,mode=700 small $state
node a
fill()
{
	on a sh -c "cat /dev/zero >$state/fill" 2>/dev/null || :
}
# fails WHAT COMMAND...: of meshctl, for there is no room, and says so
fails()
{
	local said

	! said=$(on a meshctl "${@:2}" 2>&1) && grep -F "$1" <<<"$said" &&
		grep -F "No space left on device" <<<"$said" && grep -F "Make room" <<<"$said"
}
uses()
{
	on server meshctl server key list --json | gojq -e ".keys[0].uses == $1"
}
fill
expect "up fails" fails "nothing was done" up "$key"
expect "the setup key is as good as before" uses 0
expect "the node is down" status a '.state == "down"'
expect "the log says it" grep -F "No space left on device" "$logs/meshd-a.log"
on a rm $state/fill
expect "with room it works" join a "$key"

fill
expect "down fails" fails "this node is down, but that is not on disk" down
expect "the node is down at that" status a '.state == "down"'
expect "the status says what is wrong" status a '.warning | contains("No space left")'
stop meshd-a
node a
expect "it comes back, as was said" status a '.state == "up"'
expect "down fails again" fails "not on disk" down
on a rm $state/fill
stored()
{
	status a 'has("warning") | not'
}
eventually "it is stored when there is room" stored
stop meshd-a
node a
expect "and it stays down" status a '.state == "down"'
