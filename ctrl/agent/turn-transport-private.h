/* SPDX-License-Identifier: GPL-2.0 */
#ifndef WGMESH_TURN_TRANSPORT_PRIVATE_H
#define WGMESH_TURN_TRANSPORT_PRIVATE_H

#include "lib/link.h"
#include "turn-transport.h"

/**
 * struct turn_transport_class - what the two kinds of transports do differently
 * @send: see turn_transport_send()
 * @free: see turn_transport_free()
 * @reliable: see turn_transport_is_reliable()
 */
struct turn_transport_class {
	void (*send)(struct turn_transport *transport, const guint8 *message, gsize len);
	void (*free)(struct turn_transport *transport);
	bool reliable;
};

/**
 * struct turn_transport - the beginning of both kinds
 * @class: which kind
 * @events: of the owner
 * @data: for @events
 * @server: the TURN server
 * @way: how packets left for it at the beginning
 * @local: see turn_transport_local()
 * @remote: see turn_transport_remote()
 * @ifindex: see turn_transport_ifindex()
 */
struct turn_transport {
	const struct turn_transport_class *class;
	const struct turn_transport_events *events;
	void *data;
	struct endpoint server;
	struct link_way way;
	struct endpoint local;
	struct endpoint remote;
	guint32 ifindex;
};

/**
 * turn_transport_socket() - open a UDP socket
 * @local: to bind it to; NULL leaves it to the kernel
 * @remote: to connect it to
 * @ifindex: interface to tie it to; 0: none
 * @bound: the endpoint that it has goes here
 * @error: G_IO_ERROR
 *
 * Return: (owned by the caller) the descriptor, non-blocking; -1 on error.
 */
int turn_transport_socket(const struct endpoint *local, const struct endpoint *remote,
			  guint32 ifindex, struct endpoint *bound, GError **error);

#endif
