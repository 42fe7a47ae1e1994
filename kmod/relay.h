/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A TURN relay's allocations and channels, as far as data needs them (RFC 8656).
 *
 * The relay's daemon owns the sockets and does all the talking; what it programs
 * here is forwarded without it. What is not here goes to its sockets as ever.
 */
#ifndef WGMESH_RELAY_H
#define WGMESH_RELAY_H

#include <linux/list.h>
#include <linux/rcupdate.h>
#include <linux/u64_stats_sync.h>

#include "flow.h"
#include "percpu.h"
#include "rate.h"
#include "route.h"

struct netlink_ext_ack;
struct wgmesh_net;

/**
 * struct wgmesh_allocation - an allocation of a client (RFC 8656 section 5)
 * @wn: the namespace
 * @node: the endpoints of relay and client, in the flow table; channel 0
 * @route: to the client
 * @cpus: of each CPU, a struct wgmesh_route_cache to the client
 * @id: number in the namespace
 * @expires: in jiffies
 * @rate: of all its channels together, both directions
 * @channels: its channels, the oldest first, under the lock of the namespace
 * @n_channels: how many
 * @note: what the daemon wants to find again, or NULL; under the lock of the namespace
 * @note_len: length of @note in bytes
 * @drop_rate: packets over @rate
 * @drop_error: packets that could not be sent
 * @rcu: frees it
 */
struct wgmesh_allocation {
	struct wgmesh_net *wn;
	struct wgmesh_flow_node node;
	struct wgmesh_route route;
	struct wgmesh_percpu cpus;
	u32 id;
	unsigned long expires;
	struct wgmesh_rate rate;
	struct list_head channels;
	u32 n_channels;
	void *note;
	unsigned int note_len;
	atomic64_t drop_rate;
	atomic64_t drop_error;
	struct rcu_head rcu;
};

/**
 * struct wgmesh_channel_counters - what a channel forwarded, on one CPU
 * @to_peer_packets: from the client to the peer
 * @to_peer_bytes: their payload
 * @to_client_packets: from the peer to the client
 * @to_client_bytes: their payload
 * @syncp: for 32-bit machines
 * @ip_id: identification of the last IPv4 packet sent; began at random
 */
struct wgmesh_channel_counters {
	u64_stats_t to_peer_packets;
	u64_stats_t to_peer_bytes;
	u64_stats_t to_client_packets;
	u64_stats_t to_client_bytes;
	struct u64_stats_sync syncp;
	u16 ip_id;
};

/**
 * struct wgmesh_channel_cpu - what a channel has for each CPU, once data went through it
 * @route: to the peer
 * @counters: what it forwarded
 */
struct wgmesh_channel_cpu {
	struct wgmesh_route_cache route;
	struct wgmesh_channel_counters counters;
};

/**
 * struct wgmesh_channel_rest - what was forwarded while there was no memory for such counters
 * @to_peer_packets: see struct wgmesh_channel_counters
 * @to_peer_bytes: see struct wgmesh_channel_counters
 * @to_client_packets: see struct wgmesh_channel_counters
 * @to_client_bytes: see struct wgmesh_channel_counters
 */
struct wgmesh_channel_rest {
	atomic64_t to_peer_packets;
	atomic64_t to_peer_bytes;
	atomic64_t to_client_packets;
	atomic64_t to_client_bytes;
};

/**
 * struct wgmesh_channel_totals - all that a channel forwarded
 * @to_peer_packets: see struct wgmesh_channel_counters
 * @to_peer_bytes: see struct wgmesh_channel_counters
 * @to_client_packets: see struct wgmesh_channel_counters
 * @to_client_bytes: see struct wgmesh_channel_counters
 */
struct wgmesh_channel_totals {
	u64 to_peer_packets;
	u64 to_peer_bytes;
	u64 to_client_packets;
	u64 to_client_bytes;
};

/**
 * struct wgmesh_channel - a channel between a client and one of its peers (RFC 8656 section 12)
 * @allocation: the allocation
 * @from_client: the flow of the allocation and the number of the channel
 * @from_peer: the relayed endpoint and the peer's
 * @opposite: the channel of another client of this relay that the peer is, or NULL; written
 *	under the lock of the namespace
 * @route: to the peer
 * @cpus: of each CPU, a struct wgmesh_channel_cpu
 * @id: number in the namespace
 * @hash: of the packets that it sends, to whichever side; drawn at random
 * @expires: in jiffies
 * @permission_expires: until when the peer may send, in jiffies
 * @rest: what is not counted in @cpus
 * @list: on the list of the allocation
 * @rcu: frees it
 */
struct wgmesh_channel {
	struct wgmesh_allocation *allocation;
	struct wgmesh_flow_node from_client;
	struct wgmesh_flow_node from_peer;
	struct wgmesh_channel __rcu *opposite;
	struct wgmesh_route route;
	struct wgmesh_percpu cpus;
	u32 id;
	u32 hash;
	unsigned long expires;
	unsigned long permission_expires;
	struct wgmesh_channel_rest rest;
	struct list_head list;
	struct rcu_head rcu;
};

extern const struct wgmesh_percpu_kind wgmesh_allocation_cpu_kind;
extern const struct wgmesh_percpu_kind wgmesh_channel_cpu_kind;

void wgmesh_relay_init(struct wgmesh_net *wn);
void wgmesh_relay_exit(struct wgmesh_net *wn);

struct wgmesh_allocation *wgmesh_allocation_add(struct wgmesh_net *wn,
						const struct wgmesh_flow *flow,
						struct netlink_ext_ack *extack);
void wgmesh_allocation_renew(struct wgmesh_allocation *allocation, u32 lifetime_ms);
int wgmesh_allocation_set_note(struct wgmesh_allocation *allocation, const void *note,
			       unsigned int len);
void wgmesh_allocation_remove(struct wgmesh_allocation *allocation);
struct wgmesh_allocation *wgmesh_allocation_find(struct wgmesh_net *wn,
						 const struct wgmesh_flow *flow);

struct wgmesh_channel *wgmesh_channel_add(struct wgmesh_allocation *allocation, u16 number,
					  const struct wgmesh_flow *flow,
					  struct netlink_ext_ack *extack);
void wgmesh_channel_renew(struct wgmesh_channel *channel, u32 lifetime_ms, u32 permission_ms);
void wgmesh_channel_remove(struct wgmesh_channel *channel);
struct wgmesh_channel *wgmesh_channel_find(struct wgmesh_allocation *allocation, u16 number);
void wgmesh_channel_totals(const struct wgmesh_channel *channel,
			   struct wgmesh_channel_totals *totals);

#endif /* WGMESH_RELAY_H */
