/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What belongs to one network namespace, the underlay of its devices.
 */
#ifndef WGMESH_NETNS_H
#define WGMESH_NETNS_H

#include <linux/mutex.h>
#include <linux/rhashtable-types.h>
#include <linux/workqueue.h>
#include <linux/xarray.h>
#include <net/net_namespace.h>
#include <net/netns/generic.h>

/**
 * struct wgmesh_net - the objects of a network namespace
 * @net: the namespace, which outlives this
 * @lock: serializes all changes; nests inside RTNL
 * @devices: attached devices by id; read under RCU
 * @peers: peers by id; read under RCU
 * @paths: paths by id; read under RCU
 * @allocations: allocations of the relay by id
 * @channels: their channels by id
 * @next_device: where the search for a free id goes on, likewise for the others
 * @next_peer: see @next_device
 * @next_path: see @next_device
 * @next_allocation: see @next_device
 * @next_channel: see @next_device
 * @peers_by_key: peers by device and public key; read under RCU
 * @flows: what a packet belongs to, by its endpoints and channel; read under RCU
 * @hook_users: devices and allocations, which need the hooks
 * @indices: who was told which index of WireGuard; read under RCU
 * @roam_lock: for @roaming; nests inside the lock of a peer
 * @roaming: peers that roam.c has to look at
 * @roam_work: looks at them
 * @link_work: an interface or an address changed
 * @relay_expiry: removes what has expired of @allocations and @channels
 * @bounces: interfaces here that forward between their peers, by ifindex; read under RCU
 * @bounce_generation: counts changes of @bounces
 * @generation: counts changes, so that a dump can tell it was overtaken by one
 *
 * Everything under RCU is freed a grace period after it was taken out.
 */
struct wgmesh_net {
	struct net *net;
	struct mutex lock; /* all changes */
	struct xarray devices;
	struct xarray peers;
	struct xarray paths;
	struct xarray allocations;
	struct xarray channels;
	u32 next_device;
	u32 next_peer;
	u32 next_path;
	u32 next_allocation;
	u32 next_channel;
	struct rhashtable peers_by_key;
	struct rhashtable flows;
	struct rhashtable indices;
	spinlock_t roam_lock; /* see @roam_lock */
	struct list_head roaming;
	struct work_struct roam_work;
	struct work_struct link_work;
	unsigned int hook_users;
	struct delayed_work relay_expiry;
	struct xarray bounces;
	u32 bounce_generation;
	unsigned int generation;
};

extern unsigned int wgmesh_net_id;

static inline struct wgmesh_net *wgmesh_net(const struct net *net)
{
	return net_generic(net, wgmesh_net_id);
}

/**
 * wgmesh_net_rcu() - wgmesh_net() for packets
 * @net: the namespace
 *
 * Context: Under rcu_read_lock(), which net_generic() would take for itself.
 */
static inline struct wgmesh_net *wgmesh_net_rcu(const struct net *net)
{
	return rcu_dereference(net->gen)->ptr[wgmesh_net_id];
}

#endif /* WGMESH_NETNS_H */
