// SPDX-License-Identifier: GPL-2.0
/* What the kernel forwarded, in totals that never become smaller. */
#include "kernel-count.h"

#include "lib/log.h"

/**
 * struct kernel_count - see kernel-count.h
 * @nl: the module
 * @allocations: number in the kernel to struct offload_totals, as it was when last read
 * @channels: number in the kernel to struct offload_totals, as it was when last read
 * @ended: of all that have ended
 */
struct kernel_count {
	struct pathnl *nl;
	GHashTable *allocations, *channels;
	struct offload_totals ended;
};

struct kernel_count *kernel_count_new(struct pathnl *nl)
{
	struct kernel_count *count = g_new0(struct kernel_count, 1);

	count->nl = nl;
	count->allocations = g_hash_table_new_full(NULL, NULL, NULL, g_free);
	count->channels = g_hash_table_new_full(NULL, NULL, NULL, g_free);
	return count;
}

void kernel_count_free(struct kernel_count *count)
{
	g_hash_table_unref(count->allocations);
	g_hash_table_unref(count->channels);
	g_free(count);
}

static void begin(GHashTable *table, guint32 id)
{
	if (!g_hash_table_contains(table, GUINT_TO_POINTER(id)))
		g_hash_table_insert(table, GUINT_TO_POINTER(id), g_new0(struct offload_totals, 1));
}

void kernel_count_allocation(struct kernel_count *count, guint32 id)
{
	begin(count->allocations, id);
}

void kernel_count_channel(struct kernel_count *count, guint32 id)
{
	begin(count->channels, id);
}

static void take_allocation(GHashTable *known, const struct pathnl_allocation_counters *counters)
{
	struct offload_totals *totals = g_hash_table_lookup(known, GUINT_TO_POINTER(counters->id));

	if (!totals)
		return;
	totals->drop_rate = counters->drop_rate;
	totals->drop_error = counters->drop_error;
}

static void take_channel(GHashTable *known, const struct pathnl_channel_counters *counters)
{
	struct offload_totals *totals = g_hash_table_lookup(known, GUINT_TO_POINTER(counters->id));

	if (!totals)
		return;
	totals->traffic = (struct traffic){ counters->to_peer_packets, counters->to_peer_bytes,
					    counters->to_client_packets,
					    counters->to_client_bytes };
}

static void add(struct offload_totals *sum, const struct offload_totals *part)
{
	sum->traffic.to_peers_packets += part->traffic.to_peers_packets;
	sum->traffic.to_peers_bytes += part->traffic.to_peers_bytes;
	sum->traffic.to_client_packets += part->traffic.to_client_packets;
	sum->traffic.to_client_bytes += part->traffic.to_client_bytes;
	sum->drop_rate += part->drop_rate;
	sum->drop_error += part->drop_error;
}

static void end(struct kernel_count *count, GHashTable *table, guint32 id)
{
	const struct offload_totals *last = g_hash_table_lookup(table, GUINT_TO_POINTER(id));

	if (last)
		add(&count->ended, last);
	g_hash_table_remove(table, GUINT_TO_POINTER(id));
}

/* What has expired in the kernel by now counts as it was read last. */
void kernel_count_allocation_ends(struct kernel_count *count, guint32 id)
{
	struct pathnl_allocation_counters counters;

	if (pathnl_allocation_read(count->nl, id, &counters, NULL))
		take_allocation(count->allocations, &counters);
	end(count, count->allocations, id);
}

void kernel_count_channel_ends(struct kernel_count *count, guint32 id)
{
	struct pathnl_channel_counters counters;

	if (pathnl_channel_read(count->nl, id, &counters, NULL))
		take_channel(count->channels, &counters);
	end(count, count->channels, id);
}

static void end_all(struct kernel_count *count, GHashTable *table)
{
	const struct offload_totals *last;
	GHashTableIter iter;

	g_hash_table_iter_init(&iter, table);
	while (g_hash_table_iter_next(&iter, NULL, (void **)&last))
		add(&count->ended, last);
	g_hash_table_remove_all(table);
}

void kernel_count_forget(struct kernel_count *count)
{
	end_all(count, count->allocations);
	end_all(count, count->channels);
}

static void read_all(struct kernel_count *count)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(GArray) allocations = pathnl_allocation_dump(count->nl, &error);
	g_autoptr(GArray) channels = error ? NULL : pathnl_channel_dump(count->nl, &error);

	if (error)
		log_limited(LOG_LEVEL_WARNING, "the kernel does not tell what it forwarded: %s",
			    error->message);
	for (guint i = 0; allocations && i < allocations->len; i++)
		take_allocation(count->allocations,
				&g_array_index(allocations, struct pathnl_allocation_counters, i));
	for (guint i = 0; channels && i < channels->len; i++)
		take_channel(count->channels,
			     &g_array_index(channels, struct pathnl_channel_counters, i));
}

static void add_table(GHashTable *table, struct offload_totals *sum)
{
	GHashTableIter iter;
	void *part;

	g_hash_table_iter_init(&iter, table);
	while (g_hash_table_iter_next(&iter, NULL, &part))
		add(sum, part);
}

void kernel_count_read(struct kernel_count *count, struct offload_totals *totals)
{
	read_all(count);
	*totals = count->ended;
	add_table(count->allocations, totals);
	add_table(count->channels, totals);
}
