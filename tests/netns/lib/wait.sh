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
#
# Who asks too often takes the processor from those that are waited for: after a while, once in a
# twentieth of the time that it has taken so far.
wait_for()
{
	local begin=$SECONDS hundredths=5 most delay

	until "$@"; do
		if ((SECONDS - begin > WAIT_S)); then
			echo "still not so after $WAIT_S s: $*" >&2
			return 1
		fi
		printf -v delay %d.%02d $((hundredths / 100)) $((hundredths % 100))
		pause $delay
		most=$(((SECONDS - begin) * 5))
		((hundredths > 20 && hundredths > most)) || hundredths=$((hundredths * 3 / 2))
	done
}

# not COMMAND [ARGUMENT]...: succeeds when the command fails
not()
{
	! "$@"
}
