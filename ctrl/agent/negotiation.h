/* SPDX-License-Identifier: GPL-2.0 */
#ifndef WGMESH_NEGOTIATION_H
#define WGMESH_NEGOTIATION_H

#include <glib.h>
#include <stdbool.h>

#include "ice.h"
#include "paths.h"
#include "peer-context.h"
#include "peermessage.h"

/*
 * Looking for a direct path to a peer: ICE sessions, one after the other, and what both ends say
 * about them (docs/protocol.md sections 5.3 and 5.4). What is found goes to the paths of the peer.
 */

/* How many ICE sessions may be looking for a pair at the same time; others wait for their turn. */
#define NEGOTIATION_MAX 64

/**
 * struct negotiation_owner - what a negotiation needs of the peer that it belongs to
 * @is_online: whether the server reaches the peer
 * @tell: say something to the peer
 * @agreed: both ends may have agreed on a path
 */
struct negotiation_owner {
	bool (*is_online)(void *data);
	void (*tell)(const struct peermessage *message, void *data);
	void (*agreed)(void *data);
};

/**
 * struct negotiation - the search for a direct path to a peer
 */
struct negotiation;

/**
 * negotiation_new() - nothing is looked for yet
 * @context: of the network; borrowed
 * @name: of the peer, for people; borrowed
 * @controlling: whether this node is the controlling one of the pair
 * @owner: functions of the owner
 * @data: for @owner
 *
 * Return: (owned by the caller) the negotiation. negotiation_free() it.
 */
struct negotiation *negotiation_new(struct peer_context *context, const char *name,
				    bool controlling, const struct negotiation_owner *owner,
				    void *data);

/**
 * negotiation_free() - end it; the kernel keeps what it has
 * @talks: a negotiation, or NULL
 */
void negotiation_free(struct negotiation *talks);

/**
 * negotiation_set_paths() - where the paths of the peer are kept
 * @talks: the negotiation
 * @paths: borrowed; NULL when there are none (any more)
 */
void negotiation_set_paths(struct negotiation *talks, struct paths *paths);

/**
 * negotiation_peer_came() - the peer is there, and has started since it was there last
 * @talks: the negotiation
 *
 * An ICE session is begun; at most one a second.
 */
void negotiation_peer_came(struct negotiation *talks);

/**
 * negotiation_peer_returned() - the peer is there, as it was before
 * @talks: the negotiation
 *
 * An ICE session that works is not disturbed. While packets reach the peer the next one begins when
 * it is due; else at once.
 */
void negotiation_peer_returned(struct negotiation *talks);

/**
 * negotiation_peer_left() - the server does not reach the peer
 * @talks: the negotiation
 */
void negotiation_peer_left(struct negotiation *talks);

/**
 * negotiation_renew() - make a new ICE session, beside the path in use
 * @talks: the negotiation
 * @reason: PEERMESSAGE_NETWORK_CHANGED or PEERMESSAGE_ASKED
 * @keep: whether the path in use is kept when what is found is no better
 */
void negotiation_renew(struct negotiation *talks, enum peermessage_reason reason, bool keep);

/**
 * negotiation_receive() - the peer said something about ICE
 * @talks: the negotiation
 * @message: PEERMESSAGE_REQUEST, or one that belongs to an ICE session
 */
void negotiation_receive(struct negotiation *talks, const struct peermessage *message);

/**
 * negotiation_path_answered() - the kernel says that the peer answers on a path
 * @talks: the negotiation
 *
 * An ICE session that found it, and whose path both ends have, is stopped soon after that.
 */
void negotiation_path_answered(struct negotiation *talks);

/**
 * negotiation_hurry() - something changed that may let an ICE session succeed
 * @talks: the negotiation
 *
 * The wait for the next one, which is long while packets reach the peer all the same, begins anew
 * with a second.
 */
void negotiation_hurry(struct negotiation *talks);

/**
 * negotiation_path_dead() - the kernel says that the direct path does not work
 * @talks: the negotiation
 */
void negotiation_path_dead(struct negotiation *talks);

/**
 * negotiation_path_dropped() - the direct path was removed
 * @talks: the negotiation
 */
void negotiation_path_dropped(struct negotiation *talks);

/**
 * negotiation_doubt() - what was said lately may be lost
 * @talks: the negotiation
 */
void negotiation_doubt(struct negotiation *talks);

/**
 * negotiation_tell_untold() - messages get through: say again what is in doubt, and counts still
 * @talks: the negotiation
 */
void negotiation_tell_untold(struct negotiation *talks);

/**
 * negotiation_is_waiting() - whether the last ICE session failed, and the next has not begun
 * @talks: the negotiation
 */
bool negotiation_is_waiting(const struct negotiation *talks);

/**
 * negotiation_ice() - the newest ICE session
 * @talks: the negotiation
 *
 * Return: (borrowed until the next one) the session; NULL before the first.
 */
const struct ice *negotiation_ice(const struct negotiation *talks);

/**
 * negotiation_error() - why the last ICE session failed
 * @talks: the negotiation
 *
 * Return: (borrowed until the next one) why, for people; NULL when it did not.
 */
const char *negotiation_error(const struct negotiation *talks);

#endif
