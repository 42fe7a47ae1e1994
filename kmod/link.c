// SPDX-License-Identifier: GPL-2.0
/*
 * Watching interfaces and addresses: a path that lost its link is dead at once, and one that got
 * it back is tried at once.
 */
#include <linux/inetdevice.h>
#include <linux/netdevice.h>
#include <net/addrconf.h>

#include "link.h"
#include "netns.h"
#include "path.h"
#include "peer.h"
#include "prober.h"
#include "roam.h"

static bool has_link(struct wgmesh_path *path)
{
	struct dst_entry *dst = wgmesh_path_dst(path);
	bool up;

	if (!dst)
		return false;
	up = netif_running(dst->dev) && netif_carrier_ok(dst->dev);
	dst_release(dst);
	return up;
}

static void try_again(struct wgmesh_path *path)
{
	struct wgmesh_peer *peer = path->peer;

	spin_lock_bh(&peer->lock);
	if (path->liveness.state == WGMESH_PATH_STATE_DEAD) {
		path->next_probe_ns = 0;
		wgmesh_roam_schedule(peer);
	}
	spin_unlock_bh(&peer->lock);
	wgmesh_prober_kick(peer);
}

static void look_at(struct wgmesh_peer *peer)
{
	struct wgmesh_path *path;
	bool up;

	list_for_each_entry(path, &peer->paths, peer_node) {
		rcu_read_lock();
		local_bh_disable();
		up = has_link(path);
		if (!up)
			wgmesh_prober_unroutable(path);
		local_bh_enable();
		rcu_read_unlock();
		if (up)
			try_again(path);
	}
}

static void link_changed(struct work_struct *work)
{
	struct wgmesh_net *wn = container_of(work, struct wgmesh_net, link_work);
	struct wgmesh_peer *peer;
	unsigned long id;

	mutex_lock(&wn->lock);
	xa_for_each(&wn->peers, id, peer)
		if (rcu_access_pointer(peer->prober.keys))
			look_at(peer);
	mutex_unlock(&wn->lock);
}

static void look_later(const struct net_device *dev)
{
	struct wgmesh_net *wn = wgmesh_net(dev_net(dev));

	/* Without peers nobody is interested. */
	if (!xa_empty(&wn->peers))
		queue_work(system_highpri_wq, &wn->link_work);
}

static int netdev_event(struct notifier_block *nb, unsigned long event, void *ptr)
{
	switch (event) {
	case NETDEV_UP:
	case NETDEV_DOWN:
	case NETDEV_CHANGE:
		look_later(netdev_notifier_info_to_dev(ptr));
	}
	return NOTIFY_DONE;
}

static int inetaddr_event(struct notifier_block *nb, unsigned long event, void *ptr)
{
	const struct in_ifaddr *address = ptr;

	look_later(address->ifa_dev->dev);
	return NOTIFY_DONE;
}

static int inet6addr_event(struct notifier_block *nb, unsigned long event, void *ptr)
{
	const struct inet6_ifaddr *address = ptr;

	look_later(address->idev->dev);
	return NOTIFY_DONE;
}

/* After the stack has drawn its own conclusions. */
static struct notifier_block netdev_notifier = {
	.notifier_call = netdev_event,
	.priority = INT_MIN,
};

static struct notifier_block inetaddr_notifier = {
	.notifier_call = inetaddr_event,
	.priority = INT_MIN,
};

static struct notifier_block inet6addr_notifier = {
	.notifier_call = inet6addr_event,
	.priority = INT_MIN,
};

/**
 * wgmesh_link_register() - begin to watch
 *
 * Context: Process; may sleep.
 * Return: 0 or an error.
 */
int __init wgmesh_link_register(void)
{
	int err = register_netdevice_notifier(&netdev_notifier);

	if (err)
		return err;
	err = register_inetaddr_notifier(&inetaddr_notifier);
	if (err)
		goto err_netdev;
	err = register_inet6addr_notifier(&inet6addr_notifier);
	if (err)
		goto err_inetaddr;
	return 0;

err_inetaddr:
	unregister_inetaddr_notifier(&inetaddr_notifier);
err_netdev:
	unregister_netdevice_notifier(&netdev_notifier);
	return err;
}

/**
 * wgmesh_link_unregister() - undo wgmesh_link_register()
 *
 * Context: Process; may sleep.
 */
void wgmesh_link_unregister(void)
{
	unregister_inet6addr_notifier(&inet6addr_notifier);
	unregister_inetaddr_notifier(&inetaddr_notifier);
	unregister_netdevice_notifier(&netdev_notifier);
}

/**
 * wgmesh_link_init() - prepare a namespace
 * @wn: the namespace
 *
 * Context: Process.
 */
void wgmesh_link_init(struct wgmesh_net *wn)
{
	INIT_WORK(&wn->link_work, link_changed);
}

/**
 * wgmesh_link_exit() - the namespace ends, and has no peers any more
 * @wn: the namespace, not locked
 *
 * Context: Process; may sleep.
 */
void wgmesh_link_exit(struct wgmesh_net *wn)
{
	cancel_work_sync(&wn->link_work);
}
