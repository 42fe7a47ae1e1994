/* SPDX-License-Identifier: GPL-2.0 */
#ifndef WGMESH_TLS_H
#define WGMESH_TLS_H

#include <glib.h>
#include <stdbool.h>

#include "certificate.h"

/*
 * The server's end of a TLS 1.3 connection in the default main context. GnuTLS is used directly,
 * because the TLS of GIO gives each handshake a thread out of a small pool: a few clients that
 * connect and say nothing would make all others wait.
 */
struct tls;

/**
 * struct tls_events - what a connection reports; each may call tls_free()
 * @received: bytes arrived
 * @closed: nothing will arrive any more, and what is queued was given up; @why is for the log. Comes
 *	    once at most, from the main loop; tls_free() is then the only thing left to do
 */
struct tls_events {
	void (*received)(const guint8 *bytes, gsize size, void *data);
	void (*closed)(const char *why, void *data);
};

/**
 * tls_new() - shake hands on a connection that was accepted
 * @fd: a connected stream socket, non-blocking; owned by the callee from now on
 * @certificate: the server's; a reference is taken
 * @events: what to call
 * @data: for @events
 *
 * Return: (owned by the caller) the connection.
 */
struct tls *tls_new(int fd, struct certificate *certificate, const struct tls_events *events,
		    void *data);

/**
 * tls_send() - queue bytes to be sent
 * @tls: the connection
 * @bytes: a reference is taken
 */
void tls_send(struct tls *tls, GBytes *bytes);

/**
 * tls_queued() - how much still waits to be sent, in bytes
 * @tls: the connection
 */
gsize tls_queued(const struct tls *tls);

/**
 * tls_finish() - when all is sent that is queued, tell the other end that nothing more comes
 * @tls: the connection
 *
 * What arrives is reported as before; so is the end.
 */
void tls_finish(struct tls *tls);

/**
 * tls_free() - close the connection at once
 * @tls: the connection; NULL does nothing
 *
 * What is queued is sent as far as that works without waiting.
 */
void tls_free(struct tls *tls);

#endif
