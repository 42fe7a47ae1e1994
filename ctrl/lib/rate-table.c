// SPDX-License-Identifier: GPL-2.0
/*
 * Limits for any number of parties in fixed memory. A key is hashed to a set of a few slots; there
 * it has one of its own while it is among those that took most. With the time as the measure nothing
 * has to be decremented: a slot whose bucket is full again is as good as an empty one.
 */
#include "rate-table.h"

#include <sodium.h>
#include <string.h>

#define SLOTS_PER_SET 8

/**
 * struct slot - a bucket
 * @tag: the hash of its key
 * @limit: what was taken
 */
struct slot {
	guint64 tag;
	struct ratelimit limit;
};

/**
 * struct rate_table - see rate-table.h
 * @key: of the hash
 * @sets: how many sets there are; a power of two
 * @slots: SLOTS_PER_SET for each set
 */
struct rate_table {
	guint8 key[crypto_shorthash_KEYBYTES];
	guint64 sets;
	struct slot slots[];
};

G_STATIC_ASSERT(sizeof(guint64) == crypto_shorthash_BYTES);

struct rate_table *rate_table_new(guint slots)
{
	struct rate_table *table;
	guint64 sets = 1;

	while (sets * SLOTS_PER_SET < slots)
		sets *= 2;
	table = g_malloc0(sizeof(*table) + sets * SLOTS_PER_SET * sizeof(struct slot));
	randombytes_buf(table->key, sizeof(table->key));
	table->sets = sets;
	return table;
}

void rate_table_free(struct rate_table *table)
{
	g_free(table);
}

static guint64 hash(const struct rate_table *table, const struct rate_share *share)
{
	guint64 tag;

	crypto_shorthash((guint8 *)&tag, share->key, share->len, table->key);
	return tag;
}

/* Return: the slot of a key; else the one from which least was taken, to be given to it. */
static struct slot *find(struct rate_table *table, guint64 tag)
{
	struct slot *set = table->slots + (tag & (table->sets - 1)) * SLOTS_PER_SET;
	struct slot *least = set;

	for (guint i = 0; i < SLOTS_PER_SET; i++) {
		if (set[i].tag == tag)
			return &set[i];
		if (set[i].limit.full_at_us < least->limit.full_at_us)
			least = &set[i];
	}
	return least;
}

static bool has(struct rate_table *table, const struct rate_share *share, guint cost, gint64 now_us)
{
	static const struct ratelimit full;
	guint64 tag = hash(table, share);
	const struct slot *slot = find(table, tag);

	return ratelimit_has(slot->tag == tag ? &slot->limit : &full, share->rule, cost, now_us);
}

static void take(struct rate_table *table, const struct rate_share *share, guint cost,
		 gint64 now_us)
{
	guint64 tag = hash(table, share);
	struct slot *slot = find(table, tag);

	if (slot->tag != tag)
		*slot = (struct slot){ .tag = tag };
	ratelimit_take(&slot->limit, share->rule, cost, now_us);
}

bool rate_table_take(struct rate_table *table, const struct rate_share *shares, guint n, guint cost,
		     gint64 now_us)
{
	for (guint i = 0; i < n; i++)
		if (!has(table, &shares[i], cost, now_us))
			return false;
	for (guint i = 0; i < n; i++)
		take(table, &shares[i], cost, now_us);
	return true;
}

gsize rate_source_key(guint8 kind, enum rate_level level, const struct endpoint *source,
		      guint8 key[static RATE_SOURCE_KEY_MAX])
{
	/* bytes of the address; 0 where the family has no such level */
	static const guint8 ipv4[RATE_LEVELS] = { 4, 0, 3 }, ipv6[RATE_LEVELS] = { 8, 7, 6 };
	const void *address;
	gsize size, len;

	address = endpoint_address(source, &size);
	len = !address ? 0 : size == 4 ? ipv4[level] : ipv6[level];
	if (!len)
		return 0;
	/* the length tells the families apart */
	key[0] = kind;
	key[1] = level;
	memcpy(key + 2, address, len);
	return 2 + len;
}

bool rate_table_take_source(struct rate_table *table, guint8 kind,
			    const struct ratelimit_rule rules[static RATE_LEVELS],
			    const struct endpoint *source, guint cost, gint64 now_us)
{
	guint8 keys[RATE_LEVELS][RATE_SOURCE_KEY_MAX];
	struct rate_share shares[RATE_LEVELS];
	guint n = 0;

	for (enum rate_level level = 0; level < RATE_LEVELS; level++) {
		gsize len = rate_source_key(kind, level, source, keys[n]);

		if (len)
			shares[n] = (struct rate_share){ keys[n], len, &rules[level] };
		n += len > 0;
	}
	return n && rate_table_take(table, shares, n, cost, now_us);
}
