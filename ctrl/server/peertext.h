/* SPDX-License-Identifier: GPL-2.0 */
#ifndef WGMESH_PEERTEXT_H
#define WGMESH_PEERTEXT_H

#include <glib.h>

#include "lib/key.h"

/*
 * The elements of a JSON array, each about one node, as text: made once, and sent to many without
 * being copied. Each receiver gets the elements from a generation on, but for the one about itself.
 */
struct peertext;

/**
 * peertext_new() - begin with no element
 *
 * Return: (owned by the caller) the text; free with peertext_free(). What was taken from it with
 * peertext_append_to() stays.
 */
struct peertext *peertext_new(void);

/**
 * peertext_free() - forget the text
 * @text: the text, or NULL
 */
void peertext_free(struct peertext *text);

/**
 * peertext_add() - add an element; only before peertext_append_to()
 * @text: the text
 * @key: of the node; has no other element
 * @generation: that made it what it is; not smaller than that of the element before, where elements
 *		are to be taken by generation
 * @json: the element
 */
void peertext_add(struct peertext *text, const struct key *key, gint64 generation,
		  const char *json);

/**
 * peertext_append_to() - take what a receiver is to get, with commas in between
 * @text: the text
 * @parts: array of GBytes that it is added to; as parts of the text, which are not copied
 * @since: only elements of later generations
 * @but: not the element of this node; NULL for all
 */
void peertext_append_to(struct peertext *text, GPtrArray *parts, gint64 since,
			const struct key *but);

/**
 * peertext_has() - whether there is an element about a node
 * @text: the text
 * @key: of the node
 */
bool peertext_has(struct peertext *text, const struct key *key);

#endif
