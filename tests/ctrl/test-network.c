// SPDX-License-Identifier: GPL-2.0
/* What the server keeps of a network. Nobody is connected. */
#include "server/network.h"

#include <sodium.h>
#include <sqlite3.h>

#include "directory.h"
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

#define ADD(path, test) g_test_add(path, struct fixture, NULL, set_up, test, tear_down)

int main(int argc, char **argv)
{
	g_assert_cmpint(sodium_init(), >=, 0);
	g_test_init(&argc, &argv, NULL);
	ADD("/network/seen", test_seen);
	ADD("/network/tell-interval", test_tell_interval);
	return g_test_run();
}
