// SPDX-License-Identifier: GPL-2.0
/*
 * The selector "duplicate": each packet is sent on the two best paths. WireGuard at the other
 * end takes the one that comes first, and drops the other by its replay window.
 */
#include "selector.h"

static int second_best(const struct wgmesh_selector_view *view, int best)
{
	int second = -1, i;

	for (i = 0; i < view->n; i++) {
		const struct wgmesh_selector_path *path = &view->paths[i];

		if (i == best || path->standing == WGMESH_STANDING_DEAD)
			continue;
		if (second < 0 || path->standing > view->paths[second].standing ||
		    (path->standing == view->paths[second].standing &&
		     path->priority > view->paths[second].priority))
			second = i;
	}
	return second;
}

static struct wgmesh_selector_choice duplicate_choose(const struct wgmesh_selector_view *view,
						      u64 *state)
{
	const int best = wgmesh_selector_preferred(view);

	return (struct wgmesh_selector_choice){
		.path = best,
		.copy = second_best(view, best),
	};
}

struct wgmesh_selector wgmesh_selector_duplicate = {
	.name = "duplicate",
	.choose = duplicate_choose,
};
