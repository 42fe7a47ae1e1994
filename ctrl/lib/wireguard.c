// SPDX-License-Identifier: GPL-2.0
/* Configuring WireGuard. */
#include "wireguard.h"

#include <errno.h>
#include <linux/wireguard.h>

#include "wireguard-private.h"

/*
 * Attributes of a request, in bytes. A nest holds at most 64 KiB, and the kernel wants a message in
 * one piece of memory.
 */
#define REQUEST_SIZE (16 * 1024)
#define DEVICE_SIZE (nla_total_size(4) * 4 + nla_total_size(WG_KEY_LEN) + nla_total_size(0))
#define PEER_SIZE (nla_total_size(0) * 2 + nla_total_size(WG_KEY_LEN) * 2 + nla_total_size(4) + \
		   nla_total_size(sizeof(struct sockaddr_in6)) + nla_total_size(2))
#define ALLOWED_IP_SIZE (nla_total_size(0) + nla_total_size(2) + nla_total_size(1) + \
			 nla_total_size(sizeof(struct in6_addr)))

static const guint8 no_preshared_key[WG_KEY_LEN];

/**
 * struct writer - peers on their way into as many requests as it takes
 * @wg: where they go
 * @ifindex: the interface
 * @msg: the request that is being filled; NULL when there is none
 * @peers: its nest
 * @room: bytes left in it
 */
struct writer {
	struct wireguard *wg;
	guint32 ifindex;
	struct nl_msg *msg;
	struct nlattr *peers;
	int room;
};

struct wireguard *wireguard_open(GError **error)
{
	g_autoptr(netlink) socket = netlink_open(NETLINK_GENERIC, error);
	g_autoptr(GError) problem = NULL;
	struct netlink_family family;
	struct wireguard *wg;

	if (!socket)
		return NULL;
	if (!netlink_family(socket, WG_GENL_NAME, NULL, true, &family, &problem)) {
		if (g_error_matches(problem, NETLINK_ERROR, ENOENT))
			netlink_fail(error, EPROTONOSUPPORT,
				     "this kernel has no WireGuard: run \"modprobe wireguard\"; "
				     "it is part of every kernel since 5.6");
		else
			g_propagate_error(error, g_steal_pointer(&problem));
		return NULL;
	}
	wg = g_new0(struct wireguard, 1);
	wg->socket = g_steal_pointer(&socket);
	wg->family = family.id;
	return wg;
}

void wireguard_close(struct wireguard *wg)
{
	if (!wg)
		return;
	netlink_close(wg->socket);
	g_free(wg);
}

bool wireguard_set_device(struct wireguard *wg, guint32 ifindex,
			  const struct wireguard_settings *settings, GError **error)
{
	g_autoptr(netlink_msg) msg = netlink_genl_message(wg->family, WG_CMD_SET_DEVICE,
							  DEVICE_SIZE);

	netlink_put_u32(msg, WGDEVICE_A_IFINDEX, ifindex);
	if (settings->remove_peers)
		netlink_put_u32(msg, WGDEVICE_A_FLAGS, WGDEVICE_F_REPLACE_PEERS);
	if (settings->private_key)
		netlink_put(msg, WGDEVICE_A_PRIVATE_KEY, settings->private_key->bytes, KEY_SIZE);
	if (settings->listen_port != WIREGUARD_KEEP)
		netlink_put_u16(msg, WGDEVICE_A_LISTEN_PORT, settings->listen_port);
	if (settings->fwmark != WIREGUARD_KEEP)
		netlink_put_u32(msg, WGDEVICE_A_FWMARK, settings->fwmark);
	return netlink_request(wg->socket, msg, "cannot configure the WireGuard interface", NULL,
			       NULL, error);
}

static void begin_request(struct writer *writer)
{
	writer->msg = netlink_genl_message(writer->wg->family, WG_CMD_SET_DEVICE,
					   DEVICE_SIZE + REQUEST_SIZE);
	netlink_put_u32(writer->msg, WGDEVICE_A_IFINDEX, writer->ifindex);
	writer->peers = nla_nest_start(writer->msg, WGDEVICE_A_PEERS);
	writer->room = REQUEST_SIZE;
}

static bool flush(struct writer *writer, GError **error)
{
	g_autoptr(netlink_msg) msg = g_steal_pointer(&writer->msg);

	if (!msg)
		return true;
	nla_nest_end(msg, writer->peers);
	return netlink_request(writer->wg->socket, msg, "cannot configure the WireGuard peers",
			       NULL, NULL, error);
}

static bool make_room(struct writer *writer, int size, GError **error)
{
	if (writer->msg && writer->room >= size)
		return true;
	if (!flush(writer, error))
		return false;
	begin_request(writer);
	return true;
}

static guint32 peer_flags(const struct wireguard_peer *peer)
{
	guint32 flags = 0;

	if (peer->change == WIREGUARD_REMOVE)
		return WGPEER_F_REMOVE_ME;
	if (peer->change == WIREGUARD_UPDATE)
		flags |= WGPEER_F_UPDATE_ONLY;
	if (peer->allowed_ips)
		flags |= WGPEER_F_REPLACE_ALLOWEDIPS;
	return flags;
}

static struct nlattr *begin_peer(struct writer *writer, const struct wireguard_peer *peer,
				 guint32 flags)
{
	struct nlattr *nest = nla_nest_start(writer->msg, 0);

	writer->room -= PEER_SIZE;
	netlink_put(writer->msg, WGPEER_A_PUBLIC_KEY, peer->public_key.bytes, KEY_SIZE);
	netlink_put_u32(writer->msg, WGPEER_A_FLAGS, flags);
	return nest;
}

static void put_settings(struct nl_msg *msg, const struct wireguard_peer *peer)
{
	if (endpoint_is_set(&peer->endpoint))
		netlink_put(msg, WGPEER_A_ENDPOINT, &peer->endpoint.sa,
			    endpoint_socklen(&peer->endpoint));
	if (peer->clear_preshared_key)
		netlink_put(msg, WGPEER_A_PRESHARED_KEY, no_preshared_key, WG_KEY_LEN);
	if (peer->keepalive_s != WIREGUARD_KEEP)
		netlink_put_u16(msg, WGPEER_A_PERSISTENT_KEEPALIVE_INTERVAL, peer->keepalive_s);
}

static void put_allowed_ip(struct writer *writer, const struct prefix *ip)
{
	struct nlattr *nest = nla_nest_start(writer->msg, 0);
	const void *address;
	gsize size;

	address = prefix_address(ip, &size);
	netlink_put_u16(writer->msg, WGALLOWEDIP_A_FAMILY, ip->family);
	netlink_put(writer->msg, WGALLOWEDIP_A_IPADDR, address, size);
	netlink_put_u8(writer->msg, WGALLOWEDIP_A_CIDR_MASK, ip->length);
	nla_nest_end(writer->msg, nest);
	writer->room -= ALLOWED_IP_SIZE;
}

/* Writes allowed IPs from number @first on while there is room. Return: the first left over. */
static guint put_allowed_ips(struct writer *writer, const GArray *ips, guint first)
{
	struct nlattr *nest = nla_nest_start(writer->msg, WGPEER_A_ALLOWEDIPS);

	while (first < ips->len && writer->room >= (int)ALLOWED_IP_SIZE)
		put_allowed_ip(writer, &g_array_index(ips, struct prefix, first++));
	nla_nest_end(writer->msg, nest);
	return first;
}

static bool write_peer(struct writer *writer, const struct wireguard_peer *peer, GError **error)
{
	guint count = peer->allowed_ips ? peer->allowed_ips->len : 0;
	guint written = 0;
	struct nlattr *nest;

	if (!make_room(writer, PEER_SIZE, error))
		return false;
	nest = begin_peer(writer, peer, peer_flags(peer));
	if (peer->change != WIREGUARD_REMOVE) {
		put_settings(writer->msg, peer);
		if (count)
			written = put_allowed_ips(writer, peer->allowed_ips, 0);
	}
	nla_nest_end(writer->msg, nest);

	while (peer->change != WIREGUARD_REMOVE && written < count) {
		if (!make_room(writer, PEER_SIZE + ALLOWED_IP_SIZE, error))
			return false;
		nest = begin_peer(writer, peer, WGPEER_F_UPDATE_ONLY);
		written = put_allowed_ips(writer, peer->allowed_ips, written);
		nla_nest_end(writer->msg, nest);
	}
	return true;
}

bool wireguard_set_peers(struct wireguard *wg, guint32 ifindex, const struct wireguard_peer *peers,
			 gsize count, GError **error)
{
	struct writer writer = { .wg = wg, .ifindex = ifindex };

	for (gsize i = 0; i < count; i++) {
		if (!write_peer(&writer, &peers[i], error)) {
			netlink_message_free(writer.msg);
			return false;
		}
	}
	return flush(&writer, error);
}
