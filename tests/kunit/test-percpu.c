// SPDX-License-Identifier: GPL-2.0
/*
 * Memory for each CPU: when it is made, and that nothing is lost or miscounted without it.
 */
#include <kunit/test.h>
#include <linux/jiffies.h>

#include "packet.h"
#include "probing.h"
#include "relayed.h"
#include "wire.h"

#define CLIENT		2
#define PEER		3
#define NUMBER		0x4001
#define RELAYED		50000

/* Probes and their answers go over a path as long as it lives, data over few. */
static void test_probes_make_none(struct kunit *test)
{
	struct wgmesh_path *path = tunnel_path(test, *(const u16 *)test->param_value, 0);
	const struct packet packet = tunnel_packet(path);
	struct wgmesh_probe probe;

	probe = probing_write(WGMESH_PROBE_REQUEST, PROBING_SEQUENCE, 0);
	KUNIT_ASSERT_EQ(test, probing_arrives(test, &packet, &probe), NF_STOLEN);
	KUNIT_EXPECT_TRUE(test, probing_sent(&packet, WGMESH_PROBE_ANSWER, &probe));
	probing_look(path);
	KUNIT_EXPECT_TRUE(test, probing_sent(&packet, WGMESH_PROBE_REQUEST, &probe));
	KUNIT_EXPECT_NULL(test, wgmesh_percpu_memory(&path->cpus));

	KUNIT_ASSERT_EQ(test, wire_arrives(packet_make(test, &packet)), NF_STOLEN);
	KUNIT_EXPECT_NOT_NULL(test, wgmesh_percpu_memory(&path->cpus));
}

/* What is counted without memory, and with it. One of an earlier attempt leaves none to be had in
 * this jiffy, and without interrupts no other one comes.
 */
static void test_counts_without(struct kunit *test)
{
	struct wgmesh_path *path = tunnel_path(test, AF_INET, 0);
	struct wgmesh_path_totals totals;
	unsigned long flags;

	local_irq_save(flags);
	path->cpus.tried_jiffies = (u32)jiffies | 1;
	wgmesh_path_count_rx(path, 100);
	wgmesh_path_count_tx(path, 10);
	wgmesh_path_count_tx_error(path);
	local_irq_restore(flags);
	KUNIT_EXPECT_NULL(test, wgmesh_percpu_memory(&path->cpus));

	path->cpus.tried_jiffies = 0;
	local_bh_disable();
	wgmesh_path_count_tx(path, 20);
	wgmesh_path_count_rx(path, 200);
	wgmesh_path_count_tx_error(path);
	local_bh_enable();
	KUNIT_EXPECT_NOT_NULL(test, wgmesh_percpu_memory(&path->cpus));

	wgmesh_path_totals(path, &totals);
	KUNIT_EXPECT_EQ(test, totals.tx_packets, 2);
	KUNIT_EXPECT_EQ(test, totals.tx_bytes, 30);
	KUNIT_EXPECT_EQ(test, totals.rx_packets, 2);
	KUNIT_EXPECT_EQ(test, totals.rx_bytes, 300);
	KUNIT_EXPECT_EQ(test, totals.tx_errors, 2);
	KUNIT_EXPECT_TRUE(test, time_before(jiffies - totals.rx_last, HZ * 60UL));
}

/* A path that follows has what both have counted, and none of the other's routes. */
static void test_counts_follow(struct kunit *test)
{
	struct wgmesh_path *path = tunnel_path(test, AF_INET, 0), *follower;
	struct wgmesh_flow flow = path->node.flow;
	struct wgmesh_net *wn = wire_underlay();
	struct wgmesh_path_totals totals;

	flow.remote_port = htons(TUNNEL_REMOTE_PORT + 1);
	mutex_lock(&wn->lock);
	follower = wgmesh_path_add_follower(path, &flow, 0);
	mutex_unlock(&wn->lock);
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, follower);
	local_bh_disable();
	wgmesh_path_count_rx(path, 100);
	wgmesh_path_count_tx(path, 10);
	wgmesh_path_count_rx(follower, 1);
	local_bh_enable();

	mutex_lock(&wn->lock);
	wgmesh_path_follow(follower);
	wgmesh_path_totals(follower, &totals);
	mutex_unlock(&wn->lock);
	KUNIT_EXPECT_EQ(test, totals.rx_packets, 2);
	KUNIT_EXPECT_EQ(test, totals.rx_bytes, 101);
	KUNIT_EXPECT_EQ(test, totals.tx_packets, 1);
	KUNIT_EXPECT_EQ(test, totals.tx_bytes, 10);
}

/* Data of a relay passes whether there is memory or not. A jiffy may end in between, and then
 * there is: so with one channel after the other, until one had none.
 */
static void test_relayed_without(struct kunit *test)
{
	const u16 family = *(const u16 *)test->param_value;
	struct wgmesh_allocation *allocation = relayed_allocation(test, family, CLIENT);
	struct packet in = { .family = family, .from = CLIENT, .to = 1 };
	struct packet out = { .family = family, .from = 1, .to = PEER };
	struct wgmesh_channel *channel;
	struct wgmesh_channel_totals totals;
	bool without = false;
	int i;

	in.source = RELAYED_CLIENT_PORT;
	in.dest = RELAYED_PORT;
	out.dest = RELAYED_PEER_PORT;
	for (i = 0; i < 20 && !without; i++) {
		in.channel = NUMBER + i;
		out.source = RELAYED + i;
		channel = relayed_channel(test, allocation, NUMBER + i, family, RELAYED + i, PEER,
					  RELAYED_PEER_PORT);
		channel->cpus.tried_jiffies = (u32)jiffies | 1;
		KUNIT_ASSERT_EQ(test, wire_arrives(packet_make(test, &in)), NF_STOLEN);
		packet_examine(test, wire_received(), &out);
		without = !wgmesh_percpu_memory(&channel->cpus);
		wgmesh_channel_totals(channel, &totals);
		KUNIT_EXPECT_EQ(test, totals.to_peer_packets, 1);
		KUNIT_EXPECT_EQ(test, totals.to_peer_bytes, PACKET_PAYLOAD_LEN);
	}
	KUNIT_EXPECT_TRUE(test, without);

	channel->cpus.tried_jiffies = 0;
	KUNIT_ASSERT_EQ(test, wire_arrives(packet_make(test, &in)), NF_STOLEN);
	packet_examine(test, wire_received(), &out);
	KUNIT_EXPECT_NOT_NULL(test, wgmesh_percpu_memory(&channel->cpus));
	wgmesh_channel_totals(channel, &totals);
	KUNIT_EXPECT_EQ(test, totals.to_peer_packets, 2);
}

static void close_all(struct kunit *test)
{
	relayed_remove_all();
	tunnel_untap(test);
}

static struct kunit_case cases[] = {
	KUNIT_CASE_PARAM(test_probes_make_none, packet_families),
	KUNIT_CASE(test_counts_without),
	KUNIT_CASE(test_counts_follow),
	KUNIT_CASE_PARAM(test_relayed_without, packet_families),
	{}
};

static struct kunit_suite suite = {
	.name = "wgmesh-percpu",
	.init = probing_open,
	.exit = close_all,
	.test_cases = cases,
};

kunit_test_suite(suite);
