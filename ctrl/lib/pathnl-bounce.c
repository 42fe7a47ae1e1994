// SPDX-License-Identifier: GPL-2.0
/* The module's requests about bounce servers. */
#include "pathnl-bounce.h"

#include <netlink/genl/genl.h>

#include "pathnl-message.h"
#include "pathnl-private.h"

/* Of a request, in bytes: a pair of IPv6 prefixes takes 68. */
#define REQUEST_SIZE (64 + PATHNL_PAIRS_MAX * 68)

static const struct nla_policy bounce_policy[WGMESH_A_BOUNCE_MAX + 1] = {
	[WGMESH_A_BOUNCE_IFINDEX] = { .type = NLA_U32 },
	[WGMESH_A_BOUNCE_IFNAME] = { .type = NLA_STRING, .maxlen = IFNAMSIZ },
	[WGMESH_A_BOUNCE_GROUP] = { .type = NLA_U32 },
	[WGMESH_A_BOUNCE_ALLOW] = { .type = NLA_NESTED },
	[WGMESH_A_BOUNCE_DENY] = { .type = NLA_NESTED },
	[WGMESH_A_BOUNCE_PACKETS] = { .type = NLA_U64 },
	[WGMESH_A_BOUNCE_BYTES] = { .type = NLA_U64 },
	[WGMESH_A_BOUNCE_DROP_DENIED] = { .type = NLA_U64 },
	[WGMESH_A_BOUNCE_DROP_EXPIRED] = { .type = NLA_U64 },
	[WGMESH_A_BOUNCE_DROP_TOO_BIG] = { .type = NLA_U64 },
	[WGMESH_A_BOUNCE_DROP_ERROR] = { .type = NLA_U64 },
	[WGMESH_A_BOUNCE_STACK_ELSEWHERE] = { .type = NLA_U64 },
	[WGMESH_A_BOUNCE_STACK_SOURCE] = { .type = NLA_U64 },
	[WGMESH_A_BOUNCE_STACK_UNUSUAL] = { .type = NLA_U64 },
};

static const struct nla_policy pair_policy[WGMESH_A_PAIR_MAX + 1] = {
	[WGMESH_A_PAIR_ONE] = { .type = NLA_NESTED },
	[WGMESH_A_PAIR_OTHER] = { .type = NLA_NESTED },
};

static const struct nla_policy prefix_policy[WGMESH_A_PREFIX_MAX + 1] = {
	[WGMESH_A_PREFIX_LENGTH] = { .type = NLA_U8 },
};

static void put_prefix(struct nl_msg *msg, int type, const struct prefix *prefix)
{
	struct nlattr *nest = nla_nest_start(msg, type);
	gsize size;
	const void *address = prefix_address(prefix, &size);

	netlink_put(msg, prefix->family == AF_INET ? WGMESH_A_PREFIX_ADDRESS4 :
						     WGMESH_A_PREFIX_ADDRESS6, address, size);
	netlink_put_u8(msg, WGMESH_A_PREFIX_LENGTH, prefix->length);
	nla_nest_end(msg, nest);
}

void pathnl_put_bounce(struct nl_msg *msg, const struct pathnl_bounce *bounce)
{
	const struct pathnl_pair *pair;
	struct nlattr *nest;

	netlink_put_u32(msg, WGMESH_A_BOUNCE_IFINDEX, bounce->ifindex);
	netlink_put_u32(msg, WGMESH_A_BOUNCE_GROUP, bounce->group);
	for (guint i = 0; i < bounce->n_pairs; i++) {
		pair = &bounce->pairs[i];
		nest = nla_nest_start(msg, pair->deny ? WGMESH_A_BOUNCE_DENY :
							WGMESH_A_BOUNCE_ALLOW);
		put_prefix(msg, WGMESH_A_PAIR_ONE, &pair->one);
		put_prefix(msg, WGMESH_A_PAIR_OTHER, &pair->other);
		nla_nest_end(msg, nest);
	}
}

static bool parse_prefix(struct nlattr *nest, struct prefix *prefix)
{
	struct nlattr *a[WGMESH_A_PREFIX_MAX + 1], *address;

	if (!nest || nla_parse_nested(a, WGMESH_A_PREFIX_MAX, nest, prefix_policy) < 0)
		return false;
	address = a[WGMESH_A_PREFIX_ADDRESS4] ?: a[WGMESH_A_PREFIX_ADDRESS6];
	return address && a[WGMESH_A_PREFIX_LENGTH] &&
	       prefix_from_address(prefix, nla_data(address), nla_len(address),
				   nla_get_u8(a[WGMESH_A_PREFIX_LENGTH]));
}

static bool parse_pair(struct nlattr *nest, struct pathnl_pair *pair)
{
	struct nlattr *a[WGMESH_A_PAIR_MAX + 1];

	pair->deny = nla_type(nest) == WGMESH_A_BOUNCE_DENY;
	return nla_parse_nested(a, WGMESH_A_PAIR_MAX, nest, pair_policy) == 0 &&
	       parse_prefix(a[WGMESH_A_PAIR_ONE], &pair->one) &&
	       parse_prefix(a[WGMESH_A_PAIR_OTHER], &pair->other);
}

static bool parse_pairs(const struct nlmsghdr *message, struct pathnl_bounce *bounce)
{
	const struct genlmsghdr *header = genlmsg_hdr((void *)message);
	struct nlattr *attribute;
	int remaining;

	nla_for_each_attr(attribute, genlmsg_attrdata(header, 0), genlmsg_attrlen(header, 0),
			  remaining) {
		if (nla_type(attribute) != WGMESH_A_BOUNCE_ALLOW &&
		    nla_type(attribute) != WGMESH_A_BOUNCE_DENY)
			continue;
		if (bounce->n_pairs == PATHNL_PAIRS_MAX ||
		    !parse_pair(attribute, &bounce->pairs[bounce->n_pairs]))
			return false;
		bounce->n_pairs++;
	}
	return true;
}

static guint64 counter(struct nlattr *attribute)
{
	return attribute ? nla_get_u64(attribute) : 0;
}

bool pathnl_parse_bounce(const struct nlmsghdr *message, struct pathnl_bounce *bounce)
{
	struct nlattr *a[WGMESH_A_BOUNCE_MAX + 1];

	if (genlmsg_parse((void *)message, 0, a, WGMESH_A_BOUNCE_MAX, bounce_policy) != 0 ||
	    !a[WGMESH_A_BOUNCE_IFINDEX])
		return false;
	*bounce = (struct pathnl_bounce){
		.ifindex = nla_get_u32(a[WGMESH_A_BOUNCE_IFINDEX]),
		.packets = counter(a[WGMESH_A_BOUNCE_PACKETS]),
		.bytes = counter(a[WGMESH_A_BOUNCE_BYTES]),
		.drop_denied = counter(a[WGMESH_A_BOUNCE_DROP_DENIED]),
		.drop_expired = counter(a[WGMESH_A_BOUNCE_DROP_EXPIRED]),
		.drop_too_big = counter(a[WGMESH_A_BOUNCE_DROP_TOO_BIG]),
		.drop_error = counter(a[WGMESH_A_BOUNCE_DROP_ERROR]),
		.stack_elsewhere = counter(a[WGMESH_A_BOUNCE_STACK_ELSEWHERE]),
		.stack_source = counter(a[WGMESH_A_BOUNCE_STACK_SOURCE]),
		.stack_unusual = counter(a[WGMESH_A_BOUNCE_STACK_UNUSUAL]),
	};
	if (a[WGMESH_A_BOUNCE_GROUP])
		bounce->group = nla_get_u32(a[WGMESH_A_BOUNCE_GROUP]);
	if (a[WGMESH_A_BOUNCE_IFNAME])
		nla_strlcpy(bounce->ifname, a[WGMESH_A_BOUNCE_IFNAME], sizeof(bounce->ifname));
	return parse_pairs(message, bounce);
}

static bool parse_bounce(const struct nlmsghdr *message, void *item)
{
	return pathnl_parse_bounce(message, item);
}

static bool read_bounce(const struct nlmsghdr *reply, void *data, G_GNUC_UNUSED GError **error)
{
	return !data || pathnl_parse_bounce(reply, data);
}

bool pathnl_bounce_set(struct pathnl *nl, const struct pathnl_bounce *wanted,
		       struct pathnl_bounce *bounce, GError **error)
{
	g_autoptr(netlink_msg) msg =
		netlink_genl_message(nl->family, WGMESH_CMD_BOUNCE_SET, REQUEST_SIZE);

	pathnl_put_bounce(msg, wanted);
	return pathnl_request(nl, msg, "cannot forward between the peers", read_bounce, bounce,
			      error);
}

bool pathnl_bounce_del(struct pathnl *nl, guint32 ifindex, GError **error)
{
	return pathnl_request_by_id(nl, WGMESH_CMD_BOUNCE_DEL, WGMESH_A_BOUNCE_IFINDEX, ifindex,
				    "cannot stop forwarding of interface", NULL, NULL, error);
}

GArray *pathnl_bounce_dump(struct pathnl *nl, GError **error)
{
	g_autoptr(netlink_msg) msg = pathnl_request_new(nl, WGMESH_CMD_BOUNCE_GET);

	return pathnl_dump(nl, msg, "cannot list what forwards", parse_bounce,
			   sizeof(struct pathnl_bounce), error);
}
