/* SPDX-License-Identifier: GPL-2.0 */
#ifndef WGMESH_WIREGUARD_H
#define WGMESH_WIREGUARD_H

#include <glib.h>
#include <net/if.h>
#include <stdbool.h>

#include "endpoint.h"
#include "key.h"
#include "netlink.h"
#include "prefix.h"

/*
 * WireGuard's own netlink family: what the program wg configures, without running it.
 */

/**
 * enum wireguard_change - what wireguard_set_peers() does with a peer
 * @WIREGUARD_SET: add it, or change what is there
 * @WIREGUARD_UPDATE: change what is there; nothing happens when it is not there
 * @WIREGUARD_REMOVE: remove it; nothing happens when it is not there
 */
enum wireguard_change {
	WIREGUARD_SET,
	WIREGUARD_UPDATE,
	WIREGUARD_REMOVE,
};

/* Value of a struct wireguard_peer's keepalive_s when it is to stay as it is. */
#define WIREGUARD_KEEP (-1)

/**
 * struct wireguard_peer - a peer of an interface
 * @change: what to do with it; 0 when read
 * @public_key: names the peer
 * @endpoint: where WireGuard sends to; not set: stays as it is, or is not known
 * @keepalive_s: persistent keep-alive in seconds, 0 is off, WIREGUARD_KEEP leaves it
 * @allowed_ips: array of struct prefix that replaces those that are there; NULL leaves them. Never
 *		 NULL when read. Owned by whoever owns the struct
 * @has_preshared_key: whether it has one; the key itself is wiped, unread. Read only
 * @clear_preshared_key: whether to take it away
 * @last_handshake: seconds since 1970; 0 when there was none. Read only, as are the next two
 * @rx_bytes: received from the peer, encryption and keep-alives included
 * @tx_bytes: sent to the peer
 */
struct wireguard_peer {
	enum wireguard_change change;
	struct key public_key;
	struct endpoint endpoint;
	int keepalive_s;
	GArray *allowed_ips;
	bool has_preshared_key;
	bool clear_preshared_key;
	gint64 last_handshake;
	guint64 rx_bytes;
	guint64 tx_bytes;
};

/**
 * struct wireguard_device - an interface as WireGuard describes it
 * @ifindex: of the interface
 * @ifname: its name
 * @has_private_key: whether it has one; the key itself is wiped, unread
 * @public_key: its public key; zeros when it has no private key
 * @listen_port: of its socket, host byte order; 0 when it has none (yet)
 * @fwmark: mark of the packets it sends; 0 is none
 * @peers: array of struct wireguard_peer that frees their allowed IPs
 */
typedef struct wireguard_device {
	guint32 ifindex;
	char ifname[IFNAMSIZ];
	bool has_private_key;
	struct key public_key;
	guint16 listen_port;
	guint32 fwmark;
	GArray *peers;
} wireguard_device;

/**
 * struct wireguard_settings - what wireguard_set_device() changes
 * @private_key: borrowed; NULL leaves it
 * @listen_port: host byte order, 0 lets the kernel choose one, WIREGUARD_KEEP leaves it
 * @fwmark: 0 is none, WIREGUARD_KEEP leaves it
 * @remove_peers: whether to remove all peers first
 */
struct wireguard_settings {
	const struct key *private_key;
	int listen_port;
	gint64 fwmark;
	bool remove_peers;
};

/**
 * struct wireguard - a socket for requests to WireGuard
 */
typedef struct wireguard wireguard;

/**
 * wireguard_open() - open a socket for requests to WireGuard
 * @error: NETLINK_ERROR; EPROTONOSUPPORT when the kernel has no WireGuard
 *
 * It acts on the interfaces of the network namespace in which it was opened.
 *
 * Return: (owned by the caller) the socket; NULL on error. wireguard_close() it.
 */
struct wireguard *wireguard_open(GError **error);

/**
 * wireguard_close() - close it; interfaces and peers stay
 * @wg: a socket, or NULL
 */
void wireguard_close(struct wireguard *wg);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(wireguard, wireguard_close)

/**
 * wireguard_set_device() - change the settings of an interface
 * @wg: the socket
 * @ifindex: of the interface
 * @settings: what to change
 * @error: NETLINK_ERROR; ENODEV: no such interface; EOPNOTSUPP: not WireGuard's; EADDRINUSE: the
 *	   port is taken
 */
bool wireguard_set_device(struct wireguard *wg, guint32 ifindex,
			  const struct wireguard_settings *settings, GError **error);

/**
 * wireguard_set_peers() - add, change or remove peers
 * @wg: the socket
 * @ifindex: of the interface
 * @peers: what to do with which; a peer may be there once
 * @count: their number; any, since what is too much for one message is sent in several
 * @error: NETLINK_ERROR, as for wireguard_set_device(). Peers before the one in error are set then
 *
 * A peer whose allowed IPs do not fit into one message has only a part of them for a moment.
 */
bool wireguard_set_peers(struct wireguard *wg, guint32 ifindex, const struct wireguard_peer *peers,
			 gsize count, GError **error);

/**
 * wireguard_get_device() - read an interface with all its peers
 * @wg: the socket
 * @ifindex: of the interface
 * @error: NETLINK_ERROR, as for wireguard_set_device()
 *
 * Return: (owned by the caller) the interface; NULL on error. wireguard_device_free() it.
 */
struct wireguard_device *wireguard_get_device(struct wireguard *wg, guint32 ifindex,
					      GError **error);

/**
 * wireguard_device_free() - free it, its peers and their allowed IPs
 * @device: a device, or NULL
 */
void wireguard_device_free(struct wireguard_device *device);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(wireguard_device, wireguard_device_free)

/**
 * wireguard_find_peer() - look a peer up by its key
 * @device: an interface that was read
 * @public_key: of the peer
 *
 * Return: (borrowed from @device) the peer; NULL when there is none.
 */
const struct wireguard_peer *wireguard_find_peer(const struct wireguard_device *device,
						 const struct key *public_key);

/**
 * wireguard_peers_by_key() - a table for who looks up many
 * @device: an interface that was read, or NULL
 *
 * Return: (owned by the caller) struct wireguard_peer by struct key; both are borrowed from @device.
 */
GHashTable *wireguard_peers_by_key(const struct wireguard_device *device);

#endif
