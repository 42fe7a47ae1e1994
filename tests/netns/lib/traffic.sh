# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# shellcheck disable=SC2154
#
# Traffic, and what became of it.

# pings MACHINE ADDRESS [OPTION]...: three pings, all answered
pings()
{
	on "$1" ping -n -q -c 3 -i 0.05 "${@:3}" "$2"
}

# Steady pings: 200 a second, each accounted for.
#
#	steady NAME MACHINE ADDRESS [OPTION]...
#	... something that must not lose a packet ...
#	expect "nothing was lost" steady_lost_nothing NAME
steady()
{
	rm -f "$logs/$1.log"
	start "$1" "$2" ping -n -i 0.005 "${@:4}" "$3"
	wait_for steady_has_answers "$1" 20
}

# steady_has_answers NAME COUNT
steady_has_answers()
{
	[ "$(grep -c 'bytes from' "$logs/$1.log")" -ge "$2" ]
}

# steady_goes_on NAME: 40 more pings were answered after now
steady_goes_on()
{
	local answers

	answers=$(grep -c 'bytes from' "$logs/$1.log") || :
	wait_for steady_has_answers "$1" $((answers + 40))
}

# steady_count NAME: prints "SENT ANSWERED LOST DUPLICATES", and which were lost. A ping
# after the last one answered counts as under way, not as lost.
steady_count()
{
	awk '/bytes from/ {
		match($0, /icmp_seq=[0-9]+/)
		number = substr($0, RSTART + 9, RLENGTH - 9) + 0
		if (seen[number]++)
			duplicates++
		else
			answered++
		if (number > last)
			last = number
	}
	END {
		for (number = 1; number <= last; number++)
			if (!seen[number])
				print "lost: icmp_seq=" number >"/dev/stderr"
		print last + 0, answered + 0, last - answered, duplicates + 0
	}' "$logs/$1.log"
}

# steady_lost_at_most NAME COUNT: goes on for a moment, then ends the pings and counts
steady_lost_at_most()
{
	local sent answered lost duplicates

	steady_goes_on "$1" || return
	send "$1" INT
	collect "$1" || :
	read -r sent answered lost duplicates < <(steady_count "$1")
	echo "$sent pings: $answered answered, $lost lost, $duplicates answered twice"
	[ "$lost" -le "$2" ] && [ "$duplicates" = 0 ]
}

# steady_lost_nothing NAME
steady_lost_nothing()
{
	steady_lost_at_most "$1" 0
}

# copies FROM TO ADDRESS [MEBIBYTES]: random bytes arrive over TCP as they were sent
copies()
{
	local from=$1 to=$2 address=$3 size=${4:-8} version=4 sent received

	if [[ $address = *:* ]]; then
		address=[$address] version=6
	fi
	start sink "$to" socat -u "TCP$version-LISTEN:9999,bind=$address,reuseaddr" \
		"OPEN:$logs/received,creat,trunc"
	wait_for listens "$to" tcp 9999 || return
	head -c "${size}M" /dev/urandom >"$logs/sent"
	on "$from" socat -u "OPEN:$logs/sent" "TCP$version:$address:9999" && collect sink || return
	sent=$(sha256sum <"$logs/sent") received=$(sha256sum <"$logs/received")
	rm "$logs/sent" "$logs/received"
	[ "$sent" = "$received" ]
}

# throughput FROM TO ADDRESS [OPTION]...: one TCP connection of iperf3, with its options;
# what the client found out goes to $logs/iperf3.json; prints Mbit/s, as received
throughput()
{
	start iperf3-server "$2" iperf3 --server --one-off --bind "$3"
	wait_for listens "$2" tcp 5201
	on "$1" iperf3 --client "$3" --json "${@:4}" >"$logs/iperf3.json"
	collect iperf3-server
	gojq '.end.sum_received.bits_per_second / 1e6' "$logs/iperf3.json"
}

# capture NAME MACHINE INTERFACE [FILTER]...: record packets into $logs/NAME.pcap
capture()
{
	local name=$1 machine=$2 interface=$3

	shift 3
	rm -f "$logs/$name.log"
	start "$name" "$machine" tcpdump --immediate-mode -U -n -Z root -i "$interface" \
		-w "$logs/$name.pcap" "$@"
	wait_for says "$name" '^tcpdump: listening on'
}

# captured NAME [FILTER]...: the packets, one line each
captured()
{
	tcpdump -n -v -r "$logs/$1.pcap" "${@:2}" 2>/dev/null
}

# has_captured NAME [FILTER]...
has_captured()
{
	[ -n "$(captured "$@")" ]
}

# incoming RULE MACHINE...: of nft, for what comes in by eth0, before anything else there; the only one
incoming()
{
	local machine

	for machine in "${@:2}"; do
		on "$machine" nft -f - <<-END
		table netdev incoming
		delete table netdev incoming
		table netdev incoming {
			chain in {
				type filter hook ingress device eth0 priority filter
				$1
			}
		}
		END
	done
}
