/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The prober: sends probes on the paths of a peer, answers those of the peer, and tells the
 * selection what became of them.
 */
#ifndef WGMESH_PROBER_H
#define WGMESH_PROBER_H

#include <linux/rcupdate.h>
#include <linux/timer.h>
#include <linux/types.h>

#include "pace.h"
#include "probe.h"
#include "rate.h"

struct wgmesh_path;
struct wgmesh_peer;

/**
 * struct wgmesh_probe_keys - what authenticates the probes between this node and a peer
 * @tx: those to the peer
 * @rx: those from the peer
 * @rcu: frees it
 */
struct wgmesh_probe_keys {
	u8 tx[WGMESH_PROBE_KEY_LEN];
	u8 rx[WGMESH_PROBE_KEY_LEN];
	struct rcu_head rcu;
};

/**
 * struct wgmesh_prober - the prober of a peer, under the lock of the peer
 * @keys: or NULL, then nothing is sent; read under RCU
 * @session: what its requests have to name
 * @foreign: limits the answers to those that name another one
 * @peer_session: what requests to it have to name, 0 while unknown
 * @told_sequence: that of the newest request whose answer told @peer_session
 * @sequence: that of the last request to it; begins at random
 * @pace: how often
 * @timer: when the next thing is to be done
 * @hearsay: limits what is sent to endpoints where the peer was only heard
 * @awake: it knew of traffic when it looked last
 * @active_until_ns: when it will take the peer for idle
 * @traffic: messages sent and received when it looked last
 */
struct wgmesh_prober {
	struct wgmesh_probe_keys __rcu *keys;
	struct wgmesh_probe_session session;
	struct wgmesh_rate foreign;
	u64 peer_session;
	u64 told_sequence;
	u64 sequence;
	struct wgmesh_pace pace;
	struct timer_list timer;
	struct wgmesh_allowance hearsay;
	bool awake;
	u64 active_until_ns;
	u64 traffic;
};

void wgmesh_prober_init(struct wgmesh_peer *peer);
void wgmesh_prober_exit(struct wgmesh_peer *peer);
int wgmesh_prober_set_keys(struct wgmesh_peer *peer, const u8 *tx, const u8 *rx);
void wgmesh_prober_kick(struct wgmesh_peer *peer);
void wgmesh_prober_wake(struct wgmesh_peer *peer);
bool wgmesh_prober_receive(struct wgmesh_path *path, const struct wgmesh_probe *probe,
			   unsigned int len);
bool wgmesh_prober_receive_stray(struct wgmesh_peer *peer, const struct wgmesh_probe *probe,
				 unsigned int len);
void wgmesh_prober_doubt(struct wgmesh_path *path);
bool wgmesh_prober_too_large(struct wgmesh_path *path, u32 mtu);
void wgmesh_prober_unroutable(struct wgmesh_path *path, int err);
void wgmesh_prober_looped(struct wgmesh_path *path);
struct wgmesh_pace wgmesh_prober_pace(const struct wgmesh_peer *peer);

#endif /* WGMESH_PROBER_H */
