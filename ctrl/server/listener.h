/* SPDX-License-Identifier: GPL-2.0 */
#ifndef WGMESH_LISTENER_H
#define WGMESH_LISTENER_H

#include <glib.h>

#include "lib/acceptor.h"

struct listener;

/**
 * listener_new() - accept TCP connections, in the default main context
 * @endpoints: struct endpoint: where. A port of 0 lets the kernel choose. [::] means IPv4 too,
 *	       unless there is an IPv4 endpoint with the same port
 * @accepted: called with every connection
 * @data: for @accepted
 * @error: which endpoint failed, and why
 *
 * Return: (owned by the caller) the listener; NULL on error.
 */
struct listener *listener_new(const GArray *endpoints, acceptor_accepted accepted, void *data,
			      GError **error);

/**
 * listener_endpoints() - where it listens, with the ports that were chosen
 * @listener: the listener
 *
 * Return: (borrowed from @listener) struct endpoint, in the order they were given.
 */
const GArray *listener_endpoints(const struct listener *listener);

/**
 * listener_pause() - accept nothing for now; connections wait in the kernel
 * @listener: the listener
 * @pause: whether to pause, or to go on
 */
void listener_pause(struct listener *listener, bool pause);

/**
 * listener_free() - accept nothing more
 * @listener: the listener; NULL does nothing
 */
void listener_free(struct listener *listener);

#endif
