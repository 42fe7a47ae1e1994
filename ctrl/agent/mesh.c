// SPDX-License-Identifier: GPL-2.0
#include "mesh.h"

#include <sodium.h>
#include <string.h>

#include "../lib/log.h"
#include "mapmessage.h"

/* However wrong the map is, it is not asked for more often. */
static const struct ratelimit_rule get_map_rule = { .interval_us = 5 * G_USEC_PER_SEC, .burst = 2 };

/**
 * struct member - a peer and what the map says of it
 * @peer: the peer
 * @addresses: array of struct prefix: those that no other peer has
 */
struct member {
	struct peer *peer;
	GArray *addresses;
};

/**
 * struct mesh - the peers of the network
 * @context: what the peers share
 * @dataplane: where they are programmed
 * @events: of the owner
 * @data: for @events
 * @members: struct member by key of the peer; owns them
 * @overlay: text of an address to the key of who has it: a peer's, or our own
 * @addresses: array of struct prefix: our own
 * @holds_own_key: the map says that our own key is a peer's
 * @has_map: whether @generation counts
 * @generation: of the map
 * @get_map: limits how often the map is asked for
 * @server: host of the server
 * @relays: array of struct relayinfo: those of the map
 */
struct mesh {
	struct peer_context context;
	struct dataplane *dataplane;
	const struct mesh_events *events;
	void *data;
	GHashTable *members;
	GHashTable *overlay;
	GArray *addresses;
	bool holds_own_key;
	bool has_map;
	gint64 generation;
	struct ratelimit get_map;
	char *server;
	GArray *relays;
};

static void free_member(void *data)
{
	struct member *member = data;

	peer_free(member->peer);
	g_array_unref(member->addresses);
	g_free(member);
}

static char *address_text(const struct prefix *prefix)
{
	char text[PREFIX_STRLEN];

	return g_strdup(prefix_print(prefix, text));
}

/* What the peers ask for */

/* An IPv6 address of our own /64 is of the overlay even when nobody has it. */
static bool is_in_own_prefix(const struct mesh *mesh, const struct endpoint *ep)
{
	gsize size;
	const guint8 *bytes = endpoint_address(ep, &size);

	for (guint i = 0; i < mesh->addresses->len; i++) {
		const struct prefix *own = &g_array_index(mesh->addresses, struct prefix, i);

		if (own->family == AF_INET6 && size == 16 && memcmp(&own->in6, bytes, 8) == 0)
			return true;
	}
	return false;
}

static bool is_overlay(const struct endpoint *ep, void *data)
{
	struct mesh *mesh = data;
	g_autofree char *text = NULL;
	struct prefix prefix;
	gsize size;
	const void *bytes = endpoint_address(ep, &size);

	if (!prefix_from_address(&prefix, bytes, size, size * 8))
		return false;
	text = address_text(&prefix);
	return g_hash_table_contains(mesh->overlay, text) || is_in_own_prefix(mesh, ep) ||
	       (mesh->context.underlay && underlay_leads_back(mesh->context.underlay, ep));
}

static void send_box(const struct key *to, const guint8 *box, gsize size, void *data)
{
	struct mesh *mesh = data;
	JsonObject *message = message_new("signal");

	message_set_binary(message, "to", to, KEY_SIZE);
	message_set_binary(message, "box", box, size);
	mesh->events->send(message, mesh->data);
}

static void ask_for_map(void *data)
{
	struct mesh *mesh = data;

	if (ratelimit_allow(&mesh->get_map, &get_map_rule, g_get_monotonic_time()))
		mesh->events->send(message_new("get-map"), mesh->data);
}

/* Peers that are forgotten forget how many boxes were sent to them: the counting begins anew. */
static void draw_session(struct mesh *mesh)
{
	randombytes_buf(&mesh->context.session, sizeof(mesh->context.session));
}

/* What the relays tell */

static void on_allocation_changed(void *data)
{
	struct mesh *mesh = data;
	struct member *member;
	GHashTableIter iter;

	g_hash_table_iter_init(&iter, mesh->members);
	while (g_hash_table_iter_next(&iter, NULL, (void **)&member))
		peer_allocation_changed(member->peer);
}

static void on_channel_bound(const struct turn *turn, guint16 channel, void *data)
{
	struct mesh *mesh = data;
	struct member *member;
	GHashTableIter iter;

	g_hash_table_iter_init(&iter, mesh->members);
	while (g_hash_table_iter_next(&iter, NULL, (void **)&member))
		peer_channel_bound(member->peer, turn, channel);
}

static void on_allocation_moved(const struct turn *turn, void *data)
{
	struct mesh *mesh = data;
	struct member *member;
	GHashTableIter iter;

	g_hash_table_iter_init(&iter, mesh->members);
	while (g_hash_table_iter_next(&iter, NULL, (void **)&member))
		peer_allocation_moved(member->peer, turn);
}

static void on_channel_refused(const struct turn *turn, guint16 channel, const char *why,
			       void *data)
{
	struct mesh *mesh = data;
	struct member *member;
	GHashTableIter iter;

	g_hash_table_iter_init(&iter, mesh->members);
	while (g_hash_table_iter_next(&iter, NULL, (void **)&member))
		peer_channel_refused(member->peer, turn, channel, why);
}

static const struct relays_events relays_events = {
	.changed = on_allocation_changed,
	.bound = on_channel_bound,
	.moved = on_allocation_moved,
	.refused = on_channel_refused,
};

struct mesh *mesh_new(const struct key *private_key, struct dataplane *dataplane,
		      const struct mesh_events *events, void *data)
{
	struct mesh *mesh = g_new0(struct mesh, 1);
	struct peer_context *context = &mesh->context;

	mesh->dataplane = dataplane;
	mesh->events = events;
	mesh->data = data;
	mesh->members = g_hash_table_new_full(key_hash, key_equal, NULL, free_member);
	mesh->overlay = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
	mesh->addresses = g_array_new(FALSE, FALSE, sizeof(struct prefix));
	context->private_key = *private_key;
	key_derive_public(private_key, &context->public_key);
	draw_session(mesh);
	context->stun = g_array_new(FALSE, FALSE, sizeof(struct endpoint));
	g_queue_init(&context->waiting);
	context->is_overlay = is_overlay;
	context->send = send_box;
	context->ask_for_map = ask_for_map;
	context->data = mesh;
	context->relays = relays_new(&relays_events, mesh);
	mesh->relays = relayinfo_new_list();
	return mesh;
}

void mesh_free(struct mesh *mesh)
{
	if (!mesh)
		return;
	g_hash_table_unref(mesh->members);
	g_hash_table_unref(mesh->overlay);
	relays_free(mesh->context.relays);
	g_array_unref(mesh->relays);
	g_free(mesh->server);
	g_array_unref(mesh->addresses);
	g_array_unref(mesh->context.stun);
	g_clear_handle_id(&mesh->context.serve, g_source_remove);
	key_wipe(&mesh->context.private_key);
	g_free(mesh);
}

/* Who has which address */

static bool claim(struct mesh *mesh, const struct prefix *address, const struct key *key)
{
	g_autofree char *text = address_text(address);
	const struct key *owner = g_hash_table_lookup(mesh->overlay, text);

	if (owner)
		return key_equal(owner, key);
	g_hash_table_insert(mesh->overlay, g_steal_pointer(&text), g_memdup2(key, sizeof(*key)));
	return true;
}

static void disclaim(struct mesh *mesh, const GArray *addresses)
{
	for (guint i = 0; i < addresses->len; i++) {
		g_autofree char *text =
			address_text(&g_array_index(addresses, struct prefix, i));

		g_hash_table_remove(mesh->overlay, text);
	}
}

static void claim_addresses(struct mesh *mesh, const struct mapmessage_peer *from, GArray *to)
{
	for (guint i = 0; i < from->addresses->len; i++) {
		struct prefix address = g_array_index(from->addresses, struct prefix, i);

		if (claim(mesh, &address, &from->key))
			g_array_append_val(to, address);
		else
			log_limited(LOG_LEVEL_WARNING,
				    "peer %s: the map gives it an address that another node has",
				    from->hostname);
	}
}

void mesh_set_self(struct mesh *mesh, const GArray *addresses, const GArray *stun,
		   const char *server)
{
	g_free(mesh->server);
	mesh->server = g_strdup(server);
	disclaim(mesh, mesh->addresses);
	g_array_set_size(mesh->addresses, 0);
	g_array_append_vals(mesh->addresses, addresses->data, addresses->len);
	for (guint i = 0; i < addresses->len; i++)
		claim(mesh, &g_array_index(addresses, struct prefix, i),
		      &mesh->context.public_key);
	g_array_set_size(mesh->context.stun, 0);
	g_array_append_vals(mesh->context.stun, stun->data, stun->len);
	dataplane_set_addresses(mesh->dataplane, addresses);
}

void mesh_set_underlay(struct mesh *mesh, const struct underlay *underlay)
{
	mesh->context.underlay = underlay;
}

void mesh_underlay_read(struct mesh *mesh)
{
	struct member *member;
	GHashTableIter iter;

	g_hash_table_iter_init(&iter, mesh->members);
	while (g_hash_table_iter_next(&iter, NULL, (void **)&member))
		peer_underlay_read(member->peer);
}

void mesh_network_changed(struct mesh *mesh, bool all)
{
	relays_network_changed(mesh->context.relays, all);
}

const struct relays *mesh_relays(const struct mesh *mesh)
{
	return mesh->context.relays;
}

void mesh_set_connected(struct mesh *mesh, bool connected)
{
	struct member *member;
	GHashTableIter iter;

	mesh->context.connected = connected;
	if (!connected)
		return;
	g_hash_table_iter_init(&iter, mesh->members);
	while (g_hash_table_iter_next(&iter, NULL, (void **)&member))
		peer_server_connected(member->peer);
}

/* The map */

static void remove_member(struct mesh *mesh, const struct key *key)
{
	struct member *member = g_hash_table_lookup(mesh->members, key);
	struct dataplane_peer *dataplane;

	if (!member)
		return;
	log_info("peer %s: removed from the network", peer_hostname(member->peer));
	dataplane = peer_dataplane(member->peer);
	peer_attach(member->peer, NULL);
	if (dataplane)
		dataplane_remove_peer(mesh->dataplane, dataplane);
	disclaim(mesh, member->addresses);
	g_hash_table_remove(mesh->members, key);
}

static void put_member(struct mesh *mesh, const struct mapmessage_peer *from)
{
	struct member *member = g_hash_table_lookup(mesh->members, &from->key);

	if (!member) {
		member = g_new0(struct member, 1);
		member->peer = peer_new(&mesh->context, &from->key);
		member->addresses = g_array_new(FALSE, FALSE, sizeof(struct prefix));
		g_hash_table_insert(mesh->members, (void *)peer_key(member->peer), member);
	}
	peer_set_hostname(member->peer, from->hostname);
	claim_addresses(mesh, from, member->addresses);
}

static void remove_all_but(struct mesh *mesh, const GArray *peers)
{
	g_autoptr(GHashTable) keep = g_hash_table_new(key_hash, key_equal);
	g_autoptr(GPtrArray) remove = g_ptr_array_new();
	struct member *member;
	GHashTableIter iter;

	for (guint i = 0; i < peers->len; i++)
		g_hash_table_add(keep, &g_array_index(peers, struct mapmessage_peer, i).key);
	g_hash_table_iter_init(&iter, mesh->members);
	while (g_hash_table_iter_next(&iter, NULL, (void **)&member)) {
		if (!g_hash_table_contains(keep, peer_key(member->peer)))
			g_ptr_array_add(remove, member->peer);
	}
	for (guint i = 0; i < remove->len; i++)
		remove_member(mesh, peer_key(remove->pdata[i]));
}

/* A peer gets its paths only once the dataplane has adopted what the kernel has of it. */
static void attach_all(struct mesh *mesh, const GArray *peers)
{
	g_autoptr(GError) error = NULL;

	for (guint i = 0; i < peers->len; i++) {
		const struct mapmessage_peer *from =
			&g_array_index(peers, struct mapmessage_peer, i);
		const struct member *member = g_hash_table_lookup(mesh->members, &from->key);

		if (member)
			dataplane_set_peer(mesh->dataplane, &from->key, member->addresses);
	}
	if (!dataplane_apply(mesh->dataplane, true, &error))
		log_error("%s", error->message);

	for (guint i = 0; i < peers->len; i++) {
		const struct mapmessage_peer *from =
			&g_array_index(peers, struct mapmessage_peer, i);
		const struct member *member = g_hash_table_lookup(mesh->members, &from->key);

		if (!member)
			continue;
		peer_attach(member->peer, dataplane_set_peer(mesh->dataplane, &from->key,
							     member->addresses));
		peer_set_session(member->peer, from->has_session ? &from->session : NULL);
	}
}

/* All at first: two peers may have exchanged their addresses. */
static guint release_addresses(struct mesh *mesh, const GArray *peers)
{
	guint known = 0;

	for (guint i = 0; i < peers->len; i++) {
		struct member *member =
			g_hash_table_lookup(mesh->members,
					    &g_array_index(peers, struct mapmessage_peer, i).key);

		if (!member)
			continue;
		known++;
		disclaim(mesh, member->addresses);
		g_array_set_size(member->addresses, 0);
	}
	return known;
}

/* A relay that is somewhere else than the server says where. */
static void set_relays(struct mesh *mesh, const GArray *relays)
{
	g_autoptr(GArray) placed = relayinfo_new_list();

	g_array_set_size(mesh->relays, 0);
	g_array_append_vals(mesh->relays, relays->data, relays->len);
	for (guint i = 0; i < relays->len; i++) {
		struct relayinfo relay = g_array_index(relays, struct relayinfo, i);

		if (!relay.host[0])
			g_strlcpy(relay.host, mesh->server, sizeof(relay.host));
		g_array_append_val(placed, relay);
		sodium_memzero(&relay, sizeof(relay));
	}
	relays_set(mesh->context.relays, placed);
}

/* A map names all nodes but the receiver (docs/protocol.md section 3). */
static void found_own_key(struct mesh *mesh, const struct mapmessage_peer *from)
{
	if (!mesh->holds_own_key)
		log_error("the map says that %s has the key of this node", from->hostname);
	mesh->holds_own_key = true;
}

static void apply(struct mesh *mesh, const struct mapmessage *message)
{
	guint known = release_addresses(mesh, message->peers);
	guint others = g_hash_table_size(mesh->members) - known;

	for (guint i = 0; i < message->peers->len; i++) {
		const struct mapmessage_peer *from =
			&g_array_index(message->peers, struct mapmessage_peer, i);

		if (others + i >= MAPMESSAGE_MAX_PEERS) {
			log_limited(LOG_LEVEL_WARNING, "the network has more than %d nodes; this "
				    "node talks to the first of them only", MAPMESSAGE_MAX_PEERS);
			break;
		}
		if (key_equal(&from->key, &mesh->context.public_key))
			found_own_key(mesh, from);
		else
			put_member(mesh, from);
	}
	attach_all(mesh, message->peers);
	if (message->relays)
		set_relays(mesh, message->relays);
	mesh->generation = message->generation;
	mesh->has_map = true;
	mesh->events->changed(mesh->data);
}

bool mesh_map(struct mesh *mesh, JsonObject *object, GError **error)
{
	g_autoptr(mapmessage) message = mapmessage_parse(object, false, error);

	if (!message)
		return false;
	mesh->holds_own_key = false;
	remove_all_but(mesh, message->peers);
	apply(mesh, message);
	return true;
}

bool mesh_delta(struct mesh *mesh, JsonObject *object, GError **error)
{
	g_autoptr(mapmessage) message = mapmessage_parse(object, true, error);

	if (!message)
		return false;
	if (!mesh->has_map || message->previous != mesh->generation) {
		ask_for_map(mesh);
		return true;
	}
	for (guint i = 0; i < message->removed->len; i++) {
		const struct key *key = &g_array_index(message->removed, struct key, i);

		if (key_equal(key, &mesh->context.public_key))
			mesh->holds_own_key = false;
		remove_member(mesh, key);
	}
	apply(mesh, message);
	return true;
}

JsonObject *mesh_save(const struct mesh *mesh)
{
	JsonObject *message = message_new("map");
	JsonArray *peers = json_array_new();
	struct member *member;
	GHashTableIter iter;

	g_hash_table_iter_init(&iter, mesh->members);
	while (g_hash_table_iter_next(&iter, NULL, (void **)&member)) {
		JsonObject *peer = json_object_new();

		message_set_binary(peer, "public_key", peer_key(member->peer), KEY_SIZE);
		json_object_set_string_member(peer, "hostname", peer_hostname(member->peer));
		mapmessage_set_addresses(peer, member->addresses);
		json_array_add_object_element(peers, peer);
	}
	json_object_set_int_member(message, "generation", mesh->generation);
	json_object_set_array_member(message, "peers", peers);
	relayinfo_set_list(message, mesh->relays);
	return message;
}

void mesh_clear(struct mesh *mesh)
{
	g_hash_table_remove_all(mesh->members);
	g_hash_table_remove_all(mesh->overlay);
	g_array_set_size(mesh->addresses, 0);
	g_array_set_size(mesh->relays, 0);
	relays_set(mesh->context.relays, mesh->relays);
	mesh->has_map = mesh->holds_own_key = false;
	draw_session(mesh);
}

bool mesh_holds_own_key(const struct mesh *mesh)
{
	return mesh->holds_own_key;
}

const struct seal_session *mesh_session(const struct mesh *mesh)
{
	return &mesh->context.session;
}

void mesh_set_session(struct mesh *mesh, const struct seal_session *session)
{
	mesh->context.session = *session;
}

/* Signals */

bool mesh_signal(struct mesh *mesh, JsonObject *message, GError **error)
{
	g_autofree guint8 *box = NULL;
	struct member *member;
	struct key from;
	gsize size;

	if (!message_get_binary(message, "from", &from, KEY_SIZE, error))
		return false;
	box = message_get_bytes(message, "box", 1, MESSAGE_MAX_BOX, &size, error);
	if (!box)
		return false;
	member = g_hash_table_lookup(mesh->members, &from);
	if (member)
		peer_receive(member->peer, box, size);
	else
		ask_for_map(mesh);
	return true;
}

bool mesh_signal_failed(struct mesh *mesh, JsonObject *message, GError **error)
{
	struct member *member;
	const char *reason;
	struct key to;

	if (!message_get_binary(message, "to", &to, KEY_SIZE, error))
		return false;
	reason = message_get_string(message, "reason", 1, MESSAGE_MAX_NAME, error);
	if (!reason)
		return false;
	member = g_hash_table_lookup(mesh->members, &to);
	if (member)
		peer_signal_failed(member->peer, reason);
	return true;
}

/* What the admin asks for */

bool mesh_renew(struct mesh *mesh, const char *name, enum peermessage_reason reason, bool keep)
{
	bool found = !name;
	struct member *member;
	GHashTableIter iter;

	g_hash_table_iter_init(&iter, mesh->members);
	while (g_hash_table_iter_next(&iter, NULL, (void **)&member)) {
		if (name && !peer_is_called(member->peer, name))
			continue;
		peer_renew(member->peer, reason, keep);
		found = true;
	}
	return found;
}

const struct peer *mesh_find(const struct mesh *mesh, const char *name)
{
	struct member *member;
	GHashTableIter iter;

	g_hash_table_iter_init(&iter, mesh->members);
	while (g_hash_table_iter_next(&iter, NULL, (void **)&member)) {
		if (peer_is_called(member->peer, name))
			return member->peer;
	}
	return NULL;
}

static int by_hostname(const void *a, const void *b)
{
	return strcmp(peer_hostname(*(struct peer **)a), peer_hostname(*(struct peer **)b));
}

GPtrArray *mesh_list(const struct mesh *mesh)
{
	GPtrArray *peers = g_ptr_array_new();
	struct member *member;
	GHashTableIter iter;

	g_hash_table_iter_init(&iter, mesh->members);
	while (g_hash_table_iter_next(&iter, NULL, (void **)&member))
		g_ptr_array_add(peers, member->peer);
	g_ptr_array_sort(peers, by_hostname);
	return peers;
}

const GArray *mesh_peer_addresses(const struct mesh *mesh, const struct peer *peer)
{
	struct member *member = g_hash_table_lookup(mesh->members, peer_key(peer));

	return member->addresses;
}
