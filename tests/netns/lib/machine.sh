# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# shellcheck disable=SC2154
#
# Machines, and what connects them.
#
#   machine a b          two machines, each with a network, a host name and its own
#                        /run, /etc/wgmesh and /var/lib/wgmesh
#   wire a eth0 b eth0   a cable between them
#   address a eth0 192.0.2.1/24 2001:db8::1/64
#   segment internet     a switch
#   plug a eth0 internet 203.0.113.1/24
#   internet a b         the last three for each, with addresses as these
#   on a ping -c 1 192.0.2.2

declare -A machine_exists=()

# Where the lab keeps its files; a file system of its own, because a mount
# namespace can be given a name only below a mount that is not shared.
lab=/run/lab.$$

lab_open()
{
	mkdir "$lab"
	mount -t tmpfs -o mode=755 lab "$lab"
	mount --make-private "$lab"
}

lab_close()
{
	remove_machine "${!machine_exists[@]}"
	umount "$lab" && rmdir "$lab"
}

# netns MACHINE: the name of its network namespace for ip(8)
netns()
{
	echo "$1.$$"
}

# machine NAME...
#
# The number that the new namespace gets in this one is in "ip netns list-id" until
# the kernel has let go of it, so it tells when something keeps a dead one alive.
machine()
{
	local name ns dir

	for name; do
		ns=$name.$$ dir=$lab/$name
		mkdir "$dir" "$dir/run" "$dir/etc" "$dir/state"
		: >"$dir/mnt"
		: >"$dir/uts"
		printf 'netns %s\n' "add $ns" "set $ns auto" | ip -batch -
		machine_exists[$name]=yes
		busybox nsenter --net="/run/netns/$ns" -- busybox unshare --propagation slave \
			--mount="$dir/mnt" --uts="$dir/uts" -- "$netns_dir/lib/furnish" "$name" "$dir"
	done
}

# remove_machine NAME...: with everything that still runs there
remove_machine()
{
	local name pid mounts=() namespaces=()

	[ $# -gt 0 ] || return 0
	for name; do
		for pid in $(pids_on "$name"); do
			kill -KILL "$pid" || :
		done
		mounts+=("$lab/$name/mnt" "$lab/$name/uts")
		namespaces+=("$(netns "$name")")
		unset "machine_exists[$name]"
	done
	umount "${mounts[@]}" || :
	close_connections "${namespaces[@]}"
	printf 'netns delete %s\n' "${namespaces[@]}" | ip -force -batch - || :
}

# What TCP still tries to send for a process that is gone would keep its namespace for
# minutes when nobody answers any more.
close_connections()
{
	local ns

	for ns; do
		ss --net="$ns" --kill --tcp --all >/dev/null || :
	done
}

# pids_on MACHINE
pids_on()
{
	ip netns pids "$(netns "$1")"
}

# enter MACHINE PROGRAM: sets $enter to the words that run that program there. The program
# is given by its path, since busybox would take one of its own for many a name; where systemd is
# process 1, it is what is installed there.
enter()
{
	if [ -n "${process_1_of[$1]-}" ]; then
		enter=(busybox nsenter -t "${process_1_of[$1]}" -m -u -i -n -p -- /usr/bin/env
			-i PATH=/usr/sbin:/usr/bin LANG=C.UTF-8 "SYSTEMD_BUS_TIMEOUT=$WAIT_S" "$2")
		return
	fi
	enter=(busybox nsenter --net="/run/netns/$1.$$" --mount="$lab/$1/mnt" --uts="$lab/$1/uts"
		-- "$(type -P "$2")")
}

# on MACHINE COMMAND [ARGUMENT]...
on()
{
	local enter

	transcribe "$@"
	enter "$1" "$2"
	"${enter[@]}" "${@:3}"
}

# ip_on MACHINE ARGUMENT...: ip(8) for that machine
ip_on()
{
	transcribe "$1" ip "${@:2}"
	ip -n "$(netns "$1")" "${@:2}"
}

# sysctl_on MACHINE KEY=VALUE...
sysctl_on()
{
	on "$1" sysctl -q -w "${@:2}"
}

# wire MACHINE INTERFACE MACHINE INTERFACE
wire()
{
	transcribe - wire "$@"
	ip -n "$(netns "$1")" -batch - <<-END
	link add $2 type veth peer name $4 netns $(netns "$3")
	link set $2 up
	END
	ip -n "$(netns "$3")" link set "$4" up
}

# address MACHINE INTERFACE [ADDRESS/LENGTH]...
address()
{
	local machine=$1 interface=$2

	[ $# -gt 2 ] || return 0
	transcribe "$machine" ip address add "${@:3}" dev "$interface"
	printf "address add %s dev $interface\n" "${@:3}" | ip -n "$(netns "$machine")" -batch -
}

# gateway MACHINE ADDRESS...: its default route, for the family of each address
gateway()
{
	local machine=$1 address

	shift
	for address; do
		ip_on "$machine" route add default via "$address"
	done
}

# segment NAME [ADDRESS/LENGTH]...: a machine that is a switch, and, when it has
# addresses, a router too
segment()
{
	machine "$1"
	ip_on "$1" link add switch up type bridge
	[ $# -gt 1 ] || return 0
	address "$1" switch "${@:2}"
	sysctl_on "$1" net.ipv4.ip_forward=1 net.ipv6.conf.all.forwarding=1 \
		net.ipv4.conf.all.send_redirects=0 net.ipv4.conf.switch.send_redirects=0
}

# plug MACHINE INTERFACE SEGMENT [ADDRESS/LENGTH]...
plug()
{
	wire "$3" "$1.$2" "$1" "$2"
	ip_on "$3" link set "$1.$2" master switch
	address "$1" "$2" "${@:4}"
}

# internet MACHINE...: makes them, with the addresses 203.0.113.1, .2 and so on in the segment "internet"
internet()
{
	local last=0 machine

	segment internet
	machine "$@"
	for machine; do
		plug "$machine" eth0 internet "203.0.113.$((++last))/24"
	done
}

# machine_address MACHINE INTERFACE [-6]: its first global address
machine_address()
{
	ip -n "$(netns "$1")" -json "${3:--4}" address show dev "$2" scope global |
		gojq -r '.[0].addr_info[0].local'
}
