// SPDX-License-Identifier: GPL-2.0
/*
 * Several datagrams in one packet, as GRO leaves them, and one that is to be fragmented later.
 */
#include <kunit/test.h>
#include <linux/udp.h>
#include <net/ip6_checksum.h>
#include <net/udp.h>

#include "packet.h"
#include "relayed.h"
#include "tunnel.h"
#include "wire.h"

#define DATAGRAMS	4
/* This byte of a payload is its number. */
#define NUMBER_AT	60
#define CLIENT		2
#define PEER		3
#define CHANNEL		0x4001
#define RELAYED		50000

/**
 * enum form - how they are merged
 * @LIST: each in its buffer, the sum left to the device
 * @FRAGLIST: each in its buffer, with its own headers and sum (rx-gro-list)
 * @PAGES: the data in pages, the sum left to the device
 * @FORMS: how many these are
 */
enum form { LIST, FRAGLIST, PAGES, FORMS };

struct merged_case {
	enum form form;
	u16 family;
	u16 channel;
};

static const void *next_case(const void *previous, char *name)
{
	static const char * const forms[FORMS] = {
		[LIST] = "buffers", [FRAGLIST] = "packets", [PAGES] = "pages"
	};
	static struct merged_case next;
	static unsigned int number;

	number = previous ? number + 1 : 0;
	if (number == FORMS * 4)
		return NULL;
	next.form = number % FORMS;
	next.family = number / FORMS % 2 ? AF_INET6 : AF_INET;
	next.channel = number / FORMS / 2 ? TUNNEL_CHANNEL : 0;
	snprintf(name, KUNIT_PARAM_DESC_SIZE, "%s, IPv%c, %s channel", forms[next.form],
		 next.family == AF_INET ? '4' : '6', next.channel ? "in a" : "no");
	return &next;
}

static unsigned int udp_headers_len(const struct packet *packet)
{
	return (packet->family == AF_INET ? 20 : 40) + sizeof(struct udphdr);
}

static struct sk_buff *make_one(struct kunit *test, const struct packet *packet, u8 number)
{
	struct sk_buff *skb = packet_make(test, packet);

	skb->data[packet_headers_len(packet) + NUMBER_AT] = number;
	if (packet->sum == PACKET_SUM_NONE)
		packet_fix_checksum(skb);
	return skb;
}

/* Puts the data of the packet behind what is in the first page of the other one. */
static void append_to_page(struct kunit *test, struct sk_buff *skb, struct sk_buff *next)
{
	const unsigned int at = skb->data_len, len = next->len;
	struct page *page;

	if (!at) {
		page = alloc_page(GFP_KERNEL);
		KUNIT_ASSERT_NOT_NULL(test, page);
		memcpy(page_address(page), next->data, len);
		skb_add_rx_frag(skb, 0, page, 0, len, PAGE_SIZE);
	} else {
		memcpy(skb_frag_address(&skb_shinfo(skb)->frags[0]) + at, next->data, len);
		skb_frag_size_add(&skb_shinfo(skb)->frags[0], len);
		skb->len += len;
		skb->data_len += len;
	}
	kfree_skb(next);
}

static void append(struct kunit *test, struct sk_buff *skb, struct sk_buff *next, enum form form)
{
	struct sk_buff **last = &skb_shinfo(skb)->frag_list;

	if (form == PAGES) {
		append_to_page(test, skb, next);
		return;
	}
	while (*last)
		last = &(*last)->next;
	*last = next;
	skb->len += next->len;
	skb->data_len += next->len;
	skb->truesize += next->truesize;
}

/* What is to be one packet gets its headers, as udp_gro_complete_segment() does it. */
static void complete_merged(struct sk_buff *skb, enum form form, unsigned int size)
{
	const unsigned int len = skb->len - skb_transport_offset(skb);

	udp_hdr(skb)->len = htons(len);
	skb_shinfo(skb)->gso_size = size;
	skb_shinfo(skb)->gso_segs = DATAGRAMS;
	skb_shinfo(skb)->gso_type = SKB_GSO_UDP_L4 | (form == FRAGLIST ? SKB_GSO_FRAGLIST : 0);
	if (skb->protocol == htons(ETH_P_IP))
		ip_hdr(skb)->tot_len = htons(skb->len);
	else
		ipv6_hdr(skb)->payload_len = htons(len);
	if (form == FRAGLIST) {
		skb->ip_summed = CHECKSUM_UNNECESSARY;
		return;
	}
	skb->ip_summed = CHECKSUM_PARTIAL;
	skb->csum_start = skb_transport_header(skb) - skb->head;
	skb->csum_offset = offsetof(struct udphdr, check);
	udp_hdr(skb)->check = skb->protocol == htons(ETH_P_IP) ?
		~udp_v4_check(len, ip_hdr(skb)->saddr, ip_hdr(skb)->daddr, 0) :
		~udp_v6_check(len, &ipv6_hdr(skb)->saddr, &ipv6_hdr(skb)->daddr, 0);
}

/* @last: what the last one of them is */
static struct sk_buff *make_merged(struct kunit *test, const struct packet *packet,
				   const struct packet *last, enum form form)
{
	const unsigned int headers = udp_headers_len(packet);
	struct sk_buff *skb = make_one(test, packet, 0), *next;
	unsigned int i;

	for (i = 1; i < DATAGRAMS; i++) {
		next = make_one(test, i == DATAGRAMS - 1 ? last : packet, i);
		__skb_pull(next, headers);
		append(test, skb, next, form);
	}
	complete_merged(skb, form, packet_headers_len(packet) + PACKET_PAYLOAD_LEN - headers);
	return skb;
}

/* WireGuard gets each of them, in order, and nothing is summed up for it. */
static void test_delivered(struct kunit *test)
{
	const struct merged_case *merged = test->param_value;
	struct wgmesh_path *path = tunnel_path(test, merged->family, merged->channel);
	const struct packet packet = tunnel_packet(path);
	struct wgmesh_path_totals totals;
	struct sk_buff *skb;
	unsigned int i;

	skb = make_merged(test, &packet, &packet, merged->form);
	KUNIT_ASSERT_EQ(test, wire_arrives(skb), NF_STOLEN);
	for (i = 0; i < DATAGRAMS; i++) {
		skb = tunnel_delivered();
		KUNIT_ASSERT_NOT_NULL(test, skb);
		KUNIT_EXPECT_FALSE(test, skb_is_gso(skb));
		KUNIT_ASSERT_EQ(test, skb->len, sizeof(struct udphdr) + PACKET_PAYLOAD_LEN);
		KUNIT_ASSERT_EQ(test, skb_linearize(skb), 0);
		KUNIT_EXPECT_EQ(test, ntohs(udp_hdr(skb)->len), skb->len);
		KUNIT_EXPECT_EQ(test, skb->data[sizeof(struct udphdr) + NUMBER_AT], i);
		KUNIT_EXPECT_MEMEQ(test, skb->data + sizeof(struct udphdr), packet_payload(),
				   NUMBER_AT);
		if (merged->form == PAGES)
			KUNIT_EXPECT_TRUE(test, skb->ip_summed == CHECKSUM_PARTIAL);
		kfree_skb(skb);
	}
	KUNIT_EXPECT_NULL(test, tunnel_delivered());
	wgmesh_path_totals(path, &totals);
	KUNIT_EXPECT_EQ(test, totals.rx_packets, DATAGRAMS);
	KUNIT_EXPECT_EQ(test, totals.rx_bytes, DATAGRAMS * PACKET_PAYLOAD_LEN);
}

/* All that it has, from wherever it is. skb_copy() does not take what is merged as packets. */
static void *bytes_of(struct kunit *test, const struct sk_buff *skb)
{
	void *bytes = kunit_kzalloc(test, skb->len, GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, bytes);
	KUNIT_ASSERT_EQ(test, skb_copy_bits(skb, 0, bytes, skb->len), 0);
	return bytes;
}

/* Who listens keeps the merged packet as it was. */
static void test_clone_is_not_taken_apart(struct kunit *test)
{
	const struct merged_case *merged = test->param_value;
	struct wgmesh_path *path = tunnel_path(test, merged->family, merged->channel);
	const struct packet packet = tunnel_packet(path);
	struct sk_buff *skb = make_merged(test, &packet, &packet, merged->form), *clone;
	const void *before = bytes_of(test, skb);
	const unsigned int len = skb->len;
	unsigned int i;

	clone = skb_clone(skb, GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, clone);
	KUNIT_ASSERT_EQ(test, wire_arrives(skb), NF_STOLEN);
	for (i = 0; i < DATAGRAMS; i++) {
		skb = tunnel_delivered();
		KUNIT_ASSERT_NOT_NULL(test, skb);
		kfree_skb(skb);
	}
	KUNIT_ASSERT_EQ(test, clone->len, len);
	KUNIT_EXPECT_MEMEQ(test, bytes_of(test, clone), before, len);
	kfree_skb(clone);
}

static void make_channel(struct kunit *test, u16 family, struct packet *in, struct packet *out)
{
	struct wgmesh_allocation *allocation = relayed_allocation(test, family, CLIENT);

	relayed_channel(test, allocation, CHANNEL, family, RELAYED, PEER, RELAYED_PEER_PORT);
	*in = (struct packet){
		.family = family, .from = CLIENT, .to = 1,
		.source = RELAYED_CLIENT_PORT, .dest = RELAYED_PORT, .channel = CHANNEL,
	};
	*out = (struct packet){
		.family = family, .from = 1, .to = PEER,
		.source = RELAYED, .dest = RELAYED_PEER_PORT,
	};
}

/* A relay sends each of them on, with a sum that is right, but for that of one that was damaged. */
static void test_relayed(struct kunit *test)
{
	const struct merged_case *merged = test->param_value;
	struct packet in, last, out;
	struct sk_buff *skb;
	bool damaged;
	unsigned int i;

	make_channel(test, merged->family, &in, &out);
	last = in;
	if (merged->form != PAGES)
		last.sum = PACKET_SUM_DAMAGED;
	skb = make_merged(test, &in, &last, merged->form);
	KUNIT_ASSERT_EQ(test, wire_arrives(skb), NF_STOLEN);
	for (i = 0; i < DATAGRAMS; i++) {
		damaged = i == DATAGRAMS - 1 && last.sum == PACKET_SUM_DAMAGED;
		skb = wire_received();
		KUNIT_ASSERT_NOT_NULL(test, skb);
		KUNIT_ASSERT_EQ(test, skb_linearize(skb), 0);
		KUNIT_ASSERT_EQ(test, skb->len, packet_headers_len(&out) + PACKET_PAYLOAD_LEN);
		KUNIT_EXPECT_EQ(test, skb->data[packet_headers_len(&out) + NUMBER_AT], i);
		KUNIT_EXPECT_EQ(test, packet_sum_is_right(skb, &out), !damaged);
		if (merged->form == PAGES)
			KUNIT_EXPECT_TRUE(test, skb->ip_summed == CHECKSUM_PARTIAL);
		kfree_skb(skb);
	}
	KUNIT_EXPECT_NULL(test, wire_received());
}

/* One datagram of a virtual machine that is to be fragmented by whom it leaves by. */
static struct sk_buff *make_large(struct kunit *test, const struct packet *packet)
{
	struct sk_buff *skb = packet_make(test, packet);

	skb_shinfo(skb)->gso_size = 1480;
	skb_shinfo(skb)->gso_type = SKB_GSO_UDP | SKB_GSO_DODGY;
	return skb;
}

static void test_large_is_delivered(struct kunit *test)
{
	const u16 family = *(const u16 *)test->param_value;
	struct packet packet = tunnel_packet(tunnel_path(test, family, TUNNEL_CHANNEL));
	struct sk_buff *skb;

	packet.sum = PACKET_SUM_PARTIAL;
	KUNIT_ASSERT_EQ(test, wire_arrives(make_large(test, &packet)), NF_STOLEN);
	skb = tunnel_delivered();
	KUNIT_ASSERT_NOT_NULL(test, skb);
	KUNIT_EXPECT_FALSE(test, skb_is_gso(skb));
	KUNIT_ASSERT_EQ(test, skb->len, sizeof(struct udphdr) + PACKET_PAYLOAD_LEN);
	KUNIT_EXPECT_MEMEQ(test, skb->data + sizeof(struct udphdr), packet_payload(),
			   PACKET_PAYLOAD_LEN);
	kfree_skb(skb);
}

static void test_large_is_relayed(struct kunit *test)
{
	struct packet in, out;
	struct sk_buff *skb;

	make_channel(test, *(const u16 *)test->param_value, &in, &out);
	in.sum = PACKET_SUM_PARTIAL;
	out.sum = PACKET_SUM_PARTIAL;
	KUNIT_ASSERT_EQ(test, wire_arrives(make_large(test, &in)), NF_STOLEN);
	skb = wire_received();
	KUNIT_ASSERT_NOT_NULL(test, skb);
	KUNIT_EXPECT_FALSE(test, skb_is_gso(skb));
	packet_examine(test, skb, &out);

	/* what is the daemon's stays what it was */
	in.channel = 0;
	skb = make_large(test, &in);
	KUNIT_ASSERT_EQ(test, wire_arrives(skb), NF_ACCEPT);
	KUNIT_EXPECT_TRUE(test, skb_is_gso(skb));
	kfree_skb(skb);
}

static void close_all(struct kunit *test)
{
	relayed_remove_all();
	tunnel_untap(test);
}

static struct kunit_case cases[] = {
	KUNIT_CASE_PARAM(test_delivered, next_case),
	KUNIT_CASE_PARAM(test_clone_is_not_taken_apart, next_case),
	KUNIT_CASE_PARAM(test_relayed, next_case),
	KUNIT_CASE_PARAM(test_large_is_delivered, packet_families),
	KUNIT_CASE_PARAM(test_large_is_relayed, packet_families),
	{}
};

static struct kunit_suite suite = {
	.name = "wgmesh-merged",
	.init = tunnel_tap,
	.exit = close_all,
	.test_cases = cases,
};

kunit_test_suite(suite);
