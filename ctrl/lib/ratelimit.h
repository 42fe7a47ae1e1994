/* SPDX-License-Identifier: GPL-2.0 */
#ifndef WGMESH_RATELIMIT_H
#define WGMESH_RATELIMIT_H

#include <glib.h>
#include <stdbool.h>

/**
 * struct ratelimit_rule - how much is allowed
 * @interval_us: microseconds until one more is allowed; > 0
 * @burst: how many are allowed at once after a silence; > 0
 */
struct ratelimit_rule {
	gint64 interval_us;
	guint burst;
};

/**
 * struct ratelimit - a token bucket, full when zeroed
 * @full_at_us: when the bucket will be full again
 *
 * One number is the whole state, so that tables of them stay small. The rule is kept apart because
 * many buckets share one.
 */
struct ratelimit {
	gint64 full_at_us;
};

/**
 * ratelimit_has() - whether there are so many tokens
 * @limit: the bucket
 * @rule: its rule; the same at every call for a bucket
 * @cost: how many
 * @now_us: a monotonic clock (g_get_monotonic_time()) in microseconds, >= 0
 */
bool ratelimit_has(const struct ratelimit *limit, const struct ratelimit_rule *rule, guint cost,
		   gint64 now_us);

/**
 * ratelimit_take() - take tokens that ratelimit_has() has found
 * @limit: the bucket
 * @rule: its rule
 * @cost: how many
 * @now_us: as of ratelimit_has()
 */
void ratelimit_take(struct ratelimit *limit, const struct ratelimit_rule *rule, guint cost,
		    gint64 now_us);

/**
 * ratelimit_allow() - take a token if there is one
 * @limit: the bucket
 * @rule: its rule
 * @now_us: as of ratelimit_has()
 *
 * Return: whether there was one. A refusal costs nothing: asking again and again does not delay the
 * next token.
 */
bool ratelimit_allow(struct ratelimit *limit, const struct ratelimit_rule *rule, gint64 now_us);

#endif
