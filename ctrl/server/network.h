/* SPDX-License-Identifier: GPL-2.0 */
#ifndef WGMESH_NETWORK_H
#define WGMESH_NETWORK_H

#include <json-glib/json-glib.h>
#include <stdbool.h>

#include "lib/expiry.h"
#include "lib/ratelimit.h"
#include "relays.h"
#include "store.h"

#define SESSION_SIZE 16

struct node;
struct network;

/**
 * struct member - a node of the network, connected or not; read it, change it by the functions here
 * @network: it
 * @record: what is stored of it
 * @node: its connection; NULL while it is not connected
 * @session: of its connection (docs/protocol.md section 2.2)
 * @was_there: it was connected, and is not, since it was written down last when nodes were seen
 * @shown: the map says that it is connected
 * @shown_session: of the connection that the map says it has
 * @shows: limits how often the map says something else about that
 * @late: until the map says the truth about it
 * @connects: limits how often it connects
 * @frames: limits what it sends; goes on from one connection to the next
 * @maps: limits the whole maps that it asks for; likewise
 * @json: as it stands in the maps of the others; NULL when that has to be written anew
 * @changed: the generation in which what the map says of it changed last
 * @told: the generation that its connection was told last
 */
struct member {
	struct network *network;
	struct store_node record;
	struct node *node;
	guint8 session[SESSION_SIZE];
	bool was_there;
	bool shown;
	guint8 shown_session[SESSION_SIZE];
	struct ratelimit shows;
	struct expiry late;
	struct ratelimit connects;
	struct ratelimit frames;
	struct ratelimit maps;
	char *json;
	gint64 changed;
	gint64 told;
};

/**
 * network_new() - take the network from the store
 * @store: the store; outlives the network
 * @name: its name from now on; NULL to keep it
 * @prefix: its prefix; NULL to keep it
 * @relays: what the settings say about relays
 * @error: REFUSAL
 *
 * Return: (owned by the caller) the network, nobody of it connected; NULL on error.
 */
struct network *network_new(struct store *store, const char *name, const struct prefix *prefix,
			    const struct relays_options *relays, GError **error);

/**
 * network_free() - write down what is to be remembered, and forget the rest
 * @network: the network, nobody of it connected any more; NULL does nothing
 */
void network_free(struct network *network);

/**
 * network_info() - id, name and prefix
 * @network: the network
 *
 * Return: (borrowed from @network) its generation does not count; see network_generation().
 */
const struct store_network *network_info(const struct network *network);

/**
 * network_relays() - the relays of the network
 * @network: the network
 *
 * Return: (borrowed from @network) the relays. Nodes are told of what changes about them.
 */
struct relays *network_relays(const struct network *network);

/**
 * network_generation() - the number of the map as it is now
 * @network: the network
 */
gint64 network_generation(const struct network *network);

/**
 * network_size() - how many nodes are registered
 * @network: the network
 */
guint network_size(const struct network *network);

/**
 * network_online() - how many of them are connected
 * @network: the network
 */
guint network_online(const struct network *network);

/**
 * network_member() - find a node by its key
 * @network: the network
 * @public_key: the key
 *
 * Return: (borrowed from @network) the node; NULL when it is not registered.
 */
struct member *network_member(struct network *network, const struct key *public_key);

/**
 * network_find() - find a node by what an operator calls it
 * @network: the network
 * @name: its key in base64, or its hostname
 *
 * Return: (borrowed from @network) the node; NULL when it is not registered.
 */
struct member *network_find(struct network *network, const char *name);

/**
 * network_members() - all nodes, by hostname
 * @network: the network
 *
 * Return: (owned by the caller) struct member, borrowed from @network.
 */
GPtrArray *network_members(struct network *network);

/**
 * network_admit() - the registered node with a key, which is registered now if it was not
 * @network: the network
 * @public_key: the key; its possession was proved
 * @hostname: what it asks to be called
 * @setup_key: what it presents; NULL for nothing
 * @error: REFUSAL: why it is not let in
 *
 * Return: (borrowed from @network) the node; NULL on error.
 */
struct member *network_admit(struct network *network, const struct key *public_key,
			     const char *hostname, const char *setup_key, GError **error);

/**
 * network_connect() - a node is connected now; the others are told, but for one that comes and goes
 *		       again and again: of that they are told now and then
 * @network: the network
 * @member: the node, which has no connection
 * @node: its connection
 * @session: SESSION_SIZE bytes
 */
void network_connect(struct network *network, struct member *member, struct node *node,
		     const guint8 *session);

/**
 * network_disconnect() - a node has no connection any more; the others are told likewise
 * @network: the network
 * @member: the node
 */
void network_disconnect(struct network *network, struct member *member);

/**
 * network_show() - somebody finds out whether a node is connected: the others are told in any case
 * @network: the network
 * @member: the node
 */
void network_show(struct network *network, struct member *member);

/**
 * network_tell_interval_us() - for how long changes are gathered before all are told
 * @network: the network
 *
 * The first change after a silence is told at once. From 80 nodes on the interval grows with their
 * number, so that what one node makes all others hear costs no more than before.
 */
gint64 network_tell_interval_us(const struct network *network);

/**
 * network_retry_window_ms() - in which time nodes are to come back when they have lost the server
 * @network: the network
 *
 * It grows with the number of nodes, all of which may have lost it at once.
 */
guint network_retry_window_ms(const struct network *network);

/**
 * network_introduce() - see to it that a node knows what the map says about another one
 * @network: the network
 * @member: whom it is to know, before something of it arrives
 * @to: the node, which is connected; it is told now what it would be told in a moment
 *
 * Return: false when it reads too slowly to be told now.
 */
bool network_introduce(struct network *network, struct member *member, struct member *to);

/**
 * network_remove() - a node is not registered any more; the others are told at once
 * @network: the network
 * @member: the node; gone afterwards. Its connection, if any, is the caller's to close
 * @error: REFUSAL
 */
bool network_remove(struct network *network, struct member *member, GError **error);

/**
 * network_remove_by_setup_key() - no node that joined with a setup key is registered any more, and
 *				   none can join with it; the others are told at once
 * @network: the network
 * @id: of the setup key
 * @count: how many nodes that were goes here
 * @error: REFUSAL
 *
 * Return: (owned by the caller) the connections of those that were connected: struct node, the
 * caller's to close. NULL on error.
 */
GPtrArray *network_remove_by_setup_key(struct network *network, gint64 id, guint *count,
				       GError **error);

/**
 * network_map() - the whole map for a node
 * @network: the network
 * @member: the node; it counts as told what the map says
 *
 * Where nodes come and go all the time, the map is a moment old: the rest is told with the next delta.
 *
 * Return: (owned by the caller) the frame to send.
 */
GPtrArray *network_map(struct network *network, struct member *member);

/**
 * network_addresses() - the addresses of a node as the protocol gives them
 * @record: the node
 *
 * Return: (owned by the caller) an array of an IPv4 and an IPv6 address.
 */
JsonArray *network_addresses(const struct store_node *record);

#endif
