/* SPDX-License-Identifier: GPL-2.0 */
#ifndef WGMESH_PEER_CONTEXT_H
#define WGMESH_PEER_CONTEXT_H

#include <glib.h>
#include <stdbool.h>

#include "lib/endpoint.h"
#include "lib/key.h"
#include "lib/seal.h"
#include "relays.h"
#include "underlay.h"

/*
 * What was said so short before somebody was found to be lost may be lost, too: the end of a
 * connection shows after 45 s, and others may hear of it 20 s later (docs/protocol.md section 3).
 */
#define PEER_CONTEXT_LATELY_US (90 * G_USEC_PER_SEC)

/**
 * struct peer_context - what all peers of a network share; belongs to the mesh
 * @private_key: of this node
 * @public_key: of this node
 * @session: of this node
 * @underlay: where this node might be reached; NULL before that is known
 * @stun: array of struct endpoint: servers that answer STUN
 * @relays: of this node; belong to the mesh
 * @connected: whether the server is connected, so that boxes get through
 * @negotiating: number of ICE sessions that are looking for a pair
 * @waiting: queue of struct negotiation *: those that wait for their turn
 * @serve: GLib source that lets the next ones begin
 * @is_overlay: whether an address is one of the overlay, or reached through one, so that ICE must
 *		not send there
 * @send: hand a box to the server for a peer
 * @ask_for_map: the map may be out of date
 * @data: for the functions
 *
 * The three that are about turns are those of negotiation.c.
 */
struct peer_context {
	struct key private_key;
	struct key public_key;
	struct seal_session session;
	const struct underlay *underlay;
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

#endif
