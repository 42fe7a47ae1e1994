# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# shellcheck disable=SC2154
#
# Machines whose process 1 is systemd. What "on" runs there finds its program in the machine.
#
#	boot a
#	on a systemctl enable --now meshd@default
#	switch_off a

declare -A process_1_of=()

# boot MACHINE: the files are those around it; what it writes stays from one boot to the next
boot()
{
	local place=$lab/$1

	rm -f "$place/process-1"
	start "systemd-$1" "$1" "$netns_dir/lib/boot" "$place"
	wait_for [ -s "$place/process-1" ]
	process_1_of[$1]=$(<"$place/process-1")
	wait_for [ -S "/proc/${process_1_of[$1]}/root/run/dbus/system_bus_socket" ]
	has_booted "$1"
}

has_booted()
{
	on "$1" systemctl is-system-running --wait || {
		on "$1" systemctl list-jobs
		on "$1" systemctl --failed
		return 1
	}
} >&2

# switch_off MACHINE: by its power button
switch_off()
{
	stop "systemd-$1" || :
	unset "process_1_of[$1]"
}

# journal MACHINE [ARGUMENT]...: journalctl(1), also when it is off
journal()
{
	journalctl --directory "$lab/$1/upper/var/log/journal" --output cat --no-pager "${@:2}"
}
