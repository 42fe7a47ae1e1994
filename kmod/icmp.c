// SPDX-License-Identifier: GPL-2.0
/*
 * ICMP errors about packets that were sent on a path.
 *
 * The stack gives an error to the socket that sent the packet. A path works without
 * a socket on its local endpoint, so the MTU that a router reports is recorded here.
 * The error goes on to the stack all the same. But of a path that is probed the MTU is
 * measured, and what anybody may have made up about it is not for the stack to believe.
 */
#include <linux/icmp.h>
#include <linux/icmpv6.h>
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/netfilter.h>
#include <net/ip.h>
#include <net/ip6_route.h>
#include <net/route.h>

#include "flow.h"
#include "icmp.h"
#include "netns.h"
#include "path.h"
#include "path-route.h"
#include "prober.h"
#include "relay.h"

/* The flow of a quoted packet. As little as the UDP header may be quoted, which does not tell
 * the channel.
 */
static struct wgmesh_flow_node *find_flow(struct wgmesh_net *wn, struct sk_buff *skb,
					  struct wgmesh_flow *flow, unsigned int data_offset)
{
	if (!wgmesh_flow_has_port(wn, flow->local_port))
		return NULL;
	if (!pskb_may_pull(skb, data_offset + sizeof(__be16)))
		return wgmesh_flow_lookup(wn, flow);
	return wgmesh_flow_lookup_data(wn, flow, skb->data + data_offset);
}

/* Where the packets of a flow are sent; those to a client all go the same way. */
static struct wgmesh_route *route_of(struct wgmesh_flow_node *node)
{
	switch (node->kind) {
	case WGMESH_FLOW_PATH:
		return &container_of(node, struct wgmesh_path, node)->route;
	case WGMESH_FLOW_ALLOCATION:
		return &container_of(node, struct wgmesh_allocation, node)->route;
	case WGMESH_FLOW_FROM_PEER:
		return &container_of(node, struct wgmesh_channel, from_peer)->route;
	case WGMESH_FLOW_FROM_CLIENT:
		return &container_of(node, struct wgmesh_channel,
				     from_client)->allocation->route;
	}
	return NULL;
}

static u32 mark_of(const struct wgmesh_flow_node *node)
{
	return node->kind == WGMESH_FLOW_PATH ?
		wgmesh_path_mark(container_of(node, struct wgmesh_path, node)) : 0;
}

/* Lets the route of the flow have another MTU. ipv4_update_pmtu() looks for one without a mark. */
static void update_route4(struct wgmesh_net *wn, struct wgmesh_flow_node *node, u32 mtu)
{
	const u32 mark = mark_of(node);
	struct sk_buff *skb;
	struct rtable *rt;
	struct iphdr *ip;

	rt = wgmesh_route4(wn->net, route_of(node), NULL, &node->flow, mark, NULL);
	if (IS_ERR(rt))
		return;
	skb = alloc_skb(sizeof(*ip), GFP_ATOMIC);
	if (!skb) {
		ip_rt_put(rt);
		return;
	}
	skb_reset_network_header(skb);
	ip = skb_put(skb, sizeof(*ip));
	*ip = (struct iphdr){
		.protocol = IPPROTO_UDP,
		.saddr = node->flow.local.ip,
		.daddr = node->flow.remote.ip,
	};
	skb->dev = rt->dst.dev;
	skb->mark = mark;
	skb_dst_set(skb, &rt->dst);
	skb_dst_update_pmtu_no_confirm(skb, mtu);
	kfree_skb(skb);
}

/* The packet did not reach the remote endpoint. */
static void not_reached(struct wgmesh_flow_node *node)
{
	if (node->kind == WGMESH_FLOW_PATH)
		wgmesh_prober_doubt(container_of(node, struct wgmesh_path, node));
}

/* Whether the MTU of the flow is not the stack's concern. */
static bool too_large(struct wgmesh_flow_node *node, u32 mtu)
{
	return node->kind == WGMESH_FLOW_PATH &&
	       wgmesh_prober_too_large(container_of(node, struct wgmesh_path, node), mtu);
}

/**
 * wgmesh_icmp4() - learn from an ICMP error about a path's packet: its MTU, or that it is broken
 * @wn: the namespace
 * @skb: an ICMP packet, data at its IP header; left as it was
 * @state: of the hook
 *
 * RFC 792 and 1191. The error quotes the packet, so only who saw it can forge one.
 *
 * Context: Softirq, under rcu_read_lock().
 * Return: whether the error ends here.
 */
bool wgmesh_icmp4(struct wgmesh_net *wn, struct sk_buff *skb, const struct nf_hook_state *state)
{
	const unsigned int icmp_offset = ip_hdr(skb)->ihl * 4;
	const unsigned int quote_offset = icmp_offset + sizeof(struct icmphdr);
	const struct icmphdr *icmp;
	const struct udphdr *udp;
	const struct iphdr *ip;
	struct wgmesh_flow_node *node;
	struct wgmesh_flow flow;
	bool too_big;
	u32 mtu;

	if (ip_is_fragment(ip_hdr(skb)) ||
	    !pskb_may_pull(skb, quote_offset + sizeof(*ip) + sizeof(*udp)))
		return false;
	icmp = (const struct icmphdr *)(skb->data + icmp_offset);
	ip = (const struct iphdr *)(skb->data + quote_offset);
	if (icmp->type != ICMP_DEST_UNREACH || ip->ihl != 5 || ip->protocol != IPPROTO_UDP)
		return false;
	udp = (const struct udphdr *)(ip + 1);
	wgmesh_flow_set4(&flow, ip->saddr, udp->source, ip->daddr, udp->dest);
	wgmesh_flow_came_by(&flow, skb->dev);
	too_big = icmp->code == ICMP_FRAG_NEEDED;
	mtu = ntohs(icmp->un.frag.mtu);
	node = find_flow(wn, skb, &flow, quote_offset + sizeof(*ip) + sizeof(*udp));
	if (!node || nf_checksum(skb, state->hook, icmp_offset, IPPROTO_ICMP, AF_INET))
		return false;
	if (!too_big) {
		not_reached(node);
		return false;
	}
	if (too_large(node, mtu))
		return true;
	if (mtu)
		update_route4(wn, node, mtu);
	return false;
}

/**
 * wgmesh_icmp6() - learn from an ICMPv6 error about a path's packet: its MTU, or that it is broken
 * @wn: the namespace
 * @skb: an ICMPv6 packet without extension headers, data at its IPv6 header; left as it was
 * @state: of the hook
 *
 * RFC 4443 section 3.2, RFC 8201.
 *
 * Context: Softirq, under rcu_read_lock().
 * Return: whether the error ends here.
 */
bool wgmesh_icmp6(struct wgmesh_net *wn, struct sk_buff *skb, const struct nf_hook_state *state)
{
	const unsigned int icmp_offset = sizeof(struct ipv6hdr);
	const unsigned int quote_offset = icmp_offset + sizeof(struct icmp6hdr);
	const struct icmp6hdr *icmp;
	const struct ipv6hdr *ip6;
	const struct udphdr *udp;
	struct wgmesh_flow_node *node;
	struct wgmesh_flow flow;
	bool too_big;
	u32 mtu;

	if (!pskb_may_pull(skb, quote_offset + sizeof(*ip6) + sizeof(*udp)))
		return false;
	icmp = (const struct icmp6hdr *)(skb->data + icmp_offset);
	ip6 = (const struct ipv6hdr *)(skb->data + quote_offset);
	if ((icmp->icmp6_type != ICMPV6_PKT_TOOBIG && icmp->icmp6_type != ICMPV6_DEST_UNREACH) ||
	    ip6->nexthdr != IPPROTO_UDP)
		return false;
	udp = (const struct udphdr *)(ip6 + 1);
	wgmesh_flow_set6(&flow, &ip6->saddr, udp->source, &ip6->daddr, udp->dest);
	wgmesh_flow_came_by(&flow, skb->dev);
	too_big = icmp->icmp6_type == ICMPV6_PKT_TOOBIG;
	mtu = ntohl(icmp->icmp6_mtu);
	node = find_flow(wn, skb, &flow, quote_offset + sizeof(*ip6) + sizeof(*udp));
	if (!node || nf_checksum(skb, state->hook, icmp_offset, IPPROTO_ICMPV6, AF_INET6))
		return false;
	if (!too_big) {
		not_reached(node);
		return false;
	}
	if (too_large(node, mtu))
		return true;

	__skb_pull(skb, quote_offset);
	ip6_update_pmtu(skb, wn->net, htonl(mtu), route_of(node)->ifindex, mark_of(node),
			sock_net_uid(wn->net, NULL));
	__skb_push(skb, quote_offset);
	return false;
}
