/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The cached route of a flow, from its local to its remote endpoint.
 */
#ifndef WGMESH_ROUTE_H
#define WGMESH_ROUTE_H

#include <net/dst_cache.h>

struct net;
struct rtable;
struct sock;
struct wgmesh_flow;

/**
 * struct wgmesh_route - where the packets of a flow leave
 * @cache: the routes of each CPU
 * @mark: the firewall mark that @cache was looked up with
 * @ifindex: interface to send through, or 0 for what the routes say
 */
struct wgmesh_route {
	struct dst_cache cache;
	u32 mark;
	int ifindex;
};

int wgmesh_route_init(struct wgmesh_route *route, int ifindex);
void wgmesh_route_destroy(struct wgmesh_route *route);
struct rtable *wgmesh_route4(struct net *net, struct wgmesh_route *route,
			     const struct wgmesh_flow *flow, u32 mark, struct sock *sk);
struct dst_entry *wgmesh_route6(struct net *net, struct wgmesh_route *route,
				const struct wgmesh_flow *flow, u32 mark, struct sock *sk);

#endif /* WGMESH_ROUTE_H */
