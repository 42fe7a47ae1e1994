// SPDX-License-Identifier: GPL-2.0
#include "ratelimit.h"

/*
 * The bucket is counted in time instead of tokens: a token taken moves the moment at which the
 * bucket is full again one interval into the future, and the bucket is empty when that moment lies
 * a whole burst ahead.
 */
bool ratelimit_allow(struct ratelimit *limit, const struct ratelimit_rule *rule, gint64 now_us)
{
	gint64 full_at_us = MAX(limit->full_at_us, now_us);

	if (full_at_us - now_us > rule->interval_us * ((gint64)rule->burst - 1))
		return false;
	limit->full_at_us = full_at_us + rule->interval_us;
	return true;
}
