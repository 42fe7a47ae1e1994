// SPDX-License-Identifier: GPL-2.0
/*
 * Forwarding the data of channels: from the receive hook to the wire.
 */
#include <kunit/test.h>
#include <linux/ip.h>
#include <linux/udp.h>
#include <net/ip.h>

#include "channel-data.h"
#include "packet.h"
#include "relayed.h"
#include "wire.h"

#define CLIENT		2
#define PEER		3
#define OTHER_CLIENT	4

#define NUMBER		0x4001
#define OTHER_NUMBER	0x7ffe
#define RELAYED		50000
#define OTHER_RELAYED	50002

/* Where the data comes from, and where it goes: the peer may be a client of the relay itself. */
enum way {
	TO_PEER,
	TO_CLIENT,
	BETWEEN_CLIENTS,
	WAYS
};

struct forwarded {
	enum way way;
	u16 in;
	u16 out;
	enum packet_sum sum;
};

static void set_numbered(struct forwarded *forwarded, unsigned int number)
{
	forwarded->sum = number % PACKET_SUMS;
	forwarded->in = number / PACKET_SUMS % 2 ? AF_INET6 : AF_INET;
	forwarded->out = number / PACKET_SUMS / 2 % 2 ? AF_INET6 : AF_INET;
	forwarded->way = number / PACKET_SUMS / 4;
}

/* All of ways, families and checksums; IPv6 has no datagrams without a checksum. */
static const void *next_forwarded(const void *previous, char *name)
{
	static const char * const ways[WAYS] = {
		[TO_PEER] = "to the peer",
		[TO_CLIENT] = "to the client",
		[BETWEEN_CLIENTS] = "between clients",
	};
	static struct forwarded forwarded;
	static unsigned int number;

	number = previous ? number + 1 : 0;
	set_numbered(&forwarded, number);
	if (forwarded.in == AF_INET6 && forwarded.sum == PACKET_SUM_ABSENT)
		set_numbered(&forwarded, ++number);
	if (forwarded.way == WAYS)
		return NULL;
	snprintf(name, KUNIT_PARAM_DESC_SIZE, "%s, IPv%c to IPv%c, checksum %s",
		 ways[forwarded.way], forwarded.in == AF_INET ? '4' : '6',
		 forwarded.out == AF_INET ? '4' : '6', packet_sum_names[forwarded.sum]);
	return &forwarded;
}

/* What may be sent of a checksum that came in. */
static enum packet_sum sum_out(enum packet_sum in, u16 family)
{
	switch (in) {
	case PACKET_SUM_PARTIAL:
	case PACKET_SUM_UNNECESSARY:
		return PACKET_SUM_PARTIAL;
	case PACKET_SUM_DAMAGED:
		return PACKET_SUM_DAMAGED;
	case PACKET_SUM_ABSENT:
		return family == AF_INET ? PACKET_SUM_ABSENT : PACKET_SUM_NONE;
	default:
		return PACKET_SUM_NONE;
	}
}

static struct wgmesh_channel *make_to_peer(struct kunit *test, struct packet *in,
					   struct packet *out)
{
	struct wgmesh_allocation *allocation = relayed_allocation(test, in->family, CLIENT);

	in->from = CLIENT;
	in->source = RELAYED_CLIENT_PORT;
	in->dest = RELAYED_PORT;
	in->channel = NUMBER;
	out->to = PEER;
	out->source = RELAYED;
	out->dest = RELAYED_PEER_PORT;
	return relayed_channel(test, allocation, NUMBER, out->family, RELAYED, PEER,
			       RELAYED_PEER_PORT);
}

static void make_to_client(struct kunit *test, struct packet *in, struct packet *out)
{
	struct wgmesh_allocation *allocation = relayed_allocation(test, out->family, CLIENT);

	relayed_channel(test, allocation, NUMBER, in->family, RELAYED, PEER, RELAYED_PEER_PORT);
	in->from = PEER;
	in->source = RELAYED_PEER_PORT;
	in->dest = RELAYED;
	out->to = CLIENT;
	out->source = RELAYED_PORT;
	out->dest = RELAYED_CLIENT_PORT;
	out->channel = NUMBER;
}

static void make_between_clients(struct kunit *test, struct packet *in, struct packet *out)
{
	struct wgmesh_allocation *from = relayed_allocation(test, in->family, CLIENT);
	struct wgmesh_allocation *to = relayed_allocation(test, out->family, OTHER_CLIENT);

	relayed_channel(test, from, NUMBER, AF_INET, RELAYED, 1, OTHER_RELAYED);
	relayed_channel(test, to, OTHER_NUMBER, AF_INET, OTHER_RELAYED, 1, RELAYED);
	in->from = CLIENT;
	in->source = RELAYED_CLIENT_PORT;
	in->dest = RELAYED_PORT;
	in->channel = NUMBER;
	out->to = OTHER_CLIENT;
	out->source = RELAYED_PORT;
	out->dest = RELAYED_CLIENT_PORT;
	out->channel = OTHER_NUMBER;
}

static void test_rewrites(struct kunit *test)
{
	const struct forwarded *forwarded = test->param_value;
	struct packet in = { .family = forwarded->in, .to = 1, .sum = forwarded->sum };
	struct packet out = {
		.family = forwarded->out,
		.from = 1,
		.sum = sum_out(forwarded->sum, forwarded->out),
	};

	switch (forwarded->way) {
	case TO_PEER:
		make_to_peer(test, &in, &out);
		break;
	case TO_CLIENT:
		make_to_client(test, &in, &out);
		break;
	default:
		make_between_clients(test, &in, &out);
	}
	KUNIT_ASSERT_EQ(test, wire_arrives(packet_make(test, &in)), NF_STOLEN);
	packet_examine(test, wire_received(), &out);
	KUNIT_EXPECT_NULL(test, wire_received());
}

/* The sum that comes out may be zero, which is written as its complement (RFC 768). */
static void test_sum_of_zero(struct kunit *test)
{
	struct packet in = { .family = AF_INET, .to = 1, .sum = PACKET_SUM_NONE };
	struct packet out = { .family = AF_INET, .from = 1 };
	struct sk_buff *skb, *sent;
	__be16 *word;
	__wsum was;

	make_to_peer(test, &in, &out);
	KUNIT_ASSERT_EQ(test, wire_arrives(packet_make(test, &in)), NF_STOLEN);
	sent = wire_received();
	KUNIT_ASSERT_NOT_NULL(test, sent);

	/* add to the payload what is missing to zero */
	skb = packet_make(test, &in);
	word = (__be16 *)(skb->data + packet_headers_len(&in) + 4);
	was = csum_unfold((__force __sum16)*word);
	*word = (__force __be16)csum_fold(csum_add(~was, ~csum_unfold(udp_hdr(sent)->check)));
	packet_fix_checksum(skb);
	kfree_skb(sent);
	KUNIT_ASSERT_EQ(test, wire_arrives(skb), NF_STOLEN);
	sent = wire_received();
	KUNIT_ASSERT_NOT_NULL(test, sent);
	KUNIT_EXPECT_EQ(test, udp_hdr(sent)->check, CSUM_MANGLED_0);
	kfree_skb(sent);
}

/* What goes to the daemon goes there as it came. A packet that was taken is not ours to look at. */
static void expect_left_alone(struct kunit *test, struct sk_buff *skb)
{
	struct sk_buff *copy = skb_copy(skb, GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, copy);
	KUNIT_ASSERT_EQ(test, wire_arrives(skb), NF_ACCEPT);
	KUNIT_EXPECT_NULL(test, wire_received());
	KUNIT_EXPECT_EQ(test, skb->len, copy->len);
	KUNIT_EXPECT_TRUE(test, skb->ip_summed == copy->ip_summed);
	KUNIT_EXPECT_MEMEQ(test, skb->data, copy->data, copy->len);
	kfree_skb(copy);
	kfree_skb(skb);
}

static void test_left_to_daemon(struct kunit *test)
{
	const u16 family = *(const u16 *)test->param_value;
	struct packet in = { .family = family, .to = 1 };
	struct packet out = { .family = family, .from = 1 };
	struct packet other;
	struct wgmesh_channel_header *header;
	struct sk_buff *skb;

	make_to_peer(test, &in, &out);

	/* STUN, or whatever is no ChannelData */
	other = in;
	other.channel = 0;
	expect_left_alone(test, packet_make(test, &other));

	/* a channel that is not bound */
	other.channel = NUMBER + 1;
	expect_left_alone(test, packet_make(test, &other));

	/* from somebody else */
	other = in;
	other.source++;
	expect_left_alone(test, packet_make(test, &other));
	other = in;
	other.from = OTHER_CLIENT;
	expect_left_alone(test, packet_make(test, &other));

	/* padded, or cut short */
	skb = packet_make(test, &in);
	header = (void *)(udp_hdr(skb) + 1);
	header->len = htons(PACKET_PAYLOAD_LEN - 3);
	expect_left_alone(test, skb);
	skb = packet_make(test, &in);
	header = (void *)(udp_hdr(skb) + 1);
	header->len = htons(PACKET_PAYLOAD_LEN + 1);
	expect_left_alone(test, skb);

	/* the packet is longer or shorter than the datagram */
	skb = packet_make(test, &in);
	udp_hdr(skb)->len = htons(ntohs(udp_hdr(skb)->len) - 1);
	expect_left_alone(test, skb);
	skb = packet_make(test, &in);
	skb_trim(skb, skb->len - 1);
	expect_left_alone(test, skb);
}

static void test_fragment_is_left_alone(struct kunit *test)
{
	struct packet in = { .family = AF_INET, .to = 1 };
	struct packet out = { .family = AF_INET, .from = 1 };
	struct sk_buff *skb;

	make_to_peer(test, &in, &out);
	skb = packet_make(test, &in);
	ip_hdr(skb)->frag_off = htons(IP_MF);
	expect_left_alone(test, skb);
	skb = packet_make(test, &in);
	ip_hdr(skb)->frag_off = htons(100);
	expect_left_alone(test, skb);
}

/* Who sends more than he may is not heard. */
static void test_limit(struct kunit *test)
{
	struct packet in = { .family = AF_INET, .to = 1 };
	struct packet out = { .family = AF_INET, .from = 1 };
	struct wgmesh_allocation *allocation = make_to_peer(test, &in, &out)->allocation;
	struct sk_buff *skb;

	/* at a byte a second a packet is paid for after the test */
	WRITE_ONCE(allocation->rate.bytes_per_s, 1);
	KUNIT_EXPECT_EQ(test, wire_arrives(packet_make(test, &in)), NF_STOLEN);
	packet_examine(test, wire_received(), &out);

	skb = packet_make(test, &in);
	KUNIT_ASSERT_EQ(test, wire_arrives(skb), NF_DROP);
	KUNIT_EXPECT_NULL(test, wire_received());
	KUNIT_EXPECT_EQ(test, atomic64_read(&allocation->drop_rate), 1);
	kfree_skb(skb);
}

/* What the peer of make_to_peer() sends back, over IPv4. */
static const struct packet answer = {
	.family = AF_INET,
	.from = PEER,
	.to = 1,
	.source = RELAYED_PEER_PORT,
	.dest = RELAYED,
};

/* What has expired is the daemon's at once, though it is still there. */
static void test_expired(struct kunit *test)
{
	struct packet in = { .family = AF_INET, .to = 1 };
	struct packet out = { .family = AF_INET, .from = 1 };
	struct wgmesh_channel *channel = make_to_peer(test, &in, &out);

	/* the permission is for the peer alone (RFC 8656 section 9) */
	WRITE_ONCE(channel->permission_expires, jiffies);
	expect_left_alone(test, packet_make(test, &answer));
	KUNIT_EXPECT_EQ(test, wire_arrives(packet_make(test, &in)), NF_STOLEN);
	packet_examine(test, wire_received(), &out);

	wgmesh_channel_renew(channel, RELAYED_LIFETIME_MS, RELAYED_LIFETIME_MS);
	WRITE_ONCE(channel->expires, jiffies);
	expect_left_alone(test, packet_make(test, &answer));
	expect_left_alone(test, packet_make(test, &in));

	wgmesh_channel_renew(channel, RELAYED_LIFETIME_MS, RELAYED_LIFETIME_MS);
	WRITE_ONCE(channel->allocation->expires, jiffies);
	expect_left_alone(test, packet_make(test, &answer));
	expect_left_alone(test, packet_make(test, &in));
}

static void test_counters(struct kunit *test)
{
	struct packet in = { .family = AF_INET, .to = 1 };
	struct packet out = { .family = AF_INET, .from = 1 };
	struct wgmesh_channel *channel = make_to_peer(test, &in, &out);
	struct wgmesh_channel_totals totals;
	int i;

	for (i = 0; i < 3; i++)
		KUNIT_EXPECT_EQ(test, wire_arrives(packet_make(test, &in)), NF_STOLEN);
	KUNIT_EXPECT_EQ(test, wire_arrives(packet_make(test, &answer)), NF_STOLEN);
	wgmesh_channel_totals(channel, &totals);
	KUNIT_EXPECT_EQ(test, totals.to_peer_packets, 3);
	KUNIT_EXPECT_EQ(test, totals.to_peer_bytes, 3 * PACKET_PAYLOAD_LEN);
	KUNIT_EXPECT_EQ(test, totals.to_client_packets, 1);
	KUNIT_EXPECT_EQ(test, totals.to_client_bytes, PACKET_PAYLOAD_LEN);
}

/* Whoever chooses a queue for what is forwarded finds a hash, that of the channel, and the queue
 * that it came in by; the time that it came does not delay it.
 */
static void test_queues(struct kunit *test)
{
	struct packet in = { .family = AF_INET, .to = 1 };
	struct packet out = { .family = AF_INET, .from = 1 };
	struct wgmesh_channel *channel = make_to_peer(test, &in, &out), *other;
	struct sk_buff *skb;
	u32 hash;

	skb = packet_make(test, &in);
	skb_record_rx_queue(skb, 3);
	skb->tstamp = KTIME_MAX;
	KUNIT_ASSERT_EQ(test, wire_arrives(skb), NF_STOLEN);
	skb = wire_received();
	KUNIT_ASSERT_NOT_NULL(test, skb);
	KUNIT_EXPECT_TRUE(test, skb->l4_hash);
	KUNIT_EXPECT_NE(test, skb->tstamp, KTIME_MAX);
	hash = skb->hash;
	kfree_skb(skb);

	other = relayed_channel(test, channel->allocation, NUMBER + 1, AF_INET, RELAYED + 1, PEER,
				RELAYED_PEER_PORT);
	in.channel = NUMBER + 1;
	KUNIT_ASSERT_EQ(test, wire_arrives(packet_make(test, &in)), NF_STOLEN);
	skb = wire_received();
	KUNIT_ASSERT_NOT_NULL(test, skb);
	KUNIT_EXPECT_EQ(test, hash, channel->hash);
	KUNIT_EXPECT_EQ(test, skb->hash, other->hash);
	kfree_skb(skb);
}

static void close_all(struct kunit *test)
{
	relayed_remove_all();
	wire_close(test);
}

static struct kunit_case cases[] = {
	KUNIT_CASE_PARAM(test_rewrites, next_forwarded),
	KUNIT_CASE(test_sum_of_zero),
	KUNIT_CASE_PARAM(test_left_to_daemon, packet_families),
	KUNIT_CASE(test_fragment_is_left_alone),
	KUNIT_CASE(test_limit),
	KUNIT_CASE(test_expired),
	KUNIT_CASE(test_counters),
	KUNIT_CASE(test_queues),
	{}
};

static struct kunit_suite suite = {
	.name = "wgmesh-forward",
	.init = wire_open,
	.exit = close_all,
	.test_cases = cases,
};

kunit_test_suite(suite);
