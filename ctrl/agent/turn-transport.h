/* SPDX-License-Identifier: GPL-2.0 */
#ifndef WGMESH_TURN_TRANSPORT_H
#define WGMESH_TURN_TRANSPORT_H

#include <glib.h>
#include <stdbool.h>

#include "lib/endpoint.h"

/*
 * How messages get to a TURN server and back: by UDP, or in a stream (TCP, TLS) where a network
 * lets no UDP out.
 *
 * Data of channels takes another way: the kernel's, from the local to the remote endpoint that
 * turn_transport_local() and turn_transport_remote() tell. With UDP these are the endpoints of the
 * socket here, whose NAT binding it shares. Of a stream they are two endpoints on the loopback, and
 * the data passes through this program: what the kernel sends to the one is put into the stream, and
 * the other way round.
 */

/* The longest message either way: a length of 16 bits, and what is in front of it. */
#define TURN_TRANSPORT_MAX (20 + 65535)

/**
 * struct turn_transport_events - what a transport tells its owner, who may free it in any of them
 * @ready: messages can be sent
 * @received: a STUN message, or whatever has the form of one
 * @failed: the transport is of no use any more
 */
struct turn_transport_events {
	void (*ready)(void *data);
	void (*received)(const guint8 *message, gsize len, void *data);
	void (*failed)(const char *why, void *data);
};

struct turn_transport;

/**
 * turn_transport_udp() - make a socket
 * @server: the TURN server
 * @events: what to call, from the default main context; never before this returns
 * @data: for @events
 * @error: G_IO_ERROR, NETLINK_ERROR: there is no way to the server, or only through a mesh
 *
 * Return: (owned by the caller) the transport; NULL on error. turn_transport_free() it.
 */
struct turn_transport *turn_transport_udp(const struct endpoint *server,
					  const struct turn_transport_events *events, void *data,
					  GError **error);

/**
 * turn_transport_stream() - connect to a server
 * @server: the TURN server
 * @tls: whether to speak TLS. Any certificate is taken: what passes is ciphertext already, and the
 *	 password is never sent; TLS is there to get through firewalls
 * @events: see turn_transport_udp()
 * @data: for @events
 * @error: G_IO_ERROR
 *
 * Return: (owned by the caller) the transport; NULL on error. turn_transport_free() it.
 */
struct turn_transport *turn_transport_stream(const struct endpoint *server, bool tls,
					     const struct turn_transport_events *events,
					     void *data, GError **error);

/**
 * turn_transport_free() - close it
 * @transport: a transport, or NULL
 */
void turn_transport_free(struct turn_transport *transport);

/**
 * turn_transport_send() - send a STUN message; it may be lost
 * @transport: the transport; ready
 * @message: the message
 * @len: length of @message in bytes
 */
void turn_transport_send(struct turn_transport *transport, const guint8 *message, gsize len);

/**
 * turn_transport_stands() - whether packets to the server leave as they did at the beginning
 * @transport: the transport
 */
bool turn_transport_stands(const struct turn_transport *transport);

/**
 * turn_transport_is_reliable() - whether nothing is lost as long as the transport does not fail
 * @transport: the transport
 */
bool turn_transport_is_reliable(const struct turn_transport *transport);

/**
 * turn_transport_local() - where the kernel sends data of channels from
 * @transport: the transport; ready
 *
 * Return: (borrowed from @transport) the endpoint.
 */
const struct endpoint *turn_transport_local(const struct turn_transport *transport);

/**
 * turn_transport_remote() - where the kernel sends data of channels to
 * @transport: the transport
 *
 * Return: (borrowed from @transport) the endpoint.
 */
const struct endpoint *turn_transport_remote(const struct turn_transport *transport);

/**
 * turn_transport_ifindex() - the interface that the kernel sends data of channels by
 * @transport: the transport
 *
 * Return: that of our own messages; 0 when it is left to the routes.
 */
guint32 turn_transport_ifindex(const struct turn_transport *transport);

#endif
