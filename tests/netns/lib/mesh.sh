# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# shellcheck disable=SC2154
#
# Whole systems: mesh-server, mesh-relayd, meshd and meshctl as a user has them.
#
#	public_host server 203.0.113.1
#	members server a b

# public_host MACHINE ADDRESS [OPTION]...: server and STUN; the options are mesh-server's
public_host()
{
	mesh_relayd "$1" "$2"
	mesh_server "$@"
}

# mesh_relayd MACHINE ADDRESS
mesh_relayd()
{
	start relayd "$1" mesh-relayd --listen "$(endpoint "$2" 3478)"
	wait_for listens "$1" udp 3478
}

# mesh_server MACHINE ADDRESS [OPTION]...
mesh_server()
{
	start server "$1" mesh-server --state-dir /var/lib/wgmesh/server --public-host "$2" "${@:3}"
	wait_for server_answers "$1"
}

server_answers()
{
	on "$1" meshctl server status
} >/dev/null 2>&1

# endpoint ADDRESS PORT
endpoint()
{
	case $1 in
	*:*) echo "[$1]:$2" ;;
	*) echo "$1:$2" ;;
	esac
}

# setup_key MACHINE [OPTION]...: makes one on the server, prints the join string
setup_key()
{
	on "$1" meshctl server key create "${@:2}"
}

# node MACHINE...: starts meshd there
node()
{
	local machine

	for machine; do
		start "meshd-$machine" "$machine" meshd
	done
	for machine; do
		wait_for meshd_answers "$machine"
	done
}

meshd_answers()
{
	status "$1" .version
} >/dev/null 2>&1

# join MACHINE JOIN-STRING
join()
{
	on "$1" meshctl up "$2"
}

# members SERVER MACHINE...: starts meshd on each, and all join with one setup key
members()
{
	local machine key

	key=$(setup_key "$1" --reusable)
	node "${@:2}"
	for machine in "${@:2}"; do
		join "$machine" "$key"
	done
}

# status MACHINE FILTER: of jq, on what "meshctl status --json" prints
status()
{
	local said

	# A node that is not up says so with its exit status, too.
	said=$(on "$1" meshctl status --json) || [ -n "$said" ] || return
	gojq -er "$2" <<<"$said"
}

# overlay MACHINE [4|6]: its address in the private network
overlay()
{
	case ${2:-4} in
	4) status "$1" '.addresses[] | select(contains(".")) | split("/")[0]' ;;
	6) status "$1" '.addresses[] | select(contains(":")) | split("/")[0]' ;;
	esac
}

# overlays MACHINE: both, first the one of IPv4
overlays()
{
	status "$1" '[.addresses[] | split("/")[0]] | sort_by(contains(":")) | join(" ")'
}

# is_direct MACHINE PEER
is_direct()
{
	[ "$(status "$1" ".peers[] | select(.hostname == \"$2\") | .state")" = direct ]
}

# all_direct MACHINE...: each of them to every other one; each is asked once
all_direct()
{
	local one other direct

	for one; do
		direct=" $(status "$one" \
			'[.peers[] | select(.state == "direct") | .hostname] | join(" ")') " || return
		for other; do
			[[ $one = "$other" || $direct = *" $other "* ]] || return
		done
	done
}

# path_ids MACHINE: the numbers of its paths in use
path_ids()
{
	status "$1" '[.peers[].paths[] | select(.selected) | .id] | sort | join(" ")'
}

# underlay MACHINE PEER: the endpoint in use, where that peer receives
underlay()
{
	status "$1" ".peers[] | select(.hostname == \"$2\") | .paths[] | select(.selected) | .remote"
}

# reaches MACHINE PEER [4|6]: by overlay address
reaches()
{
	pings "$1" "$(overlay "$2" "${3:-4}")"
}

# works_both_ways MACHINE PEER: directly, with both addresses, small and large, and TCP
works_both_ways()
{
	local one4 one6 other4 other6

	read -r one4 one6 < <(overlays "$1") && read -r other4 other6 < <(overlays "$2") &&
		pings "$1" "$other4" && pings "$2" "$one4" &&
		pings "$1" "$other6" && pings "$2" "$one6" &&
		pings "$1" "$other4" -s 4000 &&
		copies "$1" "$2" "$other4" 2 && copies "$2" "$1" "$one6" 2
}

# relay_host MACHINE ADDRESS [OPTION]...: server, and a relay that it knows as "home"; the options
# are mesh-relayd's
relay_host()
{
	relay "$1" "$2" "${@:3}"
	mesh_server "$1" "$2"
	relay_add "$1" home "$1" "$2"
}

# relay MACHINE ADDRESS [OPTION]...: the options are mesh-relayd's; it waits DRAIN_S seconds for its
# clients to leave, 0 when that is not set
relay()
{
	on "$1" meshctl relay secret /var/lib/wgmesh/relay.secret >/dev/null
	start "relayd-$1" "$1" mesh-relayd --listen "$(endpoint "$2" 3478)" --relay-address "$2" \
		--realm "$1" --secret-file /var/lib/wgmesh/relay.secret \
		--drain-time "${DRAIN_S:-0}" \
		"${@:3}"
	wait_for listens "$1" udp 3478
}

# relay_add SERVER NAME MACHINE ADDRESS [OPTION]...: the server is told of the relay on MACHINE;
# the options are those of "meshctl relay add"
relay_add()
{
	on "$3" cat /var/lib/wgmesh/relay.secret >"$logs/$3.secret"
	chmod 600 "$logs/$3.secret"
	on "$1" meshctl relay add "$2" --address "$4" --secret-file "$logs/$3.secret" "${@:5}"
}

# is_relayed MACHINE PEER
is_relayed()
{
	[ "$(status "$1" ".peers[] | select(.hostname == \"$2\") | .state")" = relayed ]
}
