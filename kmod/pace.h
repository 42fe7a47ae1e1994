/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The pace: how long after a probe the next one of a path is due. It sends nothing and knows no
 * clock.
 */
#ifndef WGMESH_PACE_H
#define WGMESH_PACE_H

#include <linux/types.h>

struct wgmesh_liveness;

#define WGMESH_PROBE_ACTIVE_MS	100
#define WGMESH_PROBE_STANDBY_MS	1000
#define WGMESH_PROBE_IDLE_MS	20000
#define WGMESH_PROBE_ATTEMPTS	5

/* Between the probes of a path that did not answer the last one, or loses some. */
#define WGMESH_PACE_FAST_NS	(20 * (u64)NSEC_PER_MSEC)

/* So many requests of a follower in quick succession, then it is tried at the pace of any path. */
#define WGMESH_FOLLOWER_EAGER	24

/**
 * struct wgmesh_pace - how often probes are sent
 * @active_ms: on the path in use, while there is traffic
 * @standby_ms: on the others, while there is traffic
 * @idle_ms: on all, while there is none
 * @attempts: how many in a row without an answer make a path dead
 *
 * 0 is what the device has; in that of a device none is 0.
 */
struct wgmesh_pace {
	u32 active_ms;
	u32 standby_ms;
	u32 idle_ms;
	u32 attempts;
};

/**
 * struct wgmesh_pace_path - what the pace of a path depends on
 * @liveness: what probes said about it
 * @awake: its peer has traffic
 * @in_use: packets take it
 * @follows: it only follows another one
 * @doubted: somebody says that it is broken
 * @silent_ms: how long it may be silent at most, 0 when that does not matter
 */
struct wgmesh_pace_path {
	const struct wgmesh_liveness *liveness;
	bool awake;
	bool in_use;
	bool follows;
	bool doubted;
	u32 silent_ms;
};

/**
 * struct wgmesh_allowance - how much a peer may make this node send where it only says it is
 * @full_ns: when the allowance is full again
 */
struct wgmesh_allowance {
	u64 full_ns;
};

bool wgmesh_allowance_take(struct wgmesh_allowance *allowance, u64 now_ns);
u64 wgmesh_pace_interval_ns(const struct wgmesh_pace *pace, const struct wgmesh_pace_path *path,
			    u64 now_ns, u32 random);
bool wgmesh_pace_can_wait(const struct wgmesh_pace_path *path);

#endif /* WGMESH_PACE_H */
