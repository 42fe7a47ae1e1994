// SPDX-License-Identifier: GPL-2.0
/*
 * The registry of selectors.
 */
#include <linux/mutex.h>
#include <linux/string.h>

#include "selector.h"

static DEFINE_MUTEX(selectors_lock);
static LIST_HEAD(selectors);

static struct wgmesh_selector *const built_in[] = {
	&wgmesh_selector_failover,
	&wgmesh_selector_latency,
	&wgmesh_selector_duplicate,
};

static struct wgmesh_selector *find_registered(const char *name)
{
	struct wgmesh_selector *selector;

	lockdep_assert_held(&selectors_lock);
	list_for_each_entry(selector, &selectors, list)
		if (!strcmp(selector->name, name))
			return selector;
	return NULL;
}

static struct wgmesh_selector *find_built_in(const char *name)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(built_in); i++)
		if (!strcmp(built_in[i]->name, name))
			return built_in[i];
	return NULL;
}

/**
 * wgmesh_selector_register() - add a selector
 * @selector: lives until wgmesh_selector_unregister()
 *
 * Context: Process; may sleep.
 * Return: 0, -EEXIST when there is one of that name, or -EINVAL when something is missing.
 */
int wgmesh_selector_register(struct wgmesh_selector *selector)
{
	int err = 0;

	if (!selector->choose || !selector->name[0] ||
	    strnlen(selector->name, sizeof(selector->name)) == sizeof(selector->name))
		return -EINVAL;
	mutex_lock(&selectors_lock);
	if (find_built_in(selector->name) || find_registered(selector->name))
		err = -EEXIST;
	else
		list_add_tail(&selector->list, &selectors);
	mutex_unlock(&selectors_lock);
	return err;
}
EXPORT_SYMBOL_GPL(wgmesh_selector_register);

/**
 * wgmesh_selector_unregister() - remove a selector
 * @selector: what was registered; no peer uses it, for each one keeps its module
 *
 * Context: Process; may sleep.
 */
void wgmesh_selector_unregister(struct wgmesh_selector *selector)
{
	mutex_lock(&selectors_lock);
	list_del(&selector->list);
	mutex_unlock(&selectors_lock);
}
EXPORT_SYMBOL_GPL(wgmesh_selector_unregister);

/**
 * wgmesh_selector_get() - find a selector, and keep its module
 * @name: its name
 *
 * Context: Process; may sleep.
 * Return: the selector, for wgmesh_selector_put(); NULL when there is none of that name.
 */
const struct wgmesh_selector *wgmesh_selector_get(const char *name)
{
	struct wgmesh_selector *selector = find_built_in(name);

	if (selector)
		return selector;
	mutex_lock(&selectors_lock);
	selector = find_registered(name);
	if (selector && !try_module_get(selector->owner))
		selector = NULL;
	mutex_unlock(&selectors_lock);
	return selector;
}

/**
 * wgmesh_selector_put() - undo wgmesh_selector_get()
 * @selector: the selector, which nobody calls any more, or NULL
 *
 * Context: Any.
 */
void wgmesh_selector_put(const struct wgmesh_selector *selector)
{
	if (selector)
		module_put(selector->owner);
}

/**
 * wgmesh_selector_preferred() - the best path by standing, then by priority, then by age
 * @view: what there is to choose from
 *
 * Context: Any.
 * Return: its number in the view.
 */
int wgmesh_selector_preferred(const struct wgmesh_selector_view *view)
{
	int best = 0, i;

	for (i = 1; i < view->n; i++) {
		const struct wgmesh_selector_path *path = &view->paths[i];
		const struct wgmesh_selector_path *other = &view->paths[best];

		if (path->standing > other->standing ||
		    (path->standing == other->standing && path->priority > other->priority))
			best = i;
	}
	return best;
}
EXPORT_SYMBOL_GPL(wgmesh_selector_preferred);
