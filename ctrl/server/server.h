/* SPDX-License-Identifier: GPL-2.0 */
#ifndef WGMESH_SERVER_H
#define WGMESH_SERVER_H

#include <glib.h>
#include <stdbool.h>

#include "handshakes.h"
#include "lib/admission.h"
#include "lib/certificate.h"
#include "lib/control.h"
#include "lib/expiry.h"
#include "lib/poller.h"
#include "listener.h"
#include "network.h"
#include "settings.h"
#include "store.h"

/**
 * struct server - everything that runs
 * @settings: what the operator wants
 * @store: the database
 * @network: the network
 * @certificate: for new connections
 * @poller: waits for the connections
 * @timers: of the connections
 * @admissions: who takes up how many connections
 * @handshakes: who has begun how many of late
 * @listener: accepts connections
 * @resume: source that has it go on when it is paused
 * @control: accepts the operator's requests
 * @nodes: struct node, every connection
 * @lock: descriptor of the state directory, locked while this server uses it
 */
struct server {
	const struct settings *settings;
	struct store *store;
	struct network *network;
	struct certificate *certificate;
	struct poller *poller;
	struct expiry_queue *timers;
	struct admissions *admissions;
	struct handshakes *handshakes;
	struct listener *listener;
	guint resume;
	struct control_server *control;
	GHashTable *nodes;
	int lock;
};

/**
 * server_new() - start everything, in the default main context
 * @settings: what the operator wants; outlives the server
 * @error: what is wrong and what to do
 *
 * Return: (owned by the caller) the server; NULL on error.
 */
struct server *server_new(const struct settings *settings, GError **error);

/**
 * server_reload() - take the operator's certificate anew, for connections from now on
 * @server: the server
 */
void server_reload(struct server *server);

/**
 * server_free() - disconnect everybody and stop
 * @server: the server; NULL does nothing
 */
void server_free(struct server *server);

#endif
