// SPDX-License-Identifier: GPL-2.0
/*
 * Bounce servers: which WireGuard interfaces forward between their peers, and for whom.
 */
#include <linux/slab.h>
#include <net/rtnetlink.h>

#include "bounce.h"
#include "bounce-forward.h"
#include "bounce-way.h"
#include "device.h"
#include "events.h"

/* What was decided before about packets no longer counts. */
static void forget_ways(struct wgmesh_net *wn)
{
	lockdep_assert_held(&wn->lock);
	/* pairs with wgmesh_bounce_way4() and the like: who sees this sees what changed */
	smp_store_release(&wn->bounce_generation, wn->bounce_generation + 1);
}

static void bounce_free(struct wgmesh_bounce *bounce)
{
	free_percpu(bounce->ways);
	free_percpu(bounce->counters);
	kfree(bounce);
}

static void bounce_free_rcu(struct rcu_head *rcu)
{
	bounce_free(container_of(rcu, struct wgmesh_bounce, rcu));
}

static struct wgmesh_bounce *bounce_alloc(struct wgmesh_net *wn, struct net_device *dev)
{
	struct wgmesh_bounce *bounce = kzalloc(sizeof(*bounce), GFP_KERNEL_ACCOUNT);
	int cpu;

	if (!bounce)
		return NULL;
	bounce->wn = wn;
	bounce->dev = dev;
	bounce->counters = alloc_percpu_gfp(struct wgmesh_bounce_counters,
					    GFP_KERNEL_ACCOUNT | __GFP_ZERO);
	bounce->ways = wgmesh_bounce_ways_alloc();
	if (!bounce->counters || !bounce->ways) {
		bounce_free(bounce);
		return NULL;
	}
	for_each_possible_cpu(cpu)
		u64_stats_init(&per_cpu_ptr(bounce->counters, cpu)->syncp);
	return bounce;
}

static struct wgmesh_bounce *bounce_add(struct wgmesh_net *wn, struct net_device *dev,
					struct wgmesh_bounce_settings *settings,
					struct netlink_ext_ack *extack)
{
	struct wgmesh_bounce *bounce = bounce_alloc(wn, dev);
	const bool is_first = xa_empty(&wn->bounces);
	int err;

	if (!bounce)
		return ERR_PTR(-ENOMEM);
	if (is_first) {
		err = nf_register_net_hooks(wn->net, wgmesh_bounce_hooks, WGMESH_BOUNCE_HOOKS);
		if (err) {
			NL_SET_ERR_MSG(extack, "the netfilter hooks could not be registered");
			goto err_free;
		}
	}
	rcu_assign_pointer(bounce->settings, settings);
	err = xa_err(xa_store(&wn->bounces, dev->ifindex, bounce, GFP_KERNEL_ACCOUNT));
	if (err)
		goto err_hooks;
	netdev_hold(dev, &bounce->dev_tracker, GFP_KERNEL);
	return bounce;

err_hooks:
	if (is_first)
		nf_unregister_net_hooks(wn->net, wgmesh_bounce_hooks, WGMESH_BOUNCE_HOOKS);
err_free:
	bounce_free(bounce);
	return ERR_PTR(err);
}

static void replace_settings(struct wgmesh_bounce *bounce, struct wgmesh_bounce_settings *settings)
{
	struct wgmesh_bounce_settings *old;

	old = rcu_replace_pointer(bounce->settings, settings,
				  lockdep_is_held(&bounce->wn->lock));
	kfree_rcu(old, rcu);
}

/**
 * wgmesh_bounce_set() - let an interface forward between its peers, or change how it does
 * @wn: the namespace where it lives, locked
 * @dev: the interface, which has to be WireGuard's
 * @settings: who may talk to whom; taken over, but for an error
 * @extack: gets the reason of a refusal
 *
 * Context: Process, under RTNL; may sleep.
 * Return: what it forwards by, or an error pointer: -EOPNOTSUPP when @dev is not WireGuard's,
 * -ENOMEM.
 */
struct wgmesh_bounce *wgmesh_bounce_set(struct wgmesh_net *wn, struct net_device *dev,
					struct wgmesh_bounce_settings *settings,
					struct netlink_ext_ack *extack)
{
	struct wgmesh_bounce *bounce;

	ASSERT_RTNL();
	lockdep_assert_held(&wn->lock);
	if (!wgmesh_is_wireguard(dev)) {
		NL_SET_ERR_MSG(extack, "the interface is not a WireGuard device");
		return ERR_PTR(-EOPNOTSUPP);
	}
	bounce = wgmesh_bounce_of(wn, dev);
	if (bounce)
		replace_settings(bounce, settings);
	else
		bounce = bounce_add(wn, dev, settings, extack);
	if (IS_ERR(bounce))
		return bounce;
	forget_ways(wn);
	wgmesh_notify_bounce(bounce, WGMESH_CMD_BOUNCE_NTF);
	return bounce;
}

/**
 * wgmesh_bounce_remove() - let an interface forward no longer
 * @bounce: what it forwards by, freed after a grace period
 *
 * Context: Process, under the lock of the namespace; may sleep.
 */
void wgmesh_bounce_remove(struct wgmesh_bounce *bounce)
{
	struct wgmesh_net *wn = bounce->wn;

	lockdep_assert_held(&wn->lock);
	wgmesh_notify_bounce(bounce, WGMESH_CMD_BOUNCE_DEL_NTF);
	xa_erase(&wn->bounces, bounce->dev->ifindex);
	forget_ways(wn);
	if (xa_empty(&wn->bounces))
		nf_unregister_net_hooks(wn->net, wgmesh_bounce_hooks, WGMESH_BOUNCE_HOOKS);
	replace_settings(bounce, NULL);
	netdev_put(bounce->dev, &bounce->dev_tracker);
	call_rcu(&bounce->rcu, bounce_free_rcu);
}

/**
 * wgmesh_bounce_remove_all() - let no interface of a namespace forward any longer
 * @wn: the namespace, not locked
 *
 * Context: Process; may sleep.
 */
void wgmesh_bounce_remove_all(struct wgmesh_net *wn)
{
	struct wgmesh_bounce *bounce;
	unsigned long ifindex;

	mutex_lock(&wn->lock);
	xa_for_each(&wn->bounces, ifindex, bounce)
		wgmesh_bounce_remove(bounce);
	mutex_unlock(&wn->lock);
}

/**
 * wgmesh_bounce_totals() - sum the counters up
 * @bounce: whose
 * @totals: gets the sums
 *
 * Context: Any.
 */
void wgmesh_bounce_totals(const struct wgmesh_bounce *bounce, struct wgmesh_bounce_totals *totals)
{
	struct wgmesh_bounce_totals one;
	unsigned int start;
	int cpu, i;

	*totals = (struct wgmesh_bounce_totals){};
	for_each_possible_cpu(cpu) {
		const struct wgmesh_bounce_counters *counters = per_cpu_ptr(bounce->counters, cpu);

		do {
			start = u64_stats_fetch_begin(&counters->syncp);
			one.packets = u64_stats_read(&counters->packets);
			one.bytes = u64_stats_read(&counters->bytes);
			for (i = 0; i < WGMESH_BOUNCE_COUNTS; i++)
				one.counts[i] = u64_stats_read(&counters->counts[i]);
		} while (u64_stats_fetch_retry(&counters->syncp, start));
		totals->packets += one.packets;
		totals->bytes += one.bytes;
		for (i = 0; i < WGMESH_BOUNCE_COUNTS; i++)
			totals->counts[i] += one.counts[i];
	}
}

/* An interface that is moved to another namespace leaves its forwarding behind, too. */
static int netdev_event(struct notifier_block *nb, unsigned long event, void *ptr)
{
	struct net_device *dev = netdev_notifier_info_to_dev(ptr);
	struct wgmesh_net *wn = wgmesh_net(dev_net(dev));
	struct wgmesh_bounce *bounce;

	if (event != NETDEV_UNREGISTER && event != NETDEV_CHANGEMTU)
		return NOTIFY_DONE;
	mutex_lock(&wn->lock);
	bounce = wgmesh_bounce_of(wn, dev);
	if (bounce && event == NETDEV_UNREGISTER)
		wgmesh_bounce_remove(bounce);
	else if (bounce)
		forget_ways(wn);
	mutex_unlock(&wn->lock);
	return NOTIFY_DONE;
}

static struct notifier_block netdev_notifier = { .notifier_call = netdev_event };

/**
 * wgmesh_bounce_init() - begin to watch for interfaces that go away
 *
 * Context: Process; may sleep.
 * Return: 0 or an error.
 */
int __init wgmesh_bounce_init(void)
{
	wgmesh_bounce_init_hash();
	return register_netdevice_notifier(&netdev_notifier);
}

/**
 * wgmesh_bounce_exit() - undo wgmesh_bounce_init()
 *
 * Context: Process; may sleep.
 */
void wgmesh_bounce_exit(void)
{
	unregister_netdevice_notifier(&netdev_notifier);
}
