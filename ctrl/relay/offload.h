/* SPDX-License-Identifier: GPL-2.0 */
#ifndef WGMESH_RELAY_OFFLOAD_H
#define WGMESH_RELAY_OFFLOAD_H

#include <glib.h>

#include "traffic.h"

struct allocation;
struct channel;

/**
 * struct offload_totals - what was forwarded since the program started, for whatever allocation
 * @traffic: what was passed on
 * @drop_rate: datagrams dropped because they were above the rate of their allocation
 * @drop_error: datagrams that could not be sent
 */
struct offload_totals {
	struct traffic traffic;
	guint64 drop_rate;
	guint64 drop_error;
};

/**
 * struct offload - something else that forwards for channels, beside this program
 * @data: handed to all of these
 * @allocation_added: there is a new allocation, without channels
 * @allocation_refreshed: expiry of the allocation is another one
 * @allocation_removed: it ends; its channels were removed before
 * @channel_set: a channel was bound or refreshed: from now on forward both ways, until it is
 *		 removed or until expiry_us of the channel or of its peer's permission, which is
 *		 told in the same way
 * @channel_removed: it ends
 * @add_traffic: add to @traffic what was forwarded for the allocation so far; also called before
 *		 allocation_removed
 * @read_totals: fill in what was forwarded in all
 *
 * allocation.c, the owner of allocations and channels, calls these, but for @read_totals; nobody else knows who forwards.
 * Whatever the other does not forward arrives here and is forwarded here, so it may leave out what
 * it likes. All must be set.
 */
struct offload {
	void *data;
	void (*allocation_added)(void *data, const struct allocation *allocation);
	void (*allocation_refreshed)(void *data, const struct allocation *allocation);
	void (*allocation_removed)(void *data, const struct allocation *allocation);
	void (*channel_set)(void *data, const struct channel *channel,
			    gint64 permission_expires_us);
	void (*channel_removed)(void *data, const struct channel *channel);
	void (*add_traffic)(void *data, const struct allocation *allocation,
			    struct traffic *traffic);
	void (*read_totals)(void *data, struct offload_totals *totals);
};

#endif
