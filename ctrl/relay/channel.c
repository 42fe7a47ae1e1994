// SPDX-License-Identifier: GPL-2.0
/* The channels of allocations. */
#include "allocation-private.h"
#include "keyed-hash.h"

void channel_init(struct allocation *allocation)
{
	allocation->channels_by_number = g_hash_table_new(NULL, NULL);
	allocation->channels_by_peer = g_hash_table_new(keyed_hash_endpoint,
							keyed_hash_endpoint_equal);
	allocation->channels_by_address = g_hash_table_new(keyed_hash_address,
							   keyed_hash_address_equal);
}

/* The channels to one address are a list; the table has the first, and its peer as the key. */
static void link_channel(struct channel *channel)
{
	GHashTable *table = channel->allocation->channels_by_address;

	channel->next = g_hash_table_lookup(table, &channel->peer);
	if (channel->next)
		channel->next->previous = channel;
	g_hash_table_replace(table, &channel->peer, channel);
}

static void unlink_channel(struct channel *channel)
{
	GHashTable *table = channel->allocation->channels_by_address;

	if (channel->next)
		channel->next->previous = channel->previous;
	if (channel->previous)
		channel->previous->next = channel->next;
	else if (channel->next)
		g_hash_table_replace(table, &channel->next->peer, channel->next);
	else
		g_hash_table_remove(table, &channel->peer);
}

static void end(struct channel *channel)
{
	struct allocation *allocation = channel->allocation;
	const struct offload *offload = offload_of(allocation);

	if (offload)
		offload->channel_removed(offload->data, channel);
	expiry_cancel(allocation->table->queue, &channel->expiry);
	allocation->table->channels--;
	allocation->share->channels--;
	g_hash_table_remove(allocation->channels_by_number, GUINT_TO_POINTER(channel->number));
	g_hash_table_remove(allocation->channels_by_peer, &channel->peer);
	unlink_channel(channel);
	g_free(channel);
}

static void expired(struct expiry *expiry)
{
	end(expiry_owner(expiry, struct channel, expiry));
}

void channel_end_all(struct allocation *allocation, sa_family_t family)
{
	g_autoptr(GList) all = g_hash_table_get_values(allocation->channels_by_number);

	for (GList *item = all; item; item = item->next) {
		struct channel *channel = item->data;

		if (family == AF_UNSPEC || channel->peer.sa.sa_family == family)
			end(channel);
	}
}

void channel_offload_all(struct allocation *allocation)
{
	const struct offload *offload = offload_of(allocation);
	const struct permission *permission;
	struct channel *channel;
	GHashTableIter iter;

	if (!offload)
		return;
	g_hash_table_iter_init(&iter, allocation->channels_by_number);
	while (g_hash_table_iter_next(&iter, NULL, (void **)&channel)) {
		permission = permission_find(allocation, &channel->peer);
		if (permission)
			offload->channel_set(offload->data, channel, permission->expiry.at_us);
	}
}

void channel_onload_all(struct allocation *allocation)
{
	const struct offload *offload = offload_of(allocation);
	struct channel *channel;
	GHashTableIter iter;

	if (!offload)
		return;
	g_hash_table_iter_init(&iter, allocation->channels_by_number);
	while (g_hash_table_iter_next(&iter, NULL, (void **)&channel))
		offload->channel_removed(offload->data, channel);
}

bool channel_has_room(const struct allocation *allocation)
{
	return allocation->table->channels < CHANNELS_MAX &&
	       allocation->share->channels < CHANNELS_PER_ACCOUNT;
}

guint channel_count(const struct allocation_table *table)
{
	return table->channels;
}

struct channel *channel_find(const struct allocation *allocation, guint16 number)
{
	return g_hash_table_lookup(allocation->channels_by_number, GUINT_TO_POINTER(number));
}

struct channel *channel_find_peer(const struct allocation *allocation, const struct endpoint *peer)
{
	return g_hash_table_lookup(allocation->channels_by_peer, peer);
}

void channel_permission_changed(struct allocation *allocation, const struct permission *permission)
{
	const struct offload *offload = offload_of(allocation);
	const struct channel *channel;

	if (!offload)
		return;
	channel = g_hash_table_lookup(allocation->channels_by_address, &permission->peer);
	for (; channel; channel = channel->next)
		offload->channel_set(offload->data, channel, permission->expiry.at_us);
}

static struct channel *set_until(struct allocation *allocation, guint16 number,
				 const struct endpoint *peer, gint64 at_us)
{
	struct channel *channel = channel_find(allocation, number);

	if (!channel) {
		channel = g_new0(struct channel, 1);
		channel->allocation = allocation;
		channel->number = number;
		channel->peer = *peer;
		channel->expiry.expired = expired;
		g_hash_table_insert(allocation->channels_by_number, GUINT_TO_POINTER(number),
				    channel);
		g_hash_table_insert(allocation->channels_by_peer, &channel->peer, channel);
		link_channel(channel);
		allocation->table->channels++;
		allocation->share->channels++;
	}
	expiry_set(allocation->table->queue, &channel->expiry, at_us);
	return channel;
}

/* The permission comes last: the offload is told of the channel with both times, once. */
static void permit(struct channel *channel, gint64 at_us)
{
	struct allocation *allocation = channel->allocation;
	const struct offload *offload = offload_of(allocation);

	if (!permission_set_until(allocation, &channel->peer, at_us) && offload)
		offload->channel_set(offload->data, channel, at_us);
}

void channel_set(struct allocation *allocation, guint16 number, const struct endpoint *peer)
{
	permit(set_until(allocation, number, peer, seconds_from_now(CHANNEL_LIFETIME_S)),
	       seconds_from_now(PERMISSION_LIFETIME_S));
}

void channel_restore(struct allocation *allocation, guint16 number, const struct endpoint *peer,
		     guint lifetime_ms, guint permission_ms)
{
	struct channel *channel =
		set_until(allocation, number, peer, ms_from_now(lifetime_ms));

	if (permission_ms)
		permit(channel, ms_from_now(permission_ms));
}
