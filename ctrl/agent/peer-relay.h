/* SPDX-License-Identifier: GPL-2.0 */
#ifndef WGMESH_PEER_RELAY_H
#define WGMESH_PEER_RELAY_H

#include "paths.h"
#include "peermessage.h"
#include "relays.h"

/*
 * The way to a peer through relays: that of this node, and that of the peer, which may be the same
 * one. Each end has a channel from its allocation to the other's relayed endpoint
 * (docs/protocol.md section 5.5).
 */

/**
 * struct peer_relay - the way to a peer through relays
 */
struct peer_relay;

/**
 * peer_relay_new() - nothing is known of the peer's relay yet
 * @relays: of this node; borrowed
 * @tell: say something to the peer; returns whether it is on its way
 * @data: for @tell
 *
 * Return: (owned by the caller) the way. peer_relay_free() it.
 */
struct peer_relay *peer_relay_new(struct relays *relays,
				  bool (*tell)(const struct peermessage *message, void *data),
				  void *data);

/**
 * peer_relay_free() - forget it; the kernel keeps what it has
 * @way: a way, or NULL
 */
void peer_relay_free(struct peer_relay *way);

/**
 * peer_relay_set_paths() - where the paths of the peer are kept
 * @way: the way
 * @paths: borrowed; NULL when there are none (any more)
 */
void peer_relay_set_paths(struct peer_relay *way, struct paths *paths);

/**
 * peer_relay_tell() - the peer knows nothing of this node: it is there again, or anew
 * @way: the way
 */
void peer_relay_tell(struct peer_relay *way);

/**
 * peer_relay_tell_again() - the server is connected again: what was said last may be lost
 * @way: the way
 */
void peer_relay_tell_again(struct peer_relay *way);

/**
 * peer_relay_allocation_changed() - relays_turn() is another one, or NULL
 * @way: the way
 */
void peer_relay_allocation_changed(struct peer_relay *way);

/**
 * peer_relay_bound() - a channel of relays_turn() is there
 * @way: the way, of this peer or of another
 * @channel: its number
 */
void peer_relay_bound(struct peer_relay *way, guint16 channel);

/**
 * peer_relay_refused() - relays_turn() does not get a channel
 * @way: the way, of this peer or of another
 * @channel: its number
 * @why: for people
 */
void peer_relay_refused(struct peer_relay *way, guint16 channel, const char *why);

/**
 * peer_relay_receive() - the peer said something about relays
 * @way: the way
 * @message: PEERMESSAGE_RELAY or PEERMESSAGE_RELAY_READY
 */
void peer_relay_receive(struct peer_relay *way, const struct peermessage *message);

/**
 * peer_relay_error() - why there is no way through relays
 * @way: the way
 *
 * Return: (borrowed until the next change) why, for people; NULL when there is one, or none is
 * wanted.
 */
const char *peer_relay_error(const struct peer_relay *way);

#endif
