// SPDX-License-Identifier: GPL-2.0
#include "source-limit.h"

#include <sodium.h>
#include <string.h>

#include "../lib/ratelimit.h"

/* Sites get at least a /56, and give it to one customer; below a /24 IPv4 is not routed. */
#define PREFIX_LEN_IPV4 3
#define PREFIX_LEN_IPV6 7

/*
 * A prefix is not stored: its keyed hash picks one of a fixed number of buckets. So there is
 * nothing to evict, whatever number of sources is forged. Two prefixes can share a bucket, but
 * which ones do, nobody outside can tell: to exhaust the bucket of a victim through others' names
 * one has to exhaust all of them, more than a million requests a second.
 */
#define BUCKETS 16384

static const struct ratelimit_rule rule = {
	.interval_us = SOURCE_LIMIT_INTERVAL_US,
	.burst = SOURCE_LIMIT_BURST,
};

struct source_limit {
	guint8 key[SOURCE_LIMIT_KEY_LEN];
	struct ratelimit buckets[BUCKETS];
};

G_STATIC_ASSERT(SOURCE_LIMIT_KEY_LEN == crypto_shorthash_KEYBYTES);
G_STATIC_ASSERT(sizeof(guint64) == crypto_shorthash_BYTES);

struct source_limit *source_limit_new(const guint8 *key)
{
	struct source_limit *limit = g_new0(struct source_limit, 1);

	memcpy(limit->key, key, sizeof(limit->key));
	return limit;
}

void source_limit_free(struct source_limit *limit)
{
	g_free(limit);
}

bool source_limit_allow(struct source_limit *limit, const struct endpoint *source, gint64 now_us)
{
	const guint8 *address;
	guint64 hash;
	gsize len;

	address = endpoint_address(source, &len);
	if (!address)
		return false;
	crypto_shorthash((guint8 *)&hash, address, len == 4 ? PREFIX_LEN_IPV4 : PREFIX_LEN_IPV6,
			 limit->key);
	return ratelimit_allow(&limit->buckets[hash % BUCKETS], &rule, now_us);
}
