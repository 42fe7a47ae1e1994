// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <sodium.h>
#include <string.h>

#include "../lib/log.h"
#include "../lib/probekey.h"
#include "dataplane-private.h"
#include "path-mtu.h"

/* The interface */

bool dataplane_owns_interface(struct dataplane *dp, struct link *link,
			      struct wireguard_device **device, GError **error)
{
	g_autoptr(wireguard_device) found = NULL;

	if (!link_find_wireguard(dp->rt, dp->ifname, link, error))
		return false;
	found = wireguard_get_device(dp->wg, link->ifindex, error);
	if (!found)
		return false;

	/* without a key it is one that we made, and were killed before we gave it one */
	if (found->has_private_key && !key_equal(&found->public_key, &dp->public_key))
		return netlink_fail(error, EEXIST,
				    "the interface %s has the private key of somebody else; give "
				    "another name with --interface, or remove it: ip link del %s",
				    dp->ifname, dp->ifname);
	if (device)
		*device = g_steal_pointer(&found);
	return true;
}

static bool find_or_create(struct dataplane *dp, struct link *link,
			   struct wireguard_device **device, GError **error)
{
	g_autoptr(GError) failure = NULL;

	if (dataplane_owns_interface(dp, link, device, &failure))
		return true;
	if (!g_error_matches(failure, NETLINK_ERROR, ENODEV)) {
		g_propagate_error(error, g_steal_pointer(&failure));
		return false;
	}
	if (!link_create_wireguard(dp->rt, dp->ifname, link, error))
		return false;
	log_info("%s: made the interface", dp->ifname);
	*device = wireguard_get_device(dp->wg, link->ifindex, error);
	return *device;
}

static bool set_key_and_port(struct dataplane *dp, const struct wireguard_device *device,
			     GError **error)
{
	bool other_port = dp->listen_port && device->listen_port != dp->listen_port;
	struct wireguard_settings settings = {
		.private_key = &dp->private_key,
		.listen_port = other_port ? dp->listen_port : WIREGUARD_KEEP,
		.fwmark = WIREGUARD_KEEP,
	};

	if (device->has_private_key && !other_port)
		return true;
	return wireguard_set_device(dp->wg, device->ifindex, &settings, error);
}

static void take_note_of_link(struct dataplane *dp, const struct link *link)
{
	bool is_new = link->ifindex != dp->ifindex;

	if (is_new)
		dataplane_forget_module(dp);
	if (!link->ipv6 && (is_new || dp->ipv6))
		log_info("%s: IPv6 is turned off here: the network is reached by IPv4 alone",
			 dp->ifname);
	dp->ifindex = link->ifindex;
	dp->link_mtu_bytes = link->mtu_bytes;
	dp->ipv6 = link->ipv6;
}

/* Setting it up chooses its port, and its MTU decides whether it takes IPv6. */
static bool sync_interface(struct dataplane *dp, struct wireguard_device **device, GError **error)
{
	g_autoptr(wireguard_device) found = NULL;
	struct link link;
	bool other_mtu;

	if (!find_or_create(dp, &link, &found, error) || !set_key_and_port(dp, found, error))
		return false;
	other_mtu = dp->mtu_bytes && link.mtu_bytes != dp->mtu_bytes;
	if ((!link.up || other_mtu) &&
	    (!link_set_up(dp->rt, link.ifindex, dp->mtu_bytes, error) ||
	     !link_find(dp->rt, dp->ifname, &link, error)))
		return false;
	take_note_of_link(dp, &link);
	*device = wireguard_get_device(dp->wg, link.ifindex, error);
	return *device;
}

static bool sync_addresses(struct dataplane *dp, GError **error)
{
	g_autoptr(GArray) there = link_list_addresses(dp->rt, dp->ifindex, error);
	g_autoptr(GArray) wanted = dataplane_link_addresses(dp);

	if (!there)
		return false;
	for (guint i = 0; i < there->len; i++) {
		const struct prefix *address = &g_array_index(there, struct prefix, i);

		if (!dataplane_has_prefix(wanted, address) &&
		    !link_remove_address(dp->rt, dp->ifindex, address, error))
			return false;
	}
	for (guint i = 0; i < wanted->len; i++) {
		const struct prefix *address = &g_array_index(wanted, struct prefix, i);

		if (!dataplane_has_prefix(there, address) &&
		    !link_add_address(dp->rt, dp->ifindex, address, error))
			return false;
	}
	return true;
}

/* The module */

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
		dataplane_found_peer(peer, &set);
	}
	return true;
}

/* One path that the kernel does not want (its address is gone, say) is no reason to stop. */
static bool put_path(struct dataplane_peer *peer, struct dataplane_path *path, GError **error)
{
	g_autoptr(GError) failure = NULL;

	if (dataplane_put_path(peer, path, &failure))
		return true;
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
	path->policy = found->policy;
	path->state = found->state;
	path->pmtu_bytes = dataplane_pmtu(found);
	return path->priority == found->priority || put_path(peer, path, error);
}

/* Paths that somebody else removed lose their number. */
static void forget_removed_paths(struct dataplane *dp, GHashTable *there)
{
	struct dataplane_peer *peer;
	GHashTableIter iter;

	g_hash_table_iter_init(&iter, dp->peers);
	while (g_hash_table_iter_next(&iter, NULL, (void **)&peer)) {
		for (guint i = 0; i < peer->paths->len; i++) {
			struct dataplane_path *path = peer->paths->pdata[i];
			const struct pathnl_path *found =
				g_hash_table_lookup(there, GUINT_TO_POINTER(path->id));

			if (!found || found->peer != peer->id)
				path->id = 0;
		}
	}
}

static bool put_missing_paths(struct dataplane *dp, GError **error)
{
	struct dataplane_peer *peer;
	GHashTableIter iter;

	g_hash_table_iter_init(&iter, dp->peers);
	while (g_hash_table_iter_next(&iter, NULL, (void **)&peer)) {
		for (guint i = 0; i < peer->paths->len; i++) {
			struct dataplane_path *path = peer->paths->pdata[i];

			if (!path->id && !put_path(peer, path, error))
				return false;
		}
	}
	return true;
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
	forget_removed_paths(dp, by_id);
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
	return put_missing_paths(dp, error);
}

static bool sync_module(struct dataplane *dp, guint16 listen_port, GError **error)
{
	struct pathnl_device device;

	if (!dp->nl)
		dp->nl = pathnl_open(error);
	if (!dp->nl || !pathnl_device_set(dp->nl, dp->ifindex, -1, listen_port, &device, error))
		return false;
	if (dp->device != device.id)
		dataplane_forget_module(dp);
	dp->device = device.id;
	return sync_module_peers(dp, error) && sync_module_paths(dp, error);
}

/* WireGuard */

struct changes {
	GArray *remove;
	GArray *set;
};

/*
 * Whether to start with what WireGuard has for this peer: an endpoint that leads nowhere would make
 * it send handshakes into the void. It cannot be taken away but with the peer.
 */
static bool adopt(struct dataplane_peer *peer, const struct wireguard_peer *there)
{
	bool has_path = peer->paths->len > 0;

	peer->adopted = true;
	if (!there || !endpoint_is_set(&there->endpoint))
		return true;
	peer->connected = has_path;
	return has_path;
}

static void compare_peer(struct dataplane_peer *peer, const struct wireguard_peer *there,
			 struct changes *changes)
{
	bool module = peer->id;
	struct wireguard_peer set = {
		.change = WIREGUARD_SET,
		.public_key = peer->key,
		.keepalive_s = WIREGUARD_KEEP,
	};

	if (module && !peer->adopted && !adopt(peer, there)) {
		set.change = WIREGUARD_REMOVE;
		g_array_append_val(changes->remove, set);
		set.change = WIREGUARD_SET;
		there = NULL;
	}
	if (!there || !dataplane_same_set(peer->addresses, there->allowed_ips))
		set.allowed_ips = peer->addresses;
	if (module && peer->connected &&
	    (!there || !endpoint_equal(&there->endpoint, &peer->virtual_endpoint)))
		set.endpoint = peer->virtual_endpoint;
	if (module && peer->connected && (!there || there->keepalive_s != DATAPLANE_KEEPALIVE_S))
		set.keepalive_s = DATAPLANE_KEEPALIVE_S;
	if (set.allowed_ips || endpoint_is_set(&set.endpoint) || set.keepalive_s != WIREGUARD_KEEP)
		g_array_append_val(changes->set, set);
}

static GHashTable *by_key(const struct wireguard_device *device)
{
	GHashTable *table = g_hash_table_new(key_hash, key_equal);

	for (guint i = 0; i < device->peers->len; i++) {
		struct wireguard_peer *peer =
			&g_array_index(device->peers, struct wireguard_peer, i);

		g_hash_table_insert(table, &peer->public_key, peer);
	}
	return table;
}

static void remove_unknown_peers(struct dataplane *dp, const struct wireguard_device *device,
				 GArray *remove)
{
	for (guint i = 0; i < device->peers->len; i++) {
		struct wireguard_peer unknown = {
			.change = WIREGUARD_REMOVE,
			.public_key =
				g_array_index(device->peers, struct wireguard_peer, i).public_key,
			.keepalive_s = WIREGUARD_KEEP,
		};

		if (!g_hash_table_contains(dp->peers, &unknown.public_key))
			g_array_append_val(remove, unknown);
	}
}

static bool sync_wireguard(struct dataplane *dp, const struct wireguard_device *device,
			   GError **error)
{
	g_autoptr(GArray) remove = g_array_new(FALSE, FALSE, sizeof(struct wireguard_peer));
	g_autoptr(GArray) set = g_array_new(FALSE, FALSE, sizeof(struct wireguard_peer));
	g_autoptr(GHashTable) there = by_key(device);
	struct changes changes = { .remove = remove, .set = set };
	struct dataplane_peer *peer;
	GHashTableIter iter;

	g_hash_table_iter_init(&iter, dp->peers);
	while (g_hash_table_iter_next(&iter, NULL, (void **)&peer))
		compare_peer(peer, g_hash_table_lookup(there, &peer->key), &changes);
	if (dp->complete)
		remove_unknown_peers(dp, device, remove);
	return wireguard_set_peers(dp->wg, dp->ifindex, (void *)remove->data, remove->len,
				   error) &&
	       wireguard_set_peers(dp->wg, dp->ifindex, (void *)set->data, set->len, error);
}

/* Routes */

static char *prefix_text(const struct prefix *prefix)
{
	char text[PREFIX_STRLEN];

	return g_strdup(prefix_print(prefix, text));
}

/* What the routes to a peer are to have: no more than the interface takes is as good as none. */
static guint32 route_mtu(const struct dataplane_peer *peer)
{
	guint32 mtu_bytes = path_mtu_inside(dataplane_selected(peer));

	return mtu_bytes < peer->dp->link_mtu_bytes ? mtu_bytes : 0;
}

bool dataplane_routes_fit(const struct dataplane_peer *peer)
{
	return route_mtu(peer) == peer->route_mtu_bytes;
}

static void add_wanted_routes(struct dataplane_peer *peer, GArray *wanted)
{
	peer->route_mtu_bytes = route_mtu(peer);
	for (guint i = 0; i < peer->addresses->len; i++) {
		struct link_route route = {
			.destination = g_array_index(peer->addresses, struct prefix, i),
		};

		if (!dataplane_takes(peer->dp, &route.destination))
			continue;
		if (peer->route_mtu_bytes)
			route.mtu_bytes = path_mtu_of_family(peer->route_mtu_bytes,
							     route.destination.family);
		g_array_append_val(wanted, route);
	}
}

static bool add_routes(struct dataplane *dp, const GArray *wanted, GError **error)
{
	for (guint i = 0; i < wanted->len; i++) {
		if (!link_add_route(dp->rt, dp->ifindex,
				    &g_array_index(wanted, struct link_route, i), error))
			return false;
	}
	return true;
}

bool dataplane_sync_routes_to(struct dataplane_peer *peer, GError **error)
{
	g_autoptr(GArray) wanted = g_array_new(FALSE, FALSE, sizeof(struct link_route));

	add_wanted_routes(peer, wanted);
	return add_routes(peer->dp, wanted, error);
}

/* The routes that are to be, by destination. */
static GHashTable *by_destination(GArray *wanted)
{
	GHashTable *table = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);

	for (guint i = 0; i < wanted->len; i++) {
		struct link_route *route = &g_array_index(wanted, struct link_route, i);

		g_hash_table_insert(table, prefix_text(&route->destination), route);
	}
	return table;
}

/* Routes that are there as they are to be are taken out of @missing. */
static bool remove_unknown_routes(struct dataplane *dp, GHashTable *missing, GError **error)
{
	g_autoptr(GArray) there = link_list_routes(dp->rt, dp->ifindex, error);

	if (!there)
		return false;
	for (guint i = 0; i < there->len; i++) {
		const struct link_route *found = &g_array_index(there, struct link_route, i);
		g_autofree char *text = prefix_text(&found->destination);
		const struct link_route *wanted = g_hash_table_lookup(missing, text);

		if (wanted && wanted->mtu_bytes == found->mtu_bytes)
			g_hash_table_remove(missing, text);
		if (!wanted && dp->complete &&
		    !link_remove_route(dp->rt, dp->ifindex, &found->destination, error))
			return false;
	}
	return true;
}

static bool sync_routes(struct dataplane *dp, GError **error)
{
	g_autoptr(GArray) wanted = g_array_new(FALSE, FALSE, sizeof(struct link_route));
	g_autoptr(GHashTable) missing = NULL;
	const struct link_route *route;
	struct dataplane_peer *peer;
	GHashTableIter iter;

	g_hash_table_iter_init(&iter, dp->peers);
	while (g_hash_table_iter_next(&iter, NULL, (void **)&peer))
		add_wanted_routes(peer, wanted);
	missing = by_destination(wanted);
	if (!remove_unknown_routes(dp, missing, error))
		return false;
	g_hash_table_iter_init(&iter, missing);
	while (g_hash_table_iter_next(&iter, NULL, (void **)&route)) {
		if (!link_add_route(dp->rt, dp->ifindex, route, error))
			return false;
	}
	return true;
}

/* All of it, and one peer */

bool dataplane_sync(struct dataplane *dp, GError **error)
{
	g_autoptr(wireguard_device) device = NULL;
	g_autoptr(GError) failure = NULL;

	if (!sync_interface(dp, &device, error) || !sync_addresses(dp, error))
		return false;
	if (sync_module(dp, device->listen_port, &failure))
		g_clear_pointer(&dp->module_error, g_free);
	else
		dataplane_module_failed(dp, failure);

	/* without the module the peers wait: it tells them their endpoint */
	if (!sync_wireguard(dp, device, error) || !sync_routes(dp, error))
		return false;

	/* that it is not there is no error: we are told when it comes */
	if (!failure || g_error_matches(failure, NETLINK_ERROR, EPROTONOSUPPORT))
		return true;
	g_propagate_error(error, g_steal_pointer(&failure));
	return false;
}

static bool sync_one_in_module(struct dataplane_peer *peer, GError **error)
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

bool dataplane_sync_peer(struct dataplane_peer *peer, GError **error)
{
	struct dataplane *dp = peer->dp;
	struct wireguard_peer set = {
		.change = WIREGUARD_SET,
		.public_key = peer->key,
		.allowed_ips = peer->addresses,
		.keepalive_s = WIREGUARD_KEEP,
	};

	return sync_one_in_module(peer, error) &&
	       wireguard_set_peers(dp->wg, dp->ifindex, &set, 1, error) &&
	       dataplane_sync_routes_to(peer, error);
}
