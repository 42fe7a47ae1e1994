/* SPDX-License-Identifier: GPL-2.0 */
#ifndef WGMESH_UNDERLAY_H
#define WGMESH_UNDERLAY_H

#include <glib.h>
#include <stdbool.h>

/**
 * struct underlay_events - what is told about the networks that this node is on
 * @changed: an address came, or went (@gone), or the default route changed; told once for what came
 *	     together
 * @touched: interfaces or addresses changed, perhaps those of the overlay, or the MTU; told at once
 */
struct underlay_events {
	void (*changed)(bool gone, void *data);
	void (*touched)(void *data);
};

/**
 * struct underlay - the addresses at which this node might be reached, kept up to date
 */
typedef struct underlay underlay;

/**
 * underlay_new() - read the addresses and watch for changes
 * @events: what to call, from the default main context
 * @data: for @events
 * @error: NETLINK_ERROR
 *
 * Return: (owned by the caller) the underlay; NULL on error. underlay_free() it.
 */
struct underlay *underlay_new(const struct underlay_events *events, void *data, GError **error);

/**
 * underlay_free() - stop watching
 * @underlay: an underlay, or NULL
 */
void underlay_free(struct underlay *underlay);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(underlay, underlay_free)

/**
 * underlay_addresses() - the addresses now
 * @underlay: the underlay
 *
 * Return: (borrowed, until the next change) an array of struct endpoint, without ports.
 */
const GArray *underlay_addresses(const struct underlay *underlay);

/**
 * underlay_mtu() - the smallest MTU of the interfaces that have these addresses
 * @underlay: the underlay
 *
 * Return: bytes; 0 while there is no address.
 */
guint32 underlay_mtu(const struct underlay *underlay);

#endif
