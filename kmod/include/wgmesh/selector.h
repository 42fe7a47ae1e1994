/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Selectors: which of its paths a peer uses. Another module can add one, as with
 * congestion controls of TCP; tools/selector-sample/ does.
 */
#ifndef WGMESH_SELECTOR_H
#define WGMESH_SELECTOR_H

#include <linux/list.h>
#include <linux/module.h>
#include <linux/types.h>
#include <uapi/linux/wgmesh.h>

#define WGMESH_SELECTOR_NAME_LEN	16
/* u64 words that a selector may keep for each peer. */
#define WGMESH_SELECTOR_STATE		2

/**
 * enum wgmesh_standing - how fit a path is, from what its probes say; more is better
 * @WGMESH_STANDING_DEAD: nobody answers
 * @WGMESH_STANDING_UNTESTED: nobody answered yet, or nobody was asked
 * @WGMESH_STANDING_LOSSY: answers, but too much is lost
 * @WGMESH_STANDING_HELD: answers, but failed not long ago
 * @WGMESH_STANDING_GOOD: answers
 *
 * How long a path is held grows with each failure. A selector that uses a path of lower standing
 * only when none of a higher one is there does not flap, whatever the network does.
 */
enum wgmesh_standing {
	WGMESH_STANDING_DEAD,
	WGMESH_STANDING_UNTESTED,
	WGMESH_STANDING_LOSSY,
	WGMESH_STANDING_HELD,
	WGMESH_STANDING_GOOD,
};

/**
 * struct wgmesh_selector_path - what a selector may know of a path
 * @id: its number
 * @kind: direct or relay
 * @priority: as it was configured
 * @standing: see enum wgmesh_standing
 * @rtt_us: smoothed round-trip time, 0 while unknown
 * @jitter_us: its smoothed deviation
 * @loss_permille: of the last 64 probes, in thousandths
 */
struct wgmesh_selector_path {
	u32 id;
	enum wgmesh_path_kind kind;
	u32 priority;
	enum wgmesh_standing standing;
	u32 rtt_us;
	u32 jitter_us;
	u32 loss_permille;
};

/**
 * struct wgmesh_selector_view - what there is to choose from
 * @paths: the paths that may be used, the oldest first
 * @n: how many, at least 1
 * @current_path: which one is in use, or -1
 * @now_ns: the time, of a monotonic clock
 */
struct wgmesh_selector_view {
	const struct wgmesh_selector_path *paths;
	int n;
	int current_path;
	u64 now_ns;
};

/**
 * struct wgmesh_selector_choice - what was chosen
 * @path: number in the view of the path that packets take
 * @copy: of the path that gets a copy of each packet too, or -1
 */
struct wgmesh_selector_choice {
	int path;
	int copy;
};

/**
 * struct wgmesh_selector - a way to choose
 * @name: what it is asked for by
 * @choose: chooses; @state is zero at first, and kept between calls for the same peer
 * @owner: THIS_MODULE, which is kept while a peer uses the selector
 * @list: for the registry
 *
 * @choose is called whenever something changed, and several times a second while a peer has
 * traffic, with bottom halves disabled and a lock of the peer held: it may neither sleep nor
 * call into the module. A choice that is no number of a path is taken for path 0, without copy.
 */
struct wgmesh_selector {
	char name[WGMESH_SELECTOR_NAME_LEN];
	struct wgmesh_selector_choice (*choose)(const struct wgmesh_selector_view *view,
						u64 *state);
	struct module *owner;
	struct list_head list;
};

int wgmesh_selector_register(struct wgmesh_selector *selector);
void wgmesh_selector_unregister(struct wgmesh_selector *selector);
int wgmesh_selector_preferred(const struct wgmesh_selector_view *view);

#endif /* WGMESH_SELECTOR_H */
