/* SPDX-License-Identifier: GPL-2.0 */
#ifndef WGMESH_RELAY_TRANSMIT_H
#define WGMESH_RELAY_TRANSMIT_H

#include <glib.h>

#include "lib/endpoint.h"

/* No answer of our own is larger: 576 bytes, which every IPv4 path carries, without the headers. */
#define TRANSMIT_COPY_MAX 548

/*
 * Datagrams on their way out. They are collected while a batch of received ones is worked on, and
 * go to the kernel together; see receive_batch(), which sends them in the end.
 */

/**
 * struct route - the way of a datagram out
 * @fd: the UDP socket
 * @to: where it goes
 * @from: the address of ours it leaves from, with the interface of a link-local one; unset for the
 *	  socket's own
 * @traffic_class: DSCP and ECN, as in the IP header
 */
struct route {
	int fd;
	struct endpoint to;
	struct endpoint from;
	guint8 traffic_class;
};

/**
 * transmit() - send a datagram soon
 * @route: its way
 * @data: (borrowed until transmit_flush()) the payload
 * @len: length of @data in bytes
 *
 * What cannot be sent is dropped, as a network does it.
 */
void transmit(const struct route *route, const void *data, gsize len);

/**
 * transmit_copy() - transmit() for a payload that does not last
 * @route: its way
 * @data: the payload
 * @len: its length, at most TRANSMIT_COPY_MAX bytes
 */
void transmit_copy(const struct route *route, const void *data, gsize len);

/**
 * transmit_flush() - hand everything to the kernel
 */
void transmit_flush(void);

/**
 * transmit_forget() - drop what is still to go out through a socket; to be called before closing it
 * @fd: the socket
 */
void transmit_forget(int fd);

#endif
