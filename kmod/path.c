// SPDX-License-Identifier: GPL-2.0
/*
 * Paths: adding and removing them, and their counters.
 */
#include <linux/ktime.h>
#include <linux/slab.h>

#include "events.h"
#include "interface.h"
#include "netns.h"
#include "path.h"
#include "peer.h"
#include "select.h"

static struct kmem_cache *path_cache __ro_after_init;

/**
 * wgmesh_path_init() - prepare to make paths
 *
 * Context: Process; may sleep.
 * Return: 0 or -ENOMEM.
 */
int __init wgmesh_path_init(void)
{
	path_cache = KMEM_CACHE(wgmesh_path, SLAB_ACCOUNT | SLAB_HWCACHE_ALIGN);
	return path_cache ? 0 : -ENOMEM;
}

/**
 * wgmesh_path_exit() - undo wgmesh_path_init(); all paths are freed, as rcu_barrier() made sure
 *
 * Context: Process; may sleep.
 */
void wgmesh_path_exit(void)
{
	kmem_cache_destroy(path_cache);
}

static void begin_cpu(void *one)
{
	struct wgmesh_path_cpu *cpu = one;

	u64_stats_init(&cpu->counters.syncp);
}

static const struct wgmesh_percpu_kind cpu_kind = {
	.size = sizeof(struct wgmesh_path_cpu),
	.align = __alignof__(struct wgmesh_path_cpu),
	.begin = begin_cpu,
};

static void path_free(struct wgmesh_path *path)
{
	BUILD_BUG_ON(offsetof(struct wgmesh_path_cpu, route));
	wgmesh_route_release(path->cpus.memory);
	kmem_cache_free(path_cache, path);
}

/* Nothing has found it yet. */
static void path_discard(struct wgmesh_path *path)
{
	wgmesh_interface_forget(path);
	path_free(path);
}

static void path_free_rcu(struct rcu_head *rcu)
{
	path_free(container_of(rcu, struct wgmesh_path, rcu));
}

static struct wgmesh_path *path_alloc(struct wgmesh_peer *peer, const struct wgmesh_flow *flow,
				      int ifindex)
{
	struct mem_cgroup *payer = peer->device->payer;
	struct mem_cgroup *former = set_active_memcg(payer);
	struct wgmesh_path *path = kmem_cache_zalloc(path_cache, GFP_KERNEL);

	set_active_memcg(former);
	if (!path)
		return NULL;
	path->cpus.payer = payer;
	path->peer = peer;
	path->route.of_path = true;
	wgmesh_interface_set(path, ifindex);
	path->node.flow = *flow;
	path->node.kind = WGMESH_FLOW_PATH;
	path->liveness.since_ns = ktime_get_ns();
	wgmesh_keep_init(&path->keep, path->liveness.since_ns);
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
	if (wgmesh_flow_same_addresses(flow, &peer->kept_flow))
		wgmesh_keep_inherit(&path->keep, &peer->kept);
	list_for_each_entry(other, &peer->paths, peer_node) {
		if (other->node.flow.channel ||
		    !wgmesh_flow_same_addresses(flow, &other->node.flow))
			continue;
		wgmesh_keep_inherit(&path->keep, &other->keep);
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
	peer->kept_flow = path->node.flow;
	peer->kept = path->keep;
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
 * The caller tells the prober that there is something to probe, here and in the others.
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
			      GFP_KERNEL_ACCOUNT);
	if (err < 0)
		goto err_free;
	err = wgmesh_flow_insert(wn, &path->node);
	if (err) {
		if (err == -EEXIST)
			NL_SET_ERR_MSG(extack, "these endpoints are in use");
		goto err_id;
	}
	peer->n_paths++;
	WRITE_ONCE(wn->n_paths, wn->n_paths + 1);
	spin_lock_bh(&peer->lock);
	inherit_record(path);
	list_add_tail_rcu(&path->peer_node, &peer->paths);
	wgmesh_select(peer, WGMESH_REASON_ADDED);
	spin_unlock_bh(&peer->lock);
	wgmesh_notify_path(path, WGMESH_CMD_PATH_NTF);
	return path;

err_id:
	xa_erase(&wn->paths, path->id);
err_free:
	path_discard(path);
	return ERR_PTR(err);
}

/**
 * wgmesh_path_add_follower() - try other endpoints for a path
 * @path: the path, which goes on as it is
 * @flow: the other endpoints
 * @ifindex: interface to send through, or 0 for what the routes say
 *
 * The follower is probed as any path, and carries no data until wgmesh_path_follow().
 *
 * Context: Process, under the lock of the namespace; may sleep.
 * Return: the follower, or an error pointer: -EEXIST when the flow is in the table, -ENOMEM.
 */
struct wgmesh_path *wgmesh_path_add_follower(struct wgmesh_path *path,
					     const struct wgmesh_flow *flow, int ifindex)
{
	struct wgmesh_peer *peer = path->peer;
	struct wgmesh_net *wn = peer->device->wn;
	struct wgmesh_path *follower;
	int err;

	lockdep_assert_held(&wn->lock);
	follower = path_alloc(peer, flow, ifindex);
	if (!follower)
		return ERR_PTR(-ENOMEM);
	follower->follows = path;
	err = wgmesh_flow_insert(wn, &follower->node);
	if (err) {
		path_discard(follower);
		return ERR_PTR(err);
	}
	spin_lock_bh(&peer->lock);
	inherit_record(follower);
	list_add_tail_rcu(&follower->peer_node, &peer->paths);
	spin_unlock_bh(&peer->lock);
	return follower;
}

/* Takes the path out of everything that packets find it by. */
static void path_unlink(struct wgmesh_path *path)
{
	wgmesh_flow_remove(path->peer->device->wn, &path->node);
	wgmesh_interface_forget(path);
	call_rcu(&path->rcu, path_free_rcu);
}

/* What had come over the follower itself stays counted, too. */
static void inherit_counts(struct wgmesh_path *follower, const struct wgmesh_path *path)
{
	struct wgmesh_path_rest *rest = &follower->rest;
	struct wgmesh_path_totals totals;

	wgmesh_path_totals(path, &totals);
	if (totals.rx_packets && !atomic64_read(&rest->rx_packets))
		WRITE_ONCE(rest->rx_last, totals.rx_last);
	atomic64_add(totals.tx_packets, &rest->tx_packets);
	atomic64_add(totals.tx_bytes, &rest->tx_bytes);
	atomic64_add(totals.rx_packets, &rest->rx_packets);
	atomic64_add(totals.rx_bytes, &rest->rx_bytes);
	atomic64_add(totals.tx_errors, &rest->tx_errors);
}

/**
 * wgmesh_path_follow() - a follower takes the place of the path it follows
 * @follower: the follower, which the peer answered on
 *
 * The path keeps its number, its counts and whatever was configured; it has other endpoints now,
 * and so other routes, which are what else each CPU has of a path: that is not passed on.
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
	wgmesh_pmtu_inherit(&follower->pmtu, &path->pmtu);
	follower->follows = NULL;
	leave_record(path);
	/* who walks the list meanwhile may meet some paths twice, and comes to its end */
	list_del_rcu(&follower->peer_node);
	list_replace_rcu(&path->peer_node, &follower->peer_node);
	path->removed = true;
	if (rcu_access_pointer(peer->selected) == path)
		rcu_assign_pointer(peer->selected, follower);
	if (rcu_access_pointer(peer->copy) == path)
		rcu_assign_pointer(peer->copy, follower);
	inherit_counts(follower, path);
	wgmesh_select(peer, WGMESH_REASON_RECOVERED);
	spin_unlock_bh(&peer->lock);
	/* takes the place of an entry, so it needs no memory */
	xa_store(&wn->paths, follower->id, follower, GFP_KERNEL_ACCOUNT);
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
	list_del_rcu(&path->peer_node);
	path->removed = true;
	if (!path->follows) {
		leave_record(path);
		wgmesh_select(peer, WGMESH_REASON_REMOVED);
	}
	spin_unlock_bh(&peer->lock);
	if (!path->follows) {
		peer->n_paths--;
		WRITE_ONCE(wn->n_paths, wn->n_paths - 1);
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

/**
 * wgmesh_path_count_tx() - count a message sent
 * @path: the path
 * @bytes: its length
 *
 * Context: Bottom halves disabled.
 */
void wgmesh_path_count_tx(struct wgmesh_path *path, unsigned int bytes)
{
	struct wgmesh_path_cpu *cpu = wgmesh_percpu_for_packet(&path->cpus, &cpu_kind);

	if (unlikely(!cpu)) {
		atomic64_inc(&path->rest.tx_packets);
		atomic64_add(bytes, &path->rest.tx_bytes);
		return;
	}
	u64_stats_update_begin(&cpu->counters.syncp);
	u64_stats_inc(&cpu->counters.tx_packets);
	u64_stats_add(&cpu->counters.tx_bytes, bytes);
	u64_stats_update_end(&cpu->counters.syncp);
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
	struct wgmesh_path_cpu *cpu = wgmesh_percpu_for_packet(&path->cpus, &cpu_kind);

	if (unlikely(!cpu)) {
		WRITE_ONCE(path->rest.rx_last, jiffies);
		atomic64_inc(&path->rest.rx_packets);
		atomic64_add(bytes, &path->rest.rx_bytes);
		return;
	}
	WRITE_ONCE(cpu->counters.rx_last, jiffies);
	u64_stats_update_begin(&cpu->counters.syncp);
	u64_stats_inc(&cpu->counters.rx_packets);
	u64_stats_add(&cpu->counters.rx_bytes, bytes);
	u64_stats_update_end(&cpu->counters.syncp);
}

/**
 * wgmesh_path_count_tx_error() - count a message that could not be sent
 * @path: the path
 *
 * Context: Bottom halves disabled.
 */
void wgmesh_path_count_tx_error(struct wgmesh_path *path)
{
	struct wgmesh_path_cpu *cpu = wgmesh_percpu_this(&path->cpus);

	if (unlikely(!cpu)) {
		atomic64_inc(&path->rest.tx_errors);
		return;
	}
	u64_stats_update_begin(&cpu->counters.syncp);
	u64_stats_inc(&cpu->counters.tx_errors);
	u64_stats_update_end(&cpu->counters.syncp);
}

static void add_totals(struct wgmesh_path_totals *totals, const struct wgmesh_path_totals *more)
{
	if (more->rx_packets &&
	    (!totals->rx_packets || time_after(more->rx_last, totals->rx_last)))
		totals->rx_last = more->rx_last;
	totals->tx_packets += more->tx_packets;
	totals->tx_bytes += more->tx_bytes;
	totals->rx_packets += more->rx_packets;
	totals->rx_bytes += more->rx_bytes;
	totals->tx_errors += more->tx_errors;
}

static void read_cpu(const struct wgmesh_path_counters *counters, struct wgmesh_path_totals *one)
{
	unsigned int start;

	do {
		start = u64_stats_fetch_begin(&counters->syncp);
		one->tx_packets = u64_stats_read(&counters->tx_packets);
		one->tx_bytes = u64_stats_read(&counters->tx_bytes);
		one->rx_packets = u64_stats_read(&counters->rx_packets);
		one->rx_bytes = u64_stats_read(&counters->rx_bytes);
		one->tx_errors = u64_stats_read(&counters->tx_errors);
	} while (u64_stats_fetch_retry(&counters->syncp, start));
	one->rx_last = READ_ONCE(counters->rx_last);
}

/**
 * wgmesh_path_totals() - add up what went over a path
 * @path: the path
 * @totals: gets the sums
 *
 * One that nothing went over has nothing to be looked at of each CPU.
 *
 * Context: Any.
 */
void wgmesh_path_totals(const struct wgmesh_path *path, struct wgmesh_path_totals *totals)
{
	void __percpu *memory = wgmesh_percpu_memory(&path->cpus);
	const struct wgmesh_path_rest *rest = &path->rest;
	int cpu;

	*totals = (struct wgmesh_path_totals){
		.tx_packets = atomic64_read(&rest->tx_packets),
		.tx_bytes = atomic64_read(&rest->tx_bytes),
		.rx_packets = atomic64_read(&rest->rx_packets),
		.rx_bytes = atomic64_read(&rest->rx_bytes),
		.tx_errors = atomic64_read(&rest->tx_errors),
		.rx_last = READ_ONCE(rest->rx_last),
	};
	if (!memory)
		return;
	for_each_possible_cpu(cpu) {
		const struct wgmesh_path_cpu *one = per_cpu_ptr(memory, cpu);
		struct wgmesh_path_totals more;

		read_cpu(&one->counters, &more);
		add_totals(totals, &more);
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
