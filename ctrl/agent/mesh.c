// SPDX-License-Identifier: GPL-2.0
/* The peers of the network: made, changed and removed as the server's map says. */
#include "mesh.h"

#include <sodium.h>
#include <string.h>

#include "holders.h"
#include "lib/log.h"
#include "mapmessage.h"
#include "overlay.h"

/* However wrong the map is, it is not asked for more often. */
static const struct ratelimit_rule get_map_rule = { .interval_us = 5 * G_USEC_PER_SEC, .burst = 2 };

/**
 * struct member - a peer and what the map says of it
 * @peer: the peer
 * @given: array of struct prefix: what the server gives it
 * @addresses: array of struct prefix: those of them that it may have
 * @refused: why it may not have the others; NULL: it has them all
 */
struct member {
	struct peer *peer;
	GArray *given;
	GArray *addresses;
	char *refused;
};

/**
 * struct mesh - the peers of the network
 * @context: what the peers share
 * @dataplane: where they are programmed
 * @events: of the owner
 * @data: for @events
 * @members: struct member by key of the peer; owns them
 * @underlay: see mesh_set_underlay(); NULL before
 * @overlay: who has which address, and may
 * @holders: whose names and addresses were
 * @given: array of struct prefix: what the server gives this node
 * @addresses: array of struct prefix: those of them that it may have
 * @refused: why it may not have the others; NULL: it has them all
 * @holds_own_key: the map says that our own key is a peer's
 * @has_map: whether @generation counts
 * @generation: of the map
 * @unsaved: what is to be saved has changed since the owner was told last
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
	struct underlay *underlay;
	struct overlay *overlay;
	struct holders *holders;
	GArray *given;
	GArray *addresses;
	char *refused;
	bool holds_own_key;
	bool has_map;
	gint64 generation;
	bool unsaved;
	struct ratelimit get_map;
	char *server;
	GArray *relays;
};

static void free_member(void *data)
{
	struct member *member = data;

	peer_free(member->peer);
	g_array_unref(member->given);
	g_array_unref(member->addresses);
	g_free(member->refused);
	g_free(member);
}

/* What the peers ask for */

static bool is_overlay(const struct endpoint *ep, void *data)
{
	struct mesh *mesh = data;
	struct prefix prefix;

	if (!prefix_from_endpoint(&prefix, ep))
		return false;
	return overlay_has(mesh->overlay, &prefix) ||
	       (mesh->underlay && underlay_leads_back(mesh->underlay, ep));
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

/* What the relays tell; a channel has the peer as its user */

static void on_allocation_changed(void *data)
{
	struct mesh *mesh = data;
	struct member *member;
	GHashTableIter iter;

	g_hash_table_iter_init(&iter, mesh->members);
	while (g_hash_table_iter_next(&iter, NULL, (void **)&member))
		peer_allocation_changed(member->peer);
}

static void on_channel_bound(const struct turn *turn, guint16 channel, void *user,
			     G_GNUC_UNUSED void *data)
{
	peer_channel_bound(user, turn, channel);
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

static void on_channel_refused(const struct turn *turn, guint16 channel, void *user,
			       const char *why, G_GNUC_UNUSED void *data)
{
	peer_channel_refused(user, turn, channel, why);
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
	mesh->overlay = overlay_new();
	mesh->holders = holders_new();
	mesh->given = g_array_new(FALSE, FALSE, sizeof(struct prefix));
	mesh->addresses = g_array_new(FALSE, FALSE, sizeof(struct prefix));
	key_guard(&context->private_key);
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
	mesh->unsaved = true;
	return mesh;
}

void mesh_free(struct mesh *mesh)
{
	if (!mesh)
		return;
	g_hash_table_unref(mesh->members);
	overlay_free(mesh->overlay);
	holders_free(mesh->holders);
	relays_free(mesh->context.relays);
	g_array_unref(mesh->relays);
	g_free(mesh->server);
	g_array_unref(mesh->given);
	g_array_unref(mesh->addresses);
	g_free(mesh->refused);
	g_array_unref(mesh->context.stun);
	g_clear_handle_id(&mesh->context.serve, g_source_remove);
	key_wipe(&mesh->context.private_key);
	g_free(mesh);
}

/* Who has which address */

/* Takes of what the server gives somebody what that may have, and says why not the rest. */
static char *admit(struct mesh *mesh, const GArray *given, const struct key *key, GArray *admitted)
{
	bool self = key_equal(key, &mesh->context.public_key);
	GString *refused = g_string_new(NULL);

	g_array_set_size(admitted, 0);
	for (guint i = 0; i < given->len; i++) {
		const struct prefix *address = &g_array_index(given, struct prefix, i);
		g_autofree char *why = overlay_claim(mesh->overlay, address, key, self);

		if (why)
			g_string_append_printf(refused, "%s%s", refused->len ? ". " : "", why);
		else
			g_array_append_vals(admitted, address, 1);
	}
	return g_string_free(refused, !refused->len);
}

/* Once for each change. */
static void take_refusal(char **refused, char *now, const char *whose)
{
	g_autofree char *before = g_steal_pointer(refused);

	*refused = now;
	if (now && g_strcmp0(before, now) != 0)
		log_limited(LOG_LEVEL_WARNING, "an address that the server gives to %s is refused: "
			    "%s", whose, now);
	else if (before && !now)
		log_limited(LOG_LEVEL_INFO, "no address of %s is refused any more", whose);
}

static void admit_member(struct mesh *mesh, struct member *member)
{
	take_refusal(&member->refused,
		     admit(mesh, member->given, peer_key(member->peer), member->addresses),
		     peer_hostname(member->peer));
}

static void admit_self(struct mesh *mesh)
{
	take_refusal(&mesh->refused,
		     admit(mesh, mesh->given, &mesh->context.public_key, mesh->addresses),
		     "this node");
	dataplane_set_addresses(mesh->dataplane, mesh->addresses);
}

/* Another router or resolver may have an address of the overlay. Returns whether one changed. */
static bool look_at_needs(struct mesh *mesh)
{
	GHashTable *needed = mesh->underlay ? underlay_needed(mesh->underlay) : NULL;

	return overlay_set_needed(mesh->overlay, needed);
}

static void admit_all(struct mesh *mesh)
{
	struct member *member;
	GHashTableIter iter;

	admit_self(mesh);
	g_hash_table_iter_init(&iter, mesh->members);
	while (g_hash_table_iter_next(&iter, NULL, (void **)&member)) {
		admit_member(mesh, member);
		dataplane_set_peer(mesh->dataplane, peer_key(member->peer), member->addresses);
	}
}

static void apply_to_dataplane(struct mesh *mesh)
{
	g_autoptr(GError) error = NULL;

	if (!dataplane_apply(mesh->dataplane, true, &error))
		log_error("%s", error->message);
}

void mesh_set_self(struct mesh *mesh, const GArray *prefixes, const GArray *addresses,
		   const GArray *stun, const char *server)
{
	g_free(mesh->server);
	mesh->server = g_strdup(server);
	/* a peer that has it, too, owns it then, or not any more */
	mesh->unsaved |= !prefix_equal_lists(mesh->given, addresses);
	overlay_disclaim(mesh->overlay, mesh->given, &mesh->context.public_key);
	overlay_set_prefixes(mesh->overlay, prefixes);
	g_array_set_size(mesh->given, 0);
	g_array_append_vals(mesh->given, addresses->data, addresses->len);
	g_array_set_size(mesh->context.stun, 0);
	g_array_append_vals(mesh->context.stun, stun->data, stun->len);
	look_at_needs(mesh);
	admit_all(mesh);
}

void mesh_set_underlay(struct mesh *mesh, struct underlay *underlay)
{
	mesh->context.underlay = mesh->underlay = underlay;
}

void mesh_underlay_read(struct mesh *mesh)
{
	struct member *member;
	GHashTableIter iter;

	/* before there is a map, apply() looks */
	if (mesh->has_map && look_at_needs(mesh)) {
		admit_all(mesh);
		apply_to_dataplane(mesh);
	}
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
	bool lost = mesh->context.connected && !connected;
	struct member *member;
	GHashTableIter iter;

	mesh->context.connected = connected;
	if (!lost)
		return;
	g_hash_table_iter_init(&iter, mesh->members);
	while (g_hash_table_iter_next(&iter, NULL, (void **)&member))
		peer_lost(member->peer);
}

/* The map */

static void remove_member(struct mesh *mesh, const struct key *key)
{
	struct member *member = g_hash_table_lookup(mesh->members, key);
	struct dataplane_peer *dataplane;

	if (!member)
		return;
	log_info("peer %s: removed from the network", peer_hostname(member->peer));
	mesh->unsaved = true;
	dataplane = peer_dataplane(member->peer);
	peer_attach(member->peer, NULL);
	if (dataplane)
		dataplane_remove_peer(mesh->dataplane, dataplane);
	overlay_disclaim(mesh->overlay, member->given, key);
	g_hash_table_remove(mesh->members, key);
}

/* Another key */

static void note_holder(struct mesh *mesh, const char *what, const struct mapmessage_peer *from)
{
	const struct holder *holder = holders_note(mesh->holders, what, &from->key,
						   g_get_real_time() / G_USEC_PER_SEC);
	char before[KEY_STRLEN], now[KEY_STRLEN];

	if (holder)
		log_limited(LOG_LEVEL_WARNING, "peer %s: %s was that of the key %s, and is that of "
			    "%s now: another machine has it, or the same one was set up anew",
			    from->hostname, what, key_print(&holder->from, before),
			    key_print(&holder->key, now));
}

/* What the server gives to two at once, the second one does not hold. */
static void note_holders(struct mesh *mesh, const struct mapmessage_peer *from)
{
	char text[PREFIX_STRLEN];

	note_holder(mesh, from->hostname, from);
	for (guint i = 0; i < from->addresses->len; i++) {
		const struct prefix *address = &g_array_index(from->addresses, struct prefix, i);

		if (overlay_owns(mesh->overlay, address, &from->key))
			note_holder(mesh, prefix_print(address, text), from);
	}
}

static void put_member(struct mesh *mesh, const struct mapmessage_peer *from)
{
	struct member *member = g_hash_table_lookup(mesh->members, &from->key);

	if (!member) {
		member = g_new0(struct member, 1);
		member->peer = peer_new(&mesh->context, &from->key);
		member->given = g_array_new(FALSE, FALSE, sizeof(struct prefix));
		member->addresses = g_array_new(FALSE, FALSE, sizeof(struct prefix));
		g_hash_table_insert(mesh->members, (void *)peer_key(member->peer), member);
	}
	peer_set_hostname(member->peer, from->hostname);
	g_array_append_vals(member->given, from->addresses->data, from->addresses->len);
	admit_member(mesh, member);
	note_holders(mesh, from);
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
	for (guint i = 0; i < peers->len; i++) {
		const struct mapmessage_peer *from =
			&g_array_index(peers, struct mapmessage_peer, i);
		const struct member *member = g_hash_table_lookup(mesh->members, &from->key);

		if (member)
			dataplane_set_peer(mesh->dataplane, &from->key, member->addresses);
	}
	apply_to_dataplane(mesh);

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
		overlay_disclaim(mesh->overlay, member->given, peer_key(member->peer));
		g_array_set_size(member->given, 0);
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

static bool is_known(struct mesh *mesh, const struct mapmessage_peer *from)
{
	const struct member *member = g_hash_table_lookup(mesh->members, &from->key);

	return member && strcmp(peer_hostname(member->peer), from->hostname) == 0 &&
	       prefix_equal_lists(member->given, from->addresses);
}

/* Whether anything is new that is saved: a peer that came or went is not. */
static bool says_new(struct mesh *mesh, const struct mapmessage *message)
{
	if (message->relays && !relayinfo_equal_lists(mesh->relays, message->relays))
		return true;
	for (guint i = 0; i < message->peers->len; i++) {
		const struct mapmessage_peer *from =
			&g_array_index(message->peers, struct mapmessage_peer, i);

		if (!is_known(mesh, from) && !key_equal(&from->key, &mesh->context.public_key))
			return true;
	}
	return false;
}

static void apply(struct mesh *mesh, const struct mapmessage *message)
{
	guint known, others;

	mesh->unsaved |= says_new(mesh, message);
	known = release_addresses(mesh, message->peers);
	others = g_hash_table_size(mesh->members) - known;
	if (look_at_needs(mesh)) {
		admit_all(mesh);
		mesh->unsaved = true;
	}
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
	if (mesh->unsaved) {
		mesh->unsaved = false;
		mesh->events->changed(mesh->data);
	}
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

/* What the server gives counts, for what may not be had now may be had in another network. */
static JsonObject *save_member(const struct mesh *mesh, const struct member *member)
{
	g_autoptr(GArray) addresses = g_array_new(FALSE, FALSE, sizeof(struct prefix));
	JsonObject *peer;

	for (guint i = 0; i < member->given->len; i++) {
		const struct prefix *address = &g_array_index(member->given, struct prefix, i);

		if (overlay_owns(mesh->overlay, address, peer_key(member->peer)))
			g_array_append_vals(addresses, address, 1);
	}
	if (!addresses->len)
		return NULL;
	peer = json_object_new();
	message_set_binary(peer, "public_key", peer_key(member->peer), KEY_SIZE);
	json_object_set_string_member(peer, "hostname", peer_hostname(member->peer));
	mapmessage_set_addresses(peer, addresses);
	return peer;
}

/* What the peers have now is in the map itself. */
static bool is_in_map(const char *what, const struct key *key, void *data)
{
	const struct mesh *mesh = data;
	const struct member *member = g_hash_table_lookup(mesh->members, key);
	struct prefix address;

	if (!member)
		return false;
	if (prefix_parse(what, &address, NULL))
		return overlay_owns(mesh->overlay, &address, key);
	return strcmp(peer_hostname(member->peer), what) == 0;
}

JsonObject *mesh_save(const struct mesh *mesh)
{
	JsonObject *message = message_new("map");
	JsonArray *peers = json_array_new();
	struct member *member;
	GHashTableIter iter;

	g_hash_table_iter_init(&iter, mesh->members);
	while (g_hash_table_iter_next(&iter, NULL, (void **)&member)) {
		JsonObject *peer = save_member(mesh, member);

		if (peer)
			json_array_add_object_element(peers, peer);
	}
	json_object_set_int_member(message, "generation", mesh->generation);
	json_object_set_array_member(message, "peers", peers);
	json_object_set_array_member(message, "holders",
				     holders_save(mesh->holders, is_in_map, (void *)mesh));
	relayinfo_set_list(message, mesh->relays);
	return message;
}

bool mesh_load(struct mesh *mesh, JsonObject *saved, GError **error)
{
	return holders_load(mesh->holders, saved, error) && mesh_map(mesh, saved, error);
}

void mesh_clear(struct mesh *mesh)
{
	g_hash_table_remove_all(mesh->members);
	overlay_clear(mesh->overlay);
	holders_clear(mesh->holders);
	g_array_set_size(mesh->given, 0);
	g_array_set_size(mesh->addresses, 0);
	g_clear_pointer(&mesh->refused, g_free);
	g_array_set_size(mesh->relays, 0);
	relays_set(mesh->context.relays, mesh->relays);
	mesh->has_map = mesh->holds_own_key = false;
	mesh->unsaved = true;
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

const char *mesh_peer_refused(const struct mesh *mesh, const struct peer *peer)
{
	struct member *member = g_hash_table_lookup(mesh->members, peer_key(peer));

	return member->refused;
}

const GArray *mesh_addresses(const struct mesh *mesh)
{
	return mesh->addresses;
}

const char *mesh_refused(const struct mesh *mesh)
{
	return mesh->refused;
}

static void add_change(const struct mesh *mesh, const struct peer *peer, const char *what,
		       JsonArray *changes)
{
	const struct holder *holder = holders_find(mesh->holders, what);
	JsonObject *change;

	if (!holder || !holder->when_s || !key_equal(&holder->key, peer_key(peer)))
		return;
	change = json_object_new();
	json_object_set_string_member(change, "what", what);
	message_set_binary(change, "from", &holder->from, KEY_SIZE);
	json_object_set_int_member(change, "when", holder->when_s);
	json_array_add_object_element(changes, change);
}

JsonArray *mesh_peer_key_changes(const struct mesh *mesh, const struct peer *peer)
{
	struct member *member = g_hash_table_lookup(mesh->members, peer_key(peer));
	JsonArray *changes = json_array_new();
	char text[PREFIX_STRLEN];

	add_change(mesh, peer, peer_hostname(peer), changes);
	for (guint i = 0; i < member->given->len; i++)
		add_change(mesh, peer,
			   prefix_print(&g_array_index(member->given, struct prefix, i), text),
			   changes);
	return changes;
}
