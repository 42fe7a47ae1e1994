#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Paths, peers and devices come and go on both nodes while both send and receive. What is
# looked for are the kernel's complaints; and afterwards everything works.
#
#	a ─────── r ─────── b	(lib/line.sh)
#
# Kernels: all
#
# shellcheck source=tests/netns/lib.sh
. "$(dirname "$0")/lib.sh"
rounds=${ROUNDS:-16}
begin
line
attach_both
path_both 4 10
expect "it works" pings a 10.7.0.2

# churn MACHINE PEER LOCAL4 REMOTE4 LOCAL6 REMOTE6: each step may find what another one has
# removed just now; that is what it is for
churn()
{
	local machine=$1 peer=$2 round

	for ((round = 0; round < rounds; round++)); do
		path "$machine" "$peer" "$3" "$4" $((round % 7)) || :
		path "$machine" "$peer" "$5" "$6" $((round % 5)) || :
		case $((round % 8)) in
		3) on "$machine" meshctl path remove \
			"$(on "$machine" meshctl path list --json | gojq '.paths[0].id')" || : ;;
		5) on "$machine" meshctl peer remove wg0 "${public_key[$peer]}" || :
			on "$machine" meshctl peer add wg0 "${public_key[$peer]}" || : ;;
		7) detach "$machine" || :
			attach "$machine" || :
			on "$machine" meshctl peer add wg0 "${public_key[$peer]}" || : ;;
		esac
	done >>"$logs/churn-$machine.log" 2>&1
}
in_background()
{
	"$@" &
	churns+=($!)
}
churns=()
start flood-a a ping -n -q -f 10.7.0.2
start flood-b b ping -n -q -f -s 4000 fd07::1
in_background churn a b $a4 $b4 $a6 $b6
in_background churn a b $a4 "${b4/5000/5001}" $a6 "${b6/5000/5001}"
in_background churn b a $b4 $a4 $b6 $a6
all_end()
{
	wait "${churns[@]}"
}
expect "everything comes and goes under traffic" all_end
expect "there was something to remove" grep -qE '^[0-9]+$' "$logs/churn-a.log"
kill_hard flood-a flood-b

detach a
detach b
attach_both
path_both 6 30
eventually "set up again, it works" pings a 10.7.0.2
