/* SPDX-License-Identifier: GPL-2.0 */
#ifndef MESHCTL_ECHO_H
#define MESHCTL_ECHO_H

#include <glib.h>
#include <stdbool.h>

#include "lib/prefix.h"

/*
 * ICMP echo requests and their replies (RFC 792, RFC 4443 section 4).
 */

/* Bytes behind the ICMP header: as many as ping(8) sends. */
#define ECHO_PAYLOAD_SIZE 56

/**
 * struct echo - a socket for echo requests to one address
 */
typedef struct echo echo;

/**
 * echo_open() - open a socket for echo requests
 * @address: whom they go to
 * @error: G_IO_ERROR; G_IO_ERROR_PERMISSION_DENIED when neither a ping socket nor a raw one is
 *	   allowed, with what to do
 *
 * Return: (owned by the caller) the socket; NULL on error. echo_close() it.
 */
struct echo *echo_open(const struct prefix *address, GError **error);

void echo_close(struct echo *echo);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(echo, echo_close)

/**
 * echo_fd() - the descriptor, to poll for replies
 * @echo: the socket
 */
int echo_fd(const struct echo *echo);

/**
 * echo_send() - send a request
 * @echo: the socket
 * @number: of the request, from 1 on; the reply carries it
 * @error: G_IO_ERROR: no route, no key for the peer, …
 */
bool echo_send(struct echo *echo, guint16 number, GError **error);

/**
 * echo_receive() - take a reply, if there is one
 * @echo: the socket
 * @number: of the request that is answered
 * @rtt_us: microseconds since that was sent
 *
 * Return: false when there is none for us (yet).
 */
bool echo_receive(struct echo *echo, guint16 *number, gint64 *rtt_us);

#endif
