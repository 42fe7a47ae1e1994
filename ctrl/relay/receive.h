/* SPDX-License-Identifier: GPL-2.0 */
#ifndef WGMESH_RELAY_RECEIVE_H
#define WGMESH_RELAY_RECEIVE_H

#include <glib.h>
#include <stdbool.h>

#include "lib/endpoint.h"
#include "transport.h"

struct stream;

/* Room before and behind a received payload, for the headers of what it is passed on in. */
#define RECEIVE_HEADROOM 64
#define RECEIVE_TAILROOM 4

/**
 * struct datagram - a datagram, or a message of a stream, that has arrived
 * @data: (borrowed) its payload, with RECEIVE_HEADROOM bytes before it and RECEIVE_TAILROOM behind
 *	  it when it comes from receive_batch(); there until the batch ends
 * @len: length of @data in bytes
 * @source: where it says that it comes from
 * @local: the address of ours it was sent to, with the interface of a link-local one and without
 *	   port; unset when the socket does not tell, or when it was sent to a group or a network
 * @received_us: when, g_get_monotonic_time()
 * @fd: the UDP socket it arrived at, or -1
 * @stream: the connection it arrived through; NULL with UDP
 * @transport: which way it came
 * @traffic_class: DSCP and ECN; 0 when the socket does not tell
 */
struct datagram {
	guint8 *data;
	gsize len;
	struct endpoint source;
	struct endpoint local;
	gint64 received_us;
	int fd;
	struct stream *stream;
	enum transport transport;
	guint8 traffic_class;
};

/**
 * typedef receive_handler - what is done with a datagram
 * @data: as given to receive_batch()
 * @datagram: the datagram
 */
typedef void (*receive_handler)(void *data, const struct datagram *datagram);

/**
 * receive_options() - let a UDP socket tell the address a datagram was sent to and its traffic
 *		       class
 * @fd: the socket
 * @family: AF_INET or AF_INET6
 *
 * Return: false, with errno, when the kernel does not know how.
 */
bool receive_options(int fd, sa_family_t family);

/**
 * receive_buffer() - let as many bytes wait in a socket
 * @fd: the socket
 * @bytes: how many; the kernel counts its own overhead as well
 *
 * Without CAP_NET_ADMIN the kernel gives no more than the sysctl net.core.rmem_max.
 */
void receive_buffer(int fd, int bytes);

/**
 * receive_batch() - take what has arrived, up to a bound, and then send what was answered
 * @fd: the socket
 * @handler: gets each datagram
 * @data: handed to @handler
 *
 * Return: false, with errno, when nothing could be received.
 */
bool receive_batch(int fd, receive_handler handler, void *data);

#endif
