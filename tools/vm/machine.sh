# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# shellcheck disable=SC2154
#
# What the two machines have in common that see this machine's files and run a command as
# root, tools/vm/run and tools/uml/run: what they are given, how they end, and what the
# kernel's complaints mean for the exit status. Expects of who reads it:
#
#   tool		its name, in front of what it says
#   project, command	where the command runs, and its words
#   run, out, timeout	its directory, that for $VM_OUT or '', and seconds
#   version		of the kernel
#   machine_pid		of the process that is the machine, or ''
#   stop_signal		what ends that process, if not SIGTERM
#
# and two functions, start_machine and need_programs.

readonly EXIT_KERNEL=100	# the kernel complained, the command did not
readonly EXIT_TIMEOUT=124
readonly EXIT_BROKEN=125	# the machine itself failed: the command may not have run
readonly BOOTS=3		# so often a machine that does not boot is started

bad_usage()
{
	echo "$tool: $1 (see tools/$tool --help)" >&2
	exit $EXIT_BROKEN
}

die()
{
	echo "$tool: $*" >&2
	exit $EXIT_BROKEN
}

check_number()
{
	[[ $2 =~ ^[1-9][0-9]*$ ]] || bad_usage "$1: '$2' is not a number of $3"
}

# The guest's root needs files owned by root, a mount namespace and chroot().
need_root()
{
	[ "$(id -u)" != 0 ] || return 0
	command -v sudo >/dev/null || die "must run as root, and sudo is not installed"
	exec sudo --preserve-env=XDG_CACHE_HOME,HOME -- "$0" "$@"
}

need_programs()
{
	local program

	for program; do
		command -v "$program" >/dev/null ||
			die "$program is missing; tools/deps installs it"
	done
}

# What guest-init reads, and the place where it leaves the exit status.
prepare_share()
{
	mkdir -p "$run/share/out" "$run/root"
	printf '%q ' "${command[@]}" >"$run/share/command"
	printf '%q\n' "$project" >"$run/share/project"
	mkfifo "$run/stdout" "$run/stderr"
	touch "$run/console" "$run/machine.log"

	[ -n "$out" ] || return 0
	mkdir -p "$out" || die "cannot create $out"
	out=$(readlink -f "$out")
}

pass_output_on()
{
	cat "$run/stdout" &
	stdout_pid=$!
	cat "$run/stderr" >&2 &
	stderr_pid=$!
}

# Waits for the machine and then for the last of its output. A machine that
# did not get as far as opening the FIFOs left the readers waiting: open them.
wait_for_machine()
{
	wait $machine_pid
	machine_status=$?
	machine_pid=''
	: <>"$run/stdout" <>"$run/stderr"
	wait $stdout_pid $stderr_pid
}

stop()
{
	local pid

	trap '' INT TERM HUP
	if [ -n "${machine_pid-}" ]; then
		kill -"${stop_signal-TERM}" "$machine_pid" 2>/dev/null &&
			wait "$machine_pid" 2>/dev/null
	fi
	for pid in ${virtiofsd_pid-} ${stdout_pid-} ${stderr_pid-}; do
		kill "$pid" 2>/dev/null && wait "$pid" 2>/dev/null
	done
	rm -rf --one-file-system "$run"
}

boot()
{
	boots=$((${boots-0} + 1))
	rm -f "$run/virtiofs.sock"
	: >"$run/console"
	pass_output_on
	start_machine
	wait_for_machine
}

# An emulated CPU may run into an instruction that another one patches, and an emulated timer may
# come too late for a kernel that looks for one, both only on a busy host: a kernel that did not
# get as far as its first process says nothing about COMMAND.
booted()
{
	[ -e "$run/share/booted" ] || [ $machine_status = 124 ] || [ $boots = $BOOTS ]
}

# Prints the kernel's complaint, with what follows it (the call trace).
kernel_complained()
{
	local first

	first=$(grep -nEm1 "$KERNEL_COMPLAINTS" "$run/console" | cut -d: -f1)
	if [ -n "$first" ]; then
		echo "$tool: the kernel ($version) complained:"
		tail -n "+$first" "$run/console" | head -n 80 | tr -d '\r'
		return 0
	fi
	[ -s "$run/share/taint" ] || return 1
	echo "$tool: the kernel ($version) is tainted: $(cat "$run/share/taint")"
}

conclude()
{
	local status

	if [ $machine_status = 124 ]; then
		kernel_complained >&2
		echo "$tool: timed out after $timeout s; stopped the machine" >&2
		return $EXIT_TIMEOUT
	fi
	if [ ! -s "$run/share/status" ]; then
		! kernel_complained >&2 || return $EXIT_KERNEL
		tail -n 40 "$run/console" "$run/machine.log" >&2
		echo "$tool: the machine stopped before the command ended (it: $machine_status)" >&2
		return $EXIT_BROKEN
	fi
	status=$(cat "$run/share/status")
	if kernel_complained >&2 && [ "$status" = 0 ]; then
		status=$EXIT_KERNEL
	fi
	return "$status"
}

# Runs the command; the status is that for exit.
run_machine()
{
	run=$(mktemp -d -t "wgmesh-${tool%/*}.XXXXXX") ||
		die "cannot create a directory in ${TMPDIR:-/tmp}"
	trap stop EXIT
	trap 'exit 130' INT
	trap 'exit 143' TERM HUP

	prepare_share
	boot
	until booted; do
		echo "$tool: the machine did not boot; starting it again" >&2
		boot
	done
	conclude
}
