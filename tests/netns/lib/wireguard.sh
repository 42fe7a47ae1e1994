# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# shellcheck disable=SC2154
#
# WireGuard interfaces configured by hand: "wg0" of every machine.

declare -A private_key=() public_key=()

# wireguard MACHINE PORT ADDRESS/LENGTH...
wireguard()
{
	local machine=$1 port=$2

	shift 2
	private_key[$machine]=$(wg genkey)
	public_key[$machine]=$(wg pubkey <<<"${private_key[$machine]}")
	ip_on "$machine" link add wg0 type wireguard
	on "$machine" wg set wg0 listen-port "$port" private-key <(echo "${private_key[$machine]}")
	address "$machine" wg0 "$@"
	ip_on "$machine" link set wg0 up
}

# wg_peer MACHINE PEER [WORD]...: the words are those of "wg set wg0 peer KEY"
wg_peer()
{
	on "$1" wg set wg0 peer "${public_key[$2]}" "${@:3}"
}

# handshake_of MACHINE PEER: when the last one was, in seconds since 1970
handshake_of()
{
	on "$1" wg show wg0 latest-handshakes | awk -v key="${public_key[$2]}" '$1 == key { print $2 }'
}

# Where all of a lab has one processor, and a slow one, an answer may overtake the timer that repeats
# the initiation (5 s later) or that takes silence for a dead session (15 s): those are over then.
handshake_is_settled()
{
	(($(date +%s) - $(handshake_of "$1" "$2") > 16))
}

# settled_handshake_of MACHINE PEER: handshake_of, when no other one is to come by itself
settled_handshake_of()
{
	wait_for handshake_is_settled "$1" "$2"
	handshake_of "$1" "$2"
}
