#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Lists that take the kernel several parts, while something else changes: only a change of the
# same kind of object interrupts one, so that the churn of a relay's channels does not keep
# anybody from reading peers; a list that fits into one part is never interrupted.
#
# Kernels: all
#
# shellcheck source=tests/netns/lib.sh
. "$(dirname "$0")/lib.sh"
begin
KERNEL_SOURCE=$("$project/tools/kernel-source")
export KERNEL_SOURCE

machine a
wireguard a 51820 10.7.0.1/24
attach a

# Each line: what was listed, and what interrupted it.
interrupted_by()
{
	on a "$netns_dir/netlink/client.py" overtaken 1 | diff -u - /dev/fd/3
} 3<<-END
	device: short: -
	peer: long: peer
	path: long: path
	allocation: short: -
	channel: long: channel
	bounce: short: -
	END

expect "a list is interrupted by what is in it, and by nothing else" interrupted_by
detach a
