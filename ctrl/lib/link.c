// SPDX-License-Identifier: GPL-2.0
/* Network interfaces, by rtnetlink. */
#include "link.h"

#include <errno.h>
#include <linux/if_link.h>
#include <linux/if_tunnel.h>
#include <linux/ipv6.h>
#include <linux/rtnetlink.h>
#include <string.h>

#include "link-private.h"

/* A name, a kind and an MTU, with the attributes around them. */
#define REQUEST_SIZE 256

static const struct nla_policy link_policy[IFLA_MAX + 1] = {
	[IFLA_IFNAME] = { .type = NLA_STRING, .maxlen = IFNAMSIZ },
	[IFLA_MTU] = { .type = NLA_U32 },
	[IFLA_LINK] = { .type = NLA_U32 },
	[IFLA_MASTER] = { .type = NLA_U32 },
	[IFLA_LINKINFO] = { .type = NLA_NESTED },
	[IFLA_AF_SPEC] = { .type = NLA_NESTED },
};

static const struct nla_policy info_policy[IFLA_INFO_MAX + 1] = {
	[IFLA_INFO_KIND] = { .type = NLA_STRING },
	[IFLA_INFO_DATA] = { .type = NLA_NESTED },
};

/* Where the kinds of tunnels have their addresses, for IPv4 and for IPv6. */
static const struct {
	const char *kind;
	int local[2];
	int remote[2];
} tunnels[] = {
	{ "vxlan", { IFLA_VXLAN_LOCAL, IFLA_VXLAN_LOCAL6 }, { IFLA_VXLAN_GROUP, IFLA_VXLAN_GROUP6 } },
	{ "geneve", {}, { IFLA_GENEVE_REMOTE, IFLA_GENEVE_REMOTE6 } },
	{ "gre", { IFLA_GRE_LOCAL }, { IFLA_GRE_REMOTE } },
	{ "gretap", { IFLA_GRE_LOCAL }, { IFLA_GRE_REMOTE } },
	{ "erspan", { IFLA_GRE_LOCAL }, { IFLA_GRE_REMOTE } },
	{ "ip6gre", { IFLA_GRE_LOCAL }, { IFLA_GRE_REMOTE } },
	{ "ip6gretap", { IFLA_GRE_LOCAL }, { IFLA_GRE_REMOTE } },
	{ "ip6erspan", { IFLA_GRE_LOCAL }, { IFLA_GRE_REMOTE } },
	{ "ipip", { IFLA_IPTUN_LOCAL }, { IFLA_IPTUN_REMOTE } },
	{ "sit", { IFLA_IPTUN_LOCAL }, { IFLA_IPTUN_REMOTE } },
	{ "ip6tnl", { IFLA_IPTUN_LOCAL }, { IFLA_IPTUN_REMOTE } },
	{ "vti", { IFLA_VTI_LOCAL }, { IFLA_VTI_REMOTE } },
	{ "vti6", { IFLA_VTI_LOCAL }, { IFLA_VTI_REMOTE } },
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

static void read_address(struct nlattr *data, const int attributes[static 2], struct endpoint *ep)
{
	for (int i = 0; i < 2; i++) {
		struct nlattr *a = attributes[i] ? find_inside(data, attributes[i]) : NULL;

		if (a && endpoint_from_address(ep, nla_data(a), nla_len(a), 0) &&
		    !endpoint_is_wildcard(ep))
			return;
		*ep = (struct endpoint){};
	}
}

static void read_kind(struct link *link, struct nlattr *data)
{
	struct nlattr *table = find_inside(data, IFLA_VRF_TABLE);

	if (strcmp(link->kind, "vrf") == 0 && table && nla_len(table) == sizeof(guint32))
		link->vrf_table = nla_get_u32(table);
	for (guint i = 0; data && i < G_N_ELEMENTS(tunnels); i++) {
		if (strcmp(link->kind, tunnels[i].kind) != 0)
			continue;
		read_address(data, tunnels[i].local, &link->tunnel_local);
		read_address(data, tunnels[i].remote, &link->tunnel_remote);
	}
}

bool link_is_tunnel(const struct link *link)
{
	for (guint i = 0; i < G_N_ELEMENTS(tunnels); i++) {
		if (strcmp(link->kind, tunnels[i].kind) == 0)
			return true;
	}
	return false;
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
		.lower = a[IFLA_LINK] ? nla_get_u32(a[IFLA_LINK]) : 0,
		.lower_elsewhere = a[IFLA_LINK_NETNSID],
		.master = a[IFLA_MASTER] ? nla_get_u32(a[IFLA_MASTER]) : 0,
	};
	nla_strlcpy(link->name, a[IFLA_IFNAME], sizeof(link->name));
	if (!a[IFLA_LINKINFO])
		return true;
	if (nla_parse_nested(info, IFLA_INFO_MAX, a[IFLA_LINKINFO], info_policy) < 0)
		return false;
	if (info[IFLA_INFO_KIND])
		nla_strlcpy(link->kind, info[IFLA_INFO_KIND], sizeof(link->kind));
	read_kind(link, info[IFLA_INFO_DATA]);
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

bool link_find_altname(struct netlink *nl, const char *name, struct link *link, GError **error)
{
	g_autoptr(netlink_msg) msg = link_message(RTM_GETLINK, 0, 0);

	netlink_put(msg, IFLA_ALT_IFNAME, name, strlen(name) + 1);
	netlink_put_u32(msg, IFLA_EXT_MASK, RTEXT_FILTER_SKIP_STATS);
	return netlink_request(nl, msg, "cannot find the interface", read_link, link, error);
}

static bool change_altname(struct netlink *nl, guint32 ifindex, guint16 type, const char *name,
			   GError **error)
{
	g_autoptr(netlink_msg) msg =
		link_message(type, type == RTM_NEWLINKPROP ? NLM_F_CREATE | NLM_F_EXCL : 0, ifindex);
	struct nlattr *names = nla_nest_start(msg, IFLA_PROP_LIST | NLA_F_NESTED);

	netlink_put(msg, IFLA_ALT_IFNAME, name, strlen(name) + 1);
	nla_nest_end(msg, names);
	return netlink_request(nl, msg, "cannot change the other names of the interface", NULL,
			       NULL, error);
}

bool link_add_altname(struct netlink *nl, guint32 ifindex, const char *name, GError **error)
{
	return change_altname(nl, ifindex, RTM_NEWLINKPROP, name, error);
}

bool link_remove_altname(struct netlink *nl, guint32 ifindex, const char *name, GError **error)
{
	return change_altname(nl, ifindex, RTM_DELLINKPROP, name, error);
}

bool link_find_index(struct netlink *nl, guint32 ifindex, struct link *link, GError **error)
{
	g_autoptr(netlink_msg) msg = link_message(RTM_GETLINK, 0, ifindex);

	netlink_put_u32(msg, IFLA_EXT_MASK, RTEXT_FILTER_SKIP_STATS);
	return netlink_request(nl, msg, "cannot find the interface", read_link, link, error);
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

static bool set_down(struct netlink *nl, guint32 ifindex, GError **error)
{
	g_autoptr(netlink_msg) msg = link_message(RTM_NEWLINK, 0, ifindex);
	struct ifinfomsg *header = nlmsg_data(nlmsg_hdr(msg));

	header->ifi_change = IFF_UP;
	return netlink_request(nl, msg, "cannot set the interface down", NULL, NULL, error);
}

static bool set_name(struct netlink *nl, guint32 ifindex, const char *name, GError **error)
{
	g_autoptr(netlink_msg) msg = link_message(RTM_NEWLINK, 0, ifindex);

	netlink_put(msg, IFLA_IFNAME, name, strlen(name) + 1);
	return netlink_request(nl, msg, "cannot rename the interface", NULL, NULL, error);
}

bool link_rename(struct netlink *nl, guint32 ifindex, const char *name, GError **error)
{
	g_autoptr(GError) problem = NULL;

	if (set_name(nl, ifindex, name, &problem))
		return true;
	/* kernels before 6.2 rename nothing that is up */
	if (g_error_matches(problem, NETLINK_ERROR, EBUSY))
		return set_down(nl, ifindex, error) && set_name(nl, ifindex, name, error);
	g_propagate_error(error, g_steal_pointer(&problem));
	return false;
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
