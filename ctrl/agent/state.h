/* SPDX-License-Identifier: GPL-2.0 */
#ifndef WGMESH_STATE_H
#define WGMESH_STATE_H

#include <glib.h>

#include "lib/joinstring.h"
#include "lib/key.h"
#include "lib/message.h"
#include "peer.h"

/*
 * What a node keeps on disk, in a directory of its own: the private key, the network that it has
 * joined, and that network's last map. Each file is replaced as a whole: after a crash there is the
 * old one or the new one.
 */

/**
 * struct state - what the node wants and has been told
 * @directory: where it is kept
 * @lock: open as long as no other process may have the directory
 * @private_key: of this node
 * @up: the admin wants the node to be in its network
 * @joined: the server has let this node in: @network_id to @stun count
 * @has_server: @server counts, but for its setup key
 * @server: who manages the network; its setup key is empty when it is not needed any more
 * @hostname: what the admin wants to be called
 * @network_id: of the network, hexadecimal
 * @network_name: for people
 * @given_hostname: the name that the server gave this node
 * @addresses: array of struct prefix: of this node in the overlay
 * @prefixes: array of struct prefix: those of the network, as they were when this node joined
 * @prefixes_told: the server told them; else they follow from @addresses
 * @prefixes_refused: what the server said since that is something else; NULL: nothing
 * @stun: array of struct endpoint: servers that answer STUN
 */
typedef struct state {
	char *directory;
	int lock;
	struct key private_key;
	bool up;
	bool joined;
	bool has_server;
	struct joinstring server;
	char hostname[PEER_HOSTNAME_SIZE];
	char *network_id;
	char *network_name;
	char given_hostname[PEER_HOSTNAME_SIZE];
	GArray *addresses;
	GArray *prefixes;
	bool prefixes_told;
	char *prefixes_refused;
	GArray *stun;
} state;

/**
 * state_open() - read what there is; draw a private key when there is none
 * @directory: made, with mode 0700, when it is missing; nobody else can open it until state_free()
 * @error: what is wrong, with which file, and what to do
 *
 * Return: (owned by the caller) the state; NULL on error.
 */
struct state *state_open(const char *directory, GError **error);

/**
 * state_free() - free it and wipe the key
 * @state: a state, or NULL
 */
void state_free(struct state *state);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(state, state_free)

/**
 * state_save() - store all but the private key and the map
 * @state: the state
 * @error: what is wrong
 */
bool state_save(const struct state *state, GError **error);

/**
 * state_is_stored() - whether the disk has what state_save() would store
 * @state: the state
 */
bool state_is_stored(const struct state *state);

/**
 * state_forget() - remove all that is stored, the private key too
 * @state: the state; nothing may be stored from now on
 * @error: what is wrong; some of it may be gone
 */
bool state_forget(const struct state *state, GError **error);

/**
 * state_join() - a network is to be joined, by a node that is in none
 * @state: the state
 * @join: its server and a setup key
 */
void state_join(struct state *state, const struct joinstring *join);

/**
 * state_unpin() - the network may have other prefixes: the next `welcome` tells them
 * @state: the state
 *
 * Until then they are those that follow from this node's own addresses.
 */
void state_unpin(struct state *state);

/**
 * state_welcome() - take over what the server says about this node
 * @state: the state; the setup key is forgotten
 * @message: of the type `welcome`
 * @error: what is wrong with it; nothing is changed then
 *
 * The prefixes that the server tells first are kept until state_unpin(), whatever it says later.
 */
bool state_welcome(struct state *state, JsonObject *message, GError **error);

/**
 * state_change() - another network has let this node in: forget the one before
 * @state: the state
 * @join: its server
 * @message: its `welcome`
 * @error: what is wrong with @message; nothing is changed then
 */
bool state_change(struct state *state, const struct joinstring *join, JsonObject *message,
		  GError **error);

/**
 * state_save_map() - store the map
 * @state: the state
 * @map: as mesh_save() makes it
 * @error: what is wrong
 */
bool state_save_map(const struct state *state, JsonObject *map, GError **error);

/**
 * state_load_map() - read the map that was stored last
 * @state: the state
 * @error: what is wrong; G_FILE_ERROR_NOENT when there is none
 *
 * Return: (owned by the caller) the map; NULL on error.
 */
JsonObject *state_load_map(const struct state *state, GError **error);

#endif
