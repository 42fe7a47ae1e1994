// SPDX-License-Identifier: GPL-2.0
/* What mesh-server keeps, in SQLite. */
#include "store.h"

#include <sodium.h>
#include <sqlite3.h>
#include <string.h>
#include <sys/stat.h>

#include "refusal.h"
#include "schema.h"
#include "setupkey.h"
#include "uniquename.h"

#define DEFAULT_NAME "wgmesh"
#define DEFAULT_PREFIX "100.64.0.0/10"

/* A backup that is running may keep us waiting for so long. */
#define BUSY_MS 5000

/* The one network of this server. The tables are ready for more. */
#define NETWORK "1"

#define NODE_COLUMNS \
	"public_key, wanted, hostname, address, address6, setup_key, joined, last_seen, account"
#define SETUP_KEY_COLUMNS "id, name, max_uses, created, expires, revoked, uses"
#define RELAY_COLUMNS "name, host, port, transports, tls_port, secret, added"

enum query {
	BEGIN,
	COMMIT,
	ROLLBACK,
	NETWORK_GET,
	NETWORK_PUT,
	NETWORK_GENERATION,
	NETWORK_CREDENTIALS,
	NODES,
	NODE_COUNT,
	NODE_BY_HOSTNAME,
	NODE_BY_ADDRESS,
	NODE_BY_ADDRESS6,
	NODE_ADD,
	NODE_RENAME,
	NODE_SEEN,
	NODE_REMOVE,
	NODES_REMOVE,
	REMOVED_ADD,
	REMOVED_ADD_ALL,
	REMOVED_GET,
	REMOVED_FORGET,
	REVOKE,
	REVOKE_ALL,
	REVOCATIONS,
	REVOCATIONS_COUNT,
	REVOCATIONS_FORGET,
	SETUP_KEYS,
	SETUP_KEY_ADD,
	SETUP_KEY_BY_HASH,
	SETUP_KEY_REVOKE,
	SETUP_KEY_USE,
	RELAYS,
	RELAY_ADD,
	RELAY_REMOVE,
	N_QUERIES
};

static const char *const queries[N_QUERIES] = {
	[BEGIN] = "BEGIN IMMEDIATE",
	[COMMIT] = "COMMIT",
	[ROLLBACK] = "ROLLBACK",
	[NETWORK_GET] = "SELECT id, name, prefix, generation FROM networks WHERE number = " NETWORK,
	[NETWORK_PUT] = "INSERT INTO networks (number, id, name, prefix, generation)"
			" VALUES (" NETWORK ", ?1, ?2, ?3, ?4)"
			" ON CONFLICT (number) DO UPDATE SET name = ?2, prefix = ?3",
	[NETWORK_GENERATION] = "UPDATE networks SET generation = ?1 WHERE number = " NETWORK,
	[NETWORK_CREDENTIALS] = "UPDATE networks SET credentials_until = max(credentials_until, ?1)"
				" WHERE number = " NETWORK,
	[NODES] = "SELECT " NODE_COLUMNS " FROM nodes WHERE network = " NETWORK,
	[NODE_COUNT] = "SELECT count(*) FROM nodes WHERE network = " NETWORK,
	[NODE_BY_HOSTNAME] = "SELECT public_key FROM nodes WHERE network = " NETWORK
			     " AND hostname = ?1",
	[NODE_BY_ADDRESS] = "SELECT 1 FROM nodes WHERE network = " NETWORK " AND address = ?1",
	[NODE_BY_ADDRESS6] = "SELECT 1 FROM nodes WHERE network = " NETWORK " AND address6 = ?1",
	[NODE_ADD] = "INSERT INTO nodes (network, " NODE_COLUMNS ")"
		     " VALUES (" NETWORK ", ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
	[NODE_RENAME] = "UPDATE nodes SET wanted = ?2, hostname = ?3 WHERE network = " NETWORK
			" AND public_key = ?1",
	[NODE_SEEN] = "UPDATE nodes SET last_seen = ?2 WHERE network = " NETWORK
		      " AND public_key = ?1",
	[NODE_REMOVE] = "DELETE FROM nodes WHERE network = " NETWORK " AND public_key = ?1",
	[REMOVED_ADD] = "INSERT OR REPLACE INTO removed_nodes (network, public_key, removed)"
			" VALUES (" NETWORK ", ?1, ?2)",
	[NODES_REMOVE] = "DELETE FROM nodes WHERE network = " NETWORK " AND setup_key = ?1",
	[REMOVED_ADD_ALL] = "INSERT OR REPLACE INTO removed_nodes (network, public_key, removed)"
			    " SELECT network, public_key, ?2 FROM nodes"
			    " WHERE network = " NETWORK " AND setup_key = ?1",
	[REMOVED_GET] = "SELECT 1 FROM removed_nodes WHERE network = " NETWORK
			" AND public_key = ?1",
	[REMOVED_FORGET] = "DELETE FROM removed_nodes WHERE network = " NETWORK
			   " AND public_key = ?1",
	[REVOKE] = "INSERT INTO revocations (network, account, until)"
		   " SELECT network, account, credentials_until FROM nodes"
		   " JOIN networks ON number = network"
		   " WHERE network = " NETWORK " AND public_key = ?1",
	[REVOKE_ALL] = "INSERT INTO revocations (network, account, until)"
		       " SELECT network, account, credentials_until FROM nodes"
		       " JOIN networks ON number = network"
		       " WHERE network = " NETWORK " AND setup_key = ?1",
	[REVOCATIONS] = "SELECT id, account, until FROM revocations WHERE network = " NETWORK
			" AND until > ?1 AND id > ?2 ORDER BY id LIMIT ?3",
	[REVOCATIONS_COUNT] = "SELECT count(*) FROM revocations WHERE network = " NETWORK
			      " AND until > ?1 AND id > ?2",
	[REVOCATIONS_FORGET] = "DELETE FROM revocations WHERE network = " NETWORK
			       " AND until <= ?1",
	[SETUP_KEYS] = "SELECT " SETUP_KEY_COLUMNS " FROM setup_keys WHERE network = " NETWORK
		       " ORDER BY id",
	[SETUP_KEY_ADD] = "INSERT INTO setup_keys (network, hash, name, max_uses, created, expires)"
			  " VALUES (" NETWORK ", ?1, ?2, ?3, ?4, ?5)",
	[SETUP_KEY_BY_HASH] = "SELECT " SETUP_KEY_COLUMNS " FROM setup_keys WHERE network = " NETWORK
			      " AND hash = ?1",
	[SETUP_KEY_REVOKE] = "UPDATE setup_keys SET revoked = 1 WHERE network = " NETWORK
			     " AND id = ?1",
	[SETUP_KEY_USE] = "UPDATE setup_keys SET uses = uses + 1 WHERE id = ?1",
	[RELAYS] = "SELECT " RELAY_COLUMNS " FROM relays WHERE network = " NETWORK
		   " ORDER BY name",
	[RELAY_ADD] = "INSERT INTO relays (network, " RELAY_COLUMNS ")"
		      " VALUES (" NETWORK ", ?1, ?2, ?3, ?4, ?5, ?6, ?7)",
	[RELAY_REMOVE] = "DELETE FROM relays WHERE network = " NETWORK " AND name = ?1",
};

struct store {
	sqlite3 *db;
	sqlite3_stmt *statements[N_QUERIES];
};

static bool failed(struct store *store, GError **error)
{
	g_set_error(error, REFUSAL, REFUSAL_INTERNAL, "the database failed: %s",
		    sqlite3_errmsg(store->db));
	return false;
}

static bool refuse(GError **error, enum refusal refusal, const char *text)
{
	g_set_error_literal(error, REFUSAL, refusal, text);
	return false;
}

/* A statement, ready for its parameters. Those of text and blobs have to outlive it. */
static sqlite3_stmt *query(struct store *store, enum query which)
{
	sqlite3_stmt *stmt = store->statements[which];

	sqlite3_reset(stmt);
	sqlite3_clear_bindings(stmt);
	return stmt;
}

static void bind_text(sqlite3_stmt *stmt, int index, const char *text)
{
	sqlite3_bind_text(stmt, index, text, -1, SQLITE_STATIC);
}

static void bind_blob(sqlite3_stmt *stmt, int index, const void *data, gsize size)
{
	sqlite3_bind_blob(stmt, index, data, size, SQLITE_STATIC);
}

/* Run a statement that yields nothing. */
static bool run(struct store *store, sqlite3_stmt *stmt, GError **error)
{
	bool ok = sqlite3_step(stmt) == SQLITE_DONE;

	if (!ok)
		failed(store, error);
	sqlite3_reset(stmt);
	return ok;
}

/* Whether a statement yields a row; a failure of the database counts as one, which errs safely. */
static bool yields(sqlite3_stmt *stmt)
{
	bool found = sqlite3_step(stmt) != SQLITE_DONE;

	sqlite3_reset(stmt);
	return found;
}

static void column_text(sqlite3_stmt *stmt, int column, char *buf, gsize size)
{
	g_strlcpy(buf, (const char *)sqlite3_column_text(stmt, column), size);
}

/* The tables' CHECKs made sure of the sizes. */
static void column_blob(sqlite3_stmt *stmt, int column, void *buf, gsize size)
{
	memcpy(buf, sqlite3_column_blob(stmt, column), size);
}

static bool begin(struct store *store, GError **error)
{
	return run(store, query(store, BEGIN), error);
}

/* Make what was done since begin() last, or undo it. */
static bool end(struct store *store, bool ok, GError **error)
{
	if (ok && run(store, query(store, COMMIT), error))
		return true;
	run(store, query(store, ROLLBACK), NULL);
	return false;
}

static bool set_up(struct store *store, GError **error)
{
	static const char pragmas[] = "PRAGMA journal_mode = WAL;"
				      "PRAGMA synchronous = FULL;"
				      "PRAGMA foreign_keys = ON;"
				      /* the secret of a relay that was removed is overwritten */
				      "PRAGMA secure_delete = ON;";

	sqlite3_busy_timeout(store->db, BUSY_MS);
	if (sqlite3_exec(store->db, pragmas, NULL, NULL, NULL) != SQLITE_OK)
		return failed(store, error);
	if (!schema_migrate(store->db, error))
		return false;
	for (guint i = 0; i < N_QUERIES; i++) {
		if (sqlite3_prepare_v3(store->db, queries[i], -1, SQLITE_PREPARE_PERSISTENT,
				       &store->statements[i], NULL) != SQLITE_OK)
			return failed(store, error);
	}
	return true;
}

struct store *store_open(const char *path, GError **error)
{
	struct store *store = g_new0(struct store, 1);
	mode_t mask = umask(077);
	bool ok;

	ok = sqlite3_open(path, &store->db) == SQLITE_OK ? set_up(store, error) :
							   failed(store, error);
	umask(mask);
	if (!ok) {
		g_prefix_error(error, "%s: ", path);
		store_close(store);
		return NULL;
	}
	return store;
}

void store_close(struct store *store)
{
	if (!store)
		return;
	for (guint i = 0; i < N_QUERIES; i++)
		sqlite3_finalize(store->statements[i]);
	sqlite3_close(store->db);
	g_free(store);
}

static bool read_network(struct store *store, struct store_network *network, bool *found,
			 GError **error)
{
	sqlite3_stmt *stmt = query(store, NETWORK_GET);
	int rc = sqlite3_step(stmt);
	bool ok = rc == SQLITE_DONE || rc == SQLITE_ROW || failed(store, error);

	*found = rc == SQLITE_ROW;
	if (*found) {
		column_blob(stmt, 0, network->id, sizeof(network->id));
		column_text(stmt, 1, network->name, sizeof(network->name));
		ok = prefix_parse((const char *)sqlite3_column_text(stmt, 2), &network->prefix,
				  error);
		network->generation = sqlite3_column_int64(stmt, 3);
	}
	sqlite3_reset(stmt);
	return ok;
}

static bool write_network(struct store *store, const struct store_network *network, GError **error)
{
	sqlite3_stmt *stmt = query(store, NETWORK_PUT);
	char prefix[PREFIX_STRLEN];

	bind_blob(stmt, 1, network->id, sizeof(network->id));
	bind_text(stmt, 2, network->name);
	bind_text(stmt, 3, prefix_print(&network->prefix, prefix));
	sqlite3_bind_int64(stmt, 4, network->generation);
	return run(store, stmt, error);
}

static gint64 count_nodes(struct store *store)
{
	sqlite3_stmt *stmt = query(store, NODE_COUNT);
	gint64 count = sqlite3_step(stmt) == SQLITE_ROW ? sqlite3_column_int64(stmt, 0) : G_MAXINT64;

	sqlite3_reset(stmt);
	return count;
}

static bool set_prefix(struct store *store, struct store_network *network,
		       const struct prefix *prefix, GError **error)
{
	char text[PREFIX_STRLEN];

	if (!prefix || prefix_equal(prefix, &network->prefix))
		return true;
	if (count_nodes(store) > 0) {
		g_set_error(error, REFUSAL, REFUSAL_INTERNAL,
			    "the network's prefix is %s and its nodes have addresses out of it; "
			    "remove them before you change it, or leave it as it is",
			    prefix_print(&network->prefix, text));
		return false;
	}
	network->prefix = *prefix;
	return true;
}

bool store_network(struct store *store, const char *name, const struct prefix *prefix,
		   struct store_network *network, GError **error)
{
	bool found;

	if (!read_network(store, network, &found, error))
		return false;
	if (!found) {
		randombytes_buf(network->id, sizeof(network->id));
		g_strlcpy(network->name, DEFAULT_NAME, sizeof(network->name));
		if (!prefix_parse(DEFAULT_PREFIX, &network->prefix, error))
			return false;
		network->generation = 0;
	}
	if (!set_prefix(store, network, prefix, error))
		return false;
	if (name)
		g_strlcpy(network->name, name, sizeof(network->name));
	return (found && !name && !prefix) || write_network(store, network, error);
}

bool store_set_generation(struct store *store, gint64 generation, GError **error)
{
	sqlite3_stmt *stmt = query(store, NETWORK_GENERATION);

	sqlite3_bind_int64(stmt, 1, generation);
	return run(store, stmt, error);
}

bool store_set_credentials_until(struct store *store, gint64 until_s, GError **error)
{
	sqlite3_stmt *stmt = query(store, NETWORK_CREDENTIALS);

	sqlite3_bind_int64(stmt, 1, until_s);
	return run(store, stmt, error);
}

static void read_node(sqlite3_stmt *stmt, struct store_node *node)
{
	column_blob(stmt, 0, node->public_key.bytes, KEY_SIZE);
	column_text(stmt, 1, node->wanted, sizeof(node->wanted));
	column_text(stmt, 2, node->hostname, sizeof(node->hostname));
	column_blob(stmt, 3, &node->address, sizeof(node->address));
	column_blob(stmt, 4, &node->address6, sizeof(node->address6));
	node->setup_key = sqlite3_column_int64(stmt, 5);
	node->joined = sqlite3_column_int64(stmt, 6);
	node->last_seen = sqlite3_column_int64(stmt, 7);
	column_blob(stmt, 8, node->account, sizeof(node->account));
}

bool store_each_node(struct store *store, void (*each)(const struct store_node *node, void *data),
		     void *data, GError **error)
{
	sqlite3_stmt *stmt = query(store, NODES);
	int rc;

	while ((rc = sqlite3_step(stmt)) == SQLITE_ROW) {
		struct store_node node;

		read_node(stmt, &node);
		each(&node, data);
	}
	if (rc != SQLITE_DONE)
		failed(store, error);
	sqlite3_reset(stmt);
	return rc == SQLITE_DONE;
}

static void read_setup_key(sqlite3_stmt *stmt, struct store_setup_key *key)
{
	key->id = sqlite3_column_int64(stmt, 0);
	column_text(stmt, 1, key->name, sizeof(key->name));
	key->max_uses = sqlite3_column_int64(stmt, 2);
	key->created = sqlite3_column_int64(stmt, 3);
	key->expires = sqlite3_column_int64(stmt, 4);
	key->revoked = sqlite3_column_int(stmt, 5);
	key->uses = sqlite3_column_int64(stmt, 6);
}

/* Find the setup key that a node presents, and hold it against everything that ends a key. */
static bool check_setup_key(struct store *store, const char *text, gint64 now,
			    struct store_setup_key *key, GError **error)
{
	sqlite3_stmt *stmt = query(store, SETUP_KEY_BY_HASH);
	guint8 hash[SETUPKEY_HASH_SIZE];
	int rc;

	setupkey_hash(text, hash);
	bind_blob(stmt, 1, hash, sizeof(hash));
	rc = sqlite3_step(stmt);
	if (rc == SQLITE_ROW)
		read_setup_key(stmt, key);
	else if (rc != SQLITE_DONE)
		failed(store, error);
	sqlite3_reset(stmt);
	if (rc != SQLITE_ROW && rc != SQLITE_DONE)
		return false;

	if (rc == SQLITE_DONE)
		return refuse(error, REFUSAL_SETUP_KEY_UNKNOWN,
			      "this network has no such setup key; check that the join string was "
			      "copied whole, or ask the operator for a new one");
	if (key->revoked)
		return refuse(error, REFUSAL_SETUP_KEY_REVOKED,
			      "the operator revoked this setup key; ask for a new one");
	if (key->expires != 0 && now >= key->expires)
		return refuse(error, REFUSAL_SETUP_KEY_EXPIRED,
			      "this setup key has expired; ask the operator for a new one");
	if (key->max_uses == 1 && key->uses >= 1)
		return refuse(error, REFUSAL_SETUP_KEY_USED,
			      "another node has joined with this setup key already, and it is good "
			      "for one only; ask the operator for a new one");
	if (key->max_uses && key->uses >= key->max_uses)
		return refuse(error, REFUSAL_SETUP_KEY_USED,
			      "as many nodes have joined with this setup key as it is good for; ask "
			      "the operator for a new one");
	return true;
}

struct claim {
	struct store *store;
	const struct key *by;
};

/* The name that a node has is not in its own way. */
static bool hostname_is_taken(const char *hostname, void *data)
{
	const struct claim *claim = data;
	sqlite3_stmt *stmt = query(claim->store, NODE_BY_HOSTNAME);
	bool taken;
	int rc;

	bind_text(stmt, 1, hostname);
	rc = sqlite3_step(stmt);
	taken = rc == SQLITE_ROW ?
			memcmp(sqlite3_column_blob(stmt, 0), claim->by->bytes, KEY_SIZE) != 0 :
			rc != SQLITE_DONE;
	sqlite3_reset(stmt);
	return taken;
}

static bool choose_hostname(struct store *store, struct store_node *node, GError **error)
{
	struct claim claim = { store, &node->public_key };

	if (uniquename_choose(node->wanted, STORE_MAX_NODES + 1, hostname_is_taken, &claim,
			      node->hostname))
		return true;
	return refuse(error, REFUSAL_FULL, "too many nodes have this hostname; choose another");
}

static bool address_is_taken(const void *address, void *data)
{
	sqlite3_stmt *stmt = query(data, NODE_BY_ADDRESS);

	bind_blob(stmt, 1, address, sizeof(struct in_addr));
	return yields(stmt);
}

static bool address6_is_taken(const void *address, void *data)
{
	sqlite3_stmt *stmt = query(data, NODE_BY_ADDRESS6);

	bind_blob(stmt, 1, address, sizeof(struct in6_addr));
	return yields(stmt);
}

static bool choose_addresses(struct store *store, struct store_node *node, GError **error)
{
	struct store_network network;
	bool found;

	if (!read_network(store, &network, &found, error))
		return false;
	if (count_nodes(store) >= STORE_MAX_NODES)
		return refuse(error, REFUSAL_FULL,
			      "the network has as many nodes as a network can have; the operator "
			      "has to remove some");
	if (!address_choose(&network.prefix, network.id, &node->public_key, address_is_taken, store,
			    &node->address) ||
	    !address_choose6(network.id, &node->public_key, address6_is_taken, store,
			     &node->address6))
		return refuse(error, REFUSAL_FULL,
			      "no address is left in the network; the operator has to remove nodes, "
			      "or to make a network with a larger prefix");
	return true;
}

static bool add_node(struct store *store, const struct store_node *node, GError **error)
{
	sqlite3_stmt *stmt = query(store, NODE_ADD);

	bind_blob(stmt, 1, node->public_key.bytes, KEY_SIZE);
	bind_text(stmt, 2, node->wanted);
	bind_text(stmt, 3, node->hostname);
	bind_blob(stmt, 4, &node->address, sizeof(node->address));
	bind_blob(stmt, 5, &node->address6, sizeof(node->address6));
	sqlite3_bind_int64(stmt, 6, node->setup_key);
	sqlite3_bind_int64(stmt, 7, node->joined);
	sqlite3_bind_int64(stmt, 8, node->last_seen);
	bind_blob(stmt, 9, node->account, sizeof(node->account));
	return run(store, stmt, error);
}

/* Run a statement whose first parameter is a public key and whose second, if any, is a number. */
static bool run_for_node(struct store *store, enum query which, const struct key *public_key,
			 gint64 number, GError **error)
{
	sqlite3_stmt *stmt = query(store, which);

	bind_blob(stmt, 1, public_key->bytes, KEY_SIZE);
	if (sqlite3_bind_parameter_count(stmt) > 1)
		sqlite3_bind_int64(stmt, 2, number);
	return run(store, stmt, error);
}

/* Run a statement whose first parameter is the id of a setup key, and whose second, if any, a time. */
static bool run_for_setup_key(struct store *store, enum query which, gint64 id, gint64 now,
			      GError **error)
{
	sqlite3_stmt *stmt = query(store, which);

	sqlite3_bind_int64(stmt, 1, id);
	if (sqlite3_bind_parameter_count(stmt) > 1)
		sqlite3_bind_int64(stmt, 2, now);
	return run(store, stmt, error);
}

bool store_join(struct store *store, const struct key *public_key, const char *wanted,
		const char *setup_key, gint64 now, struct store_node *node, GError **error)
{
	struct store_setup_key key;
	bool ok;

	memset(node, 0, sizeof(*node));
	node->public_key = *public_key;
	node->joined = now;
	node->last_seen = now;
	g_strlcpy(node->wanted, wanted, sizeof(node->wanted));
	randombytes_buf(node->account, sizeof(node->account));

	if (!begin(store, error))
		return false;
	ok = check_setup_key(store, setup_key, now, &key, error) &&
	     choose_hostname(store, node, error) && choose_addresses(store, node, error);
	if (ok) {
		node->setup_key = key.id;
		ok = add_node(store, node, error) && run_for_setup_key(store, SETUP_KEY_USE, key.id, now, error) &&
		     run_for_node(store, REMOVED_FORGET, public_key, 0, error);
	}
	return end(store, ok, error);
}

bool store_rename(struct store *store, struct store_node *node, const char *wanted,
		  GError **error)
{
	sqlite3_stmt *stmt = query(store, NODE_RENAME);
	struct store_node renamed = *node;

	g_strlcpy(renamed.wanted, wanted, sizeof(renamed.wanted));
	if (!choose_hostname(store, &renamed, error))
		return false;
	bind_blob(stmt, 1, node->public_key.bytes, KEY_SIZE);
	bind_text(stmt, 2, renamed.wanted);
	bind_text(stmt, 3, renamed.hostname);
	if (!run(store, stmt, error))
		return false;
	*node = renamed;
	return true;
}

bool store_remove(struct store *store, const struct key *public_key, gint64 now, GError **error)
{
	bool ok;

	if (!begin(store, error))
		return false;
	ok = run_for_node(store, REVOKE, public_key, 0, error) &&
	     run_for_node(store, NODE_REMOVE, public_key, 0, error) &&
	     run_for_node(store, REMOVED_ADD, public_key, now, error);
	return end(store, ok, error);
}

bool store_remove_by_setup_key(struct store *store, gint64 id, gint64 now, GError **error)
{
	bool ok;

	if (!begin(store, error))
		return false;
	ok = store_revoke_setup_key(store, id, error) &&
	     run_for_setup_key(store, REVOKE_ALL, id, now, error) &&
	     run_for_setup_key(store, REMOVED_ADD_ALL, id, now, error) &&
	     run_for_setup_key(store, NODES_REMOVE, id, now, error);
	return end(store, ok, error);
}

static bool forget_revocations(struct store *store, gint64 now, GError **error)
{
	sqlite3_stmt *stmt = query(store, REVOCATIONS_FORGET);

	sqlite3_bind_int64(stmt, 1, now);
	return run(store, stmt, error);
}

GArray *store_revocations(struct store *store, gint64 now, gint64 after, guint max,
			  GError **error)
{
	g_autoptr(GArray) revocations = g_array_new(FALSE, FALSE, sizeof(struct store_revocation));
	sqlite3_stmt *stmt = query(store, REVOCATIONS);
	int rc;

	if (!forget_revocations(store, now, error))
		return NULL;
	sqlite3_bind_int64(stmt, 1, now);
	sqlite3_bind_int64(stmt, 2, after);
	sqlite3_bind_int64(stmt, 3, max);
	while ((rc = sqlite3_step(stmt)) == SQLITE_ROW) {
		struct store_revocation revocation = { .id = sqlite3_column_int64(stmt, 0) };

		column_blob(stmt, 1, revocation.account, sizeof(revocation.account));
		revocation.until_s = sqlite3_column_int64(stmt, 2);
		g_array_append_val(revocations, revocation);
	}
	if (rc != SQLITE_DONE)
		failed(store, error);
	sqlite3_reset(stmt);
	return rc == SQLITE_DONE ? g_steal_pointer(&revocations) : NULL;
}

gint64 store_count_revocations(struct store *store, gint64 now, gint64 after)
{
	sqlite3_stmt *stmt = query(store, REVOCATIONS_COUNT);
	gint64 count;

	sqlite3_bind_int64(stmt, 1, now);
	sqlite3_bind_int64(stmt, 2, after);
	count = sqlite3_step(stmt) == SQLITE_ROW ? sqlite3_column_int64(stmt, 0) : G_MAXINT64;
	sqlite3_reset(stmt);
	return count;
}

bool store_was_removed(struct store *store, const struct key *public_key)
{
	sqlite3_stmt *stmt = query(store, REMOVED_GET);
	bool removed;

	bind_blob(stmt, 1, public_key->bytes, KEY_SIZE);
	removed = sqlite3_step(stmt) == SQLITE_ROW;
	sqlite3_reset(stmt);
	return removed;
}

bool store_seen(struct store *store, const GPtrArray *nodes, GError **error)
{
	bool ok = true;

	if (!begin(store, error))
		return false;
	for (guint i = 0; ok && i < nodes->len; i++) {
		const struct store_node *node = nodes->pdata[i];

		ok = run_for_node(store, NODE_SEEN, &node->public_key, node->last_seen, error);
	}
	return end(store, ok, error);
}

bool store_add_setup_key(struct store *store, const char *text, struct store_setup_key *key,
			 GError **error)
{
	sqlite3_stmt *stmt = query(store, SETUP_KEY_ADD);
	guint8 hash[SETUPKEY_HASH_SIZE];

	setupkey_hash(text, hash);
	bind_blob(stmt, 1, hash, sizeof(hash));
	bind_text(stmt, 2, key->name);
	sqlite3_bind_int64(stmt, 3, key->max_uses);
	sqlite3_bind_int64(stmt, 4, key->created);
	sqlite3_bind_int64(stmt, 5, key->expires);
	if (!run(store, stmt, error))
		return false;
	key->id = sqlite3_last_insert_rowid(store->db);
	return true;
}

bool store_revoke_setup_key(struct store *store, gint64 id, GError **error)
{
	if (!run_for_setup_key(store, SETUP_KEY_REVOKE, id, 0, error))
		return false;
	if (sqlite3_changes(store->db) == 0) {
		g_set_error(error, REFUSAL, REFUSAL_SETUP_KEY_UNKNOWN,
			    "there is no setup key with the id %" G_GINT64_FORMAT, id);
		return false;
	}
	return true;
}

bool store_each_setup_key(struct store *store,
			  void (*each)(const struct store_setup_key *key, void *data), void *data,
			  GError **error)
{
	sqlite3_stmt *stmt = query(store, SETUP_KEYS);
	int rc;

	while ((rc = sqlite3_step(stmt)) == SQLITE_ROW) {
		struct store_setup_key key;

		read_setup_key(stmt, &key);
		each(&key, data);
	}
	if (rc != SQLITE_DONE)
		failed(store, error);
	sqlite3_reset(stmt);
	return rc == SQLITE_DONE;
}

bool store_add_relay(struct store *store, const struct store_relay *relay, GError **error)
{
	sqlite3_stmt *stmt = query(store, RELAY_ADD);
	bool added;

	bind_text(stmt, 1, relay->info.name);
	bind_text(stmt, 2, relay->info.host);
	sqlite3_bind_int(stmt, 3, relay->info.port);
	sqlite3_bind_int(stmt, 4, relay->info.transports);
	sqlite3_bind_int(stmt, 5, relay->info.tls_port);
	bind_text(stmt, 6, relay->secret);
	sqlite3_bind_int64(stmt, 7, relay->added);
	added = run(store, stmt, error);
	sqlite3_clear_bindings(stmt);
	return added;
}

bool store_remove_relay(struct store *store, const char *name, GError **error)
{
	sqlite3_stmt *stmt = query(store, RELAY_REMOVE);

	bind_text(stmt, 1, name);
	return run(store, stmt, error);
}

static void read_relay(sqlite3_stmt *stmt, struct store_relay *relay)
{
	column_text(stmt, 0, relay->info.name, sizeof(relay->info.name));
	column_text(stmt, 1, relay->info.host, sizeof(relay->info.host));
	relay->info.port = sqlite3_column_int(stmt, 2);
	relay->info.transports = sqlite3_column_int(stmt, 3);
	relay->info.tls_port = sqlite3_column_int(stmt, 4);
	column_text(stmt, 5, relay->secret, sizeof(relay->secret));
	relay->added = sqlite3_column_int64(stmt, 6);
}

bool store_each_relay(struct store *store,
		      void (*each)(const struct store_relay *relay, void *data), void *data,
		      GError **error)
{
	sqlite3_stmt *stmt = query(store, RELAYS);
	int rc;

	while ((rc = sqlite3_step(stmt)) == SQLITE_ROW) {
		struct store_relay relay = {};

		read_relay(stmt, &relay);
		each(&relay, data);
		sodium_memzero(&relay, sizeof(relay));
	}
	if (rc != SQLITE_DONE)
		failed(store, error);
	sqlite3_reset(stmt);
	return rc == SQLITE_DONE;
}
