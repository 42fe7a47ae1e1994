// SPDX-License-Identifier: GPL-2.0
/* The status of the node as JSON, gathered from all parts. */
#include "status.h"

#include <string.h>

#include "lib/message.h"
#include "lib/pathnl-json.h"
#include "mapmessage.h"
#include "path-why.h"

/* A WireGuard that hears nothing for so long has given its session up. */
#define SILENCE_S 180

static const char *const conditions[] = {
	[NODE_DOWN] = "down",
	[NODE_JOINING] = "joining",
	[NODE_UP] = "up",
	[NODE_ERROR] = "error",
};

static void set_optional(JsonObject *object, const char *member, const char *text)
{
	if (text)
		json_object_set_string_member(object, member, text);
}

/**
 * struct found - what the kernel has for a peer
 * @peer: the peer; all zero when the module does not have it
 * @paths: its paths
 * @count: how many
 * @selected: one of @paths; NULL when there is none
 */
struct found {
	struct pathnl_peer peer;
	struct pathnl_path paths[2 * PATHS_MAX];
	guint count;
	const struct pathnl_path *selected;
};

static void find(struct dataplane_peer *dataplane, struct found *found)
{
	const GPtrArray *paths = dataplane ? dataplane_paths(dataplane) : NULL;

	*found = (struct found){ .peer.switch_age_ms = -1 };
	if (!dataplane || !dataplane_read_peer(dataplane, &found->peer))
		return;
	for (guint i = 0; i < paths->len && found->count < G_N_ELEMENTS(found->paths); i++) {
		struct pathnl_path *path = &found->paths[found->count];

		if (!dataplane_read_path(dataplane, paths->pdata[i], path))
			continue;
		found->count++;
		if (path->selected)
			found->selected = path;
	}
}

static JsonObject *build_path(const struct node *node, const struct found *found,
			      const struct pathnl_path *path)
{
	const struct relays *relays = mesh_relays(node_mesh(node));
	JsonObject *object = json_object_new();
	bool copies = path->id == found->peer.second_path;

	pathnl_json_set_path(object, path);
	if (path->kind == WGMESH_PATH_KIND_RELAY)
		set_optional(object, "relay", relays_name(relays, &path->remote));
	json_object_set_boolean_member(object, "copies", copies);
	if (!path->selected && !copies)
		json_object_set_string_member(object, "why_not",
					      path_why_not(path, found->selected, &found->peer));
	return object;
}

static JsonArray *build_paths(const struct node *node, const struct found *found)
{
	JsonArray *array = json_array_new();

	for (guint i = 0; i < found->count; i++)
		json_array_add_object_element(array, build_path(node, found, &found->paths[i]));
	return array;
}

static JsonArray *build_texts(const GPtrArray *texts)
{
	JsonArray *array = json_array_new();

	for (guint i = 0; i < texts->len; i++)
		json_array_add_string_element(array, texts->pdata[i]);
	return array;
}

static JsonObject *build_ice(const struct peer *peer)
{
	JsonObject *object = json_object_new();
	const struct ice *ice = peer_ice(peer);

	json_object_set_string_member(object, "state", ice ? ice_state(ice) : "none");
	json_object_set_boolean_member(object, "running", ice && ice_is_running(ice));
	json_object_set_array_member(object, "local_candidates",
				     ice ? build_texts(ice_local_candidates(ice)) :
					   json_array_new());
	json_object_set_array_member(object, "remote_candidates",
				     ice ? build_texts(ice_remote_candidates(ice)) :
					   json_array_new());
	json_object_set_array_member(object, "left_out",
				     ice ? build_texts(ice_left_out(ice)) : json_array_new());
	set_optional(object, "error", peer_error(peer));
	return object;
}

/* Which kind of path packets take; the kernel may have left the one that both ends agreed on. */
static enum wgmesh_path_kind kind_in_use(const struct dataplane_path *agreed,
					 const struct found *found)
{
	return found->selected ? found->selected->kind : agreed->kind;
}

/* Something has come back on the path that packets take: an answer to a probe, or the peer's data. */
static bool is_answered(const struct pathnl_path *path)
{
	switch (path->state) {
	case WGMESH_PATH_STATE_ALIVE:
	case WGMESH_PATH_STATE_SUSPECT:
		return true;
	case WGMESH_PATH_STATE_UNTESTED:
		return path->rx_age_ms >= 0 && path->rx_age_ms < SILENCE_S * 1000;
	case WGMESH_PATH_STATE_DEAD:
		break;
	}
	return false;
}

/* What both ends have agreed on counts only when it is answered. */
static const char *peer_state(const struct peer *peer, const struct found *found)
{
	const struct pathnl_path *selected = found->selected;

	if (peer_path(peer) && selected && is_answered(selected))
		return selected->kind == WGMESH_PATH_KIND_RELAY ? "relayed" : "direct";
	if (!peer_is_online(peer))
		return "offline";
	return peer_is_waiting(peer) && peer_error(peer) ? "failed" : "connecting";
}

/* The direct path that would be in use if nothing were wrong with it. */
static const struct pathnl_path *spurned(const struct found *found)
{
	const struct pathnl_path *best = NULL;

	for (guint i = 0; i < found->count; i++) {
		const struct pathnl_path *path = &found->paths[i];

		if (path->kind == WGMESH_PATH_KIND_DIRECT &&
		    path->priority > found->selected->priority &&
		    (!best || path->priority > best->priority))
			best = path;
	}
	return best;
}

static char *why_relayed(const struct peer *peer, const struct found *found)
{
	const struct pathnl_path *direct = found->selected ? spurned(found) : NULL;

	if (direct)
		return g_strdup_printf("there is a direct path, but %s",
				       path_why_not(direct, found->selected, &found->peer));
	return g_strdup(peer_error(peer) ?: "a direct path is being looked for");
}

/* Why packets take the way through relays, and why there is none. */
static void set_why(JsonObject *object, const struct node *node, const struct peer *peer,
		    const struct found *found)
{
	const struct dataplane_path *path = peer_path(peer);
	const char *missing = relays_error(mesh_relays(node_mesh(node)));

	if (path && kind_in_use(path, found) == WGMESH_PATH_KIND_RELAY) {
		g_autofree char *why = why_relayed(peer, found);

		json_object_set_string_member(object, "why_relayed", why);
	}
	set_optional(object, "relay_error", missing ?: peer_relay_why(peer));
}

static void set_route(JsonObject *object, const struct dataplane_peer *peer, GHashTable *others)
{
	g_autofree char *error = peer ? dataplane_route_error(peer) : NULL;
	g_autofree char *shared = peer ? dataplane_route_shared(peer, others) : NULL;

	set_optional(object, "route_error", error);
	set_optional(object, "route_shared", shared);
}

static void set_wireguard(JsonObject *object, const struct wireguard_peer *peer)
{
	if (peer && peer->last_handshake)
		json_object_set_int_member(object, "last_handshake", peer->last_handshake);
	json_object_set_int_member(object, "wg_rx_bytes", peer ? peer->rx_bytes : 0);
	json_object_set_int_member(object, "wg_tx_bytes", peer ? peer->tx_bytes : 0);
}

static JsonObject *build_peer(const struct node *node, const struct peer *peer,
			      const struct wireguard_peer *wireguard, GHashTable *others)
{
	struct dataplane_peer *dataplane = peer_dataplane(peer);
	JsonObject *object = json_object_new();
	struct endpoint none = {};
	struct found found;

	find(dataplane, &found);
	message_set_binary(object, "public_key", peer_key(peer), KEY_SIZE);
	json_object_set_string_member(object, "hostname", peer_hostname(peer));
	mapmessage_set_addresses(object, mesh_peer_addresses(node_mesh(node), peer));
	json_object_set_boolean_member(object, "online", peer_is_online(peer));
	json_object_set_string_member(object, "state", peer_state(peer, &found));
	set_why(object, node, peer, &found);
	set_optional(object, "address_refused", mesh_peer_refused(node_mesh(node), peer));
	json_object_set_array_member(object, "key_changes",
				     mesh_peer_key_changes(node_mesh(node), peer));
	set_route(object, dataplane, others);
	pathnl_json_set_choice(object, &found.peer);
	json_object_set_object_member(object, "ice", build_ice(peer));
	json_object_set_array_member(object, "paths", build_paths(node, &found));
	message_set_endpoint(object, "virtual_endpoint",
		     dataplane ? dataplane_virtual_endpoint(dataplane) : &none);
	set_wireguard(object, wireguard);
	return object;
}

static JsonArray *build_peers(const struct node *node, const char *name, GHashTable *others)
{
	g_autoptr(wireguard_device) device = dataplane_read_peers(node_dataplane(node));
	g_autoptr(GPtrArray) peers = mesh_list(node_mesh(node));
	g_autoptr(GHashTable) wireguard = wireguard_peers_by_key(device);
	JsonArray *array = json_array_new();

	for (guint i = 0; i < peers->len; i++) {
		const struct peer *peer = peers->pdata[i];

		if (!name || peer_is_called(peer, name))
			json_array_add_object_element(
				array, build_peer(node, peer,
						  g_hash_table_lookup(wireguard, peer_key(peer)),
						  others));
	}
	return array;
}

static JsonObject *build_network(const struct state *state)
{
	JsonObject *object = json_object_new();

	json_object_set_string_member(object, "id", state->joined ? state->network_id : "");
	json_object_set_string_member(object, "name", state->joined ? state->network_name : "");
	if (state->joined)
		mapmessage_set_prefixes(object, state->prefixes);
	set_optional(object, "prefixes_refused", state->prefixes_refused);
	return object;
}

static JsonObject *build_server(const struct node *node)
{
	const struct server_link *link = node_link(node);
	JsonObject *object = json_object_new();

	json_object_set_string_member(object, "url", link ? server_link_url(link) : "");
	json_object_set_boolean_member(object, "connected",
				       link && server_link_is_connected(link));
	set_optional(object, "error", link ? server_link_error(link) : NULL);
	return object;
}

static JsonObject *build_kernel(struct dataplane *dataplane)
{
	const char *error = dataplane_module_error(dataplane);
	JsonObject *object = json_object_new();

	json_object_set_boolean_member(object, "module", !error);
	set_optional(object, "error", error);
	json_object_set_boolean_member(object, "ipv6", dataplane_has_ipv6(dataplane));
	return object;
}

static JsonArray *build_addresses(const GArray *addresses)
{
	JsonArray *array = json_array_new();

	for (guint i = 0; i < addresses->len; i++) {
		const struct endpoint *ep = &g_array_index(addresses, struct endpoint, i);
		g_autoptr(GSocketAddress) address = endpoint_to_gsocket_address(ep);
		GInetAddress *inet =
			g_inet_socket_address_get_address(G_INET_SOCKET_ADDRESS(address));
		g_autofree char *text = g_inet_address_to_string(inet);

		json_array_add_string_element(array, text);
	}
	return array;
}

static JsonObject *build_underlay(const struct underlay *underlay)
{
	JsonObject *object = json_object_new();

	json_object_set_array_member(object, "addresses",
				     build_addresses(underlay_addresses(underlay)));
	json_object_set_array_member(object, "left_out",
				     build_addresses(underlay_left_out(underlay)));
	return object;
}

static JsonArray *build_mended(const struct mended *mended)
{
	gint64 now_us = g_get_monotonic_time();
	JsonArray *array = json_array_new();

	for (enum mended_kind i = 0; i < MENDED_KINDS; i++) {
		const struct mended_record *record = &mended->kinds[i];
		JsonObject *object;

		if (!record->count)
			continue;
		object = json_object_new();
		json_object_set_string_member(object, "what", mended_name(i));
		json_object_set_int_member(object, "count", record->count);
		json_object_set_int_member(object, "last", record->last_s);
		json_object_set_boolean_member(object, "again_and_again",
					       mended_is_fight(mended, i, now_us));
		json_array_add_object_element(array, object);
	}
	return array;
}

/* What else on this machine has this node's own addresses. */
static void set_addresses(JsonObject *object, struct dataplane *dataplane, GHashTable *others)
{
	g_autofree char *shared = dataplane_address_shared(dataplane, others);

	set_optional(object, "address_error", dataplane_address_error(dataplane));
	set_optional(object, "address_shared", shared);
}

/* Those that it may have, if it is in the network; else those that it had there last. */
static const GArray *own_addresses(const struct node *node)
{
	const struct state *state = node_state(node);

	return state->joined && !state->up ? state->addresses : mesh_addresses(node_mesh(node));
}

JsonObject *status_build(const struct node *node, const char *peer)
{
	struct dataplane *dataplane = node_dataplane(node);
	g_autoptr(GHashTable) others = dataplane_others(dataplane);
	const struct state *state = node_state(node);
	JsonObject *object = json_object_new();
	struct key public_key;

	key_derive_public(&state->private_key, &public_key);
	json_object_set_int_member(object, "version", PROTOCOL_VERSION);
	json_object_set_string_member(object, "state", conditions[node_condition(node)]);
	set_optional(object, "error", node_error(node));
	set_optional(object, "warning", node_warning(node));
	json_object_set_object_member(object, "network", build_network(state));
	json_object_set_object_member(object, "server", build_server(node));
	json_object_set_string_member(object, "interface", dataplane_ifname(dataplane));
	message_set_binary(object, "public_key", &public_key, KEY_SIZE);
	json_object_set_string_member(object, "hostname",
				      state->joined ? state->given_hostname : state->hostname);
	mapmessage_set_addresses(object, own_addresses(node));
	set_optional(object, "address_refused", mesh_refused(node_mesh(node)));
	set_addresses(object, dataplane, others);
	json_object_set_object_member(object, "underlay", build_underlay(node_underlay(node)));
	json_object_set_object_member(object, "kernel", build_kernel(dataplane));
	json_object_set_array_member(object, "mended",
				     build_mended(dataplane_mendings(dataplane)));
	json_object_set_array_member(object, "peers", build_peers(node, peer, others));
	return object;
}
