// SPDX-License-Identifier: GPL-2.0
/*
 * Probes on the cable.
 */
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/udp.h>

#include "netns.h"
#include "probing.h"
#include "prober.h"
#include "wire.h"

const u8 probing_key_tx[WGMESH_PROBE_KEY_LEN] = { 1, 2, 3 };
const u8 probing_key_rx[WGMESH_PROBE_KEY_LEN] = { 4, 5, 6 };

/**
 * probing_open() - tunnel_tap(), and let the paths of the peer be probed, which knows the session;
 *	for the init of a suite
 * @test: the test
 *
 * Return: 0 or an error.
 */
int probing_open(struct kunit *test)
{
	struct wgmesh_net *wn = wire_underlay();
	int err = tunnel_tap(test);

	if (err)
		return err;
	mutex_lock(&wn->lock);
	err = wgmesh_prober_set_keys(tunnel_peer(), probing_key_tx, probing_key_rx);
	mutex_unlock(&wn->lock);
	tunnel_peer()->prober.session.id = PROBING_SESSION;
	return err;
}

/**
 * probing_write() - a probe as the peer sends it, in the session
 * @type: a request or an answer
 * @sequence: its sequence
 * @receiver: the index that it names
 */
struct wgmesh_probe probing_write(enum wgmesh_probe_type type, u64 sequence, u32 receiver)
{
	struct wgmesh_probe probe;

	wgmesh_probe_write(&probe, type, sequence, PROBING_SESSION, receiver, sizeof(probe),
			   probing_key_rx);
	return probe;
}

/**
 * probing_arrives() - a probe comes in from the cable
 * @test: the test
 * @packet: what it is in
 * @probe: the probe
 *
 * Return: the verdict; the packet is freed in any case.
 */
unsigned int probing_arrives(struct kunit *test, const struct packet *packet,
			     const struct wgmesh_probe *probe)
{
	struct sk_buff *skb = packet_make(test, packet);
	unsigned int verdict;

	packet_set_payload(skb, packet, probe, sizeof(*probe));
	verdict = wire_arrives(skb);
	if (verdict != NF_STOLEN)
		kfree_skb(skb);
	return verdict;
}

/* Does it go where what came in @packet came from? */
static bool goes_back(const struct sk_buff *skb, const struct packet *packet)
{
	const struct in6_addr to = packet_host6(packet->from);
	const struct udphdr *udp;

	if (packet->family == AF_INET) {
		const struct iphdr *ip = (const void *)skb->data;

		if (ip->version != 4 || ip->daddr != packet_host4(packet->from))
			return false;
		udp = (const void *)(ip + 1);
	} else {
		const struct ipv6hdr *ip6 = (const void *)skb->data;

		if (ip6->version != 6 || !ipv6_addr_equal(&ip6->daddr, &to))
			return false;
		udp = (const void *)(ip6 + 1);
	}
	return udp->dest == htons(packet->source) && udp->source == htons(packet->dest);
}

/**
 * probing_sent() - look for a probe among what was sent since this was asked last
 * @packet: what comes the way that the probe is to go, from the peer
 * @type: a request or an answer
 * @probe: gets it
 *
 * Whatever else was sent is forgotten: requests go out at times that no test knows.
 *
 * Return: whether there was one, and it was authentic.
 */
bool probing_sent(const struct packet *packet, enum wgmesh_probe_type type,
		  struct wgmesh_probe *probe)
{
	const unsigned int headers = packet_headers_len(packet);
	struct sk_buff *skb;
	bool found = false;

	while ((skb = wire_received())) {
		if (!found && !skb_linearize(skb) && skb->len == headers + sizeof(*probe) &&
		    goes_back(skb, packet)) {
			memcpy(probe, skb->data + headers, sizeof(*probe));
			found = wgmesh_probe_is_one(probe, sizeof(*probe)) &&
				probe->type == type &&
				wgmesh_probe_authentic(probe, sizeof(*probe), probing_key_tx);
		}
		kfree_skb(skb);
	}
	return found;
}

/**
 * probing_look() - let the prober do now what it does when its timer runs
 * @path: a path that a request is due on
 */
void probing_look(struct wgmesh_path *path)
{
	struct timer_list *timer = &path->peer->prober.timer;

	spin_lock_bh(&path->peer->lock);
	path->next_probe_ns = 0;
	path->turn_ns = 0;
	atomic64_set(&wire_underlay()->budget.next_ns, 0);
	spin_unlock_bh(&path->peer->lock);
	local_bh_disable();
	timer->function(timer);
	local_bh_enable();
}
