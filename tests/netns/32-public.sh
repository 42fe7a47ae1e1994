#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Nodes with public addresses, and one behind a NAT that reaches them: full cone,
# port-restricted, symmetric.
#
#	a ─────┐          ┌── NAT (full cone) ── cone
#	b ─────┼ internet ┼── NAT (port-restricted) ── port
#	server ┘          └── NAT (symmetric) ── symm
#
# shellcheck source=tests/netns/lib.sh
. "$(dirname "$0")/lib.sh"
begin
internet server a b
machine cone port symm
home cone full-cone internet 203.0.113.10/24 10.1.0
home port port-restricted internet 203.0.113.20/24 10.2.0
home symm symmetric internet 203.0.113.30/24 10.3.0
public_host server 203.0.113.1
key=$(setup_key server --reusable)
node a b cone port symm
for name in a b cone port symm; do
	expect "$name joins" join $name "$key"
done

eventually "two public nodes are direct" all_direct a b
expect "both public: everything gets through" works_both_ways a b
for name in cone port symm; do
	eventually "$name and the public a are direct" all_direct a $name
	expect "$name: everything gets through" works_both_ways $name a
done
eventually "full cone and port-restricted are direct" all_direct cone port
expect "full cone and port-restricted: everything gets through" works_both_ways cone port
eventually "full cone and symmetric are direct" all_direct cone symm
expect "full cone and symmetric: everything gets through" works_both_ways cone symm
