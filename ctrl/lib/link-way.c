// SPDX-License-Identifier: GPL-2.0
/*
 * How the kernel would send a packet: it is asked, for rules, marks and VRFs are its own business.
 */
#include <errno.h>
#include <linux/rtnetlink.h>

#include "link-private.h"
#include "link-view.h"

/* Two addresses and a mark, with the attributes around them. */
#define REQUEST_SIZE 96

static struct nl_msg *question(const struct endpoint *to, guint32 mark, unsigned int flags)
{
	struct nl_msg *msg = netlink_message(RTM_GETROUTE, 0, sizeof(struct rtmsg) + REQUEST_SIZE);
	struct rtmsg header = { .rtm_family = to->sa.sa_family, .rtm_flags = flags };
	const void *bytes;
	gsize size;

	bytes = endpoint_address(to, &size);
	header.rtm_dst_len = size * 8;
	nlmsg_append(msg, &header, sizeof(header), NLMSG_ALIGNTO);
	netlink_put(msg, RTA_DST, bytes, size);
	if (mark)
		netlink_put_u32(msg, RTA_MARK, mark);
	return msg;
}

static bool read_way(const struct nlmsghdr *reply, void *data, G_GNUC_UNUSED GError **error)
{
	static const struct nla_policy policy[RTA_MAX + 1] = { [RTA_OIF] = { .type = NLA_U32 } };
	struct nlattr *a[RTA_MAX + 1];
	const struct rtmsg *header;
	struct link_way *way = data;

	if (nlmsg_parse((void *)reply, sizeof(*header), a, RTA_MAX, policy) < 0)
		return false;
	header = nlmsg_data(reply);
	if (a[RTA_OIF] && header->rtm_type != RTN_LOCAL)
		way->ifindex = nla_get_u32(a[RTA_OIF]);
	if (a[RTA_PREFSRC])
		endpoint_from_address(&way->source, nla_data(a[RTA_PREFSRC]),
				      nla_len(a[RTA_PREFSRC]), 0);
	if (a[RTA_GATEWAY])
		endpoint_from_address(&way->gateway, nla_data(a[RTA_GATEWAY]),
				      nla_len(a[RTA_GATEWAY]), 0);
	return true;
}

static bool read_length(const struct nlmsghdr *reply, void *data, G_GNUC_UNUSED GError **error)
{
	guint8 *length = data;

	if (nlmsg_datalen(reply) < (int)sizeof(struct rtmsg))
		return false;
	*length = ((const struct rtmsg *)nlmsg_data(reply))->rtm_dst_len;
	return true;
}

bool link_way(struct netlink *nl, const struct endpoint *to, guint32 mark, struct link_way *way,
	      GError **error)
{
	g_autoptr(netlink_msg) where = question(to, mark, 0);
	char text[ENDPOINT_STRLEN];
	g_autofree char *what = g_strdup_printf("no way to %s", endpoint_print(to, text));

	*way = (struct link_way){};
	return netlink_request(nl, where, what, read_way, way, error);
}

bool link_way_is_wide(struct netlink *nl, const struct endpoint *to)
{
	g_autoptr(netlink_msg) which = question(to, 0, RTM_F_FIB_MATCH);
	guint8 length = 0;

	return !netlink_request(nl, which, "no way", read_length, &length, NULL) ||
	       length <= LINK_WIDE_LENGTH;
}

bool link_way_from(struct netlink *nl, const struct endpoint *from, const struct endpoint *to,
		   struct link_way *way, GError **error)
{
	g_autoptr(netlink_msg) where = question(to, 0, 0);
	struct rtmsg *header = nlmsg_data(nlmsg_hdr(where));
	const void *bytes;
	gsize size;

	bytes = endpoint_address(from, &size);
	header->rtm_src_len = size * 8;
	netlink_put(where, RTA_SRC, bytes, size);
	*way = (struct link_way){ .source = *from };
	return netlink_request(nl, where, "no way from there", read_way, way, error);
}

/* Where the routes of everything lead into a mesh, the way outside is what they led to before. */
static bool take_uplink(const struct link_view *view, const struct endpoint *to,
			struct link_way *way)
{
	const GArray *all = link_view_underlay(view);

	for (guint i = 0; i < all->len; i++) {
		const struct link_underlay *one = &g_array_index(all, struct link_underlay, i);

		if (one->worth != LINK_WORTH_DEFAULT || one->fading ||
		    one->address.sa.sa_family != to->sa.sa_family)
			continue;
		way->ifindex = one->ifindex;
		way->source = one->address;
		way->gateway = (struct endpoint){};
		way->detour = true;
		return true;
	}
	return false;
}

bool link_way_outside(const struct endpoint *to, struct link_way *way, GError **error)
{
	g_autoptr(netlink) nl = netlink_open(NETLINK_ROUTE, error);
	g_autoptr(link_view) view = NULL;
	char text[ENDPOINT_STRLEN];
	struct link link = {};

	if (!nl || !link_way(nl, to, 0, way, error))
		return false;
	/* nothing to find out about hardware, and little to be read */
	if (!way->ifindex ||
	    (link_find_index(nl, way->ifindex, &link, NULL) && !*link.kind && !link.lower))
		return true;
	view = link_view_read(nl, NULL, error);
	if (!view)
		return false;
	if (!link_view_is_carried(view, way->ifindex) || take_uplink(view, to, way))
		return true;
	return netlink_fail(error, ELOOP, "the way to %s leads through the mesh itself, by the "
			    "interface %s: give it a route of its own",
			    endpoint_print(to, text), link.name);
}

static bool has_address(struct netlink *nl, const struct endpoint *address)
{
	struct prefix prefix;
	guint32 ifindex;

	return prefix_from_endpoint(&prefix, address) &&
	       link_who_has(nl, &prefix, 0, &ifindex, NULL) && ifindex;
}

bool link_way_stands(const struct endpoint *to, const struct link_way *way)
{
	g_autoptr(netlink) nl = netlink_open(NETLINK_ROUTE, NULL);
	struct link_way now;

	if (!nl || !endpoint_is_set(&way->source) || !has_address(nl, &way->source))
		return false;
	if (way->detour)
		return link_way_outside(to, &now, NULL) && now.ifindex == way->ifindex;
	return link_way_from(nl, &way->source, to, &now, NULL) && now.ifindex == way->ifindex &&
	       endpoint_equal_address(&now.gateway, &way->gateway);
}
