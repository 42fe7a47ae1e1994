// SPDX-License-Identifier: GPL-2.0
/*
 * Forwarding the data of the relay's channels: ChannelData of the client becomes a
 * datagram from the relayed endpoint to the peer, and the other way round (RFC 8656
 * sections 12.6 and 12.7; 13 to 15 for the IP headers).
 *
 * What is unusual goes to the daemon, by the socket that it has for the flow.
 */
#include <linux/ip.h>
#include <linux/netfilter.h>
#include <linux/random.h>
#include <linux/udp.h>
#include <net/checksum.h>
#include <net/dsfield.h>
#include <net/ip.h>
#include <net/ip6_checksum.h>
#include <net/ip6_route.h>
#include <net/ipv6.h>
#include <net/route.h>

#include "bridged.h"
#include "channel-data.h"
#include "compat.h"
#include "forward.h"
#include "merged.h"
#include "netns.h"
#include "output.h"
#include "probe.h"
#include "relay.h"

/* What fits into ChannelData in the largest datagram of IPv4. */
#define PAYLOAD_MAX	(IP_MAX_MTU - sizeof(struct iphdr) - sizeof(struct udphdr) - \
			 WGMESH_CHANNEL_HEADER_LEN)

/**
 * struct payload - the data that is forwarded
 * @len: its length
 * @channel: number of the channel in which it goes out as ChannelData, or 0
 * @id: identification of the IPv4 packet that it goes out in
 * @tos: DSCP and ECN of the packet it came in, which are carried over
 * @sum: the sum over it as the sender had it; valid when not @sound
 * @sound: its checksum was verified, or never left this host
 * @unchecked: it came without a checksum
 */
struct payload {
	unsigned int len;
	u16 channel;
	u16 id;
	u8 tos;
	__wsum sum;
	bool sound;
	bool unchecked;
};

/**
 * struct way - where data is sent
 * @route: by which route
 * @cache: that of this CPU, or NULL
 * @flow: from and to which endpoint
 */
struct way {
	struct wgmesh_route *route;
	struct wgmesh_route_cache *cache;
	const struct wgmesh_flow *flow;
};

static __wsum sum_udp_header(const struct udphdr *udp, __be16 len)
{
	u32 ports = get_unaligned((const u32 *)udp);

	return csum_add((__force __wsum)ports, (__force __wsum)(__force u16)len);
}

static __wsum sum_pseudo4(__be32 saddr, __be32 daddr, unsigned int len)
{
	return csum_tcpudp_nofold(saddr, daddr, len, IPPROTO_UDP, 0);
}

static __wsum sum_pseudo6(const struct in6_addr *saddr, const struct in6_addr *daddr,
			  unsigned int len)
{
	return ~csum_unfold(csum_ipv6_magic(saddr, daddr, len, IPPROTO_UDP, 0));
}

/* The sum over what follows the UDP header, as the sender had it. A packet that was
 * damaged on its way here is damaged for its receiver too.
 */
static void read_checksum(const struct sk_buff *skb, const struct udphdr *udp,
			  struct payload *payload)
{
	unsigned int len = ntohs(udp->len);
	__wsum sum;

	payload->unchecked = !udp->check && skb->ip_summed != CHECKSUM_PARTIAL;
	payload->sound = skb->ip_summed == CHECKSUM_PARTIAL ||
			 (skb->ip_summed == CHECKSUM_UNNECESSARY && udp->check);
	if (payload->sound || payload->unchecked)
		return;
	sum = csum_sub(~csum_unfold(udp->check), sum_udp_header(udp, udp->len));
	if (skb->protocol == htons(ETH_P_IP))
		sum = csum_sub(sum, sum_pseudo4(ip_hdr(skb)->saddr, ip_hdr(skb)->daddr, len));
	else
		sum = csum_sub(sum, sum_pseudo6(&ipv6_hdr(skb)->saddr, &ipv6_hdr(skb)->daddr, len));
	payload->sum = sum;
}

/* Completes a packet whose UDP header follows its IP header, @pseudo being the sum over the
 * pseudo header.
 */
static inline void write_checksum(struct sk_buff *skb, struct udphdr *udp, __wsum pseudo,
				  const struct payload *payload)
{
	__wsum sum;

	if (likely(payload->sound)) {
		wgmesh_leave_checksum(skb, udp, csum_fold(pseudo));
		return;
	}
	sum = csum_add(csum_add(payload->sum, pseudo), sum_udp_header(udp, udp->len));
	udp->check = csum_fold(sum) ?: CSUM_MANGLED_0;
	skb->ip_summed = CHECKSUM_NONE;
}

/* Makes the data writable, with room in front for the headers; mostly it is and
 * has: as much was there before. Writes those behind the IP header.
 */
static inline struct udphdr *push_headers(struct sk_buff *skb, const struct dst_entry *dst,
					  const struct wgmesh_flow *flow,
					  struct payload *payload, unsigned int ip_len)
{
	struct wgmesh_channel_header *header;
	struct udphdr *udp;

	if (unlikely(skb_cow_head(skb, LL_RESERVED_SPACE(dst->dev) + ip_len + sizeof(*udp) +
				  sizeof(*header))))
		return NULL;
	if (payload->channel) {
		header = __skb_push(skb, sizeof(*header));
		header->number = htons(payload->channel);
		header->len = htons(payload->len);
		payload->sum = csum_add(payload->sum,
					(__force __wsum)get_unaligned((u32 *)header));
	}
	udp = __skb_push(skb, sizeof(*udp));
	skb_reset_transport_header(skb);
	udp->source = flow->local_port;
	udp->dest = flow->remote_port;
	udp->len = htons(skb->len);
	return udp;
}

static __always_inline bool send4(struct net *net, const struct way *way, struct sk_buff *skb,
				  struct payload *payload)
{
	const struct wgmesh_flow *flow = way->flow;
	struct rtable *rt = wgmesh_route4_rcu(net, way->route, way->cache, flow, skb);
	struct udphdr *udp;
	struct iphdr *ip;

	if (IS_ERR(rt))
		return false;
	udp = push_headers(skb, &rt->dst, flow, payload, sizeof(*ip));
	if (unlikely(!udp))
		return false;
	ip = __skb_push(skb, sizeof(*ip));
	skb_reset_network_header(skb);
	*ip = (struct iphdr){
		.version = 4,
		.ihl = 5,
		.tos = payload->tos,
		.tot_len = htons(skb->len),
		.id = htons(payload->id),
		.ttl = wgmesh_ttl4(net, &rt->dst),
		.protocol = IPPROTO_UDP,
		.saddr = flow->local.ip,
		.daddr = flow->remote.ip,
	};
	ip->check = ip_fast_csum(ip, ip->ihl);
	skb->protocol = htons(ETH_P_IP);
	memset(IPCB(skb), 0, sizeof(*IPCB(skb)));
	if (unlikely(payload->unchecked)) {
		udp->check = 0;
		skb->ip_summed = CHECKSUM_NONE;
	} else {
		write_checksum(skb, udp, sum_pseudo4(ip->saddr, ip->daddr, ntohs(udp->len)),
			       payload);
	}
	return wgmesh_output4_rcu(net, NULL, skb, rt);
}

static noinline bool send6(struct net *net, const struct way *way, struct sk_buff *skb,
			   struct payload *payload)
{
	const struct wgmesh_flow *flow = way->flow;
	struct dst_entry *dst = wgmesh_route6_rcu(net, way->route, way->cache, flow, skb);
	struct ipv6hdr *ip6;
	struct udphdr *udp;

	if (IS_ERR(dst))
		return false;
	if (unlikely(payload->unchecked)) {
		/* IPv6 needs a checksum (RFC 8200 section 8.1) */
		payload->sum = skb_checksum(skb, 0, skb->len, 0);
		payload->unchecked = false;
	}
	udp = push_headers(skb, dst, flow, payload, sizeof(*ip6));
	if (unlikely(!udp))
		return false;
	ip6 = __skb_push(skb, sizeof(*ip6));
	skb_reset_network_header(skb);
	wgmesh_write_header6(skb, flow, dst, payload->tos, udp->len);
	memset(IP6CB(skb), 0, sizeof(*IP6CB(skb)));
	write_checksum(skb, udp, sum_pseudo6(&ip6->saddr, &ip6->daddr, ntohs(udp->len)), payload);
	return wgmesh_output6_rcu(net, NULL, skb, dst);
}

/* What is in front of the data is gone; the packet is the relay's own. */
static __always_inline void open_packet(struct sk_buff *skb, unsigned int header_len)
{
	__skb_pull(skb, header_len + sizeof(struct udphdr));
	/* skb_scrub_packet(), as far as there can be anything in PRE_ROUTING, or, for what came
	 * by a bridge, in LOCAL_IN
	 */
	skb_orphan(skb);
	skb->pkt_type = PACKET_HOST;
	skb->ignore_df = 0;
	skb->mark = 0;
	skb_dst_drop(skb);
	skb_ext_reset(skb);
	nf_reset_ct(skb);
	/* The time of arrival is not the time at which it may leave. It leaves by the queue that it
	 * came in by, if the device has as many, as with packets that the stack forwards.
	 */
	skb_clear_tstamp(skb);
}

static inline struct wgmesh_channel_cpu *cpu_of(struct wgmesh_channel *channel)
{
	return wgmesh_percpu_for_packet(&channel->cpus, &wgmesh_channel_cpu_kind);
}

static __always_inline void forward_count(struct wgmesh_channel *channel, bool to_peer,
					  unsigned int bytes)
{
	struct wgmesh_channel_cpu *cpu = cpu_of(channel);
	struct wgmesh_channel_counters *counters = &cpu->counters;
	struct wgmesh_channel_rest *rest = &channel->rest;

	if (unlikely(!cpu)) {
		atomic64_inc(to_peer ? &rest->to_peer_packets : &rest->to_client_packets);
		atomic64_add(bytes, to_peer ? &rest->to_peer_bytes : &rest->to_client_bytes);
		return;
	}
	u64_stats_update_begin(&counters->syncp);
	u64_stats_inc(to_peer ? &counters->to_peer_packets : &counters->to_client_packets);
	u64_stats_add(to_peer ? &counters->to_peer_bytes : &counters->to_client_bytes, bytes);
	u64_stats_update_end(&counters->syncp);
}

static inline bool is_alive(const struct wgmesh_channel *channel, unsigned long now)
{
	return time_before(now, READ_ONCE(channel->expires)) &&
	       time_before(now, READ_ONCE(channel->allocation->expires));
}

static inline bool peer_is_permitted(const struct wgmesh_channel *channel)
{
	const unsigned long now = jiffies;

	return is_alive(channel, now) && time_before(now, READ_ONCE(channel->permission_expires));
}

/* The packets of each channel are numbered by themselves, as a connected socket's are: nobody
 * learns from those of the one what others send (RFC 7739 section 5).
 */
static inline u16 next_ip_id(struct wgmesh_channel *channel)
{
	struct wgmesh_channel_cpu __percpu *cpus = wgmesh_percpu_memory(&channel->cpus);

	return likely(cpus) ? this_cpu_inc_return(cpus->counters.ip_id) : get_random_u32();
}

/* Sends @skb, whose data is the payload, for a channel. Return: whether @skb was consumed. */
static noinline bool forward_send(struct wgmesh_channel *channel, const struct way *way,
				  struct sk_buff *skb, struct payload *payload)
{
	struct net *net = channel->allocation->wn->net;
	bool sent;

	payload->id = next_ip_id(channel);
	/* whoever chooses a queue for it needs not look into it */
	__skb_set_sw_hash(skb, channel->hash, true);
	if (unlikely(payload->len > PAYLOAD_MAX))
		sent = false;
	else if (way->flow->family == AF_INET)
		sent = send4(net, way, skb, payload);
	else
		sent = send6(net, way, skb, payload);
	if (unlikely(!sent))
		atomic64_inc(&channel->allocation->drop_error);
	else
		forward_count(channel, !payload->channel, payload->len);
	return sent;
}

static bool send_to_client(struct wgmesh_channel *channel, struct sk_buff *skb,
			   struct payload *payload)
{
	struct wgmesh_allocation *allocation = channel->allocation;
	const struct way way = {
		.route = &allocation->route,
		.cache = wgmesh_percpu_for_packet(&allocation->cpus, &wgmesh_allocation_cpu_kind),
		.flow = &allocation->node.flow,
	};

	payload->channel = channel->from_client.flow.channel;
	return forward_send(channel, &way, skb, payload);
}

static bool send_to_peer(struct wgmesh_channel *channel, struct sk_buff *skb,
			 struct payload *payload)
{
	struct wgmesh_channel *opposite = rcu_dereference(channel->opposite);

	if (likely(!opposite || !peer_is_permitted(opposite) ||
		   !wgmesh_rate_allows(&opposite->allocation->rate, payload->len))) {
		struct wgmesh_channel_cpu *cpu = cpu_of(channel);
		const struct way way = {
			.route = &channel->route,
			.cache = cpu ? &cpu->route : NULL,
			.flow = &channel->from_peer.flow,
		};

		return forward_send(channel, &way, skb, payload);
	}
	forward_count(channel, true, payload->len);
	return send_to_client(opposite, skb, payload);
}

static unsigned int from_client(struct wgmesh_channel *channel, struct sk_buff *skb,
				unsigned int header_len, struct payload *payload)
{
	const struct udphdr *udp = (const struct udphdr *)(skb->data + header_len);
	const struct wgmesh_channel_header *header = (const void *)(udp + 1);

	payload->len = ntohs(header->len);
	if (unlikely(!is_alive(channel, jiffies) || payload->len + sizeof(*udp) + sizeof(*header) !=
					   ntohs(udp->len)))
		return NF_ACCEPT;
	if (unlikely(!wgmesh_rate_allows(&channel->allocation->rate, payload->len))) {
		atomic64_inc(&channel->allocation->drop_rate);
		return NF_DROP;
	}
	payload->sum = csum_sub(payload->sum, (__force __wsum)get_unaligned((u32 *)header));
	open_packet(skb, header_len);
	__skb_pull(skb, sizeof(*header));
	return send_to_peer(channel, skb, payload) ? NF_STOLEN : NF_DROP;
}

static unsigned int from_peer(struct wgmesh_channel *channel, struct sk_buff *skb,
			      unsigned int header_len, struct payload *payload)
{
	const struct udphdr *udp = (const struct udphdr *)(skb->data + header_len);

	payload->len = ntohs(udp->len) - sizeof(*udp);
	if (unlikely(!peer_is_permitted(channel)))
		return NF_ACCEPT;
	if (unlikely(!wgmesh_rate_allows(&channel->allocation->rate, payload->len))) {
		atomic64_inc(&channel->allocation->drop_rate);
		return NF_DROP;
	}
	open_packet(skb, header_len);
	return send_to_client(channel, skb, payload) ? NF_STOLEN : NF_DROP;
}

/* Forwards one datagram of a channel, however it came. */
static unsigned int forward_one(struct wgmesh_flow_node *node, struct sk_buff *skb,
				unsigned int header_len)
{
	const struct udphdr *udp = (const struct udphdr *)(skb->data + header_len);
	struct payload payload = {};

	if (unlikely(skb->len - header_len != ntohs(udp->len)))
		return NF_ACCEPT;
	payload.tos = skb->protocol == htons(ETH_P_IP) ? ip_hdr(skb)->tos :
							 ipv6_get_dsfield(ipv6_hdr(skb));
	read_checksum(skb, udp, &payload);
	if (node->kind == WGMESH_FLOW_FROM_CLIENT)
		return from_client(container_of(node, struct wgmesh_channel, from_client), skb,
				   header_len, &payload);
	return from_peer(container_of(node, struct wgmesh_channel, from_peer), skb, header_len,
			 &payload);
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

	return magic && wgmesh_probe_is_one(magic, skb->len - offset);
}

/* Forwards the datagrams of a channel that GRO merged one by one. */
static noinline unsigned int forward_merged(struct wgmesh_flow_node *node, struct sk_buff *skb,
					    unsigned int header_len)
{
	struct sk_buff *segs, *seg, *next;
	unsigned int verdict;

	if (wgmesh_is_one(skb))
		return wgmesh_make_whole(skb) ? wgmesh_forward(node, skb, header_len) : NF_DROP;

	segs = wgmesh_take_apart(skb, header_len);
	skb_list_walk_safe(segs, seg, next) {
		skb_mark_not_on_list(seg);
		verdict = pskb_may_pull(seg, header_len + sizeof(struct udphdr) +
					WGMESH_CHANNEL_HEADER_LEN) ?
			  wgmesh_forward(node, seg, header_len) : NF_DROP;
		if (verdict != NF_STOLEN)
			kfree_skb(seg);
	}
	return NF_STOLEN;
}

/**
 * wgmesh_forward() - forward what came for the relay
 * @node: the flow it belongs to, which is not a path's
 * @skb: one datagram or merged ones, data at the IP header, which has no options. As many bytes
 *	are linear as ChannelData has in its header
 * @header_len: length of the IP header
 *
 * Context: Softirq, under rcu_read_lock().
 * Return: NF_STOLEN when it was sent; NF_ACCEPT when it is for the daemon; NF_DROP.
 */
unsigned int wgmesh_forward(struct wgmesh_flow_node *node, struct sk_buff *skb,
			    unsigned int header_len)
{
	if (node->kind == WGMESH_FLOW_ALLOCATION)
		return NF_ACCEPT;
	if (unlikely(wgmesh_was_fragmented(skb)) && is_fragmented_probe(node, skb, header_len))
		return NF_DROP;
	return likely(!skb_is_gso(skb)) ? forward_one(node, skb, header_len) :
					  forward_merged(node, skb, header_len);
}
