// SPDX-License-Identifier: GPL-2.0
/*
 * At which addresses peers might reach this node, and which of them come first.
 */
#include <linux/if_addr.h>
#include <string.h>

#include "link-view-private.h"

bool link_is_end_of_guest(const struct link *link)
{
	return strcmp(link->kind, "veth") == 0 || strcmp(link->kind, "netkit") == 0 ||
	       strcmp(link->kind, "tun") == 0;
}

/* Interfaces */

static bool leads_outside(const struct link_view *view, struct link_node *node);

/* A port where a container or a virtual machine is plugged in leads to nothing else. */
static bool has_port_outside(const struct link_view *view, const struct link_node *bridge)
{
	struct link_node *node;
	GHashTableIter iter;

	g_hash_table_iter_init(&iter, view->nodes);
	while (g_hash_table_iter_next(&iter, NULL, (void **)&node)) {
		if (node->link.master == bridge->link.ifindex &&
		    !link_is_end_of_guest(&node->link) && leads_outside(view, node))
			return true;
	}
	return false;
}

static bool is_above_outside(const struct link_view *view, struct link_node *node)
{
	struct link_node *lower = link_view_node(view, node->link.lower);

	if (strcmp(node->link.kind, "bridge") == 0)
		return has_port_outside(view, node);
	if (!lower || node->link.lower_elsewhere || link_is_end_of_guest(&node->link))
		return true;
	return leads_outside(view, lower);
}

/* A WireGuard interface leads to its own peers alone, unless it is the way to everything. */
static bool leads_outside(const struct link_view *view, struct link_node *node)
{
	bool outside;

	if (node->carried || node->link.loopback || node->looked_at)
		return false;
	if (strcmp(node->link.kind, "wireguard") == 0)
		return node->wide[0] || node->wide[1];
	if (node->leads)
		return true;
	if (strcmp(node->link.kind, "dummy") == 0)
		return false;
	node->looked_at = true;
	outside = is_above_outside(view, node);
	node->looked_at = false;
	return outside;
}

/* Not what would carry no packet anyway. */
static bool is_usable(const struct link_node *node)
{
	return node->link.running && !node->link.loopback && !node->carried &&
	       strcmp(node->link.kind, "wireguard") != 0;
}

/* Addresses */

bool link_same_network(const struct prefix *a, const struct prefix *b)
{
	return a->length == b->length && prefix_contains(a, b);
}

static bool is_usable_ip(const struct prefix *prefix)
{
	guint32 ip = ntohl(prefix->in.s_addr);

	if (prefix->family == AF_INET6)
		return !IN6_IS_ADDR_LINKLOCAL(&prefix->in6) &&
		       !IN6_IS_ADDR_LOOPBACK(&prefix->in6) &&
		       !IN6_IS_ADDR_UNSPECIFIED(&prefix->in6) &&
		       !IN6_IS_ADDR_V4MAPPED(&prefix->in6) &&
		       !IN6_IS_ADDR_MULTICAST(&prefix->in6);
	/* 169.254.0.0/16 is link-local; from 224.0.0.0 on are multicast and class E. */
	return ip >> 24 != 0 && ip >> 24 != 127 && ip >> 16 != 0xa9fe && ip >> 24 < 224;
}

static bool has_lasting_companion(const struct link_address *temporary, const GArray *all)
{
	const struct link_address *other;

	for (guint i = 0; i < all->len; i++) {
		other = &g_array_index(all, struct link_address, i);
		if (other->ifindex == temporary->ifindex &&
		    link_same_network(&other->prefix, &temporary->prefix) &&
		    !(other->flags & (IFA_F_TEMPORARY | IFA_F_TENTATIVE | IFA_F_DEPRECATED |
				      IFA_F_DADFAILED)))
			return true;
	}
	return false;
}

bool link_address_is_underlay(const struct link_address *address, const GArray *all)
{
	if (address->flags & (IFA_F_TENTATIVE | IFA_F_DADFAILED) || !is_usable_ip(&address->prefix))
		return false;
	/* For IPv4 the same bit means a second address of the same network. */
	return address->prefix.family != AF_INET6 || !(address->flags & IFA_F_TEMPORARY) ||
	       !has_lasting_companion(address, all);
}

/* At the end of a tunnel, or of what may be one. */
static bool is_far(const struct link *link)
{
	return link_is_tunnel(link) || strcmp(link->kind, "tun") == 0 ||
	       strcmp(link->kind, "wireguard") == 0;
}

static enum link_worth worth_of(const struct link_node *node, const struct prefix *prefix)
{
	if (node->wide[prefix->family == AF_INET6])
		return LINK_WORTH_DEFAULT;
	if (is_far(&node->link))
		return LINK_WORTH_OTHER;
	return prefix_private_block(prefix) ? LINK_WORTH_PRIVATE : LINK_WORTH_GLOBAL;
}

/* The list */

/**
 * struct place - an address, and what decides on its place in the list
 * @address: the address
 * @nth: how many of the same interface and family come before it, and do not fade
 * @order: the kernel's
 */
struct place {
	struct link_underlay address;
	guint nth;
	guint order;
};

static int compare_places(const void *a, const void *b)
{
	const struct place *one = a, *other = b;

	if (one->address.fading != other->address.fading)
		return one->address.fading - other->address.fading;
	if (one->address.worth != other->address.worth)
		return (int)one->address.worth - (int)other->address.worth;
	if (one->nth != other->nth)
		return (int)one->nth - (int)other->nth;
	return (int)one->order - (int)other->order;
}

static void add_place(GArray *places, const struct link_node *node,
		      const struct link_address *address)
{
	struct place place = {
		.address = {
			.ifindex = node->link.ifindex,
			.mtu_bytes = node->link.mtu_bytes,
			.worth = worth_of(node, &address->prefix),
			.fading = address->flags & IFA_F_DEPRECATED,
		},
		.order = places->len,
	};
	const void *bytes;
	gsize size;

	g_strlcpy(place.address.ifname, node->link.name, sizeof(place.address.ifname));
	bytes = prefix_address(&address->prefix, &size);
	endpoint_from_address(&place.address.address, bytes, size, 0);
	for (guint i = 0; i < places->len; i++) {
		const struct link_underlay *before =
			&g_array_index(places, struct place, i).address;

		place.nth += before->ifindex == node->link.ifindex && !before->fading &&
			     before->address.sa.sa_family == address->prefix.family;
	}
	g_array_append_val(places, place);
}

static bool is_listed(const GArray *list, const struct endpoint *address)
{
	for (guint i = 0; i < list->len; i++) {
		if (endpoint_equal_address(&g_array_index(list, struct link_underlay, i).address,
					   address))
			return true;
	}
	return false;
}

static bool has_hardware(const struct link_view *view)
{
	struct link_node *node;
	GHashTableIter iter;

	g_hash_table_iter_init(&iter, view->nodes);
	while (g_hash_table_iter_next(&iter, NULL, (void **)&node)) {
		if (!*node->link.kind && leads_outside(view, node))
			return true;
	}
	return false;
}

/* All there are; where they lead nowhere, and nothing else is there either, when @inside. */
static void add_places(GArray *places, const struct link_view *view, bool inside)
{
	for (guint i = 0; i < view->addresses->len; i++) {
		const struct link_address *address =
			&g_array_index(view->addresses, struct link_address, i);
		struct link_node *node = link_view_node(view, address->ifindex);

		if (node && node->link.running &&
		    (leads_outside(view, node) || (inside && is_usable(node))) &&
		    link_address_is_underlay(address, view->addresses))
			add_place(places, node, address);
	}
}

void link_view_find_underlay(struct link_view *view)
{
	g_autoptr(GArray) places = g_array_new(FALSE, TRUE, sizeof(struct place));

	add_places(places, view, false);
	/* that hardware is unplugged is no reason to offer what leads nowhere */
	if (!places->len && !has_hardware(view))
		add_places(places, view, true);
	g_array_sort(places, compare_places);
	for (guint i = 0; i < places->len; i++) {
		const struct link_underlay *one = &g_array_index(places, struct place, i).address;

		if (!is_listed(view->underlay, &one->address))
			g_array_append_val(view->underlay, *one);
	}
}
