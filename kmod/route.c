// SPDX-License-Identifier: GPL-2.0
/*
 * Looking routes up, and keeping them.
 */
#include <linux/security.h>
#include <net/addrconf.h>
#include <net/ip6_fib.h>
#include <net/ipv6.h>
#include <net/route.h>
#include <net/sock.h>

#include "compat.h"
#include "flow.h"
#include "route.h"

/**
 * wgmesh_route_init() - make an empty cache
 * @route: zeroed memory
 * @ifindex: interface to send through, or 0 for what the routes say
 *
 * Context: Process; may sleep.
 * Return: 0 or -ENOMEM.
 */
int wgmesh_route_init(struct wgmesh_route *route, int ifindex)
{
	route->ifindex = ifindex;
	route->cache = alloc_percpu_gfp(struct wgmesh_route_cache, GFP_KERNEL_ACCOUNT | __GFP_ZERO);
	return route->cache ? 0 : -ENOMEM;
}

/**
 * wgmesh_route_destroy() - let go of the routes
 * @route: zeroed memory, or what wgmesh_route_init() was called for; no packet uses it any more
 *
 * Context: Any.
 */
void wgmesh_route_destroy(struct wgmesh_route *route)
{
	int cpu;

	if (!route->cache)
		return;
	for_each_possible_cpu(cpu)
		dst_release(per_cpu_ptr(route->cache, cpu)->dst);
	free_percpu(route->cache);
}

/* Takes the reference over. Who uses the former route does so under RCU. */
static void keep(struct wgmesh_route *route, struct dst_entry *dst, u32 cookie, u32 mark)
{
	struct wgmesh_route_cache *cache = this_cpu_ptr(route->cache);

	WRITE_ONCE(route->mark, mark);
	dst_release(cache->dst);
	cache->dst = dst;
	cache->cookie = cookie;
	cache->mark = mark;
}

/**
 * wgmesh_route4_look_up() - look the route of an IPv4 flow up, and keep it
 * @net: see wgmesh_route4_rcu(), likewise for the others
 * @route: see @net
 * @flow: see @net
 * @mark: see @net
 * @sk: see @net
 *
 * Context: Bottom halves disabled, under rcu_read_lock().
 * Return: the route without a reference, valid under rcu_read_lock(), or an error pointer.
 */
struct rtable *wgmesh_route4_look_up(struct net *net, struct wgmesh_route *route,
				     const struct wgmesh_flow *flow, u32 mark, struct sock *sk)
{
	struct flowi4 fl;
	struct rtable *rt;

	fl = (struct flowi4){
		.saddr = flow->local.ip,
		.daddr = flow->remote.ip,
		.fl4_sport = flow->local_port,
		.fl4_dport = flow->remote_port,
		.flowi4_proto = IPPROTO_UDP,
		.flowi4_mark = mark,
		.flowi4_oif = route->ifindex,
		.flowi4_uid = sock_net_uid(net, NULL),
	};
	if (sk)
		security_sk_classify_flow(sk, flowi4_to_flowi_common(&fl));
	rt = ip_route_output_flow(net, &fl, sk);
	if (!IS_ERR(rt))
		keep(route, &rt->dst, 0, mark);
	return rt;
}

/**
 * wgmesh_route6_look_up() - look the route of an IPv6 flow up, and keep it
 * @net: see wgmesh_route6_rcu(), likewise for the others
 * @route: see @net
 * @flow: see @net
 * @mark: see @net
 * @sk: see @net
 *
 * Context: Bottom halves disabled, under rcu_read_lock().
 * Return: the route without a reference, valid under rcu_read_lock(), or an error pointer.
 */
struct dst_entry *wgmesh_route6_look_up(struct net *net, struct wgmesh_route *route,
					const struct wgmesh_flow *flow, u32 mark, struct sock *sk)
{
	struct dst_entry *dst;
	struct flowi6 fl;

	/* A route does not depend on its source being there, unlike with IPv4. The interface
	 * matters only for its VRF, which the address has to be in.
	 */
	if (!ipv6_mod_enabled() ||
	    !ipv6_chk_addr(net, &flow->local.in6, dev_get_by_index_rcu(net, route->ifindex), 0))
		return ERR_PTR(-EADDRNOTAVAIL);
	fl = (struct flowi6){
		.saddr = flow->local.in6,
		.daddr = flow->remote.in6,
		.fl6_sport = flow->local_port,
		.fl6_dport = flow->remote_port,
		.flowi6_proto = IPPROTO_UDP,
		.flowi6_mark = mark,
		.flowi6_oif = route->ifindex,
		.flowi6_uid = sock_net_uid(net, NULL),
	};
	if (sk)
		security_sk_classify_flow(sk, flowi6_to_flowi_common(&fl));
	dst = wgmesh_ip6_lookup_flow(net, sk, &fl);
	if (!IS_ERR(dst))
		keep(route, dst, rt6_get_cookie((struct rt6_info *)dst), mark);
	return dst;
}

/**
 * wgmesh_route4() - wgmesh_route4_rcu() for who needs a reference
 * @net: see wgmesh_route4_rcu(), likewise for the others
 * @route: see @net
 * @flow: see @net
 * @mark: see @net
 * @sk: see @net
 *
 * Return: the route with a reference, or an error pointer.
 */
struct rtable *wgmesh_route4(struct net *net, struct wgmesh_route *route,
			     const struct wgmesh_flow *flow, u32 mark, struct sock *sk)
{
	struct rtable *rt = wgmesh_route4_rcu(net, route, flow, mark, sk);

	if (!IS_ERR(rt))
		dst_hold(&rt->dst);
	return rt;
}

/**
 * wgmesh_route6() - wgmesh_route6_rcu() for who needs a reference
 * @net: see wgmesh_route6_rcu(), likewise for the others
 * @route: see @net
 * @flow: see @net
 * @mark: see @net
 * @sk: see @net
 *
 * Return: the route with a reference, or an error pointer.
 */
struct dst_entry *wgmesh_route6(struct net *net, struct wgmesh_route *route,
				const struct wgmesh_flow *flow, u32 mark, struct sock *sk)
{
	struct dst_entry *dst = wgmesh_route6_rcu(net, route, flow, mark, sk);

	if (!IS_ERR(dst))
		dst_hold(dst);
	return dst;
}
