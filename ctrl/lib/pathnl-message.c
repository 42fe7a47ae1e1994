// SPDX-License-Identifier: GPL-2.0
/* Reading and writing the messages of the module. */
#include "pathnl-message.h"

#include <linux/genetlink.h>
#include <netlink/genl/genl.h>
#include <string.h>

#define ADDRESS4_SIZE sizeof(struct in_addr)
#define ADDRESS6_SIZE sizeof(struct in6_addr)

static const struct nla_policy endpoint_policy[WGMESH_A_ENDPOINT_MAX + 1] = {
	[WGMESH_A_ENDPOINT_ADDRESS4] = { .minlen = ADDRESS4_SIZE, .maxlen = ADDRESS4_SIZE },
	[WGMESH_A_ENDPOINT_ADDRESS6] = { .minlen = ADDRESS6_SIZE, .maxlen = ADDRESS6_SIZE },
	[WGMESH_A_ENDPOINT_PORT] = { .type = NLA_U16 },
};

static const struct nla_policy device_policy[WGMESH_A_DEVICE_MAX + 1] = {
	[WGMESH_A_DEVICE_ID] = { .type = NLA_U32 },
	[WGMESH_A_DEVICE_IFINDEX] = { .type = NLA_U32 },
	[WGMESH_A_DEVICE_IFNAME] = { .type = NLA_STRING, .maxlen = IFNAMSIZ },
	[WGMESH_A_DEVICE_LISTEN_PORT] = { .type = NLA_U16 },
	[WGMESH_A_DEVICE_MARK] = { .type = NLA_U32 },
	[WGMESH_A_DEVICE_VIRTUAL_NETWORK] = { .minlen = ADDRESS4_SIZE, .maxlen = ADDRESS4_SIZE },
	[WGMESH_A_DEVICE_VIRTUAL_PREFIX] = { .type = NLA_U8 },
	[WGMESH_A_DEVICE_PEERS] = { .type = NLA_U32 },
	[WGMESH_A_DEVICE_DROP_NO_PEER] = { .type = NLA_U64 },
	[WGMESH_A_DEVICE_DROP_NO_SOCKET] = { .type = NLA_U64 },
	[WGMESH_A_DEVICE_SELECTOR] = { .type = NLA_STRING, .maxlen = PATHNL_SELECTOR_SIZE },
	[WGMESH_A_DEVICE_PROBE_ACTIVE_MS] = { .type = NLA_U32 },
	[WGMESH_A_DEVICE_PROBE_STANDBY_MS] = { .type = NLA_U32 },
	[WGMESH_A_DEVICE_PROBE_IDLE_MS] = { .type = NLA_U32 },
	[WGMESH_A_DEVICE_PROBE_ATTEMPTS] = { .type = NLA_U32 },
	[WGMESH_A_DEVICE_DROP_PROBE] = { .type = NLA_U64 },
};

static const struct nla_policy peer_policy[WGMESH_A_PEER_MAX + 1] = {
	[WGMESH_A_PEER_ID] = { .type = NLA_U32 },
	[WGMESH_A_PEER_DEVICE] = { .type = NLA_U32 },
	[WGMESH_A_PEER_PUBLIC_KEY] = { .minlen = KEY_SIZE, .maxlen = KEY_SIZE },
	[WGMESH_A_PEER_VIRTUAL_ENDPOINT] = { .type = NLA_NESTED },
	[WGMESH_A_PEER_SELECTED_PATH] = { .type = NLA_U32 },
	[WGMESH_A_PEER_PATHS] = { .type = NLA_U32 },
	[WGMESH_A_PEER_DROP_NO_PATH] = { .type = NLA_U64 },
	[WGMESH_A_PEER_SELECTOR] = { .type = NLA_STRING, .maxlen = PATHNL_SELECTOR_SIZE },
	[WGMESH_A_PEER_PROBE_ACTIVE_MS] = { .type = NLA_U32 },
	[WGMESH_A_PEER_PROBE_STANDBY_MS] = { .type = NLA_U32 },
	[WGMESH_A_PEER_PROBE_IDLE_MS] = { .type = NLA_U32 },
	[WGMESH_A_PEER_PROBE_ATTEMPTS] = { .type = NLA_U32 },
	[WGMESH_A_PEER_PROBING] = { .type = NLA_FLAG },
	[WGMESH_A_PEER_ACTIVE] = { .type = NLA_FLAG },
	[WGMESH_A_PEER_SECOND_PATH] = { .type = NLA_U32 },
	[WGMESH_A_PEER_SWITCHES] = { .type = NLA_U64 },
	[WGMESH_A_PEER_SWITCH_AGE_MS] = { .type = NLA_U64 },
	[WGMESH_A_PEER_SWITCH_REASON] = { .type = NLA_U32 },
};

static const struct nla_policy path_policy[WGMESH_A_PATH_MAX + 1] = {
	[WGMESH_A_PATH_ID] = { .type = NLA_U32 },
	[WGMESH_A_PATH_DEVICE] = { .type = NLA_U32 },
	[WGMESH_A_PATH_PEER] = { .type = NLA_U32 },
	[WGMESH_A_PATH_LOCAL] = { .type = NLA_NESTED },
	[WGMESH_A_PATH_REMOTE] = { .type = NLA_NESTED },
	[WGMESH_A_PATH_IFINDEX] = { .type = NLA_U32 },
	[WGMESH_A_PATH_KIND] = { .type = NLA_U32 },
	[WGMESH_A_PATH_PRIORITY] = { .type = NLA_U32 },
	[WGMESH_A_PATH_SELECTED] = { .type = NLA_FLAG },
	[WGMESH_A_PATH_MTU] = { .type = NLA_U32 },
	[WGMESH_A_PATH_RTT_US] = { .type = NLA_U32 },
	[WGMESH_A_PATH_TX_PACKETS] = { .type = NLA_U64 },
	[WGMESH_A_PATH_TX_BYTES] = { .type = NLA_U64 },
	[WGMESH_A_PATH_RX_PACKETS] = { .type = NLA_U64 },
	[WGMESH_A_PATH_RX_BYTES] = { .type = NLA_U64 },
	[WGMESH_A_PATH_TX_ERRORS] = { .type = NLA_U64 },
	[WGMESH_A_PATH_RX_AGE_MS] = { .type = NLA_U64 },
	[WGMESH_A_PATH_CHANNEL] = { .type = NLA_U16 },
	[WGMESH_A_PATH_POLICY] = { .type = NLA_U32 },
	[WGMESH_A_PATH_STATE] = { .type = NLA_U32 },
	[WGMESH_A_PATH_DEAD_REASON] = { .type = NLA_U32 },
	[WGMESH_A_PATH_STATE_AGE_MS] = { .type = NLA_U64 },
	[WGMESH_A_PATH_JITTER_US] = { .type = NLA_U32 },
	[WGMESH_A_PATH_LOSS_PERMILLE] = { .type = NLA_U32 },
	[WGMESH_A_PATH_LOSSY] = { .type = NLA_FLAG },
	[WGMESH_A_PATH_HELD] = { .type = NLA_FLAG },
	[WGMESH_A_PATH_PROBES_SENT] = { .type = NLA_U64 },
	[WGMESH_A_PATH_PROBES_ANSWERED] = { .type = NLA_U64 },
};

static const struct nla_policy selection_policy[WGMESH_A_SELECTION_MAX + 1] = {
	[WGMESH_A_SELECTION_DEVICE] = { .type = NLA_U32 },
	[WGMESH_A_SELECTION_PEER] = { .type = NLA_U32 },
	[WGMESH_A_SELECTION_FROM] = { .type = NLA_U32 },
	[WGMESH_A_SELECTION_TO] = { .type = NLA_U32 },
	[WGMESH_A_SELECTION_REASON] = { .type = NLA_U32 },
};

void pathnl_put_endpoint(struct nl_msg *msg, int type, const struct endpoint *ep)
{
	struct nlattr *nest;
	const void *address;
	gsize size;

	address = endpoint_address(ep, &size);
	if (!address)
		return;
	nest = nla_nest_start(msg, type);
	netlink_put(msg,
		    size == ADDRESS4_SIZE ? WGMESH_A_ENDPOINT_ADDRESS4 : WGMESH_A_ENDPOINT_ADDRESS6,
		    address, size);
	netlink_put_u16(msg, WGMESH_A_ENDPOINT_PORT, htons(endpoint_port(ep)));
	nla_nest_end(msg, nest);
}

static guint32 scope_of(const struct endpoint *ep)
{
	return ep->sa.sa_family == AF_INET6 ? ep->in6.sin6_scope_id : 0;
}

/* What a path is found by. */
static void put_identity(struct nl_msg *msg, const struct pathnl_path *path)
{
	guint32 ifindex = path->ifindex;

	if (!ifindex)
		ifindex = scope_of(&path->remote);
	if (!ifindex)
		ifindex = scope_of(&path->local);

	netlink_put_u32(msg, WGMESH_A_PATH_PEER, path->peer);
	pathnl_put_endpoint(msg, WGMESH_A_PATH_LOCAL, &path->local);
	pathnl_put_endpoint(msg, WGMESH_A_PATH_REMOTE, &path->remote);
	if (ifindex)
		netlink_put_u32(msg, WGMESH_A_PATH_IFINDEX, ifindex);
	if (path->channel)
		netlink_put_u16(msg, WGMESH_A_PATH_CHANNEL, path->channel);
}

void pathnl_put_path(struct nl_msg *msg, const struct pathnl_path *path)
{
	put_identity(msg, path);
	netlink_put_u32(msg, WGMESH_A_PATH_KIND, path->kind);
	netlink_put_u32(msg, WGMESH_A_PATH_PRIORITY, path->priority);
}

void pathnl_put_policy(struct nl_msg *msg, const struct pathnl_path *path,
		       enum wgmesh_path_policy policy)
{
	put_identity(msg, path);
	netlink_put_u32(msg, WGMESH_A_PATH_POLICY, policy);
}

static bool parse(const struct nlmsghdr *message, struct nlattr **attributes, int max,
		  const struct nla_policy *policy)
{
	return genlmsg_parse((void *)message, 0, attributes, max, policy) == 0;
}

static guint32 get_u32(struct nlattr *attribute)
{
	return attribute ? nla_get_u32(attribute) : 0;
}

static guint64 get_u64(struct nlattr *attribute)
{
	return attribute ? nla_get_u64(attribute) : 0;
}

/* Numbers of which "none" is something else than zero. */
static gint64 get_u32_or_none(struct nlattr *attribute)
{
	return attribute ? (gint64)nla_get_u32(attribute) : -1;
}

static gint64 get_age(struct nlattr *attribute)
{
	return attribute ? (gint64)MIN(nla_get_u64(attribute), G_MAXINT64) : -1;
}

bool pathnl_parse_endpoint(struct nlattr *attribute, struct endpoint *ep)
{
	struct nlattr *attributes[WGMESH_A_ENDPOINT_MAX + 1];
	struct nlattr *address;
	guint16 port = 0;

	if (!attribute)
		return true;
	if (nla_parse_nested(attributes, WGMESH_A_ENDPOINT_MAX, attribute, endpoint_policy) < 0)
		return false;
	address = attributes[WGMESH_A_ENDPOINT_ADDRESS4] ?: attributes[WGMESH_A_ENDPOINT_ADDRESS6];
	if (attributes[WGMESH_A_ENDPOINT_PORT])
		port = ntohs(nla_get_u16(attributes[WGMESH_A_ENDPOINT_PORT]));
	return address && endpoint_from_address(ep, nla_data(address), nla_len(address), port);
}

static void set_scope(struct endpoint *ep, guint32 ifindex)
{
	if (ep->sa.sa_family == AF_INET6 && IN6_IS_ADDR_LINKLOCAL(&ep->in6.sin6_addr))
		ep->in6.sin6_scope_id = ifindex;
}

bool pathnl_parse_device(const struct nlmsghdr *message, struct pathnl_device *device)
{
	struct nlattr *a[WGMESH_A_DEVICE_MAX + 1];
	struct nlattr *network;
	guint8 length = 32;

	if (!parse(message, a, WGMESH_A_DEVICE_MAX, device_policy) || !a[WGMESH_A_DEVICE_ID])
		return false;

	*device = (struct pathnl_device){
		.id = nla_get_u32(a[WGMESH_A_DEVICE_ID]),
		.ifindex = get_u32(a[WGMESH_A_DEVICE_IFINDEX]),
		.mark = get_u32(a[WGMESH_A_DEVICE_MARK]),
		.peers = get_u32(a[WGMESH_A_DEVICE_PEERS]),
		.drop_no_peer = get_u64(a[WGMESH_A_DEVICE_DROP_NO_PEER]),
		.drop_no_socket = get_u64(a[WGMESH_A_DEVICE_DROP_NO_SOCKET]),
		.drop_probe = get_u64(a[WGMESH_A_DEVICE_DROP_PROBE]),
	};
	pathnl_get_device_settings(a, &device->settings);
	if (a[WGMESH_A_DEVICE_IFNAME])
		nla_strlcpy(device->ifname, a[WGMESH_A_DEVICE_IFNAME], sizeof(device->ifname));
	if (a[WGMESH_A_DEVICE_LISTEN_PORT])
		device->listen_port = nla_get_u16(a[WGMESH_A_DEVICE_LISTEN_PORT]);
	if (a[WGMESH_A_DEVICE_VIRTUAL_PREFIX])
		length = nla_get_u8(a[WGMESH_A_DEVICE_VIRTUAL_PREFIX]);
	network = a[WGMESH_A_DEVICE_VIRTUAL_NETWORK];
	return !network || prefix_from_address(&device->virtual_network, nla_data(network),
					       nla_len(network), length);
}

bool pathnl_parse_peer(const struct nlmsghdr *message, struct pathnl_peer *peer)
{
	struct nlattr *a[WGMESH_A_PEER_MAX + 1];

	if (!parse(message, a, WGMESH_A_PEER_MAX, peer_policy) || !a[WGMESH_A_PEER_ID])
		return false;

	*peer = (struct pathnl_peer){
		.id = nla_get_u32(a[WGMESH_A_PEER_ID]),
		.device = get_u32(a[WGMESH_A_PEER_DEVICE]),
		.selected_path = get_u32(a[WGMESH_A_PEER_SELECTED_PATH]),
		.paths = get_u32(a[WGMESH_A_PEER_PATHS]),
		.drop_no_path = get_u64(a[WGMESH_A_PEER_DROP_NO_PATH]),
		.probing = a[WGMESH_A_PEER_PROBING] != NULL,
		.active = a[WGMESH_A_PEER_ACTIVE] != NULL,
		.second_path = get_u32(a[WGMESH_A_PEER_SECOND_PATH]),
		.switches = get_u64(a[WGMESH_A_PEER_SWITCHES]),
		.switch_age_ms = get_age(a[WGMESH_A_PEER_SWITCH_AGE_MS]),
		.switch_reason = get_u32(a[WGMESH_A_PEER_SWITCH_REASON]),
	};
	pathnl_get_peer_settings(a, &peer->settings);
	if (a[WGMESH_A_PEER_PUBLIC_KEY])
		memcpy(peer->public_key.bytes, nla_data(a[WGMESH_A_PEER_PUBLIC_KEY]), KEY_SIZE);
	return pathnl_parse_endpoint(a[WGMESH_A_PEER_VIRTUAL_ENDPOINT], &peer->virtual_endpoint);
}

/* What probes found out about a path, and what is wanted of it. */
static void get_found_out(struct nlattr *const *a, struct pathnl_path *path)
{
	path->policy = get_u32(a[WGMESH_A_PATH_POLICY]);
	path->state = get_u32(a[WGMESH_A_PATH_STATE]);
	path->dead_reason = get_u32(a[WGMESH_A_PATH_DEAD_REASON]);
	path->state_age_ms = get_age(a[WGMESH_A_PATH_STATE_AGE_MS]);
	path->jitter_us = get_u32_or_none(a[WGMESH_A_PATH_JITTER_US]);
	path->loss_permille = get_u32_or_none(a[WGMESH_A_PATH_LOSS_PERMILLE]);
	path->lossy = a[WGMESH_A_PATH_LOSSY] != NULL;
	path->held = a[WGMESH_A_PATH_HELD] != NULL;
	path->probes_sent = get_u64(a[WGMESH_A_PATH_PROBES_SENT]);
	path->probes_answered = get_u64(a[WGMESH_A_PATH_PROBES_ANSWERED]);
}

bool pathnl_parse_path(const struct nlmsghdr *message, struct pathnl_path *path)
{
	struct nlattr *a[WGMESH_A_PATH_MAX + 1];

	if (!parse(message, a, WGMESH_A_PATH_MAX, path_policy) || !a[WGMESH_A_PATH_ID])
		return false;

	*path = (struct pathnl_path){
		.id = nla_get_u32(a[WGMESH_A_PATH_ID]),
		.device = get_u32(a[WGMESH_A_PATH_DEVICE]),
		.peer = get_u32(a[WGMESH_A_PATH_PEER]),
		.ifindex = get_u32(a[WGMESH_A_PATH_IFINDEX]),
		.kind = get_u32(a[WGMESH_A_PATH_KIND]),
		.priority = get_u32(a[WGMESH_A_PATH_PRIORITY]),
		.selected = a[WGMESH_A_PATH_SELECTED] != NULL,
		.mtu_bytes = get_u32(a[WGMESH_A_PATH_MTU]),
		.pmtu_bytes = get_u32_or_none(a[WGMESH_A_PATH_PMTU]),
		.rtt_us = get_u32_or_none(a[WGMESH_A_PATH_RTT_US]),
		.tx_packets = get_u64(a[WGMESH_A_PATH_TX_PACKETS]),
		.tx_bytes = get_u64(a[WGMESH_A_PATH_TX_BYTES]),
		.rx_packets = get_u64(a[WGMESH_A_PATH_RX_PACKETS]),
		.rx_bytes = get_u64(a[WGMESH_A_PATH_RX_BYTES]),
		.tx_errors = get_u64(a[WGMESH_A_PATH_TX_ERRORS]),
		.rx_age_ms = get_age(a[WGMESH_A_PATH_RX_AGE_MS]),
	};
	get_found_out(a, path);
	if (a[WGMESH_A_PATH_CHANNEL])
		path->channel = nla_get_u16(a[WGMESH_A_PATH_CHANNEL]);
	if (!pathnl_parse_endpoint(a[WGMESH_A_PATH_LOCAL], &path->local) ||
	    !pathnl_parse_endpoint(a[WGMESH_A_PATH_REMOTE], &path->remote))
		return false;
	set_scope(&path->local, path->ifindex);
	set_scope(&path->remote, path->ifindex);
	return true;
}

bool pathnl_parse_selection(const struct nlmsghdr *message, struct pathnl_selection *selection)
{
	struct nlattr *a[WGMESH_A_SELECTION_MAX + 1];

	if (!parse(message, a, WGMESH_A_SELECTION_MAX, selection_policy) ||
	    !a[WGMESH_A_SELECTION_PEER])
		return false;

	*selection = (struct pathnl_selection){
		.device = get_u32(a[WGMESH_A_SELECTION_DEVICE]),
		.peer = nla_get_u32(a[WGMESH_A_SELECTION_PEER]),
		.from = get_u32(a[WGMESH_A_SELECTION_FROM]),
		.to = get_u32(a[WGMESH_A_SELECTION_TO]),
		.reason = get_u32(a[WGMESH_A_SELECTION_REASON]),
	};
	return true;
}

bool pathnl_parse_event(const struct nlmsghdr *message, struct pathnl_event *event)
{
	if (!genlmsg_valid_hdr((void *)message, 0))
		return false;

	switch (genlmsg_hdr((void *)message)->cmd) {
	case WGMESH_CMD_DEVICE_NTF:
		event->type = PATHNL_DEVICE;
		return pathnl_parse_device(message, &event->device);
	case WGMESH_CMD_DEVICE_DEL_NTF:
		event->type = PATHNL_DEVICE_DEL;
		return pathnl_parse_device(message, &event->device);
	case WGMESH_CMD_PEER_NTF:
		event->type = PATHNL_PEER;
		return pathnl_parse_peer(message, &event->peer);
	case WGMESH_CMD_PEER_DEL_NTF:
		event->type = PATHNL_PEER_DEL;
		return pathnl_parse_peer(message, &event->peer);
	case WGMESH_CMD_PATH_NTF:
		event->type = PATHNL_PATH;
		return pathnl_parse_path(message, &event->path);
	case WGMESH_CMD_PATH_DEL_NTF:
		event->type = PATHNL_PATH_DEL;
		return pathnl_parse_path(message, &event->path);
	case WGMESH_CMD_SELECTION_NTF:
		event->type = PATHNL_SELECTION;
		return pathnl_parse_selection(message, &event->selection);
	case WGMESH_CMD_BOUNCE_NTF:
		event->type = PATHNL_BOUNCE;
		return pathnl_parse_bounce(message, &event->bounce);
	case WGMESH_CMD_BOUNCE_DEL_NTF:
		event->type = PATHNL_BOUNCE_DEL;
		return pathnl_parse_bounce(message, &event->bounce);
	default:
		return false;
	}
}
