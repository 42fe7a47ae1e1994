/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Bounce servers: forwarding between the peers of a WireGuard interface, and between those
 * of several.
 */
#ifndef WGMESH_BOUNCE_H
#define WGMESH_BOUNCE_H

#include <linux/if_arp.h>
#include <linux/netdevice.h>
#include <linux/rcupdate.h>
#include <linux/u64_stats_sync.h>

#include "compat.h"
#include "flow.h"
#include "netns.h"

struct netlink_ext_ack;

#define WGMESH_BOUNCE_MAX_PAIRS	32

/**
 * struct wgmesh_prefix - a block of addresses
 * @address: its first address
 * @family: AF_INET or AF_INET6
 * @length: of the prefix, in bits
 */
struct wgmesh_prefix {
	union wgmesh_address address;
	u16 family;
	u8 length;
};

/**
 * struct wgmesh_bounce_pair - two parties, in any order
 * @one: the addresses of one party
 * @other: the addresses of the other party, of the same family
 * @deny: they may not talk to each other; else they may
 */
struct wgmesh_bounce_pair {
	struct wgmesh_prefix one;
	struct wgmesh_prefix other;
	bool deny;
};

/**
 * struct wgmesh_bounce_settings - how an interface forwards; never changed, but replaced
 * @rcu: frees it
 * @group: interfaces of the same group forward to each other; 0 is an interface by itself
 * @n_pairs: how many there are
 * @has_allowed: only pairs that are allowed may talk; else all that are not denied
 * @pairs: who may talk to whom
 */
struct wgmesh_bounce_settings {
	struct rcu_head rcu;
	u32 group;
	u16 n_pairs;
	bool has_allowed;
	struct wgmesh_bounce_pair pairs[] __counted_by(n_pairs);
};

/**
 * enum wgmesh_bounce_count - what became of a packet
 * @WGMESH_BOUNCE_DENIED: dropped: the two may not talk to each other
 * @WGMESH_BOUNCE_EXPIRED: dropped: no hop was left
 * @WGMESH_BOUNCE_TOO_BIG: dropped: larger than the MTU
 * @WGMESH_BOUNCE_ERROR: dropped: by WireGuard, or no memory
 * @WGMESH_BOUNCE_ELSEWHERE: to the stack: for this host, or for another interface
 * @WGMESH_BOUNCE_SOURCE: to the stack: the source address is not one to forward from
 * @WGMESH_BOUNCE_UNUSUAL: to the stack, which has to look at it
 * @WGMESH_BOUNCE_COUNTS: how many of these there are
 * @WGMESH_BOUNCE_FORWARDED: forwarded; counted apart, with bytes
 */
enum wgmesh_bounce_count {
	WGMESH_BOUNCE_DENIED,
	WGMESH_BOUNCE_EXPIRED,
	WGMESH_BOUNCE_TOO_BIG,
	WGMESH_BOUNCE_ERROR,
	WGMESH_BOUNCE_ELSEWHERE,
	WGMESH_BOUNCE_SOURCE,
	WGMESH_BOUNCE_UNUSUAL,
	WGMESH_BOUNCE_COUNTS,
	WGMESH_BOUNCE_FORWARDED = WGMESH_BOUNCE_COUNTS,
};

/**
 * struct wgmesh_bounce_counters - of one CPU
 * @syncp: lets 32-bit readers read 64 bits
 * @packets: forwarded
 * @bytes: of these
 * @counts: the others, by enum wgmesh_bounce_count
 */
struct wgmesh_bounce_counters {
	struct u64_stats_sync syncp;
	u64_stats_t packets;
	u64_stats_t bytes;
	u64_stats_t counts[WGMESH_BOUNCE_COUNTS];
};

/**
 * struct wgmesh_bounce_totals - the same of all CPUs
 * @packets: forwarded
 * @bytes: of these
 * @counts: the others, by enum wgmesh_bounce_count
 */
struct wgmesh_bounce_totals {
	u64 packets;
	u64 bytes;
	u64 counts[WGMESH_BOUNCE_COUNTS];
};

/**
 * struct wgmesh_bounce - a WireGuard interface that forwards between its peers
 * @wn: the namespace where the interface lives
 * @dev: the interface, with a reference
 * @dev_tracker: debugging of the reference to @dev
 * @settings: who may talk to whom
 * @counters: of each CPU, for what came in by the interface
 * @ways: what was decided before about packets that come in by it, of each CPU
 * @rcu: frees it
 */
struct wgmesh_bounce {
	struct wgmesh_net *wn;
	struct net_device *dev;
	netdevice_tracker dev_tracker;
	struct wgmesh_bounce_settings __rcu *settings;
	struct wgmesh_bounce_counters __percpu *counters;
	struct wgmesh_bounce_ways __percpu *ways;
	struct rcu_head rcu;
};

struct wgmesh_bounce *wgmesh_bounce_set(struct wgmesh_net *wn, struct net_device *dev,
					struct wgmesh_bounce_settings *settings,
					struct netlink_ext_ack *extack);
void wgmesh_bounce_remove(struct wgmesh_bounce *bounce);
void wgmesh_bounce_remove_all(struct wgmesh_net *wn);
void wgmesh_bounce_totals(const struct wgmesh_bounce *bounce,
			  struct wgmesh_bounce_totals *totals);
int wgmesh_bounce_init(void);
void wgmesh_bounce_exit(void);

/**
 * wgmesh_bounce_of() - does an interface forward between its peers?
 * @wn: the namespace where it lives
 * @dev: the interface
 *
 * Context: Under rcu_read_lock(), or the lock of the namespace.
 * Return: what it forwards by, or NULL.
 */
static inline struct wgmesh_bounce *wgmesh_bounce_of(struct wgmesh_net *wn,
						     const struct net_device *dev)
{
	return dev->type == ARPHRD_NONE ? xa_load(&wn->bounces, dev->ifindex) : NULL;
}

/**
 * wgmesh_bounce_count() - count a packet
 * @bounce: of the interface that it came in by
 * @what: what became of it
 *
 * Context: Bottom halves disabled.
 */
static inline void wgmesh_bounce_count(struct wgmesh_bounce *bounce, enum wgmesh_bounce_count what)
{
	struct wgmesh_bounce_counters *counters = this_cpu_ptr(bounce->counters);

	u64_stats_update_begin(&counters->syncp);
	u64_stats_inc(&counters->counts[what]);
	u64_stats_update_end(&counters->syncp);
}

#endif /* WGMESH_BOUNCE_H */
