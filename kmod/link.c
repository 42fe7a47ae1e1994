// SPDX-License-Identifier: GPL-2.0
/*
 * Watching interfaces and addresses: a path that lost its link is dead at once, and one that got
 * it back is tried at once. Paths that an event does not concern are left alone.
 */
#include <linux/inetdevice.h>
#include <linux/netdevice.h>
#include <net/addrconf.h>

#include "link.h"
#include "netns.h"
#include "path.h"
#include "path-route.h"
#include "peer.h"
#include "prober.h"
#include "roam.h"

/* Is an interface one of those that had an event? */
static bool is_concerned(const struct wgmesh_link_events *events, int ifindex)
{
	unsigned int i;

	if (events->overflow)
		return true;
	for (i = 0; i < events->n; i++)
		if (events->ifindices[i] == ifindex)
			return true;
	return false;
}

/* By which interface can packets of the path leave now? Return: its index, or why by none. */
static int way_out(struct wgmesh_path *path)
{
	struct dst_entry *dst = wgmesh_path_dst(path);
	int ifindex = -ENETDOWN;

	if (IS_ERR(dst))
		return PTR_ERR(dst);
	if (netif_running(dst->dev) && netif_carrier_ok(dst->dev))
		ifindex = dst->dev->ifindex;
	dst_release(dst);
	return ifindex;
}

/* A path that is dead has a way out that is new: one more request, now. */
static void try_again(struct wgmesh_path *path)
{
	struct wgmesh_peer *peer = path->peer;

	lockdep_assert_held(&peer->lock);
	path->next_probe_ns = 0;
	wgmesh_roam_schedule(peer);
	wgmesh_prober_kick(peer);
}

/* Only a path that is dead is tried again: of the others their probes tell what became of them.
 * One that died for lack of a way out may be another address away from a new one.
 */
static void look_at_path(struct wgmesh_path *path, const struct wgmesh_link_events *events)
{
	struct wgmesh_peer *peer = path->peer;
	bool lacked;
	int ifindex;

	rcu_read_lock();
	local_bh_disable();
	ifindex = way_out(path);
	if (ifindex < 0)
		wgmesh_prober_unroutable(path, ifindex);
	local_bh_enable();
	rcu_read_unlock();

	spin_lock_bh(&peer->lock);
	if (path->liveness.state == WGMESH_PATH_STATE_DEAD) {
		lacked = path->dead_reason == WGMESH_REASON_LINK ||
			 path->dead_reason == WGMESH_REASON_LOOP;
		if (ifindex > 0 && (lacked || is_concerned(events, ifindex)))
			try_again(path);
		else if (lacked)
			wgmesh_roam_schedule(peer);
	}
	spin_unlock_bh(&peer->lock);
}

/* Routes of many paths are not looked up because some container got its interface: a path that is
 * tied to another one works on, and one that is dead may find its way now.
 */
static bool may_concern(const struct wgmesh_path *path, const struct wgmesh_link_events *events)
{
	const int ifindex = READ_ONCE(path->route.ifindex);

	return !ifindex || is_concerned(events, ifindex) ||
	       READ_ONCE(path->liveness.state) == WGMESH_PATH_STATE_DEAD;
}

static void look_at_peer(struct wgmesh_peer *peer, const struct wgmesh_link_events *events)
{
	struct wgmesh_path *path;

	list_for_each_entry(path, &peer->paths, peer_node)
		if (may_concern(path, events))
			look_at_path(path, events);
}

/* Takes what happened since this was asked last. */
static void take_events(struct wgmesh_link *link, struct wgmesh_link_events *events)
{
	spin_lock_bh(&link->lock);
	*events = link->events;
	link->events.n = 0;
	link->events.overflow = false;
	spin_unlock_bh(&link->lock);
}

static void link_changed(struct work_struct *work)
{
	struct wgmesh_net *wn = container_of(work, struct wgmesh_net, link.work);
	struct wgmesh_link_events events;
	struct wgmesh_peer *peer;
	unsigned long id;

	take_events(&wn->link, &events);
	mutex_lock(&wn->lock);
	xa_for_each(&wn->peers, id, peer)
		if (rcu_access_pointer(peer->prober.keys)) {
			look_at_peer(peer, &events);
			cond_resched();
		}
	mutex_unlock(&wn->lock);
}

static void link_note(struct wgmesh_link *link, int ifindex)
{
	struct wgmesh_link_events *events = &link->events;

	spin_lock_bh(&link->lock);
	if (!is_concerned(events, ifindex)) {
		if (events->n < WGMESH_LINK_EVENTS)
			events->ifindices[events->n++] = ifindex;
		else
			events->overflow = true;
	}
	spin_unlock_bh(&link->lock);
}

static void look_later(const struct net_device *dev)
{
	struct wgmesh_net *wn = wgmesh_net(dev_net(dev));

	/* Without peers nobody is interested. */
	if (xa_empty(&wn->peers))
		return;
	link_note(&wn->link, dev->ifindex);
	wgmesh_net_queue(wn, &wn->link.work);
}

/**
 * wgmesh_link_look() - see soon which paths have a link and a route, for any may have another one
 * @wn: the namespace
 *
 * Context: Any.
 */
void wgmesh_link_look(struct wgmesh_net *wn)
{
	struct wgmesh_link *link = &wn->link;

	if (xa_empty(&wn->peers))
		return;
	spin_lock_bh(&link->lock);
	link->events.overflow = true;
	spin_unlock_bh(&link->lock);
	wgmesh_net_queue(wn, &link->work);
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
	spin_lock_init(&wn->link.lock);
	INIT_WORK(&wn->link.work, link_changed);
}

/**
 * wgmesh_link_exit() - the namespace ends, and has no peers any more
 * @wn: the namespace, not locked
 *
 * Context: Process; may sleep.
 */
void wgmesh_link_exit(struct wgmesh_net *wn)
{
	cancel_work_sync(&wn->link.work);
}
