/* SPDX-License-Identifier: GPL-2.0 */
#ifndef WGMESH_DATAPLANE_PRIVATE_H
#define WGMESH_DATAPLANE_PRIVATE_H

#include "backoff.h"
#include "dataplane.h"
#include "handshake.h"
#include "lib/link.h"
#include "lib/network-tag.h"
#include "lib/pathnl-events.h"
#include "mended.h"

/*
 * dataplane.c holds what is wanted and makes single changes; dataplane-sync.c compares all of it
 * with what the kernel has, part by part: dataplane-interface.c, dataplane-module.c,
 * dataplane-wireguard.c, dataplane-routes.c.
 */

/* What the alternative name of an interface begins with that is in a network. */
#define DATAPLANE_NETWORK_PREFIX "wgmesh-"

/**
 * struct dataplane_route - a route that a peer is to have
 * @destination: an address of the peer
 * @peer: whose
 * @there: the kernel has it, as far as it told
 * @mtu_bytes: MTU of the route
 * @blocked: somebody else's route is in the way
 */
struct dataplane_route {
	struct prefix destination;
	struct dataplane_peer *peer;
	bool there;
	guint32 mtu_bytes;
	bool blocked;
};

/**
 * struct dataplane_peer - what is wanted for a peer
 * @dp: whose peer it is
 * @key: public key
 * @addresses: array of struct prefix
 * @paths: array of struct dataplane_path *
 * @id: number in the module; 0 while the module does not have the peer
 * @virtual_endpoint: given by the module; not set while the module does not have the peer
 * @connected: WireGuard is to have the virtual endpoint and the persistent keep-alive
 * @shaken_us: when WireGuard was last made to shake hands
 * @handshake: what WireGuard told of the last handshake
 * @adopted: @paths and @connected tell what is wanted; before, what the kernel has
 *	     counts
 * @selected: number of the path that packets take; 0 when there is none
 * @routes: one for each of @addresses
 * @route_count: how many of @routes there are
 * @route_mtu_bytes: MTU that the routes to the peer were given; 0: that of the interface
 * @events: of whoever watches the peer; NULL when nobody does
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
	gint64 shaken_us;
	struct handshake handshake;
	bool adopted;
	guint32 selected;
	struct dataplane_route routes[DATAPLANE_ADDRESSES];
	guint route_count;
	guint32 route_mtu_bytes;
	const struct dataplane_peer_events *events;
	void *events_data;
};

/**
 * struct dataplane - what is wanted for the interface
 * @ifname: its name
 * @network: alternative name of the interface, by which the network is known; "": none yet
 * @private_key: of this node
 * @public_key: of this node
 * @listen_port: asked for, or 0
 * @rt: rtnetlink
 * @wg: WireGuard
 * @nl: the module; NULL while it was never there
 * @events: of the module
 * @wanted: whether there is to be an interface
 * @addresses: array of struct prefix
 * @peers: struct dataplane_peer by key; owns them
 * @by_id: struct dataplane_peer by the module's number
 * @complete: peers that are not in @peers are to be removed
 * @mtu_bytes: of the interface; 0 leaves it as it is
 * @link_mtu_bytes: what the interface has
 * @ipv6: whether the interface takes IPv6; where it does not, only IPv4 is wanted
 * @ifindex: of the interface; 0 while there is none
 * @device: the module's number of the interface; 0 while the module does not have it
 * @synced: the kernel has all that is wanted, but for @added
 * @added: array of struct dataplane_peer * that the kernel does not have yet
 * @missed: array of struct pathnl_path: changes that were found while comparing
 * @tell: GLib source that tells of @missed
 * @sessions: what WireGuard last said of its peers; NULL before
 * @sessions_us: when WireGuard said @sessions
 * @backoff: of @retry
 * @retry: GLib source of the next dataplane_sync()
 * @routes: struct dataplane_route by destination
 * @suspect_routes: set of struct dataplane_route *: not as wanted, as far as the kernel told
 * @blocked: how many of @routes are blocked
 * @all_routes: any may be missing, without the kernel having told
 * @suspects: bits of enum mended_kind: what may not be as wanted
 * @check: GLib source that compares @suspects with the kernel
 * @checked_us: when @check did so last
 * @look: GLib source that compares WireGuard
 * @port: the port that WireGuard has; 0 while it is not known
 * @module_port: the port that the module was told
 * @fwmark: the mark that the module was told
 * @mending: what differs now was changed by somebody else
 * @found: how much of it, by kind
 * @mended: what was put right so far
 * @error: why the last dataplane_sync() failed
 * @module_error: why the module does not have the device
 * @address_error: what else on this machine has this node's addresses; NULL: nothing
 */
struct dataplane {
	char ifname[IFNAMSIZ];
	char network[sizeof(DATAPLANE_NETWORK_PREFIX) + NETWORK_TAG_LEN];
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
	struct wireguard_device *sessions;
	gint64 sessions_us;
	struct backoff backoff;
	guint retry;
	GHashTable *routes;
	GHashTable *suspect_routes;
	guint blocked;
	bool all_routes;
	unsigned int suspects;
	guint check;
	gint64 checked_us;
	guint look;
	guint16 port;
	guint16 module_port;
	guint32 fwmark;
	bool mending;
	guint found[MENDED_KINDS];
	struct mended mended;
	char *error;
	char *module_error;
	char *address_error;
};

/**
 * dataplane_sync() - compare all that is wanted with what the kernel has, and change what differs
 * @dp: the dataplane
 * @error: NETLINK_ERROR. That the module is missing is no error
 */
bool dataplane_sync(struct dataplane *dp, GError **error);

/**
 * dataplane_sync_interface() - compare the interface itself: that it is there, key, port, MTU, up
 * @dp: the dataplane
 * @device: (owned by the caller) what WireGuard says of it goes here
 * @error: NETLINK_ERROR
 */
bool dataplane_sync_interface(struct dataplane *dp, struct wireguard_device **device,
			      GError **error);

/**
 * dataplane_sync_addresses() - compare the addresses of the interface
 * @dp: the dataplane
 * @error: NETLINK_ERROR
 */
bool dataplane_sync_addresses(struct dataplane *dp, GError **error);

/**
 * dataplane_sync_module() - compare device, peers and paths of the module
 * @dp: the dataplane
 * @found: what WireGuard says of the interface: the port of its socket, and its mark
 * @error: NETLINK_ERROR; EPROTONOSUPPORT: the module is not there
 */
bool dataplane_sync_module(struct dataplane *dp, const struct wireguard_device *found,
			   GError **error);

/**
 * dataplane_sync_peer_in_module() - give the module one peer that was added
 * @peer: the peer
 * @error: NETLINK_ERROR; EEXIST: the module has paths of it, which are to be adopted
 */
bool dataplane_sync_peer_in_module(struct dataplane_peer *peer, GError **error);

/**
 * dataplane_sync_wireguard() - compare WireGuard's peers
 * @dp: the dataplane
 * @device: what WireGuard has
 * @error: NETLINK_ERROR
 */
bool dataplane_sync_wireguard(struct dataplane *dp, const struct wireguard_device *device,
			      GError **error);

/**
 * dataplane_sync_routes() - compare the routes to all peers
 * @dp: the dataplane
 * @error: NETLINK_ERROR
 */
bool dataplane_sync_routes(struct dataplane *dp, GError **error);

/**
 * dataplane_sync_suspect_routes() - compare the routes in @suspect_routes of the dataplane
 * @dp: the dataplane
 * @error: NETLINK_ERROR
 */
bool dataplane_sync_suspect_routes(struct dataplane *dp, GError **error);

/**
 * dataplane_sync_below() - compare what is behind the interface: the module and WireGuard's peers
 * @dp: the dataplane
 * @device: what WireGuard has
 * @module: whether the module is asked
 * @error: NETLINK_ERROR. That the module is missing is no error
 */
bool dataplane_sync_below(struct dataplane *dp, const struct wireguard_device *device, bool module,
			  GError **error);

/**
 * dataplane_note_handshake() - WireGuard was read, or changed
 * @peer: the peer
 * @found: what it has of it; NULL when it has none, or has just got it
 */
void dataplane_note_handshake(struct dataplane_peer *peer, const struct wireguard_peer *found);

/**
 * dataplane_expect_routes() - a peer has its addresses: it is to have a route to each
 * @peer: the peer
 */
void dataplane_expect_routes(struct dataplane_peer *peer);

/**
 * dataplane_forget_routes() - a peer is to have no routes any more; the kernel is not changed
 * @peer: the peer
 */
void dataplane_forget_routes(struct dataplane_peer *peer);

/**
 * dataplane_route_event() - take note of what the kernel tells of a route
 * @dp: the dataplane
 * @event: what it tells; whoever's route it is
 *
 * Return: whether a route of ours is suspect because of it that was not before.
 */
bool dataplane_route_event(struct dataplane *dp, const struct link_event *event);

/**
 * dataplane_suspect_blocked_routes() - what is in the way of routes may be gone
 * @dp: the dataplane
 *
 * Return: whether there are such routes; they are suspect now.
 */
bool dataplane_suspect_blocked_routes(struct dataplane *dp);

/**
 * dataplane_look_for_own_addresses() - see what else on this machine has this node's addresses
 * @dp: the dataplane
 *
 * What changes of that is logged.
 */
void dataplane_look_for_own_addresses(struct dataplane *dp);

/**
 * dataplane_is_own_address() - whether an address is one of this node's
 * @dp: the dataplane
 * @address: its length does not count
 */
bool dataplane_is_own_address(const struct dataplane *dp, const struct prefix *address);

/**
 * dataplane_suspect() - something may not be as wanted: compare it, soon
 * @dp: the dataplane
 * @kind: what
 */
void dataplane_suspect(struct dataplane *dp, enum mended_kind kind);

/**
 * dataplane_mended() - something differed from what is wanted, and was changed
 * @dp: the dataplane
 * @kind: what
 * @count: how many
 *
 * It counts while it is being looked at what somebody else changed.
 */
void dataplane_mended(struct dataplane *dp, enum mended_kind kind, guint count);

/**
 * dataplane_forget_suspects() - nothing has to be checked any more: it is not wanted, or all is compared
 * @dp: the dataplane
 */
void dataplane_forget_suspects(struct dataplane *dp);

/**
 * dataplane_failed() - comparing failed: all is compared again, later
 * @dp: the dataplane
 * @error: why
 */
void dataplane_failed(struct dataplane *dp, const GError *error);

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
