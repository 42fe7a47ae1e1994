# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# shellcheck disable=SC2154
#
# wgmesh.ko, driven by meshctl without any daemon.
#
#	load_module
#	attach a				wg0 of a gets paths,
#	virtual_peer a b allowed-ips ...	its peer b a virtual endpoint,
#	id=$(path a b 192.0.2.1:5000 192.0.2.2:5000 10)		and a path

declare -A virtual_endpoint=()

module=$project/build/kmod-$(uname -r)/wgmesh.ko

load_module()
{
	local needed

	needed=$(modinfo -F depends "$module" | tr , ' ')
	# shellcheck disable=SC2086
	modprobe -a wireguard $needed && insmod "$module"
}

unload_module()
{
	rmmod wgmesh
}

attach()
{
	on "$1" meshctl device attach wg0 >&2
}

detach()
{
	on "$1" meshctl device detach wg0
}

# virtual_peer MACHINE PEER [WORD]...: the words are those of "wg set wg0 peer KEY"
virtual_peer()
{
	virtual_endpoint[$1-$2]=$(on "$1" meshctl peer add wg0 "${public_key[$2]}")
	wg_peer "$1" "$2" endpoint "${virtual_endpoint[$1-$2]}" "${@:3}"
}

# path MACHINE PEER LOCAL REMOTE PRIORITY [OPTION]...: prints the number of the path
path()
{
	on "$1" meshctl path add wg0 "${public_key[$2]}" --local "$3" --remote "$4" --priority "$5" "${@:6}"
}

# path_value MACHINE ID MEMBER
path_value()
{
	on "$1" meshctl path list --json | gojq -r --argjson id "$2" ".paths[] | select(.id == \$id) | .$3"
}

# path_in_use MACHINE ID: whether packets take it
path_in_use()
{
	[ "$(path_value "$1" "$2" selected)" = true ]
}

# probe_keys: what authenticates the probes of a and b, who derive it from the same two keys
probe_keys()
{
	local to_a to_b

	to_a=$(wg genkey) to_b=$(wg genkey)
	printf '%s\n%s\n' "$to_b" "$to_a" >"$logs/keys-a"
	printf '%s\n%s\n' "$to_a" "$to_b" >"$logs/keys-b"
	chmod 600 "$logs"/keys-?
}

# give_probe_keys MACHINE PEER: it probes its paths to that peer from now on
give_probe_keys()
{
	on "$1" meshctl peer set wg0 "${public_key[$2]}" --probe-key-file "$logs/keys-$1"
}
