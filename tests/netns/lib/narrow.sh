# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# shellcheck disable=SC2154
#
# Routers that drop what is too large, and tell nobody.
#
#	narrow r 1400			from now on
#	widen r
#	count_fragments r		begin to
#	expect "..." not fragments_on r	since then

# narrow MACHINE BYTES: it forwards no packets that are larger
narrow()
{
	on "$1" nft "table inet narrow
		delete table inet narrow
		table inet narrow { chain forward { type filter hook forward priority filter
			ip length > $2 drop
			ip6 length > $(($2 - 40)) drop
		}
	}"
}

# widen MACHINE: it does again
widen()
{
	on "$1" nft delete table inet narrow
}

# count_fragments MACHINE: from zero; what it forwards
count_fragments()
{
	on "$1" nft "table inet fragments
		delete table inet fragments
		table inet fragments { counter seen { }
		chain forward { type filter hook forward priority filter - 1
			ip frag-off & 0x3fff != 0 counter name seen
			exthdr frag exists counter name seen
		}
	}"
}

# fragments_on MACHINE: were there any?
fragments_on()
{
	[ "$(on "$1" nft -j list counter inet fragments seen |
		gojq '.nftables[].counter | select(.) | .packets')" != 0 ]
}
