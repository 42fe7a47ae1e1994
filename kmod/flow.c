// SPDX-License-Identifier: GPL-2.0
/*
 * The flow table: what does a packet belong to, by its endpoints and its channel.
 */
#include <linux/random.h>
#include <linux/rhashtable.h>
#include <linux/siphash.h>
#include <net/ipv6.h>

#include "channel-data.h"
#include "compat.h"
#include "flow.h"
#include "netns.h"

/* The remote endpoint is chosen by somebody else: whoever knew the hash could
 * make all flows fall into one bucket.
 */
static hsiphash_key_t flow_hash_key __ro_after_init;
static u64 flow_multipliers[4] __ro_after_init;

/* Each packet is looked up, and SipHash would be a tenth of what forwarding it costs. The
 * upper half of a sum of products with secret random factors is strongly universal (Dietzfelbinger,
 * 1996): who does not know the factors finds no two flows that collide more often than chance
 * has it, and nobody gets to see a hash.
 */
static __always_inline u32 flow_hash4(const struct wgmesh_flow *flow, u32 seed)
{
	const u32 ports = (__force u32)flow->local_port << 16 | (__force u32)flow->remote_port;
	const u32 local = (__force u32)flow->local.ip ^ flow->channel;
	const u64 *factor = flow_multipliers;

	return (factor[0] + factor[1] * ((__force u32)flow->remote.ip + seed) +
		factor[2] * ports + factor[3] * local) >> 32;
}

static __always_inline u32 flow_hash(const struct wgmesh_flow *flow, u32 seed)
{
	if (likely(flow->family == AF_INET))
		return flow_hash4(flow, seed);
	return hsiphash(flow, sizeof(*flow), &flow_hash_key) ^ seed;
}

static __always_inline u32 flow_key_hashfn(const void *data, u32 len, u32 seed)
{
	return flow_hash(data, seed);
}

static u32 flow_obj_hashfn(const void *data, u32 len, u32 seed)
{
	const struct wgmesh_flow_node *node = data;

	return flow_hash(&node->flow, seed);
}

static __always_inline bool flow_equal(const struct wgmesh_flow *a, const struct wgmesh_flow *b)
{
	if (a->family != b->family || a->channel != b->channel ||
	    a->local_port != b->local_port || a->remote_port != b->remote_port)
		return false;
	if (a->family == AF_INET)
		return a->local.ip == b->local.ip && a->remote.ip == b->remote.ip;
	return ipv6_addr_equal(&a->local.in6, &b->local.in6) &&
	       ipv6_addr_equal(&a->remote.in6, &b->remote.in6);
}

static __always_inline int flow_obj_cmpfn(struct rhashtable_compare_arg *arg, const void *obj)
{
	const struct wgmesh_flow_node *node = obj;

	return !flow_equal(&node->flow, arg->key);
}

static const struct rhashtable_params flow_params = {
	.head_offset = offsetof(struct wgmesh_flow_node, hash),
	.key_len = sizeof(struct wgmesh_flow),
	.hashfn = flow_key_hashfn,
	.obj_hashfn = flow_obj_hashfn,
	.obj_cmpfn = flow_obj_cmpfn,
	.automatic_shrinking = true,
};

/**
 * wgmesh_flow_init_hash() - draw the keys of the hash, once, when the module is loaded
 */
void __init wgmesh_flow_init_hash(void)
{
	get_random_bytes(&flow_hash_key, sizeof(flow_hash_key));
	get_random_bytes(flow_multipliers, sizeof(flow_multipliers));
}

/**
 * wgmesh_flow_table_init() - make the flow table of a namespace
 * @wn: the namespace
 *
 * Context: Process; may sleep.
 * Return: 0 or -ENOMEM.
 */
int wgmesh_flow_table_init(struct wgmesh_net *wn)
{
	return rhashtable_init(&wn->flows, &flow_params);
}

/**
 * wgmesh_flow_table_destroy() - free the flow table, which is empty
 * @wn: the namespace
 *
 * Context: Process; may sleep.
 */
void wgmesh_flow_table_destroy(struct wgmesh_net *wn)
{
	rhashtable_destroy(&wn->flows);
}

/**
 * wgmesh_flow_insert() - let packets of a flow find what they belong to
 * @wn: the namespace, locked
 * @node: the flow; what it is a part of is complete
 *
 * Context: Process; may sleep.
 * Return: 0; -EEXIST when the flow is there already; -ENOMEM.
 */
int wgmesh_flow_insert(struct wgmesh_net *wn, struct wgmesh_flow_node *node)
{
	return rhashtable_lookup_insert_key(&wn->flows, &node->flow, &node->hash, flow_params);
}

/**
 * wgmesh_flow_remove() - undo wgmesh_flow_insert()
 * @wn: the namespace, locked
 * @node: the flow; what it is a part of is to be freed only after a grace period
 *
 * Context: Process.
 */
void wgmesh_flow_remove(struct wgmesh_net *wn, struct wgmesh_flow_node *node)
{
	rhashtable_remove_fast(&wn->flows, &node->hash, flow_params);
}

/**
 * wgmesh_flow_lookup() - find a flow
 * @wn: the namespace
 * @flow: the endpoints and the channel
 *
 * Context: Any, under rcu_read_lock().
 * Return: the flow in the table, or NULL.
 */
struct wgmesh_flow_node *wgmesh_flow_lookup(struct wgmesh_net *wn, const struct wgmesh_flow *flow)
{
	return rhashtable_lookup(&wn->flows, flow, flow_params);
}

/**
 * wgmesh_flow_lookup_data() - find the flow of a datagram, that of its channel first
 * @wn: the namespace
 * @flow: the endpoints; the channel is set here
 * @data: the payload, at least 2 linear bytes
 *
 * What is no ChannelData may look like it: a peer of the relay may send anything.
 *
 * Context: Any, under rcu_read_lock().
 * Return: the flow in the table, or NULL.
 */
struct wgmesh_flow_node *wgmesh_flow_lookup_data(struct wgmesh_net *wn, struct wgmesh_flow *flow,
						 const void *data)
{
	u16 first = get_unaligned_be16(data);
	struct wgmesh_flow_node *node;

	if (first >= WGMESH_CHANNEL_MIN && first <= WGMESH_CHANNEL_MAX) {
		flow->channel = first;
		node = wgmesh_flow_lookup(wn, flow);
		if (node)
			return node;
	}
	flow->channel = 0;
	return wgmesh_flow_lookup(wn, flow);
}
