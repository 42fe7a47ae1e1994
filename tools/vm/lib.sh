# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# What tools/vm/run knows about kernels: where they are, how they boot, and
# which of their messages make a run fail.

VIRTIOFSD=/usr/lib/qemu/virtiofsd
. "$(dirname "${BASH_SOURCE[0]}")/../packages.sh"

# Emergencies, debugging aids of the kernel, and what the network stack says of
# a packet or a device that was handled wrongly.
KERNEL_COMPLAINTS='WARNING: |BUG[: ]|kernel BUG at|Oops|general protection fault|Kernel panic'
KERNEL_COMPLAINTS+='|Call Trace:|cut here|hard LOCKUP|INFO: (task|rcu|possible|trying)'
KERNEL_COMPLAINTS+='|rcu: .*(stall|starved)|(KASAN|KCSAN|KMSAN|KFENCE|UBSAN|ODEBUG): '
KERNEL_COMPLAINTS+='|refcount_t: |kmemleak: [0-9]|unreferenced object 0x'
KERNEL_COMPLAINTS+='|list_(add|del) corruption|Bad page'
KERNEL_COMPLAINTS+='|Objects remaining|page allocation failure|leaked reference'
KERNEL_COMPLAINTS+='|unregister_netdevice: waiting|hw csum failure|bad partial csum'
KERNEL_COMPLAINTS+='|protocol [0-9a-f]+ is buggy|Dead loop on virtual device|Attempt to release'

# kernel_version LINE: of the kernel that tools/vm/kernel got
kernel_version()
{
	cat "$cache/kernels/$1/version" 2>/dev/null
}

# kernel_place VERSION: its directory
kernel_place()
{
	local file

	for file in "$cache"/kernels/*/version; do
		[ -e "$file" ] && [ "$(<"$file")" = "$1" ] || continue
		echo "${file%/version}"
		return 0
	done
	return 1
}

kernel_image()
{
	echo "$(kernel_place "$1")/vmlinuz"
}

# kernel_build VERSION: what modules are built with
kernel_build()
{
	echo "$(kernel_place "$1")/lib/modules/$1/build"
}

# A kernel that has virtio-pci and virtiofs built in mounts its root by itself.
needs_initramfs()
{
	local builtin

	builtin=$(kernel_place "$1")/lib/modules/$1/modules.builtin
	! { grep -q '/virtio_pci\.ko$' "$builtin" && grep -q '/virtiofs\.ko$' "$builtin"; }
}

# put_modules VERSION DIR: those that mount the root, as busybox can load them, and their order
put_modules()
{
	local module name

	modprobe -d "$(kernel_place "$1")/" -S "$1" -D -a virtio_pci virtiofs |
		awk '$1 == "insmod" && !seen[$2]++ { print $2 }' |
		while read -r module; do
			name=$(basename "${module%.xz}")
			case $module in
			*.xz) xz -dc "$module" ;;
			*) cat "$module" ;;
			esac >"$2/$name" || return
			echo "$name" >>"$2/order"
		done
}

# initramfs VERSION: builds, once per kernel, an archive with just the modules
# that mount the root, and prints its path.
initramfs()
{
	local version=$1 image=$cache/initramfs-$1.cpio dir

	if [ -s "$image" ] && [ "$image" -nt "$(kernel_image "$version")" ] &&
			[ "$image" -nt "$here/initramfs-init" ]; then
		echo "$image"
		return 0
	fi

	dir=$(mktemp -d) || return
	mkdir -p "$dir/bin" "$dir/root" "$dir/modules"
	cp "$(command -v busybox)" "$dir/bin/busybox" || return
	cp "$here/initramfs-init" "$dir/init" || return
	put_modules "$version" "$dir/modules" || return
	(cd "$dir" && find . | cpio --quiet -o -H newc) >"$image.$$" || return
	rm -rf "$dir"
	mv "$image.$$" "$image"
	echo "$image"
}
