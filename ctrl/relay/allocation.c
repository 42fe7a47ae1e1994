// SPDX-License-Identifier: GPL-2.0
/* The one owner of allocations: made, refreshed, moved, found and ended. */
#include "allocation-private.h"

#include <sodium.h>
#include <string.h>

#include "counters.h"
#include "keyed-hash.h"

/* A move costs us as much as all channels; a NAT does not give other ports all the time. */
static const struct ratelimit_rule moves_rule = { .interval_us = G_USEC_PER_SEC, .burst = 10 };

/* A client of any kind asks without a signature every few seconds, and some times at once. */
static const struct ratelimit_rule answers_rule = { .interval_us = 100000, .burst = 50 };

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

/* Tickets are drawn by us: nobody can choose where they fall. */
static guint hash_ticket(gconstpointer ticket)
{
	guint hash;

	memcpy(&hash, ticket, sizeof(hash));
	return hash;
}

static gboolean equal_ticket(gconstpointer a, gconstpointer b)
{
	return memcmp(a, b, ALLOCATION_TICKET_LEN) == 0;
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
	table->by_ticket = g_hash_table_new(hash_ticket, equal_ticket);
	table->per_account = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
	table->per_source = source_count_new();
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
	g_hash_table_unref(table->by_ticket);
	g_hash_table_unref(table->per_account);
	source_count_free(table->per_source);
	g_free(table);
}

void allocation_table_on_empty(struct allocation_table *table, void (*empty)(void *data),
			       void *data)
{
	table->empty = empty;
	table->empty_data = data;
}

void allocation_for_each(struct allocation_table *table,
			 void (*what)(struct allocation *allocation, void *data), void *data)
{
	GHashTableIter iter;
	void *allocation;

	g_hash_table_iter_init(&iter, table->by_tuple);
	while (g_hash_table_iter_next(&iter, &allocation, NULL))
		what(allocation, data);
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

guint allocation_count_source(const struct allocation_table *table, const struct endpoint *source,
			      enum rate_level level)
{
	return source_count_get(table->per_source, source, level);
}

/* How many come by the same transport with the same IP version. */
static guint *count_of(struct allocation_table *table, const struct five_tuple *tuple)
{
	return &table->per_transport[tuple->transport][tuple->client.sa.sa_family == AF_INET6];
}

static void count_client(struct allocation_table *table, const struct five_tuple *tuple)
{
	*count_of(table, tuple) += 1;
	source_count_add(table->per_source, &tuple->client);
}

static void discount_client(struct allocation_table *table, const struct five_tuple *tuple)
{
	*count_of(table, tuple) -= 1;
	source_count_remove(table->per_source, &tuple->client);
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
	struct allocation *allocation = expiry_owner(expiry, struct allocation, expiry);

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
	count_client(table, tuple);
	counters.allocations[tuple->transport]++;
	expiry_set(table->queue, &allocation->expiry, seconds_from_now(lifetime_s));
	if (stream)
		stream_hold(stream, connection_closed, allocation);
	offload = offload_of(allocation);
	if (offload)
		offload->allocation_added(offload->data, allocation);
	return allocation;
}

void allocation_end(struct allocation *allocation)
{
	struct allocation_table *table = allocation->table;
	const struct offload *offload = offload_of(allocation);

	channel_end_all(allocation, AF_UNSPEC);
	permission_end_all(allocation, AF_UNSPEC);
	if (offload)
		offload->allocation_removed(offload->data, allocation);
	if (allocation->stream)
		stream_release(allocation->stream);
	expiry_cancel(table->queue, &allocation->expiry);
	g_hash_table_remove(table->by_tuple, allocation);
	if (allocation->is_mobile)
		g_hash_table_remove(table->by_ticket, allocation->ticket);
	give_share_back(allocation);
	discount_client(table, &allocation->tuple);
	relay_socket_free(allocation->relay_v4);
	relay_socket_free(allocation->relay_v6);
	g_hash_table_unref(allocation->channels_by_number);
	g_hash_table_unref(allocation->channels_by_peer);
	g_hash_table_unref(allocation->channels_by_address);
	g_hash_table_unref(allocation->permissions);
	g_free(allocation->account);
	g_free(allocation);
	if (table->empty && !g_hash_table_size(table->by_tuple))
		table->empty(table->empty_data);
}

void allocation_refresh(struct allocation *allocation, guint lifetime_s)
{
	const struct offload *offload = offload_of(allocation);

	expiry_set(allocation->table->queue, &allocation->expiry, seconds_from_now(lifetime_s));
	if (offload)
		offload->allocation_refreshed(offload->data, allocation);
}

void allocation_restore(struct allocation *allocation, guint lifetime_ms)
{
	expiry_set(allocation->table->queue, &allocation->expiry, ms_from_now(lifetime_ms));
}

bool allocation_make_mobile(struct allocation *allocation, const guint8 *ticket)
{
	if (ticket)
		memcpy(allocation->ticket, ticket, sizeof(allocation->ticket));
	else
		randombytes_buf(allocation->ticket, sizeof(allocation->ticket));
	if (g_hash_table_contains(allocation->table->by_ticket, allocation->ticket))
		return false;
	allocation->is_mobile = true;
	g_hash_table_insert(allocation->table->by_ticket, allocation->ticket, allocation);
	return true;
}

struct allocation *allocation_find_ticket(struct allocation_table *table, const guint8 *ticket,
					  gsize len)
{
	return len == ALLOCATION_TICKET_LEN ? g_hash_table_lookup(table->by_ticket, ticket) : NULL;
}

/* What the offload counted it forgets with what it has of the allocation. */
static void take_back(struct allocation *allocation)
{
	const struct offload *offload = offload_of(allocation);

	if (!offload)
		return;
	allocation->traffic = allocation_traffic(allocation);
	channel_onload_all(allocation);
	offload->allocation_removed(offload->data, allocation);
}

static void hand_over(struct allocation *allocation)
{
	const struct offload *offload = offload_of(allocation);

	if (!offload)
		return;
	offload->allocation_added(offload->data, allocation);
	channel_offload_all(allocation);
}

bool allocation_move(struct allocation *allocation, const struct five_tuple *tuple, int fd)
{
	struct allocation_table *table = allocation->table;

	if (!ratelimit_allow(&allocation->moves, &moves_rule, g_get_monotonic_time()))
		return false;
	take_back(allocation);
	g_hash_table_remove(table->by_tuple, allocation);
	discount_client(table, &allocation->tuple);
	allocation->tuple = *tuple;
	allocation->fd = fd;
	count_client(table, tuple);
	g_hash_table_add(table->by_tuple, allocation);
	hand_over(allocation);
	return true;
}

bool allocation_allows_answer(struct allocation *allocation, gint64 now_us)
{
	return ratelimit_allow(&allocation->answers, &answers_rule, now_us);
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

guint allocation_end_gone(struct allocation_table *table,
			  bool (*is_gone)(const struct endpoint *address, void *data),
			  void *data)
{
	g_autoptr(GList) all = g_hash_table_get_keys(table->by_tuple);
	guint changed = 0;

	for (GList *item = all; item; item = item->next) {
		struct allocation *allocation = item->data;
		struct relay_socket *v4 = allocation->relay_v4, *v6 = allocation->relay_v6;
		bool without_v4 = v4 && is_gone(relay_socket_local(v4), data);
		bool without_v6 = v6 && is_gone(relay_socket_local(v6), data);

		if ((!v4 || without_v4) && (!v6 || without_v6))
			allocation_end(allocation);
		else if (without_v4 || without_v6)
			allocation_drop_relay(allocation, without_v4 ? AF_INET : AF_INET6);
		changed += without_v4 || without_v6;
	}
	return changed;
}

guint allocation_end_account(struct allocation_table *table, const char *account)
{
	guint count = allocation_count(table, account);
	g_autoptr(GList) all = count ? g_hash_table_get_keys(table->by_tuple) : NULL;

	for (GList *item = all; item; item = item->next) {
		struct allocation *allocation = item->data;

		if (g_str_equal(allocation->account, account))
			allocation_end(allocation);
	}
	return count;
}

bool allocation_read_offload(const struct allocation_table *table, struct offload_totals *totals)
{
	if (table->offload)
		table->offload->read_totals(table->offload->data, totals);
	return table->offload;
}

struct traffic allocation_traffic(const struct allocation *allocation)
{
	const struct offload *offload = offload_of(allocation);
	struct traffic traffic = allocation->traffic;

	if (offload)
		offload->add_traffic(offload->data, allocation, &traffic);
	return traffic;
}
