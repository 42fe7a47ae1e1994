// SPDX-License-Identifier: GPL-2.0
/* The routes to the peers: what is wanted compared with what the kernel has. */
#include <errno.h>
#include <linux/ipv6_route.h>
#include <linux/rtnetlink.h>

#include "dataplane-private.h"
#include "lib/log.h"
#include "path-mtu.h"

/* Two peers may have exchanged their addresses: what is another one's by now stays. */
void dataplane_forget_routes(struct dataplane_peer *peer)
{
	struct dataplane *dp = peer->dp;

	for (guint i = 0; i < peer->route_count; i++) {
		struct dataplane_route *route = &peer->routes[i];

		g_hash_table_remove(dp->suspect_routes, route);
		dp->blocked -= route->blocked;
		if (g_hash_table_lookup(dp->routes, &route->destination) == route)
			g_hash_table_remove(dp->routes, &route->destination);
	}
	peer->route_count = 0;
}

void dataplane_expect_routes(struct dataplane_peer *peer)
{
	dataplane_forget_routes(peer);
	for (guint i = 0; i < peer->addresses->len; i++) {
		struct dataplane_route *route = &peer->routes[peer->route_count++];

		*route = (struct dataplane_route){
			.destination = g_array_index(peer->addresses, struct prefix, i),
			.peer = peer,
		};
		g_hash_table_replace(peer->dp->routes, &route->destination, route);
	}
}

/* What the routes to a peer are to have: no more than the interface takes is as good as none. */
static guint32 route_mtu(const struct dataplane_peer *peer)
{
	guint32 mtu_bytes = path_mtu_inside(dataplane_selected(peer));

	return mtu_bytes < peer->dp->link_mtu_bytes ? mtu_bytes : 0;
}

bool dataplane_routes_fit(const struct dataplane_peer *peer)
{
	return route_mtu(peer) == peer->route_mtu_bytes;
}

static struct link_route wanted_route(const struct dataplane_route *route)
{
	guint32 mtu_bytes = route_mtu(route->peer);
	struct link_route wanted = { .destination = route->destination };

	if (mtu_bytes)
		wanted.mtu_bytes = path_mtu_of_family(mtu_bytes, route->destination.family);
	return wanted;
}

/* Another's route costs this peer its own, and nobody else: when it goes, we are told. */
static void set_blocked(struct dataplane_route *route, const char *why)
{
	struct dataplane *dp = route->peer->dp;
	char text[PREFIX_STRLEN];

	if (why && !route->blocked)
		log_limited(LOG_LEVEL_WARNING, "%s: %s; the peer cannot be reached there until it "
			    "is removed", dp->ifname, why);
	else if (!why && route->blocked)
		log_info("%s: %s is reached by this interface now", dp->ifname,
			 prefix_print(&route->destination, text));
	dp->blocked += (why != NULL) - route->blocked;
	route->blocked = why;
}

static bool sync_route(struct dataplane_route *route, GError **error)
{
	struct dataplane *dp = route->peer->dp;
	struct link_route wanted = wanted_route(route);
	g_autoptr(GError) failure = NULL;
	bool was_there;

	if (!dataplane_takes(dp, &route->destination) ||
	    (route->there && route->mtu_bytes == wanted.mtu_bytes))
		return true;
	if (link_add_route(dp->rt, dp->ifindex, &wanted, &was_there, &failure)) {
		/* the kernel leaves some out when others change while it lists them */
		if (!was_there)
			dataplane_mended(dp, MENDED_ROUTES, 1);
		set_blocked(route, NULL);
		route->there = true;
		route->mtu_bytes = wanted.mtu_bytes;
		return true;
	}
	if (g_error_matches(failure, NETLINK_ERROR, EEXIST)) {
		set_blocked(route, failure->message);
		return true;
	}
	g_propagate_error(error, g_steal_pointer(&failure));
	return false;
}

bool dataplane_sync_routes_to(struct dataplane_peer *peer, GError **error)
{
	peer->route_mtu_bytes = route_mtu(peer);
	for (guint i = 0; i < peer->route_count; i++) {
		if (!sync_route(&peer->routes[i], error))
			return false;
	}
	return true;
}

static void forget_what_is_there(struct dataplane *dp)
{
	struct dataplane_route *route;
	GHashTableIter iter;

	g_hash_table_iter_init(&iter, dp->routes);
	while (g_hash_table_iter_next(&iter, NULL, (void **)&route))
		route->there = false;
}

/* What is there is taken note of; what nobody wants is removed. */
static bool read_routes(struct dataplane *dp, GError **error)
{
	g_autoptr(GArray) there = link_list_routes(dp->rt, dp->ifindex, error);

	if (!there)
		return false;
	forget_what_is_there(dp);
	for (guint i = 0; i < there->len; i++) {
		const struct link_route *found = &g_array_index(there, struct link_route, i);
		struct dataplane_route *route =
			g_hash_table_lookup(dp->routes, &found->destination);

		if (route) {
			route->there = true;
			route->mtu_bytes = found->mtu_bytes;
		} else if (dp->complete && !link_remove_route(dp->rt, dp->ifindex,
							      &found->destination, error)) {
			return false;
		}
	}
	return true;
}

bool dataplane_sync_routes(struct dataplane *dp, GError **error)
{
	struct dataplane_peer *peer;
	GHashTableIter iter;

	if (!read_routes(dp, error))
		return false;
	dp->all_routes = false;
	g_hash_table_remove_all(dp->suspect_routes);
	g_hash_table_iter_init(&iter, dp->peers);
	while (g_hash_table_iter_next(&iter, NULL, (void **)&peer)) {
		if (!dataplane_sync_routes_to(peer, error))
			return false;
	}
	return true;
}

bool dataplane_sync_suspect_routes(struct dataplane *dp, GError **error)
{
	struct dataplane_route *route;
	GHashTableIter iter;

	g_hash_table_iter_init(&iter, dp->suspect_routes);
	while (g_hash_table_iter_next(&iter, (void **)&route, NULL)) {
		g_hash_table_iter_remove(&iter);
		if (!sync_route(route, error))
			return false;
	}
	return true;
}

/* The kernel's metric of a route that names none. */
static guint32 our_metric(const struct prefix *destination)
{
	return destination->family == AF_INET6 ? IP6_RT_PRIO_USER : 0;
}

static bool is_suspect(const struct dataplane_route *route)
{
	return !route->there || route->mtu_bytes != wanted_route(route).mtu_bytes;
}

bool dataplane_route_event(struct dataplane *dp, const struct link_event *event)
{
	const struct link_fib_route *seen = &event->route;
	struct dataplane_route *route = g_hash_table_lookup(dp->routes, &seen->destination);
	bool ours = seen->protocol == LINK_ROUTE_PROTOCOL && seen->ifindex == dp->ifindex;

	if (!route || seen->table != RT_TABLE_MAIN ||
	    seen->metric != our_metric(&seen->destination))
		return false;
	if (ours) {
		route->there = !event->gone;
		route->mtu_bytes = seen->mtu_bytes;
	} else if (event->replaces) {
		route->there = false;
	}
	if (!is_suspect(route))
		g_hash_table_remove(dp->suspect_routes, route);
	else if (ours || event->gone || event->replaces)
		return g_hash_table_add(dp->suspect_routes, route);
	return false;
}

bool dataplane_suspect_blocked_routes(struct dataplane *dp)
{
	struct dataplane_route *route;
	GHashTableIter iter;

	if (!dp->blocked)
		return false;
	g_hash_table_iter_init(&iter, dp->routes);
	while (g_hash_table_iter_next(&iter, NULL, (void **)&route)) {
		if (route->blocked)
			g_hash_table_add(dp->suspect_routes, route);
	}
	return true;
}
