/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The cached route of a flow, from its local to its remote endpoint.
 */
#ifndef WGMESH_ROUTE_H
#define WGMESH_ROUTE_H

#include <net/dst.h>
#include <net/route.h>

struct sock;
struct wgmesh_flow;

/**
 * struct wgmesh_route_cache - the route of one CPU
 * @dst: the route, with a reference, or NULL
 * @cookie: tells whether it still holds, for IPv6
 * @mark: the firewall mark that it was looked up with
 *
 * Unlike struct dst_cache it gives routes away without a reference: a packet needs none.
 */
struct wgmesh_route_cache {
	struct dst_entry *dst;
	u32 cookie;
	u32 mark;
};

/**
 * struct wgmesh_route - where the packets of a flow leave
 * @cache: the route of each CPU; NULL before wgmesh_route_init()
 * @mark: the firewall mark of the last look-up
 * @ifindex: interface to send through, or 0 for what the routes say
 */
struct wgmesh_route {
	struct wgmesh_route_cache __percpu *cache;
	u32 mark;
	int ifindex;
};

int wgmesh_route_init(struct wgmesh_route *route, int ifindex);
void wgmesh_route_destroy(struct wgmesh_route *route);
struct rtable *wgmesh_route4_look_up(struct net *net, struct wgmesh_route *route,
				     const struct wgmesh_flow *flow, u32 mark, struct sock *sk);
struct dst_entry *wgmesh_route6_look_up(struct net *net, struct wgmesh_route *route,
					const struct wgmesh_flow *flow, u32 mark,
					struct sock *sk);
struct rtable *wgmesh_route4(struct net *net, struct wgmesh_route *route,
			     const struct wgmesh_flow *flow, u32 mark, struct sock *sk);
struct dst_entry *wgmesh_route6(struct net *net, struct wgmesh_route *route,
				const struct wgmesh_flow *flow, u32 mark, struct sock *sk);

/**
 * wgmesh_route4_rcu() - the route of an IPv4 flow
 * @net: the underlay
 * @route: its cache
 * @flow: the flow
 * @mark: firewall mark to route by, which changes hardly ever
 * @sk: the socket that sends, or NULL
 *
 * What ipv4_dst_check() would say is asked without a call.
 *
 * Context: Bottom halves disabled, under rcu_read_lock().
 * Return: the route without a reference, valid under rcu_read_lock(), or an error pointer.
 */
static inline struct rtable *wgmesh_route4_rcu(struct net *net, struct wgmesh_route *route,
					       const struct wgmesh_flow *flow, u32 mark,
					       struct sock *sk)
{
	const struct wgmesh_route_cache *cache = this_cpu_ptr(route->cache);
	struct rtable *rt = (struct rtable *)cache->dst;

	if (likely(rt && cache->mark == mark &&
		   READ_ONCE(rt->dst.obsolete) == DST_OBSOLETE_FORCE_CHK &&
		   rt->rt_genid == rt_genid_ipv4(net)))
		return rt;
	return wgmesh_route4_look_up(net, route, flow, mark, sk);
}

/**
 * wgmesh_route6_rcu() - the route of an IPv6 flow
 * @net: the underlay
 * @route: its cache
 * @flow: the flow
 * @mark: firewall mark to route by, which changes hardly ever
 * @sk: the socket that sends, or NULL
 *
 * Context: Bottom halves disabled, under rcu_read_lock().
 * Return: the route without a reference, valid under rcu_read_lock(), or an error pointer.
 */
static inline struct dst_entry *wgmesh_route6_rcu(struct net *net, struct wgmesh_route *route,
						  const struct wgmesh_flow *flow, u32 mark,
						  struct sock *sk)
{
	const struct wgmesh_route_cache *cache = this_cpu_ptr(route->cache);
	struct dst_entry *dst = cache->dst;

	if (likely(dst && cache->mark == mark))
		dst = dst_check(dst, cache->cookie);
	else
		dst = NULL;
	return likely(dst) ? dst : wgmesh_route6_look_up(net, route, flow, mark, sk);
}

#endif /* WGMESH_ROUTE_H */
