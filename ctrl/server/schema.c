// SPDX-License-Identifier: GPL-2.0
/* The tables of the database, and the steps to their present form. */
#include "schema.h"

#include "refusal.h"

/* One element a step. What was released is never changed: append a step instead. */
static const char *const steps[] = {
	"CREATE TABLE networks ("
	"	number INTEGER PRIMARY KEY,"
	"	id BLOB NOT NULL UNIQUE CHECK (length(id) = 16),"
	"	name TEXT NOT NULL,"
	"	prefix TEXT NOT NULL,"
	"	generation INTEGER NOT NULL"
	") STRICT;"
	/* AUTOINCREMENT: the id of a key that is gone is not given again */
	"CREATE TABLE setup_keys ("
	"	id INTEGER PRIMARY KEY AUTOINCREMENT,"
	"	network INTEGER NOT NULL REFERENCES networks (number),"
	"	hash BLOB NOT NULL UNIQUE CHECK (length(hash) = 32),"
	"	name TEXT NOT NULL,"
	"	reusable INTEGER NOT NULL,"
	"	created INTEGER NOT NULL,"
	"	expires INTEGER NOT NULL,"
	"	revoked INTEGER NOT NULL DEFAULT 0,"
	"	uses INTEGER NOT NULL DEFAULT 0"
	") STRICT;"
	"CREATE TABLE nodes ("
	"	network INTEGER NOT NULL REFERENCES networks (number),"
	"	public_key BLOB NOT NULL CHECK (length(public_key) = 32),"
	"	wanted TEXT NOT NULL,"
	"	hostname TEXT NOT NULL,"
	"	address BLOB NOT NULL CHECK (length(address) = 4),"
	"	address6 BLOB NOT NULL CHECK (length(address6) = 16),"
	"	setup_key INTEGER NOT NULL REFERENCES setup_keys (id),"
	"	joined INTEGER NOT NULL,"
	"	last_seen INTEGER NOT NULL,"
	"	PRIMARY KEY (network, public_key),"
	"	UNIQUE (network, hostname),"
	"	UNIQUE (network, address),"
	"	UNIQUE (network, address6)"
	") STRICT;"
	"CREATE TABLE removed_nodes ("
	"	network INTEGER NOT NULL REFERENCES networks (number),"
	"	public_key BLOB NOT NULL CHECK (length(public_key) = 32),"
	"	removed INTEGER NOT NULL,"
	"	PRIMARY KEY (network, public_key)"
	") STRICT;",
	/* the secret itself: the passwords of nodes are made of it */
	"CREATE TABLE relays ("
	"	network INTEGER NOT NULL REFERENCES networks (number),"
	"	name TEXT NOT NULL,"
	"	host TEXT NOT NULL,"
	"	port INTEGER NOT NULL,"
	"	transports INTEGER NOT NULL,"
	"	tls_port INTEGER NOT NULL,"
	"	secret TEXT NOT NULL,"
	"	added INTEGER NOT NULL,"
	"	PRIMARY KEY (network, name)"
	") STRICT;",
	/* 0: any number of nodes may join with the key */
	"ALTER TABLE setup_keys ADD COLUMN max_uses INTEGER NOT NULL DEFAULT 0;"
	"UPDATE setup_keys SET max_uses = 1 WHERE NOT reusable;"
	"ALTER TABLE setup_keys DROP COLUMN reusable;",
	/* AUTOINCREMENT: relays are told all after the one that they know */
	"ALTER TABLE nodes ADD COLUMN account BLOB NOT NULL DEFAULT x'';"
	"UPDATE nodes SET account = randomblob(16);"
	"ALTER TABLE networks ADD COLUMN credentials_until INTEGER NOT NULL DEFAULT 0;"
	"CREATE TABLE revocations ("
	"	id INTEGER PRIMARY KEY AUTOINCREMENT,"
	"	network INTEGER NOT NULL REFERENCES networks (number),"
	"	account BLOB NOT NULL CHECK (length(account) = 16),"
	"	until INTEGER NOT NULL"
	") STRICT;",
};

static bool failed(sqlite3 *db, GError **error)
{
	g_set_error(error, REFUSAL, REFUSAL_INTERNAL, "cannot set up the database: %s",
		    sqlite3_errmsg(db));
	return false;
}

static bool get_version(sqlite3 *db, int *version, GError **error)
{
	sqlite3_stmt *stmt;
	bool ok;

	if (sqlite3_prepare_v2(db, "PRAGMA user_version", -1, &stmt, NULL) != SQLITE_OK)
		return failed(db, error);
	ok = sqlite3_step(stmt) == SQLITE_ROW;
	*version = ok ? sqlite3_column_int(stmt, 0) : 0;
	sqlite3_finalize(stmt);
	return ok || failed(db, error);
}

bool schema_migrate(sqlite3 *db, GError **error)
{
	int version;

	if (!get_version(db, &version, error))
		return false;
	if (version < 0 || version > (int)G_N_ELEMENTS(steps)) {
		g_set_error(error, REFUSAL, REFUSAL_INTERNAL,
			    "a newer mesh-server made the database (version %d, this one knows %zu); "
			    "install that again, or restore a backup",
			    version, G_N_ELEMENTS(steps));
		return false;
	}
	for (; version < (int)G_N_ELEMENTS(steps); version++) {
		g_autofree char *sql = g_strdup_printf("BEGIN IMMEDIATE; %s PRAGMA user_version = %d; "
						       "COMMIT;",
						       steps[version], version + 1);

		if (sqlite3_exec(db, sql, NULL, NULL, NULL) != SQLITE_OK) {
			failed(db, error);
			sqlite3_exec(db, "ROLLBACK", NULL, NULL, NULL);
			return false;
		}
	}
	return true;
}
