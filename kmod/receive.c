// SPDX-License-Identifier: GPL-2.0
/*
 * The way in: what a received packet belongs to.
 *
 * A UDP datagram whose endpoints are those of a path goes to WireGuard or the prober (deliver.c),
 * one of the relay's to where it leads (forward.c), one that only its content tells to be a peer's
 * to roaming (stray.c), and an ICMP error about any of them to whom it concerns (icmp.c).
 * Everything else, STUN on the same endpoints included, is left alone.
 */
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/netfilter_ipv4.h>
#include <linux/udp.h>
#include <net/ip.h>
#include <net/ipv6.h>
#include <net/xfrm.h>

#include "bridged.h"
#include "channel-data.h"
#include "compat.h"
#include "deliver.h"
#include "flow.h"
#include "forward.h"
#include "icmp.h"
#include "netns.h"
#include "path.h"
#include "receive.h"
#include "stray.h"

/* As many bytes of a datagram are linear as it takes to see what it belongs to. */
static inline bool receive_pull(struct sk_buff *skb, unsigned int header_len)
{
	return pskb_may_pull(skb, header_len + sizeof(struct udphdr) + WGMESH_CHANNEL_HEADER_LEN);
}

/* @flow: the endpoints of the datagram, which is one to a port of ours */
static __always_inline unsigned int
receive_datagram(struct wgmesh_net *wn, struct wgmesh_flow *flow, struct sk_buff *skb,
		 unsigned int header_len)
{
	struct wgmesh_flow_node *node;

	if (unlikely(wgmesh_is_in_bridge(skb)))
		return NF_ACCEPT;
	wgmesh_flow_came_by(flow, skb->dev);
	node = wgmesh_flow_lookup_data(wn, flow, skb->data + header_len + sizeof(struct udphdr));
	if (unlikely(!node))
		return wgmesh_stray(wn, flow, skb, header_len);
	if (unlikely(!xfrm_policy_check(NULL, XFRM_POLICY_IN, skb, flow->family)))
		return NF_DROP;
	if (node->kind != WGMESH_FLOW_PATH)
		return wgmesh_forward(node, skb, header_len);
	return wgmesh_deliver(container_of(node, struct wgmesh_path, node), skb, header_len);
}

/* A function of its own: most packets are for others, and do not pay for its variables. */
static noinline unsigned int receive_datagram4(struct wgmesh_net *wn, struct sk_buff *skb,
					       const struct iphdr *ip, const struct udphdr *udp)
{
	struct wgmesh_flow flow __uninitialized; /* for each packet, and wholly set below */

	wgmesh_flow_set4(&flow, ip->daddr, udp->dest, ip->saddr, udp->source);
	return receive_datagram(wn, &flow, skb, sizeof(*ip));
}

static noinline unsigned int receive_datagram6(struct wgmesh_net *wn, struct sk_buff *skb,
					       const struct ipv6hdr *ip6, const struct udphdr *udp)
{
	struct wgmesh_flow flow __uninitialized; /* for each packet, and wholly set below */

	wgmesh_flow_set6(&flow, &ip6->daddr, udp->dest, &ip6->saddr, udp->source);
	return receive_datagram(wn, &flow, skb, sizeof(*ip6));
}

static unsigned int receive4(void *priv, struct sk_buff *skb, const struct nf_hook_state *state)
{
	struct wgmesh_net *wn = wgmesh_net_rcu(state->net);
	const struct iphdr *ip = ip_hdr(skb);
	const struct udphdr *udp;

	if (unlikely(ip_is_fragment(ip)))
		return NF_ACCEPT;
	if (unlikely(ip->protocol == IPPROTO_ICMP))
		return !wgmesh_is_in_bridge(skb) && wgmesh_icmp4(wn, skb, state) ? NF_DROP :
										   NF_ACCEPT;
	if (ip->protocol != IPPROTO_UDP || unlikely(ip->ihl != 5) ||
	    !receive_pull(skb, sizeof(*ip)))
		return NF_ACCEPT;
	ip = ip_hdr(skb);
	udp = (const struct udphdr *)(ip + 1);
	return wgmesh_flow_has_port(wn, udp->dest) ? receive_datagram4(wn, skb, ip, udp) : NF_ACCEPT;
}

static unsigned int receive6(void *priv, struct sk_buff *skb, const struct nf_hook_state *state)
{
	struct wgmesh_net *wn = wgmesh_net_rcu(state->net);
	const struct ipv6hdr *ip6 = ipv6_hdr(skb);
	const struct udphdr *udp;

	if (ip6->nexthdr == IPPROTO_ICMPV6)
		return !wgmesh_is_in_bridge(skb) && wgmesh_icmp6(wn, skb, state) ? NF_DROP :
										   NF_ACCEPT;
	if (ip6->nexthdr != IPPROTO_UDP || !receive_pull(skb, sizeof(*ip6)))
		return NF_ACCEPT;
	ip6 = ipv6_hdr(skb);
	udp = (const struct udphdr *)(ip6 + 1);
	return wgmesh_flow_has_port(wn, udp->dest) ? receive_datagram6(wn, skb, ip6, udp) : NF_ACCEPT;
}

/* What was put together from fragments; the others have been here before. */
static unsigned int receive4_defragmented(void *priv, struct sk_buff *skb,
					  const struct nf_hook_state *state)
{
	return IPCB(skb)->frag_max_size ? receive4(priv, skb, state) : NF_ACCEPT;
}

static unsigned int receive6_defragmented(void *priv, struct sk_buff *skb,
					  const struct nf_hook_state *state)
{
	return IP6CB(skb)->frag_max_size ? receive6(priv, skb, state) : NF_ACCEPT;
}

/* What came by a bridge, and is for this host. Connection tracking has seen it, in the bridge. */
static unsigned int receive4_bridged(void *priv, struct sk_buff *skb,
				     const struct nf_hook_state *state)
{
	return wgmesh_came_by_bridge(skb) ? receive4(priv, skb, state) : NF_ACCEPT;
}

static unsigned int receive6_bridged(void *priv, struct sk_buff *skb,
				     const struct nf_hook_state *state)
{
	return wgmesh_came_by_bridge(skb) ? receive6(priv, skb, state) : NF_ACCEPT;
}

/* Before connection tracking, and what is no fragment is not looked at for being one. */
#define RECEIVE_PRIORITY	(NF_IP_PRI_CONNTRACK_DEFRAG - 1)
#define DEFRAGMENTED_PRIORITY	(NF_IP_PRI_CONNTRACK_DEFRAG + 1)

const struct nf_hook_ops wgmesh_receive_hooks[WGMESH_RECEIVE_HOOKS] = {
	{
		.hook = receive4,
		.pf = NFPROTO_IPV4,
		.hooknum = NF_INET_PRE_ROUTING,
		.priority = RECEIVE_PRIORITY,
	},
	{
		.hook = receive6,
		.pf = NFPROTO_IPV6,
		.hooknum = NF_INET_PRE_ROUTING,
		.priority = RECEIVE_PRIORITY,
	},
	{
		.hook = receive4_defragmented,
		.pf = NFPROTO_IPV4,
		.hooknum = NF_INET_PRE_ROUTING,
		.priority = DEFRAGMENTED_PRIORITY,
	},
	{
		.hook = receive6_defragmented,
		.pf = NFPROTO_IPV6,
		.hooknum = NF_INET_PRE_ROUTING,
		.priority = DEFRAGMENTED_PRIORITY,
	},
};

const struct nf_hook_ops wgmesh_receive_bridged_hooks[WGMESH_RECEIVE_BRIDGED_HOOKS] = {
	{
		.hook = receive4_bridged,
		.pf = NFPROTO_IPV4,
		.hooknum = NF_INET_LOCAL_IN,
		.priority = RECEIVE_PRIORITY,
	},
	{
		.hook = receive6_bridged,
		.pf = NFPROTO_IPV6,
		.hooknum = NF_INET_LOCAL_IN,
		.priority = RECEIVE_PRIORITY,
	},
};
