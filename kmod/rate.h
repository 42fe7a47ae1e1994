/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A limit on bytes per second, counting in time (GCRA): one word of state, no timer.
 */
#ifndef WGMESH_RATE_H
#define WGMESH_RATE_H

#include <linux/atomic.h>
#include <linux/ktime.h>
#include <linux/types.h>

/* What may be sent at once, as time that it takes at the limited rate. */
#define WGMESH_RATE_BURST_NS	(NSEC_PER_SEC / 4)

/**
 * struct wgmesh_rate - a limit on bytes per second
 * @bytes_per_s: the limit, or 0 for none
 * @busy_until: when all that was let through will have been paid for, in nanoseconds of
 *	ktime_get()
 */
struct wgmesh_rate {
	u64 bytes_per_s;
	atomic64_t busy_until;
};

bool wgmesh_rate_take(struct wgmesh_rate *rate, u64 limit, unsigned int bytes, s64 now);

/**
 * wgmesh_rate_allows() - let a packet through, or not
 * @rate: the limit, and what it let through so far
 * @bytes: length of the packet
 *
 * Context: Any.
 * Return: whether it may pass; it is counted then.
 */
static inline bool wgmesh_rate_allows(struct wgmesh_rate *rate, unsigned int bytes)
{
	u64 limit = READ_ONCE(rate->bytes_per_s);

	return likely(!limit) || wgmesh_rate_take(rate, limit, bytes, ktime_get_ns());
}

#endif /* WGMESH_RATE_H */
