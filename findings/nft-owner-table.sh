#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# A table that is to end with its process: written in JSON it is taken, and owned by nobody. Written
# in the native syntax it is owned; but while it is there, what "nft list ruleset" prints cannot be
# loaded, the tables of everybody else in it included, and afterwards it is loaded without itself.
#
# What:   nftables 1.0.6-2+deb12u2 of Debian 12, on the running kernel (6.18)
# Guess:  JSON makes an owned table, or refuses the flag; what "nft list ruleset" prints, "nft -f"
#         takes, and all of it, for that is how people back up.
# Seen:   native: flags owner
#         native, process gone: nothing
#         JSON, exit 0: no flag
#         JSON, process gone: table inet json
#         saved, flushed and loaded while it is there, exit 1: no other table
#         saved and loaded afterwards, exit 0: no owned table
# So:     such a table has to be written in the native syntax, and backups be made without it.
#
# As root, in a network namespace of its own. Fails when it is no longer so.
set -eu
version=1.0.6-2+deb12u2
if [ -z "${work-}" ]; then
	work=$(mktemp -d)
	trap 'rm -rf "$work"' EXIT
	(cd "$work" && apt-get -qq -o APT::Sandbox::User=root download \
		nftables=$version libnftables1=$version)
	work=$work unshare --net "$0"
	exit
fi
cd "$work"
for package in *.deb; do
	dpkg-deb -x "$package" .
done
export LD_LIBRARY_PATH=$work/usr/lib/x86_64-linux-gnu PATH=$work/usr/sbin:$PATH

cat >hold.py <<'END'
"""hold.py native|json COMMANDS SCRIPT: runs the commands, and while they are its own, the script."""
import ctypes
import subprocess
import sys

nft = ctypes.CDLL("libnftables.so.1")
nft.nft_ctx_new.restype = ctypes.c_void_p
context = ctypes.c_void_p(nft.nft_ctx_new(0))
if sys.argv[1] == "json":
    nft.nft_ctx_output_set_flags(context, 1 << 4)
    nft.nft_ctx_buffer_output(context)
status = nft.nft_run_cmd_from_buffer(context, sys.argv[2].encode())
subprocess.run(["bash", "-c", sys.argv[3]], check=True)
sys.exit(status != 0)
END

# tell WHAT REGEX ELSE: what of the ruleset matches
tell()
{
	echo "$1: $(nft list ruleset | grep -m 1 -oE "$2" || echo "$3")" | tee -a seen
}
export -f tell

nft add table inet other
/usr/bin/python3 hold.py native 'table inet native { flags owner; }' 'nft list ruleset >saved
	tell native "flags owner" "no flag"
	{ echo flush ruleset; cat saved; } >restore
	nft delete table inet other
	nft -f restore 2>said; echo $? >status
	nft list ruleset >then'
tell 'native, process gone' 'table inet native' nothing

/usr/bin/python3 hold.py json '{"nftables": [{"add": {"table":
	{"family": "inet", "name": "json", "flags": ["owner"]}}}]}' \
	'tell "JSON, exit 0" "flags owner" "no flag"'
tell 'JSON, process gone' 'table inet json' nothing

echo "saved, flushed and loaded while it is there, exit $(<status): $(
	grep -m 1 -o 'table inet other' then || echo no other table)" | tee -a seen
sed 's/^/	/' said
nft flush ruleset
nft -f restore
tell "saved and loaded afterwards, exit $?" 'table inet native' 'no owned table'

diff -u - seen <<'END'
native: flags owner
native, process gone: nothing
JSON, exit 0: no flag
JSON, process gone: table inet json
saved, flushed and loaded while it is there, exit 1: no other table
saved and loaded afterwards, exit 0: no owned table
END
echo "as it was found to be"
