/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A peer of an attached WireGuard device, and its paths.
 */
#ifndef WGMESH_PEER_H
#define WGMESH_PEER_H

#include <linux/list.h>
#include <linux/rcupdate.h>
#include <linux/rhashtable-types.h>
#include <linux/types.h>

#include "device.h"

struct netlink_ext_ack;
struct wgmesh_path;

#define WGMESH_PUBLIC_KEY_LEN	32
#define WGMESH_PATHS_PER_PEER	8

/**
 * struct wgmesh_peer_key - what a peer is found by
 * @public_key: its WireGuard key
 * @device: id of the device
 */
struct wgmesh_peer_key {
	u8 public_key[WGMESH_PUBLIC_KEY_LEN];
	u32 device;
};

/**
 * struct wgmesh_peer - a peer
 * @device: the device it belongs to
 * @key: what it is found by
 * @key_node: in the table of keys
 * @id: number in the namespace, and the lower bits of the virtual endpoint
 * @selected: the path that packets take, or NULL
 * @paths: its paths, the oldest first, under the lock of the namespace
 * @n_paths: how many
 * @drop_no_path: packets dropped because there was no path
 * @rcu: frees it
 */
struct wgmesh_peer {
	struct wgmesh_device *device;
	struct wgmesh_path __rcu *selected;
	u32 id;
	u32 n_paths;
	struct list_head paths;
	atomic64_t drop_no_path;
	struct wgmesh_peer_key key;
	struct rhash_head key_node;
	struct rcu_head rcu;
};

static inline __be32 wgmesh_peer_virtual_address(const struct wgmesh_peer *peer)
{
	return htonl(WGMESH_VIRTUAL_NETWORK | peer->id);
}

struct wgmesh_peer *wgmesh_peer_add(struct wgmesh_device *device, const u8 *public_key,
				    struct netlink_ext_ack *extack);
void wgmesh_peer_remove(struct wgmesh_peer *peer);
struct wgmesh_peer *wgmesh_peer_find(struct wgmesh_device *device, const u8 *public_key);
int wgmesh_peer_table_init(struct wgmesh_net *wn);
void wgmesh_peer_table_destroy(struct wgmesh_net *wn);

#endif /* WGMESH_PEER_H */
