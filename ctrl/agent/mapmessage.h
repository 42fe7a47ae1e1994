/* SPDX-License-Identifier: GPL-2.0 */
#ifndef WGMESH_MAPMESSAGE_H
#define WGMESH_MAPMESSAGE_H

#include "lib/key.h"
#include "lib/message.h"
#include "lib/prefix.h"
#include "lib/relayinfo.h"
#include "lib/seal.h"
#include "peer.h"

/* How many peers a network has, at most (docs/protocol.md section 1). */
#define MAPMESSAGE_MAX_PEERS 10000

/**
 * struct mapmessage_peer - a PEER of docs/protocol.md section 3
 * @key: its public key
 * @hostname: its name in the network
 * @addresses: array of struct prefix of full length, none twice
 * @has_session: whether it is connected to the server
 * @session: of its connection
 */
struct mapmessage_peer {
	struct key key;
	char hostname[PEER_HOSTNAME_SIZE];
	GArray *addresses;
	bool has_session;
	struct seal_session session;
};

/**
 * struct mapmessage - a `map` or a `map-delta`
 * @generation: the generation that it leads to
 * @previous: the generation that a delta starts from
 * @peers: array of struct mapmessage_peer: all of them, or those that changed
 * @removed: array of struct key; of a delta
 * @relays: array of struct relayinfo with credentials: all relays of the network; NULL in a delta
 *	    that says nothing about them
 */
typedef struct mapmessage {
	gint64 generation;
	gint64 previous;
	GArray *peers;
	GArray *removed;
	GArray *relays;
} mapmessage;

/**
 * mapmessage_parse() - read a message of the type `map` or `map-delta`
 * @object: the message
 * @delta: which of the two it is
 * @error: G_IO_ERROR_INVALID_DATA: what is wrong
 *
 * Return: (owned by the caller) the message; NULL on error, when any part of it is wrong.
 */
struct mapmessage *mapmessage_parse(JsonObject *object, bool delta, GError **error);

/**
 * mapmessage_free() - free it
 * @message: a message, or NULL
 */
void mapmessage_free(struct mapmessage *message);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(mapmessage, mapmessage_free)

/**
 * mapmessage_parse_addresses() - read the addresses of a node
 * @object: has the member `addresses`
 * @error: G_IO_ERROR_INVALID_DATA: what is wrong
 *
 * At most one address of each family. Which of them the node may have, overlay_claim() knows.
 *
 * Return: (owned by the caller) array of struct prefix; NULL on error.
 */
GArray *mapmessage_parse_addresses(JsonObject *object, GError **error);

/**
 * mapmessage_set_addresses() - write what mapmessage_parse_addresses() reads
 * @object: gets the member `addresses`
 * @addresses: array of struct prefix of full length
 */
void mapmessage_set_addresses(JsonObject *object, const GArray *addresses);

/**
 * mapmessage_parse_prefixes() - read the prefixes of a network, as mapmessage_parse_addresses() does
 * @object: has the member `prefixes`
 * @error: G_IO_ERROR_INVALID_DATA: what is wrong
 *
 * Return: (owned by the caller) array of struct prefix, none of more than the addresses that are
 * private; NULL on error.
 */
GArray *mapmessage_parse_prefixes(JsonObject *object, GError **error);

/**
 * mapmessage_set_prefixes() - write what mapmessage_parse_prefixes() reads
 * @object: gets the member `prefixes`
 * @prefixes: array of struct prefix
 */
void mapmessage_set_prefixes(JsonObject *object, const GArray *prefixes);

#endif
