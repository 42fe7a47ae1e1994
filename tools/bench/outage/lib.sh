# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# shellcheck disable=SC2154
#
# What every test of this directory begins with. Each is one run, in a lab of its own; its
# number is the argument. Datagrams go both ways all the time, 1000 a second (../pace); a run
# divides them into periods, each of which begins with what is done to the network:
#
#	traffic a b 100.64.0.1 100.64.0.2
#	await marked			both directions arrive on the marked way
#	mark				here begins a period
#	... cut the way ...
#	await plain			both arrive on another way
#	traffic_ends
#	value "the way was cut: out" ms 300 "$(ms 1 out gap)"
#
# What "marked" means is in ../pace/main.c: here it is the direct way, whose router calls
# mark_way.

# shellcheck source=tests/netns/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/../../../tests/netns/lib.sh"

run=${1:-0} period=0
# Setting up may take a while when the disk is slow; so long to wait for traffic to come.
WAIT_S=600 patience_s=60
label=$(basename "$0")-$run
# In memory until the run has ended: a program that waits for the disk to take its log would not
# do its work in the meantime, and time would go on.
logs=/run/outage/$label
mkdir -p "$logs"
trap 'trap - ERR; set +e; stop_everything; lab_close; keep_logs' EXIT
set -E
trap 'echo "outage: line $LINENO: $BASH_COMMAND failed; see $label" >&2' ERR
lab_open

keep_logs()
{
	cp -r "$logs" "$VM_OUT"
	rm -r "$logs"
}

# value ROW UNIT LIMIT NUMBER: a figure for the table; more than LIMIT is too much
value()
{
	printf '%s\t%s\t%s\t%s\t%s\n' "$1" "$2" "$3" "$4" "$run" >>"$VM_OUT/values"
	echo "  $1: $4 $2"
}

# traffic A B ADDRESS-OF-A ADDRESS-OF-B [RATE [PACKETS]]: "out" is from A to B. What measures is
# never kept waiting by what is measured.
traffic()
{
	: >"$logs/pace.log"
	start pace "$1" chrt --fifo 50 "$project/build/bench/pace" "${5:-1000}" "${6:-0}" \
		"$(netns "$1")" "$3:9" "$(netns "$2")" "$4:9"
}

mark()
{
	send pace USR1
	period=$((period + 1))
}

traffic_ends()
{
	send pace INT
	collect pace
}

# comes DIRECTION WAY...: whether it now arrives "marked", "plain", "silent", as pace says (without
# a process, for this is asked often)
comes()
{
	local direction way now=''

	while read -r direction way; do
		[ "$direction" != "$1" ] || now=$way
	done <"$logs/pace.log"
	[[ " ${*:2} " == *" $now "* ]]
}

both_come()
{
	comes out "$@" && comes back "$@"
}

# await WAY...: until both directions arrive on (one of) these ways, and for a while after. When
# they never do, the figures tell.
await()
{
	WAIT_S=$patience_s wait_for both_come "$@" || return 0
	pause 1
}

# settled WAY: the same, and the run makes no sense without it
settled()
{
	WAIT_S=$patience_s wait_for both_come "$1" || return
	pause "$(phase)"
}

# phase: seconds, others for each run: what is measured depends on how long before a probe
# something happens
phase()
{
	printf '%d.%03d\n' $((1 + run * 37 / 1000)) $((run * 37 % 1000))
}

# figure PERIOD DIRECTION COLUMN: out of the report of ../pace/journal.h
figure()
{
	awk -v period="$1" -v direction="$2" -v column="$3" '
		$1 == "period" { for (i = 1; i <= NF; i++) place[$i] = i }
		$1 == period && $2 == direction { print $place[column] }' "$logs/pace.log"
}

# ms PERIOD DIRECTION COLUMN: a time of that report, in milliseconds
ms()
{
	figure "$@" | awk '{ print ($1 < 0 ? $1 : $1 / 1000) }'
}

# worse PERIOD COLUMN [DIRECTION]: the greater one of both directions, in milliseconds
worse()
{
	local direction

	for direction in ${3:-out back}; do
		ms "$1" "$direction" "$2"
	done | sort -g | tail -n 1
}

# lost PERIOD: of both directions
lost()
{
	echo $(($(figure "$1" out lost) + $(figure "$1" back lost)))
}

# ends_on PERIOD WAY [DIRECTION]: whether that is how its last datagrams arrived
ends_on()
{
	local direction

	for direction in ${3:-out back}; do
		[ "$(figure "$1" "$direction" way)" = "$2" ] || return
	done
}

# moved PERIOD WAY [DIRECTION]: when both had moved to that way for good, in milliseconds;
# "never" when they had not
moved()
{
	if ends_on "$@"; then
		worse "$1" last_switch "${3-}"
	else
		echo never
	fi
}

# outage PERIOD WAY [DIRECTION]: the longest silence before they had, likewise
outage()
{
	if ends_on "$@"; then
		worse "$1" gap "${3-}"
	else
		echo never
	fi
}

# mark_way MACHINE ADDRESS: this router marks what it passes on from and to an address
mark_way()
{
	on "$1" nft -f - <<-END
	table ip way {
		chain forward {
			type filter hook forward priority filter - 1
			ip saddr $2 ip ecn ect0 ip ecn set ce
			ip daddr $2 ip ecn ect0 ip ecn set ce
		}
	}
	END
}

# sever MACHINE WHAT VERDICT: this router does that to what matches: "ip saddr 192.0.2.1" or
# "ip daddr 192.0.2.1", or both with a comma between
sever()
{
	local rules

	rules=$(printf '%s\n' "$2" | tr , '\n' | sed "s/\$/ $3/")
	on "$1" nft -f - <<-END
	table inet severed {
		chain forward {
			type filter hook forward priority filter + 1
			$rules
		}
	}
	END
}

mend()
{
	on "$1" nft delete table inet severed
}

# mesh_of SERVER: a and b join the network of that server, and have shaken hands
mesh_of()
{
	local key

	key=$(setup_key "$1" --reusable)
	node a b
	# on a slow disk the server may not answer in time
	wait_for join a "$key"
	wait_for join b "$key"
	wait_for reachable
	address_a=$(overlay a) address_b=$(overlay b)
}

# A ping fails at once while there is no path.
reachable()
{
	on a ping -n -q -c 1 -W 1 "$(overlay b)"
} >/dev/null 2>&1

mesh_traffic()
{
	: >"$logs/pace.log"
	traffic a b "$address_a" "$address_b" "$@"
}

# direct_mesh [RATE]: a mesh behind NATs, with a relay, whose traffic goes directly, and is marked there
direct_mesh()
{
	two_homes port-restricted port-restricted
	mark_way a-nat 203.0.113.20
	relay_host server 203.0.113.1 --kernel require
	mesh_of server
	wait_for all_direct a b
	mesh_traffic "${1:-1000}"
	settled marked
}
