// SPDX-License-Identifier: GPL-2.0
/*
 * wgmesh: several paths for the peers of a WireGuard device.
 */
#include <linux/module.h>
#include <linux/rcupdate.h>
#include <net/genetlink.h>
#include <net/net_namespace.h>

#include "bounce.h"
#include "carried.h"
#include "device.h"
#include "flow.h"
#include "hooks.h"
#include "index.h"
#include "interface.h"
#include "link.h"
#include "netlink.h"
#include "netns.h"
#include "path.h"
#include "peer.h"
#include "relay.h"
#include "roam.h"

unsigned int wgmesh_net_id __read_mostly;

static int __net_init net_init(struct net *net)
{
	struct wgmesh_net *wn = wgmesh_net(net);
	int err;

	wn->net = net;
	mutex_init(&wn->lock);
	spin_lock_init(&wn->work_lock);
	xa_init_flags(&wn->devices, XA_FLAGS_ALLOC1);
	xa_init_flags(&wn->peers, XA_FLAGS_ALLOC1);
	xa_init_flags(&wn->paths, XA_FLAGS_ALLOC1);
	xa_init(&wn->bounces);
	wgmesh_relay_init(wn);
	wgmesh_roam_init(wn);
	wgmesh_link_init(wn);
	err = wgmesh_flow_table_init(wn);
	if (err)
		return err;
	err = wgmesh_peer_table_init(wn);
	if (err)
		goto err_flows;
	err = wgmesh_index_table_init(wn);
	if (err)
		goto err_peers;
	return 0;

err_peers:
	wgmesh_peer_table_destroy(wn);
err_flows:
	wgmesh_flow_table_destroy(wn);
	return err;
}

static void __net_exit net_pre_exit(struct net *net)
{
	struct wgmesh_net *wn = wgmesh_net(net);

	wgmesh_net_end(wn);
	wgmesh_device_detach_all(wn);
	wgmesh_link_exit(wn);
	wgmesh_roam_exit(wn);
	wgmesh_relay_exit(wn);
	wgmesh_bounce_remove_all(wn);
}

/* A grace period after net_pre_exit(): no packet looks at the tables any more. */
static void __net_exit net_exit(struct net *net)
{
	struct wgmesh_net *wn = wgmesh_net(net);

	wgmesh_flow_table_destroy(wn);
	wgmesh_peer_table_destroy(wn);
	wgmesh_index_table_destroy(wn);
	xa_destroy(&wn->devices);
	xa_destroy(&wn->peers);
	xa_destroy(&wn->paths);
	xa_destroy(&wn->allocations);
	xa_destroy(&wn->channels);
	xa_destroy(&wn->bounces);
}

static struct pernet_operations net_ops = {
	.init = net_init,
	.pre_exit = net_pre_exit,
	.exit = net_exit,
	.id = &wgmesh_net_id,
	.size = sizeof(struct wgmesh_net),
};

static int __init wgmesh_init(void)
{
	int err;

	wgmesh_flow_init_hash();
	err = wgmesh_peer_init();
	if (err)
		return err;
	err = wgmesh_path_init();
	if (err)
		goto err_peer;
	err = register_pernet_subsys(&net_ops);
	if (err)
		goto err_path;
	err = wgmesh_hooks_init();
	if (err)
		goto err_net;
	err = wgmesh_device_init();
	if (err)
		goto err_hooks;
	err = wgmesh_carried_init();
	if (err)
		goto err_device;
	err = wgmesh_interface_init();
	if (err)
		goto err_carried;
	err = wgmesh_link_register();
	if (err)
		goto err_interface;
	err = wgmesh_bounce_init();
	if (err)
		goto err_link;
	err = wgmesh_netlink_init();
	if (err)
		goto err_bounce;
	return 0;

err_bounce:
	wgmesh_bounce_exit();
err_link:
	wgmesh_link_unregister();
err_interface:
	wgmesh_interface_exit();
err_carried:
	wgmesh_carried_exit();
err_device:
	wgmesh_device_exit();
err_hooks:
	wgmesh_hooks_exit();
err_net:
	unregister_pernet_subsys(&net_ops);
err_path:
	wgmesh_path_exit();
err_peer:
	wgmesh_peer_exit();
	return err;
}

static void __exit wgmesh_exit(void)
{
	wgmesh_netlink_exit();
	wgmesh_bounce_exit();
	wgmesh_link_unregister();
	wgmesh_interface_exit();
	wgmesh_carried_exit();
	wgmesh_device_exit();
	wgmesh_hooks_exit();
	unregister_pernet_subsys(&net_ops);
	/* Peers, paths and channels are freed by callbacks that are code of this module. */
	rcu_barrier();
	wgmesh_path_exit();
	wgmesh_peer_exit();
}

module_init(wgmesh_init);
module_exit(wgmesh_exit);

MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("Several paths for the peers of a WireGuard device");
MODULE_VERSION(WGMESH_VERSION);
MODULE_ALIAS_GENL_FAMILY(WGMESH_FAMILY_NAME);
