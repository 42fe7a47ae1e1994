/* SPDX-License-Identifier: GPL-2.0 */
#ifndef WGMESH_PEER_H
#define WGMESH_PEER_H

#include <glib.h>
#include <stdbool.h>

#include "dataplane.h"
#include "ice.h"
#include "lib/key.h"
#include "lib/seal.h"
#include "paths.h"
#include "peer-context.h"
#include "peer-relay.h"
#include "peermessage.h"

/* The longest hostname and its final zero (docs/protocol.md section 1). */
#define PEER_HOSTNAME_SIZE 64

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
 * The first time, and whenever it changes, an ICE session is begun; at most one a second. Otherwise
 * the peer knows what it was told, and is told what is new or in doubt.
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
 * @size: size of @box in bytes
 */
void peer_receive(struct peer *peer, const guint8 *box, gsize size);

/**
 * peer_signal_failed() - the server did not pass a box on
 * @peer: the peer
 * @reason: as in docs/protocol.md section 4
 *
 * A peer that is "busy" is there, and what goes on with it goes on: what was said, and counts still,
 * is said again after a while, which grows from time to time. To others it is said when they are
 * there.
 */
void peer_signal_failed(struct peer *peer, const char *reason);

/**
 * peer_renew() - make a new ICE session, beside the path in use
 * @peer: the peer
 * @reason: PEERMESSAGE_NETWORK_CHANGED or PEERMESSAGE_ASKED
 * @keep: whether the direct path in use is kept when nothing better is found
 */
void peer_renew(struct peer *peer, enum peermessage_reason reason, bool keep);

/**
 * peer_underlay_read() - the networks that this node is on were looked at anew
 * @peer: the peer
 */
void peer_underlay_read(struct peer *peer);

/**
 * peer_allocation_changed() - this node has other allocations now
 * @peer: the peer
 */
void peer_allocation_changed(struct peer *peer);

/**
 * peer_channel_bound() - a channel to the peer is there
 * @peer: the peer
 * @turn: the allocation
 * @channel: its number
 */
void peer_channel_bound(struct peer *peer, const struct turn *turn, guint16 channel);

/**
 * peer_allocation_moved() - data of an allocation passes again
 * @peer: the peer, whether it has a way through it or not
 * @turn: the allocation
 */
void peer_allocation_moved(struct peer *peer, const struct turn *turn);

/**
 * peer_channel_refused() - the relay does not give a channel to the peer
 * @peer: the peer
 * @turn: the allocation
 * @channel: its number
 * @why: for people
 */
void peer_channel_refused(struct peer *peer, const struct turn *turn, guint16 channel,
			  const char *why);

/**
 * peer_lost() - boxes do not get through any more, nor may have the last ones
 * @peer: the peer
 *
 * What they said is said again when the map says that the peer is there.
 */
void peer_lost(struct peer *peer);

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
