/* SPDX-License-Identifier: GPL-2.0 */
#ifndef WGMESH_RELAY_FOLLOW_H
#define WGMESH_RELAY_FOLLOW_H

#include <glib.h>
#include <stdbool.h>

#include "lib/endpoint.h"

/**
 * struct follow - keeps the addresses to relay from what the default routes say
 */
typedef struct follow follow;

/**
 * follow_new() - begin
 * @relay: array of struct endpoint, as defaults_relay_addresses() left it; its contents are
 *	   changed in place, from the default main context
 * @looked: called when links, addresses or routes changed and there is an address to relay from:
 *	    what is @relay may be others than before (@changed), and others may be gone
 * @data: for @looked
 * @error: NETLINK_ERROR
 *
 * Return: (owned by the caller) what follows; NULL on error. follow_free() it.
 */
struct follow *follow_new(GArray *relay, void (*looked)(bool changed, void *data), void *data,
			  GError **error);

/**
 * follow_has() - whether this host has an address now
 * @follow: what follows
 * @address: the address; the port does not count
 *
 * Return: true, too, when the kernel does not say.
 */
bool follow_has(const struct follow *follow, const struct endpoint *address);

/**
 * follow_free() - the addresses stay what they are
 * @follow: what follows, or NULL
 */
void follow_free(struct follow *follow);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(follow, follow_free)

#endif
