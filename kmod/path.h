/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A path: one way to reach a peer.
 */
#ifndef WGMESH_PATH_H
#define WGMESH_PATH_H

#include <linux/if.h>
#include <linux/list.h>
#include <linux/rcupdate.h>
#include <linux/u64_stats_sync.h>
#include <uapi/linux/wgmesh.h>

#include "flow.h"
#include "keep.h"
#include "liveness.h"
#include "percpu.h"
#include "pmtu.h"
#include "route.h"

struct netlink_ext_ack;
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
 * struct wgmesh_path_cpu - what a path has for each CPU, once a message went over it
 * @route: from its local to its remote endpoint
 * @counters: what went over it
 */
struct wgmesh_path_cpu {
	struct wgmesh_route_cache route;
	struct wgmesh_path_counters counters;
};

/**
 * struct wgmesh_path_rest - the messages that no CPU counted: there was no memory for its
 *	counters, or the path whose place this one took had counted them
 * @tx_packets: see struct wgmesh_path_counters
 * @tx_bytes: see struct wgmesh_path_counters
 * @rx_packets: see struct wgmesh_path_counters
 * @rx_bytes: see struct wgmesh_path_counters
 * @tx_errors: see struct wgmesh_path_counters
 * @rx_last: see struct wgmesh_path_counters
 */
struct wgmesh_path_rest {
	atomic64_t tx_packets;
	atomic64_t tx_bytes;
	atomic64_t rx_packets;
	atomic64_t rx_bytes;
	atomic64_t tx_errors;
	unsigned long rx_last;
};

/**
 * struct wgmesh_path_totals - all that went over a path
 * @tx_packets: see struct wgmesh_path_counters
 * @tx_bytes: see struct wgmesh_path_counters
 * @rx_packets: see struct wgmesh_path_counters
 * @rx_bytes: see struct wgmesh_path_counters
 * @tx_errors: see struct wgmesh_path_counters
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
 * @route: where its packets leave
 * @cpus: of each CPU, a struct wgmesh_path_cpu; probes do not make it
 * @rest: what is not counted in @cpus
 * @pmtu: the largest packet that passes, under the lock of the peer
 * @handshake_sent: when a handshake message was sent that was not answered yet,
 *	in nanoseconds of ktime_get(), or 0
 * @handshake_index: the index that the answer to the handshake message will have
 * @handshake_rtt_us: smoothed round-trip time in microseconds, 0 while unknown
 * @liveness: what probes found out, under the lock of the peer
 * @keep: how long it may be silent, under the lock of the peer
 * @next_probe_ns: when the next probe is due
 * @last_probe_ns: when the last probe was sent
 * @turn_ns: when the probe that waits for its turn has it, 0 when none waits
 * @sent_bytes: how much had been sent on the path when the prober looked last
 * @doubted: an ICMP error came, and no answer since
 * @tag: the hash of the last request; 0 when the next request is to have another one
 * @found_at: how many requests had been sent when one, by its hash, was found inside of what
 *	WireGuard sends; 0 for never
 * @looped_at: how many requests had been sent when a second one was found likewise
 * @dead_reason: why it died
 * @policy: what an operator wants of it
 * @follows: the path whose place this one takes once it is alive, for the peer or this node
 *	has another endpoint now; NULL for a path of its own
 * @priority: what it is selected by
 * @kind: direct or relay
 * @id: number in the namespace
 * @ifname: name of the interface to send through, when there is one; under the lock of the
 *	namespace
 * @peer_node: on the list of the peer
 * @removed: the path was removed, under the lock of the peer
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
	struct wgmesh_percpu cpus;
	struct wgmesh_pmtu pmtu;
	atomic64_t handshake_sent;
	u32 handshake_index;
	u32 handshake_rtt_us;
	struct wgmesh_liveness liveness;
	struct wgmesh_keep keep;
	u64 next_probe_ns;
	u64 last_probe_ns;
	u64 turn_ns;
	u64 sent_bytes;
	bool doubted;
	u32 tag;
	u64 found_at;
	u64 looped_at;
	enum wgmesh_reason dead_reason;
	enum wgmesh_path_policy policy;
	struct wgmesh_path *follows;
	u32 priority;
	enum wgmesh_path_kind kind;
	u32 id;
	char ifname[IFNAMSIZ];
	struct list_head peer_node;
	bool removed;
	struct wgmesh_path_rest rest;
	struct rcu_head rcu;
};

int wgmesh_path_init(void);
void wgmesh_path_exit(void);

struct wgmesh_path *wgmesh_path_add(struct wgmesh_peer *peer, const struct wgmesh_flow *flow,
				    int ifindex, enum wgmesh_path_kind kind, u32 priority,
				    enum wgmesh_path_policy policy,
				    struct netlink_ext_ack *extack);
struct wgmesh_path *wgmesh_path_add_follower(struct wgmesh_path *path,
					     const struct wgmesh_flow *flow, int ifindex);
void wgmesh_path_follow(struct wgmesh_path *follower);
struct wgmesh_path *wgmesh_path_follower(const struct wgmesh_path *path);
void wgmesh_path_change(struct wgmesh_path *path, enum wgmesh_path_kind kind, u32 priority,
			enum wgmesh_path_policy policy);
void wgmesh_path_remove(struct wgmesh_path *path);
struct wgmesh_path *wgmesh_path_find(struct wgmesh_net *wn, const struct wgmesh_flow *flow);

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
