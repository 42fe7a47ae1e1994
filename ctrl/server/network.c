// SPDX-License-Identifier: GPL-2.0
/* The network: its nodes, connected or not, its map, and telling all of what changes. */
#include "network.h"

#include <arpa/inet.h>
#include <string.h>

#include "lib/log.h"
#include "lib/message.h"
#include "node.h"
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

/* How often it is written down when nodes were seen. */
#define SEEN_INTERVAL_S 300

/* One change of the map that not all were told yet: of a node, or of the relays. */
struct change {
	gint64 generation;
	bool is_relays;
	struct key public_key;
};

struct network {
	struct store *store;
	struct store_network info; /* its generation is the stored one */
	gint64 generation;
	struct relays *relays;
	GHashTable *members; /* struct key in the member -> struct member */
	guint online;
	GArray *changes;
	gint64 told_us; /* when changes were told last */
	guint tell_timer;
	guint seen_timer;
};

static void member_free(gpointer data)
{
	struct member *member = data;

	g_free(member->json);
	g_free(member);
}

static struct member *member_new(struct network *network, const struct store_node *record)
{
	struct member *member = g_new0(struct member, 1);

	member->record = *record;
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
	network->members = g_hash_table_new_full(key_hash, key_equal, NULL, member_free);
	network->changes = g_array_new(FALSE, FALSE, sizeof(struct change));
	if (store_network(store, name, prefix, &network->info, error) &&
	    store_each_node(store, load_member, network, error))
		network->relays = relays_new(store, network->info.id, relays, relays_changed,
					     network, error);
	if (!network->relays) {
		g_hash_table_unref(network->members);
		g_array_unref(network->changes);
		g_free(network);
		return NULL;
	}
	network->generation = network->info.generation;
	network->seen_timer = g_timeout_add_seconds(SEEN_INTERVAL_S, seen_due, network);
	return network;
}

void network_free(struct network *network)
{
	if (!network)
		return;
	remember_seen(network);
	remember_generation(network, network->generation);
	g_source_remove(network->seen_timer);
	g_clear_handle_id(&network->tell_timer, g_source_remove);
	relays_free(network->relays);
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
	if (member->node)
		message_set_binary(peer, "session", member->session, SESSION_SIZE);
	member->json = message_serialise(peer, NULL);
	return member->json;
}

static void append_separator(GString *text)
{
	if (text->str[text->len - 1] != '[')
		g_string_append_c(text, ',');
}

static GBytes *make_frame(GString *text)
{
	GBytes *frame = websocket_frame(text->str, text->len);

	g_string_free(text, TRUE);
	return frame;
}

/* RELAY of docs/protocol.md section 3: each node gets credentials of its own */
static void append_relays(struct network *network, GString *text, const struct key *receiver)
{
	g_autoptr(GArray) relays = relays_for_node(network->relays, receiver);

	g_string_append(text, ",\"relays\":[");
	for (guint i = 0; i < relays->len; i++) {
		g_autoptr(JsonObject) object =
			relayinfo_build(&g_array_index(relays, struct relayinfo, i));
		g_autofree char *json = message_serialise(object, NULL);

		append_separator(text);
		g_string_append(text, json);
	}
	g_string_append_c(text, ']');
}

/*
 * The delta from a generation on, for all but one node, about whom it says nothing; or for
 * everybody, when it is not about relays. Written as text: the parts about nodes were serialised
 * before, and are the same for all.
 */
static GBytes *make_delta(struct network *network, gint64 previous, const struct key *receiver)
{
	g_autoptr(GHashTable) seen = g_hash_table_new(key_hash, key_equal);
	g_autoptr(GString) removed = g_string_new("[");
	GString *text = g_string_new(NULL);
	bool relays = false;

	g_string_printf(text,
			"{\"type\":\"map-delta\",\"previous\":%" G_GINT64_FORMAT
			",\"generation\":%" G_GINT64_FORMAT ",\"changed\":[",
			previous, network->generation);
	for (guint i = 0; i < network->changes->len; i++) {
		struct change *change = &g_array_index(network->changes, struct change, i);
		struct member *member = network_member(network, &change->public_key);
		char key[KEY_STRLEN];

		if (change->generation > previous && change->is_relays)
			relays = true;
		if (change->generation <= previous || change->is_relays ||
		    (receiver && key_equal(&change->public_key, receiver)) ||
		    !g_hash_table_add(seen, &change->public_key))
			continue;
		if (member) {
			append_separator(text);
			g_string_append(text, member_json(member));
		} else {
			append_separator(removed);
			g_string_append_printf(removed, "\"%s\"",
					       key_print(&change->public_key, key));
		}
	}
	g_string_append_printf(text, "],\"removed\":%s]", removed->str);
	if (relays)
		append_relays(network, text, receiver);
	g_string_append_c(text, '}');
	return make_frame(text);
}

/* One that is not told because it reads slowly gets a map later. */
static bool send_delta(struct network *network, struct member *member, GBytes *delta)
{
	if (!node_send_delta(member->node, delta))
		return false;
	member->told = network->generation;
	return true;
}

static bool tell_member(struct network *network, struct member *member)
{
	g_autoptr(GBytes) delta = NULL;

	if (node_is_owed_map(member->node))
		return false;
	delta = make_delta(network, member->told, &member->record.public_key);
	return send_delta(network, member, delta);
}

/* Tell everybody who is connected what has changed since they were told last. */
static void tell(struct network *network)
{
	gint64 before = network->generation - network->changes->len;
	g_autoptr(GHashTable) changed = g_hash_table_new(key_hash, key_equal);
	g_autoptr(GBytes) common = NULL;
	struct member *member;
	GHashTableIter iter;
	bool relays = false;

	for (guint i = 0; i < network->changes->len; i++) {
		struct change *change = &g_array_index(network->changes, struct change, i);

		relays |= change->is_relays;
		g_hash_table_add(changed, &change->public_key);
	}

	g_hash_table_iter_init(&iter, network->members);
	while (g_hash_table_iter_next(&iter, NULL, (gpointer *)&member)) {
		if (!member->node || member->told == network->generation)
			continue;
		if (member->told == before && !relays &&
		    !g_hash_table_contains(changed, &member->record.public_key)) {
			if (!common)
				common = make_delta(network, before, NULL);
			send_delta(network, member, common);
		} else {
			tell_member(network, member);
		}
	}
	g_array_set_size(network->changes, 0);
	network->told_us = g_get_monotonic_time();
	g_clear_handle_id(&network->tell_timer, g_source_remove);
}

static gboolean tell_due(gpointer data)
{
	struct network *network = data;

	network->tell_timer = 0;
	tell(network);
	return G_SOURCE_REMOVE;
}

bool network_introduce(struct network *network, const struct member *member, struct member *to)
{
	return member->changed <= to->told || tell_member(network, to);
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
	changed(network, &member->record.public_key);
}

void network_disconnect(struct network *network, struct member *member)
{
	member->node = NULL;
	member->record.last_seen = g_get_real_time() / G_USEC_PER_SEC;
	member->was_there = true;
	network->online--;
	changed(network, &member->record.public_key);
}

/* Return: (borrowed) its connection; NULL when it has none. */
static struct node *forget_member(struct network *network, const struct key *public_key)
{
	struct node *node = network_member(network, public_key)->node;

	if (node)
		network->online--;
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
	*count = keys->len;
	return nodes;
}

GBytes *network_map(struct network *network, struct member *member)
{
	GString *text = g_string_new(NULL);
	struct member *peer;
	GHashTableIter iter;

	g_string_printf(text,
			"{\"type\":\"map\",\"generation\":%" G_GINT64_FORMAT ",\"peers\":[",
			network->generation);
	g_hash_table_iter_init(&iter, network->members);
	while (g_hash_table_iter_next(&iter, NULL, (gpointer *)&peer)) {
		if (peer == member)
			continue;
		append_separator(text);
		g_string_append(text, member_json(peer));
	}
	g_string_append_c(text, ']');
	append_relays(network, text, &member->record.public_key);
	g_string_append_c(text, '}');
	member->told = network->generation;
	return make_frame(text);
}
