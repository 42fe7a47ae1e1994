// SPDX-License-Identifier: GPL-2.0
/* Device, peers and paths of the module: what is wanted compared with what it has. */
#include <errno.h>
#include <sodium.h>

#include "dataplane-private.h"
#include "lib/log.h"
#include "lib/probekey.h"

void dataplane_found_peer(struct dataplane_peer *peer, const struct pathnl_peer *found)
{
	peer->id = found->id;
	peer->virtual_endpoint = found->virtual_endpoint;
	peer->selected = found->selected_path;
	g_hash_table_insert(peer->dp->by_id, GUINT_TO_POINTER(peer->id), peer);
}

/* Of a public key that gives no secret its owner can have no session either. */
static bool put_peer(struct dataplane_peer *peer, struct pathnl_peer *set, GError **error)
{
	struct dataplane *dp = peer->dp;
	struct pathnl_probe_keys keys;
	bool has_keys = probekey_derive(&dp->private_key, &peer->key, &keys, NULL);
	bool done = pathnl_peer_configure(dp->nl, dp->device, &peer->key, NULL,
					  has_keys ? &keys : NULL, set, error);

	sodium_memzero(&keys, sizeof(keys));
	return done;
}

static void forget_peer_ids(struct dataplane *dp)
{
	struct dataplane_peer *peer;
	GHashTableIter iter;

	g_hash_table_remove_all(dp->by_id);
	g_hash_table_iter_init(&iter, dp->peers);
	while (g_hash_table_iter_next(&iter, NULL, (void **)&peer))
		peer->id = 0;
}

/* The keys stay what they are as long as the private key does. */
static bool sync_module_peers(struct dataplane *dp, GError **error)
{
	g_autoptr(GArray) there = pathnl_peer_dump(dp->nl, dp->device, error);
	struct dataplane_peer *peer;
	struct pathnl_peer set;
	GHashTableIter iter;

	if (!there)
		return false;

	/* one that somebody else removed is to be noticed */
	forget_peer_ids(dp);
	for (guint i = 0; i < there->len; i++) {
		const struct pathnl_peer *found = &g_array_index(there, struct pathnl_peer, i);

		peer = g_hash_table_lookup(dp->peers, &found->public_key);
		if (peer && found->probing)
			dataplane_found_peer(peer, found);
		else if (peer)
			continue;
		else if (dp->complete && !pathnl_peer_del(dp->nl, found->id, error))
			return false;
	}
	g_hash_table_iter_init(&iter, dp->peers);
	while (g_hash_table_iter_next(&iter, NULL, (void **)&peer)) {
		if (peer->id)
			continue;
		if (!put_peer(peer, &set, error))
			return false;
		dataplane_mended(dp, MENDED_MODULE, 1);
		dataplane_found_peer(peer, &set);
	}
	return true;
}

/* One path that the kernel does not want (its address is gone, say) is no reason to stop. */
static bool put_path(struct dataplane_peer *peer, struct dataplane_path *path, GError **error)
{
	g_autoptr(GError) failure = NULL;

	if (dataplane_put_path(peer, path, &failure)) {
		dataplane_mended(peer->dp, MENDED_MODULE, 1);
		return true;
	}
	if (!g_error_matches(failure, NETLINK_ERROR, EPROTONOSUPPORT)) {
		log_limited(LOG_LEVEL_WARNING, "%s: %s", peer->dp->ifname, failure->message);
		return true;
	}
	g_propagate_error(error, g_steal_pointer(&failure));
	return false;
}

static struct dataplane_peer *peer_of(struct dataplane *dp, const struct pathnl_path *found)
{
	return g_hash_table_lookup(dp->by_id, GUINT_TO_POINTER(found->peer));
}

/* One of ours, wherever the kernel has moved it. */
static bool found_known_path(struct dataplane_peer *peer, struct dataplane_path *path,
			     const struct pathnl_path *found, GError **error)
{
	dataplane_missed(peer->dp, found);
	return path->priority == found->priority || put_path(peer, path, error);
}

/* A path that we do not know by its number: ours, one to adopt, or one that nobody wants. */
static bool found_path(struct dataplane_peer *peer, const struct pathnl_path *found, GError **error)
{
	struct dataplane_path adopted = {
		.local = found->local,
		.remote = found->remote,
		.channel = found->channel,
		.ifindex = found->ifindex,
		.kind = found->kind,
		.priority = found->priority,
	};
	struct dataplane_path *path =
		dataplane_find_path(peer, &found->local, &found->remote, found->channel);

	if (!path && peer->adopted)
		return pathnl_path_del(peer->dp->nl, found->id, error);
	if (!path)
		path = dataplane_new_path(peer, &adopted);
	path->id = found->id;
	path->ifindex = found->ifindex;
	path->policy = found->policy;
	path->state = found->state;
	path->pmtu_bytes = dataplane_pmtu(found);
	return path->priority == found->priority || put_path(peer, path, error);
}

/* What is done with each path; false, with @error, ends it. */
typedef bool (*path_function)(struct dataplane_peer *peer, struct dataplane_path *path, void *data,
			      GError **error);

static bool for_each_path(struct dataplane *dp, path_function function, void *data, GError **error)
{
	struct dataplane_peer *peer;
	GHashTableIter iter;

	g_hash_table_iter_init(&iter, dp->peers);
	while (g_hash_table_iter_next(&iter, NULL, (void **)&peer)) {
		for (guint i = 0; i < peer->paths->len; i++) {
			if (!function(peer, peer->paths->pdata[i], data, error))
				return false;
		}
	}
	return true;
}

/* Paths that somebody else removed lose their number. */
static bool forget_if_removed(struct dataplane_peer *peer, struct dataplane_path *path, void *there,
			      G_GNUC_UNUSED GError **error)
{
	const struct pathnl_path *found = g_hash_table_lookup(there, GUINT_TO_POINTER(path->id));

	if (!found || found->peer != peer->id)
		path->id = 0;
	return true;
}

static bool put_if_missing(struct dataplane_peer *peer, struct dataplane_path *path,
			   G_GNUC_UNUSED void *data, GError **error)
{
	return path->id || put_path(peer, path, error);
}

static bool sync_module_paths(struct dataplane *dp, GError **error)
{
	g_autoptr(GArray) there = pathnl_path_dump(dp->nl, 0, error);
	g_autoptr(GHashTable) by_id = g_hash_table_new(NULL, NULL);

	if (!there)
		return false;
	for (guint i = 0; i < there->len; i++) {
		struct pathnl_path *found = &g_array_index(there, struct pathnl_path, i);

		g_hash_table_insert(by_id, GUINT_TO_POINTER(found->id), found);
	}
	for_each_path(dp, forget_if_removed, by_id, NULL);
	for (guint i = 0; i < there->len; i++) {
		const struct pathnl_path *found = &g_array_index(there, struct pathnl_path, i);
		struct dataplane_peer *peer = peer_of(dp, found);
		struct dataplane_path *path =
			peer ? dataplane_find_path_by_id(peer, found->id) : NULL;

		if (path && !found_known_path(peer, path, found, error))
			return false;
		if (peer && !path && !found_path(peer, found, error))
			return false;
	}
	return for_each_path(dp, put_if_missing, NULL, error);
}

bool dataplane_sync_module(struct dataplane *dp, const struct wireguard_device *found,
			   GError **error)
{
	struct pathnl_device device;

	if (!dp->nl)
		dp->nl = pathnl_open(error);
	if (!dp->nl || !pathnl_device_set(dp->nl, dp->ifindex, -1, found->listen_port,
					  found->fwmark, &device, error))
		return false;
	dp->module_port = found->listen_port;
	dp->fwmark = found->fwmark;
	if (dp->device != device.id)
		dataplane_forget_module(dp);
	dp->device = device.id;
	return sync_module_peers(dp, error) && sync_module_paths(dp, error);
}

bool dataplane_sync_peer_in_module(struct dataplane_peer *peer, GError **error)
{
	struct dataplane *dp = peer->dp;
	struct pathnl_peer set;

	if (!dp->device)
		return true;
	if (!put_peer(peer, &set, error))
		return false;
	dataplane_found_peer(peer, &set);
	if (set.paths == 0) {
		peer->adopted = true;
		return true;
	}
	return netlink_fail(error, EEXIST, "the peer has paths that are to be adopted");
}
