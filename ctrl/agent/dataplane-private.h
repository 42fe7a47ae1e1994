/* SPDX-License-Identifier: GPL-2.0 */
#ifndef WGMESH_DATAPLANE_PRIVATE_H
#define WGMESH_DATAPLANE_PRIVATE_H

#include "../lib/link.h"
#include "../lib/pathnl-events.h"
#include "backoff.h"
#include "dataplane.h"

/*
 * dataplane.c holds what is wanted and makes single changes; dataplane-sync.c compares all of it
 * with what the kernel has.
 */

/**
 * struct dataplane_peer - what is wanted for a peer
 * @dp: whose peer it is
 * @key: public key
 * @addresses: array of struct prefix
 * @paths: array of struct dataplane_path *
 * @id: of the module; 0 while it does not have it
 * @virtual_endpoint: of the module, not set while it does not have it
 * @connected: WireGuard is to have the virtual endpoint and the persistent keep-alive
 * @adopted: @paths and @connected tell what is wanted; before, what the kernel has
 *	     counts
 * @selected: number of the path that packets take; 0 when there is none
 * @route_mtu_bytes: that the routes to it were given; 0: that of the interface
 * @events: of who watches it; NULL when nobody does
 * @events_data: for @events
 */
struct dataplane_peer {
	struct dataplane *dp;
	struct key key;
	GArray *addresses;
	GPtrArray *paths;
	guint32 id;
	struct endpoint virtual_endpoint;
	bool connected;
	bool adopted;
	guint32 selected;
	guint32 route_mtu_bytes;
	const struct dataplane_peer_events *events;
	void *events_data;
};

/**
 * struct dataplane - what is wanted for the interface
 * @ifname: its name
 * @private_key: its private key
 * @public_key: of that
 * @listen_port: asked for, or 0
 * @rt: rtnetlink
 * @wg: WireGuard
 * @nl: the module; NULL while it was never there
 * @events: of the module
 * @wanted: whether there is to be an interface
 * @addresses: array of struct prefix
 * @peers: struct dataplane_peer by key; owns them
 * @by_id: the same by the module's number
 * @complete: peers that are not in @peers are to be removed
 * @mtu_bytes: of the interface; 0 leaves it as it is
 * @link_mtu_bytes: what the interface has
 * @ipv6: whether the interface takes IPv6; where it does not, only IPv4 is wanted
 * @ifindex: of the interface; 0 while there is none
 * @device: the module's number of it; 0 while the module does not have it
 * @synced: the kernel has all that is wanted, but for @added
 * @added: array of struct dataplane_peer * that the kernel does not have yet
 * @missed: array of struct pathnl_path: changes that were found while comparing
 * @tell: GLib source that tells of them
 * @backoff: of @retry
 * @retry: GLib source of the next dataplane_sync()
 * @error: why the last one failed
 * @module_error: why the module does not have the device
 */
struct dataplane {
	char ifname[IFNAMSIZ];
	struct key private_key;
	struct key public_key;
	guint16 listen_port;
	struct netlink *rt;
	struct wireguard *wg;
	struct pathnl *nl;
	struct pathnl_events *events;
	bool wanted;
	GArray *addresses;
	GHashTable *peers;
	GHashTable *by_id;
	bool complete;
	guint32 mtu_bytes;
	guint32 link_mtu_bytes;
	bool ipv6;
	guint32 ifindex;
	guint32 device;
	bool synced;
	GPtrArray *added;
	GArray *missed;
	guint tell;
	struct backoff backoff;
	guint retry;
	char *error;
	char *module_error;
};

/**
 * dataplane_sync() - compare all that is wanted with what the kernel has, and change what differs
 * @dp: the dataplane
 * @error: NETLINK_ERROR. That the module is missing is no error
 */
bool dataplane_sync(struct dataplane *dp, GError **error);

/**
 * dataplane_sync_peer() - give the kernel one peer that was added
 * @peer: the peer
 * @error: NETLINK_ERROR
 */
bool dataplane_sync_peer(struct dataplane_peer *peer, GError **error);

/**
 * dataplane_sync_routes_to() - give the routes to a peer the MTU that its path in use leaves
 * @peer: the peer; missing routes are added
 * @error: NETLINK_ERROR
 */
bool dataplane_sync_routes_to(struct dataplane_peer *peer, GError **error);

/**
 * dataplane_routes_fit() - whether dataplane_sync_routes_to() would change nothing
 * @peer: the peer
 */
bool dataplane_routes_fit(const struct dataplane_peer *peer);

/**
 * dataplane_pmtu() - what the module says of the largest packet of a path
 * @found: what it says
 *
 * Return: for struct dataplane_path.
 */
guint32 dataplane_pmtu(const struct pathnl_path *found);

/**
 * dataplane_owns_interface() - whether the interface is there, and of this node
 * @dp: the dataplane
 * @link: the interface goes here
 * @device: (owned by the caller) what WireGuard says of it goes here; may be NULL
 * @error: NETLINK_ERROR; ENODEV: there is none; EEXIST: it is somebody else's
 */
bool dataplane_owns_interface(struct dataplane *dp, struct link *link,
			      struct wireguard_device **device, GError **error);

/**
 * dataplane_takes() - whether the interface takes addresses and routes of a family
 * @dp: the dataplane
 * @prefix: one of that family
 */
bool dataplane_takes(const struct dataplane *dp, const struct prefix *prefix);

/**
 * dataplane_link_addresses() - the addresses that the interface is to have
 * @dp: the dataplane
 *
 * Return: (owned by the caller) an array of struct prefix.
 */
GArray *dataplane_link_addresses(const struct dataplane *dp);

/**
 * dataplane_same_set() - whether two lists hold the same addresses, in any order
 * @a: array of struct prefix, none twice
 * @b: another
 */
bool dataplane_same_set(const GArray *a, const GArray *b);

/**
 * dataplane_has_prefix() - whether an address is in a list
 * @prefixes: array of struct prefix
 * @prefix: the address
 */
bool dataplane_has_prefix(const GArray *prefixes, const struct prefix *prefix);

/**
 * dataplane_module_failed() - take note that the module refused
 * @dp: the dataplane
 * @error: what it, or the kernel, said
 *
 * When the module is gone, its numbers are forgotten.
 */
void dataplane_module_failed(struct dataplane *dp, const GError *error);

/**
 * dataplane_forget_module() - forget the module's numbers: they are not valid any more
 * @dp: the dataplane
 */
void dataplane_forget_module(struct dataplane *dp);

/**
 * dataplane_found_peer() - take note of what the module says of a peer
 * @peer: the peer
 * @found: what it says
 */
void dataplane_found_peer(struct dataplane_peer *peer, const struct pathnl_peer *found);

/**
 * dataplane_find_path() - look a path up by its endpoints and its channel
 * @peer: the peer
 * @local: endpoint of this node
 * @remote: endpoint of the peer, or of the relay
 * @channel: of the relay, or 0
 *
 * Return: (borrowed from @peer) the path; NULL when there is none.
 */
struct dataplane_path *dataplane_find_path(const struct dataplane_peer *peer,
					   const struct endpoint *local,
					   const struct endpoint *remote, guint16 channel);

/**
 * dataplane_find_path_by_id() - look a path up by the module's number
 * @peer: the peer
 * @id: the number
 *
 * Return: (borrowed from @peer) the path; NULL when there is none.
 */
struct dataplane_path *dataplane_find_path_by_id(const struct dataplane_peer *peer, guint32 id);

/**
 * dataplane_missed() - a path is not what it was, though there was no event
 * @dp: the dataplane
 * @found: the path as it is now; copied
 *
 * Whoever watches its peer is told later, for it may want to change what is being compared.
 */
void dataplane_missed(struct dataplane *dp, const struct pathnl_path *found);

/**
 * dataplane_new_path() - a path that is wanted from now on
 * @peer: the peer
 * @wanted: the path; copied, but for its number
 *
 * Return: (borrowed from @peer) the path.
 */
struct dataplane_path *dataplane_new_path(struct dataplane_peer *peer,
					  const struct dataplane_path *wanted);

/**
 * dataplane_put_path() - give the module a path, or its priority and policy
 * @peer: the peer; has a number
 * @path: the path; gets its number
 * @error: NETLINK_ERROR
 */
bool dataplane_put_path(struct dataplane_peer *peer, struct dataplane_path *path, GError **error);

#endif
