// SPDX-License-Identifier: GPL-2.0
/*
 * Paths: adding and removing them, and their counters.
 */
#include <linux/ktime.h>
#include <linux/slab.h>
#include <net/route.h>

#include "netlink.h"
#include "netns.h"
#include "path.h"
#include "peer.h"
#include "prober.h"
#include "select.h"

static void path_free(struct wgmesh_path *path)
{
	wgmesh_route_destroy(&path->route);
	free_percpu(path->counters);
	kfree(path);
}

static void path_free_rcu(struct rcu_head *rcu)
{
	path_free(container_of(rcu, struct wgmesh_path, rcu));
}

static struct wgmesh_path *path_alloc(struct wgmesh_peer *peer, const struct wgmesh_flow *flow,
				      int ifindex)
{
	struct wgmesh_path *path = kzalloc(sizeof(*path), GFP_KERNEL);
	int cpu;

	if (!path)
		return NULL;
	path->counters = alloc_percpu(struct wgmesh_path_counters);
	if (!path->counters || wgmesh_route_init(&path->route, ifindex)) {
		path_free(path);
		return NULL;
	}
	for_each_possible_cpu(cpu)
		u64_stats_init(&per_cpu_ptr(path->counters, cpu)->syncp);
	INIT_LIST_HEAD(&path->peer_node);
	path->peer = peer;
	path->node.flow = *flow;
	path->node.kind = WGMESH_FLOW_PATH;
	path->liveness.since_ns = ktime_get_ns();
	wgmesh_pmtu_init(&path->pmtu, flow->family == AF_INET6);
	return path;
}

/* ICE finds other ports between two hosts, and the network between them is the same. The addresses
 * of a path through a relay do not tell where it leads beyond.
 */
static void inherit_record(struct wgmesh_path *path)
{
	const struct wgmesh_flow *flow = &path->node.flow;
	struct wgmesh_peer *peer = path->peer;
	struct wgmesh_record record;
	struct wgmesh_path *other;

	if (flow->channel)
		return;
	if (wgmesh_flow_same_addresses(flow, &peer->former_flow))
		path->liveness.record = peer->former_record;
	list_for_each_entry(other, &peer->paths, peer_node) {
		if (other->node.flow.channel ||
		    !wgmesh_flow_same_addresses(flow, &other->node.flow))
			continue;
		record = wgmesh_liveness_record(&other->liveness);
		if (wgmesh_record_is_bad(&record) || wgmesh_record_is_good(&record))
			path->liveness.record = record;
	}
}

/* What a path that goes leaves behind for inherit_record(). */
static void leave_record(const struct wgmesh_path *path)
{
	const struct wgmesh_record record = wgmesh_liveness_record(&path->liveness);
	struct wgmesh_peer *peer = path->peer;
	const bool same = wgmesh_flow_same_addresses(&path->node.flow, &peer->former_flow);

	if (path->node.flow.channel)
		return;
	if (!wgmesh_record_is_bad(&record) && !(same && wgmesh_record_is_good(&record)))
		return;
	peer->former_flow = path->node.flow;
	peer->former_record = record;
}

/**
 * wgmesh_path_add() - give a peer one more path
 * @peer: the peer
 * @flow: the endpoints, valid unicast addresses of one family, and the channel of a relay
 * @ifindex: interface to send through, or 0 for what the routes say
 * @kind: direct or relay
 * @priority: what it is selected by, the highest wins
 * @policy: whether it may be selected, or has to be
 * @extack: gets the reason of a refusal
 *
 * Context: Process, under the lock of the namespace; may sleep.
 * Return: the path, or an error pointer: -EEXIST when the flow is in the table,
 * -ENOSPC when the peer has all the paths it can have, -ENOMEM.
 */
struct wgmesh_path *wgmesh_path_add(struct wgmesh_peer *peer, const struct wgmesh_flow *flow,
				    int ifindex, enum wgmesh_path_kind kind, u32 priority,
				    enum wgmesh_path_policy policy,
				    struct netlink_ext_ack *extack)
{
	struct wgmesh_net *wn = peer->device->wn;
	struct wgmesh_path *path;
	int err;

	lockdep_assert_held(&wn->lock);
	if (peer->n_paths >= WGMESH_PATHS_PER_PEER) {
		NL_SET_ERR_MSG(extack, "the peer has all the paths it can have; remove one first");
		return ERR_PTR(-ENOSPC);
	}
	path = path_alloc(peer, flow, ifindex);
	if (!path)
		return ERR_PTR(-ENOMEM);
	path->kind = kind;
	path->priority = priority;
	path->policy = policy;

	err = xa_alloc_cyclic(&wn->paths, &path->id, path, XA_LIMIT(1, INT_MAX), &wn->next_path,
			      GFP_KERNEL);
	if (err < 0)
		goto err_free;
	err = wgmesh_flow_insert(wn, &path->node);
	if (err) {
		if (err == -EEXIST)
			NL_SET_ERR_MSG(extack, "these endpoints are in use");
		goto err_id;
	}
	peer->n_paths++;
	spin_lock_bh(&peer->lock);
	inherit_record(path);
	list_add_tail(&path->peer_node, &peer->paths);
	wgmesh_select(peer, WGMESH_REASON_ADDED);
	spin_unlock_bh(&peer->lock);
	wgmesh_notify_path(path, WGMESH_CMD_PATH_NTF);
	wgmesh_prober_kick(peer);
	return path;

err_id:
	xa_erase(&wn->paths, path->id);
err_free:
	path_free(path);
	return ERR_PTR(err);
}

/**
 * wgmesh_path_add_follower() - try other endpoints for a path
 * @path: the path, which goes on as it is
 * @flow: the other endpoints
 *
 * The follower is probed as any path, and carries no data until wgmesh_path_follow().
 *
 * Context: Process, under the lock of the namespace; may sleep.
 * Return: the follower, or an error pointer: -EEXIST when the flow is in the table, -ENOMEM.
 */
struct wgmesh_path *wgmesh_path_add_follower(struct wgmesh_path *path,
					     const struct wgmesh_flow *flow)
{
	struct wgmesh_peer *peer = path->peer;
	struct wgmesh_net *wn = peer->device->wn;
	struct wgmesh_path *follower;
	int err;

	lockdep_assert_held(&wn->lock);
	follower = path_alloc(peer, flow, path->route.ifindex);
	if (!follower)
		return ERR_PTR(-ENOMEM);
	follower->follows = path;
	follower->route.mark = READ_ONCE(path->route.mark);
	err = wgmesh_flow_insert(wn, &follower->node);
	if (err) {
		path_free(follower);
		return ERR_PTR(err);
	}
	spin_lock_bh(&peer->lock);
	inherit_record(follower);
	list_add_tail(&follower->peer_node, &peer->paths);
	spin_unlock_bh(&peer->lock);
	wgmesh_prober_kick(peer);
	return follower;
}

/* Takes the path out of everything that packets find it by. */
static void path_unlink(struct wgmesh_path *path)
{
	wgmesh_flow_remove(path->peer->device->wn, &path->node);
	call_rcu(&path->rcu, path_free_rcu);
}

/**
 * wgmesh_path_follow() - a follower takes the place of the path it follows
 * @follower: the follower, which the peer answered on
 *
 * The path keeps its number, its counters and whatever was configured; it has other endpoints now.
 *
 * Context: Process, under the lock of the namespace; may sleep.
 */
void wgmesh_path_follow(struct wgmesh_path *follower)
{
	struct wgmesh_path *path = follower->follows;
	struct wgmesh_peer *peer = path->peer;
	struct wgmesh_net *wn = peer->device->wn;

	lockdep_assert_held(&wn->lock);
	spin_lock_bh(&peer->lock);
	follower->id = path->id;
	follower->kind = path->kind;
	follower->priority = path->priority;
	follower->policy = path->policy;
	swap(follower->counters, path->counters);
	wgmesh_pmtu_inherit(&follower->pmtu, &path->pmtu);
	follower->follows = NULL;
	leave_record(path);
	list_del(&follower->peer_node);
	list_replace_init(&path->peer_node, &follower->peer_node);
	if (rcu_access_pointer(peer->selected) == path)
		rcu_assign_pointer(peer->selected, follower);
	if (rcu_access_pointer(peer->copy) == path)
		rcu_assign_pointer(peer->copy, follower);
	wgmesh_select(peer, WGMESH_REASON_RECOVERED);
	spin_unlock_bh(&peer->lock);
	/* takes the place of an entry, so it needs no memory */
	xa_store(&wn->paths, follower->id, follower, GFP_KERNEL);
	path_unlink(path);
	wgmesh_notify_path(follower, WGMESH_CMD_PATH_NTF);
}

/**
 * wgmesh_path_change() - change what may change of a path
 * @path: the path
 * @kind: direct or relay
 * @priority: what it is selected by
 * @policy: whether it may be selected, or has to be
 *
 * Context: Process, under the lock of the namespace; may sleep.
 */
void wgmesh_path_change(struct wgmesh_path *path, enum wgmesh_path_kind kind, u32 priority,
			enum wgmesh_path_policy policy)
{
	struct wgmesh_peer *peer = path->peer;
	enum wgmesh_reason reason = path->policy == policy ? WGMESH_REASON_PRIORITY :
							     WGMESH_REASON_POLICY;

	if (path->kind == kind && path->priority == priority && path->policy == policy)
		return;
	spin_lock_bh(&peer->lock);
	path->kind = kind;
	path->priority = priority;
	path->policy = policy;
	wgmesh_select(peer, reason);
	spin_unlock_bh(&peer->lock);
	wgmesh_notify_path(path, WGMESH_CMD_PATH_NTF);
	wgmesh_prober_kick(peer);
}

/**
 * wgmesh_path_remove() - remove a path and its follower; packets take the next best
 * @path: the path, or a follower; freed after a grace period
 *
 * Context: Process, under the lock of the namespace; may sleep.
 */
void wgmesh_path_remove(struct wgmesh_path *path)
{
	struct wgmesh_peer *peer = path->peer;
	struct wgmesh_net *wn = peer->device->wn;
	struct wgmesh_path *follower;

	lockdep_assert_held(&wn->lock);
	follower = wgmesh_path_follower(path);
	if (follower)
		wgmesh_path_remove(follower);
	spin_lock_bh(&peer->lock);
	list_del_init(&path->peer_node);
	if (!path->follows) {
		leave_record(path);
		wgmesh_select(peer, WGMESH_REASON_REMOVED);
	}
	spin_unlock_bh(&peer->lock);
	if (!path->follows) {
		peer->n_paths--;
		wgmesh_notify_path(path, WGMESH_CMD_PATH_DEL_NTF);
		xa_erase(&wn->paths, path->id);
	}
	path_unlink(path);
}

/**
 * wgmesh_path_follower() - the follower of a path
 * @path: the path
 *
 * Context: Under the lock of the namespace or of the peer.
 * Return: the follower, or NULL.
 */
struct wgmesh_path *wgmesh_path_follower(const struct wgmesh_path *path)
{
	struct wgmesh_path *follower;

	list_for_each_entry(follower, &path->peer->paths, peer_node)
		if (follower->follows == path)
			return follower;
	return NULL;
}

/**
 * wgmesh_path_find() - find a path by its endpoints and its channel
 * @wn: the namespace, locked
 * @flow: the endpoints and the channel
 *
 * Context: Process.
 * Return: the path; NULL when there is none, or something else has these endpoints.
 */
struct wgmesh_path *wgmesh_path_find(struct wgmesh_net *wn, const struct wgmesh_flow *flow)
{
	struct wgmesh_flow_node *node;

	lockdep_assert_held(&wn->lock);
	rcu_read_lock();
	node = wgmesh_flow_lookup(wn, flow);
	rcu_read_unlock();
	if (!node || node->kind != WGMESH_FLOW_PATH)
		return NULL;
	return container_of(node, struct wgmesh_path, node);
}

/* The remote endpoint is routed into the tunnel whose packets are sent to it. */
static bool leads_into_itself(const struct wgmesh_path *path, const struct dst_entry *dst)
{
	return dst->dev == path->peer->device->dev;
}

/**
 * wgmesh_path_route4() - the route of an IPv4 path
 * @path: the path
 * @mark: firewall mark to route by
 * @sk: WireGuard's socket, or NULL
 *
 * Context: Bottom halves disabled, under rcu_read_lock().
 * Return: the route with a reference, or an error pointer.
 */
struct rtable *wgmesh_path_route4(struct wgmesh_path *path, u32 mark, struct sock *sk)
{
	struct rtable *rt = wgmesh_route4(path->peer->device->wn->net, &path->route,
					  &path->node.flow, mark, sk);

	if (IS_ERR(rt) || likely(!leads_into_itself(path, &rt->dst)))
		return rt;
	ip_rt_put(rt);
	return ERR_PTR(-ELOOP);
}

/**
 * wgmesh_path_route6() - the route of an IPv6 path
 * @path: the path
 * @mark: firewall mark to route by
 * @sk: WireGuard's socket, or NULL
 *
 * Context: Bottom halves disabled, under rcu_read_lock().
 * Return: the route with a reference, or an error pointer.
 */
struct dst_entry *wgmesh_path_route6(struct wgmesh_path *path, u32 mark, struct sock *sk)
{
	struct dst_entry *dst = wgmesh_route6(path->peer->device->wn->net, &path->route,
					      &path->node.flow, mark, sk);

	if (IS_ERR(dst) || likely(!leads_into_itself(path, dst)))
		return dst;
	dst_release(dst);
	return ERR_PTR(-ELOOP);
}

/**
 * wgmesh_path_dst() - the route of a path for what the module sends by itself
 * @path: the path
 *
 * Context: Bottom halves disabled, under rcu_read_lock().
 * Return: the route with a reference, or NULL when there is none.
 */
struct dst_entry *wgmesh_path_dst(struct wgmesh_path *path)
{
	const u32 mark = READ_ONCE(path->route.mark);
	struct dst_entry *dst;
	struct rtable *rt;

	if (path->node.flow.family == AF_INET) {
		rt = wgmesh_path_route4(path, mark, NULL);
		return IS_ERR(rt) ? NULL : &rt->dst;
	}
	dst = wgmesh_path_route6(path, mark, NULL);
	return IS_ERR(dst) ? NULL : dst;
}

/**
 * wgmesh_path_mtu() - the MTU of a path's route
 * @path: the path
 *
 * Context: Process or softirq, under the lock of the namespace or rcu_read_lock().
 * Return: bytes of IP packet, or 0 when there is no route.
 */
unsigned int wgmesh_path_mtu(struct wgmesh_path *path)
{
	struct dst_entry *dst;
	unsigned int mtu = 0;

	rcu_read_lock();
	local_bh_disable();
	dst = wgmesh_path_dst(path);
	if (dst) {
		mtu = dst_mtu(dst);
		dst_release(dst);
	}
	local_bh_enable();
	rcu_read_unlock();
	return mtu;
}

/**
 * wgmesh_path_count_tx() - count a message sent
 * @path: the path
 * @bytes: its length
 *
 * Context: Bottom halves disabled.
 */
void wgmesh_path_count_tx(struct wgmesh_path *path, unsigned int bytes)
{
	struct wgmesh_path_counters *counters = this_cpu_ptr(path->counters);

	u64_stats_update_begin(&counters->syncp);
	u64_stats_inc(&counters->tx_packets);
	u64_stats_add(&counters->tx_bytes, bytes);
	u64_stats_update_end(&counters->syncp);
}

/**
 * wgmesh_path_count_rx() - count a message received
 * @path: the path
 * @bytes: its length
 *
 * Context: Bottom halves disabled.
 */
void wgmesh_path_count_rx(struct wgmesh_path *path, unsigned int bytes)
{
	struct wgmesh_path_counters *counters = this_cpu_ptr(path->counters);

	WRITE_ONCE(counters->rx_last, jiffies);
	u64_stats_update_begin(&counters->syncp);
	u64_stats_inc(&counters->rx_packets);
	u64_stats_add(&counters->rx_bytes, bytes);
	u64_stats_update_end(&counters->syncp);
}

/**
 * wgmesh_path_count_tx_error() - count a message that could not be sent
 * @path: the path
 *
 * Context: Bottom halves disabled.
 */
void wgmesh_path_count_tx_error(struct wgmesh_path *path)
{
	struct wgmesh_path_counters *counters = this_cpu_ptr(path->counters);

	u64_stats_update_begin(&counters->syncp);
	u64_stats_inc(&counters->tx_errors);
	u64_stats_update_end(&counters->syncp);
}

/**
 * wgmesh_path_totals() - add up the counters of all CPUs
 * @path: the path
 * @totals: gets the sums
 *
 * Context: Any.
 */
void wgmesh_path_totals(const struct wgmesh_path *path, struct wgmesh_path_totals *totals)
{
	int cpu;

	memset(totals, 0, sizeof(*totals));
	for_each_possible_cpu(cpu) {
		const struct wgmesh_path_counters *counters = per_cpu_ptr(path->counters, cpu);
		struct wgmesh_path_totals one;
		unsigned int start;

		do {
			start = u64_stats_fetch_begin(&counters->syncp);
			one.tx_packets = u64_stats_read(&counters->tx_packets);
			one.tx_bytes = u64_stats_read(&counters->tx_bytes);
			one.rx_packets = u64_stats_read(&counters->rx_packets);
			one.rx_bytes = u64_stats_read(&counters->rx_bytes);
			one.tx_errors = u64_stats_read(&counters->tx_errors);
		} while (u64_stats_fetch_retry(&counters->syncp, start));
		one.rx_last = READ_ONCE(counters->rx_last);

		if (one.rx_packets &&
		    (!totals->rx_packets || time_after(one.rx_last, totals->rx_last)))
			totals->rx_last = one.rx_last;
		totals->tx_packets += one.tx_packets;
		totals->tx_bytes += one.tx_bytes;
		totals->rx_packets += one.rx_packets;
		totals->rx_bytes += one.rx_bytes;
		totals->tx_errors += one.tx_errors;
	}
}

/**
 * wgmesh_path_handshake_sent() - a handshake message leaves on this path
 * @path: the path
 * @index: what the answer will be addressed to
 *
 * Context: Any.
 */
void wgmesh_path_handshake_sent(struct wgmesh_path *path, u32 index)
{
	WRITE_ONCE(path->handshake_index, index);
	atomic64_set(&path->handshake_sent, ktime_get_ns());
}

/**
 * wgmesh_path_handshake_answered() - a message came that may be the answer
 * @path: the path
 * @index: what it is addressed to
 *
 * Makes a sample of the round-trip time, smoothed as in RFC 6298 (one eighth of
 * each new sample). The answer may be a forgery: it can falsify the time shown,
 * nothing else.
 *
 * Context: Any, under rcu_read_lock().
 */
void wgmesh_path_handshake_answered(struct wgmesh_path *path, u32 index)
{
	u32 old = READ_ONCE(path->handshake_rtt_us), sample;
	u64 sent;

	if (READ_ONCE(path->handshake_index) != index)
		return;
	sent = atomic64_xchg(&path->handshake_sent, 0);
	if (!sent)
		return;
	sample = clamp_t(u64, div_u64(ktime_get_ns() - sent, NSEC_PER_USEC), 1, INT_MAX);
	WRITE_ONCE(path->handshake_rtt_us, old ? old - old / 8 + sample / 8 : sample);
}
