/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Datagrams that came as one packet.
 */
#ifndef WGMESH_MERGED_H
#define WGMESH_MERGED_H

#include <linux/skbuff.h>

/**
 * wgmesh_is_one() - is a packet one datagram, however large?
 * @skb: the packet
 *
 * One that is to be fragmented only when it leaves (UFO, as virtual machines send it) is one, too.
 *
 * Context: Any.
 */
static inline bool wgmesh_is_one(const struct sk_buff *skb)
{
	return likely(!skb_is_gso(skb)) || skb_shinfo(skb)->gso_type & SKB_GSO_UDP;
}

bool wgmesh_make_whole(struct sk_buff *skb);
struct sk_buff *wgmesh_take_apart(struct sk_buff *skb, unsigned int header_len);

#endif /* WGMESH_MERGED_H */
