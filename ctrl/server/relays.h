/* SPDX-License-Identifier: GPL-2.0 */
#ifndef WGMESH_RELAYS_H
#define WGMESH_RELAYS_H

#include <json-glib/json-glib.h>
#include <stdbool.h>

#include "store.h"

/*
 * The relays of the network, and what nodes need to use them: credentials that expire, made of the
 * secret that each relay shares with this server. All that are given out at one time expire at one
 * time, and are renewed when half of their lifetime has passed.
 */

/* Of credentials, in seconds. */
#define RELAYS_MIN_LIFETIME_S 10
#define RELAYS_MAX_LIFETIME_S (7 * 24 * 60 * 60)
#define RELAYS_DEFAULT_LIFETIME_S (12 * 60 * 60)

/* What the relay is called that runs beside this server. */
#define RELAYS_LOCAL "local"

/**
 * struct relays_options - what the settings say about relays
 * @lifetime_s: of credentials
 * @local_secret: of the relay that runs beside this server; NULL when there is none
 * @local_port: its port for UDP and TCP, host byte order
 * @listen: struct endpoint: where this server is to listen, which tells where that relay may be;
 *	    outlives the relays
 */
struct relays_options {
	gint64 lifetime_s;
	const char *local_secret;
	guint16 local_port;
	const GArray *listen;
};

struct relays;

/**
 * relays_new() - take the relays from the store
 * @store: the store; outlives the relays
 * @options: copied
 * @changed: called when relays or credentials have changed, and all nodes are to be told
 * @data: for @changed
 * @error: REFUSAL
 *
 * Return: (owned by the caller) the relays; NULL on error.
 */
struct relays *relays_new(struct store *store, const struct relays_options *options,
			  void (*changed)(void *data), void *data, GError **error);

/**
 * relays_free() - forget them, secrets and all
 * @relays: the relays; NULL does nothing
 */
void relays_free(struct relays *relays);

/**
 * relays_add() - one more relay
 * @relays: the relays
 * @relay: the relay; copied
 * @error: REFUSAL: one has its name, or there are as many as there may be
 */
bool relays_add(struct relays *relays, const struct store_relay *relay, GError **error);

/**
 * relays_remove() - one relay less
 * @relays: the relays
 * @name: its name
 * @error: REFUSAL: there is none of this name, or it is the local one
 */
bool relays_remove(struct relays *relays, const char *name, GError **error);

/**
 * relays_list() - all of them, by name
 * @relays: the relays
 *
 * Return: (borrowed from @relays) array of struct store_relay, with secrets; not to be changed. The
 * host of the local one is empty.
 */
const GArray *relays_list(const struct relays *relays);

/**
 * relays_has_local() - whether one of them runs beside this server
 * @relays: the relays
 */
bool relays_has_local(const struct relays *relays);

/**
 * relays_for_node() - the relays as the map of a node names them
 * @relays: the relays
 * @account: the node's
 *
 * Return: (owned by the caller) array of struct relayinfo, with credentials.
 */
GArray *relays_for_node(const struct relays *relays,
			const guint8 account[static STORE_ACCOUNT_SIZE]);

/**
 * relays_nodes_removed() - nodes were removed, as the store knows: let the relays know, too
 * @relays: the relays
 */
void relays_nodes_removed(struct relays *relays);

/**
 * relays_untold() - how many nodes that were removed a relay does not know of
 * @relays: the relays
 * @name: its name
 */
gint64 relays_untold(const struct relays *relays, const char *name);

/**
 * relays_for_operator() - the relays with credentials to try them with
 * @relays: the relays
 *
 * Return: (owned by the caller) array of struct relayinfo; the credentials are good for a minute.
 */
GArray *relays_for_operator(const struct relays *relays);

#endif
