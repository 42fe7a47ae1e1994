/* SPDX-License-Identifier: GPL-2.0 */
#ifndef WGMESH_CONNECTION_H
#define WGMESH_CONNECTION_H

#include <glib.h>
#include <stdbool.h>

#include "certificate.h"
#include "poller.h"

/*
 * The server's end of a TCP connection, with TLS or without. GnuTLS is used directly, because the
 * TLS of GIO gives each handshake a thread out of a small pool: a few clients that connect and say
 * nothing would make all others wait.
 */
struct connection;

/**
 * struct connection_events - what a connection reports; each may call connection_free()
 * @received: bytes arrived; at most CONNECTION_MAX_RECORD at once
 * @closed: nothing will arrive any more, and what is queued was given up; @why is for the log. Comes
 *	    once at most, from the main loop; connection_free() is then the only thing left to do
 */
struct connection_events {
	void (*received)(const guint8 *bytes, gsize size, void *data);
	void (*closed)(const char *why, void *data);
};

/* Bytes of a TLS record; nothing larger is received or sent at once. */
#define CONNECTION_MAX_RECORD 16384

/* What clients may speak, in the words of GnuTLS. */
#define CONNECTION_TLS_1_3 "NORMAL:-VERS-ALL:+VERS-TLS1.3"
#define CONNECTION_TLS_1_2_AND_LATER "NORMAL:-VERS-ALL:+VERS-TLS1.3:+VERS-TLS1.2"

/**
 * struct connection_security - how bytes travel
 * @certificate: the server's
 * @versions: one of CONNECTION_TLS_*
 */
struct connection_security {
	struct certificate *certificate;
	const char *versions;
};

/**
 * connection_new() - take a connection that was accepted
 * @fd: a connected stream socket, non-blocking; owned by the callee from now on
 * @poller: waits for it; must outlive the connection
 * @security: for TLS, a reference to the certificate is taken; NULL for none
 * @events: what to call
 * @data: for @events
 *
 * Return: (owned by the caller) the connection.
 */
struct connection *connection_new(int fd, struct poller *poller,
				  const struct connection_security *security,
				  const struct connection_events *events, void *data);

/**
 * connection_send() - queue bytes to be sent
 * @connection: the connection
 * @bytes: a reference is taken
 */
void connection_send(struct connection *connection, GBytes *bytes);

/**
 * connection_send_copy() - queue bytes to be sent, together with those that are queued before and
 *			    after them
 * @connection: the connection
 * @data: the bytes
 * @size: their number
 */
void connection_send_copy(struct connection *connection, const void *data, gsize size);

/**
 * connection_queued() - how much still waits to be sent, in bytes
 * @connection: the connection
 */
gsize connection_queued(const struct connection *connection);

/**
 * connection_stalled_us() - for how long nothing of what waits could be sent
 * @connection: the connection
 *
 * Return: microseconds; 0 when nothing waits.
 */
gint64 connection_stalled_us(const struct connection *connection);

/**
 * connection_has_unread() - whether something arrived that was not looked at yet
 * @connection: the connection
 *
 * So it is when thousands of connections want to be served at once.
 */
bool connection_has_unread(const struct connection *connection);

/**
 * connection_finish() - when all is sent that is queued, tell the other end that nothing more comes
 * @connection: the connection
 *
 * What arrives is reported as before; so is the end.
 */
void connection_finish(struct connection *connection);

/**
 * connection_free() - close the connection at once
 * @connection: the connection; NULL does nothing
 *
 * What is queued is sent as far as that works without waiting.
 */
void connection_free(struct connection *connection);

#endif
