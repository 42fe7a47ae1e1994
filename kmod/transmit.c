// SPDX-License-Identifier: GPL-2.0
/*
 * The way out: from WireGuard's virtual endpoint to the selected path.
 *
 * WireGuard sends to the virtual endpoint as to any other. The packet is caught
 * before connection tracking, and sent on the path as a datagram of it.
 */
#include <linux/ip.h>
#include <linux/netfilter_ipv4.h>
#include <linux/udp.h>

#include "carried.h"
#include "datagram.h"
#include "index.h"
#include "message.h"
#include "netns.h"
#include "path.h"
#include "peer.h"
#include "prober.h"
#include "transmit.h"

/* What WireGuard's message tells of the session. */
static void transmit_look_at(struct wgmesh_peer *peer, struct wgmesh_path *path,
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

/* Return: whether @skb was consumed. */
static bool transmit_counted(struct wgmesh_path *path, struct sk_buff *skb, struct sock *sk,
			     unsigned int bytes)
{
	const int err = wgmesh_datagram_send(path, skb, sk, wgmesh_path_pmtu(path));

	if (unlikely(err)) {
		wgmesh_prober_unroutable(path, err);
		wgmesh_path_count_tx_error(path);
		return false;
	}
	wgmesh_path_count_tx(path, bytes);
	return true;
}

static noinline void transmit_copy(struct wgmesh_path *path, const struct sk_buff *skb,
				   struct sock *sk, unsigned int bytes)
{
	struct sk_buff *copy = skb_copy(skb, GFP_ATOMIC);

	if (copy && !transmit_counted(path, copy, sk, bytes))
		kfree_skb(copy);
}

static unsigned int transmit_to_peer(struct wgmesh_peer *peer, struct sk_buff *skb,
				     struct sock *sk)
{
	struct wgmesh_path *path = rcu_dereference(peer->selected);
	struct wgmesh_path *copy = rcu_dereference(peer->copy);
	const struct udphdr *udp = udp_hdr(skb);
	unsigned int bytes = ntohs(udp->len) - sizeof(*udp);

	if (unlikely(!path)) {
		atomic64_inc(&peer->drop_no_path);
		return NF_DROP;
	}
	transmit_look_at(peer, path, udp + 1, bytes);
	if (unlikely(READ_ONCE(peer->device->mark) != skb->mark))
		wgmesh_device_set_mark(peer->device, skb->mark);
	if (unlikely(wgmesh_carried_has_tag(skb->hash)))
		wgmesh_carried_seen(peer->device->wn, skb->hash);
	if (unlikely(!READ_ONCE(peer->active)))
		wgmesh_prober_wake(peer);
	if (unlikely(copy))
		transmit_copy(copy, skb, sk, bytes);
	return transmit_counted(path, skb, sk, bytes) ? NF_STOLEN : NF_DROP;
}

/* A packet to a virtual address whose peer is gone. Only WireGuard's packets carry
 * their interface this early; those of other programs are none of our business.
 */
static unsigned int transmit_to_nobody(struct wgmesh_net *wn, const struct sk_buff *skb,
				       struct sock *sk)
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
		return transmit_to_nobody(wn, skb, state->sk);
	return transmit_to_peer(peer, skb, state->sk);
}

const struct nf_hook_ops wgmesh_transmit_hooks[WGMESH_TRANSMIT_HOOKS] = {
	{
		.hook = transmit_hook,
		.pf = NFPROTO_IPV4,
		.hooknum = NF_INET_LOCAL_OUT,
		.priority = NF_IP_PRI_RAW_BEFORE_DEFRAG,
	},
};
