// SPDX-License-Identifier: GPL-2.0
/*
 * The lives of allocations and channels.
 */
#include <kunit/test.h>
#include <linux/workqueue.h>

#include "netns.h"
#include "packet.h"
#include "relayed.h"
#include "wire.h"

#define NUMBER	0x4001
#define RELAYED	50000
#define PEER	3

/* Lets what looks for expired ones do it now. */
static void look_for_expired(void)
{
	struct wgmesh_net *wn = wire_underlay();

	mod_delayed_work(system_wq, &wn->relay_expiry, 0);
	flush_delayed_work(&wn->relay_expiry);
}

static bool has_allocation(u8 client)
{
	struct wgmesh_net *wn = wire_underlay();
	struct wgmesh_flow flow;
	bool has;

	packet_flow(&flow, AF_INET, RELAYED_PORT, client, RELAYED_CLIENT_PORT);
	mutex_lock(&wn->lock);
	has = wgmesh_allocation_find(wn, &flow);
	mutex_unlock(&wn->lock);
	return has;
}

static bool has_channel(struct wgmesh_allocation *allocation, u16 number)
{
	bool has;

	mutex_lock(&allocation->wn->lock);
	has = wgmesh_channel_find(allocation, number);
	mutex_unlock(&allocation->wn->lock);
	return has;
}

/* Is the flow from this host to another one in the table? */
static bool has_flow(u16 local_port, u8 remote, u16 remote_port)
{
	struct wgmesh_flow flow;
	bool has;

	packet_flow(&flow, AF_INET, local_port, remote, remote_port);
	rcu_read_lock();
	has = wgmesh_flow_lookup(wire_underlay(), &flow);
	rcu_read_unlock();
	return has;
}

static void test_living_stay(struct kunit *test)
{
	struct wgmesh_allocation *allocation = relayed_allocation(test, AF_INET, 2);

	relayed_channel(test, allocation, NUMBER, AF_INET, RELAYED, PEER, RELAYED_PEER_PORT);
	look_for_expired();
	KUNIT_EXPECT_TRUE(test, has_allocation(2));
	KUNIT_EXPECT_TRUE(test, has_channel(allocation, NUMBER));
	KUNIT_EXPECT_TRUE(test, delayed_work_pending(&wire_underlay()->relay_expiry));
}

static void test_new_have_expired(struct kunit *test)
{
	struct wgmesh_net *wn = wire_underlay();
	struct wgmesh_allocation *allocation;
	struct wgmesh_flow flow;

	packet_flow(&flow, AF_INET, RELAYED_PORT, 2, RELAYED_CLIENT_PORT);
	mutex_lock(&wn->lock);
	allocation = wgmesh_allocation_add(wn, &flow, NULL);
	mutex_unlock(&wn->lock);
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, allocation);
	look_for_expired();
	KUNIT_EXPECT_FALSE(test, has_allocation(2));
}

static void test_channel_expires_alone(struct kunit *test)
{
	struct wgmesh_allocation *allocation = relayed_allocation(test, AF_INET, 2);
	struct wgmesh_channel *channel;

	channel = relayed_channel(test, allocation, NUMBER, AF_INET, RELAYED, PEER,
				  RELAYED_PEER_PORT);
	relayed_channel(test, allocation, NUMBER + 1, AF_INET, RELAYED, PEER + 1,
			RELAYED_PEER_PORT);
	WRITE_ONCE(channel->expires, jiffies);
	look_for_expired();
	KUNIT_EXPECT_TRUE(test, has_allocation(2));
	KUNIT_EXPECT_FALSE(test, has_channel(allocation, NUMBER));
	KUNIT_EXPECT_FALSE(test, has_flow(RELAYED, PEER, RELAYED_PEER_PORT));
	KUNIT_EXPECT_TRUE(test, has_channel(allocation, NUMBER + 1));
	KUNIT_EXPECT_TRUE(test, has_flow(RELAYED, PEER + 1, RELAYED_PEER_PORT));
	KUNIT_EXPECT_EQ(test, allocation->n_channels, 1);
}

/* A channel whose permission has expired stays: the client may send, and ask for a new one. */
static void test_permission_expires_alone(struct kunit *test)
{
	struct wgmesh_allocation *allocation = relayed_allocation(test, AF_INET, 2);
	struct wgmesh_channel *channel;

	channel = relayed_channel(test, allocation, NUMBER, AF_INET, RELAYED, PEER,
				  RELAYED_PEER_PORT);
	WRITE_ONCE(channel->permission_expires, jiffies);
	look_for_expired();
	KUNIT_EXPECT_TRUE(test, has_channel(allocation, NUMBER));
}

static void test_allocation_takes_channels_along(struct kunit *test)
{
	struct wgmesh_allocation *first = relayed_allocation(test, AF_INET, 2);
	struct wgmesh_allocation *second = relayed_allocation(test, AF_INET, 4);

	relayed_channel(test, first, NUMBER, AF_INET, RELAYED, PEER, RELAYED_PEER_PORT);
	relayed_channel(test, second, NUMBER, AF_INET, RELAYED + 2, PEER, RELAYED_PEER_PORT);
	WRITE_ONCE(first->expires, jiffies);
	look_for_expired();
	KUNIT_EXPECT_FALSE(test, has_allocation(2));
	KUNIT_EXPECT_FALSE(test, has_flow(RELAYED, PEER, RELAYED_PEER_PORT));
	KUNIT_EXPECT_TRUE(test, has_allocation(4));
	KUNIT_EXPECT_TRUE(test, has_channel(second, NUMBER));
}

/* With the last one the looking ends, and it begins again with the next. */
static void test_nobody_left(struct kunit *test)
{
	struct wgmesh_net *wn = wire_underlay();
	struct wgmesh_allocation *allocation = relayed_allocation(test, AF_INET, 2);

	WRITE_ONCE(allocation->expires, jiffies);
	look_for_expired();
	KUNIT_EXPECT_FALSE(test, delayed_work_pending(&wn->relay_expiry));
	relayed_allocation(test, AF_INET, 2);
	KUNIT_EXPECT_TRUE(test, delayed_work_pending(&wn->relay_expiry));
}

/* A number or a pair of endpoints has one owner, and a refusal leaves nothing behind. */
static void test_refusals(struct kunit *test)
{
	struct wgmesh_allocation *allocation = relayed_allocation(test, AF_INET, 2);
	struct wgmesh_net *wn = wire_underlay();
	struct wgmesh_flow client, same, other;

	relayed_channel(test, allocation, NUMBER, AF_INET, RELAYED, PEER, RELAYED_PEER_PORT);
	packet_flow(&client, AF_INET, RELAYED_PORT, 2, RELAYED_CLIENT_PORT);
	packet_flow(&same, AF_INET, RELAYED, PEER, RELAYED_PEER_PORT);
	packet_flow(&other, AF_INET, RELAYED, PEER + 1, RELAYED_PEER_PORT);

	mutex_lock(&wn->lock);
	KUNIT_EXPECT_EQ(test, PTR_ERR(wgmesh_allocation_add(wn, &client, NULL)), -EEXIST);
	KUNIT_EXPECT_EQ(test, PTR_ERR(wgmesh_channel_add(allocation, NUMBER, &other, NULL)),
			-EBUSY);
	KUNIT_EXPECT_EQ(test, PTR_ERR(wgmesh_channel_add(allocation, NUMBER + 1, &same, NULL)),
			-EEXIST);
	mutex_unlock(&wn->lock);
	KUNIT_EXPECT_EQ(test, allocation->n_channels, 1);
	KUNIT_EXPECT_FALSE(test, has_channel(allocation, NUMBER + 1));
	KUNIT_EXPECT_FALSE(test, has_flow(RELAYED, PEER + 1, RELAYED_PEER_PORT));
}

/* Two clients that are each other's peers know of each other as long as both are there. */
static void test_opposites(struct kunit *test)
{
	struct wgmesh_allocation *first = relayed_allocation(test, AF_INET, 2);
	struct wgmesh_allocation *second = relayed_allocation(test, AF_INET, 4);
	struct wgmesh_channel *from, *to;

	from = relayed_channel(test, first, NUMBER, AF_INET, RELAYED, 1, RELAYED + 2);
	KUNIT_EXPECT_NULL(test, rcu_access_pointer(from->opposite));
	to = relayed_channel(test, second, NUMBER, AF_INET, RELAYED + 2, 1, RELAYED);
	KUNIT_EXPECT_PTR_EQ(test, rcu_access_pointer(from->opposite), to);
	KUNIT_EXPECT_PTR_EQ(test, rcu_access_pointer(to->opposite), from);

	WRITE_ONCE(second->expires, jiffies);
	look_for_expired();
	KUNIT_EXPECT_NULL(test, rcu_access_pointer(from->opposite));
}

static void close_all(struct kunit *test)
{
	relayed_remove_all();
}

static struct kunit_case cases[] = {
	KUNIT_CASE(test_living_stay),
	KUNIT_CASE(test_new_have_expired),
	KUNIT_CASE(test_channel_expires_alone),
	KUNIT_CASE(test_permission_expires_alone),
	KUNIT_CASE(test_allocation_takes_channels_along),
	KUNIT_CASE(test_nobody_left),
	KUNIT_CASE(test_refusals),
	KUNIT_CASE(test_opposites),
	{}
};

static struct kunit_suite suite = {
	.name = "wgmesh-relay",
	.exit = close_all,
	.test_cases = cases,
};

kunit_test_suite(suite);
