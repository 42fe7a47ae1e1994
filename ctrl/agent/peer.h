/* SPDX-License-Identifier: GPL-2.0 */
#ifndef WGMESH_PEER_H
#define WGMESH_PEER_H

#include <glib.h>
#include <stdbool.h>

#include "../lib/key.h"
#include "../lib/seal.h"
#include "dataplane.h"
#include "ice.h"
#include "paths.h"
#include "peer-relay.h"
#include "peermessage.h"
#include "relays.h"

/* The longest hostname and its final zero (docs/protocol.md section 1). */
#define PEER_HOSTNAME_SIZE 64

/* How many ICE sessions may be looking for a pair at the same time; others wait for their turn. */
#define PEER_MAX_NEGOTIATING 64

/**
 * struct peer_context - what all peers of a network share; belongs to the mesh
 * @private_key: of this node
 * @public_key: of this node
 * @session: of this node
 * @underlay: array of struct endpoint: where this node might be reached
 * @stun: array of struct endpoint: servers that answer STUN
 * @relays: of this node; belong to the mesh
 * @connected: whether the server is connected, so that boxes get through
 * @negotiating: number of ICE sessions that are looking for a pair
 * @waiting: queue of struct peer *: those that wait for their turn
 * @serve: GLib source that lets the next ones begin
 * @is_overlay: whether an address is one of the overlay, to which ICE must not send
 * @send: hand a box to the server for a peer
 * @ask_for_map: the map may be out of date
 * @data: for the functions
 */
struct peer_context {
	struct key private_key;
	struct key public_key;
	struct seal_session session;
	const GArray *underlay;
	GArray *stun;
	struct relays *relays;
	bool connected;
	guint negotiating;
	GQueue waiting;
	guint serve;
	bool (*is_overlay)(const struct endpoint *ep, void *data);
	void (*send)(const struct key *to, const guint8 *box, gsize size, void *data);
	void (*ask_for_map)(void *data);
	void *data;
};

/**
 * struct peer - another node, and how to get to it
 */
struct peer;

/**
 * peer_new() - a node has come into the map
 * @context: of the network; borrowed
 * @key: of the peer
 *
 * Return: (owned by the caller) the peer, without a hostname yet. peer_free() it.
 */
struct peer *peer_new(struct peer_context *context, const struct key *key);

/**
 * peer_free() - forget it; the kernel keeps what it has
 * @peer: a peer, or NULL
 */
void peer_free(struct peer *peer);

/**
 * peer_attach() - the dataplane has the peer, with the paths that were adopted
 * @peer: the peer
 * @dataplane: borrowed; NULL when it has it no more
 */
void peer_attach(struct peer *peer, struct dataplane_peer *dataplane);

/**
 * peer_set_session() - what the map says
 * @peer: the peer
 * @session: of the peer; NULL while it is not connected to the server
 *
 * The first time, and whenever it changes, an ICE session is begun; at most one a second.
 */
void peer_set_session(struct peer *peer, const struct seal_session *session);

/**
 * peer_set_hostname() - what the map says
 * @peer: the peer
 * @hostname: cut when it is too long
 */
void peer_set_hostname(struct peer *peer, const char *hostname);

/**
 * peer_receive() - a box came from a peer
 * @peer: the peer
 * @box: the box
 * @size: its size in bytes
 */
void peer_receive(struct peer *peer, const guint8 *box, gsize size);

/**
 * peer_unreachable() - the server could not pass a box on
 * @peer: the peer
 */
void peer_unreachable(struct peer *peer);

/**
 * peer_renew() - make a new ICE session, beside the path in use
 * @peer: the peer
 * @reason: PEERMESSAGE_NETWORK_CHANGED or PEERMESSAGE_ASKED
 */
void peer_renew(struct peer *peer, enum peermessage_reason reason);

/**
 * peer_allocation_changed() - the allocations of this node are others
 * @peer: the peer
 */
void peer_allocation_changed(struct peer *peer);

/**
 * peer_channel_bound() - a channel of an allocation is there
 * @peer: the peer, whether it is its channel or not
 * @turn: the allocation
 * @channel: its number
 */
void peer_channel_bound(struct peer *peer, const struct turn *turn, guint16 channel);

/**
 * peer_channel_refused() - the relay does not give a channel
 * @peer: the peer, whether it is its channel or not
 * @turn: the allocation
 * @channel: its number
 * @why: for people
 */
void peer_channel_refused(struct peer *peer, const struct turn *turn, guint16 channel,
			  const char *why);

/**
 * peer_server_connected() - boxes get through again; some may have been lost
 * @peer: the peer
 */
void peer_server_connected(struct peer *peer);

/**
 * peer_is_called() - whether this is the peer that is meant
 * @peer: the peer
 * @name: public key or hostname
 */
bool peer_is_called(const struct peer *peer, const char *name);

/* What status.c tells about a peer. Strings and pointers are borrowed from it. */
const struct key *peer_key(const struct peer *peer);
const char *peer_hostname(const struct peer *peer);
bool peer_is_online(const struct peer *peer);
const struct ice *peer_ice(const struct peer *peer);
const char *peer_error(const struct peer *peer);
const char *peer_relay_why(const struct peer *peer);
struct dataplane_peer *peer_dataplane(const struct peer *peer);
const struct dataplane_path *peer_path(const struct peer *peer);

/**
 * peer_is_waiting() - whether the last ICE session failed, and the next has not begun
 * @peer: the peer
 */
bool peer_is_waiting(const struct peer *peer);

#endif
