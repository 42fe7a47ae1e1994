// SPDX-License-Identifier: GPL-2.0
#include "paths.h"

#include "../lib/log.h"

/* Below every path in use; of two that are equal the kernel keeps using the older one. */
#define PRIORITY_STANDBY 0

/* How often to look whether the peer has switched, too. */
#define SETTLE_INTERVAL_MS 1000

/* After it was heard on the new path, packets that it sent before may still be on their way. */
#define GRACE_US (5 * G_USEC_PER_SEC)

/* Longer than two keep-alives: a peer that has not been heard on a path does not use it. */
#define SILENCE_MS 60000

struct entry {
	struct dataplane_path *path;
	struct endpoint local;
	struct endpoint remote;
	bool current;
	bool peer_ready;
};

struct ready {
	struct endpoint local;
	struct endpoint remote;
};

/**
 * struct paths - the paths of a peer
 * @peer: the peer
 * @controlling: whether this node makes WireGuard shake hands
 * @entries: array of struct entry *, in the order in which they were found
 * @in_use: one of @entries; NULL when there is none
 * @ready: pairs of this ICE session that the peer has, newest last
 * @concluded: this ICE session has found its best pair
 * @settle: GLib source that waits for the peer to switch
 * @switched_us: when @in_use was put in front
 * @heard_us: when the peer was first found to have been heard on @in_use; 0 when it was not
 */
struct paths {
	struct dataplane_peer *peer;
	bool controlling;
	GPtrArray *entries;
	struct entry *in_use;
	GArray *ready;
	bool concluded;
	guint settle;
	gint64 switched_us;
	gint64 heard_us;
};

static gboolean on_settle(void *data);

static void wait_for_peer(struct paths *paths)
{
	paths->heard_us = 0;
	paths->switched_us = g_get_monotonic_time();
	if (!paths->settle)
		paths->settle = g_timeout_add(SETTLE_INTERVAL_MS, on_settle, paths);
}

static struct entry *new_entry(struct dataplane_path *path)
{
	struct entry *entry = g_new0(struct entry, 1);

	entry->path = path;
	return entry;
}

struct paths *paths_new(struct dataplane_peer *peer, bool controlling)
{
	struct paths *paths = g_new0(struct paths, 1);
	const GPtrArray *there = dataplane_paths(peer);

	paths->peer = peer;
	paths->controlling = controlling;
	paths->entries = g_ptr_array_new_with_free_func(g_free);
	paths->ready = g_array_new(FALSE, FALSE, sizeof(struct ready));
	for (guint i = 0; i < there->len; i++) {
		struct entry *entry = new_entry(there->pdata[i]);

		g_ptr_array_add(paths->entries, entry);
		if (!paths->in_use || entry->path->priority > paths->in_use->path->priority)
			paths->in_use = entry;
	}

	/* killed between programming a path and agreeing with the peer on it: not in use */
	if (paths->in_use && !dataplane_is_connected(peer))
		paths->in_use = NULL;
	if (paths->in_use && there->len > 1)
		wait_for_peer(paths);
	return paths;
}

void paths_free(struct paths *paths)
{
	if (!paths)
		return;
	g_clear_handle_id(&paths->settle, g_source_remove);
	g_ptr_array_unref(paths->entries);
	g_array_unref(paths->ready);
	g_free(paths);
}

static void remove_entry(struct paths *paths, guint index)
{
	struct entry *entry = paths->entries->pdata[index];

	dataplane_remove_path(paths->peer, entry->path);
	g_ptr_array_remove_index(paths->entries, index);
}

/* Found before the one in use. What was found after it waits for the peer, and may replace it. */
static bool is_old(const struct paths *paths, guint index)
{
	const struct entry *entry = paths->entries->pdata[index];

	if (entry == paths->in_use)
		return false;
	if (!entry->current)
		return true;
	for (guint i = index + 1; i < paths->entries->len; i++) {
		if (paths->entries->pdata[i] == paths->in_use)
			return true;
	}
	return false;
}

static bool is_settled(const struct paths *paths)
{
	for (guint i = 0; i < paths->entries->len; i++) {
		if (is_old(paths, i))
			return false;
	}
	return true;
}

static bool is_silent(const struct paths *paths, const struct entry *entry, gint64 now_us)
{
	struct pathnl_path read;

	if (now_us - paths->switched_us < SILENCE_MS * 1000)
		return false;
	return !dataplane_read_path(paths->peer, entry->path, &read) || read.rx_age_ms < 0 ||
	       read.rx_age_ms >= SILENCE_MS;
}

static bool was_heard(const struct paths *paths)
{
	struct pathnl_path read;

	return dataplane_read_path(paths->peer, paths->in_use->path, &read) && read.rx_packets;
}

static void remove_old(struct paths *paths)
{
	gint64 now_us = g_get_monotonic_time();
	bool all = paths->heard_us && now_us - paths->heard_us >= GRACE_US;

	for (guint i = paths->entries->len; i-- > 0;) {
		if (is_old(paths, i) &&
		    (all || is_silent(paths, paths->entries->pdata[i], now_us)))
			remove_entry(paths, i);
	}
}

/*
 * Only the controlling node makes WireGuard shake hands when the first path is there: two
 * handshakes that cross each other both fail, and are tried again after 5 s. WireGuard of the other
 * node learns the virtual endpoint from that handshake; until then it has none, or the first packet
 * of a program would begin a handshake there as well. A moment later it is connected all the same:
 * the keep-alive keeps its NAT binding open, and it shakes hands after all if the controlling node
 * saw no need to, because its WireGuard still had a session that ours has lost.
 */
static gboolean on_settle(void *data)
{
	struct paths *paths = data;

	dataplane_connect(paths->peer);
	if (!paths->heard_us && was_heard(paths))
		paths->heard_us = g_get_monotonic_time();
	remove_old(paths);
	if (!is_settled(paths))
		return G_SOURCE_CONTINUE;
	paths->settle = 0;
	return G_SOURCE_REMOVE;
}

void paths_begin(struct paths *paths)
{
	for (guint i = 0; i < paths->entries->len; i++)
		((struct entry *)paths->entries->pdata[i])->current = false;
	g_array_set_size(paths->ready, 0);
	paths->concluded = false;
}

static guint32 next_priority(const struct paths *paths)
{
	guint32 highest = PRIORITY_STANDBY;

	for (guint i = 0; i < paths->entries->len; i++)
		highest = MAX(highest, ((struct entry *)paths->entries->pdata[i])->path->priority);
	return highest + 1;
}

static void use(struct paths *paths, struct entry *entry)
{
	g_autoptr(GError) error = NULL;

	if (!dataplane_set_priority(paths->peer, entry->path, next_priority(paths), &error)) {
		log_limited(LOG_LEVEL_WARNING, "cannot switch to another path: %s", error->message);
		return;
	}
	paths->in_use = entry;
	if (paths->controlling)
		dataplane_connect(paths->peer);
	wait_for_peer(paths);
}

/* The newest one that both ends have: each is better than what ICE found before. */
static struct entry *best(const struct paths *paths)
{
	for (guint i = paths->entries->len; i-- > 0;) {
		struct entry *entry = paths->entries->pdata[i];

		if (entry->current && (entry->peer_ready || entry == paths->in_use))
			return entry;
	}
	return NULL;
}

static struct entry *last_resort(const struct paths *paths)
{
	struct entry *newest;

	if (paths->in_use || !paths->concluded || !paths->ready->len || !paths->entries->len)
		return NULL;
	newest = paths->entries->pdata[paths->entries->len - 1];
	return newest->current ? newest : NULL;
}

static void choose(struct paths *paths)
{
	struct entry *entry = best(paths);

	if (!entry)
		entry = last_resort(paths);
	if (entry && entry != paths->in_use)
		use(paths, entry);
}

static bool is_ready(const struct paths *paths, const struct ice_pair *pair)
{
	for (guint i = 0; i < paths->ready->len; i++) {
		const struct ready *ready = &g_array_index(paths->ready, struct ready, i);

		if (endpoint_equal(&ready->local, &pair->local) &&
		    endpoint_equal(&ready->remote, &pair->remote))
			return true;
	}
	return false;
}

/* The entry of a path, taken out of the array to be added at its end; or a new one. */
static struct entry *take_entry(struct paths *paths, struct dataplane_path *path)
{
	for (guint i = 0; i < paths->entries->len; i++) {
		struct entry *entry = paths->entries->pdata[i];

		if (entry->path == path)
			return g_ptr_array_steal_index(paths->entries, i);
	}
	return new_entry(path);
}

/* Make room: first what another session left over, then what this one found first. */
static void drop_one(struct paths *paths)
{
	guint drop = paths->entries->len;

	for (guint i = 0; i < paths->entries->len; i++) {
		const struct entry *entry = paths->entries->pdata[i];

		if (entry == paths->in_use)
			continue;
		if (!entry->current) {
			drop = i;
			break;
		}
		drop = MIN(drop, i);
	}
	if (drop < paths->entries->len)
		remove_entry(paths, drop);
}

bool paths_found(struct paths *paths, const struct ice_pair *pair, GError **error)
{
	struct dataplane_path *path;
	struct entry *entry;

	if (paths->entries->len >= PATHS_MAX)
		drop_one(paths);
	path = dataplane_add_path(paths->peer, &pair->base, &pair->remote, PRIORITY_STANDBY,
				  error);
	if (!path)
		return false;

	entry = take_entry(paths, path);
	g_ptr_array_add(paths->entries, entry);
	entry->local = pair->local;
	entry->remote = pair->remote;
	entry->current = true;
	entry->peer_ready = is_ready(paths, pair);
	choose(paths);
	return true;
}

void paths_ready(struct paths *paths, const struct endpoint *local, const struct endpoint *remote)
{
	struct ready ready = { .local = *local, .remote = *remote };

	if (paths->ready->len == PATHS_MAX_READY)
		g_array_remove_index(paths->ready, 0);
	g_array_append_val(paths->ready, ready);
	for (guint i = 0; i < paths->entries->len; i++) {
		struct entry *entry = paths->entries->pdata[i];

		if (entry->current && endpoint_equal(&entry->local, local) &&
		    endpoint_equal(&entry->remote, remote))
			entry->peer_ready = true;
	}
	choose(paths);
}

void paths_concluded(struct paths *paths)
{
	paths->concluded = true;
	choose(paths);
}

const struct dataplane_path *paths_in_use(const struct paths *paths)
{
	return paths->in_use ? paths->in_use->path : NULL;
}

bool paths_is_switched(const struct paths *paths)
{
	return paths->in_use && paths->in_use->current;
}
