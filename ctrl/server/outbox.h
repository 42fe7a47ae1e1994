/* SPDX-License-Identifier: GPL-2.0 */
#ifndef WGMESH_OUTBOX_H
#define WGMESH_OUTBOX_H

#include <glib.h>
#include <stdbool.h>

#include "lib/key.h"
#include "websocket.h"

/*
 * What waits to be sent to a node that reads slowly. Each kind of frame has a share of its own, so
 * that what others send to a node costs a bounded amount of memory and does not take the room of
 * anything else. A frame that does not fit is not taken: the node is not to blame for it.
 */
struct outbox;

/**
 * enum outbox_kind - what a frame is about
 * @OUTBOX_MAP: a whole map; there is room for one
 * @OUTBOX_DELTA: a change of the map; all together they may be as large as the map, for from then
 *		  on a map is shorter
 * @OUTBOX_SIGNAL: from another node. What waits from one sender is never more than OUTBOX_MAX_PAIR,
 *		   nor more than what is left for the others
 * @OUTBOX_FAILED: an answer to a signal of the node itself
 */
enum outbox_kind {
	OUTBOX_MAP,
	OUTBOX_DELTA,
	OUTBOX_SIGNAL,
	OUTBOX_FAILED,
	OUTBOX_KINDS
};

/* Bytes of signals that wait for a node: in all, and from one sender. */
#define OUTBOX_MAX_SIGNALS (1024 * 1024)
#define OUTBOX_MAX_PAIR (128 * 1024)

/* Bytes of deltas and of failures that wait. A large map lets more deltas wait. */
#define OUTBOX_MAX_DELTAS (256 * 1024)
#define OUTBOX_MAX_FAILED (16 * 1024)

/**
 * outbox_new() - nothing waits yet
 * @websocket: where the frames go; outlives the outbox
 * @caught_up: called from the main loop, see outbox_await()
 * @data: for @caught_up
 *
 * Return: (owned by the caller) the outbox.
 */
struct outbox *outbox_new(struct websocket *websocket, void (*caught_up)(void *data), void *data);

/**
 * outbox_free() - forget what waits; it is sent all the same, unless the connection ends
 * @outbox: the outbox
 */
void outbox_free(struct outbox *outbox);

/**
 * outbox_put() - send a frame, behind those that wait
 * @outbox: the outbox
 * @kind: what it is about
 * @frame: of websocket_frame(); a reference is taken
 * @from: of a signal, its sender; else NULL
 *
 * Return: false when too much of its kind waits; then the frame is not sent.
 */
bool outbox_put(struct outbox *outbox, enum outbox_kind kind, GPtrArray *frame,
		const struct key *from);

/**
 * outbox_has_caught_up() - whether no map and no delta waits
 * @outbox: the outbox
 */
bool outbox_has_caught_up(const struct outbox *outbox);

/**
 * outbox_await() - have the owner called, once, when no map and no delta waits (any more)
 * @outbox: the outbox
 */
void outbox_await(struct outbox *outbox);

#endif
