# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# shellcheck disable=SC2154
#
# What every benchmark begins with. It runs in a machine whose clock counts
# instructions (tools/vm/run --icount), so that a nanosecond of its time is an
# instruction, and it measures each thing several times, in turns with what it is
# compared with.
#
#	measure_tcp plain a b 10.7.0.2	one more measurement of "plain"
#	result "Title of the table" "name in the table" plain [LIMIT]
#
# The results go to $VM_OUT/results, what is a time and no throughput to $VM_OUT/times, what
# datagrams cost to $VM_OUT/packets;
# tools/bench/run makes tables of them.

# shellcheck source=tests/netns/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/../../tests/netns/lib.sh"

logs=$VM_OUT
trap 'trap - ERR; set +e; stop_everything; lab_close; unload_module' EXIT
set -E
trap 'echo "bench: line $LINENO: $BASH_COMMAND failed; see $logs" >&2' ERR
load_module
lab_open

# measure_tcp WHAT FROM TO ADDRESS
#
# Notes Mbit/s, and the instructions for each full segment, all that is done for it at both
# ends included. The first second does not count, and the window is small enough that no
# queue overflows: a sender that is told of losses does other work than one that is not.
measure_tcp()
{
	local rate

	rate=$(throughput "$2" "$3" "$4" --omit 1 --time 4 --window 256K)
	gojq -r '.start.tcp_mss_default as $mss | .end.sum_received |
		"\(.bits_per_second / 1e6) \(.seconds * 1e9 / (.bytes / $mss))"' \
		"$logs/iperf3.json" >>"$logs/measured-$1"
	echo "$1: $rate Mbit/s"
}

# median FILE COLUMN
median()
{
	cut -d' ' -f"$2" "$1" | sort -g | awk '
		{ value[NR] = $1 }
		END { print (value[int((NR + 1) / 2)] + value[int(NR / 2) + 1]) / 2 }'
}

# result TITLE NAME WHAT [LIMIT]
#
# The first one of a title is what the others are compared with; more than LIMIT percent
# slower than that is a failure.
result()
{
	printf '%s\t%s\t%s\t%s\t%s\n' "$1" "$2" "$(median "$logs/measured-$3" 1)" \
		"$(median "$logs/measured-$3" 2)" "${4-}" >>"$logs/results"
	rm "$logs/measured-$3"
}

# typical WHAT: the median of what was measured of it
typical()
{
	printf '%.0f\n' "$(median "$logs/measured-$1" 1)"
}

# above WHAT NOTHING: how much more it costs
above()
{
	echo $(($(typical "$1") - $(typical "$2")))
}

# cost TITLE NAME WHAT NOTHING [LIMIT]
#
# What a packet costs, and how much of that is above NOTHING; more than LIMIT is a failure.
cost()
{
	sort -g "$logs/measured-$3" | awk -v title="$1" -v name="$2" -v limit="${5-}" \
		-v typical="$(typical "$3")" -v above="$(above "$3" "$4")" '
		NR == 1 { least = $1 }
		END {
			printf "%s\t%s\t%.0f\t%.0f\t%.0f\t%s\n", title, name, typical,
				above, $1 - least, limit
		}' >>"$logs/packets"
}

# load WHAT SIZES PACKETS PID MODE [ARGUMENT]...: sends datagrams by the program "load", whose
# arguments these are, and notes what each size costs as WHAT-MODE-SIZE, with the name that
# the program has for the mode
load()
{
	local mode size ns cpu

	"$project/build/bench/load" "${@:2}" >"$logs/load"
	while read -r mode size ns cpu; do
		echo "$ns $cpu" >>"$logs/measured-$1-$mode-$size"
		echo "$1 $mode $size: $ns ns, $cpu ns of the program"
	done <"$logs/load"
}

# longest TITLE NAME FILE COLUMN [LIMIT]
#
# The longest of the times in a column of $logs/FILE, in milliseconds; more than LIMIT
# seconds is a failure.
longest()
{
	printf '%s\t%s\t%s\t%s\n' "$1" "$2" "$(cut -d' ' -f"$4" "$logs/$3" | sort -n | tail -n 1)" \
		"${5-}" >>"$logs/times"
}
