// SPDX-License-Identifier: GPL-2.0
/*
 * Paths that lead into themselves.
 */
#include <kunit/test.h>
#include <linux/ip.h>
#include <linux/udp.h>
#include <net/ip.h>

#include "carried.h"
#include "packet.h"
#include "probing.h"
#include "transmit.h"
#include "tunnel.h"
#include "wire.h"

/* WireGuard sends a packet, which kept the hash of what is inside. */
static void sends_with_hash(struct kunit *test, u32 hash)
{
	const struct packet packet = {
		.family = AF_INET,
		.source = TUNNEL_PORT,
		.dest = WGMESH_VIRTUAL_PORT,
		.sum = PACKET_SUM_PARTIAL,
	};
	struct sk_buff *skb = packet_make(test, &packet);

	skb->dev = tunnel_peer()->device->dev;
	ip_hdr(skb)->daddr = wgmesh_peer_virtual_address(tunnel_peer());
	skb_set_hash(skb, hash, PKT_HASH_TYPE_L4);
	if (wire_hook(&wgmesh_transmit_hooks[0], skb, tunnel_socket(test)) != NF_STOLEN)
		kfree_skb(skb);
}

/* A request leaves, and is answered. */
static void probe_and_answer(struct kunit *test, struct wgmesh_path *path)
{
	const struct packet packet = tunnel_packet(path);
	struct wgmesh_probe request, answer;

	probing_look(path);
	KUNIT_ASSERT_TRUE(test, probing_sent(&packet, WGMESH_PROBE_REQUEST, &request));
	answer = probing_write(WGMESH_PROBE_ANSWER, be64_to_cpu(request.sequence), 0);
	probing_arrives(test, &packet, &answer);
}

/* WireGuard sends what has the hash of the last request */
static void found_inside(struct kunit *test, const struct wgmesh_path *path)
{
	sends_with_hash(test, path->tag);
}

static void test_found_inside(struct kunit *test)
{
	struct wgmesh_path *path = tunnel_path(test, AF_INET, 0);
	u64 answered;
	int i;

	probe_and_answer(test, path);
	KUNIT_ASSERT_EQ(test, path->liveness.state, WGMESH_PATH_STATE_ALIVE);
	KUNIT_EXPECT_TRUE(test, wgmesh_carried_has_tag(path->tag));

	sends_with_hash(test, path->tag ^ 1);
	found_inside(test, path);
	KUNIT_EXPECT_EQ(test, path->liveness.state, WGMESH_PATH_STATE_ALIVE);
	probe_and_answer(test, path);
	found_inside(test, path);
	KUNIT_EXPECT_EQ(test, path->liveness.state, WGMESH_PATH_STATE_DEAD);
	KUNIT_EXPECT_EQ(test, path->dead_reason, WGMESH_REASON_LOOP);

	/* what is answered now went through itself, until it is not found inside any more */
	answered = path->liveness.answered;
	probe_and_answer(test, path);
	probe_and_answer(test, path);
	KUNIT_EXPECT_EQ(test, path->liveness.answered, answered);
	for (i = 0; i < 8; i++)
		probe_and_answer(test, path);
	KUNIT_EXPECT_EQ(test, path->liveness.state, WGMESH_PATH_STATE_ALIVE);
}

/* Among many flows there is one that has the hash of a request: the next one has another. */
static void test_by_chance(struct kunit *test)
{
	struct wgmesh_path *path = tunnel_path(test, AF_INET, 0);
	u32 flow;
	int i;

	probe_and_answer(test, path);
	flow = path->tag;
	for (i = 0; i < 4; i++) {
		sends_with_hash(test, flow);
		probe_and_answer(test, path);
		KUNIT_EXPECT_NE(test, path->tag, flow);
	}
	/* and once more, after a while */
	probe_and_answer(test, path);
	probe_and_answer(test, path);
	found_inside(test, path);
	KUNIT_EXPECT_EQ(test, path->liveness.state, WGMESH_PATH_STATE_ALIVE);
}

/* Tunnels make a port of the hash, and NATs below an entry of each: there are few. */
static void test_few_hashes(struct kunit *test)
{
	struct wgmesh_path *path = tunnel_path(test, AF_INET, 0);
	unsigned int i, changes = 0;
	u32 last;

	probe_and_answer(test, path);
	for (i = 0; i < 512; i++) {
		last = path->tag;
		probe_and_answer(test, path);
		changes += path->tag != last;
	}
	KUNIT_EXPECT_EQ(test, changes, 2);
}

/* What is to take the place of a path may lead into what that carries, as the path itself. */
static void test_follower(struct kunit *test)
{
	struct wgmesh_path *path = tunnel_path(test, AF_INET, 0), *follower;
	struct wgmesh_net *wn = wire_underlay();
	struct wgmesh_flow flow = path->node.flow;

	flow.remote_port = htons(ntohs(flow.remote_port) + 1);
	mutex_lock(&wn->lock);
	follower = wgmesh_path_add_follower(path, &flow, 0);
	mutex_unlock(&wn->lock);
	KUNIT_ASSERT_FALSE(test, IS_ERR(follower));
	probe_and_answer(test, path);
	probing_look(follower);
	found_inside(test, follower);
	probing_look(follower);
	found_inside(test, follower);
	KUNIT_EXPECT_EQ(test, follower->liveness.state, WGMESH_PATH_STATE_DEAD);
	KUNIT_EXPECT_EQ(test, follower->dead_reason, WGMESH_REASON_LOOP);
	KUNIT_EXPECT_EQ(test, path->liveness.state, WGMESH_PATH_STATE_ALIVE);
}

static void test_interfaces(struct kunit *test)
{
	rcu_read_lock();
	KUNIT_EXPECT_TRUE(test, wgmesh_is_carried(tunnel_peer()->device->dev));
	KUNIT_EXPECT_FALSE(test, wgmesh_is_carried(wire_near(test)));
	rcu_read_unlock();
}

static struct kunit_case cases[] = {
	KUNIT_CASE(test_found_inside),
	KUNIT_CASE(test_by_chance),
	KUNIT_CASE(test_few_hashes),
	KUNIT_CASE(test_follower),
	KUNIT_CASE(test_interfaces),
	{}
};

static struct kunit_suite suite = {
	.name = "wgmesh-carried",
	.init = probing_open,
	.exit = tunnel_untap,
	.test_cases = cases,
};

kunit_test_suite(suite);
