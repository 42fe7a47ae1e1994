// SPDX-License-Identifier: GPL-2.0
/*
 * Looking routes up, and keeping them.
 */
#include <linux/security.h>
#include <net/addrconf.h>
#include <net/ipv6.h>
#include <net/route.h>
#include <net/sock.h>

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
	return dst_cache_init(&route->cache, GFP_KERNEL);
}

/**
 * wgmesh_route_destroy() - let go of the routes
 * @route: zeroed memory, or what wgmesh_route_init() was called for; no packet uses it any more
 *
 * Context: Any.
 */
void wgmesh_route_destroy(struct wgmesh_route *route)
{
	dst_cache_destroy(&route->cache);
}

/* The mark is part of the routing decision; it changes hardly ever. */
static void check_mark(struct wgmesh_route *route, u32 mark)
{
	if (likely(READ_ONCE(route->mark) == mark))
		return;
	WRITE_ONCE(route->mark, mark);
	dst_cache_reset(&route->cache);
}

/**
 * wgmesh_route4() - the route of an IPv4 flow
 * @net: the underlay
 * @route: its cache
 * @flow: the flow
 * @mark: firewall mark to route by
 * @sk: the socket that sends, or NULL
 *
 * Context: Bottom halves disabled, under rcu_read_lock().
 * Return: the route with a reference, or an error pointer.
 */
struct rtable *wgmesh_route4(struct net *net, struct wgmesh_route *route,
			     const struct wgmesh_flow *flow, u32 mark, struct sock *sk)
{
	struct flowi4 fl;
	struct rtable *rt;
	__be32 saddr;

	check_mark(route, mark);
	rt = dst_cache_get_ip4(&route->cache, &saddr);
	if (likely(rt))
		return rt;

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
		dst_cache_set_ip4(&route->cache, &rt->dst, fl.saddr);
	return rt;
}

/**
 * wgmesh_route6() - the route of an IPv6 flow
 * @net: the underlay
 * @route: its cache
 * @flow: the flow
 * @mark: firewall mark to route by
 * @sk: the socket that sends, or NULL
 *
 * Context: Bottom halves disabled, under rcu_read_lock().
 * Return: the route with a reference, or an error pointer.
 */
struct dst_entry *wgmesh_route6(struct net *net, struct wgmesh_route *route,
				const struct wgmesh_flow *flow, u32 mark, struct sock *sk)
{
	struct dst_entry *dst;
	struct in6_addr saddr;
	struct flowi6 fl;

	check_mark(route, mark);
	dst = dst_cache_get_ip6(&route->cache, &saddr);
	if (likely(dst))
		return dst;

	/* A route does not depend on its source being there, unlike with IPv4. The interface
	 * matters only for its VRF, which the address has to be in.
	 */
	if (!ipv6_chk_addr(net, &flow->local.in6, dev_get_by_index_rcu(net, route->ifindex), 0))
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
	dst = ipv6_stub->ipv6_dst_lookup_flow(net, sk, &fl, NULL);
	if (!IS_ERR(dst))
		dst_cache_set_ip6(&route->cache, dst, &fl.saddr);
	return dst;
}
