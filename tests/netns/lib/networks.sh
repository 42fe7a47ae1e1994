# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# shellcheck disable=SC2154
#
# Several networks, each with a server of its own: "home" has the machine "homeserver".

# serve NETWORK ADDRESS: starts its server
serve()
{
	start "server-$1" "${1}server" mesh-server --state-dir /var/lib/wgmesh/server \
		--public-host "$2" --network-name "$1"
	wait_for server_answers "${1}server"
}

# mesh MACHINE NETWORK ARGUMENT...: meshctl
mesh()
{
	on "$1" meshctl -n "$2" "${@:3}"
}

# status_in MACHINE NETWORK FILTER: of jq, on what "meshctl status --json" prints
status_in()
{
	{ mesh "$1" "$2" status --json || :; } | gojq -er "$3"
}

# peer_in MACHINE NETWORK: the address of the peer that was there first
peer_in()
{
	status_in "$1" "$2" '.peers[0].addresses[0] | split("/")[0]'
}

# two_networks: a machine in both, and in each of them another one
#
#	a ──┬── internet ──┬── homeserver, workserver
#	    │ (home, work) ├── b (home)
#	                   └── c (work)
two_networks()
{
	local pair machine network

	internet homeserver workserver a b c
	start relayd-home homeserver mesh-relayd --listen 203.0.113.1:3478
	start relayd-work workserver mesh-relayd --listen 203.0.113.2:3478
	serve home 203.0.113.1
	serve work 203.0.113.2
	for pair in "a home" "a work" "b home" "c work"; do
		read -r machine network <<<"$pair"
		start "meshd-$machine-$network" "$machine" meshd --network "$network"
		wait_for status_in "$machine" "$network" .version
		expect "$machine joins $network" \
			mesh "$machine" "$network" up "$(setup_key "${network}server")"
	done
}
