/* SPDX-License-Identifier: GPL-2.0 */
#ifndef WGMESH_RELAY_STREAM_H
#define WGMESH_RELAY_STREAM_H

#include "lib/connection.h"
#include "lib/expiry.h"
#include "listener.h"

/*
 * Clients over TCP and TLS. Anybody may connect, so a connection that holds no allocation is a
 * guest: there is room for few of them, for a short time, and for small messages; see
 * ../lib/admission.h.
 */

/* Seconds a connection may last without an allocation. */
#define STREAM_GUEST_S 30
/* Bytes of a message from a guest; a request with all that RFC 8489 allows fits. */
#define STREAM_GUEST_MESSAGE_MAX 4096
/* Bytes that may wait for a client to read: data is dropped above this, as a network does it... */
#define STREAM_QUEUE_DATA_MAX (128 * 1024)
/* ...and who does not even read answers is cut off. */
#define STREAM_QUEUE_MAX (STREAM_QUEUE_DATA_MAX + 64 * 1024)

struct streams;
struct stream;

/**
 * streams_new() - be ready for connections
 * @poller: (borrowed) waits for them
 * @queue: (borrowed) ends those that say nothing
 * @tls: (borrowed) for streams_accept_tls(); may change at any time, for connections from then on
 * @handler: gets every message, as a datagram without traffic class and file descriptor
 * @data: handed to @handler
 *
 * Return: (owned by the caller) the connections; free with streams_free().
 */
struct streams *streams_new(struct poller *poller, struct expiry_queue *queue,
			    const struct connection_security *tls, listener_handler handler,
			    void *data);

/**
 * streams_free() - close all connections
 * @streams: the connections, or NULL
 */
void streams_free(struct streams *streams);

/* Both are an acceptor_accepted; the data is the struct streams. */
void streams_accept(int fd, const struct endpoint *from, void *streams);
void streams_accept_tls(int fd, const struct endpoint *from, void *streams);

/**
 * stream_hold() - this connection has an allocation, so it is no guest any more
 * @stream: the connection, which nobody holds
 * @closed: called when it closes, with stream_release() as the only thing left to do with it
 * @data: handed to @closed
 */
void stream_hold(struct stream *stream, void (*closed)(void *data), void *data);

/**
 * stream_release() - it is a guest again
 * @stream: the connection
 */
void stream_release(struct stream *stream);

/**
 * stream_send_data() - send what a peer sent, or drop it when too much waits already
 * @stream: the connection
 * @message: ChannelData or a Data indication
 * @len: length of @message in bytes, without padding; that is added
 *
 * Return: false when it was dropped.
 */
bool stream_send_data(struct stream *stream, const void *message, gsize len);

#endif
