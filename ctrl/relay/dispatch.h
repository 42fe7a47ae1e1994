/* SPDX-License-Identifier: GPL-2.0 */
#ifndef WGMESH_RELAY_DISPATCH_H
#define WGMESH_RELAY_DISPATCH_H

#include "lib/rate-table.h"
#include "listener.h"
#include "turn.h"

/*
 * How often strangers are answered. A source address on UDP may be forged, so an answer can hit
 * somebody who asked for nothing; what reaches one host or network that way is bounded here. A host
 * may be the NAT of many clients that begin at the same time, which is why it gets as much.
 */
#define DISPATCH_INTERVAL_US 10000
#define DISPATCH_BURST_HOST 300
#define DISPATCH_BURST_SITE 600
#define DISPATCH_BURST_NETWORK 1200

/**
 * struct dispatcher - what answering datagrams needs
 * @strangers: answers to those who are not known; see dispatch_strangers_new()
 * @turn: the TURN server; NULL when there is none, and STUN is all that is served
 */
struct dispatcher {
	struct rate_table *strangers;
	struct turn *turn;
};

/**
 * dispatch_strangers_new() - make the table that limits the answers to strangers
 *
 * Return: (owned by the caller) the table; free with rate_table_free().
 */
struct rate_table *dispatch_strangers_new(void);

/**
 * dispatch() - tell the protocols of the port apart and let the right part answer
 * @dispatcher: a struct dispatcher
 * @datagram: from anybody
 * @answer: LISTENER_ANSWER_MAX bytes
 *
 * A listener_handler. What is not understood is dropped in silence.
 *
 * What a client proves to have sent is answered. Whatever else comes from where an allocation is has
 * a limit of its own, so that strangers cannot use it up, nor does it count as theirs.
 */
gsize dispatch(void *dispatcher, const struct datagram *datagram, guint8 *answer);

#endif
