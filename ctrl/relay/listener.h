/* SPDX-License-Identifier: GPL-2.0 */
#ifndef WGMESH_RELAY_LISTENER_H
#define WGMESH_RELAY_LISTENER_H

#include <glib.h>

#include "lib/endpoint.h"
#include "receive.h"
#include "transmit.h"

#define LISTENER_ANSWER_MAX TRANSMIT_COPY_MAX

/**
 * typedef listener_handler - what is done with a datagram
 * @data: as given to listener_new()
 * @datagram: the datagram; its local endpoint has the port of the listener
 * @answer: LISTENER_ANSWER_MAX bytes for an answer to its source
 *
 * Return: the length of the answer in bytes; 0 when there is none.
 */
typedef gsize (*listener_handler)(void *data, const struct datagram *datagram, guint8 *answer);

struct listener;

/**
 * listener_new() - open a UDP socket and receive from it in the default main loop
 * @address: where to listen; port 0 takes a free one. An IPv6 address takes IPv6 only.
 * @handler: gets every datagram that was sent to one of this host's own addresses
 * @data: handed to @handler
 * @error: G_IO_ERROR: why the socket cannot be had; G_IO_ERROR_NOT_SUPPORTED when the host does not
 *	   have the address family
 *
 * An answer leaves from the address its request was sent to, with the wildcard address too.
 *
 * Return: (owned by the caller) the listener; free with listener_free(). NULL on error.
 */
struct listener *listener_new(const struct endpoint *address, listener_handler handler,
			      void *data, GError **error);

/**
 * listener_free() - close a listener's socket and free it
 * @listener: the listener, or NULL
 */
void listener_free(struct listener *listener);

/**
 * listener_advice() - what to do when an endpoint cannot be had
 * @err: errno
 *
 * Return: what to put behind the message; may be empty.
 */
const char *listener_advice(int err);

/**
 * listener_fd() - its socket
 * @listener: the listener
 *
 * Return: (borrowed from @listener) the file descriptor.
 */
int listener_fd(const struct listener *listener);

/**
 * listener_endpoint() - where it listens, with the port it has got
 * @listener: the listener
 *
 * Return: (borrowed from @listener) the endpoint.
 */
const struct endpoint *listener_endpoint(const struct listener *listener);

#endif
