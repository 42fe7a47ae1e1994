// SPDX-License-Identifier: GPL-2.0
/*
 * The way to the wire: straight to the neighbour layer where that will do, else
 * through the stack.
 */
#include <linux/if_arp.h>
#include <net/ip.h>
#include <net/ip6_route.h>
#include <net/ipv6.h>
#include <net/neighbour.h>
#include <net/route.h>

#include "output.h"

/**
 * wgmesh_output6_rcu() - send a complete IPv6 packet
 * @net: the namespace
 * @sk: the socket that sends, or NULL
 * @skb: the packet, data at its header; it has no route, or this one
 * @dst: its route
 *
 * What is too large is fragmented here, as WireGuard does it.
 *
 * Context: Bottom halves disabled, under rcu_read_lock().
 * Return: whether @skb was consumed; when not, it is the caller's to free.
 */
bool wgmesh_output6_rcu(struct net *net, struct sock *sk, struct sk_buff *skb,
			struct dst_entry *dst)
{
	struct neighbour *neigh;

	if (unlikely(!wgmesh_can_go_to_neighbour(skb, dst))) {
		if (!skb_dst(skb))
			skb_dst_set(skb, dst_clone(dst));
		skb->ignore_df = 1;
		ip6_local_out(net, sk, skb);
		return true;
	}

	neigh = ip_neigh_gw6(dst->dev, rt6_nexthop((struct rt6_info *)dst, &ipv6_hdr(skb)->daddr));
	if (IS_ERR(neigh) || unlikely(skb_cow_head(skb, LL_RESERVED_SPACE(dst->dev))))
		return false;
	skb->dev = dst->dev;
	neigh_output(neigh, skb, false);
	return true;
}

/**
 * wgmesh_output4() - wgmesh_output4_rcu() for a route with a reference
 * @net: see wgmesh_output4_rcu()
 * @sk: see wgmesh_output4_rcu()
 * @skb: the packet, data at its header, with whatever room in front; the route that it has is
 *	another one's
 * @rt: its reference is consumed
 *
 * Return: whether @skb was consumed.
 */
bool wgmesh_output4(struct net *net, struct sock *sk, struct sk_buff *skb, struct rtable *rt)
{
	bool consumed;

	skb_dst_drop(skb);
	consumed = !skb_cow_head(skb, LL_RESERVED_SPACE(rt->dst.dev)) &&
		   wgmesh_output4_rcu(net, sk, skb, rt);
	ip_rt_put(rt);
	return consumed;
}

/**
 * wgmesh_output6() - wgmesh_output6_rcu() for a route with a reference
 * @net: see wgmesh_output6_rcu()
 * @sk: see wgmesh_output6_rcu()
 * @skb: see wgmesh_output6_rcu()
 * @dst: its reference is consumed
 *
 * Return: whether @skb was consumed.
 */
bool wgmesh_output6(struct net *net, struct sock *sk, struct sk_buff *skb, struct dst_entry *dst)
{
	bool consumed;

	skb_dst_drop(skb);
	consumed = wgmesh_output6_rcu(net, sk, skb, dst);
	dst_release(dst);
	return consumed;
}

/**
 * wgmesh_output4_fragments() - send a complete IPv4 packet that is too large for its path
 * @net: the namespace
 * @sk: the socket that sends, or NULL
 * @skb: the packet, data at its header; it may be fragmented; consumed
 * @rt: its route; its reference is consumed
 * @mtu: size of the fragments
 *
 * The stack makes none that are larger than what it believes to have received.
 *
 * Context: Bottom halves disabled, under rcu_read_lock().
 */
void wgmesh_output4_fragments(struct net *net, struct sock *sk, struct sk_buff *skb,
			      struct rtable *rt, u32 mtu)
{
	skb_dst_drop(skb);
	skb_dst_set(skb, &rt->dst);
	IPCB(skb)->frag_max_size = min(mtu, dst_mtu(&rt->dst));
	ip_local_out(net, sk, skb);
}

/**
 * wgmesh_output6_fragments() - send a complete IPv6 packet that is too large for its path
 * @net: see wgmesh_output4_fragments()
 * @sk: see wgmesh_output4_fragments()
 * @skb: see wgmesh_output4_fragments()
 * @dst: its route; its reference is consumed
 * @mtu: size of the fragments, at least IPV6_MIN_MTU
 */
void wgmesh_output6_fragments(struct net *net, struct sock *sk, struct sk_buff *skb,
			      struct dst_entry *dst, u32 mtu)
{
	skb_dst_drop(skb);
	skb_dst_set(skb, dst);
	skb->ignore_df = 1;
	IP6CB(skb)->frag_max_size = min(mtu, dst_mtu(dst));
	ip6_local_out(net, sk, skb);
}
