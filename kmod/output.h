/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The last step of whatever the module sends.
 */
#ifndef WGMESH_OUTPUT_H
#define WGMESH_OUTPUT_H

#include <linux/skbuff.h>
#include <linux/udp.h>

struct dst_entry;
struct net;
struct rtable;
struct sock;

bool wgmesh_output4(struct net *net, struct sock *sk, struct sk_buff *skb, struct rtable *rt);
bool wgmesh_output6(struct net *net, struct sock *sk, struct sk_buff *skb, struct dst_entry *dst);

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

#endif /* WGMESH_OUTPUT_H */
