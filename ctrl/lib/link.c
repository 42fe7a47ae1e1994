// SPDX-License-Identifier: GPL-2.0
#include "link.h"

#include <errno.h>
#include <linux/if_link.h>
#include <linux/ipv6.h>
#include <linux/rtnetlink.h>
#include <string.h>

#include "link-private.h"

/* A name, a kind and an MTU, with the attributes around them. */
#define REQUEST_SIZE 256

static const struct nla_policy link_policy[IFLA_MAX + 1] = {
	[IFLA_IFNAME] = { .type = NLA_STRING, .maxlen = IFNAMSIZ },
	[IFLA_MTU] = { .type = NLA_U32 },
	[IFLA_LINKINFO] = { .type = NLA_NESTED },
	[IFLA_AF_SPEC] = { .type = NLA_NESTED },
};

static const struct nla_policy info_policy[IFLA_INFO_MAX + 1] = {
	[IFLA_INFO_KIND] = { .type = NLA_STRING },
};

static struct nl_msg *link_message(guint16 type, guint16 flags, guint32 ifindex)
{
	struct nl_msg *msg = netlink_message(type, flags, sizeof(struct ifinfomsg) + REQUEST_SIZE);
	struct ifinfomsg header = { .ifi_family = AF_UNSPEC, .ifi_index = ifindex };

	nlmsg_append(msg, &header, sizeof(header), NLMSG_ALIGNTO);
	return msg;
}

static struct nlattr *find_inside(struct nlattr *nest, int type)
{
	return nest ? nla_find(nla_data(nest), nla_len(nest), type) : NULL;
}

/* The kernel says nothing of a family that an interface does not take. */
static bool takes_ipv6(struct nlattr *families)
{
	struct nlattr *settings = find_inside(find_inside(families, AF_INET6), IFLA_INET6_CONF);
	gint32 values[DEVCONF_DISABLE_IPV6 + 1];

	if (!settings || nla_len(settings) < (int)sizeof(values))
		return false;
	nla_memcpy(values, settings, sizeof(values));
	return !values[DEVCONF_DISABLE_IPV6];
}

bool link_parse(const struct nlmsghdr *message, struct link *link)
{
	struct nlattr *info[IFLA_INFO_MAX + 1];
	struct nlattr *a[IFLA_MAX + 1];
	const struct ifinfomsg *header;

	if (nlmsg_parse((void *)message, sizeof(*header), a, IFLA_MAX, link_policy) < 0 ||
	    !a[IFLA_IFNAME])
		return false;

	header = nlmsg_data(message);
	*link = (struct link){
		.ifindex = header->ifi_index,
		.mtu_bytes = a[IFLA_MTU] ? nla_get_u32(a[IFLA_MTU]) : 0,
		.loopback = header->ifi_flags & IFF_LOOPBACK,
		.up = header->ifi_flags & IFF_UP,
		.running = header->ifi_flags & IFF_UP && header->ifi_flags & IFF_RUNNING,
		.ipv6 = takes_ipv6(a[IFLA_AF_SPEC]),
	};
	nla_strlcpy(link->name, a[IFLA_IFNAME], sizeof(link->name));
	if (!a[IFLA_LINKINFO])
		return true;
	if (nla_parse_nested(info, IFLA_INFO_MAX, a[IFLA_LINKINFO], info_policy) < 0)
		return false;
	if (info[IFLA_INFO_KIND])
		nla_strlcpy(link->kind, info[IFLA_INFO_KIND], sizeof(link->kind));
	return true;
}

static bool read_link(const struct nlmsghdr *reply, void *data, G_GNUC_UNUSED GError **error)
{
	return reply->nlmsg_type != RTM_NEWLINK || link_parse(reply, data);
}

bool link_find(struct netlink *nl, const char *name, struct link *link, GError **error)
{
	g_autoptr(netlink_msg) msg = link_message(RTM_GETLINK, 0, 0);
	g_autofree char *what = g_strdup_printf("cannot find the interface %s", name);

	if (!*name || strlen(name) >= IFNAMSIZ)
		return netlink_fail(error, ENODEV, "%s: a name has 1 to %d characters", what,
				    IFNAMSIZ - 1);
	netlink_put(msg, IFLA_IFNAME, name, strlen(name) + 1);
	netlink_put_u32(msg, IFLA_EXT_MASK, RTEXT_FILTER_SKIP_STATS);
	return netlink_request(nl, msg, what, read_link, link, error);
}

bool link_find_wireguard(struct netlink *nl, const char *name, struct link *link, GError **error)
{
	if (!link_find(nl, name, link, error))
		return false;
	if (strcmp(link->kind, "wireguard") == 0)
		return true;
	if (!*link->kind)
		g_strlcpy(link->kind, link->loopback ? "loopback" : "hardware", LINK_KIND_SIZE);
	return netlink_fail(error, EEXIST,
			    "the interface %s is no WireGuard interface, but of kind %s: "
			    "use another name", name, link->kind);
}

bool link_create_wireguard(struct netlink *nl, const char *name, struct link *link, GError **error)
{
	g_autoptr(netlink_msg) msg = link_message(RTM_NEWLINK, NLM_F_CREATE | NLM_F_EXCL, 0);
	g_autofree char *what = g_strdup_printf("cannot make the WireGuard interface %s", name);
	g_autoptr(GError) problem = NULL;
	struct nlattr *info;

	if (!*name || strlen(name) >= IFNAMSIZ)
		return netlink_fail(error, EINVAL, "%s: a name has 1 to %d characters", what,
				    IFNAMSIZ - 1);
	netlink_put(msg, IFLA_IFNAME, name, strlen(name) + 1);
	info = nla_nest_start(msg, IFLA_LINKINFO);
	netlink_put(msg, IFLA_INFO_KIND, "wireguard", strlen("wireguard"));
	nla_nest_end(msg, info);
	if (netlink_request(nl, msg, what, NULL, NULL, &problem))
		return link_find(nl, name, link, error);
	if (g_error_matches(problem, NETLINK_ERROR, EOPNOTSUPP))
		return netlink_fail(error, EOPNOTSUPP,
				    "%s: this kernel has no WireGuard: run \"modprobe wireguard\"",
				    what);
	g_propagate_error(error, g_steal_pointer(&problem));
	return false;
}

bool link_delete(struct netlink *nl, guint32 ifindex, GError **error)
{
	g_autoptr(netlink_msg) msg = link_message(RTM_DELLINK, 0, ifindex);

	return netlink_request(nl, msg, "cannot remove the interface", NULL, NULL, error);
}

bool link_set_up(struct netlink *nl, guint32 ifindex, guint32 mtu_bytes, GError **error)
{
	g_autoptr(netlink_msg) msg = link_message(RTM_NEWLINK, 0, ifindex);
	struct ifinfomsg *header = nlmsg_data(nlmsg_hdr(msg));

	header->ifi_flags = IFF_UP;
	header->ifi_change = IFF_UP;
	if (mtu_bytes)
		netlink_put_u32(msg, IFLA_MTU, mtu_bytes);
	return netlink_request(nl, msg, "cannot set the interface up", NULL, NULL, error);
}

static void begin_list(void *data)
{
	g_array_set_size(data, 0);
}

static bool add_link(const struct nlmsghdr *reply, void *data, G_GNUC_UNUSED GError **error)
{
	GArray *links = data;
	struct link link;

	if (!link_parse(reply, &link))
		return false;
	g_array_append_val(links, link);
	return true;
}

GArray *link_list(struct netlink *nl, GError **error)
{
	g_autoptr(netlink_msg) msg = link_message(RTM_GETLINK, 0, 0);
	g_autoptr(GArray) links = g_array_new(FALSE, FALSE, sizeof(struct link));

	netlink_put_u32(msg, IFLA_EXT_MASK, RTEXT_FILTER_SKIP_STATS);
	if (!netlink_dump(nl, msg, "cannot list the interfaces", begin_list, add_link, links,
			  error))
		return NULL;
	return g_steal_pointer(&links);
}
