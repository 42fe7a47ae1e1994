/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What br_netfilter did to a packet on its way through a bridge.
 */
#ifndef WGMESH_BRIDGED_H
#define WGMESH_BRIDGED_H

#include <linux/netfilter_bridge.h>
#include <net/ip.h>
#include <net/ipv6.h>

/* With br_netfilter a frame passes PRE_ROUTING while it is in a bridge, where nobody knows yet
 * whether it is for this host. One that is does not pass there again: br_netfilter keeps it from
 * that, unless the bridge is in a VRF, and it is taken in LOCAL_IN.
 */
static inline bool wgmesh_is_in_bridge(const struct sk_buff *skb)
{
	return nf_bridge_in_prerouting(skb);
}

/* Has br_netfilter kept it from passing PRE_ROUTING again? */
static inline bool wgmesh_came_by_bridge(const struct sk_buff *skb)
{
#if IS_ENABLED(CONFIG_BRIDGE_NETFILTER)
	const struct nf_bridge_info *bridge = nf_bridge_info_get(skb);

	return bridge && bridge->sabotage_in_done;
#else
	return false;
#endif
}

/* Was the packet put together from fragments? If it passed a bridge, that is kept elsewhere. */
static inline bool wgmesh_was_fragmented(const struct sk_buff *skb)
{
#if IS_ENABLED(CONFIG_BRIDGE_NETFILTER)
	const struct nf_bridge_info *bridge = nf_bridge_info_get(skb);

	if (unlikely(bridge && bridge->frag_max_size))
		return true;
#endif
	return skb->protocol == htons(ETH_P_IP) ? IPCB(skb)->frag_max_size :
						  IP6CB(skb)->frag_max_size;
}

#endif /* WGMESH_BRIDGED_H */
