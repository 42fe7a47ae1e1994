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

#include "carried.h"
#include "compat.h"
#include "interface.h"
#include "netns.h"
#include "path.h"
#include "path-route.h"
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

/**
 * wgmesh_roam_is_hearsay() - does nothing but a request tell that the peer is there?
 * @path: a path or a follower
 *
 * Context: Under the lock of the namespace or of the peer.
 */
bool wgmesh_roam_is_hearsay(const struct wgmesh_path *path)
{
	const struct wgmesh_path *followed = path->follows;

	return followed && path->liveness.state == WGMESH_PATH_STATE_UNTESTED &&
	       (path->node.flow.remote_port != followed->node.flow.remote_port ||
		memcmp(&path->node.flow.remote, &followed->node.flow.remote,
		       sizeof(path->node.flow.remote)));
}

static bool same_local(const struct wgmesh_flow *a, const struct wgmesh_flow *b)
{
	if (a->family != b->family || a->local_port != b->local_port || a->scope != b->scope)
		return false;
	return a->family == AF_INET ? a->local.ip == b->local.ip :
				      ipv6_addr_equal(&a->local.in6, &b->local.in6);
}

static bool can_roam(const struct wgmesh_path *path)
{
	return !path->follows && !path->node.flow.channel;
}

/* How likely is it that a path with the same local endpoint is the one that moved? */
static int roam_likelihood(const struct wgmesh_path *path, const struct wgmesh_flow *flow)
{
	if (wgmesh_flow_same_addresses(&path->node.flow, flow))
		return 3;
	return READ_ONCE(path->liveness.state) == WGMESH_PATH_STATE_ALIVE ? 1 : 2;
}

/* The path that moved to @flow: its NAT has another port there, or it is a path that does not
 * work, or else the oldest. Under rcu_read_lock().
 */
static struct wgmesh_path *path_that_moved(struct wgmesh_peer *peer,
					   const struct wgmesh_flow *flow)
{
	struct wgmesh_path *path, *found = NULL;
	int most = 0;

	list_for_each_entry_rcu(path, &peer->paths, peer_node) {
		if (!can_roam(path) || !same_local(&path->node.flow, flow) ||
		    roam_likelihood(path, flow) <= most)
			continue;
		most = roam_likelihood(path, flow);
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
 * Takes no lock: without keys, when nothing follows the peer, all of its data comes here.
 *
 * Context: Softirq, under rcu_read_lock().
 * Return: a direct path with the same local endpoint, good until rcu_read_unlock(), or NULL.
 */
struct wgmesh_path *wgmesh_roam_path(struct wgmesh_peer *peer, const struct wgmesh_flow *flow)
{
	return is_unicast(flow) ? path_that_moved(peer, flow) : NULL;
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
	wgmesh_net_queue(wn, &wn->roam_work);
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

static bool may_leave_by(struct net_device *dev)
{
	bool carried;

	rcu_read_lock();
	carried = wgmesh_is_carried(dev);
	rcu_read_unlock();
	return !carried && !(dev->flags & IFF_LOOPBACK);
}

/* The address that this node sends from to the remote endpoint of a path, and the interface. They
 * are those of the routes: the interface that the path is tied to may be what failed. Where the
 * addresses hold stays the same, a VRF or the one line of a link-local one.
 */
static bool source_now4(struct wgmesh_net *wn, const struct wgmesh_path *path,
			struct wgmesh_flow *flow, int *ifindex)
{
	struct flowi4 fl = {
		.daddr = flow->remote.ip,
		.fl4_sport = flow->local_port,
		.fl4_dport = flow->remote_port,
		.flowi4_proto = IPPROTO_UDP,
		.flowi4_mark = wgmesh_path_mark(path),
		.flowi4_oif = flow->scope,
	};
	struct rtable *rt = ip_route_output_key(wn->net, &fl);
	bool good;

	if (IS_ERR(rt))
		return false;
	good = may_leave_by(rt->dst.dev);
	flow->local.ip = fl.saddr;
	*ifindex = rt->dst.dev->ifindex;
	ip_rt_put(rt);
	return good;
}

static bool source_now6(struct wgmesh_net *wn, const struct wgmesh_path *path,
			struct wgmesh_flow *flow, int *ifindex)
{
	struct flowi6 fl = {
		.daddr = flow->remote.in6,
		.fl6_sport = flow->local_port,
		.fl6_dport = flow->remote_port,
		.flowi6_proto = IPPROTO_UDP,
		.flowi6_mark = wgmesh_path_mark(path),
		.flowi6_oif = flow->scope,
	};
	struct dst_entry *dst = wgmesh_ip6_lookup_flow(wn->net, NULL, &fl);
	bool good;

	if (IS_ERR(dst))
		return false;
	good = may_leave_by(dst->dev);
	flow->local.in6 = fl.saddr;
	*ifindex = dst->dev->ifindex;
	dst_release(dst);
	return good;
}

/* A path that is dead is tried from the address that this node has now, and by the interface that
 * this address is sent from when it was tied to one. Return: whether there is such an address.
 */
static bool flow_from_here(struct wgmesh_net *wn, const struct wgmesh_path *path,
			   struct wgmesh_flow *flow, int *ifindex)
{
	int now;

	*flow = path->node.flow;
	if (path->liveness.state != WGMESH_PATH_STATE_DEAD)
		return false;
	if (flow->family == AF_INET ? !source_now4(wn, path, flow, &now) :
				      !source_now6(wn, path, flow, &now))
		return false;
	if (*ifindex)
		*ifindex = now;
	return true;
}

/* The address of the path is still that of this node, and may have gone to another interface: from
 * a network card to the bridge above it, say.
 */
static void stay_here(struct wgmesh_path *path, int ifindex)
{
	struct wgmesh_peer *peer = path->peer;

	if (ifindex == path->route.ifindex)
		return;
	wgmesh_interface_change(path, ifindex);
	spin_lock_bh(&peer->lock);
	path->next_probe_ns = 0;
	spin_unlock_bh(&peer->lock);
	wgmesh_prober_kick(peer);
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
	int ifindex = path->route.ifindex;
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
	else if (!flow_from_here(wn, path, &flow, &ifindex))
		return;
	if (!heard && same_local(&flow, &path->node.flow)) {
		stay_here(path, ifindex);
		return;
	}
	if (follows_already(follower, &flow))
		return;
	if (follower)
		wgmesh_path_remove(follower);
	if (!IS_ERR(wgmesh_path_add_follower(path, &flow, ifindex)))
		wgmesh_prober_kick(path->peer);
}

static void roam_peer(struct wgmesh_net *wn, struct wgmesh_peer *peer)
{
	struct wgmesh_path *paths[WGMESH_PATHS_PER_PEER], *path, *moved = NULL;
	struct wgmesh_flow heard;
	int n = 0, i;

	spin_lock_bh(&peer->lock);
	heard = peer->heard;
	peer->heard.family = 0;
	spin_unlock_bh(&peer->lock);
	if (heard.family) {
		rcu_read_lock();
		moved = path_that_moved(peer, &heard);
		rcu_read_unlock();
	}

	list_for_each_entry(path, &peer->paths, peer_node)
		if (can_roam(path))
			paths[n++] = path;
	for (i = 0; i < n; i++)
		roam_path(wn, paths[i], paths[i] == moved ? &heard : NULL);
}

static void roam_all(struct work_struct *work)
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
	INIT_WORK(&wn->roam_work, roam_all);
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
