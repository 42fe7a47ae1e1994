#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Newer sources under the same version: "dkms install --force" takes the module that is installed away,
# and installs the old one again. And where its file is gone, status alone minds: install skips it.
#
# What:   dkms 3.0.10-8+deb12u1 (Debian 12), a module of its own; 3.2.2-1~deb13u1
#         (Debian 13) does the same, and says it in other words
# Guess:  without --force the old one stays, with it the module is built from the sources that are
#         there; dkms sees that a file is gone, and install puts it back.
# Seen:   install, exit 0: old
#         newer sources, add, exit 3: old
#         newer sources, install, exit 0: old
#         newer sources, install --force, exit 0: old
#         newer sources, build --force, exit 0: old
#         built, install, exit 0: old
#         built, install --force, exit 0: new
#         file gone, install, exit 0: none
#         file gone, autoinstall, exit 0: none
#         file gone, status, exit 0: none, installed (WARNING! Diff between built and installed module!)
#         file gone, install --force, exit 0: new
# So:     who installs sources that keep their version has to remove the module from dkms first, or
#         "build --force" and "install --force"; an exit of 0 does not say that it is there.
#
# As root, in a mount namespace of its own. Fails when it is no longer so. Needs a compiler and the
# headers of a kernel.
set -eu
if [ -z "${work-}" ]; then
	work=$(mktemp -d)
	trap 'rm -rf "$work"' EXIT
	(cd "$work" && apt-get -qq -o APT::Sandbox::User=root download dkms=3.0.10-8+deb12u1)
	work=$work unshare --mount "$0"
	exit
fi
cd "$work"
dpkg-deb -x dkms_*.deb .
mkdir -p keys sources/toy-1 tree
mount --bind keys /var/lib # where it makes a key to sign with

headers=$(printf '%s\n' /lib/modules/*/build | tail -n 1)
kernel=$(basename "$(dirname "$headers")")
modules=$work/modules/$kernel
mkdir -p "$modules"
cp "/lib/modules/$kernel"/modules.* "$modules"
ln -s "$(readlink -f "$headers")" "$modules/build"
cat >sources/toy-1/dkms.conf <<'END'
PACKAGE_NAME="toy"
PACKAGE_VERSION="1"
BUILT_MODULE_NAME[0]="toy"
DEST_MODULE_LOCATION[0]="/updates/dkms"
AUTOINSTALL="yes"
END
echo 'obj-m := toy.o' >sources/toy-1/Makefile

sources_are()
{
	printf '#include <linux/module.h>\nMODULE_LICENSE("GPL");\nMODULE_DESCRIPTION("%s");\n' \
		"$1" >sources/toy-1/toy.c
}

installed() { find modules -name 'toy.ko*'; }

# tell WHAT COMMAND [OPTION]: what dkms does, and which module is installed then
tell()
{
	local status=0 file which=none what=(toy/1)

	[ "$2" != autoinstall ] || what=()
	bash usr/sbin/dkms "${@:2}" "${what[@]}" --dkmstree "$work/tree" --sourcetree "$work/sources" \
		--installtree "$work/modules" -k "$kernel" --kernelsourcedir "$headers" \
		>said 2>&1 || status=$?
	file=$(installed)
	[ -z "$file" ] || which=$(modinfo -F description "$file")
	[ "$2" != status ] || which="$which, $(grep -m 1 ^toy said | sed 's/.*: //')"
	echo "${1:+$1, }${*:2}, exit $status: $which" | tee -a seen
}

sources_are old
tell '' install
sources_are new
tell 'newer sources' add
tell 'newer sources' install
tell 'newer sources' install --force
tell 'newer sources' build --force
tell built install
tell built install --force
rm "$(installed)"
tell 'file gone' install
tell 'file gone' autoinstall
tell 'file gone' status
tell 'file gone' install --force
diff -u - seen <<'END'
install, exit 0: old
newer sources, add, exit 3: old
newer sources, install, exit 0: old
newer sources, install --force, exit 0: old
newer sources, build --force, exit 0: old
built, install, exit 0: old
built, install --force, exit 0: new
file gone, install, exit 0: none
file gone, autoinstall, exit 0: none
file gone, status, exit 0: none, installed (WARNING! Diff between built and installed module!)
file gone, install --force, exit 0: new
END
echo "as it was found to be"
