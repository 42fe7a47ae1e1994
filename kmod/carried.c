// SPDX-License-Identifier: GPL-2.0
/*
 * What is carried by the paths must carry none of them: a path through an attached WireGuard
 * device, or through a tunnel above one, leads into itself.
 *
 * Which interface lies above which is mostly known (VLAN, macvlan, bond, a VXLAN that was told its
 * device). It is not known of a tunnel that is routed as any packet is. There the probes of the
 * path show it: they have a hash of their own, which tunnels and WireGuard leave on them. If
 * WireGuard sends a packet with the hash of a probe, the probe is inside. Among many flows one may
 * have that hash by chance: so the next probe has another one.
 */
#include <linux/netdevice.h>
#include <linux/random.h>
#include <net/rtnetlink.h>

#include "carried.h"
#include "device.h"
#include "link.h"
#include "netns.h"
#include "path.h"
#include "peer.h"
#include "prober.h"

/* More than the kernel lets anybody stack */
#define DEPTH	16

/* So many requests have the same hash: tunnels make a source port of it, and each that is new is an
 * entry in the NATs below.
 */
#define TAG_REQUESTS	256

/* The last probes that were sent, by a part of their hash: that, and the number of the path. */
#define RECENT	64
static atomic64_t recent[RECENT];

static bool is_carried(struct net_device *dev, int depth);

/* A bridge or a bond is carried if all of its ports are. If it has another port, packets leave by
 * that, or the probes tell.
 */
static bool lower_are_carried(struct net_device *dev, int depth, bool *any)
{
	struct list_head *iter = &dev->adj_list.lower;
	struct net_device *lower;

	while ((lower = netdev_next_lower_dev_rcu(dev, &iter))) {
		*any = true;
		if (!is_carried(lower, depth))
			return false;
	}
	return *any;
}

/*
 * A tunnel that was told by which interface it sends. What goes into one end of a cable (veth,
 * netkit) has arrived at the other, and drivers of these tell where that is under RTNL only.
 */
static bool link_is_carried(struct net_device *dev, int depth)
{
	const struct rtnl_link_ops *ops = dev->rtnl_link_ops;
	const int ifindex = dev_get_iflink(dev);
	struct net_device *lower;
	struct net *net;

	if (!ifindex || ifindex == dev->ifindex || dev->netdev_ops->ndo_get_peer_dev)
		return false;
	net = ops && ops->get_link_net ? ops->get_link_net(dev) : dev_net(dev);
	lower = dev_get_by_index_rcu(net, ifindex);
	return lower && is_carried(lower, depth);
}

static bool is_carried(struct net_device *dev, int depth)
{
	bool has_lower = false;

	if (wgmesh_device_is_attached(dev))
		return true;
	if (!depth)
		return false;
	if (lower_are_carried(dev, depth - 1, &has_lower))
		return true;
	return !has_lower && link_is_carried(dev, depth - 1);
}

/**
 * wgmesh_is_carried() - is what leaves by an interface carried by paths?
 * @dev: the interface
 *
 * Context: Under rcu_read_lock().
 * Return: true when @dev is attached, or lies above what is.
 */
bool wgmesh_is_carried(struct net_device *dev)
{
	return is_carried(dev, DEPTH);
}

/**
 * wgmesh_carried_changed() - an interface is carried by paths now
 * @net: where it is
 *
 * Routes that were looked up before are not to be used any more.
 *
 * Context: Process; may sleep.
 */
void wgmesh_carried_changed(struct net *net)
{
	rt_genid_bump_all(net);
	wgmesh_link_look(wgmesh_net(net));
}

/**
 * wgmesh_carried_tag() - let it be seen where a probe comes out again
 * @path: the path, or a follower
 * @skb: the probe
 *
 * Context: Any, under rcu_read_lock().
 */
void wgmesh_carried_tag(struct wgmesh_path *path, struct sk_buff *skb)
{
	const struct wgmesh_path *followed = READ_ONCE(path->follows);
	u32 tag = READ_ONCE(path->tag);

	if (!tag || !(READ_ONCE(path->liveness.sent) % TAG_REQUESTS)) {
		tag = WGMESH_CARRIED_TAG | get_random_u32() >> WGMESH_CARRIED_TAG_BITS;
		WRITE_ONCE(path->tag, tag);
	}
	atomic64_set(&recent[tag % RECENT],
		     (u64)tag << 32 | READ_ONCE((followed ?: path)->id));
	skb_set_hash(skb, tag, PKT_HASH_TYPE_L4);
}

/**
 * wgmesh_carried_seen() - WireGuard sends what may have a probe inside
 * @wn: the underlay
 * @hash: that of the packet, for which wgmesh_carried_has_tag()
 *
 * Context: Bottom halves disabled, under rcu_read_lock().
 */
void wgmesh_carried_seen(struct wgmesh_net *wn, u32 hash)
{
	const u64 probe = atomic64_read(&recent[hash % RECENT]);
	const struct wgmesh_path *of;
	struct wgmesh_path *path;

	if (probe >> 32 != hash)
		return;
	of = xa_load(&wn->paths, (u32)probe);
	if (!of)
		return;
	list_for_each_entry_rcu(path, &of->peer->paths, peer_node)
		if (READ_ONCE(path->tag) == hash)
			wgmesh_prober_looped(path);
}

/* Does the event make it possible that @dev is carried? */
static bool may_begin(unsigned long event, const struct net_device *dev)
{
	return event == NETDEV_CHANGEUPPER ||
	       (event == NETDEV_CHANGE && dev_get_iflink(dev) != dev->ifindex);
}

static int netdev_event(struct notifier_block *nb, unsigned long event, void *ptr)
{
	struct net_device *dev = netdev_notifier_info_to_dev(ptr);
	const struct netdev_notifier_changeupper_info *upper = ptr;
	bool carried;

	if (!may_begin(event, dev))
		return NOTIFY_DONE;
	if (event == NETDEV_CHANGEUPPER)
		dev = upper->upper_dev;
	rcu_read_lock();
	carried = wgmesh_is_carried(dev);
	rcu_read_unlock();
	if (carried)
		wgmesh_carried_changed(dev_net(dev));
	return NOTIFY_DONE;
}

static struct notifier_block netdev_notifier = { .notifier_call = netdev_event };

/**
 * wgmesh_carried_init() - begin to watch what is put above what
 *
 * Context: Process; may sleep.
 * Return: 0 or an error.
 */
int __init wgmesh_carried_init(void)
{
	return register_netdevice_notifier(&netdev_notifier);
}

/**
 * wgmesh_carried_exit() - undo wgmesh_carried_init()
 *
 * Context: Process; may sleep.
 */
void wgmesh_carried_exit(void)
{
	unregister_netdevice_notifier(&netdev_notifier);
}
