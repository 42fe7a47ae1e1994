// SPDX-License-Identifier: GPL-2.0
/*
 * An allocation with a channel on this host.
 */
#include "netns.h"
#include "packet.h"
#include "relayed.h"
#include "wire.h"

/**
 * relayed_allocation() - an allocation of a client
 * @test: the test
 * @family: of the client
 * @client: number of its host
 *
 * Return: the allocation, which lives longer than the test.
 */
struct wgmesh_allocation *relayed_allocation(struct kunit *test, u16 family, u8 client)
{
	struct wgmesh_net *wn = wire_underlay();
	struct wgmesh_allocation *allocation;
	struct wgmesh_flow flow;

	packet_flow(&flow, family, RELAYED_PORT, client, RELAYED_CLIENT_PORT);
	mutex_lock(&wn->lock);
	allocation = wgmesh_allocation_add(wn, &flow, NULL);
	if (!IS_ERR(allocation))
		wgmesh_allocation_renew(allocation, RELAYED_LIFETIME_MS);
	mutex_unlock(&wn->lock);
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, allocation);
	return allocation;
}

/**
 * relayed_channel() - a channel of an allocation
 * @test: the test
 * @allocation: the allocation
 * @number: of the channel
 * @family: of the relayed endpoint and the peer
 * @local_port: of the relayed endpoint
 * @peer: number of the peer's host
 * @peer_port: port of the peer
 *
 * Return: the channel, which lives longer than the test, as its permission does.
 */
struct wgmesh_channel *relayed_channel(struct kunit *test, struct wgmesh_allocation *allocation,
				       u16 number, u16 family, u16 local_port, u8 peer,
				       u16 peer_port)
{
	struct wgmesh_net *wn = wire_underlay();
	struct wgmesh_channel *channel;
	struct wgmesh_flow flow;

	packet_flow(&flow, family, local_port, peer, peer_port);
	mutex_lock(&wn->lock);
	channel = wgmesh_channel_add(allocation, number, &flow, NULL);
	if (!IS_ERR(channel))
		wgmesh_channel_renew(channel, RELAYED_LIFETIME_MS, RELAYED_LIFETIME_MS);
	mutex_unlock(&wn->lock);
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, channel);
	return channel;
}

/**
 * relayed_remove_all() - remove what the functions above made; for the exit of a suite
 */
void relayed_remove_all(void)
{
	struct wgmesh_net *wn = wire_underlay();
	struct wgmesh_allocation *allocation;
	unsigned long id;

	mutex_lock(&wn->lock);
	xa_for_each(&wn->allocations, id, allocation)
		wgmesh_allocation_remove(allocation);
	mutex_unlock(&wn->lock);
}
