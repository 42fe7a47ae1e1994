// SPDX-License-Identifier: GPL-2.0
/*
 * What the kernel is to hold for a network, and the events that say what it holds. Other files
 * named dataplane-*.c make the two agree.
 */
#include "dataplane.h"

#include <errno.h>
#include <string.h>
#include <time.h>

#include "dataplane-private.h"
#include "lib/log.h"
#include "path-mtu.h"

/* What was begun so short ago may just be on its way. */
#define SHAKE_AGAIN_US (250 * 1000)

/* Many peers may be answered in the same moment; WireGuard is asked once, for it tells of all. */
#define SESSIONS_KNOWN_US (200 * 1000)

static void free_peer(void *data)
{
	struct dataplane_peer *peer = data;

	dataplane_forget_routes(peer);
	g_array_unref(peer->addresses);
	g_ptr_array_unref(peer->paths);
	g_free(peer);
}

static void warn(struct dataplane *dp, const GError *error)
{
	log_limited(LOG_LEVEL_WARNING, "%s: %s", dp->ifname, error->message);
}

static gboolean on_retry(void *data);

static void schedule_sync(struct dataplane *dp, guint delay_ms)
{
	dp->synced = false;
	if (!dp->wanted)
		return;
	g_clear_handle_id(&dp->retry, g_source_remove);
	dp->retry = g_timeout_add(delay_ms, on_retry, dp);
}

void dataplane_failed(struct dataplane *dp, const GError *error)
{
	g_free(dp->error);
	dp->error = g_strdup(error->message);
	schedule_sync(dp, backoff_next_ms(&dp->backoff));
}

static bool sync_or_retry(struct dataplane *dp, GError **error)
{
	g_autoptr(GError) failure = NULL;

	g_clear_handle_id(&dp->retry, g_source_remove);
	g_clear_pointer(&dp->error, g_free);
	dataplane_forget_suspects(dp); /* all of it is compared here */
	if (dataplane_sync(dp, &failure)) {
		g_ptr_array_set_size(dp->added, 0);
		dp->synced = true;
		backoff_reset(&dp->backoff);
		return true;
	}
	dataplane_failed(dp, failure);
	g_propagate_error(error, g_steal_pointer(&failure));
	return false;
}

static gboolean on_retry(void *data)
{
	struct dataplane *dp = data;
	g_autoptr(GError) error = NULL;

	dp->retry = 0;
	if (!sync_or_retry(dp, &error))
		log_limited(LOG_LEVEL_ERROR, "%s: %s", dp->ifname, error->message);
	return G_SOURCE_REMOVE;
}

void dataplane_forget_module(struct dataplane *dp)
{
	struct dataplane_peer *peer;
	GHashTableIter iter;

	dp->device = 0;
	g_hash_table_remove_all(dp->by_id);
	g_hash_table_iter_init(&iter, dp->peers);
	while (g_hash_table_iter_next(&iter, NULL, (void **)&peer)) {
		peer->id = 0;
		peer->virtual_endpoint = (struct endpoint){};
		for (guint i = 0; i < peer->paths->len; i++)
			((struct dataplane_path *)peer->paths->pdata[i])->id = 0;
	}
}

void dataplane_module_failed(struct dataplane *dp, const GError *error)
{
	if (g_error_matches(error, NETLINK_ERROR, EPROTONOSUPPORT))
		dataplane_forget_module(dp);
	if (g_strcmp0(dp->module_error, error->message) == 0)
		return;
	g_free(dp->module_error);
	dp->module_error = g_strdup(error->message);
	log_error("%s: %s", dp->ifname, error->message);
}

static struct dataplane_peer *find_peer(struct dataplane *dp, guint32 id)
{
	return g_hash_table_lookup(dp->by_id, GUINT_TO_POINTER(id));
}

static bool is_our_path(struct dataplane *dp, const struct pathnl_path *path)
{
	struct dataplane_peer *peer = find_peer(dp, path->peer);

	return peer && dataplane_find_path_by_id(peer, path->id);
}

/* Somebody may set a policy past this program: it is adopted, and lasts like one of our own. */
static void follow(struct dataplane_path *path, const struct pathnl_path *now)
{
	path->local = now->local;
	path->remote = now->remote;
	path->ifindex = now->ifindex;
	path->state = now->state;
	path->policy = now->policy;
	path->pmtu_bytes = dataplane_pmtu(now);
}

guint32 dataplane_pmtu(const struct pathnl_path *found)
{
	return MAX(found->pmtu_bytes, 0);
}

/* The path in use may be another one, or take other packets. */
static void fit_routes(struct dataplane_peer *peer)
{
	struct dataplane *dp = peer->dp;
	g_autoptr(GError) error = NULL;

	if (!dp->synced || dataplane_routes_fit(peer) || dataplane_sync_routes_to(peer, &error))
		return;
	warn(dp, error);
	schedule_sync(dp, 0);
}

static void on_path(struct dataplane *dp, const struct pathnl_path *now)
{
	struct dataplane_peer *peer = find_peer(dp, now->peer);
	struct dataplane_path *path = peer ? dataplane_find_path_by_id(peer, now->id) : NULL;
	enum wgmesh_path_state before;

	if (!path)
		return;
	before = path->state;
	follow(path, now);
	fit_routes(peer);
	if (peer->events && before != path->state)
		peer->events->path(path, before, peer->events_data);
}

static void on_selection(struct dataplane *dp, const struct pathnl_selection *selection)
{
	struct dataplane_peer *peer = find_peer(dp, selection->peer);

	if (!peer)
		return;
	peer->selected = selection->to;
	fit_routes(peer);
	if (peer->events)
		peer->events->selected(selection->reason, peer->events_data);
}

static gboolean on_missed(void *data)
{
	struct dataplane *dp = data;
	g_autoptr(GArray) missed = dp->missed;

	dp->tell = 0;
	dp->missed = g_array_new(FALSE, FALSE, sizeof(struct pathnl_path));
	for (guint i = 0; i < missed->len; i++)
		on_path(dp, &g_array_index(missed, struct pathnl_path, i));
	return G_SOURCE_REMOVE;
}

void dataplane_missed(struct dataplane *dp, const struct pathnl_path *found)
{
	g_array_append_val(dp->missed, *found);
	if (!dp->tell)
		dp->tell = g_idle_add(on_missed, dp);
}

static void on_module_loaded(struct dataplane *dp)
{
	log_info("%s: the kernel module is there", dp->ifname);
	dataplane_forget_module(dp);
	dataplane_suspect(dp, MENDED_MODULE);
}

static void on_module_gone(struct dataplane *dp)
{
	g_autoptr(GError) error = NULL;

	netlink_fail(&error, EPROTONOSUPPORT,
		     "the kernel module wgmesh was unloaded; load it: modprobe wgmesh");
	dataplane_module_failed(dp, error);
}

/* What we remove ourselves is forgotten before the event comes: so this is somebody else's work. */
static void on_event(const struct pathnl_event *event, void *data)
{
	struct dataplane *dp = data;

	switch (event->type) {
	case PATHNL_MODULE_LOADED:
		on_module_loaded(dp);
		break;
	case PATHNL_MODULE_GONE:
		on_module_gone(dp);
		break;
	case PATHNL_DEVICE_DEL:
		if (dp->device && event->device.id == dp->device) {
			dataplane_forget_module(dp);
			dataplane_suspect(dp, MENDED_MODULE);
		}
		break;
	case PATHNL_PEER_DEL:
		if (g_hash_table_contains(dp->by_id, GUINT_TO_POINTER(event->peer.id)))
			dataplane_suspect(dp, MENDED_MODULE);
		break;
	case PATHNL_PATH_DEL:
		if (is_our_path(dp, &event->path))
			dataplane_suspect(dp, MENDED_MODULE);
		break;
	case PATHNL_LOST:
		dataplane_suspect(dp, MENDED_MODULE);
		break;
	case PATHNL_PATH:
		on_path(dp, &event->path);
		break;
	case PATHNL_SELECTION:
		on_selection(dp, &event->selection);
		break;
	case PATHNL_DEVICE:
	case PATHNL_PEER:
	case PATHNL_BOUNCE:
	case PATHNL_BOUNCE_DEL:
		break;
	}
}

struct dataplane *dataplane_new(const struct dataplane_settings *settings, GError **error)
{
	struct dataplane *dp = g_new0(struct dataplane, 1);

	g_strlcpy(dp->ifname, settings->ifname, sizeof(dp->ifname));
	key_guard(&dp->private_key);
	dp->private_key = *settings->private_key;
	key_derive_public(&dp->private_key, &dp->public_key);
	dp->listen_port = settings->listen_port;
	dp->addresses = g_array_new(FALSE, FALSE, sizeof(struct prefix));
	dp->peers = g_hash_table_new_full(key_hash, key_equal, NULL, free_peer);
	dp->by_id = g_hash_table_new(NULL, NULL);
	dp->routes = g_hash_table_new(prefix_hash, prefix_same);
	dp->suspect_routes = g_hash_table_new(NULL, NULL);
	dp->added = g_ptr_array_new();
	dp->missed = g_array_new(FALSE, FALSE, sizeof(struct pathnl_path));

	dp->rt = netlink_open(NETLINK_ROUTE, error);
	if (dp->rt)
		dp->wg = wireguard_open(error);
	if (dp->wg)
		dp->events = pathnl_events_new(on_event, dp, error);
	if (!dp->events) {
		dataplane_free(dp);
		return NULL;
	}
	return dp;
}

void dataplane_free(struct dataplane *dp)
{
	if (!dp)
		return;
	g_clear_handle_id(&dp->retry, g_source_remove);
	g_clear_handle_id(&dp->tell, g_source_remove);
	g_clear_handle_id(&dp->check, g_source_remove);
	g_clear_handle_id(&dp->look, g_source_remove);
	g_clear_pointer(&dp->sessions, wireguard_device_free);
	g_array_unref(dp->missed);
	pathnl_events_free(dp->events);
	pathnl_close(dp->nl);
	wireguard_close(dp->wg);
	netlink_close(dp->rt);
	g_ptr_array_unref(dp->added);
	g_hash_table_unref(dp->by_id);
	g_hash_table_unref(dp->peers);
	g_hash_table_unref(dp->routes);
	g_hash_table_unref(dp->suspect_routes);
	g_array_unref(dp->addresses);
	key_wipe(&dp->private_key);
	g_free(dp->error);
	g_free(dp->module_error);
	g_free(dp->address_error);
	g_free(dp);
}

bool dataplane_takes(const struct dataplane *dp, const struct prefix *prefix)
{
	return prefix->family != AF_INET6 || dp->ipv6;
}

GArray *dataplane_link_addresses(const struct dataplane *dp)
{
	GArray *addresses = g_array_new(FALSE, FALSE, sizeof(struct prefix));

	for (guint i = 0; i < dp->addresses->len; i++) {
		const struct prefix *address = &g_array_index(dp->addresses, struct prefix, i);

		if (dataplane_takes(dp, address))
			g_array_append_vals(addresses, address, 1);
	}
	return addresses;
}

bool dataplane_has_prefix(const GArray *prefixes, const struct prefix *prefix)
{
	for (guint i = 0; i < prefixes->len; i++) {
		if (prefix_equal(&g_array_index(prefixes, struct prefix, i), prefix))
			return true;
	}
	return false;
}

static void copy_prefixes(GArray *to, const GArray *from)
{
	g_array_set_size(to, 0);
	g_array_append_vals(to, from->data, MIN(from->len, DATAPLANE_ADDRESSES));
}

void dataplane_set_addresses(struct dataplane *dp, const GArray *addresses)
{
	if (dp->wanted && prefix_equal_lists(dp->addresses, addresses))
		return;
	copy_prefixes(dp->addresses, addresses);
	dp->wanted = true;
	dp->synced = false;
}

void dataplane_set_network(struct dataplane *dp, const char *tag)
{
	char before[sizeof(dp->network)];

	memcpy(before, dp->network, sizeof(before));
	g_snprintf(dp->network, sizeof(dp->network), DATAPLANE_NETWORK_PREFIX "%s", tag);
	if (strcmp(before, dp->network) == 0)
		return;
	dp->synced = false;
	if (dp->ifindex && *before)
		link_remove_altname(dp->rt, dp->ifindex, before, NULL);
}

void dataplane_set_mtu(struct dataplane *dp, guint32 underlay_bytes)
{
	guint32 mtu_bytes = path_mtu_inside_any(underlay_bytes);

	if (!underlay_bytes || dp->mtu_bytes == mtu_bytes)
		return;
	dp->mtu_bytes = mtu_bytes;
	if (dp->synced)
		schedule_sync(dp, 0);
}

static struct dataplane_peer *new_peer(struct dataplane *dp, const struct key *key)
{
	struct dataplane_peer *peer = g_new0(struct dataplane_peer, 1);

	peer->dp = dp;
	peer->key = *key;
	peer->addresses = g_array_new(FALSE, FALSE, sizeof(struct prefix));
	peer->paths = g_ptr_array_new_with_free_func(g_free);
	g_hash_table_insert(dp->peers, &peer->key, peer);
	return peer;
}

struct dataplane_peer *dataplane_set_peer(struct dataplane *dp, const struct key *key,
					  const GArray *addresses)
{
	struct dataplane_peer *peer = g_hash_table_lookup(dp->peers, key);

	if (!peer) {
		peer = new_peer(dp, key);
		copy_prefixes(peer->addresses, addresses);
		dataplane_expect_routes(peer);
		g_ptr_array_add(dp->added, peer);
	} else if (!prefix_equal_lists(peer->addresses, addresses)) {
		copy_prefixes(peer->addresses, addresses);
		dataplane_expect_routes(peer);
		dp->synced = false;
	}
	return peer;
}

static void remove_from_module(struct dataplane_peer *peer)
{
	g_autoptr(GError) error = NULL;
	guint32 id = peer->id;

	if (!id)
		return;
	g_hash_table_remove(peer->dp->by_id, GUINT_TO_POINTER(id));
	if (!pathnl_peer_del(peer->dp->nl, id, &error) &&
	    !g_error_matches(error, NETLINK_ERROR, ENOENT))
		warn(peer->dp, error);
}

static void remove_from_wireguard(struct dataplane_peer *peer)
{
	struct wireguard_peer remove = {
		.change = WIREGUARD_REMOVE,
		.public_key = peer->key,
		.keepalive_s = WIREGUARD_KEEP,
	};
	struct dataplane *dp = peer->dp;
	g_autoptr(GError) error = NULL;

	if (!dp->ifindex)
		return;
	if (!wireguard_set_peers(dp->wg, dp->ifindex, &remove, 1, &error)) {
		warn(dp, error);
		g_clear_error(&error);
	}
	for (guint i = 0; i < peer->addresses->len; i++) {
		const struct prefix *address = &g_array_index(peer->addresses, struct prefix, i);

		if (dataplane_takes(dp, address) &&
		    !link_remove_route(dp->rt, dp->ifindex, address, &error)) {
			warn(dp, error);
			g_clear_error(&error);
		}
	}
}

void dataplane_remove_peer(struct dataplane *dp, struct dataplane_peer *peer)
{
	remove_from_wireguard(peer);
	remove_from_module(peer);
	g_ptr_array_remove(dp->added, peer);
	g_hash_table_remove(dp->peers, &peer->key);
}

bool dataplane_apply(struct dataplane *dp, bool complete, GError **error)
{
	if (complete && !dp->complete) {
		dp->complete = true;
		dp->synced = false;
	}
	if (!dp->wanted)
		return true;
	for (guint i = 0; dp->synced && i < dp->added->len; i++) {
		if (!dataplane_sync_peer(dp->added->pdata[i], NULL))
			dp->synced = false;
	}
	if (!dp->synced)
		return sync_or_retry(dp, error);
	g_ptr_array_set_size(dp->added, 0);
	return true;
}

bool dataplane_remove(struct dataplane *dp, GError **error)
{
	g_autoptr(GError) failure = NULL;
	guint32 device = dp->device;
	struct link link;

	dp->wanted = dp->synced = dp->complete = false;
	dataplane_forget_suspects(dp);
	g_clear_handle_id(&dp->retry, g_source_remove);
	dataplane_forget_module(dp);
	g_ptr_array_set_size(dp->added, 0);
	g_hash_table_remove_all(dp->peers);
	g_clear_pointer(&dp->address_error, g_free);
	dp->ifindex = 0;

	/* the module forgets it with the interface, too; this way its events come in order */
	if (device)
		pathnl_device_del(dp->nl, device, NULL);
	if (dataplane_owns_interface(dp, &link, NULL, &failure) &&
	    link_delete(dp->rt, link.ifindex, &failure))
		return true;
	if (g_error_matches(failure, NETLINK_ERROR, ENODEV))
		return true;
	g_propagate_error(error, g_steal_pointer(&failure));
	return false;
}

struct dataplane_path *dataplane_find_path(const struct dataplane_peer *peer,
					   const struct endpoint *local,
					   const struct endpoint *remote, guint16 channel)
{
	for (guint i = 0; i < peer->paths->len; i++) {
		struct dataplane_path *path = peer->paths->pdata[i];

		if (path->channel == channel && endpoint_equal(&path->local, local) &&
		    endpoint_equal(&path->remote, remote))
			return path;
	}
	return NULL;
}

struct dataplane_path *dataplane_find_path_by_id(const struct dataplane_peer *peer, guint32 id)
{
	for (guint i = 0; id && i < peer->paths->len; i++) {
		struct dataplane_path *path = peer->paths->pdata[i];

		if (path->id == id)
			return path;
	}
	return NULL;
}

struct dataplane_path *dataplane_new_path(struct dataplane_peer *peer,
					  const struct dataplane_path *wanted)
{
	struct dataplane_path *path = g_memdup2(wanted, sizeof(*wanted));

	path->id = 0;
	path->state = WGMESH_PATH_STATE_UNTESTED;
	path->pmtu_bytes = 0;
	g_ptr_array_add(peer->paths, path);
	return path;
}

static struct pathnl_path for_module(const struct dataplane_peer *peer,
				     const struct dataplane_path *path)
{
	return (struct pathnl_path){
		.peer = peer->id,
		.local = path->local,
		.remote = path->remote,
		.channel = path->channel,
		.ifindex = path->ifindex,
		.kind = path->kind,
		.priority = path->priority,
	};
}

/* A path is found by its endpoints, and the kernel may have moved it since it told us of them. */
static void catch_up(struct dataplane_peer *peer, struct dataplane_path *path)
{
	struct pathnl_path now;

	if (path->id && pathnl_path_get(peer->dp->nl, path->id, &now, NULL))
		follow(path, &now);
}

bool dataplane_put_path(struct dataplane_peer *peer, struct dataplane_path *path, GError **error)
{
	struct pathnl_path set;

	catch_up(peer, path);
	set = for_module(peer, path);
	if (!pathnl_path_set(peer->dp->nl, &set, &set, error))
		return false;
	path->id = set.id;
	path->state = set.state;
	path->pmtu_bytes = dataplane_pmtu(&set);
	if (set.selected)
		peer->selected = set.id;
	return set.policy == path->policy ||
	       pathnl_path_set_policy(peer->dp->nl, &set, path->policy, NULL, error);
}

/*
 * Give the module a path. When it lost what it had (unloaded, interface deleted), the path waits
 * for the next sync, and all is well as far as the caller is concerned.
 */
static bool put_path_now_or_later(struct dataplane_peer *peer, struct dataplane_path *path,
				  GError **error)
{
	struct dataplane *dp = peer->dp;
	g_autoptr(GError) failure = NULL;

	if (!peer->id || dataplane_put_path(peer, path, &failure))
		return true;
	if (g_error_matches(failure, NETLINK_ERROR, EPROTONOSUPPORT)) {
		dataplane_module_failed(dp, failure);
		return true;
	}
	if (g_error_matches(failure, NETLINK_ERROR, ENOENT)) {
		schedule_sync(dp, 0);
		return true;
	}
	g_propagate_error(error, g_steal_pointer(&failure));
	return false;
}

/* The kernel has just moved a path to where one is wanted, and its event has not come yet. */
static struct dataplane_path *find_moved(const struct dataplane_peer *peer,
					 const struct dataplane_path *added)
{
	for (guint i = 0; added->id && i < peer->paths->len; i++) {
		struct dataplane_path *path = peer->paths->pdata[i];

		if (path != added && path->id == added->id)
			return path;
	}
	return NULL;
}

/*
 * Two peers have named the same relayed endpoint, and one of them at most is there. A probe that was
 * answered tells which, so a path without one makes way: if it was the right one, it is tried again.
 */
static bool make_way(struct dataplane_peer *peer, const struct dataplane_path *wanted,
		     GError **error)
{
	struct dataplane_path *path = NULL;
	struct dataplane_peer *other;
	GHashTableIter iter;

	g_hash_table_iter_init(&iter, peer->dp->peers);
	while (!path && g_hash_table_iter_next(&iter, NULL, (void **)&other)) {
		if (other != peer)
			path = dataplane_find_path(other, &wanted->local, &wanted->remote,
						   wanted->channel);
	}
	if (!path)
		return true;
	if (path->state != WGMESH_PATH_STATE_UNTESTED)
		return netlink_fail(error, EEXIST,
				    "another peer answers at the relayed endpoint that the peer "
				    "names");
	if (other->events)
		other->events->claimed(path, other->events_data);
	else
		dataplane_remove_path(other, path);
	return true;
}

struct dataplane_path *dataplane_add_path(struct dataplane_peer *peer,
					  const struct dataplane_path *wanted, GError **error)
{
	struct dataplane_path *path =
		dataplane_find_path(peer, &wanted->local, &wanted->remote, wanted->channel);
	struct dataplane_path *moved;

	if (path)
		return path;
	if (wanted->kind == WGMESH_PATH_KIND_RELAY && !make_way(peer, wanted, error))
		return NULL;
	path = dataplane_new_path(peer, wanted);
	if (!put_path_now_or_later(peer, path, error)) {
		g_ptr_array_remove(peer->paths, path);
		return NULL;
	}
	moved = find_moved(peer, path);
	if (!moved)
		return path;
	moved->local = path->local;
	moved->remote = path->remote;
	moved->ifindex = path->ifindex;
	g_ptr_array_remove(peer->paths, path);
	return dataplane_set_priority(peer, moved, moved->priority, error) ? moved : NULL;
}

bool dataplane_set_priority(struct dataplane_peer *peer, struct dataplane_path *path,
			    guint32 priority, GError **error)
{
	path->priority = priority;
	return put_path_now_or_later(peer, path, error);
}

bool dataplane_set_policy(struct dataplane_peer *peer, struct dataplane_path *path,
			  enum wgmesh_path_policy policy, GError **error)
{
	struct pathnl_path set;

	catch_up(peer, path);
	set = for_module(peer, path);
	if (path->id && !pathnl_path_set_policy(peer->dp->nl, &set, policy, NULL, error))
		return false;
	path->policy = policy;
	return true;
}

void dataplane_remove_path(struct dataplane_peer *peer, struct dataplane_path *path)
{
	g_autoptr(GError) error = NULL;
	guint32 id = path->id;

	g_ptr_array_remove(peer->paths, path);
	if (id && !pathnl_path_del(peer->dp->nl, id, &error) &&
	    !g_error_matches(error, NETLINK_ERROR, ENOENT) &&
	    !g_error_matches(error, NETLINK_ERROR, EPROTONOSUPPORT))
		warn(peer->dp, error);
}

void dataplane_watch_peer(struct dataplane_peer *peer, const struct dataplane_peer_events *events,
			  void *data)
{
	peer->events = events;
	peer->events_data = data;
}

const struct dataplane_path *dataplane_selected(const struct dataplane_peer *peer)
{
	return dataplane_find_path_by_id(peer, peer->selected);
}

const GPtrArray *dataplane_paths(const struct dataplane_peer *peer)
{
	return peer->paths;
}

bool dataplane_read_path(struct dataplane_peer *peer, const struct dataplane_path *path,
			 struct pathnl_path *read)
{
	return path->id && pathnl_path_get(peer->dp->nl, path->id, read, NULL);
}

bool dataplane_read_peer(struct dataplane_peer *peer, struct pathnl_peer *read)
{
	return peer->id && pathnl_peer_get(peer->dp->nl, peer->id, read, NULL);
}

void dataplane_connect(struct dataplane_peer *peer)
{
	struct dataplane *dp = peer->dp;
	struct wireguard_peer update = {
		.change = WIREGUARD_UPDATE,
		.public_key = peer->key,
		.endpoint = peer->virtual_endpoint,
		.keepalive_s = DATAPLANE_KEEPALIVE_S,
	};
	g_autoptr(GError) error = NULL;

	if (peer->connected)
		return;
	peer->connected = true;
	peer->shaken_us = g_get_monotonic_time();

	/* without the module there is no endpoint yet: the sync that comes with it does the rest */
	if (!dp->ifindex || !peer->id)
		return;
	if (!wireguard_set_peers(dp->wg, dp->ifindex, &update, 1, &error)) {
		warn(dp, error);
		schedule_sync(dp, 0);
	}
}

void dataplane_note_handshake(struct dataplane_peer *peer, const struct wireguard_peer *found)
{
	struct timespec now;

	clock_gettime(CLOCK_BOOTTIME, &now);
	handshake_note(&peer->handshake, found ? found->last_handshake : 0,
		       g_get_real_time() / G_USEC_PER_SEC,
		       now.tv_sec * G_USEC_PER_SEC + now.tv_nsec / 1000);
}

/* What was read before WireGuard was made to forget the peer tells of what it has forgotten. */
static bool look_at_handshake(struct dataplane_peer *peer)
{
	struct dataplane *dp = peer->dp;
	gint64 now_us = g_get_monotonic_time();

	if (!dp->sessions || now_us - dp->sessions_us > SESSIONS_KNOWN_US) {
		g_clear_pointer(&dp->sessions, wireguard_device_free);
		dp->sessions = dataplane_read_peers(dp);
		dp->sessions_us = now_us;
	}
	if (dp->sessions && dp->sessions_us > peer->shaken_us)
		dataplane_note_handshake(peer, wireguard_find_peer(dp->sessions, &peer->key));
	return dp->sessions;
}

/* Where WireGuard does not say, it is not made to forget one. */
static bool has_session(struct dataplane_peer *peer)
{
	return !look_at_handshake(peer) ||
	       handshake_has_session(&peer->handshake, peer->handshake.looked_us);
}

bool dataplane_has_never_shaken(struct dataplane_peer *peer)
{
	return look_at_handshake(peer) && !peer->handshake.told_s;
}

void dataplane_doubt_session(struct dataplane_peer *peer)
{
	look_at_handshake(peer);
	handshake_doubt(&peer->handshake);
}

/* A session that has just begun is not to be taken for the one before. */
bool dataplane_lose_session(struct dataplane_peer *peer)
{
	struct dataplane *dp = peer->dp;

	if (!peer->handshake.doubted || !peer->handshake.told_s)
		return false;
	g_clear_pointer(&dp->sessions, wireguard_device_free);
	return look_at_handshake(peer) && handshake_lose(&peer->handshake);
}

/*
 * WireGuard forgets when it began a handshake last, which would make it wait; and the time of the
 * last initiation that it took, so that a peer is heard again whose clock was set back since. There
 * is no session that could be lost; what waits for one, 128 packets of programs at most, is.
 */
void dataplane_shake_hands(struct dataplane_peer *peer)
{
	struct dataplane *dp = peer->dp;
	struct wireguard_peer set = {
		.change = WIREGUARD_REMOVE,
		.public_key = peer->key,
		.keepalive_s = WIREGUARD_KEEP,
	};
	g_autoptr(GError) error = NULL;

	if (!peer->connected) {
		dataplane_connect(peer);
		return;
	}
	if (!dp->ifindex || !peer->id || !dp->synced ||
	    g_get_monotonic_time() - peer->shaken_us < SHAKE_AGAIN_US || has_session(peer))
		return;
	peer->shaken_us = g_get_monotonic_time();
	if (wireguard_set_peers(dp->wg, dp->ifindex, &set, 1, &error)) {
		dataplane_note_handshake(peer, NULL);
		set.change = WIREGUARD_SET;
		set.endpoint = peer->virtual_endpoint;
		set.keepalive_s = DATAPLANE_KEEPALIVE_S;
		set.allowed_ips = peer->addresses;
		wireguard_set_peers(dp->wg, dp->ifindex, &set, 1, &error);
	}
	if (!error)
		return;
	warn(dp, error);
	schedule_sync(dp, 0);
}

bool dataplane_is_connected(const struct dataplane_peer *peer)
{
	return peer->connected;
}

const struct endpoint *dataplane_virtual_endpoint(const struct dataplane_peer *peer)
{
	return &peer->virtual_endpoint;
}

struct wireguard_device *dataplane_read_peers(struct dataplane *dp)
{
	return dp->ifindex ? wireguard_get_device(dp->wg, dp->ifindex, NULL) : NULL;
}

const char *dataplane_ifname(const struct dataplane *dp)
{
	return dp->ifname;
}

bool dataplane_has_ipv6(const struct dataplane *dp)
{
	return !dp->ifindex || dp->ipv6;
}

const struct mended *dataplane_mendings(const struct dataplane *dp)
{
	return &dp->mended;
}

const char *dataplane_module_error(const struct dataplane *dp)
{
	return dp->module_error;
}

const char *dataplane_error(const struct dataplane *dp)
{
	return dp->error;
}
