/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The cached route of a flow, from its local to its remote endpoint.
 */
#ifndef WGMESH_ROUTE_H
#define WGMESH_ROUTE_H

#include <net/dst.h>
#include <net/route.h>

struct sk_buff;
struct sock;
struct wgmesh_flow;

/**
 * struct wgmesh_route_cache - the route of one CPU
 * @dst: the route, with a reference, or NULL
 * @cookie: tells whether it still holds, for IPv6
 * @mark: the firewall mark that it was looked up with
 *
 * Unlike struct dst_cache it gives routes away without a reference: a packet needs none. Who has
 * a flow has one for each CPU, as the first member of its memory there (percpu.h); before that,
 * routes are looked up for each packet.
 */
struct wgmesh_route_cache {
	struct dst_entry *dst;
	u32 cookie;
	u32 mark;
};

/**
 * struct wgmesh_route - where the packets of a flow leave
 * @ifindex: interface to send through, or 0 for what the routes say
 * @of_path: nothing that is carried by paths may be on the way
 */
struct wgmesh_route {
	int ifindex;
	bool of_path;
};

void wgmesh_route_release(void __percpu *memory);
struct rtable *wgmesh_route4(struct net *net, struct wgmesh_route *route,
			     struct wgmesh_route_cache *cache, const struct wgmesh_flow *flow,
			     u32 mark, struct sock *sk);
struct dst_entry *wgmesh_route6(struct net *net, struct wgmesh_route *route,
				struct wgmesh_route_cache *cache, const struct wgmesh_flow *flow,
				u32 mark, struct sock *sk);
struct rtable *wgmesh_route4_held(struct net *net, struct wgmesh_route *route,
				  struct wgmesh_route_cache *cache,
				  const struct wgmesh_flow *flow, struct sk_buff *skb);
struct dst_entry *wgmesh_route6_held(struct net *net, struct wgmesh_route *route,
				     struct wgmesh_route_cache *cache,
				     const struct wgmesh_flow *flow, struct sk_buff *skb);

/* Does a route stay in the cache of a CPU until the packet is done? Not where another packet may
 * come in between, on the same CPU (percpu.h).
 */
#define WGMESH_ROUTE_STAYS	(!IS_ENABLED(CONFIG_PREEMPT_RT))

/* What ipv4_dst_check() would say is asked without a call. */
static inline struct rtable *wgmesh_route4_cached(struct net *net,
						  const struct wgmesh_route_cache *cache, u32 mark)
{
	struct rtable *rt = cache ? (struct rtable *)cache->dst : NULL;

	return likely(rt && cache->mark == mark &&
		      READ_ONCE(rt->dst.obsolete) == DST_OBSOLETE_FORCE_CHK &&
		      rt->rt_genid == rt_genid_ipv4(net)) ? rt : NULL;
}

static inline struct dst_entry *wgmesh_route6_cached(const struct wgmesh_route_cache *cache,
						     u32 mark)
{
	struct dst_entry *dst = cache ? cache->dst : NULL;

	return likely(dst && cache->mark == mark) ? dst_check(dst, cache->cookie) : NULL;
}

/**
 * wgmesh_route4_rcu() - the route of an IPv4 packet
 * @net: the underlay
 * @route: where packets of the flow leave
 * @cache: that of this CPU, or NULL
 * @flow: the flow
 * @skb: the packet, without a route; it gets the route when nothing else holds that
 *
 * Context: Bottom halves disabled, under rcu_read_lock().
 * Return: the route, valid as long as the packet and under rcu_read_lock(), or an error pointer.
 */
static inline struct rtable *wgmesh_route4_rcu(struct net *net, struct wgmesh_route *route,
					       struct wgmesh_route_cache *cache,
					       const struct wgmesh_flow *flow,
					       struct sk_buff *skb)
{
	struct rtable *rt = WGMESH_ROUTE_STAYS ? wgmesh_route4_cached(net, cache, 0) : NULL;

	return likely(rt) ? rt : wgmesh_route4_held(net, route, cache, flow, skb);
}

/**
 * wgmesh_route6_rcu() - the route of an IPv6 packet
 * @net: see wgmesh_route4_rcu()
 * @route: see wgmesh_route4_rcu()
 * @cache: see wgmesh_route4_rcu()
 * @flow: see wgmesh_route4_rcu()
 * @skb: see wgmesh_route4_rcu()
 *
 * Context: Bottom halves disabled, under rcu_read_lock().
 * Return: the route, valid as long as the packet and under rcu_read_lock(), or an error pointer.
 */
static inline struct dst_entry *wgmesh_route6_rcu(struct net *net, struct wgmesh_route *route,
						  struct wgmesh_route_cache *cache,
						  const struct wgmesh_flow *flow,
						  struct sk_buff *skb)
{
	struct dst_entry *dst = WGMESH_ROUTE_STAYS ? wgmesh_route6_cached(cache, 0) : NULL;

	return likely(dst) ? dst : wgmesh_route6_held(net, route, cache, flow, skb);
}

#endif /* WGMESH_ROUTE_H */
