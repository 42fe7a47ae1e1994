/* SPDX-License-Identifier: GPL-2.0 */
#ifndef WGMESH_SERVER_LINK_H
#define WGMESH_SERVER_LINK_H

#include <glib.h>

#include "lib/endpoint.h"
#include "lib/joinstring.h"
#include "lib/key.h"
#include "lib/message.h"
#include "lib/seal.h"

/*
 * The connection to mesh-server (docs/protocol.md section 2): made, proved, kept alive, and made
 * again whenever it is lost.
 */

struct server_link;

/**
 * struct server_link_events - what the connection tells its owner, who may not free it in them
 * @may_enter: @network is the tag of the server's network, and we have not asked to be let in yet.
 *	       Return false, and say why, to leave it at that; another attempt follows by itself
 * @welcome: the server let us in; @message is its `welcome`. Return false to give the connection up
 * @message: any other message of the server. Return false to give the connection up
 * @lost: there is no connection now, and @why; another attempt follows by itself
 * @refused: the server refused us, with a code of section 2.3 after which we do not try again
 */
struct server_link_events {
	bool (*may_enter)(const char *network, void *data, GError **error);
	bool (*welcome)(JsonObject *message, void *data, GError **error);
	bool (*message)(JsonObject *message, void *data, GError **error);
	void (*lost)(const char *why, void *data);
	void (*refused)(const char *code, const char *why, void *data);
};

/**
 * struct server_link_settings - whom to connect to, and who we are
 * @host: name or address of the server
 * @port: host byte order
 * @fingerprint: of the only certificate that is accepted; NULL: one that the system's authorities
 *		 vouch for
 * @private_key: of this node
 * @session: that this node signs on with; copied
 * @hostname: wish
 * @setup_key: NULL when the server knows us
 */
struct server_link_settings {
	const char *host;
	guint16 port;
	const guint8 *fingerprint;
	const struct key *private_key;
	const struct seal_session *session;
	const char *hostname;
	const char *setup_key;
};

/**
 * server_link_new() - begin to connect
 * @settings: copied
 * @events: what to call, from the default main context
 * @data: for @events
 *
 * Return: (owned by the caller) the connection.
 */
struct server_link *server_link_new(const struct server_link_settings *settings,
				    const struct server_link_events *events, void *data);

/**
 * server_link_free() - leave the server
 * @link: a connection, or NULL
 */
void server_link_free(struct server_link *link);

/**
 * server_link_send() - send a message
 * @link: the connection
 * @message: (owned by the callee from now on) the message
 *
 * Messages go out no faster than the server takes them; beyond a bound, and without a connection,
 * they are dropped. Whoever sends has to live with lost ones anyway.
 */
void server_link_send(struct server_link *link, JsonObject *message);

/**
 * server_link_network_changed() - connect now, or look whether the connection still works
 * @link: the connection
 * @gone: an address of this node is gone, and the connection perhaps with it: make another one
 */
void server_link_network_changed(struct server_link *link, bool gone);

/**
 * server_link_is_connected() - whether the server let us in
 * @link: the connection
 */
bool server_link_is_connected(const struct server_link *link);

/**
 * server_link_error() - why there is no connection
 * @link: the connection
 *
 * Return: (borrowed from @link) for people; NULL while there is one, or the first is being made.
 */
const char *server_link_error(const struct server_link *link);

/**
 * server_link_is_cloned() - whether another machine goes on connecting with the key of this node
 * @link: the connection
 */
bool server_link_is_cloned(const struct server_link *link);

/**
 * server_link_url() - where it connects to
 * @link: the connection
 *
 * Return: (borrowed from @link) e.g. "wss://mesh.example.org:8443/v1/node".
 */
const char *server_link_url(const struct server_link *link);

/**
 * server_link_remote() - where the connection ended that was made last
 * @link: the connection
 *
 * Return: (borrowed from @link) an endpoint, not set before the first connection.
 */
const struct endpoint *server_link_remote(const struct server_link *link);

#endif
