// SPDX-License-Identifier: GPL-2.0
/*
 * Where the packets of a path leave: the route to its remote endpoint.
 */
#include <net/dst.h>
#include <net/route.h>

#include "path.h"
#include "path-route.h"
#include "peer.h"
#include "route.h"

/**
 * wgmesh_path_route4() - the route of an IPv4 path
 * @path: the path
 * @mark: firewall mark to route by
 * @sk: WireGuard's socket, or NULL
 *
 * Context: Bottom halves disabled, under rcu_read_lock().
 * Return: the route with a reference, or an error pointer.
 */
struct rtable *wgmesh_path_route4(struct wgmesh_path *path, u32 mark, struct sock *sk)
{
	struct wgmesh_path_cpu *cpu = wgmesh_percpu_this(&path->cpus);

	return wgmesh_route4(path->peer->device->wn->net, &path->route, cpu ? &cpu->route : NULL,
			     &path->node.flow, mark, sk);
}

/**
 * wgmesh_path_route6() - the route of an IPv6 path
 * @path: the path
 * @mark: firewall mark to route by
 * @sk: WireGuard's socket, or NULL
 *
 * Context: Bottom halves disabled, under rcu_read_lock().
 * Return: the route with a reference, or an error pointer.
 */
struct dst_entry *wgmesh_path_route6(struct wgmesh_path *path, u32 mark, struct sock *sk)
{
	struct wgmesh_path_cpu *cpu = wgmesh_percpu_this(&path->cpus);

	return wgmesh_route6(path->peer->device->wn->net, &path->route, cpu ? &cpu->route : NULL,
			     &path->node.flow, mark, sk);
}

/**
 * wgmesh_path_mark() - the firewall mark of what the module sends by itself on a path
 * @path: the path
 *
 * Context: Any.
 * Return: the mark, as WireGuard has it.
 */
u32 wgmesh_path_mark(const struct wgmesh_path *path)
{
	return READ_ONCE(path->peer->device->mark);
}

/**
 * wgmesh_path_dst() - the route of a path for what the module sends by itself
 * @path: the path
 *
 * Context: Bottom halves disabled, under rcu_read_lock().
 * Return: the route with a reference, or an error pointer: -ELOOP when the path would carry itself.
 */
struct dst_entry *wgmesh_path_dst(struct wgmesh_path *path)
{
	const u32 mark = wgmesh_path_mark(path);
	struct rtable *rt;

	if (path->node.flow.family != AF_INET)
		return wgmesh_path_route6(path, mark, NULL);
	rt = wgmesh_path_route4(path, mark, NULL);
	return IS_ERR(rt) ? ERR_CAST(rt) : &rt->dst;
}

/**
 * wgmesh_path_mtu() - the MTU of a path's route
 * @path: the path
 *
 * Context: Process or softirq, under the lock of the namespace or rcu_read_lock().
 * Return: bytes of IP packet, or 0 when there is no route.
 */
unsigned int wgmesh_path_mtu(struct wgmesh_path *path)
{
	struct dst_entry *dst;
	unsigned int mtu = 0;

	rcu_read_lock();
	local_bh_disable();
	dst = wgmesh_path_dst(path);
	if (!IS_ERR(dst)) {
		mtu = dst_mtu(dst);
		dst_release(dst);
	}
	local_bh_enable();
	rcu_read_unlock();
	return mtu;
}
