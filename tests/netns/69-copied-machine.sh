#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# A machine that is a copy of another one has its key: each takes the other's place at the server.
# Both say so, and what to do; then it is done.
#
#	a ── internet ── copy
#	        └── server
#
# shellcheck source=tests/netns/lib.sh
. "$(dirname "$0")/lib.sh"
begin
internet server a copy
public_host server 203.0.113.1
members server a
expect "nothing is said of one machine" status a 'has("warning") | not'
cp -a "$lab/a/state/." "$lab/copy/state/"
node copy
warns()
{
	status "$1" '.warning | contains("another machine has the key of this node")'
}
eventually "a says that another machine has its key" warns a
eventually "so does the copy" warns copy
says_warning()
{
	on a meshctl status | grep -E '^warning +another machine.*join anew'
}
expect "with what to do" says_warning
expect "and in the log" says meshd-a 'another machine goes on connecting'

stop meshd-copy
ip_on copy link del wgmesh0
on copy rm -r /var/lib/wgmesh/default
node copy
expect "the copy joins anew" join copy "$(setup_key server)"
eventually "and both reach each other" all_direct a copy
