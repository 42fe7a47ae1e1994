// SPDX-License-Identifier: GPL-2.0
/*
 * Which interfaces are carried by a mesh: its own, and upwards from there what is made on top of
 * them. A packet of a path that left by one of these would come back as a packet of the mesh.
 */
#include <arpa/inet.h>
#include <string.h>

#include "link-view-private.h"
#include "wireguard.h"

/* 127.64.0.0/10: what stands in WireGuard for the peers of a mesh. */
#define VIRTUAL_NETWORK 0x7f400000
#define VIRTUAL_MASK 0xffc00000

static bool is_virtual(const struct endpoint *ep)
{
	return ep->sa.sa_family == AF_INET &&
	       (ntohl(ep->in.sin_addr.s_addr) & VIRTUAL_MASK) == VIRTUAL_NETWORK;
}

/* What its peers tell: a mesh has virtual endpoints, any other one real ones. */
static void read_wireguard(struct link_node *node, struct wireguard *wg)
{
	g_autoptr(wireguard_device) device = wireguard_get_device(wg, node->link.ifindex, NULL);

	if (!device)
		return;
	node->mark = device->fwmark;
	for (guint i = 0; i < device->peers->len; i++) {
		const struct wireguard_peer *peer =
			&g_array_index(device->peers, struct wireguard_peer, i);

		if (is_virtual(&peer->endpoint)) {
			node->carried = true;
			return;
		}
		if (endpoint_is_set(&peer->endpoint) && node->ends->len < LINK_MAX_ENDS)
			g_array_append_val(node->ends, peer->endpoint);
	}
}

static void find_meshes(struct link_view *view, const char *mesh)
{
	struct wireguard *wg = NULL;
	struct link_node *node;
	GHashTableIter iter;

	g_hash_table_iter_init(&iter, view->nodes);
	while (g_hash_table_iter_next(&iter, NULL, (void **)&node)) {
		if (strcmp(node->link.kind, "wireguard") != 0)
			continue;
		node->carried = node->ours || g_strcmp0(node->link.name, mesh) == 0;
		if (!node->carried && !wg)
			wg = wireguard_open(NULL);
		if (!node->carried && wg)
			read_wireguard(node, wg);
	}
	wireguard_close(wg);
}

static bool has_address(const struct link_view *view, const struct link_node *node,
			const struct endpoint *address)
{
	gsize size, length;
	const void *wanted = endpoint_address(address, &size);

	for (guint i = 0; wanted && i < view->addresses->len; i++) {
		const struct link_address *other =
			&g_array_index(view->addresses, struct link_address, i);
		const void *bytes = prefix_address(&other->prefix, &length);

		if (other->ifindex == node->link.ifindex && size == length &&
		    memcmp(bytes, wanted, size) == 0)
			return true;
	}
	return false;
}

/* Whether a tunnel sends from an address of an interface that is carried. */
static bool sends_from_carried(const struct link_view *view, const struct link_node *tunnel)
{
	struct link_node *node;
	GHashTableIter iter;

	g_hash_table_iter_init(&iter, view->nodes);
	while (g_hash_table_iter_next(&iter, NULL, (void **)&node)) {
		if (node->carried && has_address(view, node, &tunnel->link.tunnel_local))
			return true;
	}
	return false;
}

/* Whether the far ends of a tunnel are reached by an interface that is carried. */
static bool sends_to_carried(const struct link_view *view, const struct link_node *tunnel,
			     struct netlink *nl)
{
	for (guint i = 0; i < tunnel->ends->len; i++) {
		const struct endpoint *end = &g_array_index(tunnel->ends, struct endpoint, i);
		struct link_way way;

		if (link_way(nl, end, tunnel->mark, &way, NULL) &&
		    way.ifindex != tunnel->link.ifindex &&
		    link_view_is_carried(view, way.ifindex))
			return true;
	}
	return false;
}

/* A bridge, or a bond, whose only ways out are carried. */
static bool has_carried_ports_alone(const struct link_view *view, const struct link_node *master)
{
	struct link_node *node;
	GHashTableIter iter;
	bool found = false;

	g_hash_table_iter_init(&iter, view->nodes);
	while (g_hash_table_iter_next(&iter, NULL, (void **)&node)) {
		if (node->link.master != master->link.ifindex)
			continue;
		if (!node->carried && !link_is_end_of_guest(&node->link))
			return false;
		found |= node->carried;
	}
	return found;
}

/* The other end of a veth is no interface below it, but the bridge where that is plugged in is. */
static bool is_on_top_of_carried(const struct link_view *view, const struct link_node *node)
{
	const struct link_node *lower =
		node->link.lower_elsewhere ? NULL : link_view_node(view, node->link.lower);

	if (!lower)
		return false;
	if (link_is_end_of_guest(&node->link))
		return link_view_is_carried(view, lower->link.master);
	return lower->carried;
}

static bool becomes_carried(const struct link_view *view, const struct link_node *node,
			    struct netlink *nl)
{
	if (node->carried)
		return false;
	return is_on_top_of_carried(view, node) || has_carried_ports_alone(view, node) ||
	       (endpoint_is_set(&node->link.tunnel_local) && sends_from_carried(view, node)) ||
	       sends_to_carried(view, node, nl);
}

void link_view_find_carried(struct link_view *view, struct netlink *nl, const char *mesh)
{
	struct link_node *node;
	GHashTableIter iter;
	bool changed;

	find_meshes(view, mesh);
	do {
		changed = false;
		g_hash_table_iter_init(&iter, view->nodes);
		while (g_hash_table_iter_next(&iter, NULL, (void **)&node)) {
			if (!becomes_carried(view, node, nl))
				continue;
			node->carried = true;
			changed = true;
		}
	} while (changed);
}
