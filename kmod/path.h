/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A path: one way to reach a peer.
 */
#ifndef WGMESH_PATH_H
#define WGMESH_PATH_H

#include <linux/list.h>
#include <linux/rcupdate.h>
#include <linux/u64_stats_sync.h>
#include <uapi/linux/wgmesh.h>

#include "flow.h"
#include "liveness.h"
#include "pmtu.h"
#include "route.h"

struct dst_entry;
struct netlink_ext_ack;
struct rtable;
struct sk_buff;
struct sock;
struct wgmesh_net;
struct wgmesh_peer;

/**
 * struct wgmesh_path_counters - what went over a path, on one CPU
 * @tx_packets: messages sent
 * @tx_bytes: their bytes, without IP and UDP headers
 * @rx_packets: messages received
 * @rx_bytes: their bytes
 * @tx_errors: messages that could not be sent
 * @rx_last: jiffies at the last message received, valid when @rx_packets is not 0
 * @syncp: for 32-bit machines
 */
struct wgmesh_path_counters {
	u64_stats_t tx_packets;
	u64_stats_t tx_bytes;
	u64_stats_t rx_packets;
	u64_stats_t rx_bytes;
	u64_stats_t tx_errors;
	unsigned long rx_last;
	struct u64_stats_sync syncp;
};

/**
 * struct wgmesh_path_totals - the counters of all CPUs
 * @tx_packets: see struct wgmesh_path_counters, likewise for the others
 * @tx_bytes: see @tx_packets
 * @rx_packets: see @tx_packets
 * @rx_bytes: see @tx_packets
 * @tx_errors: see @tx_packets
 * @rx_last: jiffies at the last message received, valid when @rx_packets is not 0
 */
struct wgmesh_path_totals {
	u64 tx_packets;
	u64 tx_bytes;
	u64 rx_packets;
	u64 rx_bytes;
	u64 tx_errors;
	unsigned long rx_last;
};

/**
 * struct wgmesh_path - one way to reach a peer
 * @node: its endpoints, in the flow table
 * @peer: the peer it leads to
 * @route: from its local to its remote endpoint
 * @counters: what went over it
 * @pmtu: the largest packet that passes, under the lock of the peer
 * @handshake_sent: when a handshake message was sent that was not answered yet,
 *	in nanoseconds of ktime_get(), or 0
 * @handshake_index: the index in it that the answer will have
 * @handshake_rtt_us: smoothed round-trip time in microseconds, 0 while unknown
 * @liveness: what probes found out, under the lock of the peer
 * @next_probe_ns: when the next one is due
 * @last_probe_ns: when the last one was
 * @sent_bytes: what had been sent on it when the prober looked last
 * @doubted: an ICMP error came, and no answer since
 * @dead_reason: why it died
 * @policy: what an operator wants of it
 * @follows: the path whose place this one takes once it is alive, for the peer or this node
 *	has another endpoint now; NULL for a path of its own
 * @priority: what it is selected by
 * @kind: direct or relay
 * @id: number in the namespace
 * @peer_node: on the list of the peer
 * @rcu: frees it
 *
 * Without probes the round-trip time is taken from WireGuard's own handshakes, which cost
 * nothing extra: one end has the time from initiation to response, the other that
 * from response to the data message that confirms it and is sent at once.
 */
struct wgmesh_path {
	struct wgmesh_flow_node node;
	struct wgmesh_peer *peer;
	struct wgmesh_route route;
	struct wgmesh_path_counters __percpu *counters;
	struct wgmesh_pmtu pmtu;
	atomic64_t handshake_sent;
	u32 handshake_index;
	u32 handshake_rtt_us;
	struct wgmesh_liveness liveness;
	u64 next_probe_ns;
	u64 last_probe_ns;
	u64 sent_bytes;
	bool doubted;
	enum wgmesh_reason dead_reason;
	enum wgmesh_path_policy policy;
	struct wgmesh_path *follows;
	u32 priority;
	enum wgmesh_path_kind kind;
	u32 id;
	struct list_head peer_node;
	struct rcu_head rcu;
};

struct wgmesh_path *wgmesh_path_add(struct wgmesh_peer *peer, const struct wgmesh_flow *flow,
				    int ifindex, enum wgmesh_path_kind kind, u32 priority,
				    enum wgmesh_path_policy policy,
				    struct netlink_ext_ack *extack);
struct wgmesh_path *wgmesh_path_add_follower(struct wgmesh_path *path,
					     const struct wgmesh_flow *flow);
void wgmesh_path_follow(struct wgmesh_path *follower);
struct wgmesh_path *wgmesh_path_follower(const struct wgmesh_path *path);
void wgmesh_path_change(struct wgmesh_path *path, enum wgmesh_path_kind kind, u32 priority,
			enum wgmesh_path_policy policy);
void wgmesh_path_remove(struct wgmesh_path *path);
struct wgmesh_path *wgmesh_path_find(struct wgmesh_net *wn, const struct wgmesh_flow *flow);

struct rtable *wgmesh_path_route4(struct wgmesh_path *path, u32 mark, struct sock *sk);
struct dst_entry *wgmesh_path_route6(struct wgmesh_path *path, u32 mark, struct sock *sk);
struct dst_entry *wgmesh_path_dst(struct wgmesh_path *path);
unsigned int wgmesh_path_mtu(struct wgmesh_path *path);

void wgmesh_path_count_tx(struct wgmesh_path *path, unsigned int bytes);
void wgmesh_path_count_rx(struct wgmesh_path *path, unsigned int bytes);
void wgmesh_path_count_tx_error(struct wgmesh_path *path);
void wgmesh_path_totals(const struct wgmesh_path *path, struct wgmesh_path_totals *totals);

void wgmesh_path_handshake_sent(struct wgmesh_path *path, u32 index);
void wgmesh_path_handshake_answered(struct wgmesh_path *path, u32 index);

/* The smoothed round-trip time in microseconds; 0 while unknown. */
static inline u32 wgmesh_path_rtt_us(const struct wgmesh_path *path)
{
	return READ_ONCE(path->liveness.rtt_us) ?: READ_ONCE(path->handshake_rtt_us);
}

/* The largest packet that is sent whole, WGMESH_PMTU_UNKNOWN when that was not measured. */
static inline u32 wgmesh_path_pmtu(const struct wgmesh_path *path)
{
	return READ_ONCE(path->pmtu.mtu);
}

/* Is there a handshake message on this path that waits for its answer? */
static inline bool wgmesh_path_handshake_waits(const struct wgmesh_path *path)
{
	return atomic64_read(&path->handshake_sent);
}

#endif /* WGMESH_PATH_H */
