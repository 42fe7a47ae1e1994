// SPDX-License-Identifier: GPL-2.0
/*
 * Taking apart what GRO merged on receipt (rx-udp-gro-forwarding, rx-gro-list, or UDP_GRO on the
 * socket that shares the port), or a virtual machine sent as one packet.
 */
#include <linux/if_vlan.h>
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/udp.h>
#include <net/ip.h>
#include <net/ip6_checksum.h>
#include <net/udp.h>

#include "compat.h"
#include "merged.h"
#include "output.h"

/**
 * wgmesh_make_whole() - let a large datagram be no more than that
 * @skb: a packet that wgmesh_is_one() says is one
 *
 * Context: Any.
 * Return: false when there is no memory; then @skb is what it was.
 */
bool wgmesh_make_whole(struct sk_buff *skb)
{
	if (likely(!skb_is_gso(skb)))
		return true;
	/* what tells that it is to be fragmented is shared by clones */
	if (skb_unclone(skb, GFP_ATOMIC))
		return false;
	skb_gso_reset(skb);
	return true;
}

/* Is each datagram still in the buffer that it came in, its headers in front of it? GRO leaves that
 * so where it cannot put all the data into pages. @headers: those of IP and UDP.
 */
static bool is_list(struct sk_buff *skb, unsigned int headers)
{
	const unsigned int size = skb_shinfo(skb)->gso_size;
	const struct sk_buff *next;

	if (!skb_has_frag_list(skb) || skb_cloned(skb) || skb_has_extensions(skb) ||
	    skb_shinfo(skb)->gso_type & SKB_GSO_DODGY || skb_pagelen(skb) != headers + size)
		return false;
	skb_walk_frags(skb, next)
		if (skb_shared(next) || skb_cloned(next) || skb_has_frag_list(next) ||
		    skb_network_offset(next) != -(int)headers ||
		    (next->next ? next->len != size : next->len > size))
			return false;
	return true;
}

/* What was found out about the first one since they were merged goes for all. */
static void take_after(struct sk_buff *skb, const struct sk_buff *first, unsigned int header_len)
{
	__skb_push(skb, header_len + sizeof(struct udphdr));
	skb_set_transport_header(skb, header_len);
	memcpy(skb->cb, first->cb, sizeof(skb->cb));
	skb->dev = first->dev;
	skb->protocol = first->protocol;
	skb->pkt_type = first->pkt_type;
	skb->skb_iif = first->skb_iif;
	skb->mark = first->mark;
	skb->priority = first->priority;
	__vlan_hwaccel_clear_tag(skb);
}

/* The UDP header of the first one was made that of all. Its IP header is as long as the packet was,
 * which nobody asks any more.
 */
static void restore_first(struct sk_buff *skb, unsigned int header_len)
{
	const unsigned int len = skb->len - header_len;
	struct udphdr *udp = (struct udphdr *)(skb->data + header_len);

	udp->len = htons(len);
	if (skb->ip_summed != CHECKSUM_PARTIAL)
		return;
	if (skb->protocol == htons(ETH_P_IP))
		wgmesh_leave_checksum(skb, udp, udp_v4_check(len, ip_hdr(skb)->saddr,
							     ip_hdr(skb)->daddr, 0));
	else
		wgmesh_leave_checksum(skb, udp, udp_v6_check(len, &ipv6_hdr(skb)->saddr,
							     &ipv6_hdr(skb)->daddr, 0));
}

static struct sk_buff *split_list(struct sk_buff *skb, unsigned int header_len)
{
	struct sk_buff *next;

	skb->next = skb_shinfo(skb)->frag_list;
	skb_shinfo(skb)->frag_list = NULL;
	for (next = skb->next; next; next = next->next) {
		skb->len -= next->len;
		skb->data_len -= next->len;
		skb->truesize -= next->truesize;
		take_after(next, skb, header_len);
	}
	skb_gso_reset(skb);
	restore_first(skb, header_len);
	return skb;
}

/**
 * wgmesh_take_apart() - take several datagrams of one flow apart
 * @skb: a packet that wgmesh_is_one() says is none, data at its IP header; consumed
 * @header_len: length of the IP header, which has no options
 *
 * GRO verified their checksums, or they never left this host: each that is made anew is left to
 * the device, and none is computed over the data.
 *
 * Context: Softirq, under rcu_read_lock().
 * Return: the datagrams, a list, data at their IP headers, whose length and checksum may be those
 * of another one; NULL when there is no memory.
 */
struct sk_buff *wgmesh_take_apart(struct sk_buff *skb, unsigned int header_len)
{
	const unsigned int mac_len = -skb_mac_offset(skb);
	netdev_features_t features = NETIF_F_SG;
	struct sk_buff *segs, *seg;

	if (is_list(skb, header_len + sizeof(struct udphdr)))
		return split_list(skb, header_len);
	if (skb->ip_summed == CHECKSUM_PARTIAL)
		features |= NETIF_F_HW_CSUM;
	__skb_push(skb, mac_len);
	segs = __skb_gso_segment(skb, features, false);
	if (IS_ERR_OR_NULL(segs)) {
		kfree_skb(skb);
		return NULL;
	}
	consume_skb(skb);
	for (seg = segs; seg; seg = seg->next)
		__skb_pull(seg, mac_len);
	return segs;
}
