// SPDX-License-Identifier: GPL-2.0
/*
 * The prober: when a probe is sent, and what follows from its answer or the lack of one.
 */
#include <crypto/algapi.h>
#include <linux/ktime.h>
#include <linux/random.h>
#include <linux/slab.h>
#include <linux/udp.h>
#include <net/ip.h>
#include <net/ipv6.h>

#include "carried.h"
#include "channel-data.h"
#include "compat.h"
#include "datagram.h"
#include "events.h"
#include "netns.h"
#include "path.h"
#include "path-route.h"
#include "peer.h"
#include "prober.h"
#include "roam.h"
#include "select.h"

/* Traffic may pause that long before probes become rare. */
#define ACTIVE_FOR_NS	(3 * (u64)NSEC_PER_SEC)

/* The kernel's timers are late by up to an eighth of a long wait, and all that expire within that
 * eighth come together. The probes of many idle peers would leave at once, and overflow queues on
 * their way. So a timer that has to wait longer than this looks again a little before the time.
 */
#define TIMER_EXACT_NS	(2 * (u64)NSEC_PER_SEC)

/* Larger packets than an Ethernet takes are looked for only when WireGuard may send some: as large
 * as its interface allows, and the message's own bytes, the channel's, UDP's and IPv6's around it.
 */
#define MTU_ETHERNET	1500
#define MTU_OVERHEAD	(32 + WGMESH_CHANNEL_HEADER_LEN + sizeof(struct udphdr) + \
			 sizeof(struct ipv6hdr))

/* Answers a second to requests that belong to no session: there are a few when a node starts
 * again, and any number when somebody sends copies of old ones.
 */
#define FOREIGN_PER_S	100

/* A path that led into itself is believed again when so many of its requests left, and none was
 * found in what WireGuard sends. A single request that was found is forgotten likewise: it may
 * have been another packet.
 */
#define LOOP_FORGOTTEN	3

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

static bool in_use(const struct wgmesh_path *path)
{
	const struct wgmesh_peer *peer = path->peer;

	return rcu_access_pointer(peer->selected) == path ||
	       rcu_access_pointer(peer->copy) == path;
}

/* Each end finds out what the other one's NAT keeps, whatever is on its own side. Through a relay the
 * owner of the channel keeps the way open.
 */
static bool is_kept_open(const struct wgmesh_path *path)
{
	return !path->node.flow.channel;
}

static struct wgmesh_pace_path pace_path(const struct wgmesh_path *path)
{
	return (struct wgmesh_pace_path){
		.liveness = &path->liveness,
		.awake = path->peer->prober.awake,
		.in_use = in_use(path),
		.follows = path->follows,
		.doubted = path->doubted,
		.silent_ms = is_kept_open(path) ? wgmesh_keep_ms(&path->keep) : 0,
	};
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

/* A padded probe, if one is due, and a small one behind it: that the padded one is not answered
 * means something only if the small one is.
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

/* A request is due. Does it have to wait for its turn? Then it is due again when that comes. */
static bool has_to_wait(struct wgmesh_path *path, const struct wgmesh_pace_path *view, u64 now_ns)
{
	struct wgmesh_net *wn = path->peer->device->wn;
	const unsigned int paths = READ_ONCE(wn->n_paths);

	if (!wgmesh_pace_can_wait(view)) {
		if (!path->turn_ns)
			wgmesh_budget_charge(&wn->budget, paths, now_ns);
		path->turn_ns = 0;
		return false;
	}
	if (!path->turn_ns)
		path->turn_ns = wgmesh_budget_turn(&wn->budget, paths, now_ns, get_random_u32());
	if (now_ns < path->turn_ns) {
		path->next_probe_ns = path->turn_ns;
		return true;
	}
	path->turn_ns = 0;
	return false;
}

/* A request leaves. What is silent before it matters only when the peer is idle. */
static void note_silence(struct wgmesh_path *path, u64 now_ns)
{
	const enum wgmesh_path_state state = path->liveness.state;

	if (is_kept_open(path) && !path->peer->prober.awake && state == WGMESH_PATH_STATE_ALIVE)
		wgmesh_keep_sent(&path->keep, now_ns);
}

static void prober_plan(struct wgmesh_path *path, const struct wgmesh_pace *pace, u64 now_ns,
			struct request *requests, unsigned int *n)
{
	struct wgmesh_liveness *liveness = &path->liveness;
	const struct wgmesh_pace_path view = pace_path(path);
	const u64 interval = wgmesh_pace_interval_ns(pace, &view, now_ns, get_random_u32());

	/* what became more urgent since it was planned */
	path->next_probe_ns = min(path->next_probe_ns, path->last_probe_ns + interval);
	if (now_ns < path->next_probe_ns || has_to_wait(path, &view, now_ns))
		return;
	path->last_probe_ns = now_ns;
	path->next_probe_ns = now_ns + interval;
	if (!wgmesh_liveness_can_send(liveness) ||
	    (wgmesh_roam_is_hearsay(path) &&
	     !wgmesh_allowance_take(&path->peer->prober.hearsay, now_ns)))
		return;
	if (path->follows && wgmesh_roam_is_vain(path))
		wgmesh_roam_schedule(path->peer);
	note_silence(path, now_ns);
	add_request(path, sizeof(struct wgmesh_probe), requests, n);
	wgmesh_liveness_sent(liveness, path->peer->prober.sequence, now_ns);
}

static void prober_arm(struct wgmesh_peer *peer, u64 now_ns)
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
static void prober_send(struct wgmesh_path *path, enum wgmesh_probe_type type, u64 sequence,
			u64 session, unsigned int len, const u8 *key)
{
	const unsigned int headers = sizeof(struct iphdr) + sizeof(struct udphdr);
	struct sk_buff *skb;
	struct udphdr *udp;
	struct iphdr *ip;
	int err;

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
	wgmesh_probe_write(skb_put_zero(skb, len), type, sequence, session,
			   READ_ONCE(path->peer->receiver), len, key);
	skb_reset_network_header(skb);
	skb_set_transport_header(skb, sizeof(*ip));
	skb->protocol = htons(ETH_P_IP);
	skb->mark = wgmesh_path_mark(path);
	if (type == WGMESH_PROBE_REQUEST)
		wgmesh_carried_tag(path, skb);
	err = wgmesh_datagram_send(path, skb, NULL, WGMESH_PMTU_UNKNOWN);
	if (err) {
		wgmesh_prober_unroutable(path, err);
		kfree_skb(skb);
	}
}

static void prober_tick(struct timer_list *timer)
{
	struct wgmesh_prober *prober = container_of(timer, struct wgmesh_prober, timer);
	struct wgmesh_peer *peer = container_of(prober, struct wgmesh_peer, prober);
	/* a small one for each path and each follower, a padded one for each path */
	struct request requests[3 * WGMESH_PATHS_PER_PEER];
	const struct wgmesh_probe_keys *keys;
	struct wgmesh_path *path;
	struct wgmesh_pace pace;
	unsigned int n = 0, i;
	u64 now_ns, session;

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
	list_for_each_entry(path, &peer->paths, peer_node) {
		enum wgmesh_path_state before = path->liveness.state;

		wgmesh_liveness_expire(&path->liveness, pace.attempts, now_ns);
		if (before != WGMESH_PATH_STATE_DEAD &&
		    path->liveness.state == WGMESH_PATH_STATE_DEAD && !path->doubted) {
			path->dead_reason = WGMESH_REASON_LOST;
			wgmesh_keep_failed(&path->keep, now_ns);
		}
		state_changed(path, before, now_ns);
		expire_padded(path, now_ns);
	}
	wgmesh_select(peer, WGMESH_REASON_RECOVERED);
	list_for_each_entry(path, &peer->paths, peer_node) {
		plan_padded(path, now_ns, requests, &n);
		prober_plan(path, &pace, now_ns, requests, &n);
	}
	prober_arm(peer, now_ns);
	session = prober->peer_session;
	spin_unlock_bh(&peer->lock);

	local_bh_disable();
	for (i = 0; i < n; i++)
		prober_send(requests[i].path, WGMESH_PROBE_REQUEST, requests[i].sequence,
			    session, requests[i].len, keys->tx);
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
	memset(&peer->prober.session, 0, sizeof(peer->prober.session));
	peer->prober.peer_session = 0;
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

	timer_setup(&prober->timer, prober_tick, 0);
	/* an answer to another node that was this one before is none to this one */
	prober->sequence = get_random_u64() >> 1;
	prober->foreign.bytes_per_s = FOREIGN_PER_S;
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
	keys = kmalloc(sizeof(*keys), GFP_KERNEL_ACCOUNT);
	if (!keys)
		return -ENOMEM;
	memcpy(keys->tx, tx, sizeof(keys->tx));
	memcpy(keys->rx, rx, sizeof(keys->rx));
	replace_keys(peer, keys);
	/* the next message wakes it */
	WRITE_ONCE(peer->active, false);
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

static bool prober_authentic(struct wgmesh_peer *peer, const struct wgmesh_probe *probe,
			     unsigned int len, const struct wgmesh_probe_keys *keys)
{
	if (!keys)
		return false;
	if (likely(wgmesh_probe_authentic(probe, len, keys->rx)))
		return true;
	atomic64_inc(&peer->device->drop_probe);
	return false;
}

/* Which one of its peer's sessions does an answer to a request have to name, 0 for no answer? */
static u64 judge_request(struct wgmesh_peer *peer, const struct wgmesh_probe *probe,
			 enum wgmesh_probe_verdict *verdict)
{
	struct wgmesh_prober *prober = &peer->prober;

	lockdep_assert_held(&peer->lock);
	*verdict = wgmesh_probe_session_take(&prober->session, be64_to_cpu(probe->session),
					     be64_to_cpu(probe->sequence));
	if (*verdict == WGMESH_PROBE_NEW)
		return prober->session.id;
	if (*verdict == WGMESH_PROBE_FOREIGN && wgmesh_rate_allows(&prober->foreign, 1))
		return wgmesh_probe_session_next(&prober->session, get_random_u64());
	atomic64_inc(&peer->device->drop_probe);
	return 0;
}

/* The peer probes the path, so that this end need not do it just now. */
static void put_off(struct wgmesh_path *path, u64 now_ns)
{
	const struct wgmesh_pace pace = wgmesh_prober_pace(path->peer);
	struct wgmesh_pace_path view;

	if (!wgmesh_keep_heard(&path->keep, pace.idle_ms, now_ns) ||
	    path->liveness.state != WGMESH_PATH_STATE_ALIVE || path->peer->prober.awake)
		return;
	view = pace_path(path);
	path->turn_ns = 0;
	path->last_probe_ns = now_ns;
	path->next_probe_ns = now_ns + wgmesh_pace_interval_ns(&pace, &view, now_ns,
							       get_random_u32());
}

/* The peer can reach this end: worth to look at once what was given up. */
static void heard_on(struct wgmesh_path *path)
{
	const u64 now_ns = ktime_get_ns();

	if (is_kept_open(path))
		put_off(path, now_ns);
	if ((path->liveness.state == WGMESH_PATH_STATE_DEAD ||
	     path->liveness.state == WGMESH_PATH_STATE_UNTESTED) &&
	    now_ns - path->last_probe_ns > WGMESH_PACE_FAST_NS) {
		path->next_probe_ns = 0;
		wgmesh_prober_kick(path->peer);
	}
}

/* Return: the session that the answer has to name, or 0 for no answer. */
static u64 take_request(struct wgmesh_path *path, const struct wgmesh_probe *probe)
{
	struct wgmesh_peer *peer = path->peer;
	enum wgmesh_probe_verdict verdict;
	u64 session = 0;

	spin_lock_bh(&peer->lock);
	if (!path->removed) {
		session = judge_request(peer, probe, &verdict);
		if (verdict == WGMESH_PROBE_NEW)
			heard_on(path);
	}
	spin_unlock_bh(&peer->lock);
	return session;
}

/* The peer told its session in an answer. If that is a new one, the peer takes no request that does
 * not name it.
 */
static void learn_session(struct wgmesh_path *path, const struct wgmesh_probe *probe, u64 now_ns)
{
	struct wgmesh_prober *prober = &path->peer->prober;
	const u64 sequence = be64_to_cpu(probe->sequence);
	const u64 session = be64_to_cpu(probe->session);

	if (prober->peer_session && sequence < prober->told_sequence)
		return;
	prober->told_sequence = sequence;
	if (session == prober->peer_session)
		return;
	prober->peer_session = session;
	path->next_probe_ns = now_ns;
	wgmesh_prober_kick(path->peer);
}

static void take_small_answer(struct wgmesh_path *path, enum wgmesh_path_state before, u64 now_ns)
{
	struct wgmesh_peer *peer = path->peer;

	path->doubted = false;
	wgmesh_keep_answered(&path->keep, wgmesh_prober_pace(peer).idle_ms, now_ns);
	if (before == WGMESH_PATH_STATE_DEAD && path->liveness.state == WGMESH_PATH_STATE_ALIVE)
		wgmesh_pmtu_revived(&path->pmtu);
	state_changed(path, before, now_ns);
	if (before != path->liveness.state || path->liveness.revived) {
		wgmesh_select(peer, WGMESH_REASON_RECOVERED);
		wgmesh_prober_kick(peer);
	}
}

static bool leads_into_itself(const struct wgmesh_path *path)
{
	return path->looped_at && path->liveness.sent - path->looped_at < LOOP_FORGOTTEN;
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
	if (path->removed) {
		atomic64_inc(&peer->device->drop_probe);
	} else if (leads_into_itself(path)) {
		/* another path has carried it */
	} else if (wgmesh_liveness_answered(&path->liveness, sequence, now_ns)) {
		learn_session(path, probe, now_ns);
		take_small_answer(path, before, now_ns);
	} else if (wgmesh_pmtu_answered(&path->pmtu, sequence, now_ns)) {
		learn_session(path, probe, now_ns);
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
	u64 session;

	if (!keys)
		return false;
	if (!prober_authentic(path->peer, probe, len, keys))
		return true;
	if (probe->type == WGMESH_PROBE_ANSWER) {
		take_answer(path, probe);
		return true;
	}
	session = take_request(path, probe);
	if (session)
		prober_send(path, WGMESH_PROBE_ANSWER, be64_to_cpu(probe->sequence), session,
			    sizeof(*probe), keys->tx);
	return true;
}

/**
 * wgmesh_prober_receive_stray() - a probe came from an endpoint that no path has
 * @peer: the peer whose session it names
 * @probe: all of it linear
 * @len: bytes of the payload
 *
 * Context: Softirq, under rcu_read_lock().
 * Return: whether it is a request of the peer, the first of its sequence in the session.
 */
bool wgmesh_prober_receive_stray(struct wgmesh_peer *peer, const struct wgmesh_probe *probe,
				 unsigned int len)
{
	struct wgmesh_prober *prober = &peer->prober;
	bool taken;

	if (!prober_authentic(peer, probe, len, rcu_dereference(prober->keys)) ||
	    probe->type != WGMESH_PROBE_REQUEST)
		return false;
	spin_lock_bh(&peer->lock);
	taken = wgmesh_probe_session_take(&prober->session, be64_to_cpu(probe->session),
					  be64_to_cpu(probe->sequence)) == WGMESH_PROBE_NEW;
	spin_unlock_bh(&peer->lock);
	if (!taken)
		atomic64_inc(&peer->device->drop_probe);
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
	if (!path->removed && !path->doubted) {
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
	if (!path->removed &&
	    wgmesh_pmtu_hint(&path->pmtu, mtu, ktime_get_ns()))
		wgmesh_prober_kick(peer);
	spin_unlock_bh(&peer->lock);
	return true;
}

/* The path, whose peer is locked, is of no use. If it is dead already, one thing may be news:
 * whether it leads into itself.
 */
static void end_path(struct wgmesh_path *path, enum wgmesh_reason reason)
{
	const enum wgmesh_path_state before = path->liveness.state;
	struct wgmesh_peer *peer = path->peer;
	const u64 now_ns = ktime_get_ns();

	if (path->removed)
		return;
	if (before != WGMESH_PATH_STATE_DEAD || reason == WGMESH_REASON_LOOP ||
	    path->dead_reason == WGMESH_REASON_LOOP)
		path->dead_reason = reason;
	if (before == WGMESH_PATH_STATE_DEAD) {
		/* nobody tells of a route that has come: another address may have one by now */
		if (reason == WGMESH_REASON_LINK && !path->follows)
			wgmesh_roam_schedule(peer);
		return;
	}
	wgmesh_liveness_end(&path->liveness, now_ns);
	probe_others_at(path, now_ns);
	state_changed(path, before, now_ns);
	wgmesh_select(peer, WGMESH_REASON_RECOVERED);
	wgmesh_prober_kick(peer);
}

/**
 * wgmesh_prober_unroutable() - nothing can be sent on a path: no route, address or link
 * @path: the path
 * @err: what the look-up of its route said: -ELOOP when the path would carry itself; -ENOMEM says
 *	nothing of the route, and is ignored
 *
 * Context: Any, under rcu_read_lock() or the lock of the namespace, not under that of the peer.
 */
void wgmesh_prober_unroutable(struct wgmesh_path *path, int err)
{
	struct wgmesh_peer *peer = path->peer;

	if (err == -ENOMEM || !rcu_access_pointer(peer->prober.keys))
		return;
	spin_lock_bh(&peer->lock);
	end_path(path, err == -ELOOP ? WGMESH_REASON_LOOP : WGMESH_REASON_LINK);
	spin_unlock_bh(&peer->lock);
}

/**
 * wgmesh_prober_looped() - a request of a path was found in what WireGuard sends
 * @path: the path, or a follower
 *
 * When the next one is found, too, the path carries itself.
 *
 * Context: Any, under rcu_read_lock().
 */
void wgmesh_prober_looped(struct wgmesh_path *path)
{
	struct wgmesh_peer *peer = path->peer;
	bool again;

	spin_lock_bh(&peer->lock);
	again = path->found_at && path->liveness.sent - path->found_at < LOOP_FORGOTTEN;
	path->found_at = path->liveness.sent;
	WRITE_ONCE(path->tag, 0);
	if (again) {
		path->looped_at = path->liveness.sent;
		end_path(path, WGMESH_REASON_LOOP);
	} else {
		path->next_probe_ns = 0;
		wgmesh_prober_kick(peer);
	}
	spin_unlock_bh(&peer->lock);
}
