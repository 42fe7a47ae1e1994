// SPDX-License-Identifier: GPL-2.0
/*
 * Attaching to WireGuard devices, and letting go of them when they go away.
 */
#include <linux/memcontrol.h>
#include <linux/slab.h>
#include <net/rtnetlink.h>
#include <net/sock.h>
#include <net/udp.h>

#include "carried.h"
#include "compat.h"
#include "device.h"
#include "events.h"
#include "hooks.h"
#include "link.h"
#include "netns.h"
#include "peer.h"
#include "select.h"
#include "selector.h"

/* All devices of all namespaces, under RTNL, read under RCU: an interface can be deleted in a
 * namespace that is not the one of its underlay.
 */
static LIST_HEAD(all_devices);

/**
 * wgmesh_device_learn_socket() - remember WireGuard's socket, and its port
 * @device: the device
 * @sk: its IPv4 socket; NULL to forget it
 *
 * The memory of a socket stays until WireGuard uses another one or the device is
 * detached; nothing else of a closed socket does.
 *
 * Context: Any but hard interrupts, under rcu_read_lock() when @sk is not NULL.
 */
void wgmesh_device_learn_socket(struct wgmesh_device *device, struct sock *sk)
{
	struct sock *old;

	spin_lock_bh(&device->socket_lock);
	old = rcu_dereference_protected(device->socket, lockdep_is_held(&device->socket_lock));
	if (old == sk || (sk && (device->detached || !refcount_inc_not_zero(&sk->sk_refcnt)))) {
		spin_unlock_bh(&device->socket_lock);
		return;
	}
	rcu_assign_pointer(device->socket, sk);
	if (sk)
		WRITE_ONCE(device->listen_port, inet_sk(sk)->inet_sport);
	spin_unlock_bh(&device->socket_lock);
	if (old)
		sock_put(old);
}

/**
 * wgmesh_device_set_port() - where WireGuard's socket is
 * @device: the device
 * @port: the port it listens on
 *
 * Context: Process, under the lock of the namespace.
 */
void wgmesh_device_set_port(struct wgmesh_device *device, __be16 port)
{
	wgmesh_device_learn_socket(device, NULL);
	WRITE_ONCE(device->listen_port, port);
}

/**
 * wgmesh_device_set_mark() - what the paths of its peers are routed by
 * @device: the device
 * @mark: WireGuard's firewall mark
 *
 * Where there was no way before, there may be one now, and the other way round.
 *
 * Context: Any.
 */
void wgmesh_device_set_mark(struct wgmesh_device *device, u32 mark)
{
	WRITE_ONCE(device->mark, mark);
	wgmesh_link_look(device->wn);
}

/**
 * wgmesh_device_set_selector() - choose anew among the paths of all peers
 * @device: the device
 * @selector: what wgmesh_selector_get() gave; it is the device's now
 *
 * Context: Process, under the lock of the namespace.
 */
void wgmesh_device_set_selector(struct wgmesh_device *device,
				const struct wgmesh_selector *selector)
{
	const struct wgmesh_selector *old = device->selector;
	struct wgmesh_peer *peer;
	unsigned long id;

	WRITE_ONCE(device->selector, selector);
	xa_for_each(&device->wn->peers, id, peer)
		if (peer->device == device && !peer->selector)
			wgmesh_peer_set_selector(peer, NULL);
	/* whoever was just choosing by the old one held the lock of a peer */
	wgmesh_selector_put(old);
}

/**
 * wgmesh_device_set_pace() - probe more often, or less
 * @device: the device
 * @pace: how often; none is 0
 *
 * Context: Process, under the lock of the namespace.
 */
void wgmesh_device_set_pace(struct wgmesh_device *device, const struct wgmesh_pace *pace)
{
	struct wgmesh_peer *peer;
	unsigned long id;

	device->pace = *pace;
	xa_for_each(&device->wn->peers, id, peer)
		if (peer->device == device)
			wgmesh_prober_kick(peer);
}

/**
 * wgmesh_device_socket() - the socket that WireGuard receives by
 * @device: the device
 *
 * Context: Softirq or process, under rcu_read_lock().
 * Return: the socket, good until rcu_read_unlock(), or NULL.
 */
struct sock *wgmesh_device_socket(struct wgmesh_device *device)
{
	struct sock *sk = rcu_dereference(device->socket);
	__be16 port = READ_ONCE(device->listen_port);
	struct net *net = device->wn->net;

	if (likely(sk && wgmesh_device_owns_socket(device, sk)))
		return sk;
	if (!port)
		return NULL;
	/* any source but one that WireGuard is connected to, which it never is */
	sk = wgmesh_udp4_lookup(net, htonl(WGMESH_VIRTUAL_NETWORK), htons(WGMESH_VIRTUAL_PORT),
				htonl(INADDR_LOOPBACK), port);
	if (!sk || !wgmesh_device_owns_socket(device, sk))
		return NULL;
	wgmesh_device_learn_socket(device, sk);
	return sk;
}

static void device_free_rcu(struct rcu_head *rcu)
{
	struct wgmesh_device *device = container_of(rcu, struct wgmesh_device, rcu);

	mem_cgroup_put(device->payer);
	kfree(device);
}

/**
 * wgmesh_device_attach() - take a WireGuard interface under management
 * @wn: the underlay, locked
 * @dev: the interface, which has to be WireGuard's
 * @extack: gets the reason of a refusal
 *
 * Context: Process, under RTNL; may sleep.
 * Return: the device, or an error pointer: -EOPNOTSUPP when @dev is not
 * WireGuard's, -ENOMEM.
 */
struct wgmesh_device *wgmesh_device_attach(struct wgmesh_net *wn, struct net_device *dev,
					   struct netlink_ext_ack *extack)
{
	struct wgmesh_device *device;
	int err;

	ASSERT_RTNL();
	if (!wgmesh_is_wireguard(dev)) {
		NL_SET_ERR_MSG(extack, "the interface is not a WireGuard device");
		return ERR_PTR(-EOPNOTSUPP);
	}

	device = kzalloc(sizeof(*device), GFP_KERNEL_ACCOUNT);
	if (!device)
		return ERR_PTR(-ENOMEM);
	device->payer = get_mem_cgroup_from_mm(current->mm);
	device->wn = wn;
	device->dev = dev;
	device->selector = &wgmesh_selector_failover;
	device->pace = (struct wgmesh_pace){
		.active_ms = WGMESH_PROBE_ACTIVE_MS,
		.standby_ms = WGMESH_PROBE_STANDBY_MS,
		.idle_ms = WGMESH_PROBE_IDLE_MS,
		.attempts = WGMESH_PROBE_ATTEMPTS,
	};
	spin_lock_init(&device->socket_lock);

	err = wgmesh_hooks_get(wn, extack);
	if (err)
		goto err_free;
	err = xa_alloc_cyclic(&wn->devices, &device->id, device, XA_LIMIT(1, INT_MAX),
			      &wn->next_device, GFP_KERNEL_ACCOUNT);
	if (err < 0)
		goto err_hooks;
	netdev_hold(dev, &device->dev_tracker, GFP_KERNEL);
	list_add_tail_rcu(&device->list, &all_devices);
	wgmesh_carried_changed(dev_net(dev));
	wgmesh_notify_device(device, WGMESH_CMD_DEVICE_NTF);
	return device;

err_hooks:
	wgmesh_hooks_put(wn);
err_free:
	device_free_rcu(&device->rcu);
	return ERR_PTR(err);
}

/**
 * wgmesh_device_detach() - let go of an interface, its peers and their paths
 * @device: the device, freed after a grace period
 *
 * WireGuard keeps its configuration; what it sends to a virtual endpoint ends at
 * a closed port of the loopback interface.
 *
 * Context: Process, under RTNL and the lock of the namespace; may sleep.
 */
void wgmesh_device_detach(struct wgmesh_device *device)
{
	struct wgmesh_net *wn = device->wn;
	struct wgmesh_peer *peer;
	unsigned long id;

	ASSERT_RTNL();
	lockdep_assert_held(&wn->lock);
	xa_for_each(&wn->peers, id, peer)
		if (peer->device == device)
			wgmesh_peer_remove(peer);

	wgmesh_notify_device(device, WGMESH_CMD_DEVICE_DEL_NTF);
	list_del_rcu(&device->list);
	xa_erase(&wn->devices, device->id);
	spin_lock_bh(&device->socket_lock);
	device->detached = true;
	spin_unlock_bh(&device->socket_lock);
	wgmesh_device_learn_socket(device, NULL);
	wgmesh_hooks_put(wn);
	wgmesh_selector_put(device->selector);
	netdev_put(device->dev, &device->dev_tracker);
	/* behind its paths, which need the payer */
	call_rcu(&device->rcu, device_free_rcu);
}

/**
 * wgmesh_device_detach_all() - detach every device of a namespace
 * @wn: the namespace, not locked
 *
 * Context: Process, not under RTNL; may sleep.
 */
void wgmesh_device_detach_all(struct wgmesh_net *wn)
{
	struct wgmesh_device *device;
	unsigned long id;

	rtnl_lock();
	mutex_lock(&wn->lock);
	xa_for_each(&wn->devices, id, device)
		wgmesh_device_detach(device);
	mutex_unlock(&wn->lock);
	rtnl_unlock();
}

/**
 * wgmesh_device_find() - find the device of an interface
 * @wn: the namespace
 * @dev: the interface; only compared
 *
 * Context: Any, under rcu_read_lock() or the lock of the namespace.
 * Return: the device, or NULL when it is not attached.
 */
struct wgmesh_device *wgmesh_device_find(struct wgmesh_net *wn, const struct net_device *dev)
{
	struct wgmesh_device *device;
	unsigned long id;

	xa_for_each(&wn->devices, id, device)
		if (device->dev == dev)
			return device;
	return NULL;
}

/**
 * wgmesh_device_is_attached() - is an interface under management, in whatever namespace?
 * @dev: the interface
 *
 * Context: Under rcu_read_lock().
 */
bool wgmesh_device_is_attached(const struct net_device *dev)
{
	const struct wgmesh_device *device;

	list_for_each_entry_rcu(device, &all_devices, list)
		if (device->dev == dev)
			return true;
	return false;
}

static int netdev_event(struct notifier_block *nb, unsigned long event, void *ptr)
{
	struct net_device *dev = netdev_notifier_info_to_dev(ptr);
	struct wgmesh_device *device, *next;

	/* Moving to another namespace is announced like an end. */
	if (event != NETDEV_UNREGISTER || dev->reg_state != NETREG_UNREGISTERING)
		return NOTIFY_DONE;

	list_for_each_entry_safe(device, next, &all_devices, list) {
		struct wgmesh_net *wn = device->wn;

		if (device->dev != dev)
			continue;
		mutex_lock(&wn->lock);
		wgmesh_device_detach(device);
		mutex_unlock(&wn->lock);
	}
	return NOTIFY_DONE;
}

static struct notifier_block netdev_notifier = { .notifier_call = netdev_event };

/**
 * wgmesh_device_init() - begin to watch for interfaces that go away
 *
 * Context: Process; may sleep.
 * Return: 0 or an error.
 */
int __init wgmesh_device_init(void)
{
	return register_netdevice_notifier(&netdev_notifier);
}

/**
 * wgmesh_device_exit() - undo wgmesh_device_init()
 *
 * Context: Process; may sleep.
 */
void wgmesh_device_exit(void)
{
	unregister_netdevice_notifier(&netdev_notifier);
}
