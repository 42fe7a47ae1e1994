// SPDX-License-Identifier: GPL-2.0
/*
 * The flow table.
 */
#include <kunit/test.h>
#include <linux/bitmap.h>
#include <linux/vmalloc.h>

#include "channel-data.h"
#include "netns.h"
#include "packet.h"

#define MANY	10000

static int open_table(struct kunit *test)
{
	struct wgmesh_net *wn = kunit_kzalloc(test, sizeof(*wn), GFP_KERNEL);

	if (!wn)
		return -ENOMEM;
	test->priv = wn;
	return wgmesh_flow_table_init(wn);
}

static void close_table(struct kunit *test)
{
	if (test->priv)
		wgmesh_flow_table_destroy(test->priv);
}

static struct wgmesh_flow_node *look_up(struct kunit *test, const struct wgmesh_flow *flow)
{
	struct wgmesh_flow_node *node;

	rcu_read_lock();
	node = wgmesh_flow_lookup(test->priv, flow);
	rcu_read_unlock();
	return node;
}

static struct wgmesh_flow_node *look_up_data(struct kunit *test, const struct wgmesh_flow *flow,
					     u16 first)
{
	const __be16 data = htons(first);
	struct wgmesh_flow with_channel = *flow;
	struct wgmesh_flow_node *node;

	rcu_read_lock();
	node = wgmesh_flow_lookup_data(test->priv, &with_channel, &data);
	rcu_read_unlock();
	return node;
}

/* Every member of a flow tells it from others. */
static void test_found_by_all_members(struct kunit *test)
{
	const u16 family = *(const u16 *)test->param_value;
	struct wgmesh_flow_node node = {};
	struct wgmesh_flow other;

	packet_flow(&node.flow, family, 5000, 2, 6000);
	KUNIT_EXPECT_NULL(test, look_up(test, &node.flow));
	KUNIT_ASSERT_EQ(test, wgmesh_flow_insert(test->priv, &node), 0);
	KUNIT_EXPECT_PTR_EQ(test, look_up(test, &node.flow), &node);

	other = node.flow;
	other.local_port = htons(5001);
	KUNIT_EXPECT_NULL(test, look_up(test, &other));
	other = node.flow;
	other.remote_port = htons(6001);
	KUNIT_EXPECT_NULL(test, look_up(test, &other));
	other = node.flow;
	other.channel = WGMESH_CHANNEL_MIN;
	KUNIT_EXPECT_NULL(test, look_up(test, &other));
	other = node.flow;
	other.scope = 7;
	KUNIT_EXPECT_NULL(test, look_up(test, &other));
	packet_flow(&other, family, 5000, 3, 6000);
	KUNIT_EXPECT_NULL(test, look_up(test, &other));
	packet_flow(&other, family, 5000, 2, 6000);
	swap(other.local, other.remote);
	KUNIT_EXPECT_NULL(test, look_up(test, &other));
	other = node.flow;
	other.family = family == AF_INET ? AF_INET6 : AF_INET;
	KUNIT_EXPECT_NULL(test, look_up(test, &other));

	wgmesh_flow_remove(test->priv, &node);
	KUNIT_EXPECT_NULL(test, look_up(test, &node.flow));
}

static void test_duplicate_is_refused(struct kunit *test)
{
	const u16 family = *(const u16 *)test->param_value;
	struct wgmesh_flow_node first = {}, second = {};

	packet_flow(&first.flow, family, 5000, 2, 6000);
	second.flow = first.flow;
	KUNIT_ASSERT_EQ(test, wgmesh_flow_insert(test->priv, &first), 0);
	KUNIT_EXPECT_EQ(test, wgmesh_flow_insert(test->priv, &second), -EEXIST);
	KUNIT_EXPECT_PTR_EQ(test, look_up(test, &first.flow), &first);

	second.flow.channel = WGMESH_CHANNEL_MIN;
	KUNIT_EXPECT_EQ(test, wgmesh_flow_insert(test->priv, &second), 0);
	wgmesh_flow_remove(test->priv, &first);
	KUNIT_EXPECT_PTR_EQ(test, look_up(test, &second.flow), &second);

	second.flow.channel = WGMESH_CHANNEL_MIN;
	wgmesh_flow_remove(test->priv, &second);
	KUNIT_EXPECT_EQ(test, wgmesh_flow_insert(test->priv, &first), 0);
	wgmesh_flow_remove(test->priv, &first);
}

/* A datagram belongs to its channel, or else to the endpoints, whatever it looks like. */
static void test_channel_comes_first(struct kunit *test)
{
	const u16 family = *(const u16 *)test->param_value;
	struct wgmesh_flow_node plain = {}, channel = {}, last = {};

	packet_flow(&plain.flow, family, 5000, 2, 6000);
	channel.flow = plain.flow;
	channel.flow.channel = WGMESH_CHANNEL_MIN;
	last.flow = plain.flow;
	last.flow.channel = WGMESH_CHANNEL_MAX;
	KUNIT_ASSERT_EQ(test, wgmesh_flow_insert(test->priv, &channel), 0);
	KUNIT_EXPECT_NULL(test, look_up_data(test, &plain.flow, 0));
	KUNIT_EXPECT_NULL(test, look_up_data(test, &plain.flow, WGMESH_CHANNEL_MIN + 1));

	KUNIT_ASSERT_EQ(test, wgmesh_flow_insert(test->priv, &plain), 0);
	KUNIT_ASSERT_EQ(test, wgmesh_flow_insert(test->priv, &last), 0);
	KUNIT_EXPECT_PTR_EQ(test, look_up_data(test, &plain.flow, WGMESH_CHANNEL_MIN), &channel);
	KUNIT_EXPECT_PTR_EQ(test, look_up_data(test, &plain.flow, WGMESH_CHANNEL_MAX), &last);
	KUNIT_EXPECT_PTR_EQ(test, look_up_data(test, &plain.flow, WGMESH_CHANNEL_MIN - 1), &plain);
	KUNIT_EXPECT_PTR_EQ(test, look_up_data(test, &plain.flow, WGMESH_CHANNEL_MIN + 1), &plain);
	KUNIT_EXPECT_PTR_EQ(test, look_up_data(test, &plain.flow, WGMESH_CHANNEL_MAX + 1), &plain);
	KUNIT_EXPECT_PTR_EQ(test, look_up_data(test, &plain.flow, 0x0400), &plain);

	wgmesh_flow_remove(test->priv, &plain);
	wgmesh_flow_remove(test->priv, &channel);
	wgmesh_flow_remove(test->priv, &last);
}

/* The one with the given number: they differ in host, port, or channel. */
static void set_numbered_flow(struct wgmesh_flow *flow, u16 family, unsigned int number)
{
	packet_flow(flow, family, 5000, 2 + number % 10, 6000 + number / 10 % 100);
	flow->channel = number / 1000 ? WGMESH_CHANNEL_MIN + number / 1000 : 0;
}

/* The table grows and shrinks, and none gets lost. */
static void test_many(struct kunit *test)
{
	const u16 family = *(const u16 *)test->param_value;
	struct wgmesh_flow_node *nodes;
	unsigned int i, lost = 0;
	struct wgmesh_flow flow;

	nodes = vzalloc(array_size(MANY, sizeof(*nodes)));
	KUNIT_ASSERT_NOT_NULL(test, nodes);
	for (i = 0; i < MANY; i++) {
		set_numbered_flow(&nodes[i].flow, family, i);
		lost += !!wgmesh_flow_insert(test->priv, &nodes[i]);
	}
	KUNIT_EXPECT_EQ_MSG(test, lost, 0, "flows that were not inserted");
	for (i = 0; i < MANY; i++) {
		set_numbered_flow(&flow, family, i);
		lost += look_up(test, &flow) != &nodes[i];
	}
	KUNIT_EXPECT_EQ_MSG(test, lost, 0, "flows that were not found");

	for (i = 0; i < MANY; i += 2)
		wgmesh_flow_remove(test->priv, &nodes[i]);
	for (i = 0; i < MANY; i++)
		lost += look_up(test, &nodes[i].flow) != (i % 2 ? &nodes[i] : NULL);
	KUNIT_EXPECT_EQ_MSG(test, lost, 0, "flows that were wrong when half of them were removed");

	for (i = 1; i < MANY; i += 2)
		wgmesh_flow_remove(test->priv, &nodes[i]);
	synchronize_rcu();
	vfree(nodes);
}

/* Addresses that hold on one interface alone are told from those that hold everywhere. */
static void test_scope(struct kunit *test)
{
	const struct net_device *lo = init_net.loopback_dev;
	struct net_device *other = kunit_kzalloc(test, sizeof(*other), GFP_KERNEL);
	struct wgmesh_flow flow;

	KUNIT_ASSERT_NOT_NULL(test, other);
	other->ifindex = 7;
	rcu_read_lock();
	packet_flow(&flow, AF_INET, 5000, 2, 6000);
	wgmesh_flow_came_by(&flow, other);
	KUNIT_EXPECT_EQ(test, flow.scope, 0);
	KUNIT_EXPECT_EQ(test, wgmesh_flow_scope(&init_net, &flow, 7), 0);
	flow.remote.ip = htonl(INADDR_LOOPBACK);
	wgmesh_flow_came_by(&flow, other);
	KUNIT_EXPECT_EQ(test, flow.scope, 7);
	wgmesh_flow_came_by(&flow, lo);
	KUNIT_EXPECT_EQ(test, flow.scope, LOOPBACK_IFINDEX);
	KUNIT_EXPECT_EQ(test, wgmesh_flow_scope(&init_net, &flow, 0), LOOPBACK_IFINDEX);

	packet_flow(&flow, AF_INET6, 5000, 2, 6000);
	wgmesh_flow_came_by(&flow, other);
	KUNIT_EXPECT_EQ(test, flow.scope, 0);
	flow.local.in6 = in6addr_loopback;
	KUNIT_EXPECT_EQ(test, wgmesh_flow_scope(&init_net, &flow, 0), LOOPBACK_IFINDEX);
	flow.local.in6 = in6addr_linklocal_allnodes;
	KUNIT_EXPECT_FALSE(test, wgmesh_flow_is_confined(&flow));
	flow.local.in6.s6_addr32[0] = htonl(0xfe800000);
	wgmesh_flow_came_by(&flow, other);
	KUNIT_EXPECT_EQ(test, flow.scope, 7);
	KUNIT_EXPECT_EQ(test, wgmesh_flow_scope(&init_net, &flow, 9), 9);
	rcu_read_unlock();
}

/* A port is marked as long as a flow has it, whatever else that one has. */
static void test_ports(struct kunit *test)
{
	const u16 family = *(const u16 *)test->param_value;
	struct wgmesh_flow_node first = {}, second = {}, other = {};

	packet_flow(&first.flow, family, 5000, 2, 6000);
	packet_flow(&second.flow, family, 5000, 3, 6000);
	packet_flow(&other.flow, family, 0x8813, 2, 5000);
	KUNIT_EXPECT_FALSE(test, wgmesh_flow_has_port(test->priv, htons(5000)));
	KUNIT_ASSERT_EQ(test, wgmesh_flow_insert(test->priv, &first), 0);
	KUNIT_ASSERT_EQ(test, wgmesh_flow_insert(test->priv, &second), 0);
	KUNIT_EXPECT_EQ(test, wgmesh_flow_insert(test->priv, &first), -EEXIST);
	KUNIT_EXPECT_TRUE(test, wgmesh_flow_has_port(test->priv, htons(5000)));
	KUNIT_EXPECT_FALSE(test, wgmesh_flow_has_port(test->priv, htons(0x8813)));
	KUNIT_EXPECT_FALSE(test, wgmesh_flow_has_port(test->priv, htons(6000)));

	wgmesh_flow_remove(test->priv, &first);
	KUNIT_EXPECT_TRUE(test, wgmesh_flow_has_port(test->priv, htons(5000)));
	/* it is not there any more, as one whose place was taken */
	wgmesh_flow_remove(test->priv, &first);
	KUNIT_EXPECT_TRUE(test, wgmesh_flow_has_port(test->priv, htons(5000)));
	KUNIT_ASSERT_EQ(test, wgmesh_flow_insert(test->priv, &other), 0);
	wgmesh_flow_remove(test->priv, &second);
	KUNIT_EXPECT_FALSE(test, wgmesh_flow_has_port(test->priv, htons(5000)));
	KUNIT_EXPECT_TRUE(test, wgmesh_flow_has_port(test->priv, htons(0x8813)));
	wgmesh_flow_remove(test->priv, &other);
	KUNIT_EXPECT_FALSE(test, wgmesh_flow_has_port(test->priv, htons(0x8813)));
}

/* What is in one chain with a seed is not with another one: that is what the table draws it for. */
static void test_seed_breaks_chains(struct kunit *test)
{
	const u16 family = *(const u16 *)test->param_value;
	const u32 buckets = 64, seed = 0x12345678, other_seed = 0x9abcdef0;
	unsigned int i, in_chain = 0;
	DECLARE_BITMAP(used, 64) = {};
	struct wgmesh_flow flow;
	u32 chain = 0;

	for (i = 0; i < MANY; i++) {
		set_numbered_flow(&flow, family, i);
		if (!i)
			chain = wgmesh_flow_hash(&flow, seed) % buckets;
		if (wgmesh_flow_hash(&flow, seed) % buckets != chain)
			continue;
		in_chain++;
		set_bit(wgmesh_flow_hash(&flow, other_seed) % buckets, used);
	}
	/* chance has 156 in the one, and they fall into 58 of the 64 then */
	KUNIT_ASSERT_GT(test, in_chain, 10);
	KUNIT_EXPECT_GT(test, bitmap_weight(used, 64), 4);
}

static struct kunit_case cases[] = {
	KUNIT_CASE_PARAM(test_found_by_all_members, packet_families),
	KUNIT_CASE_PARAM(test_duplicate_is_refused, packet_families),
	KUNIT_CASE_PARAM(test_channel_comes_first, packet_families),
	KUNIT_CASE_PARAM(test_many, packet_families),
	KUNIT_CASE(test_scope),
	KUNIT_CASE_PARAM(test_ports, packet_families),
	KUNIT_CASE_PARAM(test_seed_breaks_chains, packet_families),
	{}
};

static struct kunit_suite suite = {
	.name = "wgmesh-flow",
	.init = open_table,
	.exit = close_table,
	.test_cases = cases,
};

kunit_test_suite(suite);
