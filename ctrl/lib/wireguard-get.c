// SPDX-License-Identifier: GPL-2.0
/* Reading what WireGuard has. */
#include <errno.h>
#include <linux/time_types.h>
#include <linux/wireguard.h>
#include <netlink/genl/genl.h>
#include <sodium.h>
#include <string.h>

#include "wireguard.h"
#include "wireguard-private.h"

static const struct nla_policy device_policy[WGDEVICE_A_MAX + 1] = {
	[WGDEVICE_A_IFINDEX] = { .type = NLA_U32 },
	[WGDEVICE_A_IFNAME] = { .type = NLA_STRING, .maxlen = IFNAMSIZ },
	[WGDEVICE_A_PRIVATE_KEY] = { .minlen = KEY_SIZE, .maxlen = KEY_SIZE },
	[WGDEVICE_A_PUBLIC_KEY] = { .minlen = KEY_SIZE, .maxlen = KEY_SIZE },
	[WGDEVICE_A_LISTEN_PORT] = { .type = NLA_U16 },
	[WGDEVICE_A_FWMARK] = { .type = NLA_U32 },
	[WGDEVICE_A_PEERS] = { .type = NLA_NESTED },
};

static const struct nla_policy peer_policy[WGPEER_A_MAX + 1] = {
	[WGPEER_A_PUBLIC_KEY] = { .minlen = KEY_SIZE, .maxlen = KEY_SIZE },
	[WGPEER_A_PRESHARED_KEY] = { .minlen = KEY_SIZE, .maxlen = KEY_SIZE },
	[WGPEER_A_ENDPOINT] = { .minlen = sizeof(struct sockaddr_in) },
	[WGPEER_A_PERSISTENT_KEEPALIVE_INTERVAL] = { .type = NLA_U16 },
	[WGPEER_A_LAST_HANDSHAKE_TIME] = { .minlen = sizeof(struct __kernel_timespec) },
	[WGPEER_A_RX_BYTES] = { .type = NLA_U64 },
	[WGPEER_A_TX_BYTES] = { .type = NLA_U64 },
	[WGPEER_A_ALLOWEDIPS] = { .type = NLA_NESTED },
};

static const struct nla_policy allowed_ip_policy[WGALLOWEDIP_A_MAX + 1] = {
	[WGALLOWEDIP_A_FAMILY] = { .type = NLA_U16 },
	[WGALLOWEDIP_A_IPADDR] = { .minlen = sizeof(struct in_addr) },
	[WGALLOWEDIP_A_CIDR_MASK] = { .type = NLA_U8 },
};

static void clear_peer(void *item)
{
	struct wireguard_peer *peer = item;

	g_clear_pointer(&peer->allowed_ips, g_array_unref);
}

struct wireguard_device *wireguard_device_new(void)
{
	struct wireguard_device *device = g_new0(struct wireguard_device, 1);

	device->peers = g_array_new(FALSE, TRUE, sizeof(struct wireguard_peer));
	g_array_set_clear_func(device->peers, clear_peer);
	return device;
}

void wireguard_device_free(struct wireguard_device *device)
{
	if (!device)
		return;
	g_array_unref(device->peers);
	g_free(device);
}

static bool read_allowed_ips(struct nlattr *list, GArray *ips)
{
	struct nlattr *a[WGALLOWEDIP_A_MAX + 1];
	struct nlattr *item;
	struct prefix ip;
	int rest;

	nla_for_each_nested(item, list, rest) {
		if (nla_parse_nested(a, WGALLOWEDIP_A_MAX, item, allowed_ip_policy) < 0 ||
		    !a[WGALLOWEDIP_A_IPADDR] || !a[WGALLOWEDIP_A_CIDR_MASK] ||
		    !prefix_from_address(&ip, nla_data(a[WGALLOWEDIP_A_IPADDR]),
					 nla_len(a[WGALLOWEDIP_A_IPADDR]),
					 nla_get_u8(a[WGALLOWEDIP_A_CIDR_MASK])))
			return false;
		g_array_append_val(ips, ip);
	}
	return true;
}

static bool read_details(struct nlattr **a, struct wireguard_peer *peer)
{
	struct __kernel_timespec handshake;

	if (a[WGPEER_A_PRESHARED_KEY])
		peer->has_preshared_key =
			!sodium_is_zero(nla_data(a[WGPEER_A_PRESHARED_KEY]), KEY_SIZE);
	if (a[WGPEER_A_ENDPOINT] &&
	    !endpoint_from_sockaddr(&peer->endpoint, nla_data(a[WGPEER_A_ENDPOINT]),
				    nla_len(a[WGPEER_A_ENDPOINT])))
		return false;
	if (a[WGPEER_A_PERSISTENT_KEEPALIVE_INTERVAL])
		peer->keepalive_s = nla_get_u16(a[WGPEER_A_PERSISTENT_KEEPALIVE_INTERVAL]);
	if (a[WGPEER_A_LAST_HANDSHAKE_TIME]) {
		nla_memcpy(&handshake, a[WGPEER_A_LAST_HANDSHAKE_TIME], sizeof(handshake));
		peer->last_handshake = handshake.tv_sec;
	}
	if (a[WGPEER_A_RX_BYTES])
		peer->rx_bytes = nla_get_u64(a[WGPEER_A_RX_BYTES]);
	if (a[WGPEER_A_TX_BYTES])
		peer->tx_bytes = nla_get_u64(a[WGPEER_A_TX_BYTES]);
	return true;
}

/* A peer whose allowed IPs did not fit is continued as the first one of the next message. */
static struct wireguard_peer *find_or_add(GArray *peers, const struct key *public_key)
{
	struct wireguard_peer peer = { .public_key = *public_key };
	struct wireguard_peer *last;

	if (peers->len) {
		last = &g_array_index(peers, struct wireguard_peer, peers->len - 1);
		if (key_equal(&last->public_key, public_key))
			return last;
	}
	peer.allowed_ips = g_array_new(FALSE, FALSE, sizeof(struct prefix));
	g_array_append_val(peers, peer);
	return &g_array_index(peers, struct wireguard_peer, peers->len - 1);
}

static bool read_peers(struct nlattr *list, GArray *peers)
{
	struct nlattr *a[WGPEER_A_MAX + 1];
	struct wireguard_peer *peer;
	struct key public_key;
	struct nlattr *item;
	int rest;

	nla_for_each_nested(item, list, rest) {
		if (nla_parse_nested(a, WGPEER_A_MAX, item, peer_policy) < 0 ||
		    !a[WGPEER_A_PUBLIC_KEY])
			return false;
		memcpy(public_key.bytes, nla_data(a[WGPEER_A_PUBLIC_KEY]), KEY_SIZE);
		peer = find_or_add(peers, &public_key);
		if (!read_details(a, peer) ||
		    (a[WGPEER_A_ALLOWEDIPS] &&
		     !read_allowed_ips(a[WGPEER_A_ALLOWEDIPS], peer->allowed_ips)))
			return false;
	}
	return true;
}

/* Later messages of an interface carry its name and more peers, nothing else. */
bool wireguard_read_message(const struct nlmsghdr *message, struct wireguard_device *device)
{
	struct nlattr *a[WGDEVICE_A_MAX + 1];

	if (genlmsg_parse((void *)message, 0, a, WGDEVICE_A_MAX, device_policy) < 0)
		return false;
	if (a[WGDEVICE_A_IFINDEX])
		device->ifindex = nla_get_u32(a[WGDEVICE_A_IFINDEX]);
	if (a[WGDEVICE_A_IFNAME])
		nla_strlcpy(device->ifname, a[WGDEVICE_A_IFNAME], sizeof(device->ifname));
	if (a[WGDEVICE_A_PRIVATE_KEY])
		device->has_private_key = true;
	if (a[WGDEVICE_A_PUBLIC_KEY])
		memcpy(device->public_key.bytes, nla_data(a[WGDEVICE_A_PUBLIC_KEY]), KEY_SIZE);
	if (a[WGDEVICE_A_LISTEN_PORT])
		device->listen_port = nla_get_u16(a[WGDEVICE_A_LISTEN_PORT]);
	if (a[WGDEVICE_A_FWMARK])
		device->fwmark = nla_get_u32(a[WGDEVICE_A_FWMARK]);
	return !a[WGDEVICE_A_PEERS] || read_peers(a[WGDEVICE_A_PEERS], device->peers);
}

static void begin(void *data)
{
	struct wireguard_device **device = data;

	wireguard_device_free(*device);
	*device = wireguard_device_new();
}

static bool read_reply(const struct nlmsghdr *reply, void *data, G_GNUC_UNUSED GError **error)
{
	struct wireguard_device **device = data;

	return wireguard_read_message(reply, *device);
}

struct wireguard_device *wireguard_get_device(struct wireguard *wg, guint32 ifindex,
					      GError **error)
{
	g_autoptr(netlink_msg) msg = netlink_genl_message(wg->family, WG_CMD_GET_DEVICE,
							  nla_total_size(4));
	g_autoptr(wireguard_device) device = NULL;

	netlink_put_u32(msg, WGDEVICE_A_IFINDEX, ifindex);
	if (!netlink_dump(wg->socket, msg, "cannot read the WireGuard interface", begin, read_reply,
			  &device, error))
		return NULL;
	return g_steal_pointer(&device);
}

const struct wireguard_peer *wireguard_find_peer(const struct wireguard_device *device,
						 const struct key *public_key)
{
	const struct wireguard_peer *peer;

	for (guint i = 0; i < device->peers->len; i++) {
		peer = &g_array_index(device->peers, struct wireguard_peer, i);
		if (key_equal(&peer->public_key, public_key))
			return peer;
	}
	return NULL;
}

GHashTable *wireguard_peers_by_key(const struct wireguard_device *device)
{
	GHashTable *table = g_hash_table_new(key_hash, key_equal);

	for (guint i = 0; device && i < device->peers->len; i++) {
		struct wireguard_peer *peer =
			&g_array_index(device->peers, struct wireguard_peer, i);

		g_hash_table_insert(table, &peer->public_key, peer);
	}
	return table;
}
