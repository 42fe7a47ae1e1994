#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# What an operator mistypes is refused with the place; what a stranger sends to the open
# ports of a working network changes nothing.
#
#	a ── internet ── server
#	        └── stranger
#
# shellcheck source=tests/netns/lib.sh
. "$(dirname "$0")/lib.sh"
begin
internet server a b stranger

# refuses PROGRAM OPTION...: it ends at once and says REGEX, the last argument
refuses()
{
	local regex=${*: -1}

	! on server "${@:1:$#-1}" >"$logs/refusal" 2>&1 && grep -E "$regex" "$logs/refusal"
}
for program in mesh-server mesh-relayd meshd; do
	printf '# a comment\nlisten-prot = 1\n' >"$logs/bad.conf"
	expect "$program: an unknown key, with file and line" \
		refuses $program --config "$logs/bad.conf" "bad.conf:2: .*listen-prot"
	expect "$program: a file that is not there" \
		refuses $program --config "$logs/none.conf" "none.conf"
done

# A kernel that has huge pages may put one under the heap whenever it likes: two MiB that nobody
# asked for.
[ ! -e /sys/kernel/mm/transparent_hugepage ] ||
	echo never >/sys/kernel/mm/transparent_hugepage/enabled

public_host server 203.0.113.1
members server a b
wait_for all_direct a b
eventually "the way is open" reaches a b

memory()
{
	awk '/^RssAnon/ { print $2 }' "/proc/${process_id[$1]}/status"
}
remote=$(underlay b a)
port=${remote##*:}
garbage()
{
	local size

	for size in 1 4 12 20 32 64 92 148 1400; do
		head -c $size /dev/urandom | on stranger socat -u - "UDP:$1:$2"
		# what looks like each of WireGuard's messages
		for type in 1 2 3 4; do
			{
				printf "\\x0$type\\0\\0\\0"
				head -c $size /dev/urandom
			} | on stranger socat -u - "UDP:$1:$2"
		done
	done
}
steady pings a "$(overlay b)"
expect "garbage to the port of a path" garbage 203.0.113.2 "$port"
# What it took for the first time does not count: it has to stay like that.
before=$(memory meshd-a)
expect "more of it" garbage 203.0.113.2 "$port"
expect "garbage to the STUN port" garbage 203.0.113.1 3478
noise()
{
	local i

	for i in {1..30}; do
		head -c 3000 /dev/urandom | on stranger socat -u - TCP:203.0.113.1:7443 || :
	done
}
expect "garbage to the server" noise
steady_goes_on pings
expect "nothing was lost" steady_lost_nothing pings
expect "meshd lives" running meshd-a
expect "the server lives" server_answers server
expect "mesh-relayd lives" running relayd
expect "meshd has not grown by a tenth" [ "$(memory meshd-a)" -lt $((before + before / 10 + 256)) ]
