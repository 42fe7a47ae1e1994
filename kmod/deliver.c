// SPDX-License-Identifier: GPL-2.0
/*
 * What came on a path goes to WireGuard, or to the prober.
 *
 * A message gets the virtual endpoint of the peer as its source, and goes straight to WireGuard's
 * receive function. The UDP checksum is not verified: WireGuard authenticates each message.
 */
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/udp.h>
#include <net/dsfield.h>
#include <net/udp.h>

#include "bridged.h"
#include "channel-data.h"
#include "compat.h"
#include "deliver.h"
#include "merged.h"
#include "message.h"
#include "netns.h"
#include "path.h"
#include "peer.h"
#include "prober.h"

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

static void deliver_look_for_answer(struct wgmesh_path *path, const void *message,
				    unsigned int bytes)
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

static u8 tos_of(const struct sk_buff *skb)
{
	return skb->protocol == htons(ETH_P_IP) ? ip_hdr(skb)->tos :
						  ipv6_get_dsfield(ipv6_hdr(skb));
}

static u8 ttl_of(const struct sk_buff *skb)
{
	return skb->protocol == htons(ETH_P_IP) ? ip_hdr(skb)->ttl : ipv6_hdr(skb)->hop_limit;
}

/* Gives WireGuard a message. New headers are written right in front of it, over what was there. */
static void deliver_message(struct wgmesh_path *path, struct sk_buff *skb, unsigned int header_len)
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
		deliver_look_for_answer(path, udp + 1, bytes);
	wgmesh_path_count_rx(path, bytes);

	skb_set_transport_header(skb, offset);
	*udp = (struct udphdr){
		.source = htons(WGMESH_VIRTUAL_PORT),
		.dest = peer->device->listen_port,
		.len = htons(sizeof(*udp) + bytes),
	};
	write_virtual_header(skb, peer, tos_of(skb), ttl_of(skb));
	__skb_pull(skb, offset);
	skb_dst_drop(skb);
	skb_orphan(skb);
	nf_reset_ct(skb);
	if (unlikely(encap_rcv(sk, skb)))
		kfree_skb(skb);
}

/* Takes a probe, and answers it. One that did not come whole tells nothing: it would say that
 * packets pass which do not. Return: whether it was one; then @skb is gone.
 */
static noinline bool deliver_probe(struct wgmesh_path *path, struct sk_buff *skb,
				   unsigned int header_len)
{
	const unsigned int offset = message_offset(path, header_len);
	const unsigned int len = skb->len - offset;

	if (!wgmesh_probe_is_one(skb->data + offset, len) ||
	    !pskb_may_pull(skb, offset + sizeof(struct wgmesh_probe)))
		return false;
	if (wgmesh_was_fragmented(skb)) {
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

/* Takes a datagram of a path. Return: whether it was for WireGuard or the prober; then @skb is
 * gone.
 */
static bool deliver_one(struct wgmesh_path *path, struct sk_buff *skb, unsigned int header_len)
{
	if (unlikely(!is_whole(path, skb, header_len)))
		return false;
	if (unlikely(!is_message(path, skb, header_len)))
		return deliver_probe(path, skb, header_len);
	if (unlikely(skb_ensure_writable(skb, message_offset(path, header_len)) ||
		     !wgmesh_make_whole(skb)))
		kfree_skb(skb);
	else
		deliver_message(path, skb, header_len);
	return true;
}

/* Takes the datagrams that GRO merged one by one. A datagram among them that is neither
 * WireGuard's nor the prober's is lost, as any datagram may be; GRO merges only what has the
 * same length, so there hardly is one.
 */
static noinline void deliver_merged(struct wgmesh_path *path, struct sk_buff *skb,
				    unsigned int header_len)
{
	struct sk_buff *segs, *seg, *next;

	segs = wgmesh_take_apart(skb, header_len);
	skb_list_walk_safe(segs, seg, next) {
		skb_mark_not_on_list(seg);
		if (!pskb_may_pull(seg, message_need(path, header_len)) ||
		    !deliver_one(path, seg, header_len))
			kfree_skb(seg);
	}
}

/**
 * wgmesh_deliver() - take what came on a path
 * @path: the path
 * @skb: one datagram or merged ones, data at the IP header; as many bytes are linear as
 *	ChannelData has in its header
 * @header_len: length of the IP header, which has no options
 *
 * Context: Softirq, under rcu_read_lock().
 * Return: NF_STOLEN when it was for WireGuard or the prober; otherwise NF_ACCEPT.
 */
unsigned int wgmesh_deliver(struct wgmesh_path *path, struct sk_buff *skb, unsigned int header_len)
{
	if (unlikely(!pskb_may_pull(skb, message_need(path, header_len))))
		return NF_ACCEPT;
	if (unlikely(!wgmesh_is_one(skb))) {
		deliver_merged(path, skb, header_len);
		return NF_STOLEN;
	}
	return deliver_one(path, skb, header_len) ? NF_STOLEN : NF_ACCEPT;
}
