// SPDX-License-Identifier: GPL-2.0
/*
 * Registering the netfilter hooks.
 *
 * The hooks for packets that come by a bridge are there only where a bridge is: each packet for
 * this host would pay for them.
 */
#include <linux/netdevice.h>
#include <linux/netfilter.h>
#include <net/netfilter/ipv4/nf_defrag_ipv4.h>
#include <net/netfilter/ipv6/nf_defrag_ipv6.h>

#include "hooks.h"
#include "netns.h"
#include "receive.h"
#include "transmit.h"

/* Fragments are put together before the receive hooks, for only the first one has the
 * ports, and what the stack puts together later passes no hook.
 */
static int hooks_register(struct wgmesh_net *wn)
{
	int err;

	err = nf_defrag_ipv4_enable(wn->net);
	if (err)
		return err;
	err = nf_defrag_ipv6_enable(wn->net);
	if (err)
		goto err_defrag4;
	err = nf_register_net_hooks(wn->net, wgmesh_transmit_hooks, WGMESH_TRANSMIT_HOOKS);
	if (err)
		goto err_defrag6;
	err = nf_register_net_hooks(wn->net, wgmesh_receive_hooks, WGMESH_RECEIVE_HOOKS);
	if (err)
		goto err_transmit;
	return 0;

err_transmit:
	nf_unregister_net_hooks(wn->net, wgmesh_transmit_hooks, WGMESH_TRANSMIT_HOOKS);
err_defrag6:
	nf_defrag_ipv6_disable(wn->net);
err_defrag4:
	nf_defrag_ipv4_disable(wn->net);
	return err;
}

static void hooks_unregister(struct wgmesh_net *wn)
{
	nf_unregister_net_hooks(wn->net, wgmesh_receive_hooks, WGMESH_RECEIVE_HOOKS);
	nf_unregister_net_hooks(wn->net, wgmesh_transmit_hooks, WGMESH_TRANSMIT_HOOKS);
	nf_defrag_ipv6_disable(wn->net);
	nf_defrag_ipv4_disable(wn->net);
}

/* Registers the hooks for what comes by a bridge, or undoes that. */
static int follow_bridges(struct wgmesh_net *wn)
{
	const bool wanted = wn->hook_users && wn->has_bridge;
	int err = 0;

	if (wanted == wn->bridged_hooks)
		return 0;
	if (wanted)
		err = nf_register_net_hooks(wn->net, wgmesh_receive_bridged_hooks,
					    WGMESH_RECEIVE_BRIDGED_HOOKS);
	else
		nf_unregister_net_hooks(wn->net, wgmesh_receive_bridged_hooks,
					WGMESH_RECEIVE_BRIDGED_HOOKS);
	if (!err)
		wn->bridged_hooks = wanted;
	return err;
}

/**
 * wgmesh_hooks_get() - one more that needs the hooks
 * @wn: the namespace, locked
 * @extack: gets the reason of a failure
 *
 * Context: Process; may sleep.
 * Return: 0 or an error.
 */
int wgmesh_hooks_get(struct wgmesh_net *wn, struct netlink_ext_ack *extack)
{
	int err = 0;

	lockdep_assert_held(&wn->lock);
	if (!wn->hook_users)
		err = hooks_register(wn);
	if (err)
		goto err_extack;
	wn->hook_users++;
	err = follow_bridges(wn);
	if (err)
		goto err_put;
	return 0;

err_put:
	wgmesh_hooks_put(wn);
err_extack:
	NL_SET_ERR_MSG(extack, "the netfilter hooks could not be registered");
	return err;
}

/**
 * wgmesh_hooks_put() - undo wgmesh_hooks_get()
 * @wn: the namespace, locked
 *
 * Context: Process; may sleep.
 */
void wgmesh_hooks_put(struct wgmesh_net *wn)
{
	lockdep_assert_held(&wn->lock);
	if (--wn->hook_users)
		return;
	follow_bridges(wn);
	hooks_unregister(wn);
}

static bool has_bridge(struct net *net)
{
	struct net_device *dev;

	for_each_netdev(net, dev)
		if (netif_is_bridge_master(dev))
			return true;
	return false;
}

/* They are looked for, not counted: that an interface goes is announced more than once. */
static int netdev_event(struct notifier_block *nb, unsigned long event, void *ptr)
{
	struct net_device *dev = netdev_notifier_info_to_dev(ptr);
	struct wgmesh_net *wn = wgmesh_net(dev_net(dev));
	int err;

	if (!netif_is_bridge_master(dev) ||
	    (event != NETDEV_REGISTER && event != NETDEV_UNREGISTER))
		return NOTIFY_DONE;
	mutex_lock(&wn->lock);
	wn->has_bridge = has_bridge(wn->net);
	err = follow_bridges(wn);
	mutex_unlock(&wn->lock);
	return notifier_from_errno(err);
}

static struct notifier_block netdev_notifier = { .notifier_call = netdev_event };

/**
 * wgmesh_hooks_init() - begin to watch for bridges
 *
 * Context: Process; may sleep.
 * Return: 0 or an error.
 */
int __init wgmesh_hooks_init(void)
{
	return register_netdevice_notifier(&netdev_notifier);
}

/**
 * wgmesh_hooks_exit() - undo wgmesh_hooks_init()
 *
 * Context: Process; may sleep.
 */
void wgmesh_hooks_exit(void)
{
	unregister_netdevice_notifier(&netdev_notifier);
}
