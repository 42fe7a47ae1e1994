/* SPDX-License-Identifier: GPL-2.0 */
#ifndef WGMESH_PEER_RELAY_H
#define WGMESH_PEER_RELAY_H

#include "paths.h"
#include "peermessage.h"
#include "relays.h"

/*
 * The ways to a peer through relays: from an allocation of this node to one of the peer, which may
 * be on the same relay. Each end has a channel from its allocation to the other's relayed endpoint.
 * The first way is that between the first allocations of both; others are in reserve, so that there
 * is one which avoids the first relay of each end (docs/protocol.md section 5.5).
 */

/**
 * struct peer_relay - the ways to a peer through relays
 */
struct peer_relay;

/**
 * peer_relay_new() - nothing is known of the peer's relay yet
 * @relays: of this node; borrowed
 * @tell: say something to the peer; returns whether it is on its way
 * @data: for @tell, and the user of the channels (see turn_bind())
 *
 * Return: (owned by the caller) the ways. peer_relay_free() it.
 */
struct peer_relay *peer_relay_new(struct relays *relays,
				  bool (*tell)(const struct peermessage *message, void *data),
				  void *data);

/**
 * peer_relay_free() - forget it; the kernel keeps what it has
 * @ways: the ways, or NULL
 */
void peer_relay_free(struct peer_relay *ways);

/**
 * peer_relay_set_paths() - where the paths of the peer are kept
 * @ways: the ways
 * @paths: borrowed; NULL when there are none (any more)
 */
void peer_relay_set_paths(struct peer_relay *ways, struct paths *paths);

/**
 * peer_relay_tell() - the peer knows nothing of this node: it is there anew
 * @ways: the ways
 */
void peer_relay_tell(struct peer_relay *ways);

/**
 * peer_relay_doubt() - what was said did not reach the peer: peer_relay_tell_untold() says it again
 * @ways: the ways
 */
void peer_relay_doubt(struct peer_relay *ways);

/**
 * peer_relay_doubt_lately() - the server or the peer was lost, and what was said lately may be
 * @ways: the ways
 */
void peer_relay_doubt_lately(struct peer_relay *ways);

/**
 * peer_relay_tell_untold() - the peer is there, and knows what it was told: say what is new, or in
 *			      doubt
 * @ways: the ways
 */
void peer_relay_tell_untold(struct peer_relay *ways);

/**
 * peer_relay_allocation_changed() - relays_turn() or relays_has() say something else
 * @ways: the ways
 */
void peer_relay_allocation_changed(struct peer_relay *ways);

/**
 * peer_relay_bound() - a channel of an allocation is there
 * @ways: the ways
 * @turn: the allocation
 * @channel: its number
 */
void peer_relay_bound(struct peer_relay *ways, const struct turn *turn, guint16 channel);

/**
 * peer_relay_refused() - an allocation does not get a channel
 * @ways: the ways
 * @turn: the allocation
 * @channel: its number
 * @why: for people
 *
 * It is asked again, after 1 s doubling to 60 s: the reason may pass.
 */
void peer_relay_refused(struct peer_relay *ways, const struct turn *turn, guint16 channel,
			const char *why);

/**
 * peer_relay_dead() - nothing comes back on a path
 * @ways: the ways
 * @path: a path of the peer
 *
 * Looks whether it is the allocation of this node that is gone.
 */
void peer_relay_dead(struct peer_relay *ways, const struct dataplane_path *path);

/**
 * peer_relay_uses() - whether a path of the peer leads through an allocation
 * @ways: the ways
 * @turn: the allocation
 */
bool peer_relay_uses(const struct peer_relay *ways, const struct turn *turn);

/**
 * peer_relay_claimed() - another peer wants the channel of a path that was never answered
 * @ways: the ways; they have paths
 * @path: a path of the peer; it is removed, and tried again later
 */
void peer_relay_claimed(struct peer_relay *ways, const struct dataplane_path *path);

/**
 * peer_relay_receive() - the peer said something about relays
 * @ways: the ways
 * @message: PEERMESSAGE_RELAY or PEERMESSAGE_RELAY_READY
 */
void peer_relay_receive(struct peer_relay *ways, const struct peermessage *message);

/**
 * peer_relay_error() - why there is no way through relays
 * @ways: the ways
 *
 * Return: (borrowed until the next change) why, for people; NULL when there is one, or none is
 * wanted.
 */
const char *peer_relay_error(const struct peer_relay *ways);

#endif
