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

/* May the packet skip the stack? The stack is needed to fragment, to encrypt
 * (IPsec), to deliver locally, and below it may be anything that wants to see the
 * route of a packet: tunnels, bridges, VRFs.
 */
static bool can_go_to_neighbour(const struct sk_buff *skb, const struct dst_entry *dst)
{
	const struct net_device *dev = dst->dev;

	return skb->len <= dst_mtu(dst) &&
	       !dst_xfrm(dst) && !dst->lwtstate &&
	       dev->type == ARPHRD_ETHER &&
	       !(dev->flags & (IFF_LOOPBACK | IFF_NOARP | IFF_POINTOPOINT)) &&
	       !netif_is_bridge_master(dev) && !netif_is_l3_slave(dev);
}

/**
 * wgmesh_output4() - send a complete IPv4 packet
 * @net: the namespace
 * @sk: the socket that sends, or NULL
 * @skb: the packet, data at its header
 * @rt: its route; the reference is consumed
 *
 * Context: Bottom halves disabled, under rcu_read_lock().
 * Return: whether @skb was consumed; when not, it is the caller's to free.
 */
bool wgmesh_output4(struct net *net, struct sock *sk, struct sk_buff *skb, struct rtable *rt)
{
	struct neighbour *neigh;
	bool is_v6gw = false;

	skb_dst_drop(skb);
	if (unlikely(rt->rt_type != RTN_UNICAST || !can_go_to_neighbour(skb, &rt->dst))) {
		skb_dst_set(skb, &rt->dst);
		ip_local_out(net, sk, skb);
		return true;
	}

	neigh = ip_neigh_for_gw(rt, skb, &is_v6gw);
	if (IS_ERR(neigh) || unlikely(skb_cow_head(skb, LL_RESERVED_SPACE(rt->dst.dev)))) {
		ip_rt_put(rt);
		return false;
	}
	skb->dev = rt->dst.dev;
	neigh_output(neigh, skb, is_v6gw);
	ip_rt_put(rt);
	return true;
}

/**
 * wgmesh_output6() - send a complete IPv6 packet
 * @net: the namespace
 * @sk: the socket that sends, or NULL
 * @skb: the packet, data at its header
 * @dst: its route; the reference is consumed
 *
 * What is too large is fragmented here, as WireGuard does it.
 *
 * Context: Bottom halves disabled, under rcu_read_lock().
 * Return: whether @skb was consumed; when not, it is the caller's to free.
 */
bool wgmesh_output6(struct net *net, struct sock *sk, struct sk_buff *skb, struct dst_entry *dst)
{
	struct neighbour *neigh;

	skb_dst_drop(skb);
	if (unlikely(!can_go_to_neighbour(skb, dst))) {
		skb_dst_set(skb, dst);
		skb->ignore_df = 1;
		ip6_local_out(net, sk, skb);
		return true;
	}

	neigh = ip_neigh_gw6(dst->dev, rt6_nexthop((struct rt6_info *)dst, &ipv6_hdr(skb)->daddr));
	if (IS_ERR(neigh) || unlikely(skb_cow_head(skb, LL_RESERVED_SPACE(dst->dev)))) {
		dst_release(dst);
		return false;
	}
	skb->dev = dst->dev;
	neigh_output(neigh, skb, false);
	dst_release(dst);
	return true;
}
