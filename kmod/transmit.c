// SPDX-License-Identifier: GPL-2.0
/*
 * The way out: from WireGuard's virtual endpoint to the selected path.
 *
 * WireGuard sends to the virtual endpoint as to any other. The packet is caught
 * before connection tracking, gets the endpoints of the path, and goes to the
 * neighbour layer of the interface; what that cannot do goes through the stack.
 */
#include <linux/ip.h>
#include <linux/netfilter_ipv4.h>
#include <linux/udp.h>
#include <net/ip6_checksum.h>
#include <net/ip6_route.h>
#include <net/ipv6.h>
#include <net/route.h>
#include <net/udp.h>

#include "channel-data.h"
#include "index.h"
#include "message.h"
#include "netns.h"
#include "output.h"
#include "path.h"
#include "peer.h"
#include "prober.h"
#include "transmit.h"

static void set_ports(struct udphdr *udp, const struct wgmesh_flow *flow)
{
	udp->source = flow->local_port;
	udp->dest = flow->remote_port;
}

/* Puts the packet into a channel of a relay. The headers move, and are completed where the
 * path is known.
 */
static bool push_channel(struct sk_buff *skb, u16 number)
{
	struct wgmesh_channel_header *header;
	struct udphdr *udp;

	if (unlikely(skb_cow_head(skb, sizeof(*header))))
		return false;
	__skb_push(skb, sizeof(*header));
	memmove(skb->data, skb->data + sizeof(*header), sizeof(struct iphdr) + sizeof(*udp));
	skb_reset_network_header(skb);
	skb_set_transport_header(skb, sizeof(struct iphdr));
	udp = udp_hdr(skb);
	header = (struct wgmesh_channel_header *)(udp + 1);
	header->number = htons(number);
	header->len = htons(ntohs(udp->len) - sizeof(*udp));
	udp->len = htons(ntohs(udp->len) + sizeof(*header));
	ip_hdr(skb)->tot_len = htons(skb->len);
	return true;
}

static bool send4(struct wgmesh_path *path, struct sk_buff *skb, struct sock *sk, u32 mtu)
{
	const struct wgmesh_flow *flow = &path->node.flow;
	struct net *net = path->peer->device->wn->net;
	struct udphdr *udp = udp_hdr(skb);
	struct iphdr *ip = ip_hdr(skb);
	struct rtable *rt;

	rt = wgmesh_path_route4(path, skb->mark, sk);
	if (IS_ERR(rt)) {
		wgmesh_prober_unroutable(path);
		return false;
	}

	ip->saddr = flow->local.ip;
	ip->daddr = flow->remote.ip;
	ip->ttl = ip4_dst_hoplimit(&rt->dst);
	ip_send_check(ip);
	set_ports(udp, flow);
	wgmesh_leave_checksum(skb, udp, udp_v4_check(ntohs(udp->len), ip->saddr, ip->daddr, 0));
	if (unlikely(skb->len > mtu))
		return wgmesh_output4_fragments(net, sk, skb, rt, mtu);
	return wgmesh_output4(net, sk, skb, rt);
}

static bool send6(struct wgmesh_path *path, struct sk_buff *skb, struct sock *sk, u32 mtu)
{
	const struct wgmesh_flow *flow = &path->node.flow;
	struct net *net = path->peer->device->wn->net;
	u8 tos = ip_hdr(skb)->tos;
	struct ipv6hdr *ip6;
	struct udphdr *udp;
	struct dst_entry *dst;

	dst = wgmesh_path_route6(path, skb->mark, sk);
	if (IS_ERR(dst)) {
		wgmesh_prober_unroutable(path);
		return false;
	}

	__skb_pull(skb, sizeof(struct iphdr));
	if (unlikely(skb_cow_head(skb, sizeof(*ip6) + LL_RESERVED_SPACE(dst->dev)))) {
		dst_release(dst);
		return false;
	}
	ip6 = __skb_push(skb, sizeof(*ip6));
	skb_reset_network_header(skb);
	udp = udp_hdr(skb);
	ip6_flow_hdr(ip6, tos, 0);
	ip6->payload_len = udp->len;
	ip6->nexthdr = IPPROTO_UDP;
	ip6->hop_limit = ip6_dst_hoplimit(dst);
	ip6->saddr = flow->local.in6;
	ip6->daddr = flow->remote.in6;
	skb->protocol = htons(ETH_P_IPV6);
	memset(skb->cb, 0, sizeof(struct inet6_skb_parm));
	set_ports(udp, flow);
	wgmesh_leave_checksum(skb, udp,
			      udp_v6_check(ntohs(udp->len), &ip6->saddr, &ip6->daddr, 0));
	if (unlikely(skb->len > mtu))
		return wgmesh_output6_fragments(net, sk, skb, dst, mtu);
	return wgmesh_output6(net, sk, skb, dst);
}

/**
 * wgmesh_transmit_datagram() - send a datagram on a path
 * @path: the path
 * @skb: an IPv4 packet without addresses, ports and checksums; data at its header, transport
 *	header set, firewall mark to route by
 * @sk: the socket that sends, or NULL
 * @mtu: what is larger is sent in fragments
 *
 * It gets the endpoints of the path, its IP version, and the header of its channel. A path that
 * has no route is told to the prober.
 *
 * Context: Bottom halves disabled, under rcu_read_lock(), not under the lock of the peer.
 * Return: whether @skb was consumed; when not, it is the caller's to free.
 */
bool wgmesh_transmit_datagram(struct wgmesh_path *path, struct sk_buff *skb, struct sock *sk,
			      u32 mtu)
{
	const u16 channel = path->node.flow.channel;

	if (channel && unlikely(!push_channel(skb, channel)))
		return false;
	return path->node.flow.family == AF_INET ? send4(path, skb, sk, mtu) :
						   send6(path, skb, sk, mtu);
}

/* What WireGuard's message tells of the session. */
static void look_at_message(struct wgmesh_peer *peer, struct wgmesh_path *path,
			    const void *message, unsigned int bytes)
{
	enum wgmesh_message_type type = wgmesh_message_type(message, bytes);
	u32 receiver;

	if (likely(type == WGMESH_MESSAGE_DATA)) {
		receiver = wgmesh_message_receiver(message, type);
		if (unlikely(READ_ONCE(peer->receiver) != receiver))
			WRITE_ONCE(peer->receiver, receiver);
	} else if (type == WGMESH_MESSAGE_INITIATION || type == WGMESH_MESSAGE_RESPONSE) {
		wgmesh_path_handshake_sent(path, wgmesh_message_sender(message));
		wgmesh_index_learn(peer, wgmesh_message_sender(message));
	}
}

static bool send_counted(struct wgmesh_path *path, struct sk_buff *skb, struct sock *sk,
			 unsigned int bytes)
{
	if (unlikely(!wgmesh_transmit_datagram(path, skb, sk, wgmesh_path_pmtu(path)))) {
		wgmesh_path_count_tx_error(path);
		return false;
	}
	wgmesh_path_count_tx(path, bytes);
	return true;
}

static noinline void send_copy(struct wgmesh_path *path, const struct sk_buff *skb,
			       struct sock *sk, unsigned int bytes)
{
	struct sk_buff *copy = skb_copy(skb, GFP_ATOMIC);

	if (copy && !send_counted(path, copy, sk, bytes))
		kfree_skb(copy);
}

static unsigned int send_to_peer(struct wgmesh_peer *peer, struct sk_buff *skb, struct sock *sk)
{
	struct wgmesh_path *path = rcu_dereference(peer->selected);
	struct wgmesh_path *copy = rcu_dereference(peer->copy);
	const struct udphdr *udp = udp_hdr(skb);
	unsigned int bytes = ntohs(udp->len) - sizeof(*udp);

	if (unlikely(!path)) {
		atomic64_inc(&peer->drop_no_path);
		return NF_DROP;
	}
	look_at_message(peer, path, udp + 1, bytes);
	if (unlikely(!READ_ONCE(peer->active)))
		wgmesh_prober_wake(peer);
	if (unlikely(copy))
		send_copy(copy, skb, sk, bytes);
	return send_counted(path, skb, sk, bytes) ? NF_STOLEN : NF_DROP;
}

/* A packet to a virtual address whose peer is gone. Only WireGuard's packets carry
 * their interface this early; those of other programs are none of our business.
 */
static unsigned int no_such_peer(struct wgmesh_net *wn, const struct sk_buff *skb, struct sock *sk)
{
	struct wgmesh_device *device = skb->dev ? wgmesh_device_find(wn, skb->dev) : NULL;

	if (!device || !wgmesh_device_owns_socket(device, sk))
		return NF_ACCEPT;
	atomic64_inc(&device->drop_no_peer);
	return NF_DROP;
}

/* Bottom halves are disabled: WireGuard sends under read_lock_bh() or rcu_read_lock_bh(). */
static unsigned int transmit_hook(void *priv, struct sk_buff *skb,
				  const struct nf_hook_state *state)
{
	const struct iphdr *ip = ip_hdr(skb);
	u32 daddr = ntohl(ip->daddr);
	struct wgmesh_peer *peer;
	struct wgmesh_net *wn;

	if (likely((daddr & WGMESH_VIRTUAL_MASK) != WGMESH_VIRTUAL_NETWORK) ||
	    ip->protocol != IPPROTO_UDP || !state->sk)
		return NF_ACCEPT;

	wn = wgmesh_net(state->net);
	peer = xa_load(&wn->peers, daddr & ~WGMESH_VIRTUAL_MASK);
	if (unlikely(!peer || peer->device->dev != skb->dev ||
		     !wgmesh_device_sends_by(peer->device, state->sk)))
		return no_such_peer(wn, skb, state->sk);
	return send_to_peer(peer, skb, state->sk);
}

const struct nf_hook_ops wgmesh_transmit_hooks[WGMESH_TRANSMIT_HOOKS] = {
	{
		.hook = transmit_hook,
		.pf = NFPROTO_IPV4,
		.hooknum = NF_INET_LOCAL_OUT,
		.priority = NF_IP_PRI_RAW_BEFORE_DEFRAG,
	},
};
