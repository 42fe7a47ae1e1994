// SPDX-License-Identifier: GPL-2.0
/*
 * The indices under which peers send to this node.
 */
#include <kunit/test.h>

#include "index.h"
#include "netns.h"
#include "tunnel.h"
#include "wire.h"

#define FIRST	0x1000

static void learn(struct wgmesh_peer *peer, u32 index)
{
	local_bh_disable();
	wgmesh_index_learn(peer, index);
	local_bh_enable();
}

static struct wgmesh_peer *look_up(u32 index)
{
	struct wgmesh_peer *peer;

	rcu_read_lock();
	peer = wgmesh_index_lookup(wire_underlay(), index);
	rcu_read_unlock();
	return peer;
}

/* As many as WireGuard has sessions; the oldest goes first. */
static void test_last_ones(struct kunit *test)
{
	const u32 n = 10;
	u32 i;

	for (i = 0; i < n; i++) {
		KUNIT_EXPECT_NULL(test, look_up(FIRST + i));
		learn(tunnel_peer(), FIRST + i);
		KUNIT_EXPECT_PTR_EQ(test, look_up(FIRST + i), tunnel_peer());
	}
	for (i = 0; i < n; i++)
		KUNIT_EXPECT_PTR_EQ(test, look_up(FIRST + i),
				    i + WGMESH_PEER_INDICES < n ? NULL : tunnel_peer());
}

/* WireGuard sends a handshake message again under the same index: that pushes nothing out. */
static void test_again(struct kunit *test)
{
	u32 i;

	for (i = 0; i < WGMESH_PEER_INDICES; i++)
		learn(tunnel_peer(), FIRST + i);
	for (i = 0; i < 10; i++)
		learn(tunnel_peer(), FIRST);
	for (i = 0; i < WGMESH_PEER_INDICES; i++)
		KUNIT_EXPECT_PTR_EQ(test, look_up(FIRST + i), tunnel_peer());
}

/* An index has one owner. */
static void test_other_peer(struct kunit *test)
{
	struct wgmesh_peer *other = tunnel_other_peer(test);

	learn(tunnel_peer(), FIRST);
	learn(other, FIRST);
	learn(other, FIRST + 1);
	KUNIT_EXPECT_PTR_EQ(test, look_up(FIRST), tunnel_peer());
	KUNIT_EXPECT_PTR_EQ(test, look_up(FIRST + 1), other);
}

static void test_removed_peer(struct kunit *test)
{
	struct wgmesh_peer *other = tunnel_other_peer(test);
	struct wgmesh_net *wn = wire_underlay();

	learn(tunnel_peer(), FIRST);
	learn(other, FIRST + 1);
	/* a packet of the peer may still be under way when it is removed */
	rcu_read_lock();
	spin_lock_bh(&other->lock);
	other->removed = true;
	spin_unlock_bh(&other->lock);
	learn(other, FIRST + 2);
	rcu_read_unlock();
	KUNIT_EXPECT_NULL(test, look_up(FIRST + 2));

	mutex_lock(&wn->lock);
	wgmesh_peer_remove(other);
	mutex_unlock(&wn->lock);
	KUNIT_EXPECT_NULL(test, look_up(FIRST + 1));
	KUNIT_EXPECT_PTR_EQ(test, look_up(FIRST), tunnel_peer());
}

static struct kunit_case cases[] = {
	KUNIT_CASE(test_last_ones),
	KUNIT_CASE(test_again),
	KUNIT_CASE(test_other_peer),
	KUNIT_CASE(test_removed_peer),
	{}
};

static struct kunit_suite suite = {
	.name = "wgmesh-index",
	.init = tunnel_open,
	.exit = tunnel_close,
	.test_cases = cases,
};

kunit_test_suite(suite);
