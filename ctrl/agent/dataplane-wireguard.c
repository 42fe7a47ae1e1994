// SPDX-License-Identifier: GPL-2.0
/* WireGuard's peers: what is wanted compared with what it has. */
#include "dataplane-private.h"

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
	dataplane_note_handshake(peer, there);
	if (!there || !prefix_equal_lists(peer->addresses, there->allowed_ips))
		set.allowed_ips = peer->addresses;
	if (module && peer->connected &&
	    (!there || !endpoint_equal(&there->endpoint, &peer->virtual_endpoint)))
		set.endpoint = peer->virtual_endpoint;
	if (module && peer->connected && (!there || there->keepalive_s != DATAPLANE_KEEPALIVE_S))
		set.keepalive_s = DATAPLANE_KEEPALIVE_S;
	set.clear_preshared_key = there && there->has_preshared_key;
	if (set.clear_preshared_key || set.allowed_ips || endpoint_is_set(&set.endpoint) ||
	    set.keepalive_s != WIREGUARD_KEEP)
		g_array_append_val(changes->set, set);
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

bool dataplane_sync_wireguard(struct dataplane *dp, const struct wireguard_device *device,
			      GError **error)
{
	g_autoptr(GArray) remove = g_array_new(FALSE, FALSE, sizeof(struct wireguard_peer));
	g_autoptr(GArray) set = g_array_new(FALSE, FALSE, sizeof(struct wireguard_peer));
	g_autoptr(GHashTable) there = wireguard_peers_by_key(device);
	struct changes changes = { .remove = remove, .set = set };
	struct dataplane_peer *peer;
	GHashTableIter iter;

	g_hash_table_iter_init(&iter, dp->peers);
	while (g_hash_table_iter_next(&iter, NULL, (void **)&peer))
		compare_peer(peer, g_hash_table_lookup(there, &peer->key), &changes);
	if (dp->complete)
		remove_unknown_peers(dp, device, remove);
	dataplane_mended(dp, MENDED_PEERS, remove->len + set->len);
	return wireguard_set_peers(dp->wg, dp->ifindex, (void *)remove->data, remove->len,
				   error) &&
	       wireguard_set_peers(dp->wg, dp->ifindex, (void *)set->data, set->len, error);
}
