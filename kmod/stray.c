// SPDX-License-Identifier: GPL-2.0
/*
 * What comes from an endpoint that no path has, and yet may be a peer's: its NAT gave it another
 * one.
 */
#include <linux/udp.h>
#include <net/xfrm.h>

#include "compat.h"
#include "deliver.h"
#include "flow.h"
#include "index.h"
#include "merged.h"
#include "message.h"
#include "prober.h"
#include "roam.h"
#include "stray.h"

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

/**
 * wgmesh_stray() - take a datagram from an endpoint that no path has, to a port of ours
 * @wn: the namespace
 * @flow: its endpoints
 * @skb: one datagram or merged ones, data at the IP header; the first 4 bytes of the payload are
 *	linear
 * @header_len: length of the IP header, which has no options
 *
 * WireGuard's data is known by the index that the peer was told in a handshake, and delivered as
 * if it came on a path; whether the peer is to be sent to there, probes will find out.
 *
 * Context: Softirq, under rcu_read_lock().
 * Return: the verdict; NF_ACCEPT when it is nothing of ours.
 */
unsigned int wgmesh_stray(struct wgmesh_net *wn, const struct wgmesh_flow *flow,
			  struct sk_buff *skb, unsigned int header_len)
{
	const unsigned int offset = header_len + sizeof(struct udphdr);
	const unsigned int len = skb->len - offset;
	enum wgmesh_message_type type;
	struct wgmesh_path *path;
	struct wgmesh_peer *peer;

	if (wgmesh_is_one(skb) && wgmesh_probe_is_one(skb->data + offset, len))
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
	return wgmesh_deliver(path, skb, header_len);
}
