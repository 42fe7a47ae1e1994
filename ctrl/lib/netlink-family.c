// SPDX-License-Identifier: GPL-2.0
/* The number of a generic netlink family. */
#include <errno.h>
#include <linux/genetlink.h>
#include <netlink/genl/genl.h>
#include <string.h>

#include "netlink.h"

struct search {
	const char *name;
	const char *group;
	struct netlink_family found;
};

static guint32 find_group(struct nlattr *groups, const char *name)
{
	static const struct nla_policy policy[CTRL_ATTR_MCAST_GRP_MAX + 1] = {
		[CTRL_ATTR_MCAST_GRP_NAME] = { .type = NLA_STRING },
		[CTRL_ATTR_MCAST_GRP_ID] = { .type = NLA_U32 },
	};
	struct nlattr *attributes[CTRL_ATTR_MCAST_GRP_MAX + 1];
	struct nlattr *group;
	int rest;

	nla_for_each_nested(group, groups, rest) {
		if (nla_parse_nested(attributes, CTRL_ATTR_MCAST_GRP_MAX, group, policy) == 0 &&
		    attributes[CTRL_ATTR_MCAST_GRP_NAME] && attributes[CTRL_ATTR_MCAST_GRP_ID] &&
		    nla_strcmp(attributes[CTRL_ATTR_MCAST_GRP_NAME], name) == 0)
			return nla_get_u32(attributes[CTRL_ATTR_MCAST_GRP_ID]);
	}
	return 0;
}

bool netlink_family_parse(const struct nlmsghdr *reply, const char *name, const char *group,
			  struct netlink_family *family)
{
	static const struct nla_policy policy[CTRL_ATTR_MAX + 1] = {
		[CTRL_ATTR_FAMILY_ID] = { .type = NLA_U16 },
		[CTRL_ATTR_FAMILY_NAME] = { .type = NLA_STRING },
		[CTRL_ATTR_MCAST_GROUPS] = { .type = NLA_NESTED },
	};
	struct nlattr *attributes[CTRL_ATTR_MAX + 1];

	if (reply->nlmsg_type != GENL_ID_CTRL ||
	    genlmsg_parse((void *)reply, 0, attributes, CTRL_ATTR_MAX, policy) < 0 ||
	    !attributes[CTRL_ATTR_FAMILY_ID] || !attributes[CTRL_ATTR_FAMILY_NAME] ||
	    nla_strcmp(attributes[CTRL_ATTR_FAMILY_NAME], name) != 0)
		return false;
	*family = (struct netlink_family){ .id = nla_get_u16(attributes[CTRL_ATTR_FAMILY_ID]) };
	if (group && attributes[CTRL_ATTR_MCAST_GROUPS])
		family->events = find_group(attributes[CTRL_ATTR_MCAST_GROUPS], group);
	return true;
}

static void begin_search(void *data)
{
	struct search *search = data;

	search->found.id = 0;
}

static bool read_family(const struct nlmsghdr *reply, void *data, G_GNUC_UNUSED GError **error)
{
	struct search *search = data;

	netlink_family_parse(reply, search->name, search->group, &search->found);
	return true;
}

/* To ask for one family makes the kernel load its module, to ask for the list does not. */
bool netlink_family(struct netlink *nl, const char *name, const char *group, bool load,
		    struct netlink_family *family, GError **error)
{
	g_autoptr(netlink_msg) msg = netlink_genl_message(GENL_ID_CTRL, CTRL_CMD_GETFAMILY,
							  nla_total_size(GENL_NAMSIZ));
	g_autofree char *what = g_strdup_printf("cannot find the netlink family \"%s\"", name);
	struct search search = { .name = name, .group = group };

	if (load) {
		netlink_put(msg, CTRL_ATTR_FAMILY_NAME, name, strlen(name) + 1);
		if (!netlink_request(nl, msg, what, read_family, &search, error))
			return false;
	} else if (!netlink_dump(nl, msg, what, begin_search, read_family, &search, error)) {
		return false;
	}
	if (!search.found.id)
		return netlink_fail(error, ENOENT, "%s: %s", what, g_strerror(ENOENT));
	*family = search.found;
	return true;
}
