// SPDX-License-Identifier: GPL-2.0
/*
 * A limit on bytes per second.
 */
#include <linux/math64.h>
#include <linux/minmax.h>

#include "rate.h"

/**
 * wgmesh_rate_take() - wgmesh_rate_allows() at a given time, where there is a limit
 * @rate: what was let through so far
 * @limit: bytes per second, not 0
 * @bytes: length of the packet
 * @now: nanoseconds of ktime_get()
 *
 * Context: Any.
 * Return: whether it may pass; it is counted then.
 */
bool wgmesh_rate_take(struct wgmesh_rate *rate, u64 limit, unsigned int bytes, s64 now)
{
	const s64 cost = div64_u64((u64)bytes * NSEC_PER_SEC, limit);
	s64 busy = atomic64_read(&rate->busy_until);

	do {
		if (busy > now + WGMESH_RATE_BURST_NS)
			return false;
	} while (!atomic64_try_cmpxchg(&rate->busy_until, &busy, max(busy, now) + cost));
	return true;
}
