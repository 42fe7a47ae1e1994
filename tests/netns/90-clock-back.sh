#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Machines whose clock is wrong: one without a clock of its own (a Raspberry Pi, say) starts again
# with one of the past, or it is set back while it runs. The other one, which is idle, understands
# its probes nevertheless, at once and by itself.
#
#	a ─────── r ─────── b	(lib/line.sh): one path over IPv4
#
# Kernels: all
#
# shellcheck source=tests/netns/lib.sh
. "$(dirname "$0")/lib.sh"
begin

may_set_clock
clock 86400

drops()
{
	on "$1" meshctl device list --json | gojq '.devices[0].drop_probe_packets'
}

alive()
{
	[ "$(path_value "$1" "$2" state)" = alive ]
}

# understood PATH: all requests of a were answered but the last, which may be on its way
understood()
{
	[ "$(path_value a "$1" 'probes_answered > 1 and .probes_sent - .probes_answered <= 1')" = true ]
}

# starts_again MACHINE OTHER LOCAL REMOTE: its kernel knows nothing any more; the path goes to $path
starts_again()
{
	attach "$1" && virtual_peer "$1" "$2" && give_probe_keys "$1" "$2" &&
		path=$(path "$1" "$2" "$3" "$4" 10)
}

line
attach_both
probe_keys
give_probe_keys a b
give_probe_keys b a
path_both 4 10
eventually "a's path is alive" alive a "$path_a"
eventually "b's path is alive" alive b "$path_b"
expect "pings pass" pings a 10.7.0.2
dropped=$(drops b)

# Another datagram, or another probe, would wake b. The handshake was some time ago.
detach a
clock 60
expect "a starts again, a day ago" starts_again a b "$a4" "$b4"
path_a=$path
eventually "a's path is alive" alive a "$path_a"
eventually "b understands a's probes" understood "$path_a"
expect "all of them" [ "$(drops b)" = "$dropped" ]
expect "b's path is alive" alive b "$path_b"

dropped_a=$(drops a)
detach b
expect "b starts again" starts_again b a "$b4" "$a4"
path_b=$path
eventually "b's path is alive" alive b "$path_b"
expect "a understood all of its probes" [ "$(drops a)" = "$dropped_a" ]
before=$(path_value a "$path_a" probes_answered)
more_answered()
{
	[ "$(path_value a "$path_a" probes_answered)" -gt "$before" ]
}
on a meshctl device set wg0 --probe-idle 100ms
eventually "a's probes are answered as before" more_answered
expect "and its path never stopped to be alive" alive a "$path_a"

dropped=$(drops b)
clock -86400
before=$(path_value a "$path_a" probes_answered)
eventually "a day back while it runs: its probes are answered" more_answered
expect "all of them" [ "$(drops b)" = "$dropped" ]
expect "a's path is alive" alive a "$path_a"
expect "b's, too" alive b "$path_b"
