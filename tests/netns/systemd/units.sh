#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# wgmesh on a machine with systemd, from "make install" to "make uninstall": server, relay and node by
# their units, and two nodes that need the relay.
#
#	a ── NAT ──┬── NAT ── b
#	         server
#
# shellcheck disable=SC2154
# shellcheck source=tests/netns/lib.sh
. "$(dirname "$0")/../lib.sh"
begin
services=(mesh-relayd.service mesh-server.service meshd@default.service)

# ---- installation ----

# Where DKMS puts the module, for whoever loads it.
mkdir -p "/lib/modules/$(uname -r)/updates/dkms"
cp "$module" "/lib/modules/$(uname -r)/updates/dkms"
depmod

two_homes symmetric symmetric
boot server

make_on_server()
{
	on server make -s -C "$project" PREFIX=/usr "$@"
}

verified()
{
	local said

	said=$(on server systemd-analyze --man=no verify "${services[@]}" mesh-server.socket \
		meshd@default.socket wgmesh-relay-secret.service 2>&1) && [ -z "$said" ] && return
	echo "$said"
	return 1
}

# The scale is from 0 to 10.
exposed_little()
{
	local service

	for service in "${services[@]}" wgmesh-relay-secret.service; do
		on server systemd-analyze --no-pager --threshold=20 security "$service" || return
	done
}

all_disabled()
{
	[ "$(on server systemctl is-enabled "${services[@]}" mesh-server.socket meshd@default.socket |
		sort -u)" = disabled ]
}

expect "everything installs" make_on_server install
expect "the groups are there" on server getent group wgmesh wgmesh-admin
expect "nothing is enabled" all_disabled
expect "systemd understands the units" verified
expect "and finds the services little exposed" exposed_little

# ---- what runs, as whom ----

# main_pids UNIT...: 0 for what does not run
main_pids()
{
	on server systemctl show --property MainPID --value "$@" | xargs
}

# confined UNIT CAPABILITIES: by the kernel's word
confined()
{
	local pid

	# shellcheck disable=SC2016
	pid=$(main_pids "$1") && on server awk -v capabilities="$2" '
	function has(what, wanted)
	{
		if (what == wanted)
			seen++
		else
			print FILENAME ": " $0
	}
	/^Uid:/			{ has($2 >= 61184 && $2 <= 65519 && $2 == $3 && $3 == $4, 1) }
	/^Cap(Prm|Eff|Bnd|Amb):/	{ has($2, capabilities) }
	/^NoNewPrivs:/		{ has($2, 1) }
	/^Seccomp:/		{ has($2, 2) }
	/^Max core file size/	{ has($5 $6, "00") }
	FILENAME ~ "swap.max$"	{ has($1, "0") }
	FILENAME ~ "memory.max$"	{ has($1 ~ "^[0-9]+$", 1) }
	END { exit seen != 10 }' "/proc/$pid/status" "/proc/$pid/limits" \
		"$(cgroup_of "$1")/memory.swap.max" "$(cgroup_of "$1")/memory.max"
}

cgroup_of()
{
	echo "/sys/fs/cgroup$(on server systemctl show --property ControlGroup --value "$1")"
}

different_users()
{
	[ "$(on server ps -o uid= -p "$(main_pids "${services[@]}" | tr ' ' ,)" | sort -u | wc -l)" = 3 ]
}

nobody_else_reads()
{
	[ -z "$(on server find /var/lib/private /etc/wgmesh/relay.secret -type f -perm /077)" ]
}

on server sh -c 'cat >/etc/wgmesh/relay.conf' <<-END
	listen = 203.0.113.1:3478
	relay-address = 203.0.113.1
END
expect "the services start" on server systemctl enable --now mesh-relayd mesh-server meshd@default
expect "the relay may do what it needs, and no more" confined mesh-relayd.service 0000000000001000
expect "so may the node" confined meshd@default.service 0000000000001000
expect "the server needs nothing" confined mesh-server.service 0000000000000000
expect "each has a user of its own" different_users
expect "whose keys nobody else reads" nobody_else_reads

key=$(setup_key server --reusable --host 203.0.113.1)
expect "the node joins" join server "$key"
node a b
join a "$key"
join b "$key"
eventually "two nodes reach each other through the relay" is_relayed a b
eventually "and directly the one that is there" is_direct a server

# ---- who may what ----

# as USER COMMAND...: what it says is in $said
as()
{
	said=$(on server setpriv --reuid "$1" --regid "$1" --init-groups -- "${@:2}" 2>&1)
}

refused()
{
	! as "$@" && [[ $said == *wgmesh-admin* ]]
}

on server useradd --groups wgmesh looker
on server useradd --groups wgmesh-admin changer
on server useradd stranger
expect "a member of wgmesh may look at the node" as looker meshctl status
expect "and at the server" as looker meshctl server peer list
expect "not change the node" refused looker meshctl down
expect "nor the server" refused looker meshctl server key create
expect "a member of wgmesh-admin may change the node" as changer meshctl down
expect "and change it back" as changer meshctl up
expect "and the server" as changer meshctl server key create
expect "who is in neither may not look" refused stranger meshctl status
expect "at the server neither" refused stranger meshctl server peer list

# ---- the relay stops ----
#
# Before any client dies: of one that does the relay learns nothing, and waits for it.

expect "the relay is stopped" on server systemctl stop mesh-relayd.service
expect "by itself" [ "$(on server systemctl show --property Result --value mesh-relayd)" = success ]
journal server --unit mesh-relayd.service >"$logs/relay"
expect "for which it waited" grep -q 'stopping when [1-9]' "$logs/relay"
expect "but not for as long as it may" not grep -q 'drain-time is over' "$logs/relay"
on server systemctl start mesh-relayd.service
eventually "the nodes are relayed again" is_relayed b a

# ---- daemons that end ----

# restart_after TIME: systemd waits so long; '' is what the units say
restart_after()
{
	local service directory

	for service in "${services[@]}"; do
		directory=/run/systemd/system/$service.d
		on server mkdir -p "$directory"
		on server sh -c "printf '[Service]\nRestartSec=%s\n' $1 >$directory/restart.conf"
	done
	on server systemctl daemon-reload
}

# all_run_but PIDS: none of those that ran before
all_run_but()
{
	local pid now

	now=$(main_pids "${services[@]}")
	for pid in $now; do
		[ "$pid" != 0 ] && [[ " $1 " != *" $pid "* ]] || return
	done
	[ "$(on server systemctl is-active "${services[@]}" | sort -u)" = active ]
}

survive_kills()
{
	local times pids

	for times in {1..10}; do
		pids=$(main_pids "${services[@]}")
		# shellcheck disable=SC2086
		on server kill -KILL $pids
		wait_for all_run_but "$pids" || {
			echo "not after $times times"
			return 1
		}
	done
}

restart_after 100ms
expect "who is killed ten times in a row is started again" survive_kills
restart_after 5s

# answered_meanwhile NAME COMMAND...: each time, until the process of that name ends
answered_meanwhile()
{
	local times=0

	while running "$1"; do
		on server "${@:2}" || return
		times=$((times + 1))
	done
	echo "asked $times times"
	[ $times -gt 0 ] && collect "$1"
}

restarts()
{
	start restarts server sh -c "for i in 1 2 3 4; do systemctl restart $1 || exit; done"
}

restarts meshd@default.service
expect "who asks a node that is restarted waits for the answer" answered_meanwhile restarts meshctl status
restarts mesh-server.service
expect "so does who asks the server" answered_meanwhile restarts meshctl server status

has_interface()
{
	ip_on server link show wgmesh0
}

on server systemctl stop meshd@default.service
expect "a node that is stopped keeps its interface" has_interface
expect "and its packets go on" pings a "$(ip_on server -json -4 address show dev wgmesh0 |
	gojq -r '.[0].addr_info[0].local')"
expect "the next command starts it" on server meshctl status
expect "by its unit" on server systemctl is-active meshd@default.service
on server systemctl stop meshd@default.socket
expect "who stops the socket stops the node" [ "$(main_pids meshd@default.service)" = 0 ]
expect "and then a command says what to do" not on server meshctl status
on server systemctl start meshd@default.service

# ---- the machine stops ----

eventually "the nodes are relayed as before" is_relayed b a
address=$(overlay server)
switch_off server
journal server >"$logs/journal"
journal server --unit mesh-relayd.service >"$logs/relay"
expect "when the machine stops all end in time" not grep -E 'timed out|SIGKILL' "$logs/journal"
expect "and the relay waits for nobody" [ "$(grep -c 'stopping when' "$logs/relay")" = 1 ]
# which goes with a machine's kernel
ip_on server link delete wgmesh0
boot server
expect "with the machine all come back" all_run_but ''
eventually "the node, too" pings a "$address"
eventually "and the relay" is_relayed b a

# ---- uninstallation ----

says_who_is_up()
{
	! said=$(make_on_server uninstall 2>&1) && [[ $said == *"wgmesh0"*"meshctl leave"* ]]
}

# files, units that systemd knows, and links to them
nothing_installed()
{
	local left

	left=$(on server sh -c 'ls -d /usr/bin/mesh* /usr/src/wgmesh-* /usr/lib/sysusers.d/wgmesh.conf \
			/usr/share/man/man?/mesh* /usr/share/wgmesh 2>/dev/null
		systemctl list-unit-files --plain --no-legend &&
			systemctl list-units --all --plain --no-legend &&
			find /etc/systemd/system') && not grep mesh <<<"$left"
}

expect "nothing is uninstalled while a network is up" says_who_is_up
expect "and all goes on" all_run_but ''
# All, so that nothing needs the module, and the relay waits for nobody.
for machine in a b server; do
	on "$machine" meshctl leave
done
expect "then it is" make_on_server uninstall
expect "with nothing there it may be repeated" make_on_server uninstall
expect "nothing of it is left" nothing_installed
expect "no process" not on server pgrep -f mesh
expect "nor the module" [ ! -d /sys/module/wgmesh ]
expect "the groups are" on server getent group wgmesh wgmesh-admin
expect "and what was stored" on server ls /etc/wgmesh/relay.secret /var/lib/private/wgmesh-server/server.db
switch_off server
