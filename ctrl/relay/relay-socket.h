/* SPDX-License-Identifier: GPL-2.0 */
#ifndef WGMESH_RELAY_RELAY_SOCKET_H
#define WGMESH_RELAY_RELAY_SOCKET_H

#include <glib.h>
#include <stdbool.h>

#include "lib/poller.h"
#include "lib/turn-attribute.h"
#include "receive.h"

/* The socket of a relayed transport address. */

struct relay_socket;

/**
 * struct relay_socket_handler - what is done with what arrives
 * @received: a datagram from anybody
 * @unreachable: ICMP, or this host itself, says that a datagram to @peer did not get there. Only
 *		 the types that RFC 8656 section 11.5 names.
 */
struct relay_socket_handler {
	void (*received)(void *data, const struct datagram *datagram);
	void (*unreachable)(void *data, const struct endpoint *peer,
			    const struct turn_icmp *icmp);
};

/**
 * relay_socket_open() - have a relayed transport address
 * @address: address and port, exactly
 *
 * Return: (owned by the caller) the socket, which receives nothing yet; free with
 * relay_socket_free(). NULL, with errno, when it cannot be had.
 */
struct relay_socket *relay_socket_open(const struct endpoint *address);

/**
 * relay_socket_free() - close a socket
 * @socket: the socket, or NULL
 */
void relay_socket_free(struct relay_socket *socket);

/**
 * relay_socket_start() - begin to receive
 * @socket: the socket
 * @poller: waits for it
 * @handler: what is done with what arrives
 * @data: handed to @handler
 *
 * Return: false, with errno, when the kernel cannot.
 */
bool relay_socket_start(struct relay_socket *socket, struct poller *poller,
			const struct relay_socket_handler *handler, void *data);

/**
 * relay_socket_local() - the relayed transport address, as this host knows it
 * @socket: the socket
 *
 * Return: (borrowed from @socket) the endpoint.
 */
const struct endpoint *relay_socket_local(const struct relay_socket *socket);

/**
 * relay_socket_send() - send to a peer
 * @socket: the socket
 * @peer: where to, of the family of the socket
 * @traffic_class: DSCP and ECN
 * @data: (borrowed until transmit_flush()) the payload
 * @len: length of @data in bytes
 */
void relay_socket_send(struct relay_socket *socket, const struct endpoint *peer,
		       guint8 traffic_class, const void *data, gsize len);

/**
 * relay_socket_send_whole() - send to a peer, or not at all where it would have to be fragmented
 * @socket: the socket
 * @peer: where to
 * @traffic_class: DSCP and ECN
 * @data: the payload
 * @len: length of @data in bytes
 *
 * RFC 8656 section 15: the don't-fragment bit is set.
 */
void relay_socket_send_whole(struct relay_socket *socket, const struct endpoint *peer,
			     guint8 traffic_class, const void *data, gsize len);

#endif
