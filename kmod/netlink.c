// SPDX-License-Identifier: GPL-2.0
/*
 * The generic-netlink family, specified by genl-spec/wgmesh.yaml.
 *
 * A request acts on the network namespace of its socket. Handlers take RTNL only
 * where an interface is attached or detached, and the lock of the namespace always.
 */
#include <linux/ipv6.h>
#include <net/genetlink.h>
#include <net/rtnetlink.h>
#include <net/sock.h>

#include "carried.h"
#include "compat.h"
#include "device.h"
#include "events.h"
#include "netlink.h"
#include "netlink-message.h"
#include "netlink-settings.h"
#include "netns.h"
#include "path.h"
#include "path-route.h"
#include "peer.h"

/* The generated tables are static in part, so they are compiled in here. */
#include "netlink-gen.c"

static int fill_device(struct sk_buff *msg, void *object)
{
	struct wgmesh_device *device = object;

	if (nla_put_u32(msg, WGMESH_A_DEVICE_ID, device->id) ||
	    nla_put_u32(msg, WGMESH_A_DEVICE_IFINDEX, device->dev->ifindex) ||
	    nla_put_string(msg, WGMESH_A_DEVICE_IFNAME, device->dev->name) ||
	    nla_put_u16(msg, WGMESH_A_DEVICE_LISTEN_PORT,
			ntohs(READ_ONCE(device->listen_port))) ||
	    nla_put_u32(msg, WGMESH_A_DEVICE_MARK, READ_ONCE(device->mark)) ||
	    nla_put_in_addr(msg, WGMESH_A_DEVICE_VIRTUAL_NETWORK, htonl(WGMESH_VIRTUAL_NETWORK)) ||
	    nla_put_u8(msg, WGMESH_A_DEVICE_VIRTUAL_PREFIX, WGMESH_VIRTUAL_PREFIX) ||
	    nla_put_u32(msg, WGMESH_A_DEVICE_PEERS, device->peers) ||
	    wgmesh_nl_put_u64(msg, WGMESH_A_DEVICE_DROP_NO_PEER,
			      atomic64_read(&device->drop_no_peer)) ||
	    wgmesh_nl_put_u64(msg, WGMESH_A_DEVICE_DROP_NO_SOCKET,
			      atomic64_read(&device->drop_no_socket)))
		return -EMSGSIZE;
	return wgmesh_nl_fill_device_settings(msg, device);
}

static u32 selected_path_id(const struct wgmesh_peer *peer)
{
	const struct wgmesh_path *path;
	u32 id;

	rcu_read_lock();
	path = rcu_dereference(peer->selected);
	id = path ? path->id : 0;
	rcu_read_unlock();
	return id;
}

static int fill_peer(struct sk_buff *msg, void *object)
{
	struct wgmesh_peer *peer = object;
	const u32 selected = selected_path_id(peer);
	union wgmesh_address address = { .ip = wgmesh_peer_virtual_address(peer) };

	if (nla_put_u32(msg, WGMESH_A_PEER_ID, peer->id) ||
	    nla_put_u32(msg, WGMESH_A_PEER_DEVICE, peer->device->id) ||
	    nla_put(msg, WGMESH_A_PEER_PUBLIC_KEY, WGMESH_PUBLIC_KEY_LEN, peer->key.public_key) ||
	    !wgmesh_nl_put_endpoint(msg, WGMESH_A_PEER_VIRTUAL_ENDPOINT, AF_INET, &address,
			  htons(WGMESH_VIRTUAL_PORT)) ||
	    (selected && nla_put_u32(msg, WGMESH_A_PEER_SELECTED_PATH, selected)) ||
	    nla_put_u32(msg, WGMESH_A_PEER_PATHS, peer->n_paths) ||
	    wgmesh_nl_put_u64(msg, WGMESH_A_PEER_DROP_NO_PATH, atomic64_read(&peer->drop_no_path)))
		return -EMSGSIZE;
	return wgmesh_nl_fill_peer_settings(msg, peer);
}

static int fill_path_counters(struct sk_buff *msg, const struct wgmesh_path *path)
{
	struct wgmesh_path_totals totals;

	wgmesh_path_totals(path, &totals);
	if (wgmesh_nl_put_u64(msg, WGMESH_A_PATH_TX_PACKETS, totals.tx_packets) ||
	    wgmesh_nl_put_u64(msg, WGMESH_A_PATH_TX_BYTES, totals.tx_bytes) ||
	    wgmesh_nl_put_u64(msg, WGMESH_A_PATH_RX_PACKETS, totals.rx_packets) ||
	    wgmesh_nl_put_u64(msg, WGMESH_A_PATH_RX_BYTES, totals.rx_bytes) ||
	    wgmesh_nl_put_u64(msg, WGMESH_A_PATH_TX_ERRORS, totals.tx_errors))
		return -EMSGSIZE;
	if (totals.rx_packets &&
	    wgmesh_nl_put_u64(msg, WGMESH_A_PATH_RX_AGE_MS,
			      jiffies_to_msecs(jiffies - totals.rx_last)))
		return -EMSGSIZE;
	return 0;
}

static int fill_path(struct sk_buff *msg, void *object)
{
	struct wgmesh_path *path = object;
	const struct wgmesh_flow *flow = &path->node.flow;
	u32 rtt_us = wgmesh_path_rtt_us(path);
	u32 pmtu = wgmesh_path_pmtu(path);

	if (nla_put_u32(msg, WGMESH_A_PATH_ID, path->id) ||
	    nla_put_u32(msg, WGMESH_A_PATH_DEVICE, path->peer->device->id) ||
	    nla_put_u32(msg, WGMESH_A_PATH_PEER, path->peer->id) ||
	    !wgmesh_nl_put_endpoint(msg, WGMESH_A_PATH_LOCAL, flow->family, &flow->local,
			  flow->local_port) ||
	    !wgmesh_nl_put_endpoint(msg, WGMESH_A_PATH_REMOTE, flow->family, &flow->remote,
			  flow->remote_port) ||
	    nla_put_u32(msg, WGMESH_A_PATH_IFINDEX, path->route.ifindex) ||
	    nla_put_u32(msg, WGMESH_A_PATH_KIND, path->kind) ||
	    nla_put_u32(msg, WGMESH_A_PATH_PRIORITY, path->priority) ||
	    (selected_path_id(path->peer) == path->id &&
	     nla_put_flag(msg, WGMESH_A_PATH_SELECTED)) ||
	    nla_put_u32(msg, WGMESH_A_PATH_MTU, wgmesh_path_mtu(path)) ||
	    (pmtu != WGMESH_PMTU_UNKNOWN && nla_put_u32(msg, WGMESH_A_PATH_PMTU, pmtu)) ||
	    (rtt_us && nla_put_u32(msg, WGMESH_A_PATH_RTT_US, rtt_us)) ||
	    (flow->channel && nla_put_u16(msg, WGMESH_A_PATH_CHANNEL, flow->channel)))
		return -EMSGSIZE;
	return fill_path_counters(msg, path) ?: wgmesh_nl_fill_liveness(msg, path);
}

static void event_device(struct wgmesh_device *device, u8 cmd)
{
	wgmesh_nl_notify(device->wn, WGMESH_TABLE_DEVICES, cmd, fill_device, device);
}

static void event_peer(struct wgmesh_peer *peer, u8 cmd)
{
	wgmesh_nl_notify(peer->device->wn, WGMESH_TABLE_PEERS, cmd, fill_peer, peer);
}

static void event_path(struct wgmesh_path *path, u8 cmd)
{
	wgmesh_nl_notify(path->peer->device->wn, WGMESH_TABLE_PATHS, cmd, fill_path, path);
}

static void event_path_state(struct wgmesh_path *path)
{
	wgmesh_nl_notify_atomic(path->peer->device->wn, WGMESH_CMD_PATH_NTF, fill_path, path);
}

struct selection {
	const struct wgmesh_peer *peer;
	const struct wgmesh_path *from;
	const struct wgmesh_path *to;
	enum wgmesh_reason reason;
};

static int fill_selection(struct sk_buff *msg, void *object)
{
	const struct selection *selection = object;

	if (nla_put_u32(msg, WGMESH_A_SELECTION_DEVICE, selection->peer->device->id) ||
	    nla_put_u32(msg, WGMESH_A_SELECTION_PEER, selection->peer->id) ||
	    (selection->from &&
	     nla_put_u32(msg, WGMESH_A_SELECTION_FROM, selection->from->id)) ||
	    (selection->to && nla_put_u32(msg, WGMESH_A_SELECTION_TO, selection->to->id)) ||
	    nla_put_u32(msg, WGMESH_A_SELECTION_REASON, selection->reason))
		return -EMSGSIZE;
	return 0;
}

static void event_selection(struct wgmesh_peer *peer, const struct wgmesh_path *from,
			    const struct wgmesh_path *to, enum wgmesh_reason reason)
{
	struct selection selection = { .peer = peer, .from = from, .to = to, .reason = reason };

	wgmesh_nl_notify_atomic(peer->device->wn, WGMESH_CMD_SELECTION_NTF, fill_selection,
				&selection);
}

static struct wgmesh_device *find_device(struct genl_info *info, int attribute)
{
	u32 id = wgmesh_nl_given_id(info, attribute);
	struct wgmesh_device *device;

	if (!id)
		return ERR_PTR(-EINVAL);
	device = xa_load(&wgmesh_nl_request_net(info)->devices, id);
	if (device)
		return device;
	NL_SET_ERR_MSG_ATTR(info->extack, info->attrs[attribute], "no device has this number");
	return ERR_PTR(-ENOENT);
}

static struct wgmesh_peer *find_peer(struct genl_info *info, int attribute)
{
	u32 id = wgmesh_nl_given_id(info, attribute);
	struct wgmesh_peer *peer;

	if (!id)
		return ERR_PTR(-EINVAL);
	peer = xa_load(&wgmesh_nl_request_net(info)->peers, id);
	if (peer)
		return peer;
	NL_SET_ERR_MSG_ATTR(info->extack, info->attrs[attribute], "no peer has this number");
	return ERR_PTR(-ENOENT);
}

static struct wgmesh_path *find_path(struct genl_info *info, int attribute)
{
	u32 id = wgmesh_nl_given_id(info, attribute);
	struct wgmesh_path *path;

	if (!id)
		return ERR_PTR(-EINVAL);
	path = xa_load(&wgmesh_nl_request_net(info)->paths, id);
	if (path)
		return path;
	NL_SET_ERR_MSG_ATTR(info->extack, info->attrs[attribute], "no path has this number");
	return ERR_PTR(-ENOENT);
}

static struct net *interface_net(struct genl_info *info)
{
	struct nlattr *fd = info->attrs[WGMESH_A_DEVICE_NETNS_FD];
	struct net *net;

	if (!fd)
		return get_net(genl_info_net(info));
	net = get_net_ns_by_fd(nla_get_u32(fd));
	if (IS_ERR(net)) {
		NL_SET_ERR_MSG_ATTR(info->extack, fd, "not a descriptor of a network namespace");
		return net;
	}
	if (!ns_capable(net->user_ns, CAP_NET_ADMIN)) {
		put_net(net);
		NL_SET_ERR_MSG_ATTR(info->extack, fd,
				    "CAP_NET_ADMIN in that network namespace is needed");
		return ERR_PTR(-EPERM);
	}
	return net;
}

static struct wgmesh_device *device_set(struct wgmesh_net *wn, struct net *net,
					struct genl_info *info,
					struct wgmesh_settings *settings)
{
	struct nlattr *ifindex = info->attrs[WGMESH_A_DEVICE_IFINDEX];
	struct nlattr *port = info->attrs[WGMESH_A_DEVICE_LISTEN_PORT];
	struct nlattr *mark = info->attrs[WGMESH_A_DEVICE_MARK];
	struct wgmesh_device *device;
	struct net_device *dev;

	dev = __dev_get_by_index(net, nla_get_u32(ifindex));
	if (!dev) {
		NL_SET_ERR_MSG_ATTR(info->extack, ifindex, "no interface has this index");
		return ERR_PTR(-ENODEV);
	}
	device = wgmesh_device_find(wn, dev);
	if (!device) {
		device = wgmesh_device_attach(wn, dev, info->extack);
		if (IS_ERR(device)) {
			NL_SET_BAD_ATTR(info->extack, ifindex);
			return device;
		}
	}
	if (port && htons(nla_get_u16(port)) != device->listen_port) {
		wgmesh_device_set_port(device, htons(nla_get_u16(port)));
		wgmesh_notify_device(device, WGMESH_CMD_DEVICE_NTF);
	}
	if (mark && nla_get_u32(mark) != READ_ONCE(device->mark)) {
		wgmesh_device_set_mark(device, nla_get_u32(mark));
		wgmesh_notify_device(device, WGMESH_CMD_DEVICE_NTF);
	}
	wgmesh_nl_apply_device(device, settings);
	return device;
}

int wgmesh_nl_device_set_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct wgmesh_net *wn = wgmesh_nl_request_net(info);
	struct wgmesh_settings settings;
	struct wgmesh_device *device;
	struct net *net;
	int err;

	if (GENL_REQ_ATTR_CHECK(info, WGMESH_A_DEVICE_IFINDEX)) {
		NL_SET_ERR_MSG(info->extack, "the request lacks the index of the interface");
		return -EINVAL;
	}
	net = interface_net(info);
	if (IS_ERR(net))
		return PTR_ERR(net);
	err = wgmesh_nl_get_device_settings(info, &settings);
	if (err)
		goto out;

	rtnl_lock();
	mutex_lock(&wn->lock);
	device = device_set(wn, net, info, &settings);
	err = wgmesh_nl_answer(info, device, fill_device);
	mutex_unlock(&wn->lock);
	rtnl_unlock();
	wgmesh_nl_put_settings(&settings);
out:
	put_net(net);
	return err;
}

int wgmesh_nl_device_del_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct wgmesh_net *wn = wgmesh_nl_request_net(info);
	struct wgmesh_device *device;

	rtnl_lock();
	mutex_lock(&wn->lock);
	device = find_device(info, WGMESH_A_DEVICE_ID);
	if (!IS_ERR(device))
		wgmesh_device_detach(device);
	mutex_unlock(&wn->lock);
	rtnl_unlock();
	return PTR_ERR_OR_ZERO(device);
}

int wgmesh_nl_device_get_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct wgmesh_net *wn = wgmesh_nl_request_net(info);
	struct wgmesh_device *device;
	int err;

	mutex_lock(&wn->lock);
	device = find_device(info, WGMESH_A_DEVICE_ID);
	err = wgmesh_nl_answer(info, device, fill_device);
	mutex_unlock(&wn->lock);
	return err;
}

int wgmesh_nl_device_get_dumpit(struct sk_buff *skb, struct netlink_callback *cb)
{
	struct wgmesh_nl_dump dump = { .cmd = WGMESH_CMD_DEVICE_GET, .fill = fill_device };

	wgmesh_nl_dump_begin(&dump, skb, cb, WGMESH_TABLE_DEVICES);
	return wgmesh_nl_dump_end(&dump, wgmesh_nl_dump_all(&dump, &dump.wn->devices, NULL));
}

static struct wgmesh_peer *peer_set(struct genl_info *info, struct wgmesh_settings *settings)
{
	struct wgmesh_device *device = find_device(info, WGMESH_A_PEER_DEVICE);
	struct wgmesh_peer *peer;
	const u8 *public_key;
	int err;

	if (IS_ERR(device))
		return ERR_CAST(device);
	if (GENL_REQ_ATTR_CHECK(info, WGMESH_A_PEER_PUBLIC_KEY)) {
		NL_SET_ERR_MSG(info->extack, "the request lacks the public key of the peer");
		return ERR_PTR(-EINVAL);
	}
	public_key = nla_data(info->attrs[WGMESH_A_PEER_PUBLIC_KEY]);
	peer = wgmesh_peer_find(device, public_key);
	if (!peer)
		peer = wgmesh_nl_blame(info, wgmesh_peer_add(device, public_key, info->extack),
				       WGMESH_A_PEER_DEVICE);
	if (IS_ERR(peer))
		return peer;
	err = wgmesh_nl_apply_peer(peer, settings);
	return err ? ERR_PTR(err) : peer;
}

int wgmesh_nl_peer_set_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct wgmesh_net *wn = wgmesh_nl_request_net(info);
	struct wgmesh_settings settings;
	struct wgmesh_peer *peer;
	int err;

	err = wgmesh_nl_get_peer_settings(info, &settings);
	if (!err) {
		mutex_lock(&wn->lock);
		peer = peer_set(info, &settings);
		err = wgmesh_nl_answer(info, peer, fill_peer);
		mutex_unlock(&wn->lock);
		wgmesh_nl_put_settings(&settings);
	}
	wgmesh_nl_wipe(info, WGMESH_A_PEER_PROBE_KEY_TX);
	wgmesh_nl_wipe(info, WGMESH_A_PEER_PROBE_KEY_RX);
	return err;
}

int wgmesh_nl_peer_del_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct wgmesh_net *wn = wgmesh_nl_request_net(info);
	struct wgmesh_peer *peer;

	mutex_lock(&wn->lock);
	peer = find_peer(info, WGMESH_A_PEER_ID);
	if (!IS_ERR(peer))
		wgmesh_peer_remove(peer);
	mutex_unlock(&wn->lock);
	return PTR_ERR_OR_ZERO(peer);
}

int wgmesh_nl_peer_get_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct wgmesh_net *wn = wgmesh_nl_request_net(info);
	struct wgmesh_peer *peer;
	int err;

	mutex_lock(&wn->lock);
	peer = find_peer(info, WGMESH_A_PEER_ID);
	err = wgmesh_nl_answer(info, peer, fill_peer);
	mutex_unlock(&wn->lock);
	return err;
}

static bool peer_wanted(const struct wgmesh_nl_dump *dump, void *object)
{
	const u32 device = wgmesh_nl_dump_filter(dump, WGMESH_A_PEER_DEVICE);
	const struct wgmesh_peer *peer = object;

	return !device || peer->device->id == device;
}

int wgmesh_nl_peer_get_dumpit(struct sk_buff *skb, struct netlink_callback *cb)
{
	struct wgmesh_nl_dump dump = { .cmd = WGMESH_CMD_PEER_GET, .fill = fill_peer };

	wgmesh_nl_dump_begin(&dump, skb, cb, WGMESH_TABLE_PEERS);
	return wgmesh_nl_dump_end(&dump, wgmesh_nl_dump_all(&dump, &dump.wn->peers, peer_wanted));
}

/* The interface also tells where the endpoints hold. */
static int get_ifindex(struct genl_info *info, struct wgmesh_flow *flow, int *ifindex)
{
	struct nlattr *attr = info->attrs[WGMESH_A_PATH_IFINDEX];
	struct net *net = genl_info_net(info);
	struct net_device *dev;
	bool carried;

	*ifindex = attr ? nla_get_u32(attr) : 0;
	if (*ifindex < 0) {
		NL_SET_ERR_MSG_ATTR(info->extack, attr, "not the index of an interface");
		return -EINVAL;
	}
	if (!*ifindex && flow->family == AF_INET6 &&
	    (ipv6_addr_type(&flow->remote.in6) | ipv6_addr_type(&flow->local.in6)) &
	     IPV6_ADDR_LINKLOCAL) {
		NL_SET_ERR_MSG_ATTR(info->extack, info->attrs[WGMESH_A_PATH_REMOTE],
				    "a link-local address needs the index of its interface");
		return -EINVAL;
	}
	flow->scope = wgmesh_flow_scope(net, flow, *ifindex);
	if (!*ifindex)
		return 0;
	rcu_read_lock();
	dev = dev_get_by_index_rcu(net, *ifindex);
	carried = dev && wgmesh_is_carried(dev);
	rcu_read_unlock();
	if (!dev) {
		NL_SET_ERR_MSG_ATTR(info->extack, attr, "no interface has this index");
		return -ENODEV;
	}
	if (carried) {
		NL_SET_ERR_MSG_ATTR(info->extack, attr,
				    "paths carry what leaves by this interface: it cannot carry one");
		return -ELOOP;
	}
	return 0;
}

/* What is not given stays, or is 0 in a new path. */
static u32 given_or(struct genl_info *info, int attribute, u32 otherwise)
{
	return info->attrs[attribute] ? nla_get_u32(info->attrs[attribute]) : otherwise;
}

static struct wgmesh_path *path_set(struct wgmesh_net *wn, struct genl_info *info)
{
	struct wgmesh_peer *peer = find_peer(info, WGMESH_A_PATH_PEER);
	enum wgmesh_path_policy policy;
	struct wgmesh_path *path;
	struct wgmesh_flow flow;
	int ifindex, err;

	if (IS_ERR(peer))
		return ERR_CAST(peer);
	err = wgmesh_nl_get_flow(info, WGMESH_A_PATH_LOCAL, WGMESH_A_PATH_REMOTE, &flow);
	if (!err)
		err = get_ifindex(info, &flow, &ifindex);
	if (err)
		return ERR_PTR(err);
	if (info->attrs[WGMESH_A_PATH_CHANNEL])
		flow.channel = nla_get_u16(info->attrs[WGMESH_A_PATH_CHANNEL]);

	path = wgmesh_path_find(wn, &flow);
	if (path && path->follows) {
		/* who is asked for takes the place of what was only tried */
		wgmesh_path_remove(path);
		path = NULL;
	}
	err = wgmesh_nl_get_policy(info, peer, path, &policy);
	if (err)
		return ERR_PTR(err);
	if (!path) {
		path = wgmesh_path_add(peer, &flow, ifindex,
				       given_or(info, WGMESH_A_PATH_KIND, WGMESH_PATH_KIND_DIRECT),
				       given_or(info, WGMESH_A_PATH_PRIORITY, 0), policy,
				       info->extack);
		return wgmesh_nl_blame(info, path, path == ERR_PTR(-EEXIST) ?
				       WGMESH_A_PATH_LOCAL : WGMESH_A_PATH_PEER);
	}
	if (path->peer != peer) {
		NL_SET_ERR_MSG_ATTR(info->extack, info->attrs[WGMESH_A_PATH_LOCAL],
				    "a path of another peer has these endpoints");
		return ERR_PTR(-EEXIST);
	}
	if (info->attrs[WGMESH_A_PATH_IFINDEX] && path->route.ifindex != ifindex) {
		NL_SET_ERR_MSG_ATTR(info->extack, info->attrs[WGMESH_A_PATH_IFINDEX],
				    "the interface of a path cannot be changed; remove it first");
		return ERR_PTR(-EINVAL);
	}
	wgmesh_path_change(path, given_or(info, WGMESH_A_PATH_KIND, path->kind),
			   given_or(info, WGMESH_A_PATH_PRIORITY, path->priority), policy);
	return path;
}

int wgmesh_nl_path_set_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct wgmesh_net *wn = wgmesh_nl_request_net(info);
	struct wgmesh_path *path;
	int err;

	mutex_lock(&wn->lock);
	path = path_set(wn, info);
	if (!IS_ERR(path))
		wgmesh_prober_kick(path->peer);
	err = wgmesh_nl_answer(info, path, fill_path);
	mutex_unlock(&wn->lock);
	return err;
}

int wgmesh_nl_path_del_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct wgmesh_net *wn = wgmesh_nl_request_net(info);
	struct wgmesh_path *path;

	mutex_lock(&wn->lock);
	path = find_path(info, WGMESH_A_PATH_ID);
	if (!IS_ERR(path))
		wgmesh_path_remove(path);
	mutex_unlock(&wn->lock);
	return PTR_ERR_OR_ZERO(path);
}

int wgmesh_nl_path_get_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct wgmesh_net *wn = wgmesh_nl_request_net(info);
	struct wgmesh_path *path;
	int err;

	mutex_lock(&wn->lock);
	path = find_path(info, WGMESH_A_PATH_ID);
	err = wgmesh_nl_answer(info, path, fill_path);
	mutex_unlock(&wn->lock);
	return err;
}

/* A follower has no number, and is not told of. */
static int dump_paths_of(struct wgmesh_nl_dump *dump, u32 peer_id)
{
	const struct wgmesh_peer *peer = xa_load(&dump->wn->peers, peer_id);
	unsigned long position = 0;
	struct wgmesh_path *path;
	int err;

	if (!peer)
		return 0;
	list_for_each_entry(path, &peer->paths, peer_node) {
		if (path->follows)
			continue;
		err = wgmesh_nl_dump_object(dump, position++, path);
		if (err)
			return err;
	}
	return 0;
}

int wgmesh_nl_path_get_dumpit(struct sk_buff *skb, struct netlink_callback *cb)
{
	struct wgmesh_nl_dump dump = { .cmd = WGMESH_CMD_PATH_GET, .fill = fill_path };
	u32 peer;

	wgmesh_nl_dump_begin(&dump, skb, cb, WGMESH_TABLE_PATHS);
	peer = wgmesh_nl_dump_filter(&dump, WGMESH_A_PATH_PEER);
	return wgmesh_nl_dump_end(&dump, peer ? dump_paths_of(&dump, peer) :
				  wgmesh_nl_dump_all(&dump, &dump.wn->paths, NULL));
}

/* The generator knows no flags of groups. Events tell what only requests with the same privilege
 * do: endpoints, keys, and what a relay notes of its clients.
 */
static struct genl_multicast_group groups[ARRAY_SIZE(wgmesh_nl_mcgrps)] __ro_after_init;

static void __init restrict_groups(void)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(groups); i++) {
		groups[i] = wgmesh_nl_mcgrps[i];
		groups[i].flags = GENL_MCAST_CAP_NET_ADMIN;
	}
}

struct genl_family wgmesh_family __ro_after_init = {
	.name = WGMESH_FAMILY_NAME,
	.version = WGMESH_FAMILY_VERSION,
	.netnsok = true,
	/* what a request reads and changes is under the lock of its namespace, and RTNL */
	.parallel_ops = true,
	.module = THIS_MODULE,
	.ops = wgmesh_nl_ops,
	.n_ops = ARRAY_SIZE(wgmesh_nl_ops),
	.resv_start_op = WGMESH_CMD_MAX + 1,
	.mcgrps = groups,
	.n_mcgrps = ARRAY_SIZE(groups),
};

static const struct wgmesh_events events = {
	.device = event_device,
	.peer = event_peer,
	.path = event_path,
	.path_state = event_path_state,
	.selection = event_selection,
	.allocation = wgmesh_nl_event_allocation,
	.channel = wgmesh_nl_event_channel,
	.bounce = wgmesh_nl_event_bounce,
};

/**
 * wgmesh_netlink_init() - register the family
 *
 * Context: Process; may sleep.
 * Return: 0 or an error.
 */
int __init wgmesh_netlink_init(void)
{
	int err;

	restrict_groups();
	err = genl_register_family(&wgmesh_family);
	if (!err)
		wgmesh_events_register(&events);
	return err;
}

/**
 * wgmesh_netlink_exit() - unregister the family; no request runs after that
 *
 * The numbers of the family and its group are free then, and another family may get them: no
 * event may be under way.
 *
 * Context: Process; may sleep.
 */
void wgmesh_netlink_exit(void)
{
	wgmesh_events_unregister();
	genl_unregister_family(&wgmesh_family);
}
