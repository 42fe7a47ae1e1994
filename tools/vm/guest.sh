# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# shellcheck disable=SC2154
#
# Process 1 of a guest, of either machine: puts a scratch layer over the shared root, makes
# a usual environment, runs the command, leaves its status, switches off. Expects functions
# of who reads it:
#
#   prepare_kernel	before the command
#   start_output	connects /run/vm-stdout and /run/vm-stderr; the processes are $pumps
: >/run/booted
export PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
export HOME=/root TERM=dumb LANG=C.UTF-8

# Each start of a dynamically linked program costs 70 ms in the emulator.
for applet in mount umount mkdir rmdir mkfifo ln pivot_root hostname; do
	eval "$applet() { busybox $applet \"\$@\"; }"
done

power_off()
{
	echo o >/proc/sysrq-trigger
	while :; do read -r -t 60 <> <(:); done
}

die()
{
	echo "guest: $*" >/dev/console
	power_off
}

# /run of the shared tree is the channel to the host (see share-root).
enter_scratch_root()
{
	grep -qw overlay /proc/filesystems || modprobe overlay || return
	mount -t tmpfs -o size=75% scratch /mnt || return
	mkdir /mnt/upper /mnt/work /mnt/root || return
	mount -t overlay overlay \
		-o lowerdir=/,upperdir=/mnt/upper,workdir=/mnt/work /mnt/root || return

	mount -t tmpfs -o mode=755 run /mnt/root/run || return
	mkdir /mnt/root/run/vm || return
	mount --bind /run /mnt/root/run/vm || return
	mount --move /proc /mnt/root/proc || return
	mount --move /dev /mnt/root/dev || return
	mkdir -p /mnt/root/.old || return
	cd /mnt/root || return
	pivot_root . .old || return
	umount -l /.old
	rmdir /.old
	mount -t none --make-rshared none /
}

mount_kernel_filesystems()
{
	mount -t sysfs sysfs /sys || return
	mkdir -p /dev/pts /dev/shm
	mount -t devpts -o gid=5,mode=620,ptmxmode=666 devpts /dev/pts || return
	mount -t tmpfs -o mode=1777 shm /dev/shm || return
	ln -s /proc/self/fd /dev/fd
	ln -s fd/0 /dev/stdin
	ln -s fd/1 /dev/stdout
	ln -s fd/2 /dev/stderr
	mount -t debugfs debugfs /sys/kernel/debug
	mount -t tracefs tracefs /sys/kernel/tracing
	mount -t bpf bpf /sys/fs/bpf
	mount -t cgroup2 cgroup2 /sys/fs/cgroup
	mkdir -p /run/lock /run/netns
	case $project/ in
	/tmp/*) ;;
	*) mount -t tmpfs -o mode=1777 tmp /tmp ;;
	esac
}

# A leaked reference to a network device is told after 1 s instead of 10 s.
configure_kernel()
{
	hostname vm
	ip link set lo up
	echo 1 >/proc/sys/net/core/netdev_unregister_timeout_secs
}

run_command()
{
	(
		cd "$project" || exit 125
		export VM_OUT=/run/vm/out
		exec </dev/null >/run/vm-stdout 2>/run/vm-stderr
		exec setsid "${command[@]}"
	) &
	wait $!
}

# What the command left running would hold the output open.
kill_leftovers()
{
	local process

	for process in /proc/[0-9]*; do
		process=${process#/proc/}
		case " 1 $$ ${pumps[*]} " in
		*" $process "*) continue ;;
		esac
		kill -KILL "$process" 2>/dev/null
	done
	wait "${pumps[@]}"
}

# Unloading a link type waits until all network namespaces in destruction are
# gone. When something still holds one of their devices, that never ends, and
# the kernel says so.
settle_network()
{
	local pid tries

	ip -all netns delete 2>/dev/null
	modprobe -q dummy numdummies=0 || return
	rmmod dummy 2>/dev/null &
	pid=$!
	for tries in {1..60}; do
		kill -0 $pid 2>/dev/null || return
		read -r -t 0.05 <> <(:)
	done
}

# Bits of /proc/sys/kernel/tainted that mean trouble rather than a licence.
taint()
{
	local tainted

	tainted=$(</proc/sys/kernel/tainted)

	(( tainted & 1 << 4 )) && echo "machine check "
	(( tainted & 1 << 5 )) && echo "bad page "
	(( tainted & 1 << 7 )) && echo "oops or BUG "
	(( tainted & 1 << 9 )) && echo "warning "
	(( tainted & 1 << 14 )) && echo "soft lockup "
}

be_init()
{
	mount -t proc proc /proc
	mount -t devtmpfs devtmpfs /dev
	exec </dev/null >/dev/console 2>&1
	enter_scratch_root || die "cannot make the scratch root"
	project=$(eval "echo $(</run/vm/project)")
	eval "command=($(</run/vm/command))"
	mount_kernel_filesystems || die "cannot mount the kernel's file systems"
	configure_kernel
	prepare_kernel || die "cannot prepare the kernel"
	start_output || die "no way out for the output"
	run_command
	status=$?
	kill_leftovers
	settle_network
	"$project/tools/vm/find-leaks"
	taint >/run/vm/taint
	echo $status >/run/vm/status
	power_off
}
