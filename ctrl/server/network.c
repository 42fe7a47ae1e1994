// SPDX-License-Identifier: GPL-2.0
/* The network: its nodes, connected or not, its map, and telling all of what changes. */
#include "network.h"

#include <arpa/inet.h>
#include <string.h>

#include "lib/log.h"
#include "lib/message.h"
#include "node.h"
#include "peertext.h"
#include "refusal.h"
#include "websocket.h"

/*
 * Generations are stored ahead in steps, so that not every node that comes or goes costs a write to
 * disk. After a crash the count goes on from the end of the step.
 */
#define GENERATION_STEP 1000

/*
 * Changes that come close together are told together. A round costs the server about 25 µs for each
 * node that is told; it takes 2 % of a core for that, unless the last one would hear too late.
 */
#define TELL_INTERVAL_US (G_USEC_PER_SEC / 10)
#define TELL_INTERVAL_NODE_US 1250
#define TELL_INTERVAL_MAX_US (5 * G_USEC_PER_SEC)

/* To take a node in, with its map and what the others hear of it, takes a few milliseconds. */
#define RETRY_WINDOW_NODE_MS 10

/* So long a map is given out for each node in it, though it is not the newest any more. */
#define MAP_LASTS_NODE_US 100

/* A node that comes and goes without an end is news to all others only now and then. */
static const struct ratelimit_rule show_rule = {
	.interval_us = 20 * G_USEC_PER_SEC,
	.burst = 6,
};

/* How often it is written down when nodes were seen. */
#define SEEN_INTERVAL_S 300

/* One change of the map that not all were told yet: of a node, or of the relays. */
struct change {
	gint64 generation;
	bool is_relays;
	struct key public_key;
};

/**
 * struct network - the network
 * @store: keeps it
 * @info: what is stored of it; its generation is the stored one
 * @generation: of the map
 * @relays: of the network
 * @members: struct member by key in it; owns them
 * @online: how many are connected
 * @changes: array of struct change that not all were told yet
 * @changed: the nodes in @changes, as text; NULL: not written yet
 * @removed: the keys in @changes of nodes that are gone; likewise
 * @relays_changed: generation of the last change of the relays
 * @told_generation: that all were told last, but for who reads slowly
 * @told_us: when that was
 * @map: the peers of a map, as text; NULL: not written yet
 * @map_generation: that @map is of
 * @map_us: when it was written
 * @tell_timer: GLib source that tells @changes
 * @seen_timer: GLib source that writes down who was seen
 * @late: ends the time in which the map does not say the truth about a member
 */
struct network {
	struct store *store;
	struct store_network info;
	gint64 generation;
	struct relays *relays;
	GHashTable *members;
	guint online;
	GArray *changes;
	struct peertext *changed;
	struct peertext *removed;
	gint64 relays_changed;
	gint64 told_generation;
	gint64 told_us;
	struct peertext *map;
	gint64 map_generation;
	gint64 map_us;
	guint tell_timer;
	guint seen_timer;
	struct expiry_queue *late;
};

static void member_free(gpointer data)
{
	struct member *member = data;

	g_free(member->json);
	g_free(member);
}

static void on_late(struct expiry *expiry);

static struct member *member_new(struct network *network, const struct store_node *record)
{
	struct member *member = g_new0(struct member, 1);

	member->network = network;
	member->record = *record;
	member->late.expired = on_late;
	g_hash_table_insert(network->members, &member->record.public_key, member);
	return member;
}

static void load_member(const struct store_node *record, void *data)
{
	member_new(data, record);
}

static void store_failed(const char *what, GError *error)
{
	log_limited(LOG_LEVEL_ERROR, "%s: %s", what, error->message);
}

static void remember_generation(struct network *network, gint64 generation)
{
	g_autoptr(GError) error = NULL;

	if (store_set_generation(network->store, generation, &error))
		network->info.generation = generation;
	else
		store_failed("cannot store the generation of the map", error);
}

static void remember_seen(struct network *network)
{
	g_autoptr(GPtrArray) seen = g_ptr_array_new();
	gint64 now = g_get_real_time() / G_USEC_PER_SEC;
	g_autoptr(GError) error = NULL;
	struct member *member;
	GHashTableIter iter;

	g_hash_table_iter_init(&iter, network->members);
	while (g_hash_table_iter_next(&iter, NULL, (gpointer *)&member)) {
		if (member->node)
			member->record.last_seen = now;
		if (member->node || member->was_there)
			g_ptr_array_add(seen, &member->record);
	}
	if (seen->len == 0)
		return;
	if (!store_seen(network->store, seen, &error)) {
		store_failed("cannot store when nodes were seen", error);
		return;
	}
	g_hash_table_iter_init(&iter, network->members);
	while (g_hash_table_iter_next(&iter, NULL, (gpointer *)&member))
		member->was_there = false;
}

static gboolean seen_due(gpointer data)
{
	remember_seen(data);
	return G_SOURCE_CONTINUE;
}

static void relays_changed(void *data);

struct network *network_new(struct store *store, const char *name, const struct prefix *prefix,
			    const struct relays_options *relays, GError **error)
{
	struct network *network = g_new0(struct network, 1);

	network->store = store;
	network->late = expiry_queue_new();
	network->members = g_hash_table_new_full(key_hash, key_equal, NULL, member_free);
	network->changes = g_array_new(FALSE, FALSE, sizeof(struct change));
	if (store_network(store, name, prefix, &network->info, error) &&
	    store_each_node(store, load_member, network, error))
		network->relays = relays_new(store, relays, relays_changed, network, error);
	if (!network->relays) {
		expiry_queue_free(network->late);
		g_hash_table_unref(network->members);
		g_array_unref(network->changes);
		g_free(network);
		return NULL;
	}
	network->generation = network->told_generation = network->info.generation;
	network->seen_timer = g_timeout_add_seconds(SEEN_INTERVAL_S, seen_due, network);
	return network;
}

static void forget_changes_text(struct network *network)
{
	g_clear_pointer(&network->changed, peertext_free);
	g_clear_pointer(&network->removed, peertext_free);
}

void network_free(struct network *network)
{
	if (!network)
		return;
	remember_seen(network);
	remember_generation(network, network->generation);
	g_source_remove(network->seen_timer);
	g_clear_handle_id(&network->tell_timer, g_source_remove);
	expiry_queue_free(network->late);
	relays_free(network->relays);
	forget_changes_text(network);
	peertext_free(network->map);
	g_array_unref(network->changes);
	g_hash_table_unref(network->members);
	g_free(network);
}

const struct store_network *network_info(const struct network *network)
{
	return &network->info;
}

struct relays *network_relays(const struct network *network)
{
	return network->relays;
}

gint64 network_generation(const struct network *network)
{
	return network->generation;
}

guint network_size(const struct network *network)
{
	return g_hash_table_size(network->members);
}

guint network_online(const struct network *network)
{
	return network->online;
}

struct member *network_member(struct network *network, const struct key *public_key)
{
	return g_hash_table_lookup(network->members, public_key);
}

struct member *network_find(struct network *network, const char *name)
{
	struct member *member;
	GHashTableIter iter;
	struct key key;

	if (key_parse(name, &key, NULL))
		return network_member(network, &key);
	g_hash_table_iter_init(&iter, network->members);
	while (g_hash_table_iter_next(&iter, NULL, (gpointer *)&member)) {
		if (strcmp(member->record.hostname, name) == 0)
			return member;
	}
	return NULL;
}

static gint by_hostname(gconstpointer a, gconstpointer b)
{
	const struct member *const *left = a, *const *right = b;

	return strcmp((*left)->record.hostname, (*right)->record.hostname);
}

GPtrArray *network_members(struct network *network)
{
	GPtrArray *members = g_ptr_array_sized_new(network_size(network));
	GHashTableIter iter;
	gpointer member;

	g_hash_table_iter_init(&iter, network->members);
	while (g_hash_table_iter_next(&iter, NULL, &member))
		g_ptr_array_add(members, member);
	g_ptr_array_sort(members, by_hostname);
	return members;
}

JsonArray *network_addresses(const struct store_node *record)
{
	JsonArray *addresses = json_array_new();
	char text[INET6_ADDRSTRLEN];

	json_array_add_string_element(addresses,
				      inet_ntop(AF_INET, &record->address, text, sizeof(text)));
	json_array_add_string_element(addresses,
				      inet_ntop(AF_INET6, &record->address6, text, sizeof(text)));
	return addresses;
}

/* PEER of docs/protocol.md section 3 */
static const char *member_json(struct member *member)
{
	g_autoptr(JsonObject) peer = NULL;

	if (member->json)
		return member->json;
	peer = json_object_new();
	message_set_binary(peer, "public_key", member->record.public_key.bytes, KEY_SIZE);
	json_object_set_string_member(peer, "hostname", member->record.hostname);
	json_object_set_array_member(peer, "addresses", network_addresses(&member->record));
	if (member->shown)
		message_set_binary(peer, "session", member->shown_session, SESSION_SIZE);
	member->json = message_serialise(peer, NULL);
	return member->json;
}

/* RELAY of docs/protocol.md section 3: each node gets credentials of its own */
static void append_relays(struct network *network, GString *text, const struct key *receiver)
{
	const struct member *member = network_member(network, receiver);
	g_autoptr(GArray) relays = relays_for_node(network->relays, member->record.account);

	g_string_append(text, ",\"relays\":[");
	for (guint i = 0; i < relays->len; i++) {
		g_autoptr(JsonObject) object =
			relayinfo_build(&g_array_index(relays, struct relayinfo, i));
		g_autofree char *json = message_serialise(object, NULL);

		if (i > 0)
			g_string_append_c(text, ',');
		g_string_append(text, json);
	}
	g_string_append_c(text, ']');
}

static GPtrArray *begin_frame(const char *format, ...) G_GNUC_PRINTF(1, 2);

static GPtrArray *begin_frame(const char *format, ...)
{
	GPtrArray *parts = g_ptr_array_new_with_free_func((GDestroyNotify)g_bytes_unref);
	va_list arguments;
	char *text;

	va_start(arguments, format);
	text = g_strdup_vprintf(format, arguments);
	va_end(arguments);
	g_ptr_array_add(parts, g_bytes_new_take(text, strlen(text)));
	return parts;
}

/* @receiver: of the relays; NULL: nothing is said of relays */
static GPtrArray *end_frame(struct network *network, GPtrArray *parts, const struct key *receiver)
{
	GString *text = g_string_new("]");

	if (receiver)
		append_relays(network, text, receiver);
	g_string_append_c(text, '}');
	g_ptr_array_add(parts, g_string_free_to_bytes(text));
	return websocket_frame(parts);
}

/* Return: (owned by the caller) struct change *, the newest first, of each node the last one. */
static GPtrArray *list_last_changes(struct network *network)
{
	g_autoptr(GHashTable) seen = g_hash_table_new(key_hash, key_equal);
	GPtrArray *last = g_ptr_array_new();

	for (guint i = network->changes->len; i-- > 0;) {
		struct change *change = &g_array_index(network->changes, struct change, i);

		if (!change->is_relays && g_hash_table_add(seen, &change->public_key))
			g_ptr_array_add(last, change);
	}
	return last;
}

static void write_changes(struct network *network)
{
	g_autoptr(GPtrArray) last = NULL;

	if (network->changed)
		return;
	network->changed = peertext_new();
	network->removed = peertext_new();
	last = list_last_changes(network);
	for (guint i = last->len; i-- > 0;) {
		const struct change *change = last->pdata[i];
		struct member *member = network_member(network, &change->public_key);
		char text[KEY_STRLEN], quoted[KEY_STRLEN + 2];

		g_snprintf(quoted, sizeof(quoted), "\"%s\"", key_print(&change->public_key, text));
		peertext_add(member ? network->changed : network->removed, &change->public_key,
			     change->generation, member ? member_json(member) : quoted);
	}
}

/*
 * The delta from a generation on, for all but one node, about whom it says nothing; or for
 * everybody, when it is not about relays. What it says about nodes is the same text for all.
 */
static GPtrArray *make_delta(struct network *network, gint64 previous, const struct key *receiver)
{
	static const char between[] = "],\"removed\":[";
	GPtrArray *parts;

	write_changes(network);
	parts = begin_frame("{\"type\":\"map-delta\",\"previous\":%" G_GINT64_FORMAT
			    ",\"generation\":%" G_GINT64_FORMAT ",\"retry_window_ms\":%u,\"changed\":[",
			    previous, network->generation, network_retry_window_ms(network));
	peertext_append_to(network->changed, parts, previous, receiver);
	g_ptr_array_add(parts, g_bytes_new_static(between, strlen(between)));
	peertext_append_to(network->removed, parts, previous, receiver);
	return end_frame(network, parts, network->relays_changed > previous ? receiver : NULL);
}

/* One that is not told because it reads slowly gets a map later. */
static bool send_delta(struct network *network, struct member *member, GPtrArray *delta)
{
	if (!node_send_delta(member->node, delta))
		return false;
	member->told = network->generation;
	return true;
}

static bool tell_member(struct network *network, struct member *member)
{
	g_autoptr(GPtrArray) delta = NULL;

	if (node_is_owed_map(member->node))
		return false;
	delta = make_delta(network, member->told, &member->record.public_key);
	return send_delta(network, member, delta);
}

/* Nothing is left to be told, and no map of before may be given to anybody. */
static void forget_changes(struct network *network)
{
	g_array_set_size(network->changes, 0);
	forget_changes_text(network);
	network->told_generation = network->generation;
	network->told_us = g_get_monotonic_time();
	g_clear_handle_id(&network->tell_timer, g_source_remove);
}

/* Tell everybody who is connected what has changed since they were told last. */
static void tell(struct network *network)
{
	gint64 before = network->told_generation;
	bool relays = network->relays_changed > before;
	g_autoptr(GPtrArray) common = NULL;
	struct member *member;
	GHashTableIter iter;

	write_changes(network);
	g_hash_table_iter_init(&iter, network->members);
	while (g_hash_table_iter_next(&iter, NULL, (gpointer *)&member)) {
		if (!member->node || member->told == network->generation)
			continue;
		if (member->told == before && !relays &&
		    !peertext_has(network->changed, &member->record.public_key)) {
			if (!common)
				common = make_delta(network, before, NULL);
			send_delta(network, member, common);
		} else {
			tell_member(network, member);
		}
	}
	forget_changes(network);
}

static gboolean tell_due(gpointer data)
{
	struct network *network = data;

	network->tell_timer = 0;
	tell(network);
	return G_SOURCE_REMOVE;
}

guint network_retry_window_ms(const struct network *network)
{
	return network_size(network) * RETRY_WINDOW_NODE_MS;
}

gint64 network_tell_interval_us(const struct network *network)
{
	return CLAMP((gint64)network->online * TELL_INTERVAL_NODE_US, TELL_INTERVAL_US,
		     TELL_INTERVAL_MAX_US);
}

static void add_change(struct network *network, struct change change)
{
	gint64 interval_us = network_tell_interval_us(network);
	gint64 wait_us = network->told_us + interval_us - g_get_monotonic_time();

	change.generation = ++network->generation;
	forget_changes_text(network);
	if (change.is_relays)
		network->relays_changed = change.generation;
	if (network->generation > network->info.generation)
		remember_generation(network, network->generation + GENERATION_STEP);
	g_array_append_val(network->changes, change);
	if (!network->tell_timer)
		network->tell_timer =
			g_timeout_add(CLAMP(wait_us, 0, interval_us) / 1000, tell_due, network);
}

static void changed(struct network *network, const struct key *public_key)
{
	struct member *member = network_member(network, public_key);

	add_change(network, (struct change){ .public_key = *public_key });
	if (member) {
		g_clear_pointer(&member->json, g_free);
		member->changed = network->generation;
	}
}

static bool is_shown(const struct member *member)
{
	if (!member->node || !member->shown)
		return !member->node == !member->shown;
	return memcmp(member->session, member->shown_session, SESSION_SIZE) == 0;
}

void network_show(struct network *network, struct member *member)
{
	expiry_cancel(network->late, &member->late);
	if (is_shown(member))
		return;
	member->shown = member->node;
	memcpy(member->shown_session, member->session, SESSION_SIZE);
	changed(network, &member->record.public_key);
}

static void on_late(struct expiry *expiry)
{
	struct member *member = expiry_owner(expiry, struct member, late);

	ratelimit_allow(&member->shows, &show_rule, g_get_monotonic_time());
	network_show(member->network, member);
}

/* Now, or when the map has said for a while what it says. */
static void show_in_time(struct network *network, struct member *member)
{
	gint64 now_us = g_get_monotonic_time();

	if (is_shown(member))
		expiry_cancel(network->late, &member->late);
	else if (!member->late.place && ratelimit_allow(&member->shows, &show_rule, now_us))
		network_show(network, member);
	else if (!member->late.place)
		expiry_set(network->late, &member->late, now_us + show_rule.interval_us);
}

bool network_introduce(struct network *network, struct member *member, struct member *to)
{
	network_show(network, member);
	return member->changed <= to->told || tell_member(network, to);
}

static void relays_changed(void *data)
{
	add_change(data, (struct change){ .is_relays = true });
}

static void rename_member(struct network *network, struct member *member, const char *hostname)
{
	g_autoptr(GError) error = NULL;

	if (strcmp(member->record.wanted, hostname) == 0)
		return;
	/* without its new name a node can live; it is tried again at the next connection */
	if (store_rename(network->store, &member->record, hostname, &error))
		changed(network, &member->record.public_key);
	else
		store_failed("cannot rename a node", error);
}

static struct member *join(struct network *network, const struct key *public_key,
			   const char *hostname, const char *setup_key, GError **error)
{
	gint64 now = g_get_real_time() / G_USEC_PER_SEC;
	struct store_node record;
	char key[KEY_STRLEN];
	struct member *member;

	if (!store_join(network->store, public_key, hostname, setup_key, now, &record, error))
		return NULL;
	member = member_new(network, &record);
	changed(network, public_key);
	log_info("node %s joined as '%s' with setup key %" G_GINT64_FORMAT,
		 key_print(public_key, key), record.hostname, record.setup_key);
	return member;
}

struct member *network_admit(struct network *network, const struct key *public_key,
			     const char *hostname, const char *setup_key, GError **error)
{
	struct member *member = network_member(network, public_key);

	if (member) {
		rename_member(network, member, hostname);
		return member;
	}
	if (setup_key)
		return join(network, public_key, hostname, setup_key, error);
	if (store_was_removed(network->store, public_key))
		g_set_error_literal(error, REFUSAL, REFUSAL_REMOVED,
				    "the operator removed this node from the network; to join again "
				    "a new setup key is needed");
	else
		g_set_error_literal(error, REFUSAL, REFUSAL_SETUP_KEY_REQUIRED,
				    "this network does not know the node; join with a setup key of "
				    "its operator");
	return NULL;
}

void network_connect(struct network *network, struct member *member, struct node *node,
		     const guint8 *session)
{
	member->node = node;
	memcpy(member->session, session, SESSION_SIZE);
	network->online++;
	show_in_time(network, member);
}

void network_disconnect(struct network *network, struct member *member)
{
	member->node = NULL;
	member->record.last_seen = g_get_real_time() / G_USEC_PER_SEC;
	member->was_there = true;
	network->online--;
	show_in_time(network, member);
}

/* Return: (borrowed) its connection; NULL when it has none. */
static struct node *forget_member(struct network *network, const struct key *public_key)
{
	struct member *member = network_member(network, public_key);
	struct node *node = member->node;

	if (node)
		network->online--;
	expiry_cancel(network->late, &member->late);
	g_hash_table_remove(network->members, public_key);
	changed(network, public_key);
	return node;
}

bool network_remove(struct network *network, struct member *member, GError **error)
{
	gint64 now = g_get_real_time() / G_USEC_PER_SEC;
	struct key public_key = member->record.public_key;

	if (!store_remove(network->store, &public_key, now, error))
		return false;
	forget_member(network, &public_key);
	tell(network);
	relays_nodes_removed(network->relays);
	return true;
}

static GArray *list_joined_with(struct network *network, gint64 setup_key)
{
	GArray *keys = g_array_new(FALSE, FALSE, sizeof(struct key));
	struct member *member;
	GHashTableIter iter;

	g_hash_table_iter_init(&iter, network->members);
	while (g_hash_table_iter_next(&iter, NULL, (gpointer *)&member)) {
		if (member->record.setup_key == setup_key)
			g_array_append_val(keys, member->record.public_key);
	}
	return keys;
}

GPtrArray *network_remove_by_setup_key(struct network *network, gint64 id, guint *count,
				       GError **error)
{
	gint64 now = g_get_real_time() / G_USEC_PER_SEC;
	g_autoptr(GArray) keys = NULL;
	GPtrArray *nodes;

	if (!store_remove_by_setup_key(network->store, id, now, error))
		return NULL;
	keys = list_joined_with(network, id);
	nodes = g_ptr_array_new();
	for (guint i = 0; i < keys->len; i++) {
		struct node *node = forget_member(network, &g_array_index(keys, struct key, i));

		if (node)
			g_ptr_array_add(nodes, node);
	}
	if (keys->len > 0)
		tell(network);
	relays_nodes_removed(network->relays);
	*count = keys->len;
	return nodes;
}

/*
 * The peers of a map. The text is made anew when something has changed; where that happens all the
 * time, not before it has been good for hundreds of times as long as it takes to make it: a receiver
 * is told the rest with all others.
 */
static struct peertext *map_text(struct network *network)
{
	gint64 now_us = g_get_monotonic_time();
	gint64 lasts_us = g_hash_table_size(network->members) * MAP_LASTS_NODE_US;
	struct member *member;
	GHashTableIter iter;

	if (network->map && (network->map_generation == network->generation ||
			     (network->map_generation >= network->told_generation &&
			      now_us - network->map_us < lasts_us)))
		return network->map;
	g_clear_pointer(&network->map, peertext_free);
	network->map = peertext_new();
	network->map_generation = network->generation;
	network->map_us = now_us;
	g_hash_table_iter_init(&iter, network->members);
	while (g_hash_table_iter_next(&iter, NULL, (gpointer *)&member))
		peertext_add(network->map, &member->record.public_key, 0, member_json(member));
	return network->map;
}

GPtrArray *network_map(struct network *network, struct member *member)
{
	const struct key *receiver = &member->record.public_key;
	struct peertext *peers = map_text(network);
	GPtrArray *parts = begin_frame("{\"type\":\"map\",\"generation\":%" G_GINT64_FORMAT
				       ",\"peers\":[", network->map_generation);

	peertext_append_to(peers, parts, G_MININT64, receiver);
	member->told = network->map_generation;
	return end_frame(network, parts, receiver);
}
