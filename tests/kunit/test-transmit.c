// SPDX-License-Identifier: GPL-2.0
/*
 * From WireGuard's virtual endpoint to the path: from the transmit hook to the wire.
 */
#include <kunit/test.h>
#include <linux/ip.h>
#include <linux/udp.h>
#include <net/ip.h>

#include "netns.h"
#include "packet.h"
#include "transmit.h"
#include "tunnel.h"
#include "wire.h"

/* WireGuard damages nothing that it sends. */
static const void *next_transmitted(const void *previous, char *name)
{
	return tunnel_next_case(previous, name, PACKET_SUM_DAMAGED);
}

/* A packet as WireGuard sends it to the virtual endpoint. */
static struct sk_buff *make_sent(struct kunit *test, enum packet_sum sum)
{
	const struct packet packet = {
		.family = AF_INET,
		.source = TUNNEL_PORT,
		.dest = WGMESH_VIRTUAL_PORT,
		.sum = sum,
	};
	struct sk_buff *skb = packet_make(test, &packet);
	struct iphdr *ip = ip_hdr(skb);

	skb->dev = tunnel_peer()->device->dev;
	ip->saddr = htonl(INADDR_LOOPBACK);
	ip->daddr = wgmesh_peer_virtual_address(tunnel_peer());
	ip_send_check(ip);
	return skb;
}

static unsigned int transmit(struct kunit *test, struct sk_buff *skb)
{
	return wire_hook(&wgmesh_transmit_hooks[0], skb, tunnel_socket(test));
}

static void test_rewrites(struct kunit *test)
{
	const struct tunnel_case *transmitted = test->param_value;
	/* what is sent is known to be sound, for it was made here: its sum is made anew */
	const struct packet out = {
		.family = transmitted->family,
		.from = 1,
		.to = TUNNEL_REMOTE,
		.source = TUNNEL_LOCAL_PORT,
		.dest = TUNNEL_REMOTE_PORT,
		.channel = transmitted->channel,
		.sum = PACKET_SUM_PARTIAL,
	};
	struct sk_buff *skb;

	tunnel_path(test, transmitted->family, transmitted->channel);
	skb = make_sent(test, transmitted->sum);
	KUNIT_ASSERT_EQ(test, transmit(test, skb), NF_STOLEN);
	packet_examine(test, wire_received(), &out);
	KUNIT_EXPECT_NULL(test, wire_received());
}

/* A clone, as a sniffer holds one, stays what it was. */
static void test_clone_is_not_written(struct kunit *test)
{
	struct sk_buff *skb, *clone, *copy;

	tunnel_path(test, AF_INET6, TUNNEL_CHANNEL);
	skb = make_sent(test, PACKET_SUM_NONE);
	clone = skb_clone(skb, GFP_KERNEL);
	copy = skb_copy(skb, GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, clone);
	KUNIT_ASSERT_NOT_NULL(test, copy);
	KUNIT_EXPECT_EQ(test, transmit(test, skb), NF_STOLEN);
	KUNIT_EXPECT_MEMEQ(test, clone->data, copy->data, copy->len);
	kfree_skb(clone);
	kfree_skb(copy);
	kfree_skb(wire_received());
}

static void test_no_path(struct kunit *test)
{
	struct sk_buff *skb = make_sent(test, PACKET_SUM_PARTIAL);

	KUNIT_ASSERT_EQ(test, transmit(test, skb), NF_DROP);
	KUNIT_EXPECT_EQ(test, atomic64_read(&tunnel_peer()->drop_no_path), 1);
	KUNIT_EXPECT_NULL(test, wire_received());
	kfree_skb(skb);
}

static void test_no_such_peer(struct kunit *test)
{
	struct sk_buff *skb = make_sent(test, PACKET_SUM_PARTIAL);

	tunnel_path(test, AF_INET, 0);
	ip_hdr(skb)->daddr = htonl(WGMESH_VIRTUAL_NETWORK | (tunnel_peer()->id + 1));
	KUNIT_ASSERT_EQ(test, transmit(test, skb), NF_DROP);
	KUNIT_EXPECT_EQ(test, atomic64_read(&tunnel_peer()->device->drop_no_peer), 1);
	KUNIT_EXPECT_NULL(test, wire_received());
	kfree_skb(skb);
}

/* What is not WireGuard's, or goes elsewhere, is none of the module's business. */
static void test_left_to_stack(struct kunit *test)
{
	struct sk_buff *skb;

	tunnel_path(test, AF_INET, 0);
	skb = make_sent(test, PACKET_SUM_PARTIAL);
	ip_hdr(skb)->daddr = htonl(WGMESH_VIRTUAL_NETWORK - 1);
	KUNIT_ASSERT_EQ(test, transmit(test, skb), NF_ACCEPT);
	ip_hdr(skb)->daddr = htonl(WGMESH_VIRTUAL_NETWORK + ~WGMESH_VIRTUAL_MASK + 1);
	KUNIT_ASSERT_EQ(test, transmit(test, skb), NF_ACCEPT);
	ip_hdr(skb)->daddr = packet_host4(TUNNEL_REMOTE);
	KUNIT_ASSERT_EQ(test, transmit(test, skb), NF_ACCEPT);

	ip_hdr(skb)->daddr = wgmesh_peer_virtual_address(tunnel_peer());
	ip_hdr(skb)->protocol = IPPROTO_TCP;
	KUNIT_ASSERT_EQ(test, transmit(test, skb), NF_ACCEPT);

	/* by no socket, or from another interface */
	ip_hdr(skb)->protocol = IPPROTO_UDP;
	KUNIT_ASSERT_EQ(test, wire_hook(&wgmesh_transmit_hooks[0], skb, NULL), NF_ACCEPT);
	skb->dev = wire_near(test);
	KUNIT_ASSERT_EQ(test, transmit(test, skb), NF_ACCEPT);
	KUNIT_EXPECT_NULL(test, wire_received());
	kfree_skb(skb);
}

static void test_counters(struct kunit *test)
{
	struct wgmesh_path *path = tunnel_path(test, AF_INET, 0);
	struct wgmesh_path_totals totals;
	int i;

	for (i = 0; i < 3; i++)
		KUNIT_EXPECT_EQ(test, transmit(test, make_sent(test, PACKET_SUM_PARTIAL)),
				NF_STOLEN);
	wgmesh_path_totals(path, &totals);
	KUNIT_EXPECT_EQ(test, totals.tx_packets, 3);
	KUNIT_EXPECT_EQ(test, totals.tx_bytes, 3 * PACKET_PAYLOAD_LEN);
	KUNIT_EXPECT_EQ(test, totals.tx_errors, 0);
}

static struct kunit_case cases[] = {
	KUNIT_CASE_PARAM(test_rewrites, next_transmitted),
	KUNIT_CASE(test_clone_is_not_written),
	KUNIT_CASE(test_no_path),
	KUNIT_CASE(test_no_such_peer),
	KUNIT_CASE(test_left_to_stack),
	KUNIT_CASE(test_counters),
	{}
};

static struct kunit_suite suite = {
	.name = "wgmesh-transmit",
	.init = tunnel_open,
	.exit = tunnel_close,
	.test_cases = cases,
};

kunit_test_suite(suite);
