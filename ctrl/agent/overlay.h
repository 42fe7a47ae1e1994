/* SPDX-License-Identifier: GPL-2.0 */
#ifndef WGMESH_OVERLAY_H
#define WGMESH_OVERLAY_H

#include <glib.h>
#include <stdbool.h>

#include "lib/key.h"
#include "lib/link-view.h"
#include "lib/prefix.h"

/*
 * The addresses of the overlay: who has which, and which the server may give. It may give those of
 * the network's prefixes, which are pinned when this node joins, but for those that this machine's
 * own network needs: else it could draw the packets to a router or a resolver to a node of its
 * choice.
 */

struct overlay;

/**
 * overlay_new() - without prefixes: no address may be given yet
 *
 * Return: (owned by the caller) the overlay. overlay_free() it.
 */
struct overlay *overlay_new(void);

/**
 * overlay_free() - forget all
 * @overlay: an overlay, or NULL
 */
void overlay_free(struct overlay *overlay);

/**
 * overlay_guess_prefixes() - the prefixes that a network has when its server does not tell them
 * @addresses: array of struct prefix: the addresses of a node of the network
 *
 * A /64 for IPv6; for IPv4 the private block of the address, which may be more than the network has.
 *
 * Return: (owned by the caller) array of struct prefix.
 */
GArray *overlay_guess_prefixes(const GArray *addresses);

/**
 * overlay_print_prefixes() - for people
 * @prefixes: array of struct prefix
 *
 * Return: (owned by the caller) "100.64.0.0/10 and fd12::/64".
 */
char *overlay_print_prefixes(const GArray *prefixes);

/**
 * overlay_is_of() - whether an address is of one of a network's prefixes
 * @address: the address
 * @prefixes: array of struct prefix
 */
bool overlay_is_of(const struct prefix *address, const GArray *prefixes);

/**
 * overlay_set_prefixes() - those of the network
 * @overlay: the overlay
 * @prefixes: array of struct prefix; copied
 */
void overlay_set_prefixes(struct overlay *overlay, const GArray *prefixes);

/**
 * overlay_set_needed() - what this machine's own network needs
 * @overlay: the overlay
 * @needed: as link_view_needed() makes it; a reference is kept. NULL: nothing
 *
 * Return: whether it is another table than before.
 */
bool overlay_set_needed(struct overlay *overlay, GHashTable *needed);

/**
 * overlay_claim() - the server gives somebody an address
 * @overlay: the overlay
 * @address: of full length
 * @key: whose
 * @self: the owner is this node, which may have an address that is this machine's already
 *
 * Return: NULL when nothing is wrong with that; else (owned by the caller) why it is refused.
 */
char *overlay_claim(struct overlay *overlay, const struct prefix *address, const struct key *key,
		    bool self);

/**
 * overlay_owns() - whether an address was given to somebody, and to nobody before, refused or not
 * @overlay: the overlay
 * @address: of full length
 * @key: whose
 */
bool overlay_owns(const struct overlay *overlay, const struct prefix *address,
		  const struct key *key);

/**
 * overlay_disclaim() - somebody does not have addresses any more
 * @overlay: the overlay
 * @addresses: array of struct prefix; those of others stay
 * @key: whose
 */
void overlay_disclaim(struct overlay *overlay, const GArray *addresses, const struct key *key);

/**
 * overlay_clear() - nobody has an address any more
 * @overlay: the overlay
 */
void overlay_clear(struct overlay *overlay);

/**
 * overlay_has() - whether packets to an address are for the overlay
 * @overlay: the overlay
 * @address: of full length
 *
 * IPv6 addresses of the network's prefix are, even when nobody has them; those of IPv4 are not: the
 * prefix may be that of the provider, too.
 */
bool overlay_has(const struct overlay *overlay, const struct prefix *address);

#endif
