// SPDX-License-Identifier: GPL-2.0
/* What the server keeps of a network. Nobody is connected. */
#include "server/network.h"

#include <sodium.h>
#include <sqlite3.h>
#include <string.h>

#include "directory.h"
#include "lib/message.h"
#include "server/setupkey.h"

#define LONG_AGO 1000

struct fixture {
	char *dir, *path;
	struct store *store;
	struct network *network;
	struct key keys[2];
};

static void open_network(struct fixture *f)
{
	const struct relays_options relays = { .lifetime_s = RELAYS_DEFAULT_LIFETIME_S };
	g_autoptr(GError) error = NULL;

	f->store = store_open(f->path, &error);
	g_assert_no_error(error);
	f->network = network_new(f->store, NULL, NULL, &relays, &error);
	g_assert_no_error(error);
}

static void close_network(struct fixture *f)
{
	network_free(f->network);
	store_close(f->store);
}

static void set_up(struct fixture *f, G_GNUC_UNUSED const void *data)
{
	struct store_setup_key setup_key = { .name = "test" };
	char text[JOINSTRING_SETUP_KEY_LEN + 1];
	g_autoptr(GError) error = NULL;

	f->dir = g_dir_make_tmp("test-network-XXXXXX", NULL);
	f->path = g_build_filename(f->dir, "server.db", NULL);
	open_network(f);
	setupkey_generate(text);
	store_add_setup_key(f->store, text, &setup_key, &error);
	g_assert_no_error(error);
	for (guint i = 0; i < G_N_ELEMENTS(f->keys); i++) {
		f->keys[i].bytes[0] = i + 1;
		network_admit(f->network, &f->keys[i], "a", text, &error);
		g_assert_no_error(error);
	}
}

static void tear_down(struct fixture *f, G_GNUC_UNUSED const void *data)
{
	close_network(f);
	directory_remove(f->dir);
	g_free(f->dir);
	g_free(f->path);
}

/* Run SQL behind the server's back. */
static void run_sql(struct fixture *f, const char *sql)
{
	sqlite3 *db;

	g_assert_cmpint(sqlite3_open(f->path, &db), ==, SQLITE_OK);
	g_assert_cmpint(sqlite3_exec(db, sql, NULL, NULL, NULL), ==, SQLITE_OK);
	sqlite3_close(db);
}

static gint64 last_seen(struct fixture *f, guint number)
{
	return network_member(f->network, &f->keys[number])->record.last_seen;
}

/* When a node was seen is written for those that were there, not for all that ever joined. */
static void test_seen(struct fixture *f, G_GNUC_UNUSED const void *data)
{
	static const guint8 session[SESSION_SIZE];
	struct member *member = network_member(f->network, &f->keys[1]);

	run_sql(f, "UPDATE nodes SET last_seen = 1000");
	network_connect(f->network, member, NULL, session);
	network_disconnect(f->network, member);
	close_network(f);
	open_network(f);
	g_assert_cmpint(last_seen(f, 0), ==, LONG_AGO);
	g_assert_cmpint(last_seen(f, 1), >, LONG_AGO);
}

static void connect_up_to(struct fixture *f, guint count)
{
	static const guint8 session[SESSION_SIZE];

	while (network_online(f->network) < count)
		network_connect(f->network, network_member(f->network, &f->keys[0]), NULL, session);
}

/* What a node that comes and goes costs does not grow with the number of those that are told. */
static void test_tell_interval(struct fixture *f, G_GNUC_UNUSED const void *data)
{
	g_assert_cmpint(network_tell_interval_us(f->network), ==, 100000);
	connect_up_to(f, 80);
	g_assert_cmpint(network_tell_interval_us(f->network), ==, 100000);
	connect_up_to(f, 1000);
	g_assert_cmpint(network_tell_interval_us(f->network), ==, 1250000);
	connect_up_to(f, 10000);
	g_assert_cmpint(network_tell_interval_us(f->network), ==, 5000000);
}

/* Return: (owned by the caller) the message that a frame carries. */
static JsonObject *parse_frame(const GPtrArray *frame)
{
	g_autoptr(GString) text = g_string_new(NULL);
	g_autoptr(GError) error = NULL;
	JsonObject *message;
	const char *begin;

	for (guint i = 0; i < frame->len; i++)
		g_string_append_len(text, g_bytes_get_data(frame->pdata[i], NULL),
				    g_bytes_get_size(frame->pdata[i]));
	begin = memchr(text->str, '{', text->len);
	message = message_parse(begin, text->str + text->len - begin, MESSAGE_MAX_FROM_SERVER,
				"type", &error);
	g_assert_no_error(error);
	return message;
}

static JsonObject *map_of(struct fixture *f, guint number)
{
	g_autoptr(GPtrArray) frame =
		network_map(f->network, network_member(f->network, &f->keys[number]));

	return parse_frame(frame);
}

/* A map names all but who gets it. */
static void test_map(struct fixture *f, G_GNUC_UNUSED const void *data)
{
	for (guint i = 0; i < G_N_ELEMENTS(f->keys); i++) {
		g_autoptr(JsonObject) map = map_of(f, i);
		JsonArray *peers = json_array_ref(json_object_get_array_member(map, "peers"));
		struct key key;

		g_assert_cmpuint(json_array_get_length(peers), ==, 1);
		g_assert_true(message_get_binary(json_array_get_object_element(peers, 0),
						 "public_key", key.bytes, KEY_SIZE, NULL));
		g_assert_true(key_equal(&key, &f->keys[1 - i]));
		json_array_unref(peers);
	}
}

/* Each map is what it says it is, and who has it is told what came after it. */
static void test_map_generation(struct fixture *f, G_GNUC_UNUSED const void *data)
{
	static const char *const names[] = { "x", "y" };
	struct member *receiver = network_member(f->network, &f->keys[0]);
	gint64 first = network_generation(f->network);

	for (guint i = 0; i < 100; i++) {
		g_autoptr(JsonObject) map = NULL;
		gint64 generation;

		network_admit(f->network, &f->keys[1], names[i % 2], NULL, NULL);
		g_assert_cmpint(network_generation(f->network), ==, first + i + 1);
		map = map_of(f, 0);
		generation = json_object_get_int_member(map, "generation");
		g_assert_cmpint(generation, ==, receiver->told);
		g_assert_cmpint(generation, <=, network_generation(f->network));
		g_assert_cmpint(generation, >, 0);
	}
}

/* Whether the map of the first node says that the second is connected. */
static bool is_shown(struct fixture *f)
{
	g_autoptr(JsonObject) map = NULL;
	JsonArray *peers;

	/* it may be a moment old */
	do {
		g_clear_pointer(&map, json_object_unref);
		map = map_of(f, 0);
	} while (json_object_get_int_member(map, "generation") < network_generation(f->network));
	peers = json_object_get_array_member(map, "peers");
	return message_has(json_array_get_object_element(peers, 0), "session");
}

/* No network is told again and again of one node that does not rest. */
static void test_flapping(struct fixture *f, G_GNUC_UNUSED const void *data)
{
	static const guint8 session[SESSION_SIZE] = { 1 };
	struct member *member = network_member(f->network, &f->keys[1]);
	gint64 first = network_generation(f->network);
	/* it is not told anything: the main loop does not run */
	struct node *node = (struct node *)f;

	network_connect(f->network, member, node, session);
	g_assert_true(is_shown(f));
	for (guint i = 0; i < 100; i++) {
		network_disconnect(f->network, member);
		network_connect(f->network, member, node, session);
	}
	g_assert_cmpint(network_generation(f->network), <, first + 10);

	/* it is said when somebody finds out, who else would go on by what the map says */
	network_disconnect(f->network, member);
	network_show(f->network, member);
	g_assert_false(is_shown(f));
	network_connect(f->network, member, node, session);
	g_assert_false(is_shown(f));
	network_show(f->network, member);
	g_assert_true(is_shown(f));
	first = network_generation(f->network);
	network_show(f->network, member);
	g_assert_cmpint(network_generation(f->network), ==, first);
	network_disconnect(f->network, member);
}

/* As many nodes as there are want to come back at once. */
static void test_retry_window(struct fixture *f, G_GNUC_UNUSED const void *data)
{
	guint two_ms = network_retry_window_ms(f->network);

	g_assert_cmpuint(two_ms, >, 0);
	g_assert_true(network_remove(f->network, network_member(f->network, &f->keys[1]), NULL));
	g_assert_cmpuint(network_retry_window_ms(f->network), ==, two_ms / 2);
}

#define ADD(path, test) g_test_add(path, struct fixture, NULL, set_up, test, tear_down)

int main(int argc, char **argv)
{
	g_assert_cmpint(sodium_init(), >=, 0);
	g_test_init(&argc, &argv, NULL);
	ADD("/network/seen", test_seen);
	ADD("/network/tell-interval", test_tell_interval);
	ADD("/network/map", test_map);
	ADD("/network/map-generation", test_map_generation);
	ADD("/network/flapping", test_flapping);
	ADD("/network/retry-window", test_retry_window);
	return g_test_run();
}
