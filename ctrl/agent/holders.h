/* SPDX-License-Identifier: GPL-2.0 */
#ifndef WGMESH_HOLDERS_H
#define WGMESH_HOLDERS_H

#include <glib.h>
#include <json-glib/json-glib.h>
#include <stdbool.h>

#include "lib/key.h"

/*
 * Whose a name or an address is, and whose it was before: who speaks to "web" wants to know when that
 * has another key, be it that the machine was set up anew, or that the server lies.
 */

/* So many are remembered: three of each peer, and what those had that are gone. */
#define HOLDERS_MAX 40000

struct holders;

/**
 * struct holder - who has a name or an address
 * @key: whose it is, or was last
 * @from: whose it was before
 * @when_s: since when it is @key's, seconds since 1970; 0: it was never another one's
 */
struct holder {
	struct key key;
	struct key from;
	gint64 when_s;
};

/**
 * holders_new() - nobody has anything
 *
 * Return: (owned by the caller) the holders. holders_free() them.
 */
struct holders *holders_new(void);

/**
 * holders_free() - forget all
 * @holders: the holders, or NULL
 */
void holders_free(struct holders *holders);

/**
 * holders_clear() - forget all: the network is another one
 * @holders: the holders
 */
void holders_clear(struct holders *holders);

/**
 * holders_note() - somebody has a name or an address
 * @holders: the holders; when there are too many, what was not noted for longest is forgotten
 * @what: the name or the address
 * @key: whose it is
 * @now_s: seconds since 1970
 *
 * Return: (borrowed from @holders, until the next call) who has it, when it was another one's until
 * now; else NULL.
 */
const struct holder *holders_note(struct holders *holders, const char *what, const struct key *key,
				  gint64 now_s);

/**
 * holders_find() - who has a name or an address
 * @holders: the holders
 * @what: the name or the address
 *
 * Return: (borrowed from @holders, until the next change) who; NULL when nobody ever had it.
 */
const struct holder *holders_find(const struct holders *holders, const char *what);

/**
 * holders_save() - to be stored
 * @holders: the holders
 * @is_implied: whether it is known anyway that something is somebody's; such are left out, unless
 *		they were another one's before
 * @data: for @is_implied
 *
 * Return: (owned by the caller) what holders_load() reads.
 */
JsonArray *holders_save(const struct holders *holders,
			bool (*is_implied)(const char *what, const struct key *key, void *data),
			void *data);

/**
 * holders_load() - remember what was stored
 * @holders: the holders
 * @object: has it as its member `holders`, unless nothing was stored
 * @error: G_IO_ERROR_INVALID_DATA: what is wrong
 */
bool holders_load(struct holders *holders, JsonObject *object, GError **error);

#endif
