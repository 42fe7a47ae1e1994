/* SPDX-License-Identifier: GPL-2.0 */
#ifndef WGMESH_SCHEMA_H
#define WGMESH_SCHEMA_H

#include <glib.h>
#include <sqlite3.h>
#include <stdbool.h>

/**
 * schema_migrate() - bring the tables of a database to the form this program works with
 * @db: an open database, new or of any earlier version
 * @error: REFUSAL_INTERNAL: the database failed, or a later version made it
 *
 * Each step is one transaction, and PRAGMA user_version counts the steps.
 */
bool schema_migrate(sqlite3 *db, GError **error);

#endif
