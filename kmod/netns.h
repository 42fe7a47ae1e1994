/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What belongs to one network namespace, the underlay of its devices.
 */
#ifndef WGMESH_NETNS_H
#define WGMESH_NETNS_H

#include <linux/mutex.h>
#include <linux/rhashtable-types.h>
#include <linux/spinlock.h>
#include <linux/workqueue.h>
#include <linux/xarray.h>
#include <net/net_namespace.h>
#include <net/netns/generic.h>

#include "budget.h"
#include "link.h"

/**
 * enum wgmesh_table - the kinds of objects, each of which can be listed
 * @WGMESH_TABLE_DEVICES: attached devices
 * @WGMESH_TABLE_PEERS: their peers
 * @WGMESH_TABLE_PATHS: paths of these
 * @WGMESH_TABLE_ALLOCATIONS: allocations of the relay
 * @WGMESH_TABLE_CHANNELS: channels of these
 * @WGMESH_TABLE_BOUNCES: interfaces that forward between their peers
 * @WGMESH_TABLES: how many there are
 */
enum wgmesh_table {
	WGMESH_TABLE_DEVICES,
	WGMESH_TABLE_PEERS,
	WGMESH_TABLE_PATHS,
	WGMESH_TABLE_ALLOCATIONS,
	WGMESH_TABLE_CHANNELS,
	WGMESH_TABLE_BOUNCES,
	WGMESH_TABLES,
};

/**
 * struct wgmesh_net - the objects of a network namespace
 * @net: the namespace, which outlives this
 * @lock: serializes all changes; nests inside RTNL
 * @n_paths: how many paths there are, without those that only follow another one
 * @budget: for the probes of all
 * @devices: attached devices by id; read under RCU
 * @peers: peers by id; read under RCU
 * @paths: paths by id; read under RCU
 * @allocations: allocations of the relay by id
 * @channels: channels of allocations by id
 * @next_device: where the search for a free id of a device goes on
 * @next_peer: where the search for a free id of a peer goes on
 * @next_path: where the search for a free id of a path goes on
 * @next_allocation: where the search for a free id of an allocation goes on
 * @next_channel: where the search for a free id of a channel goes on
 * @peers_by_key: peers by device and public key; read under RCU
 * @flows: what a packet belongs to, by its endpoints and channel; read under RCU
 * @bound_paths: paths that leave by one interface
 * @ports: a bit for each local port that a flow has, in network byte order; NULL before the first
 *	flow. It stays as long as the namespace
 * @port_users: how many flows have a port, by port
 * @hook_users: devices and allocations, which need the hooks
 * @has_bridge: there is a bridge in it
 * @bridged_hooks: the hooks for what comes by a bridge are registered
 * @indices: who was told which index of WireGuard; read under RCU
 * @roam_lock: for @roaming; nests inside the lock of a peer
 * @roaming: peers that roam.c has to look at
 * @roam_work: looks at @roaming
 * @link: interfaces and addresses that changed
 * @relay_expiry: removes what has expired of @allocations and @channels
 * @bounces: interfaces here that forward between their peers, by ifindex; read under RCU
 * @bounce_generation: counts changes of @bounces
 * @generations: counts the changes of each table, so that a dump of it can tell that it was
 *	overtaken by one
 * @work_lock: for queueing @roam_work, @link and @relay_expiry, and for @ending; nests
 *	inside all others
 * @ending: the namespace ends; no work of it is queued any more
 *
 * Everything under RCU is freed a grace period after it was taken out.
 */
struct wgmesh_net {
	struct net *net;
	struct mutex lock; /* all changes */
	unsigned int n_paths;
	struct wgmesh_budget budget;
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
	unsigned long *ports;
	struct xarray port_users;
	struct rhashtable indices;
	spinlock_t roam_lock; /* see @roam_lock */
	struct list_head roaming;
	struct work_struct roam_work;
	struct wgmesh_link link;
	unsigned int bound_paths;
	unsigned int hook_users;
	bool has_bridge;
	bool bridged_hooks;
	struct delayed_work relay_expiry;
	struct xarray bounces;
	u32 bounce_generation;
	unsigned int generations[WGMESH_TABLES];
	spinlock_t work_lock; /* see @work_lock */
	bool ending;
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

/**
 * wgmesh_net_queue() - let something be done later, unless the namespace ends
 * @wn: the namespace
 * @work: what: one of its own
 *
 * Context: Any but hard interrupts.
 */
static inline void wgmesh_net_queue(struct wgmesh_net *wn, struct work_struct *work)
{
	spin_lock_bh(&wn->work_lock);
	if (!wn->ending)
		queue_work(system_highpri_wq, work);
	spin_unlock_bh(&wn->work_lock);
}

/**
 * wgmesh_net_queue_delayed() - let something be done after some time, unless the namespace ends
 * @wn: the namespace
 * @work: what: one of its own
 * @delay: in jiffies; when it waits already, that time counts
 *
 * Context: Any but hard interrupts.
 */
static inline void wgmesh_net_queue_delayed(struct wgmesh_net *wn, struct delayed_work *work,
					    unsigned long delay)
{
	spin_lock_bh(&wn->work_lock);
	if (!wn->ending)
		queue_delayed_work(system_wq, work, delay);
	spin_unlock_bh(&wn->work_lock);
}

/**
 * wgmesh_net_end() - the namespace ends: what is cancelled from now on does not come back
 * @wn: the namespace
 *
 * Context: Process.
 */
static inline void wgmesh_net_end(struct wgmesh_net *wn)
{
	spin_lock_bh(&wn->work_lock);
	wn->ending = true;
	spin_unlock_bh(&wn->work_lock);
}

#endif /* WGMESH_NETNS_H */
