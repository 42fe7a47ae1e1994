// SPDX-License-Identifier: GPL-2.0
/*
 * The way in: from a path to WireGuard.
 *
 * A WireGuard message whose endpoints are those of a path gets the virtual
 * endpoint of the peer as its source and goes straight to WireGuard's receive
 * function. Everything else, STUN on the same endpoints included, is left alone.
 *
 * The UDP checksum is not verified: WireGuard authenticates each message.
 */
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/netfilter_bridge.h>
#include <linux/netfilter_ipv4.h>
#include <linux/udp.h>
#include <net/dsfield.h>
#include <net/ip.h>
#include <net/ipv6.h>
#include <net/udp.h>
#include <net/xfrm.h>

#include "channel-data.h"
#include "compat.h"
#include "forward.h"
#include "icmp.h"
#include "index.h"
#include "message.h"
#include "netns.h"
#include "path.h"
#include "peer.h"
#include "prober.h"
#include "receive.h"
#include "relay.h"
#include "roam.h"

/* Puts the header of a packet from the virtual endpoint in front of @udp, whatever
 * the header was. WireGuard takes its source, its destination and the interface it
 * came from for the endpoint to answer to: all three are always the same, so that
 * WireGuard never sees a peer move.
 */
static void write_virtual_header(struct sk_buff *skb, const struct wgmesh_peer *peer,
				 u8 tos, u8 ttl)
{
	const struct udphdr *udp = udp_hdr(skb);
	struct iphdr *ip;

	skb_set_network_header(skb, skb_transport_offset(skb) - (int)sizeof(*ip));
	ip = ip_hdr(skb);
	*ip = (struct iphdr){
		.version = 4,
		.ihl = 5,
		.tos = tos,
		.tot_len = htons(sizeof(*ip) + ntohs(udp->len)),
		.ttl = ttl,
		.protocol = IPPROTO_UDP,
		.saddr = wgmesh_peer_virtual_address(peer),
		.daddr = htonl(INADDR_LOOPBACK),
	};
	skb->protocol = htons(ETH_P_IP);
	skb->skb_iif = 0;
}

static void look_for_answer(struct wgmesh_path *path, const void *message, unsigned int bytes)
{
	enum wgmesh_message_type type = wgmesh_message_type(message, bytes);

	if (type == WGMESH_MESSAGE_RESPONSE || type == WGMESH_MESSAGE_DATA)
		wgmesh_path_handshake_answered(path, wgmesh_message_receiver(message, type));
}

/* Where the message is in a packet whose data begins at the IP header. */
static unsigned int message_offset(const struct wgmesh_path *path, unsigned int header_len)
{
	return header_len + sizeof(struct udphdr) +
	       (path->node.flow.channel ? WGMESH_CHANNEL_HEADER_LEN : 0);
}

/* Takes the packet, whose data begins at the IP header of @header_len bytes. New headers are
 * written right in front of the message, over what was there.
 */
static void deliver(struct wgmesh_path *path, struct sk_buff *skb, unsigned int header_len,
		    u8 tos, u8 ttl)
{
	const unsigned int offset = message_offset(path, header_len) - sizeof(struct udphdr);
	struct wgmesh_peer *peer = path->peer;
	struct sock *sk = wgmesh_device_socket(peer->device);
	struct udphdr *udp = (struct udphdr *)(skb->data + offset);
	unsigned int bytes = skb->len - offset - sizeof(*udp);
	int (*encap_rcv)(struct sock *sk, struct sk_buff *skb);

	encap_rcv = sk ? READ_ONCE(udp_sk(sk)->encap_rcv) : NULL;
	if (unlikely(!encap_rcv)) {
		atomic64_inc(&peer->device->drop_no_socket);
		kfree_skb(skb);
		return;
	}
	if (unlikely(!READ_ONCE(peer->active)))
		wgmesh_prober_wake(peer);
	if (unlikely(wgmesh_path_handshake_waits(path)))
		look_for_answer(path, udp + 1, bytes);
	wgmesh_path_count_rx(path, bytes);

	skb_set_transport_header(skb, offset);
	*udp = (struct udphdr){
		.source = htons(WGMESH_VIRTUAL_PORT),
		.dest = peer->device->listen_port,
		.len = htons(sizeof(*udp) + bytes),
	};
	write_virtual_header(skb, peer, tos, ttl);
	__skb_pull(skb, offset);
	skb_dst_drop(skb);
	skb_orphan(skb);
	if (unlikely(encap_rcv(sk, skb)))
		kfree_skb(skb);
}

/* Was it put together from fragments? */
static bool was_fragmented(const struct sk_buff *skb)
{
	return skb->protocol == htons(ETH_P_IP) ? IPCB(skb)->frag_max_size :
						  IP6CB(skb)->frag_max_size;
}

/* Takes a probe, and answers it. One that did not come whole tells nothing: it would say that
 * packets pass which do not. Return: whether it was one; then @skb is gone.
 */
static noinline bool take_probe(struct wgmesh_path *path, struct sk_buff *skb,
				unsigned int header_len)
{
	const unsigned int offset = message_offset(path, header_len);
	const unsigned int len = skb->len - offset;

	if (!wgmesh_probe_is_one(skb->data + offset, len) ||
	    !pskb_may_pull(skb, offset + sizeof(struct wgmesh_probe)))
		return false;
	if (was_fragmented(skb)) {
		kfree_skb(skb);
		return true;
	}
	if (!wgmesh_prober_receive(path, (const void *)(skb->data + offset), len))
		return false;
	consume_skb(skb);
	return true;
}

/* The whole datagram is there, and if there is a channel, it is full. As many bytes as
 * message_need() says are linear.
 */
static bool is_whole(const struct wgmesh_path *path, const struct sk_buff *skb,
		     unsigned int header_len)
{
	const struct udphdr *udp = (const struct udphdr *)(skb->data + header_len);
	const struct wgmesh_channel_header *header = (const void *)(udp + 1);
	const unsigned int offset = message_offset(path, header_len);

	if (unlikely(skb->len - header_len != ntohs(udp->len) || skb->len < offset))
		return false;
	return !path->node.flow.channel || skb->len - offset == ntohs(header->len);
}

static bool is_message(const struct wgmesh_path *path, const struct sk_buff *skb,
		       unsigned int header_len)
{
	const unsigned int offset = message_offset(path, header_len);

	return wgmesh_message_type(skb->data + offset, skb->len - offset) != WGMESH_MESSAGE_NONE;
}

static unsigned int message_need(const struct wgmesh_path *path, unsigned int header_len)
{
	return message_offset(path, header_len) + WGMESH_MESSAGE_HEAD_LEN;
}

static void deliver4(struct wgmesh_path *path, struct sk_buff *skb)
{
	const struct iphdr *ip = ip_hdr(skb);

	deliver(path, skb, sizeof(*ip), ip->tos, ip->ttl);
}

static void deliver6(struct wgmesh_path *path, struct sk_buff *skb)
{
	const struct ipv6hdr *ip6 = ipv6_hdr(skb);

	deliver(path, skb, sizeof(*ip6), ipv6_get_dsfield(ip6), ip6->hop_limit);
}

/* Several datagrams of one flow that GRO merged (rx-udp-gro-forwarding, or UDP_GRO
 * on the socket that shares the port). Return: the datagrams, whose data is @mac_len
 * bytes before their IP headers; NULL when there is no memory. Consumes @skb.
 */
static struct sk_buff *take_apart(struct sk_buff *skb, unsigned int *mac_len)
{
	struct sk_buff *segs;

	*mac_len = -skb_mac_offset(skb);
	__skb_push(skb, *mac_len);
	segs = __skb_gso_segment(skb, NETIF_F_SG, false);
	if (IS_ERR_OR_NULL(segs)) {
		kfree_skb(skb);
		return NULL;
	}
	consume_skb(skb);
	return segs;
}

/* Takes a datagram of a path. Return: whether it was for WireGuard or the prober; then @skb is
 * gone.
 */
static bool take(struct wgmesh_path *path, struct sk_buff *skb, unsigned int header_len,
		 void (*deliver_one)(struct wgmesh_path *path, struct sk_buff *skb))
{
	if (unlikely(!is_whole(path, skb, header_len)))
		return false;
	if (unlikely(!is_message(path, skb, header_len)))
		return take_probe(path, skb, header_len);
	if (unlikely(skb_ensure_writable(skb, message_offset(path, header_len))))
		kfree_skb(skb);
	else
		deliver_one(path, skb);
	return true;
}

/* Takes the datagrams that GRO merged one by one. A datagram among them that is neither
 * WireGuard's nor the prober's is lost, as any datagram may be; GRO merges only what has the
 * same length, so there hardly is one.
 */
static void deliver_merged(struct wgmesh_path *path, struct sk_buff *skb, unsigned int header_len,
			   void (*deliver_one)(struct wgmesh_path *path, struct sk_buff *skb))
{
	struct sk_buff *segs, *seg, *next;
	unsigned int mac_len;

	segs = take_apart(skb, &mac_len);
	skb_list_walk_safe(segs, seg, next) {
		skb_mark_not_on_list(seg);
		__skb_pull(seg, mac_len);
		if (!pskb_may_pull(seg, message_need(path, header_len)) ||
		    !take(path, seg, header_len, deliver_one))
			kfree_skb(seg);
	}
}

/* A frame that is only being bridged passes here too when br_netfilter is loaded. */
static bool is_bridged(const struct sk_buff *skb)
{
#if IS_ENABLED(CONFIG_BRIDGE_NETFILTER)
	return nf_bridge_info_exists(skb);
#else
	return false;
#endif
}

/* Takes apart what GRO merged, as deliver_merged() does. */
static noinline unsigned int relay_merged(struct wgmesh_flow_node *node, struct sk_buff *skb,
					  unsigned int header_len)
{
	struct sk_buff *segs, *seg, *next;
	unsigned int mac_len, verdict;

	if (node->kind == WGMESH_FLOW_ALLOCATION)
		return NF_ACCEPT;

	segs = take_apart(skb, &mac_len);
	skb_list_walk_safe(segs, seg, next) {
		skb_mark_not_on_list(seg);
		__skb_pull(seg, mac_len);
		verdict = pskb_may_pull(seg, header_len + sizeof(struct udphdr) +
					WGMESH_CHANNEL_HEADER_LEN) ?
			  wgmesh_forward(node, seg, header_len) : NF_DROP;
		if (verdict != NF_STOLEN)
			kfree_skb(seg);
	}
	return NF_STOLEN;
}

/* A probe of its clients that did not come whole is not made whole by the relay: it would not tell
 * any more that something on the way is too small for it.
 */
static noinline bool is_fragmented_probe(const struct wgmesh_flow_node *node,
					 const struct sk_buff *skb, unsigned int header_len)
{
	const unsigned int offset = header_len + sizeof(struct udphdr) +
		(node->kind == WGMESH_FLOW_FROM_CLIENT ? WGMESH_CHANNEL_HEADER_LEN : 0);
	__be32 buffer;
	const __be32 *magic = skb_header_pointer(skb, offset, sizeof(buffer), &buffer);

	return node->kind != WGMESH_FLOW_ALLOCATION && magic &&
	       wgmesh_probe_is_one(magic, skb->len - offset);
}

static inline unsigned int relay(struct wgmesh_flow_node *node, struct sk_buff *skb,
				 unsigned int header_len)
{
	if (unlikely(was_fragmented(skb)) && is_fragmented_probe(node, skb, header_len))
		return NF_DROP;
	return likely(!skb_is_gso(skb)) ? wgmesh_forward(node, skb, header_len) :
					  relay_merged(node, skb, header_len);
}

/* A probe of a peer from an endpoint that no path has. It gets no answer: as soon as there is a
 * path with its endpoints, the next one will.
 */
static unsigned int stray_probe(struct wgmesh_net *wn, const struct wgmesh_flow *flow,
				struct sk_buff *skb, unsigned int offset)
{
	const struct wgmesh_probe *probe;
	struct wgmesh_peer *peer;

	if (!pskb_may_pull(skb, offset + sizeof(*probe)))
		return NF_ACCEPT;
	probe = (const struct wgmesh_probe *)(skb->data + offset);
	peer = wgmesh_index_lookup(wn, le32_to_cpu(probe->receiver));
	if (!peer || !wgmesh_roam_path(peer, flow))
		return NF_ACCEPT;
	if (wgmesh_prober_receive_stray(peer, probe, skb->len - offset))
		wgmesh_roam_heard(peer, flow);
	return NF_DROP;
}

/* A datagram from an endpoint that no path has. WireGuard's data is known by the index that the
 * peer was told in a handshake, and delivered as if it came on the path; whether the peer is
 * to be sent to there, probes will find out. The first 4 bytes of the payload are linear.
 */
static noinline unsigned int stray(struct wgmesh_net *wn, const struct wgmesh_flow *flow,
				   struct sk_buff *skb, unsigned int header_len,
				   void (*deliver_one)(struct wgmesh_path *path,
						       struct sk_buff *skb))
{
	const unsigned int offset = header_len + sizeof(struct udphdr);
	const unsigned int len = skb->len - offset;
	enum wgmesh_message_type type;
	struct wgmesh_path *path;
	struct wgmesh_peer *peer;

	if (skb_is_gso(skb) || is_bridged(skb))
		return NF_ACCEPT;
	if (wgmesh_probe_is_one(skb->data + offset, len))
		return stray_probe(wn, flow, skb, offset);
	if (get_unaligned_le32(skb->data + offset) != WGMESH_MESSAGE_DATA ||
	    !pskb_may_pull(skb, offset + WGMESH_MESSAGE_HEAD_LEN))
		return NF_ACCEPT;
	type = wgmesh_message_type(skb->data + offset, len);
	if (type != WGMESH_MESSAGE_DATA)
		return NF_ACCEPT;
	peer = wgmesh_index_lookup(wn, wgmesh_message_receiver(skb->data + offset, type));
	path = peer ? wgmesh_roam_path(peer, flow) : NULL;
	if (!path)
		return NF_ACCEPT;
	if (unlikely(!xfrm_policy_check(NULL, XFRM_POLICY_IN, skb, flow->family)))
		return NF_DROP;
	return take(path, skb, header_len, deliver_one) ? NF_STOLEN : NF_ACCEPT;
}

static unsigned int receive4(void *priv, struct sk_buff *skb, const struct nf_hook_state *state)
{
	const unsigned int header_len = sizeof(struct iphdr);
	struct wgmesh_net *wn = wgmesh_net_rcu(state->net);
	const struct iphdr *ip = ip_hdr(skb);
	const struct udphdr *udp;
	struct wgmesh_flow_node *node;
	struct wgmesh_path *path;
	struct wgmesh_flow flow;

	if (unlikely(ip_is_fragment(ip)))
		return NF_ACCEPT;
	if (unlikely(ip->protocol == IPPROTO_ICMP))
		return !is_bridged(skb) && wgmesh_icmp4(wn, skb, state) ? NF_DROP : NF_ACCEPT;
	if (ip->protocol != IPPROTO_UDP || unlikely(ip->ihl != 5) ||
	    !pskb_may_pull(skb, header_len + sizeof(*udp) + WGMESH_CHANNEL_HEADER_LEN))
		return NF_ACCEPT;
	ip = ip_hdr(skb);
	udp = (const struct udphdr *)(ip + 1);
	wgmesh_flow_set4(&flow, ip->daddr, udp->dest, ip->saddr, udp->source);
	node = wgmesh_flow_lookup_data(wn, &flow, udp + 1);
	if (!node)
		return stray(wn, &flow, skb, header_len, deliver4);
	if (unlikely(is_bridged(skb)))
		return NF_ACCEPT;

	if (unlikely(!xfrm4_policy_check(NULL, XFRM_POLICY_IN, skb)))
		return NF_DROP;
	if (node->kind != WGMESH_FLOW_PATH)
		return relay(node, skb, header_len);
	path = container_of(node, struct wgmesh_path, node);
	if (unlikely(!pskb_may_pull(skb, message_need(path, header_len))))
		return NF_ACCEPT;
	if (unlikely(skb_is_gso(skb))) {
		deliver_merged(path, skb, header_len, deliver4);
		return NF_STOLEN;
	}
	return take(path, skb, header_len, deliver4) ? NF_STOLEN : NF_ACCEPT;
}

static unsigned int receive6(void *priv, struct sk_buff *skb, const struct nf_hook_state *state)
{
	const unsigned int header_len = sizeof(struct ipv6hdr);
	struct wgmesh_net *wn = wgmesh_net_rcu(state->net);
	const struct ipv6hdr *ip6 = ipv6_hdr(skb);
	const struct udphdr *udp;
	struct wgmesh_flow_node *node;
	struct wgmesh_path *path;
	struct wgmesh_flow flow;

	if (ip6->nexthdr == IPPROTO_ICMPV6)
		return !is_bridged(skb) && wgmesh_icmp6(wn, skb, state) ? NF_DROP : NF_ACCEPT;
	if (ip6->nexthdr != IPPROTO_UDP ||
	    !pskb_may_pull(skb, header_len + sizeof(*udp) + WGMESH_CHANNEL_HEADER_LEN))
		return NF_ACCEPT;
	ip6 = ipv6_hdr(skb);
	udp = (const struct udphdr *)(ip6 + 1);
	wgmesh_flow_set6(&flow, &ip6->daddr, udp->dest, &ip6->saddr, udp->source);
	node = wgmesh_flow_lookup_data(wn, &flow, udp + 1);
	if (!node)
		return stray(wn, &flow, skb, header_len, deliver6);
	if (unlikely(is_bridged(skb)))
		return NF_ACCEPT;

	if (unlikely(!xfrm6_policy_check(NULL, XFRM_POLICY_IN, skb)))
		return NF_DROP;
	if (node->kind != WGMESH_FLOW_PATH)
		return relay(node, skb, header_len);
	path = container_of(node, struct wgmesh_path, node);
	if (unlikely(!pskb_may_pull(skb, message_need(path, header_len))))
		return NF_ACCEPT;
	if (unlikely(skb_is_gso(skb))) {
		deliver_merged(path, skb, header_len, deliver6);
		return NF_STOLEN;
	}
	return take(path, skb, header_len, deliver6) ? NF_STOLEN : NF_ACCEPT;
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
