// SPDX-License-Identifier: GPL-2.0
/* The module's requests about allocations and channels of a TURN server. */
#include "pathnl-relay.h"

#include <netlink/genl/genl.h>

#include "pathnl-message.h"
#include "pathnl-private.h"

static const struct nla_policy allocation_policy[WGMESH_A_ALLOCATION_MAX + 1] = {
	[WGMESH_A_ALLOCATION_ID] = { .type = NLA_U32 },
	[WGMESH_A_ALLOCATION_LIFETIME_MS] = { .type = NLA_U32 },
	[WGMESH_A_ALLOCATION_DROP_RATE] = { .type = NLA_U64 },
	[WGMESH_A_ALLOCATION_DROP_ERROR] = { .type = NLA_U64 },
};

static const struct nla_policy channel_policy[WGMESH_A_CHANNEL_MAX + 1] = {
	[WGMESH_A_CHANNEL_ID] = { .type = NLA_U32 },
	[WGMESH_A_CHANNEL_ALLOCATION] = { .type = NLA_U32 },
	[WGMESH_A_CHANNEL_NUMBER] = { .type = NLA_U16 },
	[WGMESH_A_CHANNEL_LIFETIME_MS] = { .type = NLA_U32 },
	[WGMESH_A_CHANNEL_PERMISSION_MS] = { .type = NLA_U32 },
	[WGMESH_A_CHANNEL_TO_PEER_PACKETS] = { .type = NLA_U64 },
	[WGMESH_A_CHANNEL_TO_PEER_BYTES] = { .type = NLA_U64 },
	[WGMESH_A_CHANNEL_TO_CLIENT_PACKETS] = { .type = NLA_U64 },
	[WGMESH_A_CHANNEL_TO_CLIENT_BYTES] = { .type = NLA_U64 },
};

static guint64 counter(struct nlattr *attribute)
{
	return attribute ? nla_get_u64(attribute) : 0;
}

static bool parse_allocation(const struct nlmsghdr *reply, struct nlattr **a)
{
	return genlmsg_parse((void *)reply, 0, a, WGMESH_A_ALLOCATION_MAX,
			     allocation_policy) == 0 &&
	       a[WGMESH_A_ALLOCATION_ID];
}

static bool read_allocation(const struct nlmsghdr *reply, void *id, G_GNUC_UNUSED GError **error)
{
	struct nlattr *a[WGMESH_A_ALLOCATION_MAX + 1];

	if (!parse_allocation(reply, a))
		return false;
	*(guint32 *)id = nla_get_u32(a[WGMESH_A_ALLOCATION_ID]);
	return true;
}

static bool parse_channel(const struct nlmsghdr *reply, struct nlattr **a)
{
	return genlmsg_parse((void *)reply, 0, a, WGMESH_A_CHANNEL_MAX, channel_policy) == 0 &&
	       a[WGMESH_A_CHANNEL_ID];
}

static bool read_channel(const struct nlmsghdr *reply, void *id, G_GNUC_UNUSED GError **error)
{
	struct nlattr *a[WGMESH_A_CHANNEL_MAX + 1];

	if (!parse_channel(reply, a))
		return false;
	*(guint32 *)id = nla_get_u32(a[WGMESH_A_CHANNEL_ID]);
	return true;
}

static bool list_allocation(const struct nlmsghdr *message, void *data)
{
	struct pathnl_allocation_counters *counters = data;
	struct nlattr *a[WGMESH_A_ALLOCATION_MAX + 1];

	if (!parse_allocation(message, a))
		return false;
	*counters = (struct pathnl_allocation_counters){
		.id = nla_get_u32(a[WGMESH_A_ALLOCATION_ID]),
		.drop_rate = counter(a[WGMESH_A_ALLOCATION_DROP_RATE]),
		.drop_error = counter(a[WGMESH_A_ALLOCATION_DROP_ERROR]),
	};
	return true;
}

static bool count_allocation(const struct nlmsghdr *reply, void *data,
			     G_GNUC_UNUSED GError **error)
{
	return list_allocation(reply, data);
}

static bool list_channel(const struct nlmsghdr *message, void *data)
{
	struct pathnl_channel_counters *counters = data;
	struct nlattr *a[WGMESH_A_CHANNEL_MAX + 1];

	if (!parse_channel(message, a))
		return false;
	*counters = (struct pathnl_channel_counters){
		.id = nla_get_u32(a[WGMESH_A_CHANNEL_ID]),
		.to_peer_packets = counter(a[WGMESH_A_CHANNEL_TO_PEER_PACKETS]),
		.to_peer_bytes = counter(a[WGMESH_A_CHANNEL_TO_PEER_BYTES]),
		.to_client_packets = counter(a[WGMESH_A_CHANNEL_TO_CLIENT_PACKETS]),
		.to_client_bytes = counter(a[WGMESH_A_CHANNEL_TO_CLIENT_BYTES]),
	};
	return true;
}

static bool count_channel(const struct nlmsghdr *reply, void *data, G_GNUC_UNUSED GError **error)
{
	return list_channel(reply, data);
}

static guint32 number(struct nlattr *attribute)
{
	return attribute ? nla_get_u32(attribute) : 0;
}

static bool find_allocation(const struct nlmsghdr *message, void *data)
{
	struct pathnl_found_allocation *found = data;
	struct nlattr *a[WGMESH_A_ALLOCATION_MAX + 1], *note;

	if (!parse_allocation(message, a))
		return false;
	*found = (struct pathnl_found_allocation){
		.id = nla_get_u32(a[WGMESH_A_ALLOCATION_ID]),
		.lifetime_ms = number(a[WGMESH_A_ALLOCATION_LIFETIME_MS]),
	};
	note = a[WGMESH_A_ALLOCATION_NOTE];
	if (note && nla_len(note) <= PATHNL_NOTE_MAX)
		memcpy(found->note, nla_data(note), nla_len(note));
	return pathnl_parse_endpoint(a[WGMESH_A_ALLOCATION_LOCAL], &found->local) &&
	       pathnl_parse_endpoint(a[WGMESH_A_ALLOCATION_CLIENT], &found->client);
}

static bool find_channel(const struct nlmsghdr *message, void *data)
{
	struct nlattr *a[WGMESH_A_CHANNEL_MAX + 1];
	struct pathnl_channel *found = data;

	if (!parse_channel(message, a))
		return false;
	*found = (struct pathnl_channel){
		.allocation = number(a[WGMESH_A_CHANNEL_ALLOCATION]),
		.lifetime_ms = number(a[WGMESH_A_CHANNEL_LIFETIME_MS]),
		.permission_ms = number(a[WGMESH_A_CHANNEL_PERMISSION_MS]),
	};
	if (a[WGMESH_A_CHANNEL_NUMBER])
		found->number = nla_get_u16(a[WGMESH_A_CHANNEL_NUMBER]);
	return pathnl_parse_endpoint(a[WGMESH_A_CHANNEL_RELAYED], &found->relayed) &&
	       pathnl_parse_endpoint(a[WGMESH_A_CHANNEL_PEER], &found->peer);
}

GArray *pathnl_allocation_find_all(struct pathnl *nl, GError **error)
{
	g_autoptr(netlink_msg) msg = pathnl_request_new(nl, WGMESH_CMD_ALLOCATION_GET);

	return pathnl_dump(nl, msg, "cannot list the allocations", find_allocation,
			   sizeof(struct pathnl_found_allocation), error);
}

GArray *pathnl_channel_find_all(struct pathnl *nl, GError **error)
{
	g_autoptr(netlink_msg) msg = pathnl_request_new(nl, WGMESH_CMD_CHANNEL_GET);

	return pathnl_dump(nl, msg, "cannot list the channels", find_channel,
			   sizeof(struct pathnl_channel), error);
}

bool pathnl_allocation_set(struct pathnl *nl, const struct endpoint *local,
			   const struct endpoint *client, guint32 lifetime_ms, guint64 rate,
			   const char *note, guint32 *id, GError **error)
{
	g_autoptr(netlink_msg) msg = pathnl_request_new(nl, WGMESH_CMD_ALLOCATION_SET);

	pathnl_put_endpoint(msg, WGMESH_A_ALLOCATION_LOCAL, local);
	pathnl_put_endpoint(msg, WGMESH_A_ALLOCATION_CLIENT, client);
	netlink_put_u32(msg, WGMESH_A_ALLOCATION_LIFETIME_MS, lifetime_ms);
	netlink_put(msg, WGMESH_A_ALLOCATION_RATE, &rate, sizeof(rate));
	if (note)
		netlink_put(msg, WGMESH_A_ALLOCATION_NOTE, note, strlen(note));
	return pathnl_request(nl, msg, "cannot add the allocation", read_allocation, id, error);
}

bool pathnl_allocation_del(struct pathnl *nl, guint32 id, GError **error)
{
	return pathnl_request_by_id(nl, WGMESH_CMD_ALLOCATION_DEL, WGMESH_A_ALLOCATION_ID, id,
				    "cannot remove allocation", NULL, NULL, error);
}

bool pathnl_allocation_read(struct pathnl *nl, guint32 id,
			    struct pathnl_allocation_counters *counters, GError **error)
{
	return pathnl_request_by_id(nl, WGMESH_CMD_ALLOCATION_GET, WGMESH_A_ALLOCATION_ID, id,
				    "cannot read allocation", count_allocation, counters, error);
}

GArray *pathnl_allocation_dump(struct pathnl *nl, GError **error)
{
	g_autoptr(netlink_msg) msg = pathnl_request_new(nl, WGMESH_CMD_ALLOCATION_GET);

	return pathnl_dump(nl, msg, "cannot list the allocations", list_allocation,
			   sizeof(struct pathnl_allocation_counters), error);
}

bool pathnl_channel_set(struct pathnl *nl, const struct pathnl_channel *channel, guint32 *id,
			GError **error)
{
	g_autoptr(netlink_msg) msg = pathnl_request_new(nl, WGMESH_CMD_CHANNEL_SET);

	netlink_put_u32(msg, WGMESH_A_CHANNEL_ALLOCATION, channel->allocation);
	netlink_put_u16(msg, WGMESH_A_CHANNEL_NUMBER, channel->number);
	pathnl_put_endpoint(msg, WGMESH_A_CHANNEL_RELAYED, &channel->relayed);
	pathnl_put_endpoint(msg, WGMESH_A_CHANNEL_PEER, &channel->peer);
	netlink_put_u32(msg, WGMESH_A_CHANNEL_LIFETIME_MS, channel->lifetime_ms);
	netlink_put_u32(msg, WGMESH_A_CHANNEL_PERMISSION_MS, channel->permission_ms);
	return pathnl_request(nl, msg, "cannot bind the channel", read_channel, id, error);
}

bool pathnl_channel_del(struct pathnl *nl, guint32 id, GError **error)
{
	return pathnl_request_by_id(nl, WGMESH_CMD_CHANNEL_DEL, WGMESH_A_CHANNEL_ID, id,
				    "cannot unbind channel", NULL, NULL, error);
}

bool pathnl_channel_read(struct pathnl *nl, guint32 id, struct pathnl_channel_counters *counters,
			 GError **error)
{
	return pathnl_request_by_id(nl, WGMESH_CMD_CHANNEL_GET, WGMESH_A_CHANNEL_ID, id,
				    "cannot read channel", count_channel, counters, error);
}

GArray *pathnl_channel_dump(struct pathnl *nl, GError **error)
{
	g_autoptr(netlink_msg) msg = pathnl_request_new(nl, WGMESH_CMD_CHANNEL_GET);

	return pathnl_dump(nl, msg, "cannot list the channels", list_channel,
			   sizeof(struct pathnl_channel_counters), error);
}
