/* SPDX-License-Identifier: GPL-2.0 */
#ifndef WGMESH_STORE_H
#define WGMESH_STORE_H

#include <glib.h>
#include <netinet/in.h>
#include <stdbool.h>

#include "address.h"
#include "lib/hostname.h"
#include "lib/key.h"
#include "lib/prefix.h"
#include "lib/relayinfo.h"
#include "lib/turn-credential.h"

/*
 * What mesh-server keeps, in SQLite: the network, its setup keys, its nodes. What a function here
 * has reported as done survives a crash and a loss of power.
 *
 * Errors are in the domain REFUSAL; REFUSAL_INTERNAL when the database failed, with what it said.
 */

/* The longest name of a network or a setup key, in bytes. */
#define STORE_MAX_NAME 64

/* More nodes than this are not taken into a network: their map has to fit into a frame. */
#define STORE_MAX_NODES 10000

/* Bytes of what the relays know a node by: random, so that it tells nothing about the node. */
#define STORE_ACCOUNT_SIZE 16

/**
 * struct store_network - the network as it is stored
 * @id: names it, for good
 * @name: for people
 * @prefix: the nodes' IPv4 addresses are from it
 * @generation: not smaller than any that a node was told
 */
struct store_network {
	guint8 id[NETWORK_ID_SIZE];
	char name[STORE_MAX_NAME + 1];
	struct prefix prefix;
	gint64 generation;
};

/**
 * struct store_node - a registered node
 * @public_key: its identity
 * @wanted: the hostname it asked for
 * @hostname: the unique one it got
 * @address: its IPv4 address in the overlay
 * @address6: its IPv6 address in the overlay
 * @account: its own at the relays, as long as it is in the network
 * @setup_key: id of the setup key it joined with
 * @joined: when, seconds since 1970
 * @last_seen: when its connection ended, or some time before, seconds since 1970
 */
struct store_node {
	struct key public_key;
	char wanted[HOSTNAME_SIZE];
	char hostname[HOSTNAME_SIZE];
	struct in_addr address;
	struct in6_addr address6;
	guint8 account[STORE_ACCOUNT_SIZE];
	gint64 setup_key;
	gint64 joined;
	gint64 last_seen;
};

/**
 * struct store_setup_key - a setup key, but for the key itself
 * @id: names it, never used again
 * @name: for people; may be empty
 * @max_uses: how many nodes may join with it; 0 for any number
 * @created: seconds since 1970
 * @expires: seconds since 1970; 0 for never
 * @revoked: whether it was revoked
 * @uses: how many nodes joined with it
 */
struct store_setup_key {
	gint64 id;
	char name[STORE_MAX_NAME + 1];
	gint64 max_uses;
	gint64 created;
	gint64 expires;
	bool revoked;
	gint64 uses;
};

/**
 * struct store_relay - a relay of the network
 * @info: name and where it is; the credentials in it do not count
 * @secret: what the relay and this server know
 * @added: seconds since 1970
 */
struct store_relay {
	struct relayinfo info;
	char secret[TURN_CREDENTIAL_SECRET_MAX + 1];
	gint64 added;
};

/**
 * struct store_revocation - the account of a node that was removed
 * @id: larger than those of earlier ones
 * @account: the account
 * @until_s: all credentials that were made for it have expired then, seconds since 1970
 */
struct store_revocation {
	gint64 id;
	guint8 account[STORE_ACCOUNT_SIZE];
	gint64 until_s;
};

struct store;

/**
 * store_open() - open the database, or make it
 * @path: the file; made readable for this user alone
 * @error: what is wrong and what to do
 *
 * Return: (owned by the caller) the store; NULL on error.
 */
struct store *store_open(const char *path, GError **error);

/**
 * store_close() - close the database
 * @store: the store; NULL does nothing
 */
void store_close(struct store *store);

/**
 * store_network() - the network, which is made at the first call
 * @store: the store
 * @name: its name from now on; NULL to keep it
 * @prefix: its prefix; NULL to keep it. Refused when there are nodes with addresses of another
 * @network: where it goes
 * @error: REFUSAL
 */
bool store_network(struct store *store, const char *name, const struct prefix *prefix,
		   struct store_network *network, GError **error);

/**
 * store_set_generation() - remember from where generations count up after a restart
 * @store: the store
 * @generation: the generation
 * @error: REFUSAL
 */
bool store_set_generation(struct store *store, gint64 generation, GError **error);

/**
 * store_set_credentials_until() - remember until when credentials for relays are good
 * @store: the store
 * @until_s: of those that are given out from now on, seconds since 1970; earlier ones may be good
 *	     for longer
 * @error: REFUSAL
 */
bool store_set_credentials_until(struct store *store, gint64 until_s, GError **error);

/**
 * store_each_node() - go through the nodes
 * @store: the store
 * @each: called with each; must not call the store
 * @data: for @each
 * @error: REFUSAL
 */
bool store_each_node(struct store *store, void (*each)(const struct store_node *node, void *data),
		     void *data, GError **error);

/**
 * store_join() - register a node with a setup key, in one transaction
 * @store: the store
 * @public_key: the node's
 * @wanted: the hostname it asks for, a valid one
 * @setup_key: what it presents, in any form
 * @now: seconds since 1970
 * @node: the registered node goes here
 * @error: REFUSAL: the setup key is not good (any more), no address is left, ...
 */
bool store_join(struct store *store, const struct key *public_key, const char *wanted,
		const char *setup_key, gint64 now, struct store_node *node, GError **error);

/**
 * store_rename() - give a node the hostname it asks for now, made unique
 * @store: the store
 * @node: the node; wanted and hostname are changed
 * @wanted: a valid hostname
 * @error: REFUSAL
 */
bool store_rename(struct store *store, struct store_node *node, const char *wanted,
		  GError **error);

/**
 * store_remove() - forget a node, but not that it was removed; its account is a revocation then
 * @store: the store
 * @public_key: the node's
 * @now: seconds since 1970
 * @error: REFUSAL
 */
bool store_remove(struct store *store, const struct key *public_key, gint64 now, GError **error);

/**
 * store_remove_by_setup_key() - forget all nodes that joined with a setup key, but not that they were
 *				 removed, and let nobody join with it any more; in one transaction
 * @store: the store
 * @id: of the setup key
 * @now: seconds since 1970
 * @error: REFUSAL_SETUP_KEY_UNKNOWN when there is none with this id
 */
bool store_remove_by_setup_key(struct store *store, gint64 id, gint64 now, GError **error);

/**
 * store_revocations() - those that count still, from the oldest on
 * @store: the store
 * @now: seconds since 1970; what has expired by then is forgotten
 * @after: the id of the last one to leave out; 0 for none
 * @max: how many at most
 * @error: REFUSAL
 *
 * Return: (owned by the caller) array of struct store_revocation; NULL on error.
 */
GArray *store_revocations(struct store *store, gint64 now, gint64 after, guint max,
			  GError **error);

/**
 * store_count_revocations() - how many count still
 * @store: the store
 * @now: seconds since 1970
 * @after: the id of the last one to leave out; 0 for none
 *
 * Return: G_MAXINT64 when the database fails.
 */
gint64 store_count_revocations(struct store *store, gint64 now, gint64 after);

/**
 * store_was_removed() - whether a node was removed, and did not join again
 * @store: the store
 * @public_key: the node's
 */
bool store_was_removed(struct store *store, const struct key *public_key);

/**
 * store_seen() - remember when nodes were seen
 * @store: the store
 * @nodes: struct store_node *; their public_key and last_seen count
 * @error: REFUSAL
 */
bool store_seen(struct store *store, const GPtrArray *nodes, GError **error);

/**
 * store_add_setup_key() - keep a new setup key, by its hash
 * @store: the store
 * @text: the setup key
 * @key: name, max_uses, created and expires are taken from here; id goes here
 * @error: REFUSAL
 */
bool store_add_setup_key(struct store *store, const char *text, struct store_setup_key *key,
			 GError **error);

/**
 * store_revoke_setup_key() - let nobody join with a setup key from now on
 * @store: the store
 * @id: its id
 * @error: REFUSAL_SETUP_KEY_UNKNOWN when there is none with this id
 */
bool store_revoke_setup_key(struct store *store, gint64 id, GError **error);

/**
 * store_each_setup_key() - go through the setup keys, from the oldest to the newest
 * @store: the store
 * @each: called with each; must not call the store
 * @data: for @each
 * @error: REFUSAL
 */
bool store_each_setup_key(struct store *store,
			  void (*each)(const struct store_setup_key *key, void *data), void *data,
			  GError **error);

/**
 * store_add_relay() - keep a new relay
 * @store: the store
 * @relay: the relay; there is none of its name
 * @error: REFUSAL
 */
bool store_add_relay(struct store *store, const struct store_relay *relay, GError **error);

/**
 * store_remove_relay() - forget a relay, and its secret
 * @store: the store
 * @name: its name; nothing happens when there is none of it
 * @error: REFUSAL
 */
bool store_remove_relay(struct store *store, const char *name, GError **error);

/**
 * store_each_relay() - go through the relays, by name
 * @store: the store
 * @each: called with each; must not call the store
 * @data: for @each
 * @error: REFUSAL
 */
bool store_each_relay(struct store *store,
		      void (*each)(const struct store_relay *relay, void *data), void *data,
		      GError **error);

#endif
