/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A WireGuard device that was attached, so that its peers can have paths.
 */
#ifndef WGMESH_DEVICE_H
#define WGMESH_DEVICE_H

#include <linux/netdevice.h>
#include <linux/rcupdate.h>
#include <linux/spinlock.h>
#include <linux/string.h>
#include <linux/types.h>
#include <net/rtnetlink.h>
#include <net/sock.h>

#include "prober.h"

struct netlink_ext_ack;
struct wgmesh_selector;
struct wgmesh_net;

/* Virtual endpoints are given out of 127.64.0.0/10: always routed to the local
 * host without any configuration, not accepted from the wire (unless somebody sets
 * route_localnet), and far away from what programs use. The lower bits are the id of the peer.
 */
#define WGMESH_VIRTUAL_NETWORK	0x7f400000u
#define WGMESH_VIRTUAL_PREFIX	10
#define WGMESH_VIRTUAL_MASK	(~0u << (32 - WGMESH_VIRTUAL_PREFIX))
#define WGMESH_VIRTUAL_PORT	1
#define WGMESH_PEER_ID_MAX	(~WGMESH_VIRTUAL_MASK - 1)

/**
 * struct wgmesh_device - an attached WireGuard device
 * @wn: the underlay, where WireGuard's sockets are
 * @dev: the interface, with a reference; it may have been moved to another namespace
 * @dev_tracker: debugging of the reference to @dev
 * @id: number in @wn
 * @listen_port: port of WireGuard's socket, 0 while unknown. Told by userspace or
 *	learned from the packets it sends: WireGuard announces a change to nobody.
 * @socket: WireGuard's IPv4 socket as it was seen last, with a reference, or NULL.
 *	It is in use only as long as wgmesh_device_owns_socket() says so.
 * @socket_lock: for changes of @socket and @detached
 * @detached: @socket stays NULL
 * @mark: firewall mark of what it sends, which the paths of its peers are routed by. Told by
 *	userspace, or learned from the packets it sends
 * @peers: number of peers, under the lock of @wn
 * @selector: chooses among the paths of peers that have none of their own
 * @pace: how often paths are probed; under the lock of @wn
 * @payer: the memory cgroup of who attached it, with a reference: what packets and timers need
 *	for its peers and paths is charged to that
 * @list: on the list of all devices, under RTNL; read under RCU
 * @rcu: frees it
 * @drop_no_peer: packets to a virtual endpoint that no peer has; far from what packets that are
 *	not dropped read, as are the others
 * @drop_no_socket: packets for a device that had no socket
 * @drop_probe: probes that were not authentic, or had been here before
 */
struct wgmesh_device {
	struct wgmesh_net *wn;
	struct net_device *dev;
	netdevice_tracker dev_tracker;
	u32 id;
	__be16 listen_port;
	struct sock __rcu *socket;
	spinlock_t socket_lock; /* see @socket_lock */
	bool detached;
	u32 mark;
	u32 peers;
	const struct wgmesh_selector *selector;
	struct wgmesh_pace pace;
	struct mem_cgroup *payer;
	struct list_head list;
	struct rcu_head rcu;
	atomic64_t drop_no_peer ____cacheline_aligned_in_smp;
	atomic64_t drop_no_socket;
	atomic64_t drop_probe;
};

struct wgmesh_device *wgmesh_device_attach(struct wgmesh_net *wn, struct net_device *dev,
					   struct netlink_ext_ack *extack);
void wgmesh_device_detach(struct wgmesh_device *device);
void wgmesh_device_detach_all(struct wgmesh_net *wn);
struct wgmesh_device *wgmesh_device_find(struct wgmesh_net *wn, const struct net_device *dev);
bool wgmesh_device_is_attached(const struct net_device *dev);
void wgmesh_device_set_selector(struct wgmesh_device *device,
				const struct wgmesh_selector *selector);
void wgmesh_device_set_pace(struct wgmesh_device *device, const struct wgmesh_pace *pace);
void wgmesh_device_set_port(struct wgmesh_device *device, __be16 port);
void wgmesh_device_set_mark(struct wgmesh_device *device, u32 mark);
struct sock *wgmesh_device_socket(struct wgmesh_device *device);
void wgmesh_device_learn_socket(struct wgmesh_device *device, struct sock *sk);
int wgmesh_device_init(void);
void wgmesh_device_exit(void);

/* Is an interface WireGuard's? Its kind is all that WireGuard shows. Context: Any. */
static inline bool wgmesh_is_wireguard(const struct net_device *dev)
{
	return dev->rtnl_link_ops && !strcmp(dev->rtnl_link_ops->kind, "wireguard");
}

/**
 * wgmesh_device_owns_socket() - is this a WireGuard socket of the device?
 * @device: the device
 * @sk: a UDP socket
 *
 * WireGuard's sockets carry its private data, which no other socket has
 * (drivers/net/wireguard/socket.c, wg_socket_init()), until they are closed.
 *
 * Context: Any, under rcu_read_lock().
 */
static inline bool wgmesh_device_owns_socket(const struct wgmesh_device *device, struct sock *sk)
{
	return rcu_dereference_sk_user_data(sk) == netdev_priv(device->dev);
}

/* Does the device send by @sk? It is remembered then. Context: Any, under rcu_read_lock(). */
static inline bool wgmesh_device_sends_by(struct wgmesh_device *device, struct sock *sk)
{
	if (likely(rcu_access_pointer(device->socket) == sk))
		return true;
	if (!wgmesh_device_owns_socket(device, sk))
		return false;
	wgmesh_device_learn_socket(device, sk);
	return true;
}

#endif /* WGMESH_DEVICE_H */
