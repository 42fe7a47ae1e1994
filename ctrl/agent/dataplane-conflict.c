// SPDX-License-Identifier: GPL-2.0
/*
 * Whether packets to a peer come to our interface, and what is in the way when they do not; and what
 * else on this machine has the addresses that are ours.
 */
#include <linux/rtnetlink.h>

#include "dataplane-private.h"
#include "lib/log.h"

static char *explain(const struct prefix *address, const struct link_fib_route *found)
{
	g_autofree char *route = link_describe_route(found);
	char ifname[IFNAMSIZ], text[PREFIX_STRLEN];

	prefix_print(address, text);
	if (found->type == RTN_LOCAL)
		return g_strdup_printf("%s is an address of this machine itself, too (%s): remove "
				       "it there", text, route);
	if (found->protocol == LINK_ROUTE_PROTOCOL)
		return g_strdup_printf("%s is also an address in the network of the interface %s, "
				       "which gets its packets", text,
				       if_indextoname(found->ifindex, ifname) ?: "?");
	if (!prefix_equal(&found->destination, address))
		return g_strdup_printf("packets to %s take the route %s", text, route);
	return g_strdup_printf("packets to %s take the route %s; if that is not wanted, remove it: "
			       "ip %sroute del %s", text, route,
			       address->family == AF_INET6 ? "-6 " : "", route);
}

static char *route_error(struct dataplane *dp, const struct prefix *address)
{
	struct link_fib_route found = {};
	g_autoptr(GError) error = NULL;

	if (!link_find_route(dp->rt, address, &found, &error))
		return g_strdup(error->message);
	if (found.ifindex == dp->ifindex && prefix_equal(&found.destination, address))
		return NULL;
	return explain(address, &found);
}

char *dataplane_route_error(const struct dataplane_peer *peer)
{
	struct dataplane *dp = peer->dp;
	GString *all = g_string_new(NULL);

	for (guint i = 0; dp->synced && i < peer->addresses->len; i++) {
		const struct prefix *address = &g_array_index(peer->addresses, struct prefix, i);
		g_autofree char *one = NULL;

		if (dataplane_takes(dp, address))
			one = route_error(dp, address);
		if (one)
			g_string_append_printf(all, "%s%s", all->len ? ". " : "", one);
	}
	return g_string_free(all, !all->len);
}

static void add_others_of(struct dataplane *dp, const struct link *link, GHashTable *others)
{
	g_autoptr(wireguard_device) device = wireguard_get_device(dp->wg, link->ifindex, NULL);

	for (guint i = 0; device && i < device->peers->len; i++) {
		const struct wireguard_peer *peer =
			&g_array_index(device->peers, struct wireguard_peer, i);

		for (guint j = 0; j < peer->allowed_ips->len; j++)
			g_hash_table_replace(others,
					     g_memdup2(&g_array_index(peer->allowed_ips,
								      struct prefix, j),
						       sizeof(struct prefix)),
					     g_strdup(link->name));
	}
}

GHashTable *dataplane_others(struct dataplane *dp)
{
	GHashTable *others = g_hash_table_new_full(prefix_hash, prefix_same, g_free, g_free);
	g_autoptr(GArray) links = link_list(dp->rt, NULL);

	for (guint i = 0; links && i < links->len; i++) {
		const struct link *link = &g_array_index(links, struct link, i);

		if (link->up && link->ifindex != dp->ifindex &&
		    g_str_equal(link->kind, "wireguard"))
			add_others_of(dp, link, others);
	}
	return others;
}

static void append(GString *all, const struct prefix *address, const char *format, ...)
	G_GNUC_PRINTF(3, 4);

static void append(GString *all, const struct prefix *address, const char *format, ...)
{
	char text[PREFIX_STRLEN];
	va_list arguments;

	g_string_append_printf(all, "%s%s ", all->len ? ". " : "", prefix_print(address, text));
	va_start(arguments, format);
	g_string_append_vprintf(all, format, arguments);
	va_end(arguments);
}

static bool is_routed_to_us(struct dataplane *dp, const struct prefix *address)
{
	g_autofree char *error = route_error(dp, address);

	return !error;
}

char *dataplane_route_shared(const struct dataplane_peer *peer, GHashTable *others)
{
	struct dataplane *dp = peer->dp;
	GString *all = g_string_new(NULL);

	for (guint i = 0; dp->synced && i < peer->addresses->len; i++) {
		const struct prefix *address = &g_array_index(peer->addresses, struct prefix, i);
		const char *other = g_hash_table_lookup(others, address);

		if (other && dataplane_takes(dp, address) && is_routed_to_us(dp, address))
			append(all, address, "is also an address of a peer of the interface %s; %s "
			       "has the route to it, and gets its packets", other, dp->ifname);
	}
	return g_string_free(all, !all->len);
}

char *dataplane_address_shared(struct dataplane *dp, GHashTable *others)
{
	GString *all = g_string_new(NULL);

	for (guint i = 0; dp->synced && i < dp->addresses->len; i++) {
		const struct prefix *address = &g_array_index(dp->addresses, struct prefix, i);
		const char *other = g_hash_table_lookup(others, address);

		if (other)
			append(all, address, "is also an address of a peer of the interface %s, "
			       "whose packets stay on this machine", other);
	}
	return g_string_free(all, !all->len);
}

static char *address_error(struct dataplane *dp)
{
	GString *all = g_string_new(NULL);
	char ifname[IFNAMSIZ];

	for (guint i = 0; i < dp->addresses->len; i++) {
		const struct prefix *address = &g_array_index(dp->addresses, struct prefix, i);
		guint32 other;

		if (link_who_has(dp->rt, address, dp->ifindex, &other, NULL) && other &&
		    if_indextoname(other, ifname))
			append(all, address, "is this node's address in the network, and an "
			       "address of the interface %s, too: remove it there", ifname);
	}
	return g_string_free(all, !all->len);
}

void dataplane_look_for_own_addresses(struct dataplane *dp)
{
	g_autofree char *before = g_steal_pointer(&dp->address_error);

	dp->address_error = address_error(dp);
	if (g_strcmp0(before, dp->address_error) == 0)
		return;
	if (dp->address_error)
		log_warning("%s: %s", dp->ifname, dp->address_error);
	else
		log_info("%s: nothing else has this node's addresses any more", dp->ifname);
}

bool dataplane_is_own_address(const struct dataplane *dp, const struct prefix *address)
{
	for (guint i = 0; i < dp->addresses->len; i++) {
		if (prefix_equal_address(&g_array_index(dp->addresses, struct prefix, i), address))
			return true;
	}
	return false;
}

const char *dataplane_address_error(const struct dataplane *dp)
{
	return dp->address_error;
}
