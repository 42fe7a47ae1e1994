/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Flows: pairs of underlay endpoints, and the table that tells what a received packet
 * belongs to.
 */
#ifndef WGMESH_FLOW_H
#define WGMESH_FLOW_H

#include <linux/in6.h>
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/netdevice.h>
#include <linux/rhashtable-types.h>
#include <linux/udp.h>
#include <net/ipv6.h>

#include "netns.h"

/**
 * union wgmesh_address - an IPv4 or IPv6 address
 * @ip: IPv4, the rest being zero
 * @in6: IPv6
 *
 * The union as a whole is hashed, so it has no uninitialized bytes.
 */
union wgmesh_address {
	__be32 ip;
	struct in6_addr in6;
};

/**
 * struct wgmesh_flow - a pair of UDP endpoints, seen from this node
 * @local: address on this node
 * @remote: address at the other end
 * @local_port: port on this node
 * @remote_port: port at the other end
 * @family: AF_INET or AF_INET6
 * @channel: number of the TURN channel that the payload is sent in, or 0
 * @scope: where the addresses hold: the index of a VRF, or of the interface when they are loopback
 *	or link-local ones; 0 in the host as such
 *
 * Hashed as bytes: set all of it, and pad with zero.
 */
struct wgmesh_flow {
	union wgmesh_address local;
	union wgmesh_address remote;
	__be16 local_port;
	__be16 remote_port;
	u16 family;
	u16 channel;
	u32 scope;
};

/**
 * enum wgmesh_flow_kind - what a flow belongs to, and so what is done with its packets
 * @WGMESH_FLOW_PATH: a path: to WireGuard
 * @WGMESH_FLOW_ALLOCATION: a client of the relay, outside of channels: to the relay's daemon
 * @WGMESH_FLOW_FROM_CLIENT: a channel, from the client: to the peer
 * @WGMESH_FLOW_FROM_PEER: a channel, from the peer: to the client
 */
enum wgmesh_flow_kind {
	WGMESH_FLOW_PATH,
	WGMESH_FLOW_ALLOCATION,
	WGMESH_FLOW_FROM_CLIENT,
	WGMESH_FLOW_FROM_PEER,
};

/**
 * struct wgmesh_flow_node - a flow in the table, part of what it belongs to
 * @hash: in the table
 * @flow: does not change while it is there
 * @kind: what this is a part of
 */
struct wgmesh_flow_node {
	struct rhash_head hash;
	struct wgmesh_flow flow;
	enum wgmesh_flow_kind kind;
};

static inline void wgmesh_flow_set4(struct wgmesh_flow *flow, __be32 local, __be16 local_port,
				    __be32 remote, __be16 remote_port)
{
	memset(flow, 0, sizeof(*flow));
	flow->local.ip = local;
	flow->remote.ip = remote;
	flow->local_port = local_port;
	flow->remote_port = remote_port;
	flow->family = AF_INET;
}

static inline void wgmesh_flow_set6(struct wgmesh_flow *flow, const struct in6_addr *local,
				    __be16 local_port, const struct in6_addr *remote,
				    __be16 remote_port)
{
	flow->local.in6 = *local;
	flow->remote.in6 = *remote;
	flow->local_port = local_port;
	flow->remote_port = remote_port;
	flow->family = AF_INET6;
	flow->channel = 0;
	flow->scope = 0;
}

static inline bool wgmesh_is_confined6(const struct in6_addr *address)
{
	return (address->s6_addr32[0] & htonl(0xffc00000)) == htonl(0xfe800000) ||
	       ipv6_addr_loopback(address);
}

/* Does one of the addresses, loopback or link-local, hold on one interface alone? */
static inline bool wgmesh_flow_is_confined(const struct wgmesh_flow *flow)
{
	if (flow->family == AF_INET)
		return ipv4_is_loopback(flow->local.ip) || ipv4_is_loopback(flow->remote.ip);
	return wgmesh_is_confined6(&flow->local.in6) || wgmesh_is_confined6(&flow->remote.in6);
}

u32 wgmesh_flow_scope_by(const struct wgmesh_flow *flow, const struct net_device *dev);
u32 wgmesh_flow_scope(struct net *net, const struct wgmesh_flow *flow, int ifindex);

/**
 * wgmesh_flow_came_by() - complete the flow of a packet
 * @flow: the flow
 * @dev: the interface that the packet came by
 *
 * Context: Under rcu_read_lock().
 */
static inline void wgmesh_flow_came_by(struct wgmesh_flow *flow, const struct net_device *dev)
{
	if (unlikely(dev->priv_flags & (IFF_L3MDEV_MASTER | IFF_L3MDEV_SLAVE)) ||
	    unlikely(wgmesh_flow_is_confined(flow)))
		flow->scope = wgmesh_flow_scope_by(flow, dev);
}

/* Is it between the same addresses, though by other ports? */
static inline bool wgmesh_flow_same_addresses(const struct wgmesh_flow *a,
					      const struct wgmesh_flow *b)
{
	return a->family == b->family &&
	       !memcmp(&a->local, &b->local, sizeof(a->local)) &&
	       !memcmp(&a->remote, &b->remote, sizeof(a->remote));
}

/**
 * wgmesh_flow_has_port() - may a datagram to a local port belong to a flow?
 * @wn: the namespace
 * @port: the port
 *
 * The traffic of other programs costs no more than this.
 *
 * Context: Any.
 */
static inline bool wgmesh_flow_has_port(const struct wgmesh_net *wn, __be16 port)
{
	/* pairs with first_port() */
	const unsigned long *ports = READ_ONCE(wn->ports);

	return ports && test_bit((__force u16)port, ports);
}

void wgmesh_flow_init_hash(void);
u32 wgmesh_flow_hash(const struct wgmesh_flow *flow, u32 seed);
int wgmesh_flow_table_init(struct wgmesh_net *wn);
void wgmesh_flow_table_destroy(struct wgmesh_net *wn);
int wgmesh_flow_insert(struct wgmesh_net *wn, struct wgmesh_flow_node *node);
void wgmesh_flow_remove(struct wgmesh_net *wn, struct wgmesh_flow_node *node);
struct wgmesh_flow_node *wgmesh_flow_lookup(struct wgmesh_net *wn, const struct wgmesh_flow *flow);
struct wgmesh_flow_node *wgmesh_flow_lookup_data(struct wgmesh_net *wn, struct wgmesh_flow *flow,
						 const void *data);

#endif /* WGMESH_FLOW_H */
