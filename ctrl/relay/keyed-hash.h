/* SPDX-License-Identifier: GPL-2.0 */
#ifndef WGMESH_RELAY_KEYED_HASH_H
#define WGMESH_RELAY_KEYED_HASH_H

#include <glib.h>

#include "lib/endpoint.h"

/*
 * key_hash_bytes() of endpoints: for tables whose keys a remote party chooses, and could otherwise
 * choose so that they all collide.
 */

/**
 * keyed_hash_endpoint() - hash address and port; a GHashFunc
 * @endpoint: a struct endpoint
 */
guint keyed_hash_endpoint(gconstpointer endpoint);

/**
 * keyed_hash_address() - hash the address alone; a GHashFunc
 * @endpoint: a struct endpoint
 */
guint keyed_hash_address(gconstpointer endpoint);

/**
 * keyed_hash_endpoint_equal() - endpoint_equal() as a GEqualFunc
 * @a: a struct endpoint
 * @b: another
 */
gboolean keyed_hash_endpoint_equal(gconstpointer a, gconstpointer b);

/**
 * keyed_hash_address_equal() - endpoint_equal_address() as a GEqualFunc
 * @a: a struct endpoint
 * @b: another
 */
gboolean keyed_hash_address_equal(gconstpointer a, gconstpointer b);

#endif
