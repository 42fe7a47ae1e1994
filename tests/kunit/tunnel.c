// SPDX-License-Identifier: GPL-2.0
/*
 * A WireGuard device with a peer, attached. tests/kunit/run makes the device.
 */
#include <linux/rtnetlink.h>
#include <net/udp.h>

#include "netns.h"
#include "packet.h"
#include "tunnel.h"
#include "wire.h"

#define INTERFACE	"kunit2"

/* One test runs at a time. */
static struct wgmesh_device *device;
static struct wgmesh_peer *peer;
static struct sk_buff_head delivered;
static int (*wireguard_takes)(struct sock *sk, struct sk_buff *skb);

static int attach(struct net_device *dev)
{
	static const u8 key[WGMESH_PUBLIC_KEY_LEN] = { 1, 2, 3 };
	struct wgmesh_net *wn = wire_underlay();
	int err = 0;

	rtnl_lock();
	mutex_lock(&wn->lock);
	device = wgmesh_device_attach(wn, dev, NULL);
	if (IS_ERR(device)) {
		err = PTR_ERR(device);
		device = NULL;
		goto unlock;
	}
	wgmesh_device_set_port(device, htons(TUNNEL_PORT));
	peer = wgmesh_peer_add(device, key, NULL);
	if (IS_ERR(peer)) {
		err = PTR_ERR(peer);
		peer = NULL;
	}
unlock:
	mutex_unlock(&wn->lock);
	rtnl_unlock();
	return err;
}

/**
 * tunnel_open() - attach the device, which gets a peer; for the init of a suite
 * @test: the test
 *
 * Return: 0 or an error.
 */
int tunnel_open(struct kunit *test)
{
	struct net_device *dev = dev_get_by_name(&init_net, INTERFACE);
	int err;

	if (!dev) {
		kunit_err(test, "the interface " INTERFACE " is missing");
		return -ENODEV;
	}
	err = wire_open(test) ?: attach(dev);
	dev_put(dev);
	return err;
}

/**
 * tunnel_close() - undo tunnel_open(); for the exit of a suite
 * @test: the test
 */
void tunnel_close(struct kunit *test)
{
	struct wgmesh_net *wn = wire_underlay();

	rtnl_lock();
	mutex_lock(&wn->lock);
	if (device)
		wgmesh_device_detach(device);
	device = NULL;
	peer = NULL;
	mutex_unlock(&wn->lock);
	rtnl_unlock();
	wire_close(test);
}

/**
 * tunnel_peer() - the peer
 */
struct wgmesh_peer *tunnel_peer(void)
{
	return peer;
}

/**
 * tunnel_remove_peer() - remove the peer, before the device goes
 */
void tunnel_remove_peer(void)
{
	struct wgmesh_net *wn = wire_underlay();

	mutex_lock(&wn->lock);
	wgmesh_peer_remove(peer);
	peer = NULL;
	mutex_unlock(&wn->lock);
}

/**
 * tunnel_other_peer() - give the device one more peer
 * @test: the test
 *
 * Return: the peer, which goes with the device.
 */
struct wgmesh_peer *tunnel_other_peer(struct kunit *test)
{
	static const u8 key[WGMESH_PUBLIC_KEY_LEN] = { 4, 5, 6 };
	struct wgmesh_net *wn = wire_underlay();
	struct wgmesh_peer *other;

	mutex_lock(&wn->lock);
	other = wgmesh_peer_add(device, key, NULL);
	mutex_unlock(&wn->lock);
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, other);
	return other;
}

/**
 * tunnel_socket() - WireGuard's socket
 * @test: the test
 *
 * Return: the socket, which is there as long as the interface is up.
 */
struct sock *tunnel_socket(struct kunit *test)
{
	struct sock *sk;

	rcu_read_lock();
	sk = wgmesh_device_socket(device);
	rcu_read_unlock();
	KUNIT_ASSERT_NOT_NULL(test, sk);
	return sk;
}

static struct wgmesh_path *add_path(struct kunit *test, u16 family, u16 local_port, u8 remote,
				    u16 channel)
{
	struct wgmesh_net *wn = wire_underlay();
	struct wgmesh_path *path;
	struct wgmesh_flow flow;

	packet_flow(&flow, family, local_port, remote, TUNNEL_REMOTE_PORT);
	flow.channel = channel;
	mutex_lock(&wn->lock);
	path = wgmesh_path_add(peer, &flow, 0,
			       channel ? WGMESH_PATH_KIND_RELAY : WGMESH_PATH_KIND_DIRECT, 0,
			       WGMESH_PATH_POLICY_AUTO, NULL);
	mutex_unlock(&wn->lock);
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, path);
	return path;
}

/**
 * tunnel_path() - give the peer a path
 * @test: the test
 * @family: of its endpoints
 * @channel: number of the channel of a relay, or 0
 *
 * Return: the path, from TUNNEL_LOCAL_PORT to TUNNEL_REMOTE.
 */
struct wgmesh_path *tunnel_path(struct kunit *test, u16 family, u16 channel)
{
	return add_path(test, family, TUNNEL_LOCAL_PORT, TUNNEL_REMOTE, channel);
}

/**
 * tunnel_path_between() - give the peer a direct path between other endpoints
 * @test: the test
 * @local_port: the port on this node
 * @remote: number of the address of the peer
 */
struct wgmesh_path *tunnel_path_between(struct kunit *test, u16 local_port, u8 remote)
{
	return add_path(test, AF_INET, local_port, remote, 0);
}

/**
 * tunnel_packet() - what the peer sends on a path
 * @path: the path
 */
struct packet tunnel_packet(const struct wgmesh_path *path)
{
	return (struct packet){
		.family = path->node.flow.family,
		.from = TUNNEL_REMOTE,
		.to = 1,
		.source = TUNNEL_REMOTE_PORT,
		.dest = TUNNEL_LOCAL_PORT,
		.channel = path->node.flow.channel,
	};
}

static int take(struct sock *sk, struct sk_buff *skb)
{
	skb_queue_tail(&delivered, skb);
	return 0;
}

/**
 * tunnel_tap() - tunnel_open(), and to keep what WireGuard would receive
 * @test: the test
 *
 * Return: 0 or an error.
 */
int tunnel_tap(struct kunit *test)
{
	int err = tunnel_open(test);

	skb_queue_head_init(&delivered);
	if (err)
		return err;
	wireguard_takes = READ_ONCE(udp_sk(tunnel_socket(test))->encap_rcv);
	WRITE_ONCE(udp_sk(tunnel_socket(test))->encap_rcv, take);
	return 0;
}

/**
 * tunnel_untap() - undo tunnel_tap(); for the exit of a suite
 * @test: the test
 */
void tunnel_untap(struct kunit *test)
{
	if (wireguard_takes)
		WRITE_ONCE(udp_sk(tunnel_socket(test))->encap_rcv, wireguard_takes);
	wireguard_takes = NULL;
	skb_queue_purge(&delivered);
	tunnel_close(test);
}

/**
 * tunnel_delivered() - what WireGuard would have received
 *
 * Return: the first packet that was not asked for yet, data at its UDP header; the caller
 * frees it. NULL when there is none.
 */
struct sk_buff *tunnel_delivered(void)
{
	return skb_dequeue(&delivered);
}

/**
 * tunnel_next_case() - all of families, channels and the first @sums checksums
 * @previous: the one before; NULL begins
 * @name: gets its name
 * @sums: how many of enum packet_sum
 *
 * Return: the next one, or NULL.
 */
const void *tunnel_next_case(const void *previous, char *name, unsigned int sums)
{
	static struct tunnel_case next;
	static unsigned int number;

	number = previous ? number + 1 : 0;
	if (number == sums * 4)
		return NULL;
	next.sum = number % sums;
	next.family = number / sums % 2 ? AF_INET6 : AF_INET;
	next.channel = number / sums / 2 ? TUNNEL_CHANNEL : 0;
	snprintf(name, KUNIT_PARAM_DESC_SIZE, "IPv%c, %s channel, checksum %s",
		 next.family == AF_INET ? '4' : '6', next.channel ? "in a" : "no",
		 packet_sum_names[next.sum]);
	return &next;
}
