// SPDX-License-Identifier: GPL-2.0
/*
 * The flow table: what does a packet belong to, by its endpoints and its channel.
 */
#include <linux/bitmap.h>
#include <linux/random.h>
#include <linux/rhashtable.h>
#include <linux/siphash.h>
#include <net/ipv6.h>
#include <net/l3mdev.h>

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
 *
 * The table draws another seed when a chain gets long: it multiplies all the factors, so that what
 * collided, whose sums differ by little or by much, is scattered. A seed that is only added would
 * leave the chain as it is.
 */
static __always_inline u32 flow_hash4(const struct wgmesh_flow *flow, u32 seed)
{
	const u32 ports = (__force u32)flow->local_port << 16 | (__force u32)flow->remote_port;
	const u32 local = (__force u32)flow->local.ip ^ flow->channel ^ flow->scope << 16;
	const u64 odd = (u64)seed << 32 | seed | 1;
	const u64 *factor = flow_multipliers;

	return (factor[0] + factor[1] * (__force u32)flow->remote.ip + factor[2] * ports +
		factor[3] * local) * odd >> 32;
}

static __always_inline u32 flow_hash6(const struct wgmesh_flow *flow, u32 seed)
{
	const hsiphash_key_t key = {
		{ flow_hash_key.key[0] ^ seed, flow_hash_key.key[1] }
	};

	return hsiphash(flow, sizeof(*flow), &key);
}

static __always_inline u32 flow_hash(const struct wgmesh_flow *flow, u32 seed)
{
	if (likely(flow->family == AF_INET))
		return flow_hash4(flow, seed);
	return flow_hash6(flow, seed);
}

/**
 * wgmesh_flow_hash() - the hash of a flow
 * @flow: the flow
 * @seed: of the table
 *
 * Context: Any.
 */
u32 wgmesh_flow_hash(const struct wgmesh_flow *flow, u32 seed)
{
	return flow_hash(flow, seed);
}

static __always_inline u32 flow_key_hashfn(const void *data, u32 len, u32 seed)
{
	return flow_hash(data, seed);
}

static u32 flow_obj_hashfn(const void *data, u32 len, u32 seed)
{
	const struct wgmesh_flow_node *node = data;

	return wgmesh_flow_hash(&node->flow, seed);
}

static __always_inline bool flow_equal(const struct wgmesh_flow *a, const struct wgmesh_flow *b)
{
	if (a->family != b->family || a->channel != b->channel || a->scope != b->scope ||
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
	xa_init(&wn->port_users);
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
	xa_destroy(&wn->port_users);
	kfree(wn->ports);
}

static int first_port(struct wgmesh_net *wn)
{
	unsigned long *ports = bitmap_zalloc(U16_MAX + 1, GFP_KERNEL_ACCOUNT);

	if (!ports)
		return -ENOMEM;
	/* pairs with wgmesh_flow_has_port() */
	smp_store_release(&wn->ports, ports);
	return 0;
}

static int port_get(struct wgmesh_net *wn, __be16 port)
{
	const void *users = xa_load(&wn->port_users, ntohs(port));
	int err;

	if (!wn->ports) {
		err = first_port(wn);
		if (err)
			return err;
	}
	err = xa_err(xa_store(&wn->port_users, ntohs(port),
			      xa_mk_value(users ? xa_to_value(users) + 1 : 1),
			      GFP_KERNEL_ACCOUNT));
	if (!err && !users)
		set_bit((__force u16)port, wn->ports);
	return err;
}

static void port_put(struct wgmesh_net *wn, __be16 port)
{
	const unsigned long users = xa_to_value(xa_load(&wn->port_users, ntohs(port)));

	if (users > 1) {
		/* takes the place of an entry, so it needs no memory */
		xa_store(&wn->port_users, ntohs(port), xa_mk_value(users - 1), GFP_KERNEL_ACCOUNT);
		return;
	}
	clear_bit((__force u16)port, wn->ports);
	xa_erase(&wn->port_users, ntohs(port));
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
	int err = port_get(wn, node->flow.local_port);

	if (err)
		return err;
	err = rhashtable_lookup_insert_key(&wn->flows, &node->flow, &node->hash, flow_params);
	if (err)
		port_put(wn, node->flow.local_port);
	return err;
}

/**
 * wgmesh_flow_remove() - undo wgmesh_flow_insert()
 * @wn: the namespace, locked
 * @node: the flow, which need not be there; what it is a part of is to be freed only after a grace
 *	period
 *
 * Context: Process.
 */
void wgmesh_flow_remove(struct wgmesh_net *wn, struct wgmesh_flow_node *node)
{
	if (!rhashtable_remove_fast(&wn->flows, &node->hash, flow_params))
		port_put(wn, node->flow.local_port);
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
 * wgmesh_flow_scope_by() - where the addresses of a packet hold
 * @flow: its endpoints
 * @dev: the interface it came by
 *
 * Nothing that came by another interface than lo has a flow with loopback addresses.
 *
 * Context: Under rcu_read_lock().
 * Return: what goes into @flow as its scope.
 */
u32 wgmesh_flow_scope_by(const struct wgmesh_flow *flow, const struct net_device *dev)
{
	return wgmesh_flow_is_confined(flow) ? dev->ifindex : l3mdev_master_ifindex_rcu(dev);
}

/**
 * wgmesh_flow_scope() - where the endpoints that somebody asks for hold
 * @net: the underlay
 * @flow: the endpoints
 * @ifindex: interface that is asked for with them, a VRF's too, or 0
 *
 * Context: Any.
 * Return: what goes into @flow as its scope.
 */
u32 wgmesh_flow_scope(struct net *net, const struct wgmesh_flow *flow, int ifindex)
{
	if (wgmesh_flow_is_confined(flow))
		return ifindex ?: LOOPBACK_IFINDEX;
	return ifindex ? l3mdev_master_ifindex_by_index(net, ifindex) : 0;
}

/* What is not bound to a VRF may take the packets of all of them, as a socket of UDP may. */
static bool may_come_by_any_vrf(const struct wgmesh_net *wn, const struct wgmesh_flow *flow)
{
#ifdef CONFIG_NET_L3_MASTER_DEV
	return READ_ONCE(wn->net->ipv4.sysctl_udp_l3mdev_accept) && !wgmesh_flow_is_confined(flow);
#else
	return false;
#endif
}

static __always_inline struct wgmesh_flow_node *
lookup_data(struct wgmesh_net *wn, struct wgmesh_flow *flow, const void *data)
{
	u16 first = get_unaligned_be16(data);
	struct wgmesh_flow_node *node;

	if (first >= WGMESH_CHANNEL_MIN && first <= WGMESH_CHANNEL_MAX) {
		flow->channel = first;
		node = rhashtable_lookup(&wn->flows, flow, flow_params);
		if (node)
			return node;
	}
	flow->channel = 0;
	return rhashtable_lookup(&wn->flows, flow, flow_params);
}

static noinline struct wgmesh_flow_node *
lookup_data_of_any_vrf(struct wgmesh_net *wn, struct wgmesh_flow *flow, const void *data)
{
	const u32 scope = flow->scope;
	struct wgmesh_flow_node *node;

	if (!may_come_by_any_vrf(wn, flow))
		return NULL;
	flow->scope = 0;
	node = lookup_data(wn, flow, data);
	if (!node)
		flow->scope = scope;
	return node;
}

/**
 * wgmesh_flow_lookup_data() - find the flow of a datagram, that of its channel first
 * @wn: the namespace
 * @flow: the endpoints and their scope; the channel is set here
 * @data: the payload, at least 2 linear bytes
 *
 * What is no ChannelData may look like it: a peer of the relay may send anything. Each packet passes
 * here, so the compiler may not make functions of parts of it.
 *
 * Context: Any, under rcu_read_lock().
 * Return: the flow in the table, or NULL.
 */
__flatten struct wgmesh_flow_node *
wgmesh_flow_lookup_data(struct wgmesh_net *wn, struct wgmesh_flow *flow, const void *data)
{
	struct wgmesh_flow_node *node = lookup_data(wn, flow, data);

	return likely(node || !flow->scope) ? node : lookup_data_of_any_vrf(wn, flow, data);
}
