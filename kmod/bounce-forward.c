// SPDX-License-Identifier: GPL-2.0
/*
 * Forwarding between the peers of WireGuard interfaces: what a router does with a packet
 * (RFC 1812 section 5.2 and 5.3, RFC 8200 section 3), and nothing else.
 *
 * WireGuard finds the peer by the destination address, and has made sure that the source
 * address is one of the sender's. What is unusual goes to the stack.
 */
#include <linux/icmp.h>
#include <linux/icmpv6.h>
#include <linux/netfilter_ipv4.h>
#include <net/icmp.h>
#include <net/ip6_route.h>
#include <net/route.h>
#include <net/xfrm.h>

#include "bounce.h"
#include "bounce-forward.h"
#include "bounce-way.h"
#include "compat.h"

/* Does the namespace have policies that forwarded packets have to be asked about? */
static inline bool has_ipsec(const struct net *net)
{
#ifdef CONFIG_XFRM
	return net->xfrm.policy_count[XFRM_POLICY_FWD] || net->xfrm.policy_count[XFRM_POLICY_OUT] ||
	       net->xfrm.policy_default[XFRM_POLICY_FWD] == XFRM_USERPOLICY_BLOCK ||
	       net->xfrm.policy_default[XFRM_POLICY_OUT] == XFRM_USERPOLICY_BLOCK;
#else
	return false;
#endif
}

/* Is it one for IPsec, or forbidden by its policies? */
static noinline bool ipsec_wants4(const struct wgmesh_bounce_way *way, struct sk_buff *skb)
{
	bool wanted;

	wanted = !wgmesh_bounce_attach_route4(way, skb) ||
		 !xfrm4_policy_check(NULL, XFRM_POLICY_FWD, skb) || !xfrm4_route_forward(skb) ||
		 dst_xfrm(skb_dst(skb));
	skb_dst_drop(skb);
	return wanted;
}

static noinline bool ipsec_wants6(const struct wgmesh_bounce_way *way, struct sk_buff *skb)
{
	bool wanted;

	wanted = !wgmesh_bounce_attach_route6(skb) ||
		 !xfrm6_policy_check(NULL, XFRM_POLICY_FWD, skb) || !xfrm6_route_forward(skb) ||
		 dst_xfrm(skb_dst(skb));
	skb_dst_drop(skb);
	return wanted;
}

static unsigned int bounce_leave(struct wgmesh_bounce *bounce, enum wgmesh_bounce_count why)
{
	wgmesh_bounce_count(bounce, why);
	return NF_ACCEPT;
}

/* Tells the sender, as far as the stack lets it be told, and drops the packet. */
static noinline unsigned int refuse4(struct wgmesh_bounce *bounce,
				     const struct wgmesh_bounce_way *way, struct sk_buff *skb,
				     enum wgmesh_bounce_count why)
{
	wgmesh_bounce_count(bounce, why);
	if (!wgmesh_bounce_attach_route4(way, skb))
		return NF_DROP;
	switch (why) {
	case WGMESH_BOUNCE_DENIED:
		icmp_send(skb, ICMP_DEST_UNREACH, ICMP_PKT_FILTERED, 0);
		break;
	case WGMESH_BOUNCE_EXPIRED:
		icmp_send(skb, ICMP_TIME_EXCEEDED, ICMP_EXC_TTL, 0);
		break;
	case WGMESH_BOUNCE_TOO_BIG:
		icmp_send(skb, ICMP_DEST_UNREACH, ICMP_FRAG_NEEDED, htonl(way->mtu));
		break;
	default:
		break;
	}
	return NF_DROP;
}

static noinline unsigned int refuse6(struct wgmesh_bounce *bounce,
				     const struct wgmesh_bounce_way *way, struct sk_buff *skb,
				     enum wgmesh_bounce_count why)
{
	wgmesh_bounce_count(bounce, why);
	switch (why) {
	case WGMESH_BOUNCE_DENIED:
		icmpv6_send(skb, ICMPV6_DEST_UNREACH, ICMPV6_ADM_PROHIBITED, 0);
		break;
	case WGMESH_BOUNCE_EXPIRED:
		icmpv6_send(skb, ICMPV6_TIME_EXCEED, ICMPV6_EXC_HOPLIMIT, 0);
		break;
	case WGMESH_BOUNCE_TOO_BIG:
		icmpv6_send(skb, ICMPV6_PKT_TOOBIG, 0, way->mtu);
		break;
	default:
		break;
	}
	return NF_DROP;
}

/* Merged packets fit when each of those they are made of does. */
static inline bool bounce_fits(const struct sk_buff *skb, const struct wgmesh_bounce_way *way)
{
	return likely(skb->len <= way->mtu) ||
	       (skb_is_gso(skb) && skb_gso_validate_network_len(skb, way->mtu));
}

static inline void count_forwarded(struct wgmesh_bounce *bounce, unsigned int packets,
				   unsigned int bytes)
{
	struct wgmesh_bounce_counters *counters = this_cpu_ptr(bounce->counters);

	u64_stats_update_begin(&counters->syncp);
	u64_stats_add(&counters->packets, packets);
	u64_stats_add(&counters->bytes, bytes);
	u64_stats_update_end(&counters->syncp);
}

/* Hands a packet to the interface. WireGuard needs its route only to tell the sender by ICMP that
 * it has no peer for it: so packets go without as long as it takes them.
 */
static inline void bounce_transmit(struct wgmesh_bounce *bounce, struct wgmesh_bounce_way *way,
				   struct sk_buff *skb)
{
	const unsigned int packets = skb_is_gso(skb) ? skb_shinfo(skb)->gso_segs : 1;
	const unsigned int bytes = skb->len;
	int err;

	skb_clear_tstamp(skb);
	skb->dev = way->out->dev;
	err = dev_queue_xmit(skb);
	wgmesh_bounce_set_taken(bounce, way, !net_xmit_eval(err));
	if (likely(way->taken))
		count_forwarded(bounce, packets, bytes);
	else
		wgmesh_bounce_count(bounce, WGMESH_BOUNCE_ERROR);
}

static int transmit_fragment(struct net *net, struct sock *sk, struct sk_buff *skb)
{
	skb->dev = skb_dst(skb)->dev;
	return dev_queue_xmit(skb);
}

static void fragment_one(struct wgmesh_bounce *bounce, struct sk_buff *skb)
{
	const unsigned int bytes = skb->len;

	if (ip_do_fragment(bounce->wn->net, NULL, skb, transmit_fragment))
		wgmesh_bounce_count(bounce, WGMESH_BOUNCE_ERROR);
	else
		count_forwarded(bounce, 1, bytes);
}

/* For an interface with a smaller MTU; IPv4 lets routers do that, IPv6 does not. */
static noinline unsigned int fragment4(struct wgmesh_bounce *bounce,
				       const struct wgmesh_bounce_way *way, struct sk_buff *skb)
{
	struct sk_buff *segments, *next;

	if (!skb_dst(skb) && !wgmesh_bounce_attach_route4(way, skb))
		goto drop;
	skb_clear_tstamp(skb);
	IPCB(skb)->flags |= IPSKB_FORWARDED;
	if (!skb_is_gso(skb)) {
		fragment_one(bounce, skb);
		return NF_STOLEN;
	}
	segments = skb_gso_segment(skb, 0);
	if (IS_ERR_OR_NULL(segments))
		goto drop;
	consume_skb(skb);
	skb_list_walk_safe(segments, skb, next) {
		skb_mark_not_on_list(skb);
		fragment_one(bounce, skb);
	}
	return NF_STOLEN;

drop:
	wgmesh_bounce_count(bounce, WGMESH_BOUNCE_ERROR);
	return NF_DROP;
}

/* The last things a router does with a packet before it leaves, @whole or in fragments. */
static inline unsigned int pass_on4(struct wgmesh_bounce *bounce, struct wgmesh_bounce_way *way,
				    struct sk_buff *skb, bool whole)
{
	if (unlikely(skb_cow_head(skb, 0))) {
		wgmesh_bounce_count(bounce, WGMESH_BOUNCE_ERROR);
		return NF_DROP;
	}
	ip_decrease_ttl(ip_hdr(skb));
	if (READ_ONCE(bounce->wn->net->ipv4.sysctl_ip_fwd_update_priority))
		skb->priority = rt_tos2priority(ip_hdr(skb)->tos);
	if (unlikely(!whole))
		return fragment4(bounce, way, skb);
	if (unlikely(!way->taken))
		wgmesh_bounce_attach_route4(way, skb);
	bounce_transmit(bounce, way, skb);
	return NF_STOLEN;
}

static unsigned int bounce4(void *priv, struct sk_buff *skb, const struct nf_hook_state *state)
{
	struct wgmesh_bounce_way *way, copy;
	struct wgmesh_bounce *bounce;
	bool whole;

	bounce = wgmesh_bounce_of(wgmesh_net_rcu(state->net), state->in);
	if (!bounce)
		return NF_ACCEPT;
	if (unlikely(ip_hdr(skb)->ihl != 5 || skb->pkt_type != PACKET_HOST || skb->sk ||
		     skb_dst(skb)))
		return bounce_leave(bounce, WGMESH_BOUNCE_UNUSUAL);
	way = wgmesh_bounce_way4(bounce, skb, &copy);
	if (unlikely(way->what != WGMESH_BOUNCE_FORWARDED)) {
		if (way->what == WGMESH_BOUNCE_DENIED)
			return refuse4(bounce, way, skb, WGMESH_BOUNCE_DENIED);
		return bounce_leave(bounce, way->what);
	}
	if (unlikely(has_ipsec(state->net)) && ipsec_wants4(way, skb))
		return bounce_leave(bounce, WGMESH_BOUNCE_UNUSUAL);
	if (unlikely(ip_hdr(skb)->ttl <= 1))
		return refuse4(bounce, way, skb, WGMESH_BOUNCE_EXPIRED);
	whole = bounce_fits(skb, way);
	if (unlikely(!whole && ip_hdr(skb)->frag_off & htons(IP_DF)))
		return refuse4(bounce, way, skb, WGMESH_BOUNCE_TOO_BIG);
	return pass_on4(bounce, way, skb, whole);
}

static inline unsigned int pass_on6(struct wgmesh_bounce *bounce, struct wgmesh_bounce_way *way,
				    struct sk_buff *skb)
{
	if (unlikely(skb_cow_head(skb, 0))) {
		wgmesh_bounce_count(bounce, WGMESH_BOUNCE_ERROR);
		return NF_DROP;
	}
	ipv6_hdr(skb)->hop_limit--;
	bounce_transmit(bounce, way, skb);
	return NF_STOLEN;
}

static unsigned int bounce6(void *priv, struct sk_buff *skb, const struct nf_hook_state *state)
{
	struct wgmesh_bounce_way *way, copy;
	struct wgmesh_bounce *bounce;

	bounce = wgmesh_bounce_of(wgmesh_net_rcu(state->net), state->in);
	if (!bounce)
		return NF_ACCEPT;
	if (unlikely(ipv6_hdr(skb)->nexthdr == NEXTHDR_HOP || skb->pkt_type != PACKET_HOST ||
		     skb->sk || skb_dst(skb)))
		return bounce_leave(bounce, WGMESH_BOUNCE_UNUSUAL);
	way = wgmesh_bounce_way6(bounce, skb, &copy);
	if (unlikely(way->what != WGMESH_BOUNCE_FORWARDED)) {
		if (way->what == WGMESH_BOUNCE_DENIED)
			return refuse6(bounce, way, skb, WGMESH_BOUNCE_DENIED);
		return bounce_leave(bounce, way->what);
	}
	if (unlikely(has_ipsec(state->net)) && ipsec_wants6(way, skb))
		return bounce_leave(bounce, WGMESH_BOUNCE_UNUSUAL);
	if (unlikely(ipv6_hdr(skb)->hop_limit <= 1))
		return refuse6(bounce, way, skb, WGMESH_BOUNCE_EXPIRED);
	if (unlikely(!bounce_fits(skb, way)))
		return refuse6(bounce, way, skb, WGMESH_BOUNCE_TOO_BIG);
	return pass_on6(bounce, way, skb);
}

/* Before everything else: neither a firewall nor connection tracking has to do with it. */
const struct nf_hook_ops wgmesh_bounce_hooks[WGMESH_BOUNCE_HOOKS] = {
	{
		.hook = bounce4,
		.pf = NFPROTO_IPV4,
		.hooknum = NF_INET_PRE_ROUTING,
		.priority = NF_IP_PRI_FIRST,
	},
	{
		.hook = bounce6,
		.pf = NFPROTO_IPV6,
		.hooknum = NF_INET_PRE_ROUTING,
		.priority = NF_IP_PRI_FIRST,
	},
};
