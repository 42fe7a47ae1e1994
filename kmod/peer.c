// SPDX-License-Identifier: GPL-2.0
/*
 * Peers: adding, finding and removing them.
 */
#include <linux/rhashtable.h>
#include <linux/slab.h>

#include "events.h"
#include "index.h"
#include "netns.h"
#include "path.h"
#include "peer.h"
#include "roam.h"
#include "select.h"
#include "selector.h"

static const struct rhashtable_params peer_params = {
	.head_offset = offsetof(struct wgmesh_peer, key_node),
	.key_offset = offsetof(struct wgmesh_peer, key),
	.key_len = sizeof(struct wgmesh_peer_key),
	.automatic_shrinking = true,
};

static struct kmem_cache *peer_cache __ro_after_init;

/**
 * wgmesh_peer_init() - prepare to make peers
 *
 * Context: Process; may sleep.
 * Return: 0 or -ENOMEM.
 */
int __init wgmesh_peer_init(void)
{
	peer_cache = KMEM_CACHE(wgmesh_peer, SLAB_ACCOUNT | SLAB_HWCACHE_ALIGN);
	return peer_cache ? 0 : -ENOMEM;
}

/**
 * wgmesh_peer_exit() - undo wgmesh_peer_init(); all peers are freed, as rcu_barrier() made sure
 *
 * Context: Process; may sleep.
 */
void wgmesh_peer_exit(void)
{
	kmem_cache_destroy(peer_cache);
}

/* Not kfree_rcu(): nobody could wait for that before the cache goes. */
static void peer_free_rcu(struct rcu_head *rcu)
{
	kmem_cache_free(peer_cache, container_of(rcu, struct wgmesh_peer, rcu));
}

/**
 * wgmesh_peer_table_init() - make the table of peers by key
 * @wn: the namespace
 *
 * The hash is the default one with a random seed, enough here: only a privileged
 * process looks peers up by key, never a packet.
 *
 * Context: Process; may sleep.
 * Return: 0 or -ENOMEM.
 */
int wgmesh_peer_table_init(struct wgmesh_net *wn)
{
	return rhashtable_init(&wn->peers_by_key, &peer_params);
}

/**
 * wgmesh_peer_table_destroy() - free the table, which is empty
 * @wn: the namespace
 *
 * Context: Process; may sleep.
 */
void wgmesh_peer_table_destroy(struct wgmesh_net *wn)
{
	rhashtable_destroy(&wn->peers_by_key);
}

static void peer_key_set(struct wgmesh_peer_key *key, const struct wgmesh_device *device,
			 const u8 *public_key)
{
	memcpy(key->public_key, public_key, WGMESH_PUBLIC_KEY_LEN);
	key->device = device->id;
}

/**
 * wgmesh_peer_find() - find a peer by its public key
 * @device: its device
 * @public_key: WGMESH_PUBLIC_KEY_LEN bytes
 *
 * Context: Process, under the lock of the namespace.
 * Return: the peer or NULL.
 */
struct wgmesh_peer *wgmesh_peer_find(struct wgmesh_device *device, const u8 *public_key)
{
	struct wgmesh_peer_key key;

	peer_key_set(&key, device, public_key);
	return rhashtable_lookup_fast(&device->wn->peers_by_key, &key, peer_params);
}

/**
 * wgmesh_peer_add() - add a peer that the device does not have yet
 * @device: the device
 * @public_key: WGMESH_PUBLIC_KEY_LEN bytes
 * @extack: gets the reason of a refusal
 *
 * Context: Process, under the lock of the namespace; may sleep.
 * Return: the peer, without paths; or an error pointer: -ENOSPC when the virtual
 * endpoints are used up, -ENOMEM.
 */
struct wgmesh_peer *wgmesh_peer_add(struct wgmesh_device *device, const u8 *public_key,
				    struct netlink_ext_ack *extack)
{
	struct wgmesh_net *wn = device->wn;
	struct wgmesh_peer *peer;
	int err;

	peer = kmem_cache_zalloc(peer_cache, GFP_KERNEL);
	if (!peer)
		return ERR_PTR(-ENOMEM);
	peer->device = device;
	spin_lock_init(&peer->lock);
	INIT_LIST_HEAD(&peer->paths);
	INIT_LIST_HEAD(&peer->roaming);
	wgmesh_prober_init(peer);
	peer_key_set(&peer->key, device, public_key);

	/* The id comes last: with it packets find the peer. */
	err = rhashtable_insert_fast(&wn->peers_by_key, &peer->key_node, peer_params);
	if (err)
		goto err_free;
	err = xa_alloc_cyclic(&wn->peers, &peer->id, peer, XA_LIMIT(1, WGMESH_PEER_ID_MAX),
			      &wn->next_peer, GFP_KERNEL_ACCOUNT);
	if (err < 0) {
		if (err == -EBUSY) {
			NL_SET_ERR_MSG(extack, "no virtual endpoint is left");
			err = -ENOSPC;
		}
		goto err_remove;
	}
	device->peers++;
	wgmesh_notify_peer(peer, WGMESH_CMD_PEER_NTF);
	return peer;

err_remove:
	rhashtable_remove_fast(&wn->peers_by_key, &peer->key_node, peer_params);
err_free:
	call_rcu(&peer->rcu, peer_free_rcu);
	return ERR_PTR(err);
}

/**
 * wgmesh_peer_set_selector() - choose anew among the paths of a peer
 * @peer: the peer
 * @selector: what wgmesh_selector_get() gave, which is the peer's now; NULL is the device's
 *
 * Context: Process, under the lock of the namespace.
 */
void wgmesh_peer_set_selector(struct wgmesh_peer *peer, const struct wgmesh_selector *selector)
{
	const struct wgmesh_selector *old;

	spin_lock_bh(&peer->lock);
	old = peer->selector;
	peer->selector = selector;
	memset(peer->selector_state, 0, sizeof(peer->selector_state));
	wgmesh_select(peer, WGMESH_REASON_SELECTOR);
	spin_unlock_bh(&peer->lock);
	wgmesh_selector_put(old);
}

/**
 * wgmesh_peer_set_pace() - probe more often, or less
 * @peer: the peer
 * @pace: how often; 0 is the device's
 *
 * Context: Process, under the lock of the namespace.
 */
void wgmesh_peer_set_pace(struct wgmesh_peer *peer, const struct wgmesh_pace *pace)
{
	spin_lock_bh(&peer->lock);
	peer->prober.pace = *pace;
	spin_unlock_bh(&peer->lock);
	wgmesh_prober_kick(peer);
}

/**
 * wgmesh_peer_remove() - remove a peer and its paths
 * @peer: the peer, freed after a grace period
 *
 * Context: Process, under the lock of the namespace; may sleep.
 */
void wgmesh_peer_remove(struct wgmesh_peer *peer)
{
	struct wgmesh_net *wn = peer->device->wn;
	struct wgmesh_path *path;

	lockdep_assert_held(&wn->lock);
	spin_lock_bh(&peer->lock);
	peer->removed = true;
	spin_unlock_bh(&peer->lock);
	/* a path takes its follower along, which may be the next one */
	while ((path = list_first_entry_or_null(&peer->paths, struct wgmesh_path, peer_node)))
		wgmesh_path_remove(path);
	wgmesh_notify_peer(peer, WGMESH_CMD_PEER_DEL_NTF);
	xa_erase(&wn->peers, peer->id);
	rhashtable_remove_fast(&wn->peers_by_key, &peer->key_node, peer_params);
	wgmesh_index_forget(peer);
	wgmesh_roam_forget(peer);
	wgmesh_prober_exit(peer);
	wgmesh_selector_put(peer->selector);
	peer->device->peers--;
	call_rcu(&peer->rcu, peer_free_rcu);
}
