// SPDX-License-Identifier: GPL-2.0
/*
 * The indices under which peers send to this node.
 */
#include <linux/rhashtable.h>
#include <linux/slab.h>

#include "index.h"
#include "netns.h"
#include "peer.h"
#include "percpu.h"

/**
 * struct wgmesh_index - one of them
 * @node: in the table
 * @index: WireGuard drew it at random
 * @peer: the peer that was told it
 * @rcu: frees it
 */
struct wgmesh_index {
	struct rhash_head node;
	u32 index;
	struct wgmesh_peer *peer;
	struct rcu_head rcu;
};

static const struct rhashtable_params index_params = {
	.head_offset = offsetof(struct wgmesh_index, node),
	.key_offset = offsetof(struct wgmesh_index, index),
	.key_len = sizeof(u32),
	.automatic_shrinking = true,
};

/**
 * wgmesh_index_table_init() - make the table of a namespace
 * @wn: the namespace
 *
 * Context: Process; may sleep.
 * Return: 0 or -ENOMEM.
 */
int wgmesh_index_table_init(struct wgmesh_net *wn)
{
	return rhashtable_init(&wn->indices, &index_params);
}

/**
 * wgmesh_index_table_destroy() - free the table, which is empty
 * @wn: the namespace
 *
 * Context: Process; may sleep.
 */
void wgmesh_index_table_destroy(struct wgmesh_net *wn)
{
	rhashtable_destroy(&wn->indices);
}

static void index_remove(struct wgmesh_net *wn, struct wgmesh_index *index)
{
	if (!index)
		return;
	rhashtable_remove_fast(&wn->indices, &index->node, index_params);
	kfree_rcu(index, rcu);
}

static struct wgmesh_index *index_alloc(struct mem_cgroup *payer)
{
	struct mem_cgroup *former;
	struct wgmesh_index *index;

	/* who pays is said to the CPU */
	wgmesh_cpu_lock();
	former = set_active_memcg(payer);
	index = kmalloc(sizeof(*index), GFP_ATOMIC | __GFP_ACCOUNT);
	set_active_memcg(former);
	wgmesh_cpu_unlock();
	return index;
}

/**
 * wgmesh_index_learn() - WireGuard tells a peer an index
 * @peer: the peer
 * @index: the index, in a handshake message that is about to be sent
 *
 * Without memory, or when another peer was told the same, it is not learned: then messages under
 * it are known by their endpoints alone.
 *
 * Context: Bottom halves disabled.
 */
void wgmesh_index_learn(struct wgmesh_peer *peer, u32 index)
{
	struct wgmesh_net *wn = peer->device->wn;
	struct wgmesh_index *new = index_alloc(peer->device->payer);
	const unsigned int last = WGMESH_PEER_INDICES - 1;

	if (!new)
		return;
	new->index = index;
	new->peer = peer;
	spin_lock_bh(&peer->lock);
	if (peer->removed ||
	    rhashtable_lookup_insert_fast(&wn->indices, &new->node, index_params)) {
		spin_unlock_bh(&peer->lock);
		kfree(new);
		return;
	}
	index_remove(wn, peer->indices[last]);
	memmove(peer->indices + 1, peer->indices, last * sizeof(peer->indices[0]));
	peer->indices[0] = new;
	spin_unlock_bh(&peer->lock);
}

/**
 * wgmesh_index_forget() - forget all of a peer that was removed
 * @peer: the peer
 *
 * Context: Process.
 */
void wgmesh_index_forget(struct wgmesh_peer *peer)
{
	unsigned int i;

	for (i = 0; i < WGMESH_PEER_INDICES; i++) {
		index_remove(peer->device->wn, peer->indices[i]);
		peer->indices[i] = NULL;
	}
}

/**
 * wgmesh_index_lookup() - who was told an index?
 * @wn: the namespace
 * @index: the receiver of a message
 *
 * Context: Any, under rcu_read_lock().
 * Return: the peer, or NULL.
 */
struct wgmesh_peer *wgmesh_index_lookup(struct wgmesh_net *wn, u32 index)
{
	struct wgmesh_index *found = rhashtable_lookup(&wn->indices, &index, index_params);

	return found ? found->peer : NULL;
}
