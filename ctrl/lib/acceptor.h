/* SPDX-License-Identifier: GPL-2.0 */
#ifndef WGMESH_ACCEPTOR_H
#define WGMESH_ACCEPTOR_H

#include <glib.h>
#include <stdbool.h>

#include "endpoint.h"

struct acceptor;

/**
 * typedef acceptor_accepted - called with every connection
 * @fd: non-blocking, without Nagle's delay; owned by the callee
 * @from: where it comes from; says nothing for a Unix socket
 * @data: what the acceptor was given
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
 * acceptor_adopt() - accept connections at a socket that listens already, in the default main context
 * @fd: TCP or Unix, non-blocking; owned by the acceptor
 * @accepted: called with every connection
 * @data: for @accepted
 *
 * Return: (owned by the caller) the acceptor.
 */
struct acceptor *acceptor_adopt(int fd, acceptor_accepted accepted, void *data);

/**
 * acceptor_endpoint() - where it accepts TCP connections, with the port it has got
 * @acceptor: the acceptor
 *
 * Return: (borrowed from @acceptor) the endpoint.
 */
const struct endpoint *acceptor_endpoint(const struct acceptor *acceptor);

/**
 * acceptor_pause() - accept nothing for now; connections wait in the kernel
 * @acceptor: the acceptor
 * @pause: whether to pause, or to go on
 */
void acceptor_pause(struct acceptor *acceptor, bool pause);

/**
 * acceptor_free() - accept nothing more
 * @acceptor: the acceptor; NULL does nothing
 */
void acceptor_free(struct acceptor *acceptor);

#endif
