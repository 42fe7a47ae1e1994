// SPDX-License-Identifier: GPL-2.0
/* Routes: adding, removing, and finding the one that packets take. */
#include <errno.h>
#include <linux/rtnetlink.h>
#include <netlink/route/route.h>

#include "link-private.h"

/* Destination, interface, table and MTU, with the attributes around them. */
#define REQUEST_SIZE 64

/**
 * struct route_list - our routes into an interface, as they are read
 * @ifindex: of the interface
 * @family: of the routes
 * @routes: array of struct link_route
 */
struct route_list {
	guint32 ifindex;
	sa_family_t family;
	GArray *routes;
};

static struct nl_msg *route_message(guint16 type, guint16 flags, guint32 ifindex,
				    sa_family_t family)
{
	struct nl_msg *msg = netlink_message(type, flags, sizeof(struct rtmsg) + REQUEST_SIZE);
	struct rtmsg header = {
		.rtm_family = family,
		.rtm_table = RT_TABLE_MAIN,
		.rtm_protocol = LINK_ROUTE_PROTOCOL,
		.rtm_type = RTN_UNICAST,
	};

	nlmsg_append(msg, &header, sizeof(header), NLMSG_ALIGNTO);
	netlink_put_u32(msg, RTA_OIF, ifindex);
	return msg;
}

static void put_destination(struct nl_msg *msg, const struct prefix *destination, guint8 scope)
{
	struct rtmsg *header = nlmsg_data(nlmsg_hdr(msg));
	const void *address;
	gsize size;

	header->rtm_dst_len = destination->length;
	header->rtm_scope = destination->family == AF_INET ? scope : RT_SCOPE_UNIVERSE;
	address = prefix_address(destination, &size);
	if (address)
		netlink_put(msg, RTA_DST, address, size);
}

static void begin_list(void *data)
{
	struct route_list *list = data;

	g_array_set_size(list->routes, 0);
}

static bool read_mtu(struct nlattr *metrics, guint32 *mtu_bytes)
{
	static const struct nla_policy policy[RTAX_MAX + 1] = {
		[RTAX_MTU] = { .type = NLA_U32 },
	};
	struct nlattr *a[RTAX_MAX + 1];

	*mtu_bytes = 0;
	if (!metrics)
		return true;
	if (nla_parse_nested(a, RTAX_MAX, metrics, policy) < 0)
		return false;
	if (a[RTAX_MTU])
		*mtu_bytes = nla_get_u32(a[RTAX_MTU]);
	return true;
}

bool link_route_parse_attributes(const struct nlmsghdr *message, struct nlattr **a,
				 struct link_fib_route *route)
{
	static const struct nla_policy policy[RTA_MAX + 1] = {
		[RTA_OIF] = { .type = NLA_U32 },
		[RTA_TABLE] = { .type = NLA_U32 },
		[RTA_PRIORITY] = { .type = NLA_U32 },
		[RTA_METRICS] = { .type = NLA_NESTED },
	};
	const struct rtmsg *header;

	if (nlmsg_parse((void *)message, sizeof(*header), a, RTA_MAX, policy) < 0)
		return false;
	header = nlmsg_data(message);
	if (header->rtm_family != AF_INET && header->rtm_family != AF_INET6)
		return false;
	*route = (struct link_fib_route){
		.destination.family = header->rtm_family,
		.ifindex = a[RTA_OIF] ? nla_get_u32(a[RTA_OIF]) : 0,
		.table = a[RTA_TABLE] ? nla_get_u32(a[RTA_TABLE]) : header->rtm_table,
		.protocol = header->rtm_protocol,
		.type = header->rtm_type,
		.metric = a[RTA_PRIORITY] ? nla_get_u32(a[RTA_PRIORITY]) : 0,
	};
	if (a[RTA_DST] &&
	    !prefix_from_address(&route->destination, nla_data(a[RTA_DST]), nla_len(a[RTA_DST]),
				 header->rtm_dst_len))
		return false;
	return read_mtu(a[RTA_METRICS], &route->mtu_bytes);
}

bool link_route_parse(const struct nlmsghdr *message, struct link_fib_route *route)
{
	struct nlattr *a[RTA_MAX + 1];

	return link_route_parse_attributes(message, a, route);
}

static bool is_ours(const struct link_fib_route *route, guint32 ifindex)
{
	return route->protocol == LINK_ROUTE_PROTOCOL && route->table == RT_TABLE_MAIN &&
	       route->ifindex == ifindex;
}

/*
 * The kernel was asked for ours alone; whether it heeded that is checked. One without IPv6 answers
 * who asks for it with all routes.
 */
static bool add_route(const struct nlmsghdr *reply, void *data, G_GNUC_UNUSED GError **error)
{
	struct route_list *list = data;
	struct link_fib_route found;
	struct link_route route;

	/* of a family that no route of ours is of it may be anything */
	if (nlmsg_datalen(reply) >= (int)sizeof(struct rtmsg) &&
	    ((const struct rtmsg *)nlmsg_data(reply))->rtm_family != list->family)
		return true;
	if (!link_route_parse(reply, &found))
		return false;
	if (!is_ours(&found, list->ifindex))
		return true;
	route.destination = found.destination;
	route.mtu_bytes = found.mtu_bytes;
	g_array_append_val(list->routes, route);
	return true;
}

static GArray *list_family(struct netlink *nl, guint32 ifindex, sa_family_t family, GError **error)
{
	g_autoptr(netlink_msg) msg = route_message(RTM_GETROUTE, 0, ifindex, family);
	g_autoptr(GArray) routes = g_array_new(FALSE, FALSE, sizeof(struct link_route));
	struct route_list list = { .ifindex = ifindex, .family = family, .routes = routes };
	g_autoptr(GError) problem = NULL;

	/* ENOENT: a network namespace without any route has no table either. */
	if (netlink_dump(nl, msg, "cannot list the routes", begin_list, add_route, &list,
			 &problem) ||
	    g_error_matches(problem, NETLINK_ERROR, ENOENT))
		return g_steal_pointer(&routes);
	g_propagate_error(error, g_steal_pointer(&problem));
	return NULL;
}

GArray *link_list_routes(struct netlink *nl, guint32 ifindex, GError **error)
{
	g_autoptr(GArray) v4 = list_family(nl, ifindex, AF_INET, error);
	g_autoptr(GArray) v6 = v4 ? list_family(nl, ifindex, AF_INET6, error) : NULL;

	if (!v6)
		return NULL;
	g_array_append_vals(v4, v6->data, v6->len);
	return g_steal_pointer(&v4);
}

static bool read_route(const struct nlmsghdr *reply, void *data, G_GNUC_UNUSED GError **error)
{
	return reply->nlmsg_type != RTM_NEWROUTE || link_route_parse(reply, data);
}

bool link_find_route(struct netlink *nl, const struct prefix *destination,
		     struct link_fib_route *route, GError **error)
{
	g_autoptr(netlink_msg) msg = netlink_message(RTM_GETROUTE, 0,
						     sizeof(struct rtmsg) + REQUEST_SIZE);
	struct rtmsg header = {
		.rtm_family = destination->family,
		.rtm_dst_len = destination->length,
		.rtm_flags = RTM_F_FIB_MATCH,
	};
	char text[PREFIX_STRLEN];
	g_autofree char *what = g_strdup_printf("cannot find the route to %s",
						prefix_print(destination, text));
	const void *address;
	gsize size;

	/* IPv6 tells the table unasked, and takes no other flag. */
	if (destination->family == AF_INET)
		header.rtm_flags |= RTM_F_LOOKUP_TABLE;
	nlmsg_append(msg, &header, sizeof(header), NLMSG_ALIGNTO);
	address = prefix_address(destination, &size);
	if (address)
		netlink_put(msg, RTA_DST, address, size);
	return netlink_request(nl, msg, what, read_route, route, error);
}

char *link_describe_route(const struct link_fib_route *route)
{
	char destination[PREFIX_STRLEN], protocol[32], ifname[IFNAMSIZ];
	const char *to = if_indextoname(route->ifindex, ifname);
	bool main = route->table == RT_TABLE_MAIN;
	g_autofree char *table = g_strdup_printf(" table %u", route->table);

	rtnl_route_proto2str(route->protocol, protocol, sizeof(protocol));
	return g_strdup_printf("%s%s%s proto %s metric %u%s",
			       prefix_print(&route->destination, destination), to ? " dev " : "",
			       to ?: "", protocol, route->metric, main ? "" : table);
}

/* The one in the way is mostly the one that packets take: else all have to be looked through. */
static bool find_ours(struct netlink *nl, guint32 ifindex, const struct prefix *destination,
		      struct link_route *ours, char **other)
{
	struct link_fib_route found = {};
	g_autoptr(GArray) routes = NULL;

	if (link_find_route(nl, destination, &found, NULL) && found.table == RT_TABLE_MAIN &&
	    prefix_equal(&found.destination, destination)) {
		ours->mtu_bytes = found.mtu_bytes;
		if (!is_ours(&found, ifindex))
			*other = link_describe_route(&found);
		return !*other;
	}
	routes = list_family(nl, ifindex, destination->family, NULL);
	for (guint i = 0; routes && i < routes->len; i++) {
		*ours = g_array_index(routes, struct link_route, i);
		if (prefix_equal(&ours->destination, destination))
			return true;
	}
	return false;
}

static bool change_route(struct netlink *nl, struct nl_msg *msg, const char *verb,
			 const struct prefix *destination, GError **error)
{
	char text[PREFIX_STRLEN];
	g_autofree char *what = g_strdup_printf("cannot %s the route to %s", verb,
						prefix_print(destination, text));

	return netlink_request(nl, msg, what, NULL, NULL, error);
}

static bool put_route(struct netlink *nl, guint32 ifindex, const struct link_route *route,
		      guint16 flags, const char *verb, GError **error)
{
	g_autoptr(netlink_msg) msg = route_message(RTM_NEWROUTE, flags, ifindex,
						   route->destination.family);
	struct nlattr *metrics;

	put_destination(msg, &route->destination, RT_SCOPE_LINK);
	if (route->mtu_bytes) {
		metrics = nla_nest_start(msg, RTA_METRICS);
		netlink_put_u32(msg, RTAX_MTU, route->mtu_bytes);
		nla_nest_end(msg, metrics);
	}
	return change_route(nl, msg, verb, &route->destination, error);
}

bool link_add_route(struct netlink *nl, guint32 ifindex, const struct link_route *route,
		    bool *was_there, GError **error)
{
	g_autoptr(GError) problem = NULL;
	g_autofree char *other = NULL;
	struct link_route found;

	*was_there = false;
	if (put_route(nl, ifindex, route, NLM_F_CREATE | NLM_F_EXCL, "add", &problem))
		return true;
	if (!g_error_matches(problem, NETLINK_ERROR, EEXIST)) {
		g_propagate_error(error, g_steal_pointer(&problem));
		return false;
	}
	if (find_ours(nl, ifindex, &route->destination, &found, &other)) {
		*was_there = found.mtu_bytes == route->mtu_bytes;
		return *was_there ||
		       put_route(nl, ifindex, route, NLM_F_REPLACE, "change", error);
	}
	return netlink_fail(error, EEXIST, "%s: %s is in the way", problem->message,
			    other ?: "another route");
}

bool link_remove_route(struct netlink *nl, guint32 ifindex, const struct prefix *destination,
		       GError **error)
{
	g_autoptr(netlink_msg) msg = route_message(RTM_DELROUTE, 0, ifindex, destination->family);
	g_autoptr(GError) problem = NULL;

	/* RT_SCOPE_NOWHERE: of whatever scope. */
	put_destination(msg, destination, RT_SCOPE_NOWHERE);
	if (change_route(nl, msg, "remove", destination, &problem) ||
	    g_error_matches(problem, NETLINK_ERROR, ESRCH))
		return true;
	g_propagate_error(error, g_steal_pointer(&problem));
	return false;
}
