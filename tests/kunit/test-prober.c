// SPDX-License-Identifier: GPL-2.0
/*
 * Probes that come in: which ones are answered, and which ones change anything.
 */
#include <kunit/test.h>
#include <linux/udp.h>

#include "netns.h"
#include "probing.h"
#include "wire.h"

static s64 refused(void)
{
	return atomic64_read(&tunnel_peer()->device->drop_probe);
}

/* The probe came on the path and was taken, but no answer was sent. */
static void expect_silence(struct kunit *test, const struct wgmesh_path *path,
			   const struct wgmesh_probe *probe)
{
	const struct packet packet = tunnel_packet(path);
	const s64 before = refused();
	struct wgmesh_probe answer;

	KUNIT_EXPECT_EQ(test, probing_arrives(test, &packet, probe), NF_STOLEN);
	KUNIT_EXPECT_FALSE(test, probing_sent(&packet, WGMESH_PROBE_ANSWER, &answer));
	KUNIT_EXPECT_EQ(test, refused(), before + 1);
	KUNIT_EXPECT_EQ(test, path->liveness.state, WGMESH_PATH_STATE_UNTESTED);
}

/* A request is answered where it came from, in the channel that it came in, once. */
static void test_request(struct kunit *test)
{
	const u16 family = *(const u16 *)test->param_value;
	const u16 channels[] = { 0, TUNNEL_CHANNEL };
	struct wgmesh_probe request, answer;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(channels); i++) {
		struct wgmesh_path *path = tunnel_path(test, family, channels[i]);
		const struct packet packet = tunnel_packet(path);

		request = probing_write(WGMESH_PROBE_REQUEST, PROBING_SEQUENCE + i, 0);
		KUNIT_EXPECT_EQ(test, probing_arrives(test, &packet, &request), NF_STOLEN);
		KUNIT_ASSERT_TRUE(test, probing_sent(&packet, WGMESH_PROBE_ANSWER, &answer));
		KUNIT_EXPECT_EQ(test, be64_to_cpu(answer.sequence), PROBING_SEQUENCE + i);
		expect_silence(test, path, &request);
	}
	KUNIT_EXPECT_NULL(test, tunnel_delivered());
}

/* What another path has heard is not taken again from this one. */
static void test_replayed_on_other_path(struct kunit *test)
{
	struct wgmesh_path *direct = tunnel_path(test, AF_INET, 0);
	struct wgmesh_path *relay = tunnel_path(test, AF_INET6, TUNNEL_CHANNEL);
	const struct packet packet = tunnel_packet(direct);
	struct wgmesh_probe request = probing_write(WGMESH_PROBE_REQUEST, PROBING_SEQUENCE, 0);

	KUNIT_EXPECT_EQ(test, probing_arrives(test, &packet, &request), NF_STOLEN);
	expect_silence(test, relay, &request);
}

static void test_forged(struct kunit *test)
{
	struct wgmesh_path *path = tunnel_path(test, AF_INET, 0);
	static const u8 other_key[WGMESH_PROBE_KEY_LEN] = { 7 };
	struct wgmesh_probe probe;

	wgmesh_probe_write(&probe, WGMESH_PROBE_REQUEST, PROBING_SEQUENCE, PROBING_SESSION, 0,
			   sizeof(probe), other_key);
	expect_silence(test, path, &probe);
	probe = probing_write(WGMESH_PROBE_REQUEST, PROBING_SEQUENCE, 0);
	probe.sequence ^= cpu_to_be64(1);
	expect_silence(test, path, &probe);
	probe = probing_write(WGMESH_PROBE_REQUEST, PROBING_SEQUENCE, 0);
	probe.session ^= cpu_to_be64(1);
	expect_silence(test, path, &probe);
	probe = probing_write(WGMESH_PROBE_REQUEST, PROBING_SEQUENCE, 0);
	probe.version ^= 1;
	expect_silence(test, path, &probe);
	probe = probing_write(WGMESH_PROBE_REQUEST, PROBING_SEQUENCE, 0);
	probe.mac[WGMESH_PROBE_MAC_LEN - 1] ^= 1;
	expect_silence(test, path, &probe);
}

/* What this node sent comes back to it. */
static void test_reflected(struct kunit *test)
{
	struct wgmesh_path *path = tunnel_path(test, AF_INET, 0);
	const struct packet packet = tunnel_packet(path);
	struct wgmesh_probe request;

	probing_look(path);
	KUNIT_ASSERT_TRUE(test, probing_sent(&packet, WGMESH_PROBE_REQUEST, &request));
	expect_silence(test, path, &request);
	request.type = WGMESH_PROBE_ANSWER;
	expect_silence(test, path, &request);
}

/* Too short for a probe: none of the module's business. */
static void test_truncated(struct kunit *test)
{
	struct wgmesh_path *path = tunnel_path(test, AF_INET, 0);
	const struct packet packet = tunnel_packet(path);
	struct wgmesh_probe request = probing_write(WGMESH_PROBE_REQUEST, PROBING_SEQUENCE, 0);
	struct wgmesh_probe answer;
	struct sk_buff *skb;
	unsigned int len;

	for (len = 0; len < sizeof(request); len++) {
		skb = packet_make(test, &packet);
		packet_set_payload(skb, &packet, &request, len);
		KUNIT_ASSERT_EQ(test, wire_arrives(skb), NF_ACCEPT);
		kfree_skb(skb);
	}
	KUNIT_EXPECT_FALSE(test, probing_sent(&packet, WGMESH_PROBE_ANSWER, &answer));
}

static void test_answer(struct kunit *test)
{
	struct wgmesh_path *path = tunnel_path(test, AF_INET, 0);
	const struct packet packet = tunnel_packet(path);
	struct wgmesh_probe request, answer;

	/* an answer to nothing */
	answer = probing_write(WGMESH_PROBE_ANSWER, PROBING_SEQUENCE, 0);
	expect_silence(test, path, &answer);

	probing_look(path);
	KUNIT_ASSERT_TRUE(test, probing_sent(&packet, WGMESH_PROBE_REQUEST, &request));
	answer = probing_write(WGMESH_PROBE_ANSWER, be64_to_cpu(request.sequence), 0);
	KUNIT_EXPECT_EQ(test, probing_arrives(test, &packet, &answer), NF_STOLEN);
	KUNIT_EXPECT_EQ(test, path->liveness.state, WGMESH_PATH_STATE_ALIVE);
	KUNIT_EXPECT_GT(test, path->liveness.rtt_us, 0);
	KUNIT_EXPECT_EQ(test, path->liveness.answered, 1);

	KUNIT_EXPECT_EQ(test, probing_arrives(test, &packet, &answer), NF_STOLEN);
	KUNIT_EXPECT_EQ(test, path->liveness.answered, 1);
}

/* The answer has to come on the path that was asked about. */
static void test_answer_on_other_path(struct kunit *test)
{
	struct wgmesh_path *direct = tunnel_path(test, AF_INET, 0);
	struct wgmesh_path *relay = tunnel_path(test, AF_INET6, TUNNEL_CHANNEL);
	const struct packet packet = tunnel_packet(direct);
	struct wgmesh_probe request, answer;

	probing_look(direct);
	KUNIT_ASSERT_TRUE(test, probing_sent(&packet, WGMESH_PROBE_REQUEST, &request));
	answer = probing_write(WGMESH_PROBE_ANSWER, be64_to_cpu(request.sequence), 0);
	expect_silence(test, relay, &answer);
	KUNIT_EXPECT_EQ(test, direct->liveness.state, WGMESH_PATH_STATE_UNTESTED);
}

/* A request of the peer, with this sequence, in this session. Return: the session that the answer
 * names, 0 when there is none.
 */
static u64 ask(struct kunit *test, const struct wgmesh_path *path, u64 sequence, u64 session)
{
	const struct packet packet = tunnel_packet(path);
	struct wgmesh_probe request, answer;

	wgmesh_probe_write(&request, WGMESH_PROBE_REQUEST, sequence, session, 0, sizeof(request),
			   probing_key_rx);
	KUNIT_EXPECT_EQ(test, probing_arrives(test, &packet, &request), NF_STOLEN);
	if (!probing_sent(&packet, WGMESH_PROBE_ANSWER, &answer))
		return 0;
	KUNIT_EXPECT_EQ(test, be64_to_cpu(answer.sequence), sequence);
	return be64_to_cpu(answer.session);
}

/* The peer started again, its sequences begin anywhere: it is told another session, and is
 * understood as soon as it names that. What belongs to the one before does not any more.
 */
static void test_other_session(struct kunit *test)
{
	struct wgmesh_path *path = tunnel_path(test, AF_INET, 0);
	u64 session;

	KUNIT_EXPECT_EQ(test, ask(test, path, PROBING_SEQUENCE, PROBING_SESSION),
			PROBING_SESSION);
	session = ask(test, path, 7, 0);
	KUNIT_ASSERT_NE(test, session, 0);
	KUNIT_ASSERT_NE(test, session, PROBING_SESSION);
	/* a copy of that makes no difference to the one that goes on */
	KUNIT_EXPECT_EQ(test, ask(test, path, 7, 0), session);
	KUNIT_EXPECT_EQ(test, ask(test, path, PROBING_SEQUENCE + 1, PROBING_SESSION),
			PROBING_SESSION);

	KUNIT_EXPECT_EQ(test, ask(test, path, 8, session), session);
	KUNIT_EXPECT_EQ(test, ask(test, path, 8, session), 0);
	KUNIT_EXPECT_EQ(test, ask(test, path, 9, session), session);
	KUNIT_EXPECT_NE(test, ask(test, path, PROBING_SEQUENCE + 2, PROBING_SESSION),
			PROBING_SESSION);
	KUNIT_EXPECT_EQ(test, ask(test, path, 10, session), session);
}

/* Copies of requests of other sessions are answered, so many a second, and mean nothing. */
static void test_foreign_session(struct kunit *test)
{
	struct wgmesh_path *path = tunnel_path(test, AF_INET, 0);
	unsigned int answers = 0, i;

	tunnel_peer()->prober.foreign.bytes_per_s = 1;
	for (i = 0; i < 1000; i++)
		answers += ask(test, path, i + 1, PROBING_SESSION + 1) != 0;
	KUNIT_EXPECT_GT(test, answers, 0);
	KUNIT_EXPECT_LT(test, answers, 1000);
	KUNIT_EXPECT_EQ(test, refused(), 1000 - answers);
	KUNIT_EXPECT_EQ(test, tunnel_peer()->prober.session.id, PROBING_SESSION);
}

/* An answer tells the peer's session, and the next request names it; an older one does not. */
static void test_told_session(struct kunit *test)
{
	struct wgmesh_path *path = tunnel_path(test, AF_INET, 0);
	const struct packet packet = tunnel_packet(path);
	struct wgmesh_probe first, second, third, answer;

	probing_look(path);
	KUNIT_ASSERT_TRUE(test, probing_sent(&packet, WGMESH_PROBE_REQUEST, &first));
	KUNIT_EXPECT_EQ(test, be64_to_cpu(first.session), 0);
	probing_look(path);
	KUNIT_ASSERT_TRUE(test, probing_sent(&packet, WGMESH_PROBE_REQUEST, &second));

	wgmesh_probe_write(&answer, WGMESH_PROBE_ANSWER, be64_to_cpu(second.sequence), 5, 0,
			   sizeof(answer), probing_key_rx);
	KUNIT_EXPECT_EQ(test, probing_arrives(test, &packet, &answer), NF_STOLEN);
	wgmesh_probe_write(&answer, WGMESH_PROBE_ANSWER, be64_to_cpu(first.sequence), 4, 0,
			   sizeof(answer), probing_key_rx);
	KUNIT_EXPECT_EQ(test, probing_arrives(test, &packet, &answer), NF_STOLEN);
	KUNIT_EXPECT_EQ(test, path->liveness.answered, 2);
	probing_look(path);
	KUNIT_ASSERT_TRUE(test, probing_sent(&packet, WGMESH_PROBE_REQUEST, &third));
	KUNIT_EXPECT_EQ(test, be64_to_cpu(third.session), 5);
}

/* Other keys: what was authentic is not any more. */
static void test_other_keys(struct kunit *test)
{
	struct wgmesh_path *path = tunnel_path(test, AF_INET, 0);
	struct wgmesh_probe request = probing_write(WGMESH_PROBE_REQUEST, PROBING_SEQUENCE, 0);
	struct wgmesh_net *wn = wire_underlay();
	int err;

	mutex_lock(&wn->lock);
	err = wgmesh_prober_set_keys(tunnel_peer(), probing_key_rx, probing_key_tx);
	mutex_unlock(&wn->lock);
	KUNIT_ASSERT_EQ(test, err, 0);
	expect_silence(test, path, &request);
}

/* A datagram that only looks like a probe belongs to the socket when none are exchanged. */
static void test_without_keys(struct kunit *test)
{
	struct wgmesh_net *wn = wire_underlay();
	struct wgmesh_peer *other = tunnel_other_peer(test);
	struct wgmesh_probe request = probing_write(WGMESH_PROBE_REQUEST, PROBING_SEQUENCE, 0);
	struct wgmesh_path *path;
	struct packet packet;
	struct wgmesh_flow flow;

	packet_flow(&flow, AF_INET, TUNNEL_LOCAL_PORT, TUNNEL_REMOTE, TUNNEL_REMOTE_PORT);
	mutex_lock(&wn->lock);
	path = wgmesh_path_add(other, &flow, 0, WGMESH_PATH_KIND_DIRECT, 0,
			       WGMESH_PATH_POLICY_AUTO, NULL);
	mutex_unlock(&wn->lock);
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, path);
	packet = tunnel_packet(path);
	KUNIT_EXPECT_EQ(test, probing_arrives(test, &packet, &request), NF_ACCEPT);
	KUNIT_EXPECT_EQ(test, refused(), 0);
}

/* The NAT may be in front of the peer alone: this end keeps the way open, and finds out what that NAT
 * keeps, though nothing is on its own side. Through a relay somebody else does.
 */
static void test_kept_open(struct kunit *test)
{
	const u16 channels[] = { 0, TUNNEL_CHANNEL };
	struct wgmesh_probe request, answer;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(channels); i++) {
		struct wgmesh_path *path = tunnel_path(test, AF_INET, channels[i]);
		const struct packet packet = tunnel_packet(path);

		probing_look(path);
		KUNIT_ASSERT_TRUE(test, probing_sent(&packet, WGMESH_PROBE_REQUEST, &request));
		answer = probing_write(WGMESH_PROBE_ANSWER, be64_to_cpu(request.sequence), 0);
		KUNIT_EXPECT_EQ(test, probing_arrives(test, &packet, &answer), NF_STOLEN);
		KUNIT_ASSERT_FALSE(test, tunnel_peer()->prober.awake);
		probing_look(path);
		if (channels[i])
			KUNIT_EXPECT_GT(test, path->next_probe_ns - path->last_probe_ns,
					15 * (u64)NSEC_PER_SEC);
		else
			KUNIT_EXPECT_LE(test, path->next_probe_ns - path->last_probe_ns,
					6 * (u64)NSEC_PER_SEC);
	}
}

static struct kunit_case cases[] = {
	KUNIT_CASE(test_kept_open),
	KUNIT_CASE_PARAM(test_request, packet_families),
	KUNIT_CASE(test_replayed_on_other_path),
	KUNIT_CASE(test_forged),
	KUNIT_CASE(test_reflected),
	KUNIT_CASE(test_truncated),
	KUNIT_CASE(test_answer),
	KUNIT_CASE(test_answer_on_other_path),
	KUNIT_CASE(test_other_session),
	KUNIT_CASE(test_foreign_session),
	KUNIT_CASE(test_told_session),
	KUNIT_CASE(test_other_keys),
	KUNIT_CASE(test_without_keys),
	{}
};

static struct kunit_suite suite = {
	.name = "wgmesh-prober",
	.init = probing_open,
	.exit = tunnel_untap,
	.test_cases = cases,
};

kunit_test_suite(suite);
