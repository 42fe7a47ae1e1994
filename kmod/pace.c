// SPDX-License-Identifier: GPL-2.0
/*
 * The pace: how long after a probe the next one of a path is due.
 */
#include <linux/math64.h>
#include <linux/minmax.h>
#include <linux/time64.h>

#include "liveness.h"
#include "pace.h"

/* A path that somebody says is broken: it takes two requests to know. */
#define DOUBTED_NS	(8 * (u64)NSEC_PER_MSEC)
/* A path that was just added: the peer may not know it yet. After so many requests the time
 * between them doubles.
 */
#define UNTESTED_NS	(100 * (u64)NSEC_PER_MSEC)
#define UNTESTED_EACH	5
#define UNTESTED_DOUBLED_MAX	9
/* A follower: the peer was just heard there, and everything waits for it. */
#define FOLLOWER_EACH	8
/* Where a peer was heard nobody may be: whoever has the keys can write any address in front of a
 * request. So many probes at once, and one a second.
 */
#define ALLOWANCE	32
#define ALLOWANCE_NS	((u64)NSEC_PER_SEC)

/* A path that does not work is not kept open. */
static u32 idle_ms(const struct wgmesh_pace *pace, const struct wgmesh_pace_path *path)
{
	if (!path->silent_ms || path->liveness->state != WGMESH_PATH_STATE_ALIVE)
		return pace->idle_ms;
	return min(path->silent_ms, pace->idle_ms);
}

/* Lets probes of many peers spread in time: up to an eighth earlier. */
static u64 spread(u64 ns, u32 random)
{
	return ns - mul_u64_u32_shr(ns >> 3, random, 32);
}

static u64 untested_ns(const struct wgmesh_pace_path *path, u64 otherwise_ns)
{
	const u64 sent = path->liveness->sent;

	if (path->follows && sent < WGMESH_FOLLOWER_EAGER)
		return WGMESH_PACE_FAST_NS << sent / FOLLOWER_EACH;
	return min(UNTESTED_NS << min_t(u64, sent / UNTESTED_EACH, UNTESTED_DOUBLED_MAX),
		   otherwise_ns);
}

/**
 * wgmesh_pace_interval_ns() - how long after a probe is the next one due?
 * @pace: what is set
 * @path: what is known of the path
 * @now_ns: the time
 * @random: a random number
 */
u64 wgmesh_pace_interval_ns(const struct wgmesh_pace *pace, const struct wgmesh_pace_path *path,
			    u64 now_ns, u32 random)
{
	const struct wgmesh_liveness *liveness = path->liveness;
	const u64 active_ns = (u64)pace->active_ms * NSEC_PER_MSEC;
	const u64 standby_ns = (u64)pace->standby_ms * NSEC_PER_MSEC;
	const u64 idle_ns = spread((u64)idle_ms(pace, path) * NSEC_PER_MSEC, random);
	const u64 otherwise_ns = path->awake ? standby_ns : idle_ns;

	switch (liveness->state) {
	case WGMESH_PATH_STATE_UNTESTED:
		return untested_ns(path, otherwise_ns);
	case WGMESH_PATH_STATE_SUSPECT:
		return path->doubted ? DOUBTED_NS : min(WGMESH_PACE_FAST_NS, active_ns);
	case WGMESH_PATH_STATE_DEAD:
		return liveness->revived ? active_ns : otherwise_ns;
	case WGMESH_PATH_STATE_ALIVE:
		break;
	}
	if (!path->awake)
		return otherwise_ns;
	if (path->in_use)
		return wgmesh_liveness_losing(liveness) ? min(WGMESH_PACE_FAST_NS, active_ns) :
							  active_ns;
	if (liveness->record.lossy || wgmesh_liveness_held(liveness, now_ns))
		return active_ns;
	return standby_ns;
}

/**
 * wgmesh_pace_can_wait() - does a probe of the path have to wait for its turn?
 * @path: what is known of the path
 *
 * Those that find out whether traffic gets through never do.
 */
bool wgmesh_pace_can_wait(const struct wgmesh_pace_path *path)
{
	if (!path->awake)
		return true;
	return path->liveness->state == WGMESH_PATH_STATE_UNTESTED && !path->in_use &&
	       !path->follows;
}

/**
 * wgmesh_allowance_take() - may a probe be sent where a peer was only heard?
 * @allowance: that of the peer, for all such endpoints
 * @now_ns: the time
 *
 * Context: Any; the caller serializes.
 * Return: whether it may; it is counted then.
 */
bool wgmesh_allowance_take(struct wgmesh_allowance *allowance, u64 now_ns)
{
	const u64 full_ns = max(allowance->full_ns, now_ns);

	if (full_ns - now_ns > (ALLOWANCE - 1) * ALLOWANCE_NS)
		return false;
	allowance->full_ns = full_ns + ALLOWANCE_NS;
	return true;
}
