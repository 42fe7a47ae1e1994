/* SPDX-License-Identifier: GPL-2.0 */
#ifndef WGMESH_RATE_TABLE_H
#define WGMESH_RATE_TABLE_H

#include "endpoint.h"
#include "ratelimit.h"

/*
 * How often each of any number of parties may do something, in memory of a fixed size.
 *
 * The table remembers the buckets (ratelimit.h) from which most was taken, and forgets the fullest
 * ones first. So it errs in one direction only: who is forgotten may begin anew, but nobody is
 * refused for what others did. To be forgotten in time one has to have the others in the same part
 * of the table take more, and which ones these are is a secret hash.
 */

struct rate_table;

/**
 * struct rate_share - a limit that something has to be within
 * @key: whose limit that is: any bytes. Limits of different kinds in one table begin with a byte
 *	 that tells them apart
 * @len: how many bytes
 * @rule: (borrowed) how much; the same at every call for a key
 */
struct rate_share {
	const void *key;
	gsize len;
	const struct ratelimit_rule *rule;
};

/**
 * enum rate_level - the networks that a source address belongs to
 * @RATE_HOST: what one party has to itself at least: an IPv4 address, an IPv6 /64
 * @RATE_SITE: what one customer gets: an IPv4 address as well, which has no share of its own here;
 *	       an IPv6 /56
 * @RATE_NETWORK: what is routed as a whole: an IPv4 /24, an IPv6 /48
 * @RATE_LEVELS: how many there are
 */
enum rate_level {
	RATE_HOST,
	RATE_SITE,
	RATE_NETWORK,
	RATE_LEVELS,
};

/**
 * rate_table_new() - make a table in which nobody has taken anything
 * @slots: how many buckets it remembers, of 16 bytes each; rounded up to a power of two
 *
 * sodium_init() was called.
 *
 * Return: (owned by the caller) the table; free with rate_table_free().
 */
struct rate_table *rate_table_new(guint slots);

/**
 * rate_table_free() - free a table
 * @table: the table, or NULL
 */
void rate_table_free(struct rate_table *table);

/**
 * rate_table_take() - take from all of some shares, or from none
 * @table: the table
 * @shares: the shares, each with another key
 * @n: how many
 * @cost: how many tokens; not above the burst of any rule
 * @now_us: a monotonic clock in microseconds
 *
 * Return: whether there was enough in each.
 */
bool rate_table_take(struct rate_table *table, const struct rate_share *shares, guint n, guint cost,
		     gint64 now_us);

/* Bytes of the longest rate_source_key(). */
#define RATE_SOURCE_KEY_MAX 10

/**
 * rate_source_key() - what names a network of a source address
 * @kind: a byte of the caller's
 * @level: which network
 * @source: an address; canonical. Its port does not count
 * @key: RATE_SOURCE_KEY_MAX bytes
 *
 * Return: how many bytes of @key that took; 0 when the address has no such network.
 */
gsize rate_source_key(guint8 kind, enum rate_level level, const struct endpoint *source,
		      guint8 key[static RATE_SOURCE_KEY_MAX]);

/**
 * rate_table_take_source() - the same for all networks of a source address
 * @table: the table
 * @kind: tells what is limited here from what else is in the table
 * @rules: for each enum rate_level
 * @source: where something says that it comes from; canonical. Its port does not count
 * @cost: how many tokens
 * @now_us: a monotonic clock in microseconds
 *
 * A small network that asks too much is refused alone: that costs the larger ones nothing.
 *
 * Return: whether it may; false for what has no address.
 */
bool rate_table_take_source(struct rate_table *table, guint8 kind,
			    const struct ratelimit_rule rules[static RATE_LEVELS],
			    const struct endpoint *source, guint cost, gint64 now_us);

#endif
