// SPDX-License-Identifier: GPL-2.0
/*
 * A datagram that leaves on a path: it gets the endpoints of the path, and goes to the neighbour
 * layer of the interface; what that cannot do goes through the stack.
 */
#include <linux/ip.h>
#include <linux/udp.h>
#include <net/ip6_checksum.h>
#include <net/ip6_route.h>
#include <net/ipv6.h>
#include <net/route.h>
#include <net/udp.h>

#include "channel-data.h"
#include "datagram.h"
#include "netns.h"
#include "output.h"
#include "path.h"
#include "path-route.h"
#include "peer.h"

static void datagram_set_ports(struct udphdr *udp, const struct wgmesh_flow *flow)
{
	udp->source = flow->local_port;
	udp->dest = flow->remote_port;
}

/* Puts the packet into a channel of a relay. The headers move, and are completed where the
 * path is known.
 */
static int datagram_push_channel(struct sk_buff *skb, u16 number)
{
	struct wgmesh_channel_header *header;
	struct udphdr *udp;

	if (unlikely(skb_cow_head(skb, sizeof(*header))))
		return -ENOMEM;
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
	return 0;
}

static int datagram_send4(struct wgmesh_path *path, struct sk_buff *skb, struct sock *sk, u32 mtu)
{
	const struct wgmesh_flow *flow = &path->node.flow;
	struct net *net = path->peer->device->wn->net;
	struct udphdr *udp = udp_hdr(skb);
	struct iphdr *ip = ip_hdr(skb);
	struct rtable *rt;

	rt = wgmesh_path_route4(path, skb->mark, sk);
	if (IS_ERR(rt))
		return PTR_ERR(rt);

	ip->saddr = flow->local.ip;
	ip->daddr = flow->remote.ip;
	ip->ttl = wgmesh_ttl4(net, &rt->dst);
	ip_send_check(ip);
	datagram_set_ports(udp, flow);
	wgmesh_leave_checksum(skb, udp, udp_v4_check(ntohs(udp->len), ip->saddr, ip->daddr, 0));
	if (unlikely(skb->len > mtu)) {
		wgmesh_output4_fragments(net, sk, skb, rt, mtu);
		return 0;
	}
	return wgmesh_output4(net, sk, skb, rt) ? 0 : -ENOMEM;
}

static int datagram_send6(struct wgmesh_path *path, struct sk_buff *skb, struct sock *sk, u32 mtu)
{
	const struct wgmesh_flow *flow = &path->node.flow;
	struct net *net = path->peer->device->wn->net;
	u8 tos = ip_hdr(skb)->tos;
	struct ipv6hdr *ip6;
	struct udphdr *udp;
	struct dst_entry *dst;

	dst = wgmesh_path_route6(path, skb->mark, sk);
	if (IS_ERR(dst))
		return PTR_ERR(dst);

	__skb_pull(skb, sizeof(struct iphdr));
	if (unlikely(skb_cow_head(skb, sizeof(*ip6) + LL_RESERVED_SPACE(dst->dev)))) {
		dst_release(dst);
		return -ENOMEM;
	}
	ip6 = __skb_push(skb, sizeof(*ip6));
	skb_reset_network_header(skb);
	udp = udp_hdr(skb);
	wgmesh_write_header6(skb, flow, dst, tos, udp->len);
	memset(skb->cb, 0, sizeof(struct inet6_skb_parm));
	datagram_set_ports(udp, flow);
	wgmesh_leave_checksum(skb, udp,
			      udp_v6_check(ntohs(udp->len), &ip6->saddr, &ip6->daddr, 0));
	if (unlikely(skb->len > mtu)) {
		wgmesh_output6_fragments(net, sk, skb, dst, mtu);
		return 0;
	}
	return wgmesh_output6(net, sk, skb, dst) ? 0 : -ENOMEM;
}

/**
 * wgmesh_datagram_send() - send a datagram on a path
 * @path: the path
 * @skb: an IPv4 packet without addresses, ports and checksums; data at its header, transport
 *	header set, firewall mark to route by
 * @sk: the socket that sends, or NULL
 * @mtu: what is larger is sent in fragments
 *
 * It gets the endpoints of the path, its IP version, and the header of its channel.
 *
 * Context: Bottom halves disabled, under rcu_read_lock().
 * Return: 0 when @skb was consumed; otherwise it is the caller's to free: -ENOMEM, or why the path
 * has no route (wgmesh_path_route4(), wgmesh_path_route6()).
 */
int wgmesh_datagram_send(struct wgmesh_path *path, struct sk_buff *skb, struct sock *sk, u32 mtu)
{
	const u16 channel = path->node.flow.channel;

	if (channel && unlikely(datagram_push_channel(skb, channel)))
		return -ENOMEM;
	return path->node.flow.family == AF_INET ? datagram_send4(path, skb, sk, mtu) :
						   datagram_send6(path, skb, sk, mtu);
}
