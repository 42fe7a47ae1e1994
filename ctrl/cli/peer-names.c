// SPDX-License-Identifier: GPL-2.0
/* The names of peers whose keys the module tells, as meshd knows them. */
#include "peer-names.h"

#include "daemon.h"
#include "lib/pathnl.h"
#include "meshstatus.h"

/* A peer that has no name is asked for again after this time: meshd may have been away. */
#define RETRY_US G_USEC_PER_SEC

/**
 * struct entry - a peer
 * @name: its hostname; NULL when nobody could tell it
 * @asked_us: when that was
 */
struct entry {
	char *name;
	gint64 asked_us;
};

/**
 * struct peer_names - hostnames of the peers that the module knows by number
 * @cli: says which meshd to ask
 * @by_id: struct entry by number
 */
struct peer_names {
	const struct cli *cli;
	GHashTable *by_id;
};

static void free_entry(void *data)
{
	struct entry *entry = data;

	g_free(entry->name);
	g_free(entry);
}

struct peer_names *peer_names_new(const struct cli *cli)
{
	struct peer_names *names = g_new0(struct peer_names, 1);

	names->cli = cli;
	names->by_id = g_hash_table_new_full(NULL, NULL, NULL, free_entry);
	return names;
}

void peer_names_free(struct peer_names *names)
{
	g_hash_table_unref(names->by_id);
	g_free(names);
}

static bool read_key(guint32 id, char text[static KEY_STRLEN])
{
	g_autoptr(pathnl) nl = pathnl_open(NULL);
	struct pathnl_peer peer;

	if (!nl || !pathnl_peer_get(nl, id, &peer, NULL))
		return false;
	key_print(&peer.public_key, text);
	return true;
}

static char *ask(const struct cli *cli, guint32 id)
{
	g_autoptr(control_client) meshd = daemon_open_meshd(cli, NULL);
	g_autoptr(mesh_status) status = NULL;
	char key[KEY_STRLEN];

	if (!meshd || !read_key(id, key))
		return NULL;
	status = mesh_status_get(meshd, key, NULL);
	if (!status || status->peers->len != 1)
		return NULL;
	return g_strdup(g_array_index(status->peers, struct mesh_peer, 0).hostname);
}

const char *peer_names_find(struct peer_names *names, guint32 id)
{
	struct entry *entry = g_hash_table_lookup(names->by_id, GUINT_TO_POINTER(id));
	gint64 now_us = g_get_monotonic_time();

	if (!entry) {
		entry = g_new0(struct entry, 1);
		entry->asked_us = now_us - RETRY_US;
		g_hash_table_insert(names->by_id, GUINT_TO_POINTER(id), entry);
	}
	if (!entry->name && now_us - entry->asked_us >= RETRY_US) {
		entry->name = ask(names->cli, id);
		entry->asked_us = now_us;
	}
	return entry->name;
}

void peer_names_forget(struct peer_names *names)
{
	g_hash_table_remove_all(names->by_id);
}
