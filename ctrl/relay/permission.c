// SPDX-License-Identifier: GPL-2.0
/* The permissions of allocations: from which addresses a peer may send. */
#include "allocation-private.h"
#include "keyed-hash.h"

void permission_init(struct allocation *allocation)
{
	allocation->permissions = g_hash_table_new(keyed_hash_address, keyed_hash_address_equal);
}

static void end(struct permission *permission)
{
	struct allocation *allocation = permission->allocation;

	expiry_cancel(allocation->table->queue, &permission->expiry);
	allocation->table->permissions--;
	allocation->share->permissions--;
	g_hash_table_remove(allocation->permissions, &permission->peer);
	g_free(permission);
}

static void expired(struct expiry *expiry)
{
	end(expiry_owner(expiry, struct permission, expiry));
}

void permission_end_all(struct allocation *allocation, sa_family_t family)
{
	g_autoptr(GList) all = g_hash_table_get_values(allocation->permissions);

	for (GList *item = all; item; item = item->next) {
		struct permission *permission = item->data;

		if (family == AF_UNSPEC || permission->peer.sa.sa_family == family)
			end(permission);
	}
}

bool permission_has_room(const struct allocation *allocation, guint n)
{
	return allocation->table->permissions + n <= PERMISSIONS_MAX &&
	       allocation->share->permissions + n <= PERMISSIONS_PER_ACCOUNT;
}

guint permission_count(const struct allocation_table *table)
{
	return table->permissions;
}

const struct permission *permission_find(const struct allocation *allocation,
					 const struct endpoint *peer)
{
	return g_hash_table_lookup(allocation->permissions, peer);
}

/*
 * Peers behind one relay share an address: each of their channels refreshes the permission of all.
 * Telling them all each time would cost as much as the square of their number.
 */
bool permission_set_until(struct allocation *allocation, const struct endpoint *peer, gint64 at_us)
{
	struct permission *permission = g_hash_table_lookup(allocation->permissions, peer);

	if (!permission) {
		permission = g_new0(struct permission, 1);
		permission->allocation = allocation;
		permission->peer = *peer;
		permission->expiry.expired = expired;
		g_hash_table_insert(allocation->permissions, &permission->peer, permission);
		allocation->table->permissions++;
		allocation->share->permissions++;
	}
	expiry_set(allocation->table->queue, &permission->expiry, at_us);
	if (at_us - permission->told_us < PERMISSION_SLACK_S * G_USEC_PER_SEC)
		return false;
	permission->told_us = at_us;
	channel_permission_changed(allocation, permission);
	return true;
}

void permission_set(struct allocation *allocation, const struct endpoint *peer)
{
	permission_set_until(allocation, peer, seconds_from_now(PERMISSION_LIFETIME_S));
}

bool permission_exists(const struct allocation *allocation, const struct endpoint *peer)
{
	return permission_find(allocation, peer);
}
