// SPDX-License-Identifier: GPL-2.0
/*
 * What comes from endpoints that no path has, and how a path follows.
 */
#include <kunit/test.h>
#include <linux/ip.h>

#include "index.h"
#include "message.h"
#include "netns.h"
#include "probing.h"
#include "roam.h"
#include "wire.h"

#define NEW_PORT	(TUNNEL_REMOTE_PORT + 1)

static u32 index_of_payload(void)
{
	return wgmesh_message_receiver(packet_payload(), WGMESH_MESSAGE_DATA);
}

static int open_known(struct kunit *test)
{
	int err = probing_open(test);

	if (err)
		return err;
	local_bh_disable();
	wgmesh_index_learn(tunnel_peer(), index_of_payload());
	local_bh_enable();
	return 0;
}

/* The peer has another port now. */
static struct packet moved_packet(const struct wgmesh_path *path)
{
	struct packet packet = tunnel_packet(path);

	packet.source = NEW_PORT;
	return packet;
}

static void roam(void)
{
	flush_work(&wire_underlay()->roam_work);
}

static struct wgmesh_path *find_path(const struct packet *packet)
{
	struct wgmesh_net *wn = wire_underlay();
	struct wgmesh_path *path;
	struct wgmesh_flow flow;

	packet_flow(&flow, packet->family, packet->dest, packet->from, packet->source);
	mutex_lock(&wn->lock);
	path = wgmesh_path_find(wn, &flow);
	mutex_unlock(&wn->lock);
	return path;
}

static void set_state(struct wgmesh_path *path, enum wgmesh_path_state state)
{
	spin_lock_bh(&path->peer->lock);
	path->liveness.state = state;
	spin_unlock_bh(&path->peer->lock);
}

/* Data is WireGuard's by the index in it, wherever it comes from. */
static void test_data(struct kunit *test)
{
	const u16 family = *(const u16 *)test->param_value;
	struct wgmesh_path *path = tunnel_path(test, family, 0);
	struct packet packet = moved_packet(path);
	struct wgmesh_path_totals totals;
	struct sk_buff *skb;

	KUNIT_ASSERT_EQ(test, wire_arrives(packet_make(test, &packet)), NF_STOLEN);
	skb = tunnel_delivered();
	KUNIT_ASSERT_NOT_NULL(test, skb);
	KUNIT_EXPECT_EQ(test, ip_hdr(skb)->saddr, wgmesh_peer_virtual_address(tunnel_peer()));
	kfree_skb(skb);
	packet.from++;
	KUNIT_ASSERT_EQ(test, wire_arrives(packet_make(test, &packet)), NF_STOLEN);
	kfree_skb(tunnel_delivered());
	wgmesh_path_totals(path, &totals);
	KUNIT_EXPECT_EQ(test, totals.rx_packets, 2);

	/* data is no proof that the peer receives there */
	roam();
	KUNIT_EXPECT_NULL(test, find_path(&packet));
}

static void expect_left_alone(struct kunit *test, const struct packet *packet)
{
	struct sk_buff *skb = packet_make(test, packet);

	KUNIT_ASSERT_EQ(test, wire_arrives(skb), NF_ACCEPT);
	KUNIT_EXPECT_NULL(test, tunnel_delivered());
	kfree_skb(skb);
}

static void test_unknown_data(struct kunit *test)
{
	struct wgmesh_path *path = tunnel_path(test, AF_INET, 0);
	const struct packet moved = moved_packet(path);
	struct packet packet = moved;
	struct sk_buff *skb;

	/* to a port, or of a family, that the peer has no path by */
	packet.dest++;
	expect_left_alone(test, &packet);
	packet = moved;
	packet.family = AF_INET6;
	expect_left_alone(test, &packet);

	/* an index of nobody; what is no data */
	skb = packet_make(test, &moved);
	skb->data[packet_headers_len(&moved) + 4] ^= 1;
	KUNIT_ASSERT_EQ(test, wire_arrives(skb), NF_ACCEPT);
	kfree_skb(skb);
	skb = packet_make(test, &moved);
	skb->data[packet_headers_len(&moved)] = 5;
	KUNIT_ASSERT_EQ(test, wire_arrives(skb), NF_ACCEPT);
	kfree_skb(skb);
}

/* A relay does not roam. */
static void test_past_relay(struct kunit *test)
{
	const struct packet packet = {
		.family = AF_INET,
		.from = TUNNEL_REMOTE,
		.to = 1,
		.source = NEW_PORT,
		.dest = TUNNEL_LOCAL_PORT,
	};

	struct wgmesh_probe request;

	tunnel_path(test, AF_INET, TUNNEL_CHANNEL);
	expect_left_alone(test, &packet);
	request = probing_write(WGMESH_PROBE_REQUEST, PROBING_SEQUENCE, index_of_payload());
	KUNIT_EXPECT_EQ(test, probing_arrives(test, &packet, &request), NF_ACCEPT);
	roam();
	KUNIT_EXPECT_NULL(test, find_path(&packet));
}

/* From a request that was heard from elsewhere to the path that leads there. */
static void test_follows(struct kunit *test)
{
	const u16 family = *(const u16 *)test->param_value;
	struct wgmesh_path *path = tunnel_path(test, family, 0), *follower;
	const struct packet old = tunnel_packet(path), packet = moved_packet(path);
	struct wgmesh_net *wn = wire_underlay();
	struct wgmesh_probe request, answer;
	struct wgmesh_path_totals totals;
	const u32 id = path->id;

	KUNIT_ASSERT_EQ(test, wire_arrives(packet_make(test, &old)), NF_STOLEN);
	request = probing_write(WGMESH_PROBE_REQUEST, PROBING_SEQUENCE, index_of_payload());
	KUNIT_ASSERT_EQ(test, probing_arrives(test, &packet, &request), NF_DROP);
	KUNIT_EXPECT_FALSE(test, probing_sent(&packet, WGMESH_PROBE_ANSWER, &answer));
	roam();
	follower = find_path(&packet);
	KUNIT_ASSERT_NOT_NULL(test, follower);
	KUNIT_EXPECT_PTR_EQ(test, follower->follows, path);
	KUNIT_EXPECT_PTR_EQ(test, find_path(&old), path);
	KUNIT_EXPECT_PTR_EQ(test, rcu_access_pointer(tunnel_peer()->selected), path);
	KUNIT_EXPECT_EQ(test, tunnel_peer()->n_paths, 1);

	/* the peer answers there: it is known to receive there */
	probing_look(follower);
	KUNIT_ASSERT_TRUE(test, probing_sent(&packet, WGMESH_PROBE_REQUEST, &request));
	answer = probing_write(WGMESH_PROBE_ANSWER, be64_to_cpu(request.sequence), 0);
	KUNIT_ASSERT_EQ(test, probing_arrives(test, &packet, &answer), NF_STOLEN);
	roam();
	KUNIT_EXPECT_PTR_EQ(test, find_path(&packet), follower);
	KUNIT_EXPECT_NULL(test, follower->follows);
	KUNIT_EXPECT_EQ(test, follower->id, id);
	KUNIT_EXPECT_PTR_EQ(test, xa_load(&wn->paths, id), follower);
	KUNIT_EXPECT_PTR_EQ(test, rcu_access_pointer(tunnel_peer()->selected), follower);
	KUNIT_EXPECT_NULL(test, find_path(&old));
	KUNIT_EXPECT_EQ(test, tunnel_peer()->n_paths, 1);
	wgmesh_path_totals(follower, &totals);
	KUNIT_EXPECT_EQ(test, totals.rx_packets, 1);
}

/* What cannot be of the peer, or was heard before, moves nothing. */
static void test_false_requests(struct kunit *test)
{
	struct wgmesh_path *path = tunnel_path(test, AF_INET, 0);
	const struct packet old = tunnel_packet(path), packet = moved_packet(path);
	struct wgmesh_probe probe, answer;

	/* forged */
	wgmesh_probe_write(&probe, WGMESH_PROBE_REQUEST, PROBING_SEQUENCE, PROBING_SESSION,
			   index_of_payload(), sizeof(probe), probing_key_tx);
	KUNIT_EXPECT_EQ(test, probing_arrives(test, &packet, &probe), NF_DROP);
	/* for nobody */
	probe = probing_write(WGMESH_PROBE_REQUEST, PROBING_SEQUENCE, index_of_payload() + 1);
	KUNIT_EXPECT_EQ(test, probing_arrives(test, &packet, &probe), NF_ACCEPT);
	/* an answer */
	probe = probing_write(WGMESH_PROBE_ANSWER, PROBING_SEQUENCE, index_of_payload());
	KUNIT_EXPECT_EQ(test, probing_arrives(test, &packet, &probe), NF_DROP);
	/* one that came on the path, sent again from elsewhere */
	probe = probing_write(WGMESH_PROBE_REQUEST, PROBING_SEQUENCE, index_of_payload());
	KUNIT_EXPECT_EQ(test, probing_arrives(test, &old, &probe), NF_STOLEN);
	KUNIT_EXPECT_TRUE(test, probing_sent(&old, WGMESH_PROBE_ANSWER, &answer));
	KUNIT_EXPECT_EQ(test, probing_arrives(test, &packet, &probe), NF_DROP);

	roam();
	KUNIT_EXPECT_NULL(test, find_path(&packet));
	KUNIT_EXPECT_PTR_EQ(test, find_path(&old), path);
}

/* The peer was heard, on the address of that number. */
static void hear(u16 family, u8 remote)
{
	struct wgmesh_flow flow;

	packet_flow(&flow, family, TUNNEL_LOCAL_PORT, remote, NEW_PORT);
	rcu_read_lock();
	wgmesh_roam_heard(tunnel_peer(), &flow);
	rcu_read_unlock();
	roam();
}

static struct wgmesh_path *make_follower(struct kunit *test, struct wgmesh_path *path)
{
	const struct packet packet = moved_packet(path);
	struct wgmesh_path *follower;

	hear(path->node.flow.family, TUNNEL_REMOTE);
	follower = find_path(&packet);
	KUNIT_ASSERT_NOT_NULL(test, follower);
	return follower;
}

static struct wgmesh_path *follower_of(struct wgmesh_path *path)
{
	struct wgmesh_net *wn = wire_underlay();
	struct wgmesh_path *follower;

	mutex_lock(&wn->lock);
	follower = wgmesh_path_follower(path);
	mutex_unlock(&wn->lock);
	return follower;
}

/* Paths that share their local endpoint: the one follows whose NAT has another port, or one that
 * does not work, and the oldest only when nothing tells them apart.
 */
static void test_which_moved(struct kunit *test)
{
	struct wgmesh_path *near, *far;

	near = tunnel_path_between(test, TUNNEL_LOCAL_PORT, TUNNEL_REMOTE + 1);
	far = tunnel_path(test, AF_INET, 0);
	set_state(near, WGMESH_PATH_STATE_ALIVE);
	set_state(far, WGMESH_PATH_STATE_ALIVE);
	hear(AF_INET, TUNNEL_REMOTE);
	KUNIT_EXPECT_NULL(test, follower_of(near));
	KUNIT_EXPECT_NOT_NULL(test, follower_of(far));
	set_state(far, WGMESH_PATH_STATE_SUSPECT);
	hear(AF_INET, TUNNEL_REMOTE + 2);
	KUNIT_EXPECT_NULL(test, follower_of(near));
	KUNIT_EXPECT_NOT_NULL(test, follower_of(far));
	set_state(far, WGMESH_PATH_STATE_ALIVE);
	hear(AF_INET, TUNNEL_REMOTE + 3);
	KUNIT_EXPECT_NOT_NULL(test, follower_of(near));
}

/* Where no answer may go, the peer cannot be. */
static void test_from_nowhere(struct kunit *test)
{
	struct wgmesh_path *path = tunnel_path(test, AF_INET, 0);
	static const u32 addresses[] = {
		0, INADDR_LOOPBACK, 0x7f400001, 0xe0000001, INADDR_BROADCAST
	};
	struct wgmesh_flow flow;
	unsigned int i;

	rcu_read_lock();
	packet_flow(&flow, AF_INET, TUNNEL_LOCAL_PORT, TUNNEL_REMOTE + 1, NEW_PORT);
	KUNIT_EXPECT_PTR_EQ(test, wgmesh_roam_path(tunnel_peer(), &flow), path);
	for (i = 0; i < ARRAY_SIZE(addresses); i++) {
		flow.remote.ip = htonl(addresses[i]);
		KUNIT_EXPECT_NULL(test, wgmesh_roam_path(tunnel_peer(), &flow));
	}
	packet_flow(&flow, AF_INET, TUNNEL_LOCAL_PORT, TUNNEL_REMOTE + 1, 0);
	KUNIT_EXPECT_NULL(test, wgmesh_roam_path(tunnel_peer(), &flow));
	rcu_read_unlock();
}

/* A peer that says it is at one victim's after the other makes no more be sent than at one's. */
static void test_many_victims(struct kunit *test)
{
	struct wgmesh_path *path = tunnel_path(test, AF_INET, 0), *follower;
	unsigned int sent = 0, i, j;

	set_state(path, WGMESH_PATH_STATE_ALIVE);
	for (i = 0; i < 20; i++) {
		hear(AF_INET, TUNNEL_REMOTE + 1 + i % 3);
		follower = follower_of(path);
		KUNIT_ASSERT_NOT_NULL(test, follower);
		for (j = 0; j < 10; j++)
			probing_look(follower);
		sent += follower->liveness.sent;
	}
	KUNIT_EXPECT_GT(test, sent, 0);
	KUNIT_EXPECT_LT(test, sent, 50);
}

/* Whose packet it is does not wait for what is done with the peer. */
static void test_takes_no_lock(struct kunit *test)
{
	struct wgmesh_path *path = tunnel_path(test, AF_INET, 0), *found;
	struct wgmesh_flow flow;

	packet_flow(&flow, AF_INET, TUNNEL_LOCAL_PORT, TUNNEL_REMOTE, NEW_PORT);
	rcu_read_lock();
	spin_lock_bh(&tunnel_peer()->lock);
	found = wgmesh_roam_path(tunnel_peer(), &flow);
	spin_unlock_bh(&tunnel_peer()->lock);
	rcu_read_unlock();
	KUNIT_EXPECT_PTR_EQ(test, found, path);
}

/* Something about the paths changed. */
static void look_again(void)
{
	spin_lock_bh(&tunnel_peer()->lock);
	wgmesh_roam_schedule(tunnel_peer());
	spin_unlock_bh(&tunnel_peer()->lock);
	roam();
}

/* A follower that nobody answers goes when the path works after all, and not before. */
static void test_vain(struct kunit *test)
{
	struct wgmesh_path *path = tunnel_path(test, AF_INET, 0);
	struct wgmesh_path *follower = make_follower(test, path);
	const struct packet packet = moved_packet(path);

	spin_lock_bh(&tunnel_peer()->lock);
	follower->liveness.sent = WGMESH_FOLLOWER_EAGER;
	spin_unlock_bh(&tunnel_peer()->lock);
	look_again();
	KUNIT_EXPECT_PTR_EQ(test, find_path(&packet), follower);

	set_state(path, WGMESH_PATH_STATE_ALIVE);
	look_again();
	KUNIT_EXPECT_NULL(test, find_path(&packet));

	/* nor does one that cannot be sent on */
	follower = make_follower(test, path);
	set_state(follower, WGMESH_PATH_STATE_DEAD);
	look_again();
	KUNIT_EXPECT_NULL(test, find_path(&packet));
}

static void test_removed_with_path(struct kunit *test)
{
	struct wgmesh_path *path = tunnel_path(test, AF_INET, 0);
	struct wgmesh_net *wn = wire_underlay();
	const struct packet packet = moved_packet(path);

	make_follower(test, path);
	mutex_lock(&wn->lock);
	wgmesh_path_remove(path);
	mutex_unlock(&wn->lock);
	KUNIT_EXPECT_NULL(test, find_path(&packet));
	KUNIT_EXPECT_TRUE(test, list_empty(&tunnel_peer()->paths));
}

static void test_removed_with_peer(struct kunit *test)
{
	struct wgmesh_path *path = tunnel_path(test, AF_INET, 0);
	struct wgmesh_net *wn = wire_underlay();
	const struct packet packet = moved_packet(path);

	tunnel_path(test, AF_INET6, TUNNEL_CHANNEL);
	make_follower(test, path);
	tunnel_remove_peer();
	KUNIT_EXPECT_NULL(test, find_path(&packet));
	KUNIT_EXPECT_TRUE(test, xa_empty(&wn->paths));
	KUNIT_EXPECT_EQ(test, atomic_read(&wn->flows.nelems), 0);
}

/* The peer goes while something about it is to be looked at. */
static void test_peer_removed(struct kunit *test)
{
	struct wgmesh_peer *other = tunnel_other_peer(test);
	struct wgmesh_net *wn = wire_underlay();
	struct wgmesh_flow flow;

	packet_flow(&flow, AF_INET, TUNNEL_LOCAL_PORT, TUNNEL_REMOTE, NEW_PORT);
	mutex_lock(&wn->lock);
	rcu_read_lock();
	wgmesh_roam_heard(other, &flow);
	rcu_read_unlock();
	wgmesh_peer_remove(other);
	mutex_unlock(&wn->lock);
	roam();
	KUNIT_EXPECT_TRUE(test, list_empty(&wn->roaming));
}

static struct kunit_case cases[] = {
	KUNIT_CASE_PARAM(test_data, packet_families),
	KUNIT_CASE(test_unknown_data),
	KUNIT_CASE(test_past_relay),
	KUNIT_CASE_PARAM(test_follows, packet_families),
	KUNIT_CASE(test_false_requests),
	KUNIT_CASE(test_which_moved),
	KUNIT_CASE(test_from_nowhere),
	KUNIT_CASE(test_many_victims),
	KUNIT_CASE(test_takes_no_lock),
	KUNIT_CASE(test_vain),
	KUNIT_CASE(test_removed_with_path),
	KUNIT_CASE(test_removed_with_peer),
	KUNIT_CASE(test_peer_removed),
	{}
};

static struct kunit_suite suite = {
	.name = "wgmesh-roam",
	.init = open_known,
	.exit = tunnel_untap,
	.test_cases = cases,
};

kunit_test_suite(suite);
