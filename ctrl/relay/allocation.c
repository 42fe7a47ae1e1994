// SPDX-License-Identifier: GPL-2.0
#include "allocation-private.h"

#include "counters.h"
#include "keyed-hash.h"

static guint hash_tuple(gconstpointer allocation)
{
	const struct five_tuple *tuple = &((const struct allocation *)allocation)->tuple;

	return (keyed_hash_endpoint(&tuple->client) * 31 + keyed_hash_endpoint(&tuple->server)) * 31 +
	       tuple->transport;
}

static gboolean equal_tuple(gconstpointer a, gconstpointer b)
{
	const struct five_tuple *left = &((const struct allocation *)a)->tuple;
	const struct five_tuple *right = &((const struct allocation *)b)->tuple;

	return endpoint_equal(&left->client, &right->client) &&
	       endpoint_equal(&left->server, &right->server) &&
	       left->transport == right->transport;
}

gint64 ms_from_now(guint ms)
{
	return g_get_monotonic_time() + (gint64)ms * 1000;
}

gint64 seconds_from_now(guint seconds)
{
	return g_get_monotonic_time() + (gint64)seconds * G_USEC_PER_SEC;
}

struct allocation_table *allocation_table_new(struct expiry_queue *queue,
					      const struct offload *offload)
{
	struct allocation_table *table = g_new0(struct allocation_table, 1);

	table->queue = queue;
	table->offload = offload;
	table->by_tuple = g_hash_table_new(hash_tuple, equal_tuple);
	table->per_account = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
	return table;
}

void allocation_table_free(struct allocation_table *table)
{
	g_autoptr(GList) all = NULL;

	if (!table)
		return;
	table->empty = NULL;
	all = g_hash_table_get_keys(table->by_tuple);
	for (GList *item = all; item; item = item->next)
		allocation_end(item->data);
	g_hash_table_unref(table->by_tuple);
	g_hash_table_unref(table->per_account);
	g_free(table);
}

void allocation_table_on_empty(struct allocation_table *table, void (*empty)(void *context),
			       void *context)
{
	table->empty = empty;
	table->empty_context = context;
}

guint allocation_count(const struct allocation_table *table, const char *account)
{
	const struct account_share *share;

	if (!account)
		return g_hash_table_size(table->by_tuple);
	share = g_hash_table_lookup(table->per_account, account);
	return share ? share->allocations : 0;
}

static struct account_share *take_share(struct allocation_table *table, const char *account)
{
	struct account_share *share = g_hash_table_lookup(table->per_account, account);

	if (!share) {
		share = g_new0(struct account_share, 1);
		g_hash_table_insert(table->per_account, g_strdup(account), share);
	}
	share->allocations++;
	return share;
}

static void give_share_back(struct allocation *allocation)
{
	if (!--allocation->share->allocations)
		g_hash_table_remove(allocation->table->per_account, allocation->account);
}

/* How many come by the same transport with the same IP version. */
static guint *count_of(struct allocation_table *table, const struct five_tuple *tuple)
{
	return &table->per_transport[tuple->transport][tuple->client.sa.sa_family == AF_INET6];
}

guint allocation_count_transport(const struct allocation_table *table, enum transport transport,
				 sa_family_t family)
{
	return table->per_transport[transport][family == AF_INET6];
}

struct allocation *allocation_find(struct allocation_table *table, const struct five_tuple *tuple)
{
	struct allocation wanted = { .tuple = *tuple };

	return g_hash_table_lookup(table->by_tuple, &wanted);
}

static void expired(struct expiry *expiry)
{
	struct allocation *allocation =
		(void *)((guint8 *)expiry - G_STRUCT_OFFSET(struct allocation, expiry));

	allocation_end(allocation);
}

static void connection_closed(void *allocation)
{
	allocation_end(allocation);
}

struct allocation *allocation_new(struct allocation_table *table, const struct five_tuple *tuple,
				  int fd, struct stream *stream, const char *account,
				  guint lifetime_s)
{
	struct allocation *allocation = g_new0(struct allocation, 1);
	const struct offload *offload;

	allocation->table = table;
	allocation->tuple = *tuple;
	allocation->fd = fd;
	allocation->stream = stream;
	allocation->account = g_strdup(account);
	allocation->expiry.expired = expired;
	permission_init(allocation);
	channel_init(allocation);
	g_hash_table_add(table->by_tuple, allocation);
	allocation->share = take_share(table, account);
	*count_of(table, tuple) += 1;
	counters.allocations[tuple->transport]++;
	expiry_set(table->queue, &allocation->expiry, seconds_from_now(lifetime_s));
	if (stream)
		stream_hold(stream, connection_closed, allocation);
	offload = offload_of(allocation);
	if (offload)
		offload->allocation_added(offload->context, allocation);
	return allocation;
}

void allocation_end(struct allocation *allocation)
{
	struct allocation_table *table = allocation->table;
	const struct offload *offload = offload_of(allocation);

	channel_end_all(allocation, AF_UNSPEC);
	permission_end_all(allocation, AF_UNSPEC);
	if (offload)
		offload->allocation_removed(offload->context, allocation);
	if (allocation->stream)
		stream_release(allocation->stream);
	expiry_cancel(table->queue, &allocation->expiry);
	g_hash_table_remove(table->by_tuple, allocation);
	give_share_back(allocation);
	*count_of(table, &allocation->tuple) -= 1;
	relay_socket_free(allocation->relay_v4);
	relay_socket_free(allocation->relay_v6);
	g_hash_table_unref(allocation->channels_by_number);
	g_hash_table_unref(allocation->channels_by_peer);
	g_hash_table_unref(allocation->channels_by_address);
	g_hash_table_unref(allocation->permissions);
	g_free(allocation->account);
	g_free(allocation);
	if (table->empty && !g_hash_table_size(table->by_tuple))
		table->empty(table->empty_context);
}

void allocation_refresh(struct allocation *allocation, guint lifetime_s)
{
	const struct offload *offload = offload_of(allocation);

	expiry_set(allocation->table->queue, &allocation->expiry, seconds_from_now(lifetime_s));
	if (offload)
		offload->allocation_refreshed(offload->context, allocation);
}

void allocation_restore(struct allocation *allocation, guint lifetime_ms)
{
	expiry_set(allocation->table->queue, &allocation->expiry, ms_from_now(lifetime_ms));
}

struct relay_socket *allocation_relay(const struct allocation *allocation, sa_family_t family)
{
	return family == AF_INET6 ? allocation->relay_v6 : allocation->relay_v4;
}

void allocation_drop_relay(struct allocation *allocation, sa_family_t family)
{
	channel_end_all(allocation, family);
	permission_end_all(allocation, family);
	if (family == AF_INET6)
		g_clear_pointer(&allocation->relay_v6, relay_socket_free);
	else
		g_clear_pointer(&allocation->relay_v4, relay_socket_free);
}

bool allocation_read_offload(const struct allocation_table *table, struct offload_totals *totals)
{
	if (table->offload)
		table->offload->read_totals(table->offload->context, totals);
	return table->offload;
}

struct traffic allocation_traffic(const struct allocation *allocation)
{
	const struct offload *offload = offload_of(allocation);
	struct traffic traffic = allocation->traffic;

	if (offload)
		offload->add_traffic(offload->context, allocation, &traffic);
	return traffic;
}
