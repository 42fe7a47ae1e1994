// SPDX-License-Identifier: GPL-2.0
/*
 * A selector outside of wgmesh.ko: "relayed" sends through a relay whenever one answers, for
 * who wants peers to see no address of this node but the relay's.
 */
#include <wgmesh/selector.h>

static struct wgmesh_selector_choice choose(const struct wgmesh_selector_view *view, u64 *state)
{
	struct wgmesh_selector_choice choice = {
		.path = wgmesh_selector_preferred(view),
		.copy = -1,
	};
	int i;

	for (i = 0; i < view->n; i++)
		if (view->paths[i].kind == WGMESH_PATH_KIND_RELAY &&
		    view->paths[i].standing == WGMESH_STANDING_GOOD)
			choice.path = i;
	return choice;
}

static struct wgmesh_selector relayed = {
	.name = "relayed",
	.choose = choose,
	.owner = THIS_MODULE,
};

static int __init sample_init(void)
{
	return wgmesh_selector_register(&relayed);
}

static void __exit sample_exit(void)
{
	wgmesh_selector_unregister(&relayed);
}

module_init(sample_init);
module_exit(sample_exit);

MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("A selector for wgmesh: through a relay when there is one");
