// SPDX-License-Identifier: GPL-2.0
#include "paths.h"

#include "../lib/log.h"

/* Below every path in use; of two that are equal the kernel keeps using the older one. */
#define PRIORITY_STANDBY 0

/* Those in use are above this, by kind: direct ones before those through relays. */
static const guint32 priority_base[] = {
	[WGMESH_PATH_KIND_RELAY] = PRIORITY_STANDBY,
	[WGMESH_PATH_KIND_DIRECT] = 0x40000000,
};

#define KINDS G_N_ELEMENTS(priority_base)

/* How often to look whether the peer has switched, too. */
#define SETTLE_INTERVAL_MS 1000

/* After it was heard on the new path, packets that it sent before may still be on their way. */
#define GRACE_US (5 * G_USEC_PER_SEC)

/* Longer than two keep-alives: a peer that has not been heard on a path does not use it. */
#define SILENCE_MS 60000

/**
 * struct entry - a path
 * @path: in the kernel
 * @local: of the pair
 * @remote: of the pair
 * @current: of this ICE session, or of the relays that both ends use now
 * @peer_ready: the peer's kernel has it
 */
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
 * struct group - the paths of one kind
 * @kind: direct or relay
 * @entries: array of struct entry *, in the order in which they were found
 * @in_use: one of @entries; NULL when there is none
 * @ready: pairs that the peer has, newest last
 * @concluded: the last one found is the best there is
 * @switched_us: when @in_use was put in front
 * @heard_us: when the peer was first found to have been heard on @in_use; 0 when it was not
 */
struct group {
	enum wgmesh_path_kind kind;
	GPtrArray *entries;
	struct entry *in_use;
	GArray *ready;
	bool concluded;
	gint64 switched_us;
	gint64 heard_us;
};

/**
 * struct paths - the paths of a peer
 * @peer: the peer
 * @controlling: whether this node makes WireGuard shake hands
 * @groups: by kind
 * @settle: GLib source that waits for the peer to switch
 */
struct paths {
	struct dataplane_peer *peer;
	bool controlling;
	struct group groups[KINDS];
	guint settle;
};

static gboolean on_settle(void *data);

static void wait_for_peer(struct paths *paths, struct group *group)
{
	group->heard_us = 0;
	group->switched_us = g_get_monotonic_time();
	if (!paths->settle)
		paths->settle = g_timeout_add(SETTLE_INTERVAL_MS, on_settle, paths);
}

static struct entry *new_entry(struct dataplane_path *path)
{
	struct entry *entry = g_new0(struct entry, 1);

	entry->path = path;
	return entry;
}

static void adopt(struct group *group, struct dataplane_path *path)
{
	struct entry *entry = new_entry(path);

	g_ptr_array_add(group->entries, entry);
	if (path->priority > PRIORITY_STANDBY &&
	    (!group->in_use || path->priority > group->in_use->path->priority))
		group->in_use = entry;
}

struct paths *paths_new(struct dataplane_peer *peer, bool controlling)
{
	struct paths *paths = g_new0(struct paths, 1);
	const GPtrArray *there = dataplane_paths(peer);

	paths->peer = peer;
	paths->controlling = controlling;
	for (guint kind = 0; kind < KINDS; kind++) {
		struct group *group = &paths->groups[kind];

		group->kind = kind;
		group->entries = g_ptr_array_new_with_free_func(g_free);
		group->ready = g_array_new(FALSE, FALSE, sizeof(struct ready));
	}
	for (guint i = 0; i < there->len; i++) {
		struct dataplane_path *path = there->pdata[i];

		adopt(&paths->groups[path->kind], path);
	}
	for (guint kind = 0; kind < KINDS; kind++) {
		struct group *group = &paths->groups[kind];

		/* killed between programming a path and agreeing with the peer on it: not in use */
		if (!dataplane_is_connected(peer))
			group->in_use = NULL;
		if (group->in_use && group->entries->len > 1)
			wait_for_peer(paths, group);
	}
	return paths;
}

void paths_free(struct paths *paths)
{
	if (!paths)
		return;
	g_clear_handle_id(&paths->settle, g_source_remove);
	for (guint kind = 0; kind < KINDS; kind++) {
		g_ptr_array_unref(paths->groups[kind].entries);
		g_array_unref(paths->groups[kind].ready);
	}
	g_free(paths);
}

static void remove_entry(struct paths *paths, struct group *group, guint index)
{
	struct entry *entry = group->entries->pdata[index];

	dataplane_remove_path(paths->peer, entry->path);
	g_ptr_array_remove_index(group->entries, index);
}

/* Found before the one in use. What was found after it waits for the peer, and may replace it. */
static bool is_old(const struct group *group, guint index)
{
	const struct entry *entry = group->entries->pdata[index];

	if (!group->in_use || entry == group->in_use)
		return false;
	if (!entry->current)
		return true;
	for (guint i = index + 1; i < group->entries->len; i++) {
		if (group->entries->pdata[i] == group->in_use)
			return true;
	}
	return false;
}

static bool is_settled(const struct group *group)
{
	for (guint i = 0; i < group->entries->len; i++) {
		if (is_old(group, i))
			return false;
	}
	return true;
}

static bool is_silent(const struct paths *paths, const struct group *group,
		      const struct entry *entry, gint64 now_us)
{
	struct pathnl_path read;

	if (now_us - group->switched_us < SILENCE_MS * 1000)
		return false;
	return !dataplane_read_path(paths->peer, entry->path, &read) || read.rx_age_ms < 0 ||
	       read.rx_age_ms >= SILENCE_MS;
}

static bool was_heard(const struct paths *paths, const struct group *group)
{
	struct pathnl_path read;

	return group->in_use && dataplane_read_path(paths->peer, group->in_use->path, &read) &&
	       read.rx_packets;
}

static void remove_old(struct paths *paths, struct group *group)
{
	gint64 now_us = g_get_monotonic_time();
	bool all = group->heard_us && now_us - group->heard_us >= GRACE_US;

	for (guint i = group->entries->len; i-- > 0;) {
		if (is_old(group, i) &&
		    (all || is_silent(paths, group, group->entries->pdata[i], now_us)))
			remove_entry(paths, group, i);
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
	bool settled = true;

	dataplane_connect(paths->peer);
	for (guint kind = 0; kind < KINDS; kind++) {
		struct group *group = &paths->groups[kind];

		if (!group->heard_us && was_heard(paths, group))
			group->heard_us = g_get_monotonic_time();
		remove_old(paths, group);
		settled &= is_settled(group);
	}
	if (!settled)
		return G_SOURCE_CONTINUE;
	paths->settle = 0;
	return G_SOURCE_REMOVE;
}

static void begin(struct group *group)
{
	for (guint i = 0; i < group->entries->len; i++)
		((struct entry *)group->entries->pdata[i])->current = false;
	group->concluded = false;
}

void paths_begin(struct paths *paths)
{
	struct group *group = &paths->groups[WGMESH_PATH_KIND_DIRECT];

	begin(group);
	g_array_set_size(group->ready, 0);
}

static guint32 next_priority(const struct group *group)
{
	guint32 highest = priority_base[group->kind];

	for (guint i = 0; i < group->entries->len; i++)
		highest = MAX(highest, ((struct entry *)group->entries->pdata[i])->path->priority);
	return highest + 1;
}

static bool set_priority(struct paths *paths, struct entry *entry, guint32 priority)
{
	g_autoptr(GError) error = NULL;

	if (dataplane_set_priority(paths->peer, entry->path, priority, &error))
		return true;
	log_limited(LOG_LEVEL_WARNING, "cannot switch to another path: %s", error->message);
	return false;
}

/* One path can be forced, so the one before is left to the selector first. */
static void hand_force_over(struct paths *paths, struct entry *from, struct entry *to)
{
	g_autoptr(GError) error = NULL;

	if (!dataplane_set_policy(paths->peer, from->path, WGMESH_PATH_POLICY_AUTO, &error) ||
	    !dataplane_set_policy(paths->peer, to->path, WGMESH_PATH_POLICY_FORCE, &error))
		log_limited(LOG_LEVEL_WARNING, "a path is not forced any more: %s", error->message);
}

/* An operator who forced a path means the one that replaces it, too: its endpoints may change. */
static void keep_forced(struct paths *paths, const struct group *group, struct entry *entry)
{
	for (guint i = 0; i < group->entries->len; i++) {
		struct entry *other = group->entries->pdata[i];

		if (other != entry && other->path->policy == WGMESH_PATH_POLICY_FORCE)
			hand_force_over(paths, other, entry);
	}
}

static void use(struct paths *paths, struct group *group, struct entry *entry)
{
	if (!set_priority(paths, entry, next_priority(group)))
		return;
	keep_forced(paths, group, entry);
	group->in_use = entry;
	if (paths->controlling)
		dataplane_connect(paths->peer);
	wait_for_peer(paths, group);
}

/* The newest one that both ends have: each is better than what was found before. */
static struct entry *best(const struct group *group)
{
	for (guint i = group->entries->len; i-- > 0;) {
		struct entry *entry = group->entries->pdata[i];

		if (entry->current && (entry->peer_ready || entry == group->in_use))
			return entry;
	}
	return NULL;
}

static struct entry *last_resort(const struct group *group)
{
	struct entry *newest;

	if (group->in_use || !group->concluded || !group->ready->len || !group->entries->len)
		return NULL;
	newest = group->entries->pdata[group->entries->len - 1];
	return newest->current ? newest : NULL;
}

static void choose(struct paths *paths, struct group *group)
{
	struct entry *entry = best(group);

	if (!entry)
		entry = last_resort(group);
	if (entry && entry != group->in_use)
		use(paths, group, entry);
}

static bool is_ready(const struct group *group, const struct paths_pair *pair)
{
	for (guint i = 0; i < group->ready->len; i++) {
		const struct ready *ready = &g_array_index(group->ready, struct ready, i);

		if (endpoint_equal(&ready->local, &pair->local) &&
		    endpoint_equal(&ready->remote, &pair->remote))
			return true;
	}
	return false;
}

/* The entry of a path, taken out of the array to be added at its end; or a new one. */
static struct entry *take_entry(struct group *group, struct dataplane_path *path)
{
	for (guint i = 0; i < group->entries->len; i++) {
		struct entry *entry = group->entries->pdata[i];

		if (entry->path == path)
			return g_ptr_array_steal_index(group->entries, i);
	}
	return new_entry(path);
}

/* Make room: first what was left over from before, then what was found first. */
static void drop_one(struct paths *paths, struct group *group)
{
	guint drop = group->entries->len;

	for (guint i = 0; i < group->entries->len; i++) {
		const struct entry *entry = group->entries->pdata[i];

		if (entry == group->in_use)
			continue;
		if (!entry->current) {
			drop = i;
			break;
		}
		drop = MIN(drop, i);
	}
	if (drop < group->entries->len)
		remove_entry(paths, group, drop);
}

bool paths_found(struct paths *paths, const struct paths_pair *pair, GError **error)
{
	struct group *group = &paths->groups[pair->path.kind];
	struct dataplane_path wanted = pair->path;
	struct dataplane_path *path;
	struct entry *entry;

	if (group->entries->len >= PATHS_MAX)
		drop_one(paths, group);
	wanted.priority = PRIORITY_STANDBY;
	path = dataplane_add_path(paths->peer, &wanted, error);
	if (!path)
		return false;

	/* there is one pair of relays at a time */
	if (group->kind == WGMESH_PATH_KIND_RELAY)
		begin(group);
	entry = take_entry(group, path);
	g_ptr_array_add(group->entries, entry);
	entry->local = pair->local;
	entry->remote = pair->remote;
	entry->current = true;
	entry->peer_ready = is_ready(group, pair);
	choose(paths, group);
	return true;
}

void paths_ready(struct paths *paths, enum wgmesh_path_kind kind, const struct endpoint *local,
		 const struct endpoint *remote)
{
	struct ready ready = { .local = *local, .remote = *remote };
	struct group *group = &paths->groups[kind];

	if (group->ready->len == PATHS_MAX_READY)
		g_array_remove_index(group->ready, 0);
	g_array_append_val(group->ready, ready);
	for (guint i = 0; i < group->entries->len; i++) {
		struct entry *entry = group->entries->pdata[i];

		if (entry->current && endpoint_equal(&entry->local, local) &&
		    endpoint_equal(&entry->remote, remote))
			entry->peer_ready = true;
	}
	choose(paths, group);
}

void paths_concluded(struct paths *paths)
{
	struct group *group = &paths->groups[WGMESH_PATH_KIND_DIRECT];

	group->concluded = true;
	choose(paths, group);
}

void paths_lost(struct paths *paths)
{
	struct group *direct = &paths->groups[WGMESH_PATH_KIND_DIRECT];

	if (!direct->in_use || !paths->groups[WGMESH_PATH_KIND_RELAY].in_use ||
	    !set_priority(paths, direct->in_use, PRIORITY_STANDBY))
		return;
	direct->in_use->peer_ready = false;
	direct->in_use = NULL;
}

void paths_forget_relays(struct paths *paths)
{
	struct group *relay = &paths->groups[WGMESH_PATH_KIND_RELAY];

	g_array_set_size(relay->ready, 0);
	if (!paths->groups[WGMESH_PATH_KIND_DIRECT].in_use)
		return;
	relay->in_use = NULL;
	for (guint i = relay->entries->len; i-- > 0;)
		remove_entry(paths, relay, i);
}

const struct dataplane_path *paths_in_use(const struct paths *paths)
{
	const struct entry *direct = paths->groups[WGMESH_PATH_KIND_DIRECT].in_use;
	const struct entry *relay = paths->groups[WGMESH_PATH_KIND_RELAY].in_use;

	if (direct)
		return direct->path;
	return relay ? relay->path : NULL;
}

bool paths_is_switched(const struct paths *paths)
{
	const struct entry *direct = paths->groups[WGMESH_PATH_KIND_DIRECT].in_use;

	return direct && direct->current;
}
