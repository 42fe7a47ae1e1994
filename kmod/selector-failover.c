// SPDX-License-Identifier: GPL-2.0
/*
 * The selector "failover": the path of the highest priority that works.
 */
#include "selector.h"

static struct wgmesh_selector_choice failover_choose(const struct wgmesh_selector_view *view,
						     u64 *state)
{
	return (struct wgmesh_selector_choice){
		.path = wgmesh_selector_preferred(view),
		.copy = -1,
	};
}

struct wgmesh_selector wgmesh_selector_failover = {
	.name = "failover",
	.choose = failover_choose,
};
