/* SPDX-License-Identifier: GPL-2.0 */
#ifndef WGMESH_ACCEPTOR_H
#define WGMESH_ACCEPTOR_H

#include <glib.h>
#include <stdbool.h>

#include "endpoint.h"

/* Without a descriptor to accept with there is no use in trying sooner. */
#define ACCEPTOR_PAUSE_S 1

/**
 * acceptor_has_to_pause() - whether accepting is to be left alone for ACCEPTOR_PAUSE_S
 * @error: what accept4() failed with
 *
 * The connection stays in the queue then, and the socket is ready without an end. Says so in the log.
 */
bool acceptor_has_to_pause(int error);

struct acceptor;

/**
 * typedef acceptor_accepted - called with every connection
 * @fd: non-blocking, without Nagle's delay; owned by the callee
 * @from: where it comes from
 * @data: what acceptor_new() was given
 */
typedef void (*acceptor_accepted)(int fd, const struct endpoint *from, void *data);

/**
 * acceptor_new() - accept TCP connections at one endpoint, in the default main context
 * @endpoint: where. A port of 0 lets the kernel choose
 * @v6only: whether an IPv6 wildcard leaves IPv4 alone
 * @accepted: called with every connection
 * @data: for @accepted
 *
 * Return: (owned by the caller) the acceptor; NULL, with errno, when the endpoint cannot be had.
 */
struct acceptor *acceptor_new(const struct endpoint *endpoint, bool v6only,
			      acceptor_accepted accepted, void *data);

/**
 * acceptor_endpoint() - where it accepts, with the port it has got
 * @acceptor: the acceptor
 *
 * Return: (borrowed from @acceptor) the endpoint.
 */
const struct endpoint *acceptor_endpoint(const struct acceptor *acceptor);

/**
 * acceptor_free() - accept nothing more
 * @acceptor: the acceptor; NULL does nothing
 */
void acceptor_free(struct acceptor *acceptor);

#endif
