// SPDX-License-Identifier: GPL-2.0
/*
 * The addresses without which this machine's own network does not work.
 */
#include <string.h>

#include "link-view-private.h"

bool link_view_add_needed(GHashTable *table, const struct prefix *address,
			  const struct link_needed *what)
{
	if (g_hash_table_contains(table, address))
		return false;
	return g_hash_table_insert(table, g_memdup2(address, sizeof(*address)),
				   g_memdup2(what, sizeof(*what)));
}

static void add(GHashTable *table, const void *address, gsize size, const struct link_node *node,
		bool own)
{
	struct link_needed needed = { .own = own };
	struct prefix prefix;

	g_snprintf(needed.what, sizeof(needed.what),
		   own ? "an address of this machine itself, of the interface %s" :
			 "a router of this machine, by the interface %s", node->link.name);
	if (prefix_from_address(&prefix, address, size, size * 8))
		link_view_add_needed(table, &prefix, &needed);
}

static void add_addresses(GHashTable *table, const struct link_view *view)
{
	for (guint i = 0; i < view->addresses->len; i++) {
		const struct link_address *one =
			&g_array_index(view->addresses, struct link_address, i);
		const struct link_node *node = link_view_node(view, one->ifindex);
		const void *bytes;
		gsize size;

		bytes = prefix_address(&one->prefix, &size);
		if (node && !node->carried)
			add(table, bytes, size, node, true);
	}
}

static void add_routers(GHashTable *table, const struct link_view *view)
{
	static const guint8 none[sizeof(((struct link_exit *)0)->gateway)];

	for (guint i = 0; i < view->exits->len; i++) {
		const struct link_exit *one = &g_array_index(view->exits, struct link_exit, i);
		const struct link_node *node = link_view_node(view, one->ifindex);

		if (node && !node->carried && memcmp(one->gateway, none, sizeof(none)) != 0)
			add(table, one->gateway, one->family == AF_INET ? 4 : 16, node, false);
	}
}

GHashTable *link_view_needed(const struct link_view *view)
{
	GHashTable *table = g_hash_table_new_full(prefix_hash, prefix_same, g_free, g_free);

	add_addresses(table, view);
	add_routers(table, view);
	return table;
}
