// SPDX-License-Identifier: GPL-2.0
/* A limit on how often something happens, counting in time (GCRA). */
#include "ratelimit.h"

/*
 * The bucket is counted in time instead of tokens: a token taken moves the moment at which the
 * bucket is full again one interval into the future, and the bucket is empty when that moment lies
 * a whole burst ahead.
 */
bool ratelimit_has(const struct ratelimit *limit, const struct ratelimit_rule *rule, guint cost,
		   gint64 now_us)
{
	gint64 taken_us = MAX(limit->full_at_us, now_us) - now_us;

	return taken_us <= rule->interval_us * ((gint64)rule->burst - cost);
}

void ratelimit_take(struct ratelimit *limit, const struct ratelimit_rule *rule, guint cost,
		    gint64 now_us)
{
	limit->full_at_us = MAX(limit->full_at_us, now_us) + rule->interval_us * cost;
}

bool ratelimit_allow(struct ratelimit *limit, const struct ratelimit_rule *rule, gint64 now_us)
{
	bool allowed = ratelimit_has(limit, rule, 1, now_us);

	if (allowed)
		ratelimit_take(limit, rule, 1, now_us);
	return allowed;
}
