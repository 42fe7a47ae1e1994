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

#include "probe.h"

struct sk_buff;
struct wgmesh_path;
struct wgmesh_peer;

#define WGMESH_PROBE_ACTIVE_MS	100
#define WGMESH_PROBE_STANDBY_MS	1000
#define WGMESH_PROBE_IDLE_MS	20000
#define WGMESH_PROBE_ATTEMPTS	5

/**
 * struct wgmesh_pace - how often probes are sent
 * @active_ms: on the path in use, while there is traffic
 * @standby_ms: on the others, while there is traffic
 * @idle_ms: on all, while there is none
 * @attempts: how many in a row without an answer make a path dead
 *
 * 0 is what the device has; in that of a device none is 0.
 */
struct wgmesh_pace {
	u32 active_ms;
	u32 standby_ms;
	u32 idle_ms;
	u32 attempts;
};

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
 * @window: requests of the peer that have been here
 * @sequence: that of the last request to it
 * @clock_ahead_s: how far the time was ahead of that since booting, when sequences began with it
 * @pace: how often
 * @timer: when the next thing is to be done
 * @awake: it knew of traffic when it looked last
 * @active_until_ns: when it will take the peer for idle
 * @traffic: messages sent and received when it looked last
 */
struct wgmesh_prober {
	struct wgmesh_probe_keys __rcu *keys;
	struct wgmesh_probe_window window;
	u64 sequence;
	s64 clock_ahead_s;
	struct wgmesh_pace pace;
	struct timer_list timer;
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
void wgmesh_prober_unroutable(struct wgmesh_path *path);
struct wgmesh_pace wgmesh_prober_pace(const struct wgmesh_peer *peer);

#endif /* WGMESH_PROBER_H */
