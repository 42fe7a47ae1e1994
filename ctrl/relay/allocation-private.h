/* SPDX-License-Identifier: GPL-2.0 */
#ifndef WGMESH_RELAY_ALLOCATION_PRIVATE_H
#define WGMESH_RELAY_ALLOCATION_PRIVATE_H

/* What allocation.c, permission.c and channel.c share. */

#include "allocation.h"
#include "source-count.h"

/* How much of the table is one account's. */
struct account_share {
	guint allocations, permissions, channels;
};

struct allocation_table {
	struct expiry_queue *queue;
	const struct offload *offload;
	GHashTable *by_tuple;	/* set of struct allocation, owned */
	GHashTable *by_ticket;	/* the mobile ones by their ticket, which is random */
	GHashTable *per_account; /* account to struct account_share */
	struct source_count *per_source;
	guint per_transport[TRANSPORTS][2]; /* of clients with IPv4, with IPv6 */
	guint permissions;
	guint channels;
	void (*empty)(void *data);
	void *empty_data;
};

struct permission {
	struct endpoint peer;
	struct allocation *allocation;
	struct expiry expiry;
	gint64 told_us; /* the end of it that the offload was told for all channels */
};

/* What else forwards for an allocation. Nothing does for a client that does not come over UDP. */
static inline const struct offload *offload_of(const struct allocation *allocation)
{
	return allocation->stream ? NULL : allocation->table->offload;
}

/* Make the tables of a new allocation. */
void permission_init(struct allocation *allocation);
void channel_init(struct allocation *allocation);

/* Tell the offload of all channels whose peers are permitted, or have it forget all channels. */
void channel_offload_all(struct allocation *allocation);
void channel_onload_all(struct allocation *allocation);

/* End those of a family; AF_UNSPEC for all. */
void permission_end_all(struct allocation *allocation, sa_family_t family);
void channel_end_all(struct allocation *allocation, sa_family_t family);

/* Tell the offload of the channels to an address whose permission was made or refreshed. */
void channel_permission_changed(struct allocation *allocation, const struct permission *permission);

const struct permission *permission_find(const struct allocation *allocation,
					 const struct endpoint *peer);

/*
 * The offload may hear so much less of a permission than there is. In between, what it does not
 * forward any more is forwarded here.
 */
#define PERMISSION_SLACK_S 30

/*
 * permission_set() until a time. Return: whether the offload was told of all channels to that address;
 * else they have it within PERMISSION_SLACK_S of that time.
 */
bool permission_set_until(struct allocation *allocation, const struct endpoint *peer, gint64 at_us);

gint64 seconds_from_now(guint seconds);
gint64 ms_from_now(guint ms);

#endif
