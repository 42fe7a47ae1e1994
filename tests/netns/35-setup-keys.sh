#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# A setup key that is wrong, expired, revoked or used up is refused, and the user is told
# what to do. So is a server that is not the one in the join string.
#
#	a ── internet ── server
#
# shellcheck source=tests/netns/lib.sh
. "$(dirname "$0")/lib.sh"
begin
internet server a b
public_host server 203.0.113.1
node a b

# refused MACHINE JOIN-STRING REGEX: meshctl fails and says so
refused()
{
	! on "$1" meshctl up "$2" >"$logs/refusal" 2>&1 && grep -iE "$3" "$logs/refusal"
}

good=$(setup_key server)
IFS=/ read -r _ _ host secret fingerprint <<<"$good"
wrong=mesh://$host/$(tr a-y b-z <<<"${secret//[2-7]/a}")/$fingerprint
expect "a wrong key" refused a "$wrong" "no such setup key"
expect "a mistyped string" refused a "mesh://$host/abc/$fingerprint" "key"
expect "another server than the one that was meant" \
	refused a "mesh://$host/$secret/${fingerprint::-4}AAAA" "certificate|fingerprint"

expired=$(setup_key server --expires 1s)
is_expired()
{
	grep -q expired <<<"$(on server meshctl server key list)"
}
wait_for is_expired
expect "an expired key" refused a "$expired" "expired"

revoked=$(setup_key server --name gone)
id=$(on server meshctl server key list --json | gojq '.keys[] | select(.name == "gone") | .id')
on server meshctl server key revoke "$id"
expect "a revoked key" refused a "$revoked" "revoked"

expect "a key for one node" join a "$good"
expect "a second node with it" refused b "$good" "good for one only"
expect "the refusals say what to do" grep "ask the operator for a new one" "$logs/refusal"
expect "the first node joins again with it" join a "$good"
