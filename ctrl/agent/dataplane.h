/* SPDX-License-Identifier: GPL-2.0 */
#ifndef WGMESH_DATAPLANE_H
#define WGMESH_DATAPLANE_H

#include <glib.h>
#include <stdbool.h>

#include "lib/endpoint.h"
#include "lib/key.h"
#include "lib/link.h"
#include "lib/pathnl.h"
#include "lib/prefix.h"
#include "lib/wireguard.h"
#include "mended.h"

/*
 * The sole owner of what the kernel holds for a network: the WireGuard interface with its addresses
 * and peers, a route to each peer, and the device, peers and paths of the module.
 *
 * It knows what is wanted, and makes the kernel agree. What the kernel has when the first peers are
 * given is adopted: only differences are changed, so a restart of this program loses no packet.
 * The routes to a peer have the MTU that its path in use leaves for packets inside.
 * When somebody else takes something away or changes it, it is put right, and that is counted. A
 * route of somebody else that is in the way of one to a peer costs that peer the address.
 */

/* How many addresses a node has in the overlay, at most: one of IPv4, one of IPv6. */
#define DATAPLANE_ADDRESSES 2

/* Persistent keep-alive of a connected peer, in seconds: less than the 30 s after which the worst
 * NATs forget a binding.
 */
#define DATAPLANE_KEEPALIVE_S 25

struct dataplane;

/**
 * struct dataplane_path - a path of a peer
 * @id: of the module; 0 while it does not have it
 * @local: endpoint of the underlay on this node
 * @remote: endpoint of the underlay of the peer, or of the relay that this node uses
 * @channel: of the relay that leads to the peer; 0 when the path is direct
 * @ifindex: interface that packets leave by, whatever the routes say; 0 leaves it to these
 * @kind: direct or relay
 * @priority: the kernel uses the path with the highest among those that answer
 * @state: what the kernel's probes say
 * @policy: what an operator wants of it
 * @pmtu_bytes: the largest packet that passes whole, as the kernel's probes measured it; 0 when
 *		they did not
 *
 * Read it only. It stays where it is until dataplane_remove_path() or its peer is removed. The
 * kernel changes the endpoints when it follows a peer, or this node, to another address: what it
 * says counts.
 */
struct dataplane_path {
	guint32 id;
	struct endpoint local;
	struct endpoint remote;
	guint16 channel;
	guint32 ifindex;
	enum wgmesh_path_kind kind;
	guint32 priority;
	enum wgmesh_path_state state;
	enum wgmesh_path_policy policy;
	guint32 pmtu_bytes;
};

/**
 * dataplane_path_is_answered() - whether the kernel's probes are answered on a path
 * @path: a path
 *
 * The kernel does not tell of a path that is suspect for a moment.
 */
static inline bool dataplane_path_is_answered(const struct dataplane_path *path)
{
	return path->state == WGMESH_PATH_STATE_ALIVE || path->state == WGMESH_PATH_STATE_SUSPECT;
}

/**
 * struct dataplane_peer - what is wanted for a peer; stays where it is until it is removed
 */
struct dataplane_peer;

/**
 * struct dataplane_peer_events - what the kernel finds out by itself
 * @path: the state of a path is another one
 * @selected: dataplane_selected() is another one
 * @claimed: another peer claims the channel of a path through a relay, where no probe was answered
 *	     yet: the path has to be removed, for one packet cannot come from two peers
 */
struct dataplane_peer_events {
	void (*path)(const struct dataplane_path *path, enum wgmesh_path_state before, void *data);
	void (*selected)(enum wgmesh_reason reason, void *data);
	void (*claimed)(const struct dataplane_path *path, void *data);
};

/**
 * struct dataplane_settings - what an interface is made of
 * @ifname: name of the interface
 * @private_key: of this node
 * @listen_port: of WireGuard's own socket, 0 lets the kernel choose
 */
struct dataplane_settings {
	const char *ifname;
	const struct key *private_key;
	guint16 listen_port;
};

/**
 * dataplane_new() - get ready; the kernel is not changed yet
 * @settings: copied
 * @error: NETLINK_ERROR: CAP_NET_ADMIN or WireGuard is missing. That the module is missing is no
 *	   error: see dataplane_module_error()
 *
 * Return: (owned by the caller) the dataplane; NULL on error.
 */
struct dataplane *dataplane_new(const struct dataplane_settings *settings, GError **error);

/**
 * dataplane_free() - forget everything; the kernel keeps what it has
 * @dp: a dataplane, or NULL
 */
void dataplane_free(struct dataplane *dp);

/**
 * dataplane_set_network() - which network the interface is in
 * @dp: the dataplane
 * @tag: of the network, as network_tag() makes it
 *
 * The interface bears it as an alternative name, which no two interfaces can have: a machine is in
 * a network once. What dies leaves no lock but the interface itself.
 */
void dataplane_set_network(struct dataplane *dp, const char *tag);

/**
 * dataplane_may_enter() - whether no other interface of this machine is in a network
 * @dp: the dataplane
 * @tag: of the network
 * @error: NETLINK_ERROR; EEXIST: which one is, and what to do
 */
bool dataplane_may_enter(struct dataplane *dp, const char *tag, GError **error);

/**
 * dataplane_set_addresses() - the addresses of this node; wanted from now on is an interface
 * @dp: the dataplane
 * @addresses: array of struct prefix of full length, at most DATAPLANE_ADDRESSES are taken
 *
 * Like everything that is set here, it takes effect with dataplane_apply().
 */
void dataplane_set_addresses(struct dataplane *dp, const GArray *addresses);

/**
 * dataplane_set_mtu() - let the MTU of the interface fit the worst path
 * @dp: the dataplane
 * @underlay_bytes: smallest MTU of the underlay; 0: not known
 *
 * The worst is one through a relay over IPv6. It takes effect at once.
 */
void dataplane_set_mtu(struct dataplane *dp, guint32 underlay_bytes);

/**
 * dataplane_set_peer() - a peer is wanted
 * @dp: the dataplane
 * @key: of the peer
 * @addresses: array of struct prefix of full length: its addresses in the overlay
 *
 * Return: (borrowed from @dp) the peer.
 */
struct dataplane_peer *dataplane_set_peer(struct dataplane *dp, const struct key *key,
					  const GArray *addresses);

/**
 * dataplane_remove_peer() - remove a peer with its paths, now
 * @dp: the dataplane
 * @peer: the peer; it is freed
 */
void dataplane_remove_peer(struct dataplane *dp, struct dataplane_peer *peer);

/**
 * dataplane_apply() - make the kernel agree with what was set
 * @dp: the dataplane
 * @complete: all peers there are have been set: others that the kernel has are to be removed
 * @error: what is wrong; it is tried again by itself
 */
bool dataplane_apply(struct dataplane *dp, bool complete, GError **error);

/**
 * dataplane_follow() - notice what somebody else changes, and put it right
 * @dp: the dataplane
 * @watch: tells of links, addresses and routes, until it is freed; nobody else is told each event
 */
void dataplane_follow(struct dataplane *dp, struct link_watch *watch);

/**
 * dataplane_route_error() - why packets to a peer do not come to the interface
 * @peer: the peer
 *
 * The kernel is asked now, with its rules and all its tables.
 *
 * Return: (owned by the caller) which route they take, and what to do; NULL when all is well.
 */
char *dataplane_route_error(const struct dataplane_peer *peer);

/**
 * dataplane_others() - the addresses of the peers of all other WireGuard interfaces
 * @dp: the dataplane
 *
 * Return: (owned by the caller) the name of the interface by struct prefix.
 */
GHashTable *dataplane_others(struct dataplane *dp);

/**
 * dataplane_route_shared() - which other interface would get the packets to a peer, had it the route
 * @peer: the peer
 * @others: as dataplane_others() makes it
 *
 * Return: (owned by the caller) which, by which address; NULL when there is none, or when it is
 * the other one that has the route: that is what dataplane_route_error() says.
 */
char *dataplane_route_shared(const struct dataplane_peer *peer, GHashTable *others);

/**
 * dataplane_address_shared() - which other interface has a peer with an address of this node
 * @dp: the dataplane
 * @others: as dataplane_others() makes it
 *
 * Return: (owned by the caller) which, by which address; NULL when there is none.
 */
char *dataplane_address_shared(struct dataplane *dp, GHashTable *others);

/**
 * dataplane_address_error() - which other interface has an address of this node itself
 * @dp: the dataplane
 *
 * Return: (borrowed from @dp) which, and what to do; NULL when there is none.
 */
const char *dataplane_address_error(const struct dataplane *dp);

/**
 * dataplane_mendings() - what was put right
 * @dp: the dataplane
 *
 * Return: (borrowed from @dp) the records.
 */
const struct mended *dataplane_mendings(const struct dataplane *dp);

/**
 * dataplane_remove() - remove the interface and what the module has for it; forget all peers
 * @dp: the dataplane
 * @error: NETLINK_ERROR
 */
bool dataplane_remove(struct dataplane *dp, GError **error);

/**
 * dataplane_add_path() - give a peer a path
 * @peer: the peer
 * @wanted: the path; copied, but for its number
 * @error: NETLINK_ERROR. When the module is not there, the path counts as added: it gets it as soon
 *	   as it is there
 *
 * Return: (borrowed from @peer) the path, also when the peer has had it; NULL on error.
 */
struct dataplane_path *dataplane_add_path(struct dataplane_peer *peer,
					  const struct dataplane_path *wanted, GError **error);

/**
 * dataplane_set_priority() - change which path of a peer is in use
 * @peer: the peer
 * @path: one of its paths
 * @priority: the new one
 * @error: as for dataplane_add_path()
 */
bool dataplane_set_priority(struct dataplane_peer *peer, struct dataplane_path *path,
			    guint32 priority, GError **error);

/**
 * dataplane_set_policy() - force a path, forbid it, or leave it to the selector
 * @peer: the peer
 * @path: one of its paths
 * @policy: what an operator wants of it; one path of a peer can be forced
 * @error: NETLINK_ERROR with the kernel's reason. A path that the module does not have now gets the
 *	   policy together with it
 */
bool dataplane_set_policy(struct dataplane_peer *peer, struct dataplane_path *path,
			  enum wgmesh_path_policy policy, GError **error);

/**
 * dataplane_remove_path() - take a path from a peer
 * @peer: the peer
 * @path: one of its paths; it is freed
 */
void dataplane_remove_path(struct dataplane_peer *peer, struct dataplane_path *path);

/**
 * dataplane_watch_peer() - be told what the kernel finds out
 * @peer: the peer
 * @events: what to call, from the default main context; NULL: nobody any more
 * @data: for @events
 */
void dataplane_watch_peer(struct dataplane_peer *peer, const struct dataplane_peer_events *events,
			  void *data);

/**
 * dataplane_selected() - the path that packets to a peer take
 * @peer: the peer
 *
 * Return: (borrowed from @peer) the path; NULL when there is none.
 */
const struct dataplane_path *dataplane_selected(const struct dataplane_peer *peer);

/**
 * dataplane_paths() - the paths of a peer
 * @peer: the peer
 *
 * Return: (borrowed from @peer) an array of struct dataplane_path *.
 */
const GPtrArray *dataplane_paths(const struct dataplane_peer *peer);

/**
 * dataplane_read_path() - read the counters of a path
 * @peer: the peer
 * @path: one of its paths
 * @read: the result goes here
 *
 * Return: false when the module does not have it now.
 */
bool dataplane_read_path(struct dataplane_peer *peer, const struct dataplane_path *path,
			 struct pathnl_path *read);

/**
 * dataplane_read_peer() - read what the module knows of a peer
 * @peer: the peer
 * @read: the result goes here
 *
 * Return: false when the module does not have it now.
 */
bool dataplane_read_peer(struct dataplane_peer *peer, struct pathnl_peer *read);

/**
 * dataplane_connect() - let WireGuard talk to a peer
 * @peer: the peer; has a path
 *
 * WireGuard gets the virtual endpoint and the persistent keep-alive, which makes it shake hands at
 * once. Before the first call the peer has no endpoint, so WireGuard does not send into the void and
 * then wait 5 s before it tries again.
 */
void dataplane_connect(struct dataplane_peer *peer);

/**
 * dataplane_shake_hands() - let WireGuard shake hands at once, if it has no session with a peer
 * @peer: the peer; packets reach it
 *
 * What it sent before that was lost does not count: WireGuard, which would wait for 5 s, is made to
 * forget it.
 */
void dataplane_shake_hands(struct dataplane_peer *peer);

/**
 * dataplane_has_never_shaken() - whether WireGuard knows of no handshake with a peer
 * @peer: the peer
 *
 * Return: false, too, when WireGuard does not say.
 */
bool dataplane_has_never_shaken(struct dataplane_peer *peer);

/**
 * dataplane_doubt_session() - a peer has started, and may have lost the session that there is
 * @peer: the peer
 */
void dataplane_doubt_session(struct dataplane_peer *peer);

/**
 * dataplane_lose_session() - a peer says that its WireGuard knows of no handshake with this node
 * @peer: the peer
 *
 * It cannot begin one when its clock was set back since the last: WireGuard of this node takes it
 * for a replay.
 *
 * Return: whether a session that this node has is of no use any more, so that dataplane_shake_hands()
 * begins another one. One that began since dataplane_doubt_session() is not concerned.
 */
bool dataplane_lose_session(struct dataplane_peer *peer);

/**
 * dataplane_is_connected() - whether dataplane_connect() was called for a peer, in this run or before
 * @peer: the peer
 */
bool dataplane_is_connected(const struct dataplane_peer *peer);

/**
 * dataplane_virtual_endpoint() - where WireGuard sends to for a peer
 * @peer: the peer
 *
 * Return: (borrowed from @peer) the endpoint; not set while the module is not there.
 */
const struct endpoint *dataplane_virtual_endpoint(const struct dataplane_peer *peer);

/**
 * dataplane_read_peers() - read all peers from WireGuard
 * @dp: the dataplane
 *
 * Return: (owned by the caller) the interface; NULL when there is none.
 */
struct wireguard_device *dataplane_read_peers(struct dataplane *dp);

/**
 * dataplane_ifname() - the name of the interface
 * @dp: the dataplane
 */
const char *dataplane_ifname(const struct dataplane *dp);

/**
 * dataplane_has_ipv6() - whether the interface takes IPv6
 * @dp: the dataplane
 *
 * Return: false where the admin turned IPv6 off, so that the IPv6 addresses wait; true, too, while
 * there is no interface.
 */
bool dataplane_has_ipv6(const struct dataplane *dp);

/**
 * dataplane_module_error() - what is wrong with the module
 * @dp: the dataplane
 *
 * Return: (borrowed from @dp) what is wrong and what to do; NULL when all is well.
 */
const char *dataplane_module_error(const struct dataplane *dp);

/**
 * dataplane_error() - what is wrong with the interface
 * @dp: the dataplane
 *
 * Return: (borrowed from @dp) what is wrong and what to do; NULL when all is well.
 */
const char *dataplane_error(const struct dataplane *dp);

#endif
