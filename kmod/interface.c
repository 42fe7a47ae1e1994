// SPDX-License-Identifier: GPL-2.0
/*
 * Paths that leave by one interface: they stay with it when it gets another name or another VRF,
 * and take the one that comes back under its name when it was gone.
 */
#include <linux/netdevice.h>
#include <net/net_namespace.h>

#include "events.h"
#include "interface.h"
#include "netns.h"
#include "path.h"
#include "peer.h"

/* Nothing holds there. */
#define NO_SCOPE	U32_MAX

/* Its packets are found by where its addresses hold. Without memory, or when another path has
 * these endpoints there, it receives nothing, and its probes find that out; the next event of its
 * interface tries again.
 */
static void set_scope(struct wgmesh_net *wn, struct wgmesh_path *path)
{
	struct wgmesh_flow *flow = &path->node.flow;
	const u32 scope = wgmesh_flow_scope(wn->net, flow, path->route.ifindex);

	if (flow->scope == scope)
		return;
	wgmesh_flow_remove(wn, &path->node);
	WRITE_ONCE(flow->scope, scope);
	if (wgmesh_flow_insert(wn, &path->node))
		WRITE_ONCE(flow->scope, NO_SCOPE);
}

/* The interface of the path is gone, and another one has its name. */
static bool comes_back(const struct wgmesh_net *wn, const struct wgmesh_path *path,
		       const struct net_device *dev)
{
	return path->route.ifindex && path->route.ifindex != dev->ifindex &&
	       !strcmp(path->ifname, dev->name) &&
	       !__dev_get_by_index(wn->net, path->route.ifindex);
}

static void look_at(struct wgmesh_net *wn, struct wgmesh_path *path, const struct net_device *dev)
{
	if (comes_back(wn, path, dev)) {
		WRITE_ONCE(path->route.ifindex, dev->ifindex);
		set_scope(wn, path);
		if (!path->follows)
			wgmesh_notify_path(path, WGMESH_CMD_PATH_NTF);
	} else if (path->route.ifindex == dev->ifindex) {
		strscpy(path->ifname, dev->name, sizeof(path->ifname));
		set_scope(wn, path);
	}
}

static int netdev_event(struct notifier_block *nb, unsigned long event, void *ptr)
{
	const struct net_device *dev = netdev_notifier_info_to_dev(ptr);
	struct wgmesh_net *wn = wgmesh_net(dev_net(dev));
	struct wgmesh_path *path;
	struct wgmesh_peer *peer;
	unsigned long id;

	if (event != NETDEV_REGISTER && event != NETDEV_CHANGENAME && event != NETDEV_CHANGEUPPER)
		return NOTIFY_DONE;
	mutex_lock(&wn->lock);
	if (wn->bound_paths)
		xa_for_each(&wn->peers, id, peer)
			list_for_each_entry(path, &peer->paths, peer_node)
				look_at(wn, path, dev);
	mutex_unlock(&wn->lock);
	return NOTIFY_DONE;
}

static struct notifier_block netdev_notifier = { .notifier_call = netdev_event };

static void set_interface(struct wgmesh_net *wn, struct wgmesh_path *path, int ifindex)
{
	const struct net_device *dev;

	WRITE_ONCE(path->route.ifindex, ifindex);
	rcu_read_lock();
	dev = dev_get_by_index_rcu(wn->net, ifindex);
	if (dev)
		strscpy(path->ifname, dev->name, sizeof(path->ifname));
	rcu_read_unlock();
}

/**
 * wgmesh_interface_set() - let a new path leave by one interface
 * @path: the path; nothing finds it yet
 * @ifindex: of the interface, or 0 for what the routes say
 *
 * Context: Process, under the lock of the namespace.
 */
void wgmesh_interface_set(struct wgmesh_path *path, int ifindex)
{
	struct wgmesh_net *wn = path->peer->device->wn;

	if (!ifindex)
		return;
	wn->bound_paths++;
	set_interface(wn, path, ifindex);
}

/**
 * wgmesh_interface_change() - let a path leave by another interface
 * @path: the path, which has one
 * @ifindex: of the other interface, which has the address of the path now
 *
 * Context: Process, under the lock of the namespace; may sleep.
 */
void wgmesh_interface_change(struct wgmesh_path *path, int ifindex)
{
	struct wgmesh_net *wn = path->peer->device->wn;

	set_interface(wn, path, ifindex);
	set_scope(wn, path);
	/* those by the interface before are not to be used any more */
	rt_genid_bump_all(wn->net);
	if (!path->follows)
		wgmesh_notify_path(path, WGMESH_CMD_PATH_NTF);
}

/**
 * wgmesh_interface_forget() - undo wgmesh_interface_set()
 * @path: the path
 *
 * Context: Process, under the lock of the namespace.
 */
void wgmesh_interface_forget(struct wgmesh_path *path)
{
	if (path->route.ifindex)
		path->peer->device->wn->bound_paths--;
}

/**
 * wgmesh_interface_init() - begin to watch interfaces
 *
 * Context: Process; may sleep.
 * Return: 0 or an error.
 */
int __init wgmesh_interface_init(void)
{
	return register_netdevice_notifier(&netdev_notifier);
}

/**
 * wgmesh_interface_exit() - undo wgmesh_interface_init()
 *
 * Context: Process; may sleep.
 */
void wgmesh_interface_exit(void)
{
	unregister_netdevice_notifier(&netdev_notifier);
}
