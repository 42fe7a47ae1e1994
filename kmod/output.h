/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The last step of whatever the module sends.
 */
#ifndef WGMESH_OUTPUT_H
#define WGMESH_OUTPUT_H

#include <linux/if_arp.h>
#include <linux/skbuff.h>
#include <linux/udp.h>
#include <net/ip.h>
#include <net/ip6_route.h>
#include <net/ipv6.h>
#include <net/neighbour.h>
#include <net/route.h>

#include "flow.h"

struct sock;

bool wgmesh_output6_rcu(struct net *net, struct sock *sk, struct sk_buff *skb,
			struct dst_entry *dst);
bool wgmesh_output4(struct net *net, struct sock *sk, struct sk_buff *skb, struct rtable *rt);
bool wgmesh_output6(struct net *net, struct sock *sk, struct sk_buff *skb, struct dst_entry *dst);
void wgmesh_output4_fragments(struct net *net, struct sock *sk, struct sk_buff *skb,
			      struct rtable *rt, u32 mtu);
void wgmesh_output6_fragments(struct net *net, struct sock *sk, struct sk_buff *skb,
			      struct dst_entry *dst, u32 mtu);

/**
 * wgmesh_leave_checksum() - leave the UDP checksum to the device
 * @skb: a packet whose payload is known to be sound
 * @udp: its UDP header
 * @pseudo: checksum over the pseudo header alone, as udp_v4_check() gives it
 */
static inline void wgmesh_leave_checksum(struct sk_buff *skb, struct udphdr *udp, __sum16 pseudo)
{
	udp->check = ~pseudo;
	skb->ip_summed = CHECKSUM_PARTIAL;
	skb->csum_start = (unsigned char *)udp - skb->head;
	skb->csum_offset = offsetof(struct udphdr, check);
}

/**
 * wgmesh_ttl4() - ip4_dst_hoplimit() without calls
 * @net: the namespace of the route
 * @dst: the route
 *
 * Return: with how many hops a packet begins.
 */
static inline u8 wgmesh_ttl4(const struct net *net, const struct dst_entry *dst)
{
	return dst_metric_raw(dst, RTAX_HOPLIMIT) ?: READ_ONCE(net->ipv4.sysctl_ip_default_ttl);
}

/**
 * wgmesh_write_header6() - write the IPv6 header of a UDP datagram
 * @skb: the packet, network header set
 * @flow: from and to which endpoint
 * @dst: its route
 * @tos: DSCP and ECN
 * @len: that of the UDP header
 */
static inline void wgmesh_write_header6(struct sk_buff *skb, const struct wgmesh_flow *flow,
					struct dst_entry *dst, u8 tos, __be16 len)
{
	struct ipv6hdr *ip6 = ipv6_hdr(skb);

	ip6_flow_hdr(ip6, tos, 0);
	ip6->payload_len = len;
	ip6->nexthdr = IPPROTO_UDP;
	ip6->hop_limit = ip6_dst_hoplimit(dst);
	ip6->saddr = flow->local.in6;
	ip6->daddr = flow->remote.in6;
	skb->protocol = htons(ETH_P_IPV6);
}

/* dst_mtu() is asked only about what is special: a route that may have an MTU of its own. */
static inline bool wgmesh_fits(const struct sk_buff *skb, const struct dst_entry *dst)
{
	if (likely(skb->protocol == htons(ETH_P_IP) && !((const struct rtable *)dst)->rt_pmtu &&
		   !dst_metric_raw(dst, RTAX_MTU)))
		return skb->len <= READ_ONCE(dst->dev->mtu);
	return skb->len <= dst_mtu(dst);
}

/* May the packet skip the stack? The stack is needed to fragment, to encrypt
 * (IPsec), to deliver locally, and below it may be anything that wants to see the
 * route of a packet: tunnels, bridges, VRFs.
 */
static inline bool wgmesh_can_go_to_neighbour(const struct sk_buff *skb,
					      const struct dst_entry *dst)
{
	const struct net_device *dev = dst->dev;

	return wgmesh_fits(skb, dst) &&
	       !dst_xfrm(dst) && !dst->lwtstate &&
	       dev->type == ARPHRD_ETHER &&
	       !(dev->flags & (IFF_LOOPBACK | IFF_NOARP | IFF_POINTOPOINT)) &&
	       !netif_is_bridge_master(dev) && !netif_is_l3_slave(dev);
}

/**
 * wgmesh_output4_rcu() - send a complete IPv4 packet
 * @net: the namespace
 * @sk: the socket that sends, or NULL
 * @skb: the packet, data at its header, writable and with room for what the device puts in front;
 *	it has no route, or this one
 * @rt: its route
 *
 * Context: Bottom halves disabled, under rcu_read_lock().
 * Return: whether @skb was consumed; when not, it is the caller's to free.
 */
static inline bool wgmesh_output4_rcu(struct net *net, struct sock *sk, struct sk_buff *skb,
				      struct rtable *rt)
{
	struct neighbour *neigh;
	bool is_v6gw = false;

	if (unlikely(rt->rt_type != RTN_UNICAST || !wgmesh_can_go_to_neighbour(skb, &rt->dst))) {
		if (!skb_dst(skb))
			skb_dst_set(skb, dst_clone(&rt->dst));
		ip_local_out(net, sk, skb);
		return true;
	}

	neigh = ip_neigh_for_gw(rt, skb, &is_v6gw);
	if (IS_ERR(neigh))
		return false;
	skb->dev = rt->dst.dev;
	neigh_output(neigh, skb, is_v6gw);
	return true;
}

#endif /* WGMESH_OUTPUT_H */
