// SPDX-License-Identifier: GPL-2.0
/*
 * Allocations and channels: adding, renewing and removing them, and their end.
 */
#include <linux/jiffies.h>
#include <linux/memcontrol.h>
#include <linux/random.h>
#include <linux/slab.h>

#include "events.h"
#include "hooks.h"
#include "netns.h"
#include "relay.h"

/* How often to look for what has expired. Packets look for themselves. */
#define EXPIRY_INTERVAL HZ

const struct wgmesh_percpu_kind wgmesh_allocation_cpu_kind = {
	.size = sizeof(struct wgmesh_route_cache),
	.align = __alignof__(struct wgmesh_route_cache),
};

static void begin_channel_cpu(void *one)
{
	struct wgmesh_channel_cpu *cpu = one;

	u64_stats_init(&cpu->counters.syncp);
	cpu->counters.ip_id = get_random_u32();
}

const struct wgmesh_percpu_kind wgmesh_channel_cpu_kind = {
	.size = sizeof(struct wgmesh_channel_cpu),
	.align = __alignof__(struct wgmesh_channel_cpu),
	.begin = begin_channel_cpu,
};

static void allocation_free(struct wgmesh_allocation *allocation)
{
	wgmesh_route_release(allocation->cpus.memory);
	mem_cgroup_put(allocation->cpus.payer);
	kfree(allocation->note);
	kfree(allocation);
}

static void allocation_free_rcu(struct rcu_head *rcu)
{
	allocation_free(container_of(rcu, struct wgmesh_allocation, rcu));
}

static void channel_free(struct wgmesh_channel *channel)
{
	BUILD_BUG_ON(offsetof(struct wgmesh_channel_cpu, route));
	wgmesh_route_release(channel->cpus.memory);
	mem_cgroup_put(channel->cpus.payer);
	kfree(channel);
}

static void channel_free_rcu(struct rcu_head *rcu)
{
	channel_free(container_of(rcu, struct wgmesh_channel, rcu));
}

/**
 * wgmesh_allocation_add() - take over an allocation of a client
 * @wn: the namespace, locked
 * @flow: endpoints of the relay and the client, channel 0
 * @extack: gets the reason of a refusal
 *
 * It has expired until it is renewed.
 *
 * Context: Process; may sleep.
 * Return: the allocation, or an error pointer: -EEXIST when the flow is in the table,
 * -ENOMEM.
 */
struct wgmesh_allocation *wgmesh_allocation_add(struct wgmesh_net *wn,
						const struct wgmesh_flow *flow,
						struct netlink_ext_ack *extack)
{
	struct wgmesh_allocation *allocation = kzalloc(sizeof(*allocation), GFP_KERNEL_ACCOUNT);
	int err = -ENOMEM;

	lockdep_assert_held(&wn->lock);
	if (!allocation)
		return ERR_PTR(err);
	allocation->wn = wn;
	allocation->node.flow = *flow;
	allocation->node.kind = WGMESH_FLOW_ALLOCATION;
	allocation->expires = jiffies;
	allocation->cpus.payer = get_mem_cgroup_from_mm(current->mm);
	INIT_LIST_HEAD(&allocation->channels);
	err = wgmesh_hooks_get(wn, extack);
	if (err)
		goto err_free;
	err = xa_alloc_cyclic(&wn->allocations, &allocation->id, allocation,
			      XA_LIMIT(1, INT_MAX), &wn->next_allocation, GFP_KERNEL_ACCOUNT);
	if (err < 0)
		goto err_hooks;
	err = wgmesh_flow_insert(wn, &allocation->node);
	if (err) {
		if (err == -EEXIST)
			NL_SET_ERR_MSG(extack, "these endpoints are in use");
		goto err_id;
	}
	return allocation;

err_id:
	xa_erase(&wn->allocations, allocation->id);
err_hooks:
	wgmesh_hooks_put(wn);
err_free:
	allocation_free(allocation);
	return ERR_PTR(err);
}

/**
 * wgmesh_allocation_renew() - let an allocation live on
 * @allocation: the allocation
 * @lifetime_ms: from now
 *
 * Context: Process, under the lock of the namespace.
 */
void wgmesh_allocation_renew(struct wgmesh_allocation *allocation, u32 lifetime_ms)
{
	struct wgmesh_net *wn = allocation->wn;

	WRITE_ONCE(allocation->expires, jiffies + msecs_to_jiffies(lifetime_ms));
	wgmesh_net_queue_delayed(wn, &wn->relay_expiry, EXPIRY_INTERVAL);
}

/**
 * wgmesh_allocation_set_note() - keep something for the daemon
 * @allocation: the allocation
 * @note: what it is
 * @len: length of @note in bytes, which the caller has bounded
 *
 * Context: Process, under the lock of the namespace; may sleep.
 * Return: 0 or -ENOMEM, and the former note stays.
 */
int wgmesh_allocation_set_note(struct wgmesh_allocation *allocation, const void *note,
			       unsigned int len)
{
	void *copy = kmemdup(note, len, GFP_KERNEL_ACCOUNT);

	lockdep_assert_held(&allocation->wn->lock);
	if (!copy)
		return -ENOMEM;
	kfree(allocation->note);
	allocation->note = copy;
	allocation->note_len = len;
	return 0;
}

/**
 * wgmesh_allocation_remove() - forget an allocation and its channels
 * @allocation: the allocation, freed after a grace period
 *
 * Context: Process, under the lock of the namespace; may sleep.
 */
void wgmesh_allocation_remove(struct wgmesh_allocation *allocation)
{
	struct wgmesh_net *wn = allocation->wn;
	struct wgmesh_channel *channel, *next;

	lockdep_assert_held(&wn->lock);
	list_for_each_entry_safe(channel, next, &allocation->channels, list)
		wgmesh_channel_remove(channel);
	wgmesh_notify_allocation(allocation, WGMESH_CMD_ALLOCATION_DEL_NTF);
	wgmesh_flow_remove(wn, &allocation->node);
	xa_erase(&wn->allocations, allocation->id);
	wgmesh_hooks_put(wn);
	call_rcu(&allocation->rcu, allocation_free_rcu);
}

static struct wgmesh_flow_node *relay_find(struct wgmesh_net *wn, const struct wgmesh_flow *flow)
{
	struct wgmesh_flow_node *node;

	lockdep_assert_held(&wn->lock);
	rcu_read_lock();
	node = wgmesh_flow_lookup(wn, flow);
	rcu_read_unlock();
	return node;
}

/**
 * wgmesh_allocation_find() - find an allocation by its endpoints
 * @wn: the namespace, locked
 * @flow: endpoints of the relay and the client, channel 0
 *
 * Context: Process.
 * Return: the allocation, or NULL.
 */
struct wgmesh_allocation *wgmesh_allocation_find(struct wgmesh_net *wn,
						 const struct wgmesh_flow *flow)
{
	struct wgmesh_flow_node *node = relay_find(wn, flow);

	if (!node || node->kind != WGMESH_FLOW_ALLOCATION)
		return NULL;
	return container_of(node, struct wgmesh_allocation, node);
}

static struct wgmesh_channel *channel_alloc(void)
{
	struct wgmesh_channel *channel = kzalloc(sizeof(*channel), GFP_KERNEL_ACCOUNT);

	if (!channel)
		return NULL;
	channel->cpus.payer = get_mem_cgroup_from_mm(current->mm);
	channel->hash = get_random_u32();
	return channel;
}

/* Two clients of this relay that are each other's peers: their data does not leave the host. */
static void link_opposite(struct wgmesh_channel *channel)
{
	const struct wgmesh_flow *flow = &channel->from_peer.flow;
	const struct wgmesh_flow reverse = {
		.local = flow->remote,
		.remote = flow->local,
		.local_port = flow->remote_port,
		.remote_port = flow->local_port,
		.family = flow->family,
		.scope = flow->scope,
	};
	struct wgmesh_flow_node *node = relay_find(channel->allocation->wn, &reverse);
	struct wgmesh_channel *opposite;

	if (!node || node->kind != WGMESH_FLOW_FROM_PEER)
		return;
	opposite = container_of(node, struct wgmesh_channel, from_peer);
	rcu_assign_pointer(channel->opposite, opposite);
	rcu_assign_pointer(opposite->opposite, channel);
}

static void unlink_opposite(struct wgmesh_channel *channel)
{
	struct wgmesh_net *wn = channel->allocation->wn;
	struct wgmesh_channel *opposite = rcu_dereference_protected(channel->opposite,
								    lockdep_is_held(&wn->lock));

	if (opposite)
		RCU_INIT_POINTER(opposite->opposite, NULL);
}

/**
 * wgmesh_channel_add() - bind a channel
 * @allocation: the allocation
 * @number: of the channel
 * @flow: the relayed endpoint and the peer's, channel 0
 * @extack: gets the reason of a refusal
 *
 * It has expired until it is renewed.
 *
 * Context: Process, under the lock of the namespace; may sleep.
 * Return: the channel, or an error pointer: -EBUSY when the number is taken, -EEXIST when
 * the flow is, -ENOMEM.
 */
struct wgmesh_channel *wgmesh_channel_add(struct wgmesh_allocation *allocation, u16 number,
					  const struct wgmesh_flow *flow,
					  struct netlink_ext_ack *extack)
{
	struct wgmesh_net *wn = allocation->wn;
	struct wgmesh_channel *channel;
	int err;

	lockdep_assert_held(&wn->lock);
	channel = channel_alloc();
	if (!channel)
		return ERR_PTR(-ENOMEM);
	channel->allocation = allocation;
	channel->from_client.flow = allocation->node.flow;
	channel->from_client.flow.channel = number;
	channel->from_client.kind = WGMESH_FLOW_FROM_CLIENT;
	channel->from_peer.flow = *flow;
	channel->from_peer.kind = WGMESH_FLOW_FROM_PEER;
	channel->expires = jiffies;
	channel->permission_expires = jiffies;

	err = xa_alloc_cyclic(&wn->channels, &channel->id, channel, XA_LIMIT(1, INT_MAX),
			      &wn->next_channel, GFP_KERNEL_ACCOUNT);
	if (err < 0)
		goto err_free;
	err = wgmesh_flow_insert(wn, &channel->from_client);
	if (err == -EEXIST) {
		NL_SET_ERR_MSG(extack, "the number is that of another channel");
		err = -EBUSY;
	}
	if (err)
		goto err_id;
	err = wgmesh_flow_insert(wn, &channel->from_peer);
	if (err == -EEXIST)
		NL_SET_ERR_MSG(extack, "another channel leads from that endpoint to the peer");
	if (err)
		goto err_flow;
	list_add_tail(&channel->list, &allocation->channels);
	allocation->n_channels++;
	link_opposite(channel);
	return channel;

err_flow:
	wgmesh_flow_remove(wn, &channel->from_client);
err_id:
	xa_erase(&wn->channels, channel->id);
	/* a packet may have found it already */
	call_rcu(&channel->rcu, channel_free_rcu);
	return ERR_PTR(err);
err_free:
	channel_free(channel);
	return ERR_PTR(err);
}

/**
 * wgmesh_channel_renew() - let a channel live on
 * @channel: the channel
 * @lifetime_ms: from now
 * @permission_ms: how long from now the peer may send
 *
 * Context: Process, under the lock of the namespace.
 */
void wgmesh_channel_renew(struct wgmesh_channel *channel, u32 lifetime_ms, u32 permission_ms)
{
	WRITE_ONCE(channel->expires, jiffies + msecs_to_jiffies(lifetime_ms));
	WRITE_ONCE(channel->permission_expires, jiffies + msecs_to_jiffies(permission_ms));
}

/**
 * wgmesh_channel_remove() - unbind a channel
 * @channel: the channel, freed after a grace period
 *
 * Context: Process, under the lock of the namespace; may sleep.
 */
void wgmesh_channel_remove(struct wgmesh_channel *channel)
{
	struct wgmesh_net *wn = channel->allocation->wn;

	lockdep_assert_held(&wn->lock);
	list_del(&channel->list);
	channel->allocation->n_channels--;
	unlink_opposite(channel);
	wgmesh_notify_channel(channel, WGMESH_CMD_CHANNEL_DEL_NTF);
	wgmesh_flow_remove(wn, &channel->from_client);
	wgmesh_flow_remove(wn, &channel->from_peer);
	xa_erase(&wn->channels, channel->id);
	call_rcu(&channel->rcu, channel_free_rcu);
}

/**
 * wgmesh_channel_find() - find a channel of an allocation
 * @allocation: the allocation
 * @number: of the channel
 *
 * Context: Process, under the lock of the namespace.
 * Return: the channel, or NULL.
 */
struct wgmesh_channel *wgmesh_channel_find(struct wgmesh_allocation *allocation, u16 number)
{
	struct wgmesh_flow flow = allocation->node.flow;
	struct wgmesh_flow_node *node;

	flow.channel = number;
	node = relay_find(allocation->wn, &flow);
	if (!node || node->kind != WGMESH_FLOW_FROM_CLIENT)
		return NULL;
	return container_of(node, struct wgmesh_channel, from_client);
}

/**
 * wgmesh_channel_totals() - add up what a channel forwarded
 * @channel: the channel
 * @totals: gets the sums
 *
 * Context: Any.
 */
void wgmesh_channel_totals(const struct wgmesh_channel *channel,
			   struct wgmesh_channel_totals *totals)
{
	void __percpu *memory = wgmesh_percpu_memory(&channel->cpus);
	const struct wgmesh_channel_rest *rest = &channel->rest;
	int cpu;

	*totals = (struct wgmesh_channel_totals){
		.to_peer_packets = atomic64_read(&rest->to_peer_packets),
		.to_peer_bytes = atomic64_read(&rest->to_peer_bytes),
		.to_client_packets = atomic64_read(&rest->to_client_packets),
		.to_client_bytes = atomic64_read(&rest->to_client_bytes),
	};
	if (!memory)
		return;
	for_each_possible_cpu(cpu) {
		const struct wgmesh_channel_cpu *its = per_cpu_ptr(memory, cpu);
		const struct wgmesh_channel_counters *counters = &its->counters;
		struct wgmesh_channel_totals one;
		unsigned int start;

		do {
			start = u64_stats_fetch_begin(&counters->syncp);
			one.to_peer_packets = u64_stats_read(&counters->to_peer_packets);
			one.to_peer_bytes = u64_stats_read(&counters->to_peer_bytes);
			one.to_client_packets = u64_stats_read(&counters->to_client_packets);
			one.to_client_bytes = u64_stats_read(&counters->to_client_bytes);
		} while (u64_stats_fetch_retry(&counters->syncp, start));
		totals->to_peer_packets += one.to_peer_packets;
		totals->to_peer_bytes += one.to_peer_bytes;
		totals->to_client_packets += one.to_client_packets;
		totals->to_client_bytes += one.to_client_bytes;
	}
}

/* What the daemon does not renew ends by itself, whatever became of the daemon. */
static void relay_expire(struct work_struct *work)
{
	struct wgmesh_net *wn = container_of(to_delayed_work(work), struct wgmesh_net,
					     relay_expiry);
	struct wgmesh_allocation *allocation;
	struct wgmesh_channel *channel;
	unsigned long id;

	mutex_lock(&wn->lock);
	xa_for_each(&wn->channels, id, channel)
		if (time_after_eq(jiffies, channel->expires))
			wgmesh_channel_remove(channel);
	xa_for_each(&wn->allocations, id, allocation)
		if (time_after_eq(jiffies, allocation->expires))
			wgmesh_allocation_remove(allocation);
	if (!xa_empty(&wn->allocations))
		wgmesh_net_queue_delayed(wn, &wn->relay_expiry, EXPIRY_INTERVAL);
	mutex_unlock(&wn->lock);
}

/**
 * wgmesh_relay_init() - a namespace without allocations
 * @wn: the namespace
 */
void wgmesh_relay_init(struct wgmesh_net *wn)
{
	xa_init_flags(&wn->allocations, XA_FLAGS_ALLOC1);
	xa_init_flags(&wn->channels, XA_FLAGS_ALLOC1);
	INIT_DELAYED_WORK(&wn->relay_expiry, relay_expire);
}

/**
 * wgmesh_relay_exit() - forget all allocations of a namespace
 * @wn: the namespace, not locked; no request comes any more
 *
 * Context: Process; may sleep.
 */
void wgmesh_relay_exit(struct wgmesh_net *wn)
{
	struct wgmesh_allocation *allocation;
	unsigned long id;

	mutex_lock(&wn->lock);
	xa_for_each(&wn->allocations, id, allocation)
		wgmesh_allocation_remove(allocation);
	mutex_unlock(&wn->lock);
	cancel_delayed_work_sync(&wn->relay_expiry);
}
