/* SPDX-License-Identifier: GPL-2.0 */
#ifndef WGMESH_REVOKER_H
#define WGMESH_REVOKER_H

#include "store.h"

/*
 * Tells each relay which accounts have ended before their credentials expire, until it has said that
 * it knows, and anew when it was started again (docs/protocol.md section 7). What there is to tell is
 * in the store alone.
 */
struct revoker;

/**
 * revoker_new() - begin with no relays
 * @store: the store; outlives the revoker
 * @listen: struct endpoint: where the settings want the server to listen; empty for anywhere
 *
 * Return: (owned by the caller) the revoker.
 */
struct revoker *revoker_new(struct store *store, const GArray *listen);

/**
 * revoker_free() - stop
 * @revoker: the revoker; NULL does nothing
 */
void revoker_free(struct revoker *revoker);

/**
 * revoker_add() - there is one more relay; it is told at once
 * @revoker: the revoker
 * @relay: copied; none of its name was added
 */
void revoker_add(struct revoker *revoker, const struct store_relay *relay);

/**
 * revoker_remove() - there is one relay less
 * @revoker: the revoker
 * @name: its name
 */
void revoker_remove(struct revoker *revoker, const char *name);

/**
 * revoker_tell() - there is more to tell
 * @revoker: the revoker
 */
void revoker_tell(struct revoker *revoker);

/**
 * revoker_untold() - how many accounts that have ended a relay does not know of
 * @revoker: the revoker
 * @name: the relay's
 */
gint64 revoker_untold(const struct revoker *revoker, const char *name);

#endif
