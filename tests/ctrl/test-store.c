// SPDX-License-Identifier: GPL-2.0
#include "server/store.h"

#include <sodium.h>
#include <sqlite3.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "directory.h"
#include "server/refusal.h"
#include "server/setupkey.h"

#define NOW 1000000

struct fixture {
	char *dir, *path;
	struct store *store;
	struct store_network network;
	char reusable[JOINSTRING_SETUP_KEY_LEN + 1];
	gint64 reusable_id;
};

static void add_key(struct store *store, gint64 max_uses, gint64 expires, char *text, gint64 *id)
{
	struct store_setup_key key = {
		.name = "test", .max_uses = max_uses, .created = NOW, .expires = expires
	};
	g_autoptr(GError) error = NULL;

	setupkey_generate(text);
	store_add_setup_key(store, text, &key, &error);
	g_assert_no_error(error);
	*id = key.id;
}

static void open_store(struct fixture *f)
{
	g_autoptr(GError) error = NULL;

	f->store = store_open(f->path, &error);
	g_assert_no_error(error);
	store_network(f->store, NULL, NULL, &f->network, &error);
	g_assert_no_error(error);
}

static void reopen(struct fixture *f)
{
	store_close(f->store);
	open_store(f);
}

static void setup(struct fixture *f, gconstpointer unused G_GNUC_UNUSED)
{
	f->dir = g_dir_make_tmp("test-store-XXXXXX", NULL);
	f->path = g_build_filename(f->dir, "server.db", NULL);
	open_store(f);
	add_key(f->store, 0, 0, f->reusable, &f->reusable_id);
}

static void teardown(struct fixture *f, gconstpointer unused G_GNUC_UNUSED)
{
	store_close(f->store);
	directory_remove(f->dir);
	g_free(f->dir);
	g_free(f->path);
}

static struct key key_of(guint32 number)
{
	struct key key = {};

	memcpy(key.bytes, &number, sizeof(number));
	return key;
}

static struct store_node join(struct fixture *f, guint32 number, const char *hostname)
{
	struct key key = key_of(number);
	g_autoptr(GError) error = NULL;
	struct store_node node;

	store_join(f->store, &key, hostname, f->reusable, NOW, &node, &error);
	g_assert_no_error(error);
	return node;
}

static void assert_refused(struct store *store, guint32 number, const char *setup_key, gint64 now,
			   enum refusal refusal)
{
	struct key key = key_of(number);
	g_autoptr(GError) error = NULL;
	struct store_node node;

	g_assert_false(store_join(store, &key, "host", setup_key, now, &node, &error));
	g_assert_error(error, REFUSAL, (int)refusal);
}

static void count_node(const struct store_node *node G_GNUC_UNUSED, void *count)
{
	(*(guint *)count)++;
}

static guint count_nodes(struct fixture *f)
{
	guint count = 0;

	g_assert_true(store_each_node(f->store, count_node, &count, NULL));
	return count;
}

static void find_key(const struct store_setup_key *key, void *data)
{
	struct store_setup_key *wanted = data;

	if (key->id == wanted->id)
		*wanted = *key;
}

static struct store_setup_key key_with(struct fixture *f, gint64 id)
{
	struct store_setup_key key = { .id = id, .created = -1 };

	g_assert_true(store_each_setup_key(f->store, find_key, &key, NULL));
	g_assert_cmpint(key.created, ==, NOW);
	return key;
}

static void test_new(struct fixture *f, gconstpointer unused G_GNUC_UNUSED)
{
	struct store_network before = f->network;
	char text[PREFIX_STRLEN];
	struct stat st;

	g_assert_cmpstr(f->network.name, ==, "wgmesh");
	g_assert_cmpstr(prefix_print(&f->network.prefix, text), ==, "100.64.0.0/10");
	g_assert_false(sodium_is_zero(f->network.id, NETWORK_ID_SIZE));
	g_assert_cmpint(stat(f->path, &st), ==, 0);
	g_assert_cmpint(st.st_mode & 0777, ==, 0600);
	reopen(f);
	g_assert_cmpmem(f->network.id, NETWORK_ID_SIZE, before.id, NETWORK_ID_SIZE);
}

static void test_network(struct fixture *f, gconstpointer unused G_GNUC_UNUSED)
{
	struct prefix prefix;
	g_autoptr(GError) error = NULL;

	g_assert_true(prefix_parse("10.0.0.0/24", &prefix, NULL));
	g_assert_true(store_network(f->store, "office", &prefix, &f->network, NULL));
	g_assert_true(store_set_generation(f->store, 4711, NULL));
	reopen(f);
	g_assert_cmpstr(f->network.name, ==, "office");
	g_assert_true(prefix_equal(&f->network.prefix, &prefix));
	g_assert_cmpint(f->network.generation, ==, 4711);

	join(f, 1, "a");
	g_assert_true(store_network(f->store, "home", &prefix, &f->network, NULL));
	g_assert_true(prefix_parse("10.0.1.0/24", &prefix, NULL));
	g_assert_false(store_network(f->store, NULL, &prefix, &f->network, &error));
	g_assert_nonnull(strstr(error->message, "the network's prefix is 10.0.0.0/24"));
}

static void test_join(struct fixture *f, gconstpointer unused G_GNUC_UNUSED)
{
	struct store_node node = join(f, 1, "host"), same;
	g_autoptr(GHashTable) addresses = g_hash_table_new(NULL, NULL);

	g_assert_cmpstr(node.hostname, ==, "host");
	g_assert_cmpint(node.setup_key, ==, f->reusable_id);
	g_assert_cmpint(node.joined, ==, NOW);
	g_assert_cmpint(node.address6.s6_addr[0], ==, 0xfd);
	for (guint32 i = 2; i < 100; i++) {
		g_autofree char *expected = g_strdup_printf("host-%u", i);

		same = join(f, i, "host");
		g_assert_cmpstr(same.hostname, ==, expected);
		g_assert_true(g_hash_table_add(addresses, GUINT_TO_POINTER(same.address.s_addr)));
	}
	g_assert_cmpint(key_with(f, f->reusable_id).uses, ==, 99);
	reopen(f);
	g_assert_cmpint(count_nodes(f), ==, 99);
	/* a key that is registered is not registered twice */
	assert_refused(f->store, 1, f->reusable, NOW, REFUSAL_INTERNAL);
	g_assert_cmpint(key_with(f, f->reusable_id).uses, ==, 99);
}

static void test_hostnames(struct fixture *f, gconstpointer unused G_GNUC_UNUSED)
{
	g_autofree char *longest = g_strnfill(HOSTNAME_MAX, 'x');
	g_autoptr(GError) error = NULL;
	struct store_node node;

	join(f, 1, "a");
	join(f, 2, "a-2");
	node = join(f, 3, "a");
	g_assert_cmpstr(node.hostname, ==, "a-3");
	join(f, 4, longest);
	node = join(f, 5, longest);
	g_assert_cmpint(strlen(node.hostname), ==, HOSTNAME_MAX);
	g_assert_true(g_str_has_suffix(node.hostname, "x-2"));

	g_assert_true(store_rename(f->store, &node, "a", &error));
	g_assert_cmpstr(node.hostname, ==, "a-4");
	/* the name that it has is not in its own way */
	g_assert_true(store_rename(f->store, &node, "a-4", &error));
	g_assert_cmpstr(node.hostname, ==, "a-4");
}

static void test_setup_keys(struct fixture *f, gconstpointer unused G_GNUC_UNUSED)
{
	char one_off[JOINSTRING_SETUP_KEY_LEN + 1], short_lived[JOINSTRING_SETUP_KEY_LEN + 1];
	gint64 one_off_id, short_lived_id;
	g_autoptr(GError) error = NULL;

	add_key(f->store, 1, 0, one_off, &one_off_id);
	add_key(f->store, 0, NOW + 10, short_lived, &short_lived_id);
	g_assert_true(joinstring_is_setup_key(one_off));
	g_assert_cmpstr(one_off, !=, short_lived);

	assert_refused(f->store, 1, "", NOW, REFUSAL_SETUP_KEY_UNKNOWN);
	assert_refused(f->store, 1, "' OR 1=1 --", NOW, REFUSAL_SETUP_KEY_UNKNOWN);
	assert_refused(f->store, 1, short_lived, NOW + 10, REFUSAL_SETUP_KEY_EXPIRED);
	g_assert_cmpint(count_nodes(f), ==, 0);

	g_strlcpy(f->reusable, short_lived, sizeof(f->reusable));
	join(f, 1, "a");
	g_strlcpy(f->reusable, one_off, sizeof(f->reusable));
	join(f, 2, "b");
	assert_refused(f->store, 3, one_off, NOW, REFUSAL_SETUP_KEY_USED);

	g_assert_true(store_revoke_setup_key(f->store, short_lived_id, NULL));
	reopen(f);
	assert_refused(f->store, 3, short_lived, NOW, REFUSAL_SETUP_KEY_REVOKED);
	assert_refused(f->store, 3, one_off, NOW, REFUSAL_SETUP_KEY_USED);
	g_assert_true(key_with(f, short_lived_id).revoked);
	g_assert_cmpint(key_with(f, short_lived_id).uses, ==, 1);
	g_assert_false(store_revoke_setup_key(f->store, 999, &error));
	g_assert_error(error, REFUSAL, REFUSAL_SETUP_KEY_UNKNOWN);
}

/* A refusal late in the transaction leaves the setup key unused. */
static void test_full(struct fixture *f, gconstpointer unused G_GNUC_UNUSED)
{
	char one_off[JOINSTRING_SETUP_KEY_LEN + 1];
	struct prefix prefix;
	struct key key;
	gint64 id;

	g_assert_true(prefix_parse("10.0.0.0/29", &prefix, NULL));
	g_assert_true(store_network(f->store, NULL, &prefix, &f->network, NULL));
	for (guint32 i = 0; i < 5; i++)
		join(f, i, "a");
	add_key(f->store, 1, 0, one_off, &id);
	assert_refused(f->store, 5, one_off, NOW, REFUSAL_FULL);
	g_assert_cmpint(key_with(f, id).uses, ==, 0);

	key = key_of(3);
	g_assert_true(store_remove(f->store, &key, NOW, NULL));
	g_strlcpy(f->reusable, one_off, sizeof(f->reusable));
	join(f, 5, "a");
	g_assert_cmpint(key_with(f, id).uses, ==, 1);
}

static void test_removed(struct fixture *f, gconstpointer unused G_GNUC_UNUSED)
{
	struct store_node first = join(f, 1, "a"), again;
	struct key key = key_of(1), never = key_of(2);

	g_assert_false(store_was_removed(f->store, &key));
	g_assert_true(store_remove(f->store, &key, NOW, NULL));
	reopen(f);
	g_assert_true(store_was_removed(f->store, &key));
	g_assert_false(store_was_removed(f->store, &never));
	g_assert_cmpint(count_nodes(f), ==, 0);
	again = join(f, 1, "a");
	g_assert_cmpint(again.address.s_addr, ==, first.address.s_addr);
	g_assert_cmpmem(&again.address6, 16, &first.address6, 16);
	g_assert_false(store_was_removed(f->store, &key));
}

static void check_seen(const struct store_node *node, void *unused G_GNUC_UNUSED)
{
	g_assert_cmpint(node->last_seen, ==, NOW + 7);
}

static void test_seen(struct fixture *f, gconstpointer unused G_GNUC_UNUSED)
{
	struct store_node a = join(f, 1, "a"), b = join(f, 2, "b");
	g_autoptr(GPtrArray) nodes = g_ptr_array_new();

	a.last_seen = b.last_seen = NOW + 7;
	g_ptr_array_add(nodes, &a);
	g_ptr_array_add(nodes, &b);
	g_assert_true(store_seen(f->store, nodes, NULL));
	reopen(f);
	g_assert_true(store_each_node(f->store, check_seen, NULL, NULL));
}

/* As many as a setup key is good for, and no more. */
static void test_max_uses(struct fixture *f, gconstpointer unused G_GNUC_UNUSED)
{
	gint64 id;

	add_key(f->store, 3, 0, f->reusable, &id);
	g_assert_cmpint(key_with(f, id).max_uses, ==, 3);
	for (guint32 i = 0; i < 3; i++)
		join(f, i, "a");
	assert_refused(f->store, 3, f->reusable, NOW, REFUSAL_SETUP_KEY_USED);
	reopen(f);
	assert_refused(f->store, 3, f->reusable, NOW, REFUSAL_SETUP_KEY_USED);
	g_assert_cmpint(key_with(f, id).uses, ==, 3);
	g_assert_cmpint(count_nodes(f), ==, 3);
}

/* All that joined with a setup key go, others stay, and nobody comes back with it. */
static void test_removed_by_setup_key(struct fixture *f, gconstpointer unused G_GNUC_UNUSED)
{
	struct key first = key_of(1), second = key_of(2), other = key_of(3);
	g_autoptr(GError) error = NULL;
	gint64 id;

	join(f, 3, "other");
	add_key(f->store, 0, 0, f->reusable, &id);
	join(f, 1, "a");
	join(f, 2, "b");
	g_assert_true(store_remove_by_setup_key(f->store, id, NOW, NULL));
	reopen(f);
	g_assert_cmpint(count_nodes(f), ==, 1);
	g_assert_true(store_was_removed(f->store, &first));
	g_assert_true(store_was_removed(f->store, &second));
	g_assert_false(store_was_removed(f->store, &other));
	assert_refused(f->store, 1, f->reusable, NOW, REFUSAL_SETUP_KEY_REVOKED);

	g_assert_false(store_remove_by_setup_key(f->store, 999, NOW, &error));
	g_assert_error(error, REFUSAL, REFUSAL_SETUP_KEY_UNKNOWN);
	g_assert_cmpint(count_nodes(f), ==, 1);
}

/* Two servers with one database cannot use a key more often than it is good for. */
static void race(struct fixture *f, guint max_uses)
{
	char text[JOINSTRING_SETUP_KEY_LEN + 1];
	guint winners = 0;
	pid_t children[4];
	gint64 id;

	add_key(f->store, max_uses, 0, text, &id);
	store_close(f->store);
	for (guint32 i = 0; i < G_N_ELEMENTS(children); i++) {
		children[i] = fork();
		if (children[i] == 0) {
			struct store *store = store_open(f->path, NULL);
			struct key key = key_of(100 + i);
			struct store_node node;
			bool won = store && store_join(store, &key, "race", text, NOW, &node, NULL);

			_exit(won);
		}
	}
	for (guint i = 0; i < G_N_ELEMENTS(children); i++) {
		int status;

		g_assert_cmpint(waitpid(children[i], &status, 0), ==, children[i]);
		g_assert_true(WIFEXITED(status));
		winners += WEXITSTATUS(status);
	}
	g_assert_cmpint(winners, ==, max_uses);
	open_store(f);
	g_assert_cmpint(key_with(f, id).uses, ==, max_uses);
	g_assert_cmpint(count_nodes(f), ==, max_uses);
}

static void test_race(struct fixture *f, gconstpointer unused G_GNUC_UNUSED)
{
	race(f, 1);
}

static void test_race_for_several(struct fixture *f, gconstpointer unused G_GNUC_UNUSED)
{
	race(f, 3);
}

static void collect_relay(const struct store_relay *relay, void *relays)
{
	g_array_append_vals(relays, relay, 1);
}

static GArray *relays_of(struct fixture *f)
{
	GArray *relays = g_array_new(FALSE, FALSE, sizeof(struct store_relay));

	g_assert_true(store_each_relay(f->store, collect_relay, relays, NULL));
	return relays;
}

static void test_relays(struct fixture *f, gconstpointer unused G_GNUC_UNUSED)
{
	struct store_relay relay = {
		.info = { .name = "fra", .host = "2001:db8::1", .port = 65535,
			  .transports = RELAYINFO_UDP | RELAYINFO_TLS, .tls_port = 443 },
		.secret = "swordfish",
		.added = NOW,
	};
	g_autoptr(GError) error = NULL;
	g_autoptr(GArray) relays = NULL;

	g_assert_true(store_add_relay(f->store, &relay, NULL));
	g_assert_false(store_add_relay(f->store, &relay, &error));
	g_assert_error(error, REFUSAL, REFUSAL_INTERNAL);
	g_strlcpy(relay.info.name, "ams", sizeof(relay.info.name));
	g_assert_true(store_add_relay(f->store, &relay, NULL));
	reopen(f);
	relays = relays_of(f);
	g_assert_cmpint(relays->len, ==, 2);
	g_assert_cmpmem(relays->data, sizeof(relay), &relay, sizeof(relay));
	g_assert_cmpstr(g_array_index(relays, struct store_relay, 1).info.name, ==, "fra");

	g_assert_true(store_remove_relay(f->store, "ams", NULL));
	g_assert_true(store_remove_relay(f->store, "' OR 1=1 --", NULL));
	reopen(f);
	g_array_unref(relays);
	relays = relays_of(f);
	g_assert_cmpint(relays->len, ==, 1);
	g_assert_cmpstr(g_array_index(relays, struct store_relay, 0).info.name, ==, "fra");
}

static GArray *revocations_of(struct fixture *f, gint64 now, gint64 after, guint max)
{
	g_autoptr(GError) error = NULL;
	GArray *revocations = store_revocations(f->store, now, after, max, &error);

	g_assert_no_error(error);
	return revocations;
}

static void assert_revoked(GArray *revocations, const struct store_node *node, gint64 until_s)
{
	guint found = 0;

	for (guint i = 0; i < revocations->len; i++) {
		const struct store_revocation *revocation =
			&g_array_index(revocations, struct store_revocation, i);

		found += memcmp(revocation->account, node->account, STORE_ACCOUNT_SIZE) == 0 &&
			 revocation->until_s == until_s;
	}
	g_assert_cmpint(found, ==, 1);
}

static void remove_node(struct fixture *f, guint32 number)
{
	struct key key = key_of(number);

	g_assert_true(store_remove(f->store, &key, NOW, NULL));
}

/* The account of a node that is removed ends, and the node gets another one when it is back. */
static void test_revocations(struct fixture *f, gconstpointer unused G_GNUC_UNUSED)
{
	struct store_node first = join(f, 1, "a"), second = join(f, 2, "b"), again;
	g_autoptr(GArray) all = NULL, rest = NULL, one = NULL;
	gint64 id;

	g_assert_true(store_set_credentials_until(f->store, NOW + 50, NULL));
	g_assert_true(store_set_credentials_until(f->store, NOW + 20, NULL));
	g_assert_cmpint(store_count_revocations(f->store, NOW, 0), ==, 0);
	remove_node(f, 1);
	again = join(f, 1, "a");
	g_assert_cmpint(memcmp(first.account, again.account, STORE_ACCOUNT_SIZE), !=, 0);
	g_assert_true(store_set_credentials_until(f->store, NOW + 60, NULL));
	g_assert_true(store_remove_by_setup_key(f->store, f->reusable_id, NOW, NULL));
	reopen(f);

	all = revocations_of(f, NOW, 0, 10);
	g_assert_cmpint(all->len, ==, 3);
	assert_revoked(all, &first, NOW + 50);
	assert_revoked(all, &again, NOW + 60);
	assert_revoked(all, &second, NOW + 60);
	one = revocations_of(f, NOW, 0, 1);
	g_assert_cmpint(one->len, ==, 1);
	assert_revoked(one, &first, NOW + 50);
	id = g_array_index(one, struct store_revocation, 0).id;
	g_assert_cmpint(store_count_revocations(f->store, NOW, id), ==, 2);
	rest = revocations_of(f, NOW + 50, 0, 10);
	g_assert_cmpint(rest->len, ==, 2);
	g_assert_cmpint(store_count_revocations(f->store, NOW, 0), ==, 2);
	g_assert_cmpint(store_count_revocations(f->store, NOW + 60, 0), ==, 0);
}

/* The tables as they were before accounts ended. */
#define WITHOUT_REVOCATIONS \
	"DROP TABLE revocations;" \
	"ALTER TABLE networks DROP COLUMN credentials_until;" \
	"ALTER TABLE nodes DROP COLUMN account;"

/* The tables of the setup keys as they were at first. */
#define FIRST_SETUP_KEYS WITHOUT_REVOCATIONS \
	"ALTER TABLE setup_keys ADD COLUMN reusable INTEGER NOT NULL DEFAULT 0;" \
	"UPDATE setup_keys SET reusable = max_uses != 1;" \
	"ALTER TABLE setup_keys DROP COLUMN max_uses;"

/* Make the database one of an earlier version, and open it again. */
static void migrate(struct fixture *f, const char *sql)
{
	sqlite3 *db;

	store_close(f->store);
	g_assert_cmpint(sqlite3_open(f->path, &db), ==, SQLITE_OK);
	g_assert_cmpint(sqlite3_exec(db, sql, NULL, NULL, NULL), ==, SQLITE_OK);
	sqlite3_close(db);
	open_store(f);
}

/* What an earlier version made is brought to the form of this one, with what is in it. */
static void test_migrated(struct fixture *f, gconstpointer unused G_GNUC_UNUSED)
{
	g_autoptr(GArray) relays = NULL;

	join(f, 1, "a");
	migrate(f, FIRST_SETUP_KEYS "DROP TABLE relays; PRAGMA user_version = 1");
	relays = relays_of(f);
	g_assert_cmpint(relays->len, ==, 0);
	g_assert_cmpint(count_nodes(f), ==, 1);
}

/* The nodes that there are get accounts of their own. */
static void test_migrated_accounts(struct fixture *f, gconstpointer unused G_GNUC_UNUSED)
{
	g_autoptr(GArray) revocations = NULL;
	const struct store_revocation *of;

	join(f, 1, "a");
	join(f, 2, "b");
	migrate(f, WITHOUT_REVOCATIONS "PRAGMA user_version = 3");
	g_assert_true(store_set_credentials_until(f->store, NOW + 50, NULL));
	remove_node(f, 1);
	remove_node(f, 2);
	revocations = revocations_of(f, NOW, 0, 10);
	g_assert_cmpint(revocations->len, ==, 2);
	of = &g_array_index(revocations, struct store_revocation, 0);
	g_assert_cmpint(memcmp(of[0].account, of[1].account, STORE_ACCOUNT_SIZE), !=, 0);
}

/* Keys for one node stay keys for one, used or not, and the others are good for any number. */
static void test_migrated_setup_keys(struct fixture *f, gconstpointer unused G_GNUC_UNUSED)
{
	char used[JOINSTRING_SETUP_KEY_LEN + 1], unused_key[JOINSTRING_SETUP_KEY_LEN + 1];
	char reusable[JOINSTRING_SETUP_KEY_LEN + 1];
	gint64 used_id, unused_id;

	memcpy(reusable, f->reusable, sizeof(reusable));
	add_key(f->store, 1, 0, used, &used_id);
	add_key(f->store, 1, NOW + 10, unused_key, &unused_id);
	join(f, 1, "a");
	memcpy(f->reusable, used, sizeof(used));
	join(f, 2, "b");
	migrate(f, FIRST_SETUP_KEYS "PRAGMA user_version = 2");

	g_assert_cmpint(key_with(f, f->reusable_id).max_uses, ==, 0);
	g_assert_cmpint(key_with(f, f->reusable_id).uses, ==, 1);
	g_assert_cmpint(key_with(f, used_id).max_uses, ==, 1);
	g_assert_cmpint(key_with(f, unused_id).expires, ==, NOW + 10);
	assert_refused(f->store, 3, used, NOW, REFUSAL_SETUP_KEY_USED);
	memcpy(f->reusable, unused_key, sizeof(unused_key));
	join(f, 3, "c");
	assert_refused(f->store, 4, unused_key, NOW, REFUSAL_SETUP_KEY_USED);
	memcpy(f->reusable, reusable, sizeof(reusable));
	join(f, 4, "d");
	g_assert_cmpint(count_nodes(f), ==, 4);
}

static void write_file(const char *path, const char *data, gsize size)
{
	g_assert_true(g_file_set_contents(path, data, size, NULL));
}

static void test_bad_file(struct fixture *f, gconstpointer unused G_GNUC_UNUSED)
{
	g_autofree char *garbage = g_strnfill(10000, 'x');
	GError *error = NULL;
	sqlite3 *db;

	g_assert_cmpint(sqlite3_open(f->path, &db), ==, SQLITE_OK);
	sqlite3_exec(db, "PRAGMA user_version = 99", NULL, NULL, NULL);
	sqlite3_close(db);
	store_close(f->store);
	f->store = NULL;
	g_assert_null(store_open(f->path, &error));
	g_assert_nonnull(strstr(error->message, "a newer mesh-server made the database"));
	g_clear_error(&error);

	write_file(f->path, garbage, 10000);
	g_assert_null(store_open(f->path, &error));
	g_assert_nonnull(strstr(error->message, f->path));
	g_clear_error(&error);
	g_assert_null(store_open("/nonexistent/server.db", &error));
	g_assert_nonnull(error);
	g_clear_error(&error);
}

static void test_base32(void)
{
	char first[JOINSTRING_SETUP_KEY_LEN + 1], text[JOINSTRING_SETUP_KEY_LEN + 1];
	guint counts[256] = {};

	setupkey_generate(first);
	for (guint i = 0; i < 3200; i++) {
		setupkey_generate(text);
		g_assert_true(joinstring_is_setup_key(text));
		g_assert_cmpstr(text, !=, first);
		for (guint c = 0; c < JOINSTRING_SETUP_KEY_LEN; c++)
			counts[(guint8)text[c]]++;
	}
	/* 3200 of each of the 32 are expected, with a standard deviation of 56 */
	for (const char *c = "abcdefghijklmnopqrstuvwxyz234567"; *c; c++) {
		g_assert_cmpint(counts[(guint8)*c], >, 2600);
		g_assert_cmpint(counts[(guint8)*c], <, 3800);
	}
}

#define ADD(path, test) g_test_add(path, struct fixture, NULL, setup, test, teardown)

int main(int argc, char **argv)
{
	g_assert_cmpint(sodium_init(), >=, 0);
	g_test_init(&argc, &argv, NULL);
	ADD("/store/new", test_new);
	ADD("/store/network", test_network);
	ADD("/store/join", test_join);
	ADD("/store/hostnames", test_hostnames);
	ADD("/store/setup-keys", test_setup_keys);
	ADD("/store/full", test_full);
	ADD("/store/removed", test_removed);
	ADD("/store/max-uses", test_max_uses);
	ADD("/store/removed-by-setup-key", test_removed_by_setup_key);
	ADD("/store/seen", test_seen);
	ADD("/store/relays", test_relays);
	ADD("/store/migrated", test_migrated);
	ADD("/store/migrated-setup-keys", test_migrated_setup_keys);
	ADD("/store/migrated-accounts", test_migrated_accounts);
	ADD("/store/revocations", test_revocations);
	ADD("/store/race", test_race);
	ADD("/store/race-for-several", test_race_for_several);
	ADD("/store/bad-file", test_bad_file);
	g_test_add_func("/store/base32", test_base32);
	return g_test_run();
}
