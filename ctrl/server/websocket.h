/* SPDX-License-Identifier: GPL-2.0 */
#ifndef WGMESH_WEBSOCKET_H
#define WGMESH_WEBSOCKET_H

#include <glib.h>
#include <stdbool.h>

#include "lib/certificate.h"
#include "lib/expiry.h"
#include "lib/poller.h"
#include "lib/ratelimit.h"
#include "refusal.h"

/*
 * The server's end of a WebSocket (RFC 6455) over TLS, from an accepted connection on, in the
 * default main context. It holds a client to the bounds of docs/protocol.md section 1, and ends
 * when a client is not heard, or does not read, for too long.
 */
struct websocket;

/* Reasons to close, RFC 6455 section 7.4.1. */
#define WEBSOCKET_GOING_AWAY 1001
#define WEBSOCKET_POLICY 1008

/**
 * struct websocket_events - what a connection reports; each may close or free it
 * @opened: the connection is a WebSocket now
 * @message: a text message came; the text is not ended by a zero, and need not be UTF-8
 * @violated: the client broke a rule, so that nothing more is taken from it; the callee says so and
 *	      calls websocket_close()
 * @closed: the connection has ended; @why is for the log. Comes once at most, from the main loop;
 *	    websocket_free() is then the only thing left to do
 */
struct websocket_events {
	void (*opened)(void *data);
	void (*message)(const char *text, gsize size, void *data);
	void (*violated)(enum refusal refusal, const char *why, void *data);
	void (*closed)(const char *why, void *data);
};

/**
 * websocket_new() - wait for the client to open a WebSocket
 * @fd: a connected stream socket, non-blocking; owned by the callee from now on
 * @poller: waits for it; must outlive the connection
 * @timers: has its timer; must outlive the connection
 * @certificate: the server's; a reference is taken
 * @events: what to call
 * @data: for @events
 *
 * Return: (owned by the caller) the connection.
 */
struct websocket *websocket_new(int fd, struct poller *poller, struct expiry_queue *timers,
				struct certificate *certificate,
				const struct websocket_events *events, void *data);

/**
 * websocket_frame() - make a text message ready to be sent, to one or to many
 * @parts: (owned by the callee from now on) array of GBytes, which make up the text: at least one.
 *	   The first is copied, the others are not
 *
 * Return: (owned by the caller) the frame: array of GBytes.
 */
GPtrArray *websocket_frame(GPtrArray *parts);

/**
 * websocket_frame_text() - the same of a text that is in one piece
 * @text: the text
 * @size: in bytes
 *
 * Return: (owned by the caller) the frame: array of GBytes.
 */
GPtrArray *websocket_frame_text(const char *text, gsize size);

/**
 * websocket_frame_size() - how much it takes to send a frame
 * @frame: of websocket_frame()
 *
 * Return: bytes.
 */
gsize websocket_frame_size(const GPtrArray *frame);

/**
 * websocket_send() - queue a message
 * @websocket: the connection; nothing is sent unless it is open
 * @frame: of websocket_frame(); stays until @left is called
 * @left: called when the frame was sent, or will never be, which may be now; NULL:
 *	  references to the parts are taken
 * @data: for @left
 */
void websocket_send(struct websocket *websocket, const GPtrArray *frame, GDestroyNotify left,
		    void *data);

/**
 * websocket_count_frames() - hold several connections of a client, one after the other, to one limit
 * @websocket: the connection
 * @limit: what is received counts there from now on; NULL for a limit of this connection alone
 */
void websocket_count_frames(struct websocket *websocket, struct ratelimit *limit);

/**
 * websocket_has_unread() - whether something of the client arrived that was not looked at yet
 * @websocket: the connection
 */
bool websocket_has_unread(const struct websocket *websocket);

/**
 * websocket_close() - take nothing more, send what is queued, and close
 * @websocket: the connection
 * @status: why, one of the reasons above
 *
 * The end is reported when the other side has closed too, or after a few seconds.
 */
void websocket_close(struct websocket *websocket, guint16 status);

/**
 * websocket_free() - close the connection at once
 * @websocket: the connection; NULL does nothing
 */
void websocket_free(struct websocket *websocket);

#endif
