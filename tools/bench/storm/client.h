/* SPDX-License-Identifier: GPL-2.0 */
#ifndef WGMESH_STORM_CLIENT_H
#define WGMESH_STORM_CLIENT_H

#include <gnutls/gnutls.h>

#include "agent/backoff.h"
#include "lib/endpoint.h"
#include "lib/joinstring.h"
#include "lib/proof.h"

/*
 * A node as far as its server can tell: it connects, proves its key, takes its map and what follows,
 * and comes back when the connection is lost, as meshd does. Thousands of them fit into a process,
 * for nothing of a map is kept.
 */

enum client_phase {
	CLIENT_AWAY,	   /* until somebody has it connect */
	CLIENT_WAITING,	   /* for its next attempt */
	CLIENT_CONNECTING, /* TCP and TLS */
	CLIENT_UPGRADING,  /* the answer to its HTTP request is expected */
	CLIENT_GREETING,   /* challenge and welcome are expected */
	CLIENT_MAPLESS,	   /* the first map is expected */
	CLIENT_JOINED,
};

/* What is looked at of a message: all of any but a map or a delta. */
#define CLIENT_MAX_MESSAGE 4096

/**
 * struct client - one of them; read it, change it by the functions here
 * @attempts: how often it began to connect
 * @received: bytes, without TLS
 * @heard_us: when the server said something last
 * @refusal: why the server refused it last
 * (the rest is its connection)
 */
struct client {
	enum client_phase phase;
	guint attempts;
	guint64 received;
	gint64 heard_us;
	char refusal[256];

	const struct joinstring *server;
	struct endpoint source;
	struct key private_key, public_key;
	guint8 session[16];
	char hostname[16];
	bool joined_before;
	int poll, fd;
	bool wants_to_write;
	gnutls_session_t tls;
	gint64 due_us;	/* the next attempt, or the end of patience; 0: neither */
	gint64 ping_us; /* the next one */
	gint64 connected_us;
	struct backoff backoff;
	guint retry_window_ms;
	GByteArray *out;
	GByteArray *in;	   /* a head of HTTP, a header of a frame, or what is looked at of one */
	guint64 left;	   /* bytes of the frame that are still to come */
	guint8 opcode;	   /* of it */
};

/**
 * client_init() - make a node, which does nothing yet
 * @client: the memory; its index among all of them is @number
 * @number: names it, and says which address it comes from
 * @server: where it connects to; outlives it
 * @poll: of epoll_create1(); gets the client as data, see client_ready()
 */
void client_init(struct client *client, guint number, const struct joinstring *server, int poll);

/**
 * client_connect() - begin to connect
 * @client: the node, away or waiting
 */
void client_connect(struct client *client);

/**
 * client_leave() - close the connection, and stay away
 * @client: the node
 */
void client_leave(struct client *client);

/**
 * client_restart() - stay away, and forget what a process forgets that ends
 * @client: the node
 */
void client_restart(struct client *client);

/**
 * client_ready() - go on: epoll says that something can be read or written
 * @client: the node
 */
void client_ready(struct client *client);

/**
 * client_look() - do what is due; to be called now and then
 * @client: the node
 * @now_us: g_get_monotonic_time()
 */
void client_look(struct client *client, gint64 now_us);

#endif
