// SPDX-License-Identifier: GPL-2.0
/*
 * Reading interfaces, addresses, rules and routes, all at once.
 */
#include "link-view.h"

#include <errno.h>
#include <linux/fib_rules.h>
#include <linux/rtnetlink.h>
#include <string.h>

#include "link-view-private.h"

/**
 * struct reading - what is read at the moment
 * @view: where it goes
 * @family: of the routes or rules that are asked for
 */
struct reading {
	struct link_view *view;
	sa_family_t family;
};

/**
 * struct route - a route, or one of the ways of a route that has several
 * @fib: the route as the kernel describes it
 * @gateway: the address of the router; NULL when there is none
 */
struct route {
	struct link_fib_route fib;
	struct nlattr *gateway;
};

struct link_node *link_view_node(const struct link_view *view, guint32 ifindex)
{
	return g_hash_table_lookup(view->nodes, GUINT_TO_POINTER(ifindex));
}

static void free_node(void *data)
{
	struct link_node *node = data;

	g_array_unref(node->ends);
	g_free(node);
}

static void add_table(struct link_view *view, guint32 table)
{
	if (table && table != RT_TABLE_LOCAL)
		g_hash_table_add(view->tables, GUINT_TO_POINTER(table));
}

/* Interfaces and addresses */

static bool read_links(struct link_view *view, struct netlink *nl, GError **error)
{
	g_autoptr(GArray) links = link_list(nl, error);

	for (guint i = 0; links && i < links->len; i++) {
		struct link_node *node = g_new0(struct link_node, 1);

		node->link = g_array_index(links, struct link, i);
		node->ends = g_array_new(FALSE, FALSE, sizeof(struct endpoint));
		if (endpoint_is_set(&node->link.tunnel_remote))
			g_array_append_val(node->ends, node->link.tunnel_remote);
		add_table(view, node->link.vrf_table);
		g_hash_table_insert(view->nodes, GUINT_TO_POINTER(node->link.ifindex), node);
	}
	return links;
}

static bool read_addresses(struct link_view *view, struct netlink *nl, GError **error)
{
	view->addresses = link_address_list(nl, 0, error);
	return view->addresses;
}

/* Rules */

static void forget_nothing(G_GNUC_UNUSED void *data)
{
}

static bool read_rule(const struct nlmsghdr *reply, void *data, G_GNUC_UNUSED GError **error)
{
	static const struct nla_policy policy[FRA_MAX + 1] = { [FRA_TABLE] = { .type = NLA_U32 } };
	const struct fib_rule_hdr *header;
	struct reading *reading = data;
	struct nlattr *a[FRA_MAX + 1];

	if (nlmsg_parse((void *)reply, sizeof(*header), a, FRA_MAX, policy) < 0)
		return false;
	header = nlmsg_data(reply);
	if (header->action == FR_ACT_TO_TBL)
		add_table(reading->view,
			  a[FRA_TABLE] ? nla_get_u32(a[FRA_TABLE]) : header->table);
	return true;
}

/* A kernel without rules has its main table alone. */
static void read_rules(struct link_view *view, struct netlink *nl, sa_family_t family)
{
	g_autoptr(netlink_msg) msg = netlink_message(RTM_GETRULE, 0, sizeof(struct fib_rule_hdr));
	struct fib_rule_hdr header = { .family = family };
	struct reading reading = { .view = view };

	add_table(view, RT_TABLE_MAIN);
	nlmsg_append(msg, &header, sizeof(header), NLMSG_ALIGNTO);
	netlink_dump(nl, msg, "cannot list the rules", forget_nothing, read_rule, &reading, NULL);
}

/* Routes */

static bool is_connected(const struct link_view *view, const struct route *route)
{
	if (route->gateway)
		return false;
	for (guint i = 0; i < view->addresses->len; i++) {
		const struct link_address *address =
			&g_array_index(view->addresses, struct link_address, i);

		if (address->ifindex == route->fib.ifindex &&
		    link_same_network(&address->prefix, &route->fib.destination))
			return true;
	}
	return route->fib.protocol == RTPROT_KERNEL;
}

static void add_exit(struct link_view *view, const struct route *route)
{
	struct link_exit leave = {
		.family = route->fib.destination.family,
		.length = route->fib.destination.length,
		.table = route->fib.table,
		.metric = route->fib.metric,
		.ifindex = route->fib.ifindex,
	};

	if (route->gateway)
		memcpy(leave.gateway, nla_data(route->gateway),
		       MIN((gsize)nla_len(route->gateway), sizeof(leave.gateway)));
	g_array_append_val(view->exits, leave);
}

/* A tunnel without a far end of its own sends to the routers that routes into it name. */
static void add_end(struct link_node *node, const struct route *route)
{
	struct endpoint end;

	if (!route->gateway || !link_is_tunnel(&node->link) || node->ends->len >= LINK_MAX_ENDS ||
	    endpoint_is_set(&node->link.tunnel_remote))
		return;
	if (endpoint_from_address(&end, nla_data(route->gateway), nla_len(route->gateway), 0))
		g_array_append_val(node->ends, end);
}

static void take_note(struct link_view *view, const struct route *route)
{
	const struct link_fib_route *fib = &route->fib;
	struct link_node *node = link_view_node(view, fib->ifindex);

	if (!node || !g_hash_table_contains(view->tables, GUINT_TO_POINTER(fib->table)))
		return;
	if (fib->protocol == LINK_ROUTE_PROTOCOL) {
		node->ours = true;
		return;
	}
	add_end(node, route);
	node->leads |= !is_connected(view, route);
	if (fib->destination.length > LINK_WIDE_LENGTH)
		return;
	node->wide[fib->destination.family == AF_INET6] = true;
	add_exit(view, route);
}

static void take_note_of_all(struct link_view *view, struct route *route, struct nlattr *several)
{
	static const struct nla_policy policy[RTA_MAX + 1];
	struct nlattr *a[RTA_MAX + 1];
	struct rtnexthop *hop = nla_data(several);
	int rest = nla_len(several);

	for (; RTNH_OK(hop, rest); rest -= RTNH_ALIGN(hop->rtnh_len), hop = RTNH_NEXT(hop)) {
		if (nla_parse(a, RTA_MAX, (struct nlattr *)RTNH_DATA(hop),
			      hop->rtnh_len - sizeof(*hop), policy) < 0)
			return;
		route->fib.ifindex = hop->rtnh_ifindex;
		route->gateway = a[RTA_GATEWAY];
		take_note(view, route);
	}
}

static bool read_route(const struct nlmsghdr *reply, void *data, G_GNUC_UNUSED GError **error)
{
	const struct rtmsg *header = nlmsg_data(reply);
	struct reading *reading = data;
	struct nlattr *a[RTA_MAX + 1];
	struct route route;

	if (nlmsg_datalen(reply) < (int)sizeof(*header))
		return false;
	/* a kernel without IPv6 answers who asks for its routes with those of IPv4 */
	if (header->rtm_family != reading->family || header->rtm_type != RTN_UNICAST ||
	    header->rtm_flags & RTM_F_CLONED)
		return true;
	if (!link_route_parse_attributes(reply, a, &route.fib))
		return false;
	route.gateway = a[RTA_GATEWAY];
	if (a[RTA_MULTIPATH])
		take_note_of_all(reading->view, &route, a[RTA_MULTIPATH]);
	else
		take_note(reading->view, &route);
	return true;
}

static void begin_routes(void *data)
{
	struct reading *reading = data;
	GArray *exits = reading->view->exits;

	for (guint i = exits->len; i-- > 0;) {
		if (g_array_index(exits, struct link_exit, i).family == reading->family)
			g_array_remove_index(exits, i);
	}
}

static bool read_routes(struct link_view *view, struct netlink *nl, sa_family_t family,
			GError **error)
{
	g_autoptr(netlink_msg) msg = netlink_message(RTM_GETROUTE, 0, sizeof(struct rtmsg));
	struct rtmsg header = { .rtm_family = family };
	struct reading reading = { .view = view, .family = family };
	g_autoptr(GError) problem = NULL;

	nlmsg_append(msg, &header, sizeof(header), NLMSG_ALIGNTO);
	/* ENOENT: a network namespace without any route has no table either */
	if (netlink_dump(nl, msg, "cannot list the routes", begin_routes, read_route, &reading,
			 &problem) ||
	    g_error_matches(problem, NETLINK_ERROR, ENOENT))
		return true;
	g_propagate_error(error, g_steal_pointer(&problem));
	return false;
}

static int compare_exits(const void *a, const void *b)
{
	return memcmp(a, b, sizeof(struct link_exit));
}

static bool read_all(struct link_view *view, struct netlink *nl, GError **error)
{
	if (!read_links(view, nl, error) || !read_addresses(view, nl, error))
		return false;
	read_rules(view, nl, AF_INET);
	read_rules(view, nl, AF_INET6);
	if (!read_routes(view, nl, AF_INET, error) || !read_routes(view, nl, AF_INET6, error))
		return false;
	g_array_sort(view->exits, compare_exits);
	return true;
}

struct link_view *link_view_read(struct netlink *nl, const char *mesh, GError **error)
{
	g_autoptr(link_view) view = g_new0(struct link_view, 1);

	view->nodes = g_hash_table_new_full(NULL, NULL, NULL, free_node);
	view->tables = g_hash_table_new(NULL, NULL);
	view->exits = g_array_new(FALSE, TRUE, sizeof(struct link_exit));
	view->underlay = g_array_new(FALSE, TRUE, sizeof(struct link_underlay));
	if (!read_all(view, nl, error))
		return NULL;
	link_view_find_carried(view, nl, mesh);
	link_view_find_underlay(view);
	return g_steal_pointer(&view);
}

void link_view_free(struct link_view *view)
{
	if (!view)
		return;
	g_hash_table_unref(view->nodes);
	g_hash_table_unref(view->tables);
	g_clear_pointer(&view->addresses, g_array_unref);
	g_array_unref(view->exits);
	g_array_unref(view->underlay);
	g_free(view);
}

bool link_view_is_carried(const struct link_view *view, guint32 ifindex)
{
	const struct link_node *node = link_view_node(view, ifindex);

	return node && node->carried;
}

const GArray *link_view_underlay(const struct link_view *view)
{
	return view->underlay;
}

bool link_view_same_exits(const struct link_view *a, const struct link_view *b)
{
	return a->exits->len == b->exits->len &&
	       memcmp(a->exits->data, b->exits->data,
		      a->exits->len * sizeof(struct link_exit)) == 0;
}
