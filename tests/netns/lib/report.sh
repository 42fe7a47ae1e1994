# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# shellcheck disable=SC2154
#
# What a scenario reports: one TAP line for every expectation. The first one that is
# not met ends the scenario, with the evidence. The last line of every scenario is that
# it left nothing behind.

expectations=0

# begin: the first word of a scenario, after its drawing
begin()
{
	scenario=$(basename "$0" .sh)
	logs=${VM_OUT:-/tmp}/netns/$scenario
	rm -rf "$logs"
	mkdir -p "$logs"
	exec 2>"$logs/stderr"
	interfaces_before=$(interfaces)
	namespaces_before=$(ip netns list-id)
	echo "scenario $scenario begins" >/dev/kmsg
	lab_open
	set -E
	trap step_failed ERR
	trap scenario_ends EXIT
}

# transcribe MACHINE COMMAND [ARGUMENT]...: what a reader of the log wants to know
transcribe()
{
	local IFS=' '

	[ -z "${logs-}" ] || echo "$EPOCHREALTIME [$1] ${*:2}" >>"$logs/transcript"
}

# report WHAT COMMAND [ARGUMENT]...: a TAP line; WHAT holds when the command succeeds
report()
{
	local what=$1

	shift
	expectations=$((expectations + 1))
	transcribe expect "$what"
	if "$@" >"$logs/last-output" 2>&1; then
		echo "ok $expectations - $what"
	else
		echo "not ok $expectations - $what"
		failed=yes
		diagnose "command: $*"
		diagnose <"$logs/last-output"
		return 1
	fi
}

# expect WHAT COMMAND [ARGUMENT]...: the same, and the scenario ends when it does not
#
# bash ignores "set -e" in the command, so a function that stands here joins its steps
# with &&.
expect()
{
	report "$@" || {
		evidence
		exit 1
	}
}

# eventually WHAT COMMAND [ARGUMENT]...: the same for what takes a while to come true
eventually()
{
	expect "$1" wait_for "${@:2}"
}

# skip WHAT WHY: a TAP line for an expectation that cannot be met here
skip()
{
	expectations=$((expectations + 1))
	transcribe skip "$1"
	echo "ok $expectations - $1 # SKIP $2"
}

# remark TEXT: something a reader may like to know
remark()
{
	echo "# $*"
}

diagnose()
{
	if [ $# -gt 0 ]; then
		echo "#   $*"
	else
		sed 's/^/#   /'
	fi
}

# A step that is no expectation went wrong: mostly a mistake in the scenario.
step_failed()
{
	local status=$? command=$BASH_COMMAND frame

	[ "$BASHPID" = $$ ] || return 0
	trap - ERR
	failed=yes
	echo "not ok $((++expectations)) - $scenario: '$command' failed with status $status"
	for frame in "${!BASH_LINENO[@]}"; do
		diagnose "${BASH_SOURCE[frame + 1]-}:${BASH_LINENO[frame]}"
	done
	evidence
	exit 1
}

# Everything that helps to understand a failure from far away.
evidence()
{
	local name

	trap - ERR
	set +e
	diagnose "--- what the scenario itself said"
	tail -n 15 "$logs/stderr" | diagnose
	diagnose "--- last commands"
	tail -n 15 "$logs/transcript" | diagnose
	for name in "${!process_id[@]}"; do
		diagnose "--- $name: $(running "$name" && echo runs || echo "has ended"); end of its log:"
		tail -n 40 "$logs/$name.log" | diagnose
	done
	for name in "${!machine_exists[@]}"; do
		machine_state "$name" >"$logs/state-$name" 2>&1
		diagnose "--- machine $name"
		diagnose <"$logs/state-$name"
	done
	diagnose "--- kernel"
	kernel_messages | tail -n 20 | diagnose
}

machine_state()
{
	on "$1" ip -brief address
	on "$1" ip route
	on "$1" ip -6 route
	on "$1" wg show
	on "$1" nft list ruleset
	[ ! -e /proc/net/nf_conntrack ] || on "$1" cat /proc/net/nf_conntrack
	[ ! -d /sys/module/wgmesh ] || {
		on "$1" meshctl device list
		on "$1" meshctl peer list
		on "$1" meshctl path list
	}
	[ ! -S "$lab/$1/run/default.sock" ] || on "$1" meshctl status
	[ -z "${process_1_of[$1]-}" ] || on "$1" journalctl --lines 60 --output cat --no-pager
} 2>&1

# What the kernel logged since the scenario began.
kernel_messages()
{
	dmesg --notime | sed "1,/^scenario $scenario begins/d"
}

kernel_is_content()
{
	# shellcheck source=/dev/null
	local KERNEL_COMPLAINTS here=$project/tools/vm

	. "$project/tools/vm/lib.sh"
	! kernel_messages | grep -E "$KERNEL_COMPLAINTS"
}

# Where the kernel can tell. What it found once it does not tell again.
no_memory_is_lost()
{
	local lost

	lost=$("$project/tools/vm/find-leaks") && [ -z "$lost" ] || {
		echo "$lost"
		echo clear >/sys/kernel/debug/kmemleak
		return 1
	}
}

# Processes of the lab that nobody started by name: a daemon's forgotten child.
strays()
{
	local name pid

	for name in "${!machine_exists[@]}"; do
		for pid in $(pids_on "$name"); do
			echo "$name: $(tr '\0' ' ' <"/proc/$pid/cmdline")"
		done
	done
}

no_strays()
{
	[ -z "$(strays)" ]
}

namespaces_are_gone()
{
	[ "$(ip netns list-id)" = "$namespaces_before" ]
}

interfaces()
{
	ip -brief link | cut -d' ' -f1
}

same_interfaces()
{
	[ "$(interfaces)" = "$interfaces_before" ]
}

scenario_ends()
{
	trap - ERR
	set +e
	stop_everything
	report "no process is left" wait_for no_strays
	lab_close
	report "the kernel has let go of every network namespace" wait_for namespaces_are_gone
	report "no interface is left" same_interfaces
	report "no memory is lost" no_memory_is_lost
	report "the kernel has nothing to complain about" kernel_is_content
	echo "1..$expectations"
	# in a trap, a bare "exit" would give the status from before it
	[ -z "${failed-}" ]
	exit $?
}
