#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# The routers of this lab are what they claim to be. A STUN server with two addresses
# (coturn's; RFC 5780) measures how they map and filter.
#
#   ┌──────────┐   ┌─────────────────────┐   ┌──────────┐   ┌─────────────┐
#   │ full     │   │ full-nat            │   │ internet │   │ oracle      │
#   │  10.1.0.2├───┤10.1.0.1 203.0.113.11├───┤          ├───┤203.0.113.1  │
#   └──────────┘   └─────────────────────┘   │          │   │203.0.113.2  │
#        ... the same for the others ...     └──────────┘   └─────────────┘
#
# And plain WireGuard comes through where both ends know the other's mapped endpoint
# beforehand, unless one of the mappings cannot be known.
# shellcheck source=tests/netns/lib.sh
. "$(dirname "$0")/lib.sh"
begin

segment internet
machine oracle full address port symm blocked
plug oracle eth0 internet 203.0.113.1/24 203.0.113.2/24
home full full-cone internet 203.0.113.11/24 10.1.0
home address address-restricted internet 203.0.113.12/24 10.1.0
home port port-restricted internet 203.0.113.13/24 10.1.0
home symm symmetric internet 203.0.113.14/24 10.1.0
home blocked udp-blocked internet 203.0.113.15/24 10.1.0

start stun oracle turnserver -n --stun-only --no-cli --no-tls --no-dtls --log-file stdout \
	--pidfile /dev/null -L 203.0.113.1 -L 203.0.113.2
wait_for listens oracle udp 3479

# measure mapping|filtering MACHINE
measure()
{
	start "$1-$2" "$2" turnutils_natdiscovery "-${1:0:1}" -L 10.1.0.2 203.0.113.1
}

# The tool waits for answers that a filter keeps away, so all measure at once.
for name in full address port symm; do
	measure mapping $name
	measure filtering $name
done

has_measured()
{
	collect "$1-$2" && cat "$logs/$1-$2.log" && says "$1-$2" "^NAT with $3!"
}

# measured mapping|filtering MACHINE RESULT: an answer that is late on a busy machine is none to
# the tool, so that it is asked again, with the machine for itself
measured()
{
	has_measured "$@" && return
	measure "$1" "$2"
	has_measured "$@"
}

expect "full cone: mapping" measured mapping full "Endpoint Independent Mapping"
expect "full cone: filtering" measured filtering full "Endpoint Independent Filtering"
expect "address-restricted: mapping" measured mapping address "Endpoint Independent Mapping"
expect "address-restricted: filtering" measured filtering address "Address Dependent Filtering"
expect "port-restricted: mapping" measured mapping port "Endpoint Independent Mapping"
expect "port-restricted: filtering" measured filtering port \
	"Address and Port Dependent Filtering"
expect "symmetric: mapping" measured mapping symm "Address and Port Dependent Mapping"
expect "symmetric: filtering" measured filtering symm "Address and Port Dependent Filtering"

expect "no UDP: TCP gets out" on blocked socat -u /dev/null TCP:203.0.113.1:3478
start unheard oracle socat -u UDP-RECVFROM:7,bind=203.0.113.1 STDOUT
wait_for listens oracle udp 7
on blocked socat -u - UDP-SENDTO:203.0.113.1:7 <<<blocked
on port socat -u - UDP-SENDTO:203.0.113.1:7 <<<allowed
expect "another router lets UDP out" collect unheard
expect "no UDP: none gets out" not says unheard blocked

wireguard full 51820 10.7.0.1/24
wireguard port 51820 10.7.0.2/24
wireguard symm 51820 10.7.0.3/24
wg_peer full port allowed-ips 10.7.0.2 endpoint 203.0.113.13:51820
wg_peer full symm allowed-ips 10.7.0.3
wg_peer port full allowed-ips 10.7.0.1 endpoint 203.0.113.11:51820 persistent-keepalive 1
wg_peer port symm allowed-ips 10.7.0.3 endpoint 203.0.113.14:51820 persistent-keepalive 1
wg_peer symm full allowed-ips 10.7.0.1 endpoint 203.0.113.11:51820 persistent-keepalive 1
wg_peer symm port allowed-ips 10.7.0.2 endpoint 203.0.113.13:51820 persistent-keepalive 1
eventually "plain WireGuard: full cone, port-restricted" pings full 10.7.0.2
eventually "plain WireGuard: full cone, symmetric" pings full 10.7.0.3
expect "plain WireGuard: not port-restricted, symmetric" not pings port 10.7.0.3
