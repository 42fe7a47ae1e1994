# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# Setting the clock. It is that of all machines, and of the scenarios behind this one.

uptime_s()
{
	local s

	read -r s _ </proc/uptime
	echo "${s%.*}"
}

# may_set_clock: it is set right when the scenario ends
may_set_clock()
{
	clock_ahead=$(($(date +%s) - $(uptime_s)))
	trap 'clock 0; scenario_ends' EXIT
}

# clock SECONDS: what the clock says is that much ahead of what it should
clock()
{
	date -s "@$((clock_ahead + $(uptime_s) + $1))" >/dev/null
}
