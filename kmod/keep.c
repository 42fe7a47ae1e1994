// SPDX-License-Identifier: GPL-2.0
/*
 * Keeping open what is on the way.
 */
#include <linux/limits.h>
#include <linux/math64.h>
#include <linux/minmax.h>
#include <linux/time64.h>

#include "keep.h"

#define BEGIN_MS	6000
#define LEAST_MS	5000
/* Nothing is tried on a path that is new: a minute of silence is common. */
#define SETTLED	20
/* Two thirds of the silence that failed: less than the one before, which was three quarters. */
#define BACK(ms)	((ms) / 3 * 2)
#define LONGER(ms)	((ms) / 3 * 4)
/* A path may break for other reasons than silence. */
#define RETRY_NS	(3600 * (u64)NSEC_PER_SEC)
#define RETRIES_DOUBLED	5
#define ALONE_MAX	2

static u32 silence_ms(const struct wgmesh_keep *keep, u64 now_ns)
{
	return min_t(u64, div_u64(now_ns - keep->quiet_ns, NSEC_PER_MSEC), INT_MAX);
}

/* Such a silence did no harm. That tells nothing if it was much shorter than it might have been. */
static void keep_survived(struct wgmesh_keep *keep, u32 ms, u32 most_ms, u64 now_ns)
{
	if (keep->failed_ms && now_ns >= keep->retry_ns)
		keep->failed_ms = 0;
	if (ms < keep->ms / 4 * 3)
		return;
	if (keep->settled < SETTLED) {
		keep->settled++;
		return;
	}
	if (keep->failed_ms)
		most_ms = min(most_ms, BACK(keep->failed_ms));
	keep->ms = max_t(u32, min(LONGER(keep->ms), most_ms), LEAST_MS);
}

/**
 * wgmesh_keep_init() - nothing is known
 * @keep: the path
 * @now_ns: the time
 */
void wgmesh_keep_init(struct wgmesh_keep *keep, u64 now_ns)
{
	*keep = (struct wgmesh_keep){ .quiet_ns = now_ns, .ms = BEGIN_MS };
}

/**
 * wgmesh_keep_inherit() - a path between the same addresses leads through the same NATs
 * @keep: the path
 * @from: the other one
 */
void wgmesh_keep_inherit(struct wgmesh_keep *keep, const struct wgmesh_keep *from)
{
	keep->ms = from->ms;
	keep->failed_ms = from->failed_ms;
	keep->retry_ns = from->retry_ns;
	keep->failures = from->failures;
	keep->settled = from->settled;
}

/**
 * wgmesh_keep_sent() - a request leaves on a path that was silent
 * @keep: the path
 * @now_ns: the time
 */
void wgmesh_keep_sent(struct wgmesh_keep *keep, u64 now_ns)
{
	keep->again = keep->tested_ms;
	if (!keep->tested_ms)
		keep->tested_ms = silence_ms(keep, now_ns);
	keep->put_off = 0;
}

/**
 * wgmesh_keep_answered() - an answer came
 * @keep: the path
 * @most_ms: how long the silence may be at most
 * @now_ns: the time
 */
void wgmesh_keep_answered(struct wgmesh_keep *keep, u32 most_ms, u64 now_ns)
{
	if (keep->tested_ms && !keep->again)
		keep_survived(keep, keep->tested_ms, most_ms, now_ns);
	keep->tested_ms = 0;
	keep->quiet_ns = now_ns;
	if (keep->alone < ALONE_MAX)
		keep->alone++;
	else
		keep->peer_ms = min(LONGER(keep->peer_ms), most_ms);
}

/**
 * wgmesh_keep_heard() - a request of the peer came
 * @keep: the path
 * @most_ms: how long the silence may be at most
 * @now_ns: the time
 *
 * The next one of the peer is due after a silence that is longer by a third at most. So is this
 * end's then: if the peer's is not answered, for it was too long, this one opens the path again.
 *
 * Return: whether this end's own request is due wgmesh_keep_ms() from now; else it stays as it is.
 */
bool wgmesh_keep_heard(struct wgmesh_keep *keep, u32 most_ms, u64 now_ns)
{
	const u32 ms = silence_ms(keep, now_ns);

	keep->quiet_ns = now_ns;
	keep->alone = 0;
	if (keep->tested_ms)
		return false;
	keep->peer_ms = max_t(u32, LONGER(ms), LEAST_MS);
	keep_survived(keep, ms, most_ms, now_ns);
	if (keep->put_off < WGMESH_KEEP_PUT_OFF_MAX)
		keep->put_off++;
	return true;
}

/**
 * wgmesh_keep_failed() - the path died, for nothing was answered
 * @keep: the path
 * @now_ns: the time
 */
void wgmesh_keep_failed(struct wgmesh_keep *keep, u64 now_ns)
{
	const u32 ms = keep->tested_ms;

	keep->tested_ms = 0;
	if (ms < LEAST_MS / 4 * 3)
		return;
	keep->failed_ms = ms;
	keep->retry_ns = now_ns + (RETRY_NS << min_t(u8, keep->failures, RETRIES_DOUBLED));
	keep->failures = min_t(u8, keep->failures + 1, RETRIES_DOUBLED);
	keep->ms = max_t(u32, min(BACK(ms), keep->ms), LEAST_MS);
}
