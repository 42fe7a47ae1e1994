// SPDX-License-Identifier: GPL-2.0
/*
 * Looking routes up, and keeping them.
 */
#include <linux/security.h>
#include <net/addrconf.h>
#include <net/ip6_fib.h>
#include <net/ip6_route.h>
#include <net/ipv6.h>
#include <net/route.h>
#include <net/sock.h>
#include <net/xfrm.h>

#include "carried.h"
#include "compat.h"
#include "flow.h"
#include "percpu.h"
#include "route.h"

/**
 * wgmesh_route_release() - free the memory of all CPUs, and let go of the routes there
 * @memory: of each CPU, a cache at its beginning; or NULL. No packet uses it any more
 *
 * Context: Any.
 */
void wgmesh_route_release(void __percpu *memory)
{
	int cpu;

	if (!memory)
		return;
	for_each_possible_cpu(cpu)
		dst_release(((struct wgmesh_route_cache *)per_cpu_ptr(memory, cpu))->dst);
	free_percpu(memory);
}

static bool leads_into_itself(const struct wgmesh_route *route, const struct dst_entry *dst)
{
	return route->of_path && wgmesh_is_carried(dst->dev);
}

/* Takes a reference of its own. A packet that still uses the former route does so under RCU. */
static void route_keep(struct wgmesh_route_cache *cache, struct dst_entry *dst, u32 cookie,
		       u32 mark)
{
	struct dst_entry *former;

	if (!cache)
		return;
	dst_hold(dst);
	wgmesh_cpu_lock();
	former = cache->dst;
	cache->dst = dst;
	cache->cookie = cookie;
	cache->mark = mark;
	wgmesh_cpu_unlock();
	dst_release(former);
}

static struct rtable *look_up4(struct net *net, struct wgmesh_route *route,
			       const struct wgmesh_flow *flow, u32 mark, struct sock *sk)
{
	struct flowi4 fl = {
		.saddr = flow->local.ip,
		.daddr = flow->remote.ip,
		.fl4_sport = flow->local_port,
		.fl4_dport = flow->remote_port,
		.flowi4_proto = IPPROTO_UDP,
		.flowi4_mark = mark,
		.flowi4_oif = READ_ONCE(route->ifindex),
		.flowi4_uid = sock_net_uid(net, NULL),
	};
	struct rtable *rt;

	if (sk)
		security_sk_classify_flow(sk, flowi4_to_flowi_common(&fl));
	rt = ip_route_output_flow(net, &fl, sk);
	if (IS_ERR(rt) || likely(!leads_into_itself(route, &rt->dst)))
		return rt;
	ip_rt_put(rt);
	return ERR_PTR(-ELOOP);
}

/* A route by @fl->flowi6_oif. Asked as for a socket that is not bound, IPv6 takes the interface for
 * a wish: it prefers any route that is better.
 */
static struct dst_entry *look_up6_by_interface(struct net *net, struct flowi6 *fl, struct sock *sk)
{
	struct dst_entry *dst = ip6_route_output_flags(net, sk, fl, RT6_LOOKUP_F_IFACE);
	const int err = dst->error;

	if (!err)
		return xfrm_lookup_route(net, dst, flowi6_to_flowi(fl), sk, 0);
	dst_release(dst);
	return ERR_PTR(err);
}

static struct dst_entry *look_up6(struct net *net, struct wgmesh_route *route,
				  const struct wgmesh_flow *flow, u32 mark, struct sock *sk)
{
	const int ifindex = READ_ONCE(route->ifindex);
	struct dst_entry *dst;
	struct flowi6 fl;

	/* A route does not depend on its source being there, unlike with IPv4. The interface
	 * matters only for its VRF, which the address has to be in.
	 */
	if (!ipv6_mod_enabled() ||
	    !ipv6_chk_addr(net, &flow->local.in6, dev_get_by_index_rcu(net, ifindex), 0))
		return ERR_PTR(-EADDRNOTAVAIL);
	fl = (struct flowi6){
		.saddr = flow->local.in6,
		.daddr = flow->remote.in6,
		.fl6_sport = flow->local_port,
		.fl6_dport = flow->remote_port,
		.flowi6_proto = IPPROTO_UDP,
		.flowi6_mark = mark,
		.flowi6_oif = ifindex,
		.flowi6_uid = sock_net_uid(net, NULL),
	};
	if (sk)
		security_sk_classify_flow(sk, flowi6_to_flowi_common(&fl));
	dst = ifindex ? look_up6_by_interface(net, &fl, sk) :
			      wgmesh_ip6_lookup_flow(net, sk, &fl);
	if (IS_ERR(dst) || likely(!leads_into_itself(route, dst)))
		return dst;
	dst_release(dst);
	return ERR_PTR(-ELOOP);
}

/**
 * wgmesh_route4() - the route of an IPv4 flow
 * @net: the underlay
 * @route: where packets of the flow leave
 * @cache: that of this CPU, which keeps the route; or NULL
 * @flow: the flow
 * @mark: firewall mark to route by, which changes hardly ever
 * @sk: the socket that sends, or NULL
 *
 * Context: Bottom halves disabled, under rcu_read_lock().
 * Return: the route with a reference, or an error pointer: -ELOOP when what it is to carry would
 * carry it.
 */
struct rtable *wgmesh_route4(struct net *net, struct wgmesh_route *route,
			     struct wgmesh_route_cache *cache, const struct wgmesh_flow *flow,
			     u32 mark, struct sock *sk)
{
	struct rtable *rt;

	wgmesh_cpu_lock();
	rt = wgmesh_route4_cached(net, cache, mark);
	if (likely(rt))
		dst_hold(&rt->dst);
	wgmesh_cpu_unlock();
	if (likely(rt))
		return rt;
	rt = look_up4(net, route, flow, mark, sk);
	if (!IS_ERR(rt))
		route_keep(cache, &rt->dst, 0, mark);
	return rt;
}

/**
 * wgmesh_route6() - the route of an IPv6 flow
 * @net: see wgmesh_route4()
 * @route: see wgmesh_route4()
 * @cache: see wgmesh_route4()
 * @flow: see wgmesh_route4()
 * @mark: see wgmesh_route4()
 * @sk: see wgmesh_route4()
 *
 * Context: Bottom halves disabled, under rcu_read_lock().
 * Return: the route with a reference, or an error pointer: -ELOOP when what it is to carry would
 * carry it.
 */
struct dst_entry *wgmesh_route6(struct net *net, struct wgmesh_route *route,
				struct wgmesh_route_cache *cache, const struct wgmesh_flow *flow,
				u32 mark, struct sock *sk)
{
	struct dst_entry *dst;

	wgmesh_cpu_lock();
	dst = wgmesh_route6_cached(cache, mark);
	if (likely(dst))
		dst_hold(dst);
	wgmesh_cpu_unlock();
	if (likely(dst))
		return dst;
	dst = look_up6(net, route, flow, mark, sk);
	if (!IS_ERR(dst))
		route_keep(cache, dst, rt6_get_cookie((struct rt6_info *)dst), mark);
	return dst;
}

/**
 * wgmesh_route4_held() - wgmesh_route4_rcu() where the cache does not have the route
 * @net: see wgmesh_route4_rcu()
 * @route: see wgmesh_route4_rcu()
 * @cache: see wgmesh_route4_rcu()
 * @flow: see wgmesh_route4_rcu()
 * @skb: see wgmesh_route4_rcu()
 *
 * Return: the route, which the packet holds, or an error pointer.
 */
struct rtable *wgmesh_route4_held(struct net *net, struct wgmesh_route *route,
				  struct wgmesh_route_cache *cache,
				  const struct wgmesh_flow *flow, struct sk_buff *skb)
{
	struct rtable *rt = wgmesh_route4(net, route, cache, flow, 0, NULL);

	if (!IS_ERR(rt))
		skb_dst_set(skb, &rt->dst);
	return rt;
}

/**
 * wgmesh_route6_held() - wgmesh_route6_rcu() where the cache does not have the route
 * @net: see wgmesh_route4_rcu()
 * @route: see wgmesh_route4_rcu()
 * @cache: see wgmesh_route4_rcu()
 * @flow: see wgmesh_route4_rcu()
 * @skb: see wgmesh_route4_rcu()
 *
 * Return: the route, which the packet holds, or an error pointer.
 */
struct dst_entry *wgmesh_route6_held(struct net *net, struct wgmesh_route *route,
				     struct wgmesh_route_cache *cache,
				     const struct wgmesh_flow *flow, struct sk_buff *skb)
{
	struct dst_entry *dst = wgmesh_route6(net, route, cache, flow, 0, NULL);

	if (!IS_ERR(dst))
		skb_dst_set(skb, dst);
	return dst;
}
