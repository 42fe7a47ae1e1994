// SPDX-License-Identifier: GPL-2.0
/* The paths of a peer, their order, and when a path is used, replaced or removed. */
#include "paths.h"

#include "lib/log.h"
#include "port.h"

/* Below every path that both ends have; of two that are equal the kernel keeps using the older. */
#define PRIORITY_STANDBY 0

/* Of paths through relays. */
static const guint32 priorities[] = {
	[PATHS_OLD] = 0x10000000,
	[PATHS_SECOND] = 0x20000000,
	[PATHS_FIRST] = 0x30000000,
};

/* Of direct paths: above this. */
#define PRIORITY_DIRECT 0x40000000

/* How often to look whether the peer has switched, too. */
#define SETTLE_INTERVAL_MS 1000

/* So long one end waits for the handshake of the other, which begins again after twice as long. */
#define YIELD_MS 300
#define AGAIN_MS (3 * YIELD_MS)

/* After it was heard on the new path, packets that it sent before may still be on their way. */
#define GRACE_US (5 * G_USEC_PER_SEC)

/* Longer than two keep-alives: a peer that has not been heard on a path does not use it. */
#define SILENCE_MS 60000

/**
 * struct entry - a path
 * @path: in the kernel
 * @local: of the pair
 * @remote: of the pair
 * @current: of this ICE session; or through relays, and somebody wants it
 * @peer_ready: the peer's kernel has it
 * @rank: through relays: which one it is
 * @gone: through relays: it does not work any more
 * @dropped_us: through relays: when it was used last, as far as we know
 */
struct entry {
	struct dataplane_path *path;
	struct endpoint local;
	struct endpoint remote;
	bool current;
	bool peer_ready;
	enum paths_rank rank;
	bool gone;
	gint64 dropped_us;
};

struct ready {
	struct endpoint local;
	struct endpoint remote;
};

/**
 * struct group - the paths of one kind
 * @entries: array of struct entry *, in the order in which they were found
 * @ready: pairs that the peer has, newest last
 */
struct group {
	GPtrArray *entries;
	GArray *ready;
};

/**
 * struct paths - the paths of a peer
 * @peer: the peer
 * @controlling: whether this node makes WireGuard shake hands
 * @direct: those that ICE found
 * @relay: those through relays
 * @ports: array of struct port *: those that @direct send from, but for those that ICE has
 * @in_use: one of @direct: the newest that both ends have; NULL when there is none
 * @kept: @in_use is of an ICE session before, and stays
 * @agreed: the peer keeps it, too
 * @concluded: the last one found is the best there is
 * @switched_us: when @in_use was put in front
 * @heard_us: when the peer was first found to have been heard on @in_use; 0 when it was not
 * @settle: GLib source that waits for the peer to switch
 * @yield: GLib source that waits for the peer to shake hands
 */
struct paths {
	struct dataplane_peer *peer;
	bool controlling;
	struct group direct;
	struct group relay;
	GPtrArray *ports;
	struct entry *in_use;
	bool kept;
	bool agreed;
	bool concluded;
	gint64 switched_us;
	gint64 heard_us;
	guint settle;
	guint yield;
};

static gboolean on_settle(void *data);

static void settle(struct paths *paths)
{
	if (!paths->settle)
		paths->settle = g_timeout_add(SETTLE_INTERVAL_MS, on_settle, paths);
}

static void wait_for_peer(struct paths *paths)
{
	paths->heard_us = 0;
	paths->switched_us = g_get_monotonic_time();
	settle(paths);
}

static struct group *group_of(struct paths *paths, enum wgmesh_path_kind kind)
{
	return kind == WGMESH_PATH_KIND_RELAY ? &paths->relay : &paths->direct;
}

static struct entry *new_entry(struct dataplane_path *path)
{
	struct entry *entry = g_new0(struct entry, 1);

	entry->path = path;
	entry->dropped_us = g_get_monotonic_time();
	return entry;
}

static void init_group(struct group *group)
{
	group->entries = g_ptr_array_new_with_free_func(g_free);
	group->ready = g_array_new(FALSE, FALSE, sizeof(struct ready));
}

static void clear_group(struct group *group)
{
	g_ptr_array_unref(group->entries);
	g_array_unref(group->ready);
}

static bool sends_from(const struct paths *paths, const struct port *port)
{
	for (guint i = 0; i < paths->direct.entries->len; i++) {
		const struct entry *entry = paths->direct.entries->pdata[i];

		if (port_is_at(port, &entry->path->local))
			return true;
	}
	return false;
}

static bool has_port(const GPtrArray *ports, const struct endpoint *local)
{
	for (guint i = 0; i < ports->len; i++) {
		if (port_is_at(ports->pdata[i], local))
			return true;
	}
	return false;
}

/* Keep the ports that paths send from, and no others. One that ICE has cannot be had. */
static void keep_ports(struct paths *paths)
{
	for (guint i = paths->ports->len; i-- > 0;) {
		if (!sends_from(paths, paths->ports->pdata[i]))
			g_ptr_array_remove_index_fast(paths->ports, i);
	}
	for (guint i = 0; i < paths->direct.entries->len; i++) {
		const struct entry *entry = paths->direct.entries->pdata[i];
		struct port *port = has_port(paths->ports, &entry->path->local) ?
					    NULL :
					    port_bind(&entry->path->local);

		if (port)
			g_ptr_array_add(paths->ports, port);
	}
}

/* Killed between programming a path and agreeing with the peer on it, it is not connected. */
static void adopt(struct paths *paths, struct dataplane_path *path)
{
	struct entry *entry = new_entry(path);

	g_ptr_array_add(group_of(paths, path->kind)->entries, entry);
	if (path->kind == WGMESH_PATH_KIND_DIRECT && path->priority > PRIORITY_STANDBY &&
	    dataplane_is_connected(paths->peer) &&
	    (!paths->in_use || path->priority > paths->in_use->path->priority))
		paths->in_use = entry;
}

struct paths *paths_new(struct dataplane_peer *peer, bool controlling)
{
	struct paths *paths = g_new0(struct paths, 1);
	const GPtrArray *there = dataplane_paths(peer);

	paths->peer = peer;
	paths->controlling = controlling;
	init_group(&paths->direct);
	init_group(&paths->relay);
	paths->ports = port_array_new();
	for (guint i = 0; i < there->len; i++)
		adopt(paths, there->pdata[i]);
	keep_ports(paths);
	if (paths->in_use && paths->direct.entries->len > 1)
		wait_for_peer(paths);
	return paths;
}

void paths_free(struct paths *paths)
{
	if (!paths)
		return;
	g_clear_handle_id(&paths->settle, g_source_remove);
	g_clear_handle_id(&paths->yield, g_source_remove);
	clear_group(&paths->direct);
	clear_group(&paths->relay);
	g_ptr_array_unref(paths->ports);
	g_free(paths);
}

static void remove_entry(struct paths *paths, struct group *group, guint index)
{
	struct entry *entry = group->entries->pdata[index];

	dataplane_remove_path(paths->peer, entry->path);
	g_ptr_array_remove_index(group->entries, index);
	keep_ports(paths);
}

static bool is_selected(const struct paths *paths, const struct entry *entry)
{
	return dataplane_selected(paths->peer) == entry->path;
}

static bool set_priority(struct paths *paths, struct entry *entry, guint32 priority)
{
	g_autoptr(GError) error = NULL;

	if (entry->path->priority == priority ||
	    dataplane_set_priority(paths->peer, entry->path, priority, &error))
		return true;
	log_limited(LOG_LEVEL_WARNING, "cannot change the priority of a path: %s", error->message);
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

		if (other != entry && other->path->policy == WGMESH_PATH_POLICY_FORCE &&
		    (!other->current || other->rank == PATHS_OLD))
			hand_force_over(paths, other, entry);
	}
}

/* Found before the one in use. What was found after it waits for the peer, and may replace it. */
static bool is_old(const struct paths *paths, guint index)
{
	const GPtrArray *entries = paths->direct.entries;
	const struct entry *entry = entries->pdata[index];

	if (!paths->in_use || entry == paths->in_use)
		return false;
	if (!entry->current)
		return true;
	for (guint i = index + 1; i < entries->len; i++) {
		if (entries->pdata[i] == paths->in_use)
			return true;
	}
	return false;
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

	return paths->in_use && dataplane_read_path(paths->peer, paths->in_use->path, &read) &&
	       read.rx_packets;
}

/* Returns whether nothing is left to be removed. */
static bool remove_old_direct(struct paths *paths, gint64 now_us)
{
	GPtrArray *entries = paths->direct.entries;
	bool all, settled = true;

	if (!paths->heard_us && was_heard(paths))
		paths->heard_us = now_us;
	all = paths->heard_us && now_us - paths->heard_us >= GRACE_US;
	for (guint i = entries->len; i-- > 0;) {
		if (!is_old(paths, i))
			continue;
		if (!is_selected(paths, entries->pdata[i]) &&
		    (all || is_silent(paths, entries->pdata[i], now_us)))
			remove_entry(paths, &paths->direct, i);
		else
			settled = false;
	}
	return settled;
}

/* Whether both ends have a path through relays that are in use. */
static bool has_relay(const struct paths *paths)
{
	for (guint i = 0; i < paths->relay.entries->len; i++) {
		const struct entry *entry = paths->relay.entries->pdata[i];

		if (entry->current && entry->peer_ready)
			return true;
	}
	return false;
}

/* The same; what has to wait for another path does not count: see paths_selected(). */
static bool remove_old_relays(struct paths *paths, gint64 now_us)
{
	GPtrArray *entries = paths->relay.entries;
	bool replaced = has_relay(paths), settled = true;

	for (guint i = entries->len; i-- > 0;) {
		const struct entry *entry = entries->pdata[i];

		if (entry->current || (!replaced && !entry->gone))
			continue;
		if (is_selected(paths, entry))
			continue;
		if (now_us - entry->dropped_us >= GRACE_US)
			remove_entry(paths, &paths->relay, i);
		else
			settled = false;
	}
	return settled;
}

/*
 * Only the controlling node makes WireGuard shake hands when the first path is answered: two
 * handshakes that cross each other both fail, and are tried again after 5 s. WireGuard of the other
 * node learns the virtual endpoint from that handshake; until then it has none, or the first packet
 * of a program would begin a handshake there as well. A moment later it is connected all the same,
 * whatever became of that: the keep-alive keeps its NAT binding open, and it shakes hands after all
 * if the controlling node saw no need to, because its WireGuard still had a session that ours has
 * lost.
 */
static gboolean on_settle(void *data)
{
	struct paths *paths = data;
	gint64 now_us = g_get_monotonic_time();
	bool direct, relay;

	if (paths->in_use || has_relay(paths))
		dataplane_connect(paths->peer);
	direct = remove_old_direct(paths, now_us);
	relay = remove_old_relays(paths, now_us);
	if (!direct || !relay)
		return G_SOURCE_CONTINUE;
	paths->settle = 0;
	return G_SOURCE_REMOVE;
}

static bool is_agreed(const struct paths *paths)
{
	return paths->in_use || has_relay(paths);
}

static gboolean on_yielded(void *data)
{
	struct paths *paths = data;

	paths->yield = 0;
	if (is_agreed(paths))
		dataplane_shake_hands(paths->peer);
	return G_SOURCE_REMOVE;
}

void paths_answered(struct paths *paths)
{
	if (!is_agreed(paths))
		return;
	if (paths->controlling)
		dataplane_shake_hands(paths->peer);
	if (!paths->yield)
		paths->yield = g_timeout_add(paths->controlling ? AGAIN_MS : YIELD_MS, on_yielded,
					     paths);
}

/* Before a path is answered WireGuard would send into the void, and then wait. */
static void connect_peer(struct paths *paths)
{
	const GPtrArray *there = dataplane_paths(paths->peer);

	for (guint i = 0; i < there->len; i++) {
		const struct dataplane_path *path = there->pdata[i];

		if (dataplane_path_is_answered(path)) {
			paths_answered(paths);
			return;
		}
	}
}

void paths_session_lost(struct paths *paths)
{
	if (dataplane_lose_session(paths->peer))
		connect_peer(paths);
}

/* Direct paths */

void paths_begin(struct paths *paths)
{
	for (guint i = 0; i < paths->direct.entries->len; i++)
		((struct entry *)paths->direct.entries->pdata[i])->current = false;
	paths->kept = paths->agreed = paths->concluded = false;
	g_array_set_size(paths->direct.ready, 0);
}

static guint32 next_priority(const struct paths *paths)
{
	guint32 highest = PRIORITY_DIRECT;

	for (guint i = 0; i < paths->direct.entries->len; i++) {
		const struct entry *entry = paths->direct.entries->pdata[i];

		highest = MAX(highest, entry->path->priority);
	}
	return highest + 1;
}

static void use(struct paths *paths, struct entry *entry)
{
	if (!set_priority(paths, entry, next_priority(paths)))
		return;
	keep_forced(paths, &paths->direct, entry);
	paths->in_use = entry;
	paths->kept = false;
	connect_peer(paths);
	wait_for_peer(paths);
}

/* The newest one that both ends have: each is better than what was found before. */
static struct entry *best(const struct paths *paths)
{
	const GPtrArray *entries = paths->direct.entries;

	for (guint i = entries->len; i-- > 0;) {
		struct entry *entry = entries->pdata[i];

		if (entry->current && (entry->peer_ready || entry == paths->in_use))
			return entry;
	}
	return NULL;
}

static struct entry *last_resort(const struct paths *paths)
{
	const GPtrArray *entries = paths->direct.entries;
	struct entry *newest;

	if (paths->in_use || !paths->concluded || !paths->direct.ready->len || !entries->len)
		return NULL;
	newest = entries->pdata[entries->len - 1];
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
static void drop_direct(struct paths *paths)
{
	GPtrArray *entries = paths->direct.entries;
	guint drop = entries->len;

	for (guint i = 0; i < entries->len; i++) {
		const struct entry *entry = entries->pdata[i];

		if (entry == paths->in_use)
			continue;
		if (!entry->current) {
			drop = i;
			break;
		}
		drop = MIN(drop, i);
	}
	if (drop < entries->len)
		remove_entry(paths, &paths->direct, drop);
}

static struct entry *add(struct paths *paths, struct group *group, const struct paths_pair *pair,
			 GError **error)
{
	struct dataplane_path wanted = pair->path;
	struct dataplane_path *path;
	struct entry *entry;

	wanted.priority = PRIORITY_STANDBY;
	path = dataplane_add_path(paths->peer, &wanted, error);
	if (!path)
		return NULL;
	entry = take_entry(group, path);
	g_ptr_array_add(group->entries, entry);
	entry->local = pair->local;
	entry->remote = pair->remote;
	entry->current = true;
	entry->peer_ready = is_ready(group, pair);
	return entry;
}

bool paths_found(struct paths *paths, const struct paths_pair *pair, GError **error)
{
	if (paths->direct.entries->len >= PATHS_MAX)
		drop_direct(paths);
	if (!add(paths, &paths->direct, pair, error))
		return false;
	choose(paths);
	return true;
}

bool paths_is_called(const struct paths *paths, const struct endpoint *local,
		     const struct endpoint *remote)
{
	const struct entry *entry = paths->in_use;

	return entry && endpoint_is_set(&entry->local) && endpoint_equal(&entry->local, local) &&
	       endpoint_equal(&entry->remote, remote);
}

/* What both ends call one that a run before has left is not known. */
bool paths_may_keep(const struct paths *paths)
{
	const struct entry *entry = paths->in_use;

	return entry && (!entry->current || paths->kept) && endpoint_is_set(&entry->local) &&
	       dataplane_path_is_answered(entry->path);
}

bool paths_keep(struct paths *paths, struct paths_pair *pair)
{
	struct entry *entry = paths->in_use;

	if (entry->path->ifindex != pair->path.ifindex ||
	    !endpoint_equal_address(&entry->path->local, &pair->path.local) ||
	    !endpoint_equal_address(&entry->path->remote, &pair->path.remote))
		return false;
	pair->local = entry->local;
	pair->remote = entry->remote;
	entry->current = true;
	paths->kept = true;
	paths->agreed = is_ready(&paths->direct, pair);
	return true;
}

void paths_concluded(struct paths *paths)
{
	paths->concluded = true;
	choose(paths);
}

void paths_lost(struct paths *paths)
{
	if (!paths->in_use || paths->in_use->path->state != WGMESH_PATH_STATE_UNTESTED ||
	    !has_relay(paths) || !set_priority(paths, paths->in_use, PRIORITY_STANDBY))
		return;
	paths->in_use->peer_ready = false;
	paths->in_use = NULL;
}

void paths_take_ports(struct paths *paths, GPtrArray *ports)
{
	for (guint i = ports->len; i-- > 0;) {
		if (sends_from(paths, ports->pdata[i]))
			g_ptr_array_add(paths->ports, g_ptr_array_steal_index_fast(ports, i));
	}
	keep_ports(paths);
}

void paths_moved(struct paths *paths)
{
	keep_ports(paths);
}

/* A path that no interface is known of is sent as the routes say. */
static bool is_carried(const struct dataplane_path *path, const struct underlay *underlay)
{
	return path->ifindex ? underlay_is_carried(underlay, path->ifindex) :
			       underlay_leads_back(underlay, &path->remote);
}

bool paths_drop_carried(struct paths *paths, const struct underlay *underlay)
{
	GPtrArray *entries = paths->direct.entries;
	bool dropped = false;

	for (guint i = entries->len; i-- > 0;) {
		const struct entry *entry = entries->pdata[i];

		if (!is_carried(entry->path, underlay))
			continue;
		if (entry == paths->in_use)
			paths->in_use = NULL;
		remove_entry(paths, &paths->direct, i);
		dropped = true;
	}
	return dropped;
}

const struct dataplane_path *paths_in_use(const struct paths *paths)
{
	const struct dataplane_path *path = dataplane_selected(paths->peer);

	return path && path->priority > PRIORITY_STANDBY ? path : NULL;
}

const struct dataplane_path *paths_direct(const struct paths *paths)
{
	return paths->in_use ? paths->in_use->path : NULL;
}

bool paths_is_answered(const struct paths *paths)
{
	const struct dataplane_path *path = paths_in_use(paths);

	return path && dataplane_path_is_answered(path);
}

bool paths_is_switched(const struct paths *paths)
{
	return paths->in_use && paths->in_use->current && (!paths->kept || paths->agreed);
}

/* Paths through relays */

static struct entry *find_relay(const struct paths *paths, const struct dataplane_path *path)
{
	for (guint i = 0; i < paths->relay.entries->len; i++) {
		struct entry *entry = paths->relay.entries->pdata[i];

		if (entry->path == path)
			return entry;
	}
	return NULL;
}

/* Of two that are equal the kernel would keep using the one that is to end. */
static void demote_dropped(struct paths *paths)
{
	for (guint i = 0; i < paths->relay.entries->len; i++) {
		struct entry *entry = paths->relay.entries->pdata[i];

		if (entry->current)
			continue;
		if (entry->path->priority > priorities[PATHS_OLD])
			set_priority(paths, entry, priorities[PATHS_OLD]);
		entry->dropped_us = g_get_monotonic_time();
	}
}

/* Of those that are not used any more the one that was used last comes first. */
static guint32 relay_priority(const struct paths *paths, enum paths_rank rank)
{
	guint32 highest = priorities[rank];

	if (rank != PATHS_OLD)
		return highest;
	for (guint i = 0; i < paths->relay.entries->len; i++) {
		const struct entry *entry = paths->relay.entries->pdata[i];

		if (entry->path->priority < priorities[PATHS_SECOND])
			highest = MAX(highest, entry->path->priority);
	}
	return highest + 1;
}

static void place_relay(struct paths *paths, struct entry *entry)
{
	if (!entry->peer_ready ||
	    !set_priority(paths, entry, relay_priority(paths, entry->rank)))
		return;
	if (entry->rank == PATHS_FIRST) {
		keep_forced(paths, &paths->relay, entry);
		demote_dropped(paths);
	}
	connect_peer(paths);
	settle(paths);
}

/* Make room: one that nobody wants, and best one that packets do not take. */
static void drop_unwanted_relay(struct paths *paths)
{
	GPtrArray *entries = paths->relay.entries;
	guint drop = entries->len;

	for (guint i = 0; i < entries->len; i++) {
		const struct entry *entry = entries->pdata[i];

		if (!entry->current && (drop == entries->len || !is_selected(paths, entry)))
			drop = i;
	}
	if (drop < entries->len)
		remove_entry(paths, &paths->relay, drop);
}

const struct dataplane_path *paths_add_relay(struct paths *paths, const struct paths_pair *pair,
					     enum paths_rank rank, GError **error)
{
	struct entry *entry;

	if (paths->relay.entries->len >= PATHS_MAX)
		drop_unwanted_relay(paths);
	entry = add(paths, &paths->relay, pair, error);
	if (!entry)
		return NULL;
	entry->rank = rank;
	entry->gone = false;
	place_relay(paths, entry);
	return entry->path;
}

void paths_set_rank(struct paths *paths, const struct dataplane_path *path, enum paths_rank rank)
{
	struct entry *entry = find_relay(paths, path);

	if (!entry || entry->rank == rank)
		return;
	entry->rank = rank;
	place_relay(paths, entry);
}

void paths_drop_relay(struct paths *paths, const struct dataplane_path *path, bool gone)
{
	struct entry *entry = find_relay(paths, path);

	if (!entry)
		return;
	entry->current = false;
	entry->gone = gone;
	entry->dropped_us = g_get_monotonic_time();
	settle(paths);
}

void paths_remove_relay(struct paths *paths, const struct dataplane_path *path)
{
	struct entry *entry = find_relay(paths, path);
	guint index;

	if (entry && g_ptr_array_find(paths->relay.entries, entry, &index))
		remove_entry(paths, &paths->relay, index);
}

void paths_selected(struct paths *paths)
{
	for (guint i = 0; i < paths->relay.entries->len; i++) {
		const struct entry *entry = paths->relay.entries->pdata[i];

		if (!entry->current)
			settle(paths);
	}
}

void paths_ready(struct paths *paths, enum wgmesh_path_kind kind, const struct endpoint *local,
		 const struct endpoint *remote)
{
	struct ready ready = { .local = *local, .remote = *remote };
	struct group *group = group_of(paths, kind);

	if (group->ready->len == PATHS_MAX_READY)
		g_array_remove_index(group->ready, 0);
	g_array_append_val(group->ready, ready);
	for (guint i = 0; i < group->entries->len; i++) {
		struct entry *entry = group->entries->pdata[i];

		if (!entry->current || !endpoint_equal(&entry->local, local) ||
		    !endpoint_equal(&entry->remote, remote))
			continue;
		entry->peer_ready = true;
		if (kind == WGMESH_PATH_KIND_RELAY)
			place_relay(paths, entry);
	}
	if (kind != WGMESH_PATH_KIND_DIRECT)
		return;
	paths->agreed |= paths->kept && paths_is_called(paths, local, remote);
	choose(paths);
}
