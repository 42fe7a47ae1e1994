/* SPDX-License-Identifier: GPL-2.0 */
#ifndef WGMESH_RELAY_DISPATCH_H
#define WGMESH_RELAY_DISPATCH_H

#include "listener.h"
#include "source-limit.h"
#include "turn.h"

/**
 * struct dispatcher - what answering datagrams needs
 * @limit: answers to strangers
 * @turn: the TURN server; NULL when there is none, and STUN is all that is served
 */
struct dispatcher {
	struct source_limit *limit;
	struct turn *turn;
};

/**
 * dispatch() - tell the protocols of the port apart and let the right part answer
 * @dispatcher: a struct dispatcher
 * @datagram: from anybody
 * @answer: LISTENER_ANSWER_MAX bytes
 *
 * A listener_handler. What is not understood is dropped in silence.
 */
gsize dispatch(void *dispatcher, const struct datagram *datagram, guint8 *answer);

#endif
