// SPDX-License-Identifier: GPL-2.0
/*
 * The prober: when a probe is sent, and what follows from its answer or the lack of one.
 */
#include <crypto/algapi.h>
#include <linux/ktime.h>
#include <linux/math64.h>
#include <linux/random.h>
#include <linux/slab.h>
#include <linux/timekeeping.h>
#include <linux/udp.h>
#include <net/ip.h>
#include <net/ipv6.h>

#include "channel-data.h"
#include "compat.h"
#include "netlink.h"
#include "netns.h"
#include "path.h"
#include "peer.h"
#include "prober.h"
#include "roam.h"
#include "select.h"
#include "transmit.h"

/* Between the probes of a path that did not answer the last one, or loses some. */
#define FAST_NS		(20 * (u64)NSEC_PER_MSEC)
/* A path that somebody says is broken: it takes two requests to know. */
#define DOUBTED_NS	(8 * (u64)NSEC_PER_MSEC)
/* A path that was just added: the peer may not know it yet. */
#define UNTESTED_NS	(100 * (u64)NSEC_PER_MSEC)
#define UNTESTED_FAST	30
/* Traffic may pause that long before probes become rare. */
#define ACTIVE_FOR_NS	(3 * (u64)NSEC_PER_SEC)

/* A timer of the kernel is late by up to an eighth of its time, together with all those of that
 * eighth: the probes of many idle peers would leave at once and overflow queues on their way. One
 * that is to wait longer than this therefore looks again a little before the time.
 */
#define TIMER_EXACT_NS	(2 * (u64)NSEC_PER_SEC)

/* Larger packets than an Ethernet takes are looked for only when WireGuard may send some: as large
 * as its interface allows, and the message's own bytes, the channel's, UDP's and IPv6's around it.
 */
#define MTU_ETHERNET	1500
#define MTU_OVERHEAD	(32 + WGMESH_CHANNEL_HEADER_LEN + sizeof(struct udphdr) + \
			 sizeof(struct ipv6hdr))

/* Sequences begin with the time, so that they go on rising when a node starts again, and begin
 * anew when its clock is set; there is room for a million a second.
 */
#define SEQUENCES_PER_S_SHIFT	20
#define CLOCK_STEP_S		2

/* A request that is sent as soon as the lock of the peer is free again. */
struct request {
	struct wgmesh_path *path;
	u64 sequence;
	unsigned int len;
};

/**
 * wgmesh_prober_pace() - how often the paths of a peer are probed
 * @peer: the peer
 *
 * Context: Under the lock of the peer or of the namespace.
 * Return: what the peer has of its own, and what the device has.
 */
struct wgmesh_pace wgmesh_prober_pace(const struct wgmesh_peer *peer)
{
	const struct wgmesh_pace *own = &peer->prober.pace, *device = &peer->device->pace;

	return (struct wgmesh_pace){
		.active_ms = own->active_ms ?: device->active_ms,
		.standby_ms = own->standby_ms ?: device->standby_ms,
		.idle_ms = own->idle_ms ?: device->idle_ms,
		.attempts = own->attempts ?: device->attempts,
	};
}

/* Lets probes of many peers spread in time: up to an eighth earlier. */
static u64 spread(u64 ns)
{
	return ns - mul_u64_u32_shr(ns >> 3, get_random_u32(), 32);
}

static bool in_use(const struct wgmesh_path *path)
{
	const struct wgmesh_peer *peer = path->peer;

	return rcu_access_pointer(peer->selected) == path ||
	       rcu_access_pointer(peer->copy) == path;
}

static u64 interval_ns(const struct wgmesh_path *path, const struct wgmesh_pace *pace, u64 now_ns)
{
	const struct wgmesh_liveness *liveness = &path->liveness;
	const u64 active_ns = (u64)pace->active_ms * NSEC_PER_MSEC;
	const u64 standby_ns = (u64)pace->standby_ms * NSEC_PER_MSEC;
	const bool active = path->peer->prober.awake;
	const u64 otherwise_ns = active ? standby_ns :
					  spread((u64)pace->idle_ms * NSEC_PER_MSEC);

	switch (liveness->state) {
	case WGMESH_PATH_STATE_UNTESTED:
		if (path->follows && liveness->sent < WGMESH_FOLLOWER_EAGER)
			return FAST_NS;
		return liveness->sent < UNTESTED_FAST ? UNTESTED_NS : otherwise_ns;
	case WGMESH_PATH_STATE_SUSPECT:
		return path->doubted ? DOUBTED_NS : min(FAST_NS, active_ns);
	case WGMESH_PATH_STATE_DEAD:
		return liveness->revived ? active_ns : otherwise_ns;
	case WGMESH_PATH_STATE_ALIVE:
		break;
	}
	if (!active)
		return otherwise_ns;
	if (in_use(path))
		return wgmesh_liveness_losing(liveness) ? min(FAST_NS, active_ns) : active_ns;
	if (liveness->record.lossy || wgmesh_liveness_held(liveness, now_ns))
		return active_ns;
	return standby_ns;
}

static void probe_others_at(struct wgmesh_path *path, u64 now_ns)
{
	struct wgmesh_path *other;

	list_for_each_entry(other, &path->peer->paths, peer_node)
		if (other != path)
			other->next_probe_ns = min(other->next_probe_ns, now_ns);
}

/* The state of the path was @before. */
static void state_changed(struct wgmesh_path *path, enum wgmesh_path_state before, u64 now_ns)
{
	const enum wgmesh_path_state state = path->liveness.state;

	if (state == before)
		return;
	if (path->follows) {
		if (state == WGMESH_PATH_STATE_ALIVE)
			wgmesh_roam_schedule(path->peer);
		return;
	}
	if (state == WGMESH_PATH_STATE_SUSPECT && in_use(path))
		probe_others_at(path, now_ns);
	if (state == WGMESH_PATH_STATE_DEAD && path->kind == WGMESH_PATH_KIND_DIRECT)
		wgmesh_roam_schedule(path->peer);
	/* A lost probe now and then is not worth an event. */
	if (state == WGMESH_PATH_STATE_DEAD ||
	    (state != WGMESH_PATH_STATE_SUSPECT && before != WGMESH_PATH_STATE_SUSPECT))
		wgmesh_notify_path_state(path);
}

/* The largest packet that passes is not what it was @before. */
static void pmtu_changed(struct wgmesh_path *path, u32 before)
{
	if (path->pmtu.mtu != before && !path->follows)
		wgmesh_notify_path_state(path);
}

/* A large packet takes longer than a small one. */
static u64 padded_timeout_ns(const struct wgmesh_path *path)
{
	return 2 * wgmesh_liveness_timeout_ns(&path->liveness);
}

static void expire_padded(struct wgmesh_path *path, u64 now_ns)
{
	const struct wgmesh_liveness *liveness = &path->liveness;
	const u32 before = path->pmtu.mtu;

	wgmesh_pmtu_expire(&path->pmtu, padded_timeout_ns(path),
			   wgmesh_liveness_losing(liveness), liveness->proven_ns, now_ns);
	pmtu_changed(path, before);
}

/* The clock was set since: a step, not a little with each second, for an older request that comes
 * late is taken for a replay then.
 */
static void follow_clock(struct wgmesh_prober *prober)
{
	const s64 now_s = ktime_get_real_seconds();
	const s64 ahead_s = now_s - ktime_get_boottime_seconds();

	if (ahead_s <= prober->clock_ahead_s + CLOCK_STEP_S)
		return;
	prober->clock_ahead_s = ahead_s;
	prober->sequence = max(prober->sequence, (u64)now_s << SEQUENCES_PER_S_SHIFT);
}

/* Is there traffic? The counters are looked at instead of noting each packet. */
static void look_for_traffic(struct wgmesh_peer *peer, u64 now_ns)
{
	struct wgmesh_prober *prober = &peer->prober;
	struct wgmesh_path_totals totals;
	struct wgmesh_path *path;
	u64 traffic = 0;

	list_for_each_entry(path, &peer->paths, peer_node) {
		wgmesh_path_totals(path, &totals);
		traffic += totals.tx_packets + totals.rx_packets;
		path->sent_bytes = totals.tx_bytes;
	}
	if (READ_ONCE(peer->active) && (traffic != prober->traffic || !prober->awake))
		prober->active_until_ns = now_ns + ACTIVE_FOR_NS;
	prober->traffic = traffic;

	if (now_ns >= prober->active_until_ns) {
		prober->awake = false;
		WRITE_ONCE(peer->active, false);
	} else if (!prober->awake) {
		prober->awake = true;
		list_for_each_entry(path, &peer->paths, peer_node)
			path->next_probe_ns = now_ns;
	}
}

/* What is in a packet of a path beside its payload. */
static u32 headers_len(const struct wgmesh_path *path)
{
	const struct wgmesh_flow *flow = &path->node.flow;

	return sizeof(struct udphdr) + (flow->channel ? WGMESH_CHANNEL_HEADER_LEN : 0) +
	       (flow->family == AF_INET ? sizeof(struct iphdr) : sizeof(struct ipv6hdr));
}

/* A route may be told any MTU: there is nothing to search where not even a small probe fits. */
static u32 pmtu_ceiling(struct wgmesh_path *path)
{
	const u32 most = READ_ONCE(path->peer->device->dev->mtu) + MTU_OVERHEAD;
	const u32 ceiling = min3(wgmesh_path_mtu(path), max_t(u32, most, MTU_ETHERNET),
				 (u32)IP_MAX_MTU);

	return ceiling < headers_len(path) + sizeof(struct wgmesh_probe) ? 0 : ceiling;
}

static void add_request(struct wgmesh_path *path, unsigned int len, struct request *requests,
			unsigned int *n)
{
	requests[*n] = (struct request){
		.path = path,
		.sequence = ++path->peer->prober.sequence,
		.len = len,
	};
	++*n;
}

/* A padded probe, if one is due, and a small one behind it: only when that one is answered, it
 * means something that the other is not.
 */
static void plan_padded(struct wgmesh_path *path, u64 now_ns, struct request *requests,
			unsigned int *n)
{
	const u32 before = path->pmtu.mtu;
	u32 size;

	if (path->follows || !path->peer->prober.awake ||
	    path->liveness.state != WGMESH_PATH_STATE_ALIVE)
		return;
	wgmesh_pmtu_set_ceiling(&path->pmtu, pmtu_ceiling(path));
	size = wgmesh_pmtu_probe(&path->pmtu, in_use(path), path->sent_bytes, now_ns);
	pmtu_changed(path, before);
	if (!size)
		return;
	add_request(path, size - headers_len(path), requests, n);
	wgmesh_pmtu_sent(&path->pmtu, path->peer->prober.sequence, now_ns);
	path->next_probe_ns = now_ns;
}

static void plan(struct wgmesh_path *path, const struct wgmesh_pace *pace, u64 now_ns,
		 struct request *requests, unsigned int *n)
{
	struct wgmesh_liveness *liveness = &path->liveness;
	u64 interval = interval_ns(path, pace, now_ns);

	/* what became more urgent since it was planned */
	path->next_probe_ns = min(path->next_probe_ns, path->last_probe_ns + interval);
	if (now_ns < path->next_probe_ns)
		return;
	path->last_probe_ns = now_ns;
	path->next_probe_ns = now_ns + interval;
	if (!wgmesh_liveness_can_send(liveness))
		return;
	if (path->follows && wgmesh_roam_is_vain(path))
		wgmesh_roam_schedule(path->peer);
	add_request(path, sizeof(struct wgmesh_probe), requests, n);
	wgmesh_liveness_sent(liveness, path->peer->prober.sequence, now_ns);
}

static void arm(struct wgmesh_peer *peer, u64 now_ns)
{
	u64 next_ns = U64_MAX, wait_ns;
	struct wgmesh_path *path;

	list_for_each_entry(path, &peer->paths, peer_node) {
		next_ns = min(next_ns, path->next_probe_ns);
		next_ns = min(next_ns, wgmesh_liveness_next_late_ns(&path->liveness));
		next_ns = min(next_ns, wgmesh_pmtu_next_late_ns(&path->pmtu,
								padded_timeout_ns(path)));
	}
	if (peer->prober.awake)
		next_ns = min(next_ns, peer->prober.active_until_ns);
	if (next_ns == U64_MAX)
		return;
	wait_ns = next_ns > now_ns ? next_ns - now_ns : 0;
	if (wait_ns > TIMER_EXACT_NS)
		wait_ns -= wait_ns >> 3;
	mod_timer(&peer->prober.timer, jiffies + 1 + nsecs_to_jiffies(wait_ns));
}

/* Sends a probe of @len bytes, which is never fragmented. */
static void send(struct wgmesh_path *path, enum wgmesh_probe_type type, u64 sequence,
		 unsigned int len, const u8 *key)
{
	const unsigned int headers = sizeof(struct iphdr) + sizeof(struct udphdr);
	struct sk_buff *skb;
	struct udphdr *udp;
	struct iphdr *ip;

	skb = alloc_skb(MAX_HEADER + sizeof(struct ipv6hdr) + headers +
			WGMESH_CHANNEL_HEADER_LEN + len, GFP_ATOMIC);
	if (!skb)
		return;
	skb_reserve(skb, MAX_HEADER + sizeof(struct ipv6hdr) + WGMESH_CHANNEL_HEADER_LEN);
	ip = skb_put(skb, headers);
	udp = (struct udphdr *)(ip + 1);
	*ip = (struct iphdr){
		.version = 4,
		.ihl = 5,
		.tot_len = htons(headers + len),
		.frag_off = htons(IP_DF),
		.protocol = IPPROTO_UDP,
	};
	*udp = (struct udphdr){ .len = htons(sizeof(*udp) + len) };
	wgmesh_probe_write(skb_put_zero(skb, len), type, sequence, READ_ONCE(path->peer->receiver),
			   len, key);
	skb_reset_network_header(skb);
	skb_set_transport_header(skb, sizeof(*ip));
	skb->protocol = htons(ETH_P_IP);
	skb->mark = READ_ONCE(path->route.mark);
	if (!wgmesh_transmit_datagram(path, skb, NULL, WGMESH_PMTU_UNKNOWN))
		kfree_skb(skb);
}

static void tick(struct timer_list *timer)
{
	struct wgmesh_prober *prober = container_of(timer, struct wgmesh_prober, timer);
	struct wgmesh_peer *peer = container_of(prober, struct wgmesh_peer, prober);
	/* a small one for each path and each follower, a padded one for each path */
	struct request requests[3 * WGMESH_PATHS_PER_PEER];
	const struct wgmesh_probe_keys *keys;
	struct wgmesh_path *path;
	struct wgmesh_pace pace;
	unsigned int n = 0, i;
	u64 now_ns;

	rcu_read_lock();
	keys = rcu_dereference(prober->keys);
	if (!keys) {
		rcu_read_unlock();
		return;
	}
	spin_lock_bh(&peer->lock);
	now_ns = ktime_get_ns();
	pace = wgmesh_prober_pace(peer);
	look_for_traffic(peer, now_ns);
	follow_clock(prober);
	list_for_each_entry(path, &peer->paths, peer_node) {
		enum wgmesh_path_state before = path->liveness.state;

		wgmesh_liveness_expire(&path->liveness, pace.attempts, now_ns);
		if (before != WGMESH_PATH_STATE_DEAD &&
		    path->liveness.state == WGMESH_PATH_STATE_DEAD && !path->doubted)
			path->dead_reason = WGMESH_REASON_LOST;
		state_changed(path, before, now_ns);
		expire_padded(path, now_ns);
	}
	wgmesh_select(peer, WGMESH_REASON_RECOVERED);
	list_for_each_entry(path, &peer->paths, peer_node) {
		plan_padded(path, now_ns, requests, &n);
		plan(path, &pace, now_ns, requests, &n);
	}
	arm(peer, now_ns);
	spin_unlock_bh(&peer->lock);

	local_bh_disable();
	for (i = 0; i < n; i++)
		send(requests[i].path, WGMESH_PROBE_REQUEST, requests[i].sequence,
		     requests[i].len, keys->tx);
	local_bh_enable();
	rcu_read_unlock();
}

static void keys_free_rcu(struct rcu_head *rcu)
{
	kfree_sensitive(container_of(rcu, struct wgmesh_probe_keys, rcu));
}

static void replace_keys(struct wgmesh_peer *peer, struct wgmesh_probe_keys *keys)
{
	struct wgmesh_probe_keys *old;

	spin_lock_bh(&peer->lock);
	old = rcu_replace_pointer(peer->prober.keys, keys, lockdep_is_held(&peer->lock));
	memset(&peer->prober.window, 0, sizeof(peer->prober.window));
	spin_unlock_bh(&peer->lock);
	if (old)
		call_rcu(&old->rcu, keys_free_rcu);
}

/**
 * wgmesh_prober_init() - make the prober of a new peer, which has no keys
 * @peer: the peer
 *
 * Context: Process.
 */
void wgmesh_prober_init(struct wgmesh_peer *peer)
{
	struct wgmesh_prober *prober = &peer->prober;

	timer_setup(&prober->timer, tick, 0);
	/* nothing is to be woken */
	peer->active = true;
}

/**
 * wgmesh_prober_exit() - stop the prober for good
 * @peer: the peer, which nothing finds any more
 *
 * Context: Process; waits for the timer.
 */
void wgmesh_prober_exit(struct wgmesh_peer *peer)
{
	wgmesh_timer_shutdown_sync(&peer->prober.timer);
	replace_keys(peer, NULL);
}

/**
 * wgmesh_prober_set_keys() - begin to probe, or go on with other keys
 * @peer: the peer
 * @tx: key for probes to it, WGMESH_PROBE_KEY_LEN bytes
 * @rx: key for probes from it
 *
 * Context: Process, under the lock of the namespace; may sleep.
 * Return: 0 or -ENOMEM.
 */
int wgmesh_prober_set_keys(struct wgmesh_peer *peer, const u8 *tx, const u8 *rx)
{
	struct wgmesh_probe_keys *keys, *old;

	old = rcu_dereference_protected(peer->prober.keys,
					lockdep_is_held(&peer->device->wn->lock));
	if (old && !crypto_memneq(old->tx, tx, sizeof(old->tx)) &&
	    !crypto_memneq(old->rx, rx, sizeof(old->rx)))
		return 0;
	keys = kmalloc(sizeof(*keys), GFP_KERNEL);
	if (!keys)
		return -ENOMEM;
	memcpy(keys->tx, tx, sizeof(keys->tx));
	memcpy(keys->rx, rx, sizeof(keys->rx));
	replace_keys(peer, keys);
	wgmesh_prober_kick(peer);
	return 0;
}

/**
 * wgmesh_prober_kick() - look at once what is to be done
 * @peer: the peer, some of whose paths or settings changed
 *
 * Context: Any.
 */
void wgmesh_prober_kick(struct wgmesh_peer *peer)
{
	if (rcu_access_pointer(peer->prober.keys))
		mod_timer(&peer->prober.timer, jiffies);
}

/**
 * wgmesh_prober_wake() - an idle peer has traffic
 * @peer: the peer
 *
 * Context: Any.
 */
void wgmesh_prober_wake(struct wgmesh_peer *peer)
{
	WRITE_ONCE(peer->active, true);
	wgmesh_prober_kick(peer);
}

static bool authentic(struct wgmesh_peer *peer, const struct wgmesh_probe *probe,
		      unsigned int len, const struct wgmesh_probe_keys *keys)
{
	if (!keys)
		return false;
	if (likely(wgmesh_probe_authentic(probe, len, keys->rx)))
		return true;
	atomic64_inc(&peer->device->drop_probe);
	return false;
}

static bool is_new(struct wgmesh_peer *peer, const struct wgmesh_probe *probe)
{
	if (wgmesh_probe_window_take(&peer->prober.window, be64_to_cpu(probe->sequence)))
		return true;
	atomic64_inc(&peer->device->drop_probe);
	return false;
}

/* The peer can reach this end: worth to look at once what was given up. */
static bool take_request(struct wgmesh_path *path, const struct wgmesh_probe *probe)
{
	struct wgmesh_peer *peer = path->peer;
	bool taken;

	spin_lock_bh(&peer->lock);
	taken = !list_empty(&path->peer_node) && is_new(peer, probe);
	if (taken && (path->liveness.state == WGMESH_PATH_STATE_DEAD ||
		      path->liveness.state == WGMESH_PATH_STATE_UNTESTED) &&
	    ktime_get_ns() - path->last_probe_ns > FAST_NS) {
		path->next_probe_ns = 0;
		wgmesh_prober_kick(peer);
	}
	spin_unlock_bh(&peer->lock);
	return taken;
}

static void take_small_answer(struct wgmesh_path *path, enum wgmesh_path_state before, u64 now_ns)
{
	struct wgmesh_peer *peer = path->peer;

	path->doubted = false;
	if (before == WGMESH_PATH_STATE_DEAD && path->liveness.state == WGMESH_PATH_STATE_ALIVE)
		wgmesh_pmtu_revived(&path->pmtu);
	state_changed(path, before, now_ns);
	if (before != path->liveness.state || path->liveness.revived) {
		wgmesh_select(peer, WGMESH_REASON_RECOVERED);
		wgmesh_prober_kick(peer);
	}
}

static void take_answer(struct wgmesh_path *path, const struct wgmesh_probe *probe)
{
	const u64 sequence = be64_to_cpu(probe->sequence);
	struct wgmesh_peer *peer = path->peer;
	enum wgmesh_path_state before;
	u32 pmtu_before;
	u64 now_ns;

	spin_lock_bh(&peer->lock);
	now_ns = ktime_get_ns();
	before = path->liveness.state;
	pmtu_before = path->pmtu.mtu;
	if (list_empty(&path->peer_node)) {
		atomic64_inc(&peer->device->drop_probe);
	} else if (wgmesh_liveness_answered(&path->liveness, sequence, now_ns)) {
		take_small_answer(path, before, now_ns);
	} else if (wgmesh_pmtu_answered(&path->pmtu, sequence, now_ns)) {
		pmtu_changed(path, pmtu_before);
		wgmesh_prober_kick(peer);
	} else {
		atomic64_inc(&peer->device->drop_probe);
	}
	spin_unlock_bh(&peer->lock);
}

/**
 * wgmesh_prober_receive() - a datagram that looks like a probe came on a path
 * @path: the path
 * @probe: all of it linear
 * @len: bytes of the payload
 *
 * Context: Softirq, under rcu_read_lock().
 * Return: false when it is not for the prober: no probe of this peer is known here.
 */
bool wgmesh_prober_receive(struct wgmesh_path *path, const struct wgmesh_probe *probe,
			   unsigned int len)
{
	const struct wgmesh_probe_keys *keys = rcu_dereference(path->peer->prober.keys);

	if (!keys)
		return false;
	if (!authentic(path->peer, probe, len, keys))
		return true;
	if (probe->type == WGMESH_PROBE_ANSWER)
		take_answer(path, probe);
	else if (take_request(path, probe))
		send(path, WGMESH_PROBE_ANSWER, be64_to_cpu(probe->sequence), sizeof(*probe),
		     keys->tx);
	return true;
}

/**
 * wgmesh_prober_receive_stray() - a probe came from an endpoint that no path has
 * @peer: the peer whose session it names
 * @probe: all of it linear
 * @len: bytes of the payload
 *
 * Context: Softirq, under rcu_read_lock().
 * Return: whether it is a request of the peer, the first of its sequence.
 */
bool wgmesh_prober_receive_stray(struct wgmesh_peer *peer, const struct wgmesh_probe *probe,
				 unsigned int len)
{
	bool taken;

	if (!authentic(peer, probe, len, rcu_dereference(peer->prober.keys)) ||
	    probe->type != WGMESH_PROBE_REQUEST)
		return false;
	spin_lock_bh(&peer->lock);
	taken = is_new(peer, probe);
	spin_unlock_bh(&peer->lock);
	return taken;
}

/**
 * wgmesh_prober_doubt() - an ICMP error came about what was sent on a path
 * @path: the path
 *
 * Context: Softirq, under rcu_read_lock().
 */
void wgmesh_prober_doubt(struct wgmesh_path *path)
{
	struct wgmesh_peer *peer = path->peer;
	enum wgmesh_path_state before;
	u64 now_ns;

	if (!rcu_access_pointer(peer->prober.keys))
		return;
	spin_lock_bh(&peer->lock);
	if (!list_empty(&path->peer_node) && !path->doubted) {
		now_ns = ktime_get_ns();
		before = path->liveness.state;
		wgmesh_liveness_doubt(&path->liveness, wgmesh_prober_pace(peer).attempts, now_ns);
		if (path->liveness.state == WGMESH_PATH_STATE_SUSPECT) {
			path->doubted = true;
			path->dead_reason = WGMESH_REASON_UNREACHABLE;
			path->next_probe_ns = now_ns;
			state_changed(path, before, now_ns);
			wgmesh_prober_kick(peer);
		}
	}
	spin_unlock_bh(&peer->lock);
}

/**
 * wgmesh_prober_too_large() - an ICMP error says that packets of a path are too large
 * @path: the path
 * @mtu: what it says would pass, or 0
 *
 * It decides nothing: anybody may have sent it.
 *
 * Context: Softirq, under rcu_read_lock().
 * Return: false when the path is not probed, so that nobody but who says so knows its MTU.
 */
bool wgmesh_prober_too_large(struct wgmesh_path *path, u32 mtu)
{
	struct wgmesh_peer *peer = path->peer;

	if (!rcu_access_pointer(peer->prober.keys))
		return false;
	spin_lock_bh(&peer->lock);
	if (!list_empty(&path->peer_node) &&
	    wgmesh_pmtu_hint(&path->pmtu, mtu, ktime_get_ns()))
		wgmesh_prober_kick(peer);
	spin_unlock_bh(&peer->lock);
	return true;
}

/**
 * wgmesh_prober_unroutable() - nothing can be sent on a path: no route, address or link
 * @path: the path
 *
 * Context: Any, under rcu_read_lock() or the lock of the namespace.
 */
void wgmesh_prober_unroutable(struct wgmesh_path *path)
{
	struct wgmesh_peer *peer = path->peer;
	enum wgmesh_path_state before;
	u64 now_ns;

	if (!rcu_access_pointer(peer->prober.keys))
		return;
	spin_lock_bh(&peer->lock);
	before = path->liveness.state;
	if (!list_empty(&path->peer_node) && before != WGMESH_PATH_STATE_DEAD) {
		now_ns = ktime_get_ns();
		path->dead_reason = WGMESH_REASON_LINK;
		wgmesh_liveness_end(&path->liveness, now_ns);
		probe_others_at(path, now_ns);
		state_changed(path, before, now_ns);
		wgmesh_select(peer, WGMESH_REASON_RECOVERED);
		wgmesh_prober_kick(peer);
	}
	spin_unlock_bh(&peer->lock);
}
