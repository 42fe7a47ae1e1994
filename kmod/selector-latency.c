// SPDX-License-Identifier: GPL-2.0
/*
 * The selector "latency": the path that answers fastest.
 *
 * Another path has to be faster by a fifth and by 2 ms, and to stay so for 3 s: the time of a
 * round trip varies, and each change of the path reorders packets.
 */
#include <linux/math64.h>
#include <linux/minmax.h>
#include <linux/time64.h>

#include "selector.h"

#define FASTER_MIN_US	2000
#define FASTER_FOR_NS	(3 * (u64)NSEC_PER_SEC)
/* What a lost packet costs: each percent is taken for this much time. */
#define LOSS_US_PER_PERMILLE	200
#define UNKNOWN_RTT_US	1000000

/* In the state: which path is faster, by its number, and since when. */
enum { CHALLENGER, SINCE };

static u64 cost_us(const struct wgmesh_selector_path *path)
{
	return (path->rtt_us ?: UNKNOWN_RTT_US) + (u64)path->loss_permille * LOSS_US_PER_PERMILLE;
}

static int latency_fastest(const struct wgmesh_selector_view *view, enum wgmesh_standing standing)
{
	int best = -1, i;

	for (i = 0; i < view->n; i++)
		if (view->paths[i].standing == standing &&
		    (best < 0 || cost_us(&view->paths[i]) < cost_us(&view->paths[best])))
			best = i;
	return best;
}

static bool clearly_faster(const struct wgmesh_selector_path *path,
			   const struct wgmesh_selector_path *than)
{
	u64 other = cost_us(than);

	return cost_us(path) + max_t(u64, div_u64(other, 5), FASTER_MIN_US) < other;
}

static struct wgmesh_selector_choice latency_choose(const struct wgmesh_selector_view *view,
						    u64 *state)
{
	const enum wgmesh_standing standing = view->paths[wgmesh_selector_preferred(view)].standing;
	const int fastest = latency_fastest(view, standing);
	struct wgmesh_selector_choice choice = { .path = fastest, .copy = -1 };
	const int current_path = view->current_path;

	if (current_path < 0 || view->paths[current_path].standing < standing ||
	    choice.path == current_path) {
		state[CHALLENGER] = 0;
		return choice;
	}
	if (!clearly_faster(&view->paths[choice.path], &view->paths[current_path])) {
		state[CHALLENGER] = 0;
		choice.path = current_path;
		return choice;
	}
	if (state[CHALLENGER] != view->paths[choice.path].id) {
		state[CHALLENGER] = view->paths[choice.path].id;
		state[SINCE] = view->now_ns;
	}
	if (view->now_ns - state[SINCE] < FASTER_FOR_NS)
		choice.path = current_path;
	else
		state[CHALLENGER] = 0;
	return choice;
}

struct wgmesh_selector wgmesh_selector_latency = {
	.name = "latency",
	.choose = latency_choose,
};
