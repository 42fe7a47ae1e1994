/* SPDX-License-Identifier: GPL-2.0 */
#ifndef WGMESH_MESH_H
#define WGMESH_MESH_H

#include "dataplane.h"
#include "lib/key.h"
#include "lib/message.h"
#include "peer.h"

/*
 * The peers of the network, as the server's map says (docs/protocol.md section 3).
 */

struct mesh;

/**
 * struct mesh_events - what the mesh asks of its owner
 * @send: send a message to the server; (transfer full) @message
 * @changed: mesh_save() makes something else than before, be it the first map or another one: store
 *	     it. Who is connected makes no difference
 */
struct mesh_events {
	void (*send)(JsonObject *message, void *data);
	void (*changed)(void *data);
};

/**
 * mesh_new() - a network without peers
 * @private_key: of this node; copied
 * @dataplane: borrowed
 * @events: what to call
 * @data: for @events
 *
 * Return: (owned by the caller) the mesh. mesh_free() it.
 */
struct mesh *mesh_new(const struct key *private_key, struct dataplane *dataplane,
		      const struct mesh_events *events, void *data);

/**
 * mesh_free() - forget the peers; the kernel keeps them
 * @mesh: a mesh, or NULL
 */
void mesh_free(struct mesh *mesh);

/**
 * mesh_set_self() - what the server says about this node
 * @mesh: the mesh
 * @prefixes: array of struct prefix: those of the network; nobody gets an address of another one
 * @addresses: array of struct prefix: its own addresses in the overlay
 * @stun: array of struct endpoint: servers that answer STUN
 * @server: host of the server: relays that the map does not say where they are, are there
 */
void mesh_set_self(struct mesh *mesh, const GArray *prefixes, const GArray *addresses,
		   const GArray *stun, const char *server);

/**
 * mesh_set_underlay() - where this node might be reached
 * @mesh: the mesh
 * @underlay: the networks that this node is on; borrowed
 */
void mesh_set_underlay(struct mesh *mesh, struct underlay *underlay);

/**
 * mesh_underlay_read() - the networks that this node is on were looked at anew
 * @mesh: the mesh
 *
 * A path that turns out to lead through a mesh ends. No peer has the address of a router any more.
 */
void mesh_underlay_read(struct mesh *mesh);

/**
 * mesh_network_changed() - this node is on another network: relays are measured anew
 * @mesh: the mesh
 * @all: whether all allocations may be lost: see relays_network_changed()
 */
void mesh_network_changed(struct mesh *mesh, bool all);

/**
 * mesh_relays() - the relays of the network
 * @mesh: the mesh
 *
 * Return: (borrowed from @mesh) the relays.
 */
const struct relays *mesh_relays(const struct mesh *mesh);

/**
 * mesh_renew() - make new ICE sessions, beside the paths in use
 * @mesh: the mesh
 * @peer: public key or hostname of the only one that is meant; NULL for all
 * @reason: why
 * @keep: see peer_renew()
 *
 * Return: false when there is no such peer.
 */
bool mesh_renew(struct mesh *mesh, const char *peer, enum peermessage_reason reason, bool keep);

/**
 * mesh_set_connected() - whether the server is connected; its map follows
 * @mesh: the mesh
 * @connected: whether it is
 */
void mesh_set_connected(struct mesh *mesh, bool connected);

/**
 * mesh_load() - take over what mesh_save() made
 * @mesh: the mesh
 * @saved: it
 * @error: what is wrong with it
 */
bool mesh_load(struct mesh *mesh, JsonObject *saved, GError **error);

/**
 * mesh_map() - take over a whole map
 * @mesh: the mesh
 * @message: of the type `map`
 * @error: what is wrong with it; nothing is changed then
 */
bool mesh_map(struct mesh *mesh, JsonObject *message, GError **error);

/**
 * mesh_delta() - take over a change of the map
 * @mesh: the mesh
 * @message: of the type `map-delta`
 * @error: what is wrong with it; nothing is changed then
 *
 * Asks for the whole map when it is not a change of the one we have.
 */
bool mesh_delta(struct mesh *mesh, JsonObject *message, GError **error);

/**
 * mesh_signal() - a box of a peer came
 * @mesh: the mesh
 * @message: of the type `signal`
 * @error: what is wrong with the message; that the box is wrong is no error here
 */
bool mesh_signal(struct mesh *mesh, JsonObject *message, GError **error);

/**
 * mesh_signal_failed() - a box could not be passed on
 * @mesh: the mesh
 * @message: of the type `signal-failed`
 * @error: what is wrong with it
 */
bool mesh_signal_failed(struct mesh *mesh, JsonObject *message, GError **error);

/**
 * mesh_save() - the map, and whose names and addresses were, to be stored
 * @mesh: the mesh
 *
 * Return: (owned by the caller) the message.
 */
JsonObject *mesh_save(const struct mesh *mesh);

/**
 * mesh_clear() - forget all peers: the network is left, and the session ends
 * @mesh: the mesh
 *
 * The dataplane is to be removed by the caller, before the next map.
 */
void mesh_clear(struct mesh *mesh);

/**
 * mesh_holds_own_key() - whether the map names a peer that has the key of this node
 * @mesh: the mesh
 */
bool mesh_holds_own_key(const struct mesh *mesh);

/**
 * mesh_session() - under which this node signs on: drawn at random for each stay in the network
 * @mesh: the mesh
 *
 * Return: (borrowed) the session; it changes with mesh_clear().
 */
const struct seal_session *mesh_session(const struct mesh *mesh);

/**
 * mesh_set_session() - be one that this node has signed on with already
 * @mesh: the mesh, without peers
 * @session: the session; copied
 */
void mesh_set_session(struct mesh *mesh, const struct seal_session *session);

/**
 * mesh_find() - a peer by its name
 * @mesh: the mesh
 * @name: public key or hostname
 *
 * Return: (borrowed from @mesh) the peer; NULL when there is none.
 */
const struct peer *mesh_find(const struct mesh *mesh, const char *name);

/**
 * mesh_list() - the peers, by hostname
 * @mesh: the mesh
 *
 * Return: (owned by the caller) an array of borrowed struct peer *.
 */
GPtrArray *mesh_list(const struct mesh *mesh);

/**
 * mesh_peer_addresses() - the addresses of a peer in the overlay
 * @mesh: the mesh
 * @peer: the peer
 *
 * Return: (borrowed) array of struct prefix: of those that the server gives it those it may have.
 */
const GArray *mesh_peer_addresses(const struct mesh *mesh, const struct peer *peer);

/**
 * mesh_peer_refused() - why a peer may not have an address that the server gives it
 * @mesh: the mesh
 * @peer: the peer
 *
 * Return: (borrowed) which address, and why; NULL when it has them all.
 */
const char *mesh_peer_refused(const struct mesh *mesh, const struct peer *peer);

/**
 * mesh_peer_key_changes() - what of a peer was another key's before: its name, its addresses
 * @mesh: the mesh
 * @peer: the peer
 *
 * Return: (owned by the caller) KEYCHANGEs of docs/protocol.md section 6.1.
 */
JsonArray *mesh_peer_key_changes(const struct mesh *mesh, const struct peer *peer);

/**
 * mesh_addresses() - mesh_peer_addresses() of this node itself
 * @mesh: the mesh
 */
const GArray *mesh_addresses(const struct mesh *mesh);

/**
 * mesh_refused() - mesh_peer_refused() of this node itself
 * @mesh: the mesh
 */
const char *mesh_refused(const struct mesh *mesh);

#endif
