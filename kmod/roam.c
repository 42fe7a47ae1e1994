// SPDX-License-Identifier: GPL-2.0
/*
 * Roaming: the peer, or this node, has another endpoint than a path says.
 *
 * A path never changes its endpoints. When an authentic request of the peer comes from somewhere
 * else (its NAT gave it another port, it has another address), or when this node would send from
 * another address, a follower is made: a path with the new endpoints that is probed like any
 * other. Once the peer answers there, which shows that it receives there too, the follower takes
 * the place of the path (path.c). One that is not answered is removed when the path works.
 */
#include <linux/ktime.h>
#include <net/route.h>

#include "compat.h"
#include "netns.h"
#include "path.h"
#include "peer.h"
#include "roam.h"

/**
 * wgmesh_roam_is_vain() - is a follower not needed?
 * @follower: the follower
 *
 * Context: Under the lock of the namespace or of the peer.
 */
bool wgmesh_roam_is_vain(const struct wgmesh_path *follower)
{
	if (follower->follows->liveness.state != WGMESH_PATH_STATE_ALIVE)
		return false;
	return follower->liveness.state == WGMESH_PATH_STATE_DEAD ||
	       (follower->liveness.state == WGMESH_PATH_STATE_UNTESTED &&
		follower->liveness.sent >= WGMESH_FOLLOWER_EAGER);
}

static bool same_local(const struct wgmesh_flow *a, const struct wgmesh_flow *b)
{
	if (a->family != b->family || a->local_port != b->local_port)
		return false;
	return a->family == AF_INET ? a->local.ip == b->local.ip :
				      ipv6_addr_equal(&a->local.in6, &b->local.in6);
}

static bool can_roam(const struct wgmesh_path *path)
{
	return !path->follows && !path->node.flow.channel;
}

/* How likely is it that a path with the same local endpoint is the one that moved? */
static int likelihood(const struct wgmesh_path *path, const struct wgmesh_flow *flow)
{
	if (wgmesh_flow_same_addresses(&path->node.flow, flow))
		return 3;
	return path->liveness.state == WGMESH_PATH_STATE_ALIVE ? 1 : 2;
}

/* The path that moved to @flow: its NAT has another port there, or it is a path that does not
 * work, or else the oldest. Under the lock of the namespace or of the peer.
 */
static struct wgmesh_path *path_that_moved(struct wgmesh_peer *peer,
					   const struct wgmesh_flow *flow)
{
	struct wgmesh_path *path, *found = NULL;
	int most = 0;

	list_for_each_entry(path, &peer->paths, peer_node) {
		if (!can_roam(path) || !same_local(&path->node.flow, flow) ||
		    likelihood(path, flow) <= most)
			continue;
		most = likelihood(path, flow);
		found = path;
	}
	return found;
}

/* No route was asked yet where the packet came from: might it be answered there? */
static bool is_unicast(const struct wgmesh_flow *flow)
{
	const __be32 ip = flow->remote.ip;

	if (!flow->remote_port)
		return false;
	if (flow->family == AF_INET)
		return !ipv4_is_zeronet(ip) && !ipv4_is_loopback(ip) && !ipv4_is_multicast(ip) &&
		       !ipv4_is_lbcast(ip);
	return ipv6_addr_type(&flow->remote.in6) & IPV6_ADDR_UNICAST &&
	       !ipv6_addr_loopback(&flow->remote.in6) && !ipv6_addr_v4mapped(&flow->remote.in6);
}

/**
 * wgmesh_roam_path() - the path that a message from an unknown endpoint may belong to
 * @peer: the peer that it comes from
 * @flow: its endpoints
 *
 * Context: Softirq, under rcu_read_lock().
 * Return: a direct path with the same local endpoint, good until rcu_read_unlock(), or NULL.
 */
struct wgmesh_path *wgmesh_roam_path(struct wgmesh_peer *peer, const struct wgmesh_flow *flow)
{
	struct wgmesh_path *found;

	if (!is_unicast(flow))
		return NULL;
	spin_lock_bh(&peer->lock);
	found = path_that_moved(peer, flow);
	spin_unlock_bh(&peer->lock);
	return found;
}

/**
 * wgmesh_roam_schedule() - look at the paths of a peer
 * @peer: the peer; a path of it died, or a follower came alive
 *
 * Context: Any, under the lock of the peer.
 */
void wgmesh_roam_schedule(struct wgmesh_peer *peer)
{
	struct wgmesh_net *wn = peer->device->wn;

	lockdep_assert_held(&peer->lock);
	if (peer->removed)
		return;
	spin_lock(&wn->roam_lock);
	if (list_empty(&peer->roaming))
		list_add_tail(&peer->roaming, &wn->roaming);
	spin_unlock(&wn->roam_lock);
	queue_work(system_highpri_wq, &wn->roam_work);
}

/**
 * wgmesh_roam_heard() - an authentic request came from an endpoint that no path has
 * @peer: who sent it
 * @flow: the endpoints
 *
 * Context: Softirq, under rcu_read_lock().
 */
void wgmesh_roam_heard(struct wgmesh_peer *peer, const struct wgmesh_flow *flow)
{
	spin_lock_bh(&peer->lock);
	peer->heard = *flow;
	wgmesh_roam_schedule(peer);
	spin_unlock_bh(&peer->lock);
}

/**
 * wgmesh_roam_forget() - a peer was removed
 * @peer: the peer
 *
 * Context: Process, under the lock of the namespace.
 */
void wgmesh_roam_forget(struct wgmesh_peer *peer)
{
	struct wgmesh_net *wn = peer->device->wn;

	spin_lock_bh(&wn->roam_lock);
	list_del_init(&peer->roaming);
	spin_unlock_bh(&wn->roam_lock);
}

/* The address that this node sends from to the remote endpoint of a path. */
static bool source_now4(struct wgmesh_net *wn, const struct wgmesh_path *path,
			struct wgmesh_flow *flow)
{
	struct flowi4 fl = {
		.daddr = flow->remote.ip,
		.fl4_sport = flow->local_port,
		.fl4_dport = flow->remote_port,
		.flowi4_proto = IPPROTO_UDP,
		.flowi4_mark = READ_ONCE(path->route.mark),
		.flowi4_oif = path->route.ifindex,
	};
	struct rtable *rt = ip_route_output_key(wn->net, &fl);
	bool good;

	if (IS_ERR(rt))
		return false;
	good = rt->dst.dev != path->peer->device->dev && !(rt->dst.dev->flags & IFF_LOOPBACK);
	flow->local.ip = fl.saddr;
	ip_rt_put(rt);
	return good;
}

static bool source_now6(struct wgmesh_net *wn, const struct wgmesh_path *path,
			struct wgmesh_flow *flow)
{
	struct flowi6 fl = {
		.daddr = flow->remote.in6,
		.fl6_sport = flow->local_port,
		.fl6_dport = flow->remote_port,
		.flowi6_proto = IPPROTO_UDP,
		.flowi6_mark = READ_ONCE(path->route.mark),
		.flowi6_oif = path->route.ifindex,
	};
	struct dst_entry *dst = wgmesh_ip6_lookup_flow(wn->net, NULL, &fl);
	bool good;

	if (IS_ERR(dst))
		return false;
	good = dst->dev != path->peer->device->dev && !(dst->dev->flags & IFF_LOOPBACK);
	flow->local.in6 = fl.saddr;
	dst_release(dst);
	return good;
}

/* A path that is dead is tried from the address that this node has now. */
static bool flow_from_here(struct wgmesh_net *wn, const struct wgmesh_path *path,
			   struct wgmesh_flow *flow)
{
	*flow = path->node.flow;
	if (path->liveness.state != WGMESH_PATH_STATE_DEAD)
		return false;
	if (flow->family == AF_INET ? !source_now4(wn, path, flow) : !source_now6(wn, path, flow))
		return false;
	return !same_local(flow, &path->node.flow);
}

static bool follows_already(const struct wgmesh_path *follower, const struct wgmesh_flow *flow)
{
	return follower && !memcmp(&follower->node.flow, flow, sizeof(*flow));
}

/* @heard: where the peer was heard on this path, or NULL */
static void roam_path(struct wgmesh_net *wn, struct wgmesh_path *path,
		      const struct wgmesh_flow *heard)
{
	struct wgmesh_path *follower = wgmesh_path_follower(path);
	struct wgmesh_flow flow;

	if (follower && follower->liveness.state == WGMESH_PATH_STATE_ALIVE) {
		wgmesh_path_follow(follower);
		return;
	}
	if (follower && wgmesh_roam_is_vain(follower)) {
		wgmesh_path_remove(follower);
		follower = NULL;
	}
	if (heard)
		flow = *heard;
	else if (!flow_from_here(wn, path, &flow))
		return;
	if (follows_already(follower, &flow))
		return;
	if (follower)
		wgmesh_path_remove(follower);
	wgmesh_path_add_follower(path, &flow);
}

static void roam_peer(struct wgmesh_net *wn, struct wgmesh_peer *peer)
{
	struct wgmesh_path *paths[WGMESH_PATHS_PER_PEER], *path, *moved = NULL;
	struct wgmesh_flow heard;
	int n = 0, i;

	spin_lock_bh(&peer->lock);
	heard = peer->heard;
	peer->heard.family = 0;
	if (heard.family)
		moved = path_that_moved(peer, &heard);
	spin_unlock_bh(&peer->lock);

	list_for_each_entry(path, &peer->paths, peer_node)
		if (can_roam(path))
			paths[n++] = path;
	for (i = 0; i < n; i++)
		roam_path(wn, paths[i], paths[i] == moved ? &heard : NULL);
}

static void roam(struct work_struct *work)
{
	struct wgmesh_net *wn = container_of(work, struct wgmesh_net, roam_work);
	struct wgmesh_peer *peer;

	mutex_lock(&wn->lock);
	for (;;) {
		spin_lock_bh(&wn->roam_lock);
		peer = list_first_entry_or_null(&wn->roaming, struct wgmesh_peer, roaming);
		if (peer)
			list_del_init(&peer->roaming);
		spin_unlock_bh(&wn->roam_lock);
		if (!peer)
			break;
		roam_peer(wn, peer);
	}
	mutex_unlock(&wn->lock);
}

/**
 * wgmesh_roam_init() - make the list of a namespace
 * @wn: the namespace
 *
 * Context: Process.
 */
void wgmesh_roam_init(struct wgmesh_net *wn)
{
	spin_lock_init(&wn->roam_lock);
	INIT_LIST_HEAD(&wn->roaming);
	INIT_WORK(&wn->roam_work, roam);
}

/**
 * wgmesh_roam_exit() - the namespace ends, and has no peers any more
 * @wn: the namespace, not locked
 *
 * Context: Process; may sleep.
 */
void wgmesh_roam_exit(struct wgmesh_net *wn)
{
	cancel_work_sync(&wn->roam_work);
}
