# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# shellcheck disable=SC2154
#
# Processes that run in the background of a scenario. Each has a name, and a log of
# that name in $logs.

declare -A process_id=()

# start NAME MACHINE COMMAND [ARGUMENT]...
start()
{
	local name=$1 enter

	transcribe "${@:2}" "&"
	enter "$2" "$3"
	"${enter[@]}" "${@:4}" >>"$logs/$name.log" 2>&1 &
	process_id[$name]=$!
}

# Whoever has ended is there until bash takes note of it, and that misses some that end while it reads
# with a timeout, as pause() does.
running()
{
	local stat

	{ IFS= read -r stat <"/proc/${process_id[$1]}/stat"; } 2>/dev/null &&
		[[ ${stat##*) } != [ZX]* ]]
}

ended()
{
	! running "$1"
}

# says NAME REGEX: whether its log has a line that matches
says()
{
	grep -qE -- "$2" "$logs/$1.log"
}

# send NAME SIGNAL
send()
{
	transcribe "$1" "signal $2"
	kill "-$2" "${process_id[$1]}"
}

# collect NAME: waits for its end; returns its exit status
collect()
{
	local status=0

	wait_for ended "$1" || kill -KILL "${process_id[$1]}"
	wait "${process_id[$1]}" 2>/dev/null || status=$?
	unset "process_id[$1]"
	return $status
}

# stop NAME: asks it to end, as systemd would; returns its exit status
stop()
{
	send "$1" TERM
	collect "$1"
}

# kill_hard NAME...: no chance to say goodbye
kill_hard()
{
	local name

	for name; do
		# it may have ended by itself just now
		send "$name" KILL || ended "$name"
	done
	for name; do
		collect "$name" || :
	done
}

stop_everything()
{
	local name

	for name in "${!process_id[@]}"; do
		kill -TERM "${process_id[$name]}" 2>/dev/null || :
	done
	for name in "${!process_id[@]}"; do
		collect "$name" || :
	done
}

# listens MACHINE tcp|udp PORT
listens()
{
	[ -n "$(ss --net="$(netns "$1")" -HlnO "--$2" "sport = :$3")" ]
}
