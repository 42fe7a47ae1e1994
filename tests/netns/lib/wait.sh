# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# shellcheck disable=SC2154
#
# Waiting for a state. The bound only ends a run that would never end: nothing is
# concluded from how long something took.

WAIT_S=${WAIT_S:-180}

# A pipe that nobody writes to: reading it with a timeout is a pause that starts
# no process.
exec {pause_fd}<> <(:)

pause()
{
	read -r -t "$1" -u "$pause_fd" || :
}

# wait_for CONDITION [ARGUMENT]...: until the command succeeds
wait_for()
{
	local end=$((SECONDS + WAIT_S))

	until "$@"; do
		if ((SECONDS > end)); then
			echo "still not so after $WAIT_S s: $*" >&2
			return 1
		fi
		pause 0.05
	done
}

# not COMMAND [ARGUMENT]...: succeeds when the command fails
not()
{
	! "$@"
}
