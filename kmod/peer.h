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
#include <uapi/linux/wgmesh.h>

#include "device.h"
#include "flow.h"
#include "keep.h"
#include "liveness.h"
#include "prober.h"

struct netlink_ext_ack;
struct wgmesh_index;
struct wgmesh_path;
struct wgmesh_selector;

#define WGMESH_PUBLIC_KEY_LEN	32
#define WGMESH_PATHS_PER_PEER	8
/* WireGuard has a current session, the one before and the one to come. */
#define WGMESH_PEER_INDICES	3

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
 * @key: what the peer is found by; it lies between what each packet reads and what others write
 * @key_node: in the table of keys
 * @id: number in the namespace, and the lower bits of the virtual endpoint
 * @selected: the path that packets take, or NULL
 * @copy: the path that gets a copy of each packet, or NULL
 * @receiver: the index of WireGuard that data to the peer was addressed to last, 0 while unknown
 * @active: there is traffic, or nobody wants to know
 * @lock: for everything that probes change: its paths, their states, the selection;
 *	nests inside the lock of the namespace
 * @paths: its paths, the oldest first; changes under both locks, read under RCU
 * @n_paths: how many, without those that only follow another one
 * @selector: chooses among the paths; NULL is the device's
 * @selector_state: what the selector remembers
 * @switches: how often another path was selected
 * @switched_ns: when another path was selected last
 * @switch_reason: why another path was selected last
 * @former_flow: the direct path that was removed last of those with a bad record; family 0 for
 *	none
 * @former_record: the record of @former_flow
 * @kept_flow: the direct path that was removed last; family 0 for none
 * @kept: how long @kept_flow might be silent
 * @prober: sends probes
 * @indices: the last indices under which the peer sends to this node, the newest first
 * @heard: endpoints that no path has, from which an authentic request came; family 0 for none
 * @roaming: on the list of those that roam.c has to look at
 * @drop_no_path: packets dropped because there was no path
 * @removed: it is; nothing is begun for it any more
 * @rcu: frees it
 */
struct wgmesh_peer {
	struct wgmesh_device *device;
	struct wgmesh_path __rcu *selected;
	struct wgmesh_path __rcu *copy;
	u32 receiver;
	bool active;
	u32 id;
	struct wgmesh_peer_key key;
	spinlock_t lock; /* see @lock */
	u32 n_paths;
	struct list_head paths;
	const struct wgmesh_selector *selector;
	u64 selector_state[2];
	u64 switches;
	u64 switched_ns;
	enum wgmesh_reason switch_reason;
	struct wgmesh_flow former_flow;
	struct wgmesh_record former_record;
	struct wgmesh_flow kept_flow;
	struct wgmesh_keep kept;
	struct wgmesh_prober prober;
	struct wgmesh_index *indices[WGMESH_PEER_INDICES];
	struct wgmesh_flow heard;
	struct list_head roaming;
	bool removed;
	atomic64_t drop_no_path;
	struct rhash_head key_node;
	struct rcu_head rcu;
};

static inline __be32 wgmesh_peer_virtual_address(const struct wgmesh_peer *peer)
{
	return htonl(WGMESH_VIRTUAL_NETWORK | peer->id);
}

int wgmesh_peer_init(void);
void wgmesh_peer_exit(void);
struct wgmesh_peer *wgmesh_peer_add(struct wgmesh_device *device, const u8 *public_key,
				    struct netlink_ext_ack *extack);
void wgmesh_peer_remove(struct wgmesh_peer *peer);
void wgmesh_peer_set_selector(struct wgmesh_peer *peer, const struct wgmesh_selector *selector);
void wgmesh_peer_set_pace(struct wgmesh_peer *peer, const struct wgmesh_pace *pace);
struct wgmesh_peer *wgmesh_peer_find(struct wgmesh_device *device, const u8 *public_key);
int wgmesh_peer_table_init(struct wgmesh_net *wn);
void wgmesh_peer_table_destroy(struct wgmesh_net *wn);

#endif /* WGMESH_PEER_H */
