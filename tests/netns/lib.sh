# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# A lab of machines in network namespaces, and the words to test with. Scenarios,
# the demo and the benchmarks begin with this file; each part is told in its own:
#
#   machine    machines, cables, switches, addresses
#   line       two machines and a router between them, where most scenarios about paths begin
#   systemd    machines that boot it
#   nat        home routers that translate, filter or refuse
#   process    daemons: start, stop, wait for what they print
#   wait       waiting for a state instead of sleeping
#   report     expect: TAP lines, and the evidence when something went wrong
#   traffic    pings that count every loss, TCP, datagrams, captures
#   wireguard  WireGuard interfaces configured by hand
#   narrow     routers that drop what is too large
#   path       wgmesh.ko, driven by meshctl without any daemon
#   relay      wgmesh.ko as a relay, programmed without its daemon
#   mesh       whole systems: mesh-server, mesh-relayd, meshd
#   networks   several of them on one machine
#   clock      setting the clock
set -eu -o pipefail
export LANG=C.UTF-8 WG_HIDE_KEYS=never

netns_dir=$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")
project=$(dirname "$(dirname "$netns_dir")")
PATH=$project/build/bin:$PATH

for lib_part in wait machine systemd nat process report traffic wireguard path line narrow relay mesh networks clock; do
	# shellcheck source=/dev/null
	. "$netns_dir/lib/$lib_part.sh"
done
