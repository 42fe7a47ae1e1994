// SPDX-License-Identifier: GPL-2.0
/*
 * What comes by a bridge whose packets netfilter sees: left alone in the bridge, taken once it is
 * known that it is for this host.
 */
#include <kunit/test.h>
#include <linux/netfilter_bridge.h>
#include <net/netfilter/nf_conntrack.h>

#include "packet.h"
#include "probing.h"
#include "receive.h"
#include "tunnel.h"
#include "wire.h"

/* Where a packet is, as br_netfilter tells */
static struct nf_bridge_info *bridged(struct kunit *test, struct sk_buff *skb)
{
	struct nf_bridge_info *bridge = skb_ext_add(skb, SKB_EXT_BRIDGE_NF);

	KUNIT_ASSERT_NOT_NULL(test, bridge);
	memset(bridge, 0, sizeof(*bridge));
	return bridge;
}

static unsigned int is_for_this_host(struct sk_buff *skb)
{
	const u8 pf = skb->protocol == htons(ETH_P_IP) ? NFPROTO_IPV4 : NFPROTO_IPV6;
	int i;

	for (i = 0; wgmesh_receive_bridged_hooks[i].pf != pf; i++)
		;
	return wire_hook(&wgmesh_receive_bridged_hooks[i], skb, NULL);
}

static void test_in_the_bridge(struct kunit *test)
{
	const struct packet packet =
		tunnel_packet(tunnel_path(test, *(const u16 *)test->param_value, 0));
	struct sk_buff *skb = packet_make(test, &packet);

	bridged(test, skb)->in_prerouting = 1;
	KUNIT_ASSERT_EQ(test, wire_arrives(skb), NF_ACCEPT);
	KUNIT_EXPECT_NULL(test, tunnel_delivered());
	kfree_skb(skb);
}

static void test_behind_the_bridge(struct kunit *test)
{
	const struct packet packet =
		tunnel_packet(tunnel_path(test, *(const u16 *)test->param_value, 0));
	struct sk_buff *skb = packet_make(test, &packet);

	bridged(test, skb)->sabotage_in_done = 1;
	nf_ct_set(skb, NULL, IP_CT_UNTRACKED);
	KUNIT_ASSERT_EQ(test, is_for_this_host(skb), NF_STOLEN);
	skb = tunnel_delivered();
	KUNIT_ASSERT_NOT_NULL(test, skb);
	/* WireGuard is not the place where somebody expects a connection */
	KUNIT_EXPECT_EQ(test, skb_get_nfct(skb), 0);
	kfree_skb(skb);
}

/* One of a VRF passes PRE_ROUTING in the bridge and behind it. */
static void test_behind_the_bridge_of_a_vrf(struct kunit *test)
{
	const struct packet packet =
		tunnel_packet(tunnel_path(test, *(const u16 *)test->param_value, 0));
	struct sk_buff *skb = packet_make(test, &packet);

	bridged(test, skb);
	KUNIT_ASSERT_EQ(test, wire_arrives(skb), NF_STOLEN);
	skb = tunnel_delivered();
	KUNIT_EXPECT_NOT_NULL(test, skb);
	kfree_skb(skb);
}

/* What came by no bridge was here in PRE_ROUTING, and was left to the stack. */
static void test_no_bridge(struct kunit *test)
{
	const struct packet packet =
		tunnel_packet(tunnel_path(test, *(const u16 *)test->param_value, 0));
	struct sk_buff *skb = packet_make(test, &packet);

	KUNIT_ASSERT_EQ(test, is_for_this_host(skb), NF_ACCEPT);
	KUNIT_EXPECT_NULL(test, tunnel_delivered());
	kfree_skb(skb);
}

/* The bridge keeps, as br_netfilter does, that a packet came in fragments. */
static void test_probe_in_fragments(struct kunit *test)
{
	struct wgmesh_path *path = tunnel_path(test, *(const u16 *)test->param_value, 0);
	const struct packet packet = tunnel_packet(path);
	struct wgmesh_probe probe, answer;
	int whole;

	for (whole = 0; whole <= 1; whole++) {
		struct sk_buff *skb = packet_make(test, &packet);
		struct nf_bridge_info *bridge = bridged(test, skb);

		probe = probing_write(WGMESH_PROBE_REQUEST, PROBING_SEQUENCE, 0);
		packet_set_payload(skb, &packet, &probe, sizeof(probe));
		bridge->sabotage_in_done = 1;
		bridge->frag_max_size = whole ? 0 : 600;
		KUNIT_EXPECT_EQ(test, is_for_this_host(skb), NF_STOLEN);
		KUNIT_EXPECT_EQ(test, probing_sent(&packet, WGMESH_PROBE_ANSWER, &answer), whole);
	}
}

static struct kunit_case cases[] = {
	KUNIT_CASE_PARAM(test_in_the_bridge, packet_families),
	KUNIT_CASE_PARAM(test_behind_the_bridge, packet_families),
	KUNIT_CASE_PARAM(test_behind_the_bridge_of_a_vrf, packet_families),
	KUNIT_CASE_PARAM(test_no_bridge, packet_families),
	KUNIT_CASE_PARAM(test_probe_in_fragments, packet_families),
	{}
};

static struct kunit_suite suite = {
	.name = "wgmesh-bridged",
	.init = probing_open,
	.exit = tunnel_untap,
	.test_cases = cases,
};

kunit_test_suite(suite);
