// SPDX-License-Identifier: GPL-2.0
/*
 * From a path to WireGuard, and what is left to the stack.
 */
#include <kunit/test.h>
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/udp.h>
#include <net/ip.h>

#include "channel-data.h"
#include "message.h"
#include "packet.h"
#include "tunnel.h"
#include "wire.h"

static const void *next_received(const void *previous, char *name)
{
	return tunnel_next_case(previous, name, PACKET_SUMS);
}

/* WireGuard sees each message come from the virtual endpoint, whatever it came in. The sum is
 * not looked at: WireGuard authenticates.
 */
static void test_rewrites(struct kunit *test)
{
	const struct tunnel_case *received = test->param_value;
	struct wgmesh_path *path = tunnel_path(test, received->family, received->channel);
	struct packet packet = tunnel_packet(path);
	const struct udphdr *udp;
	const struct iphdr *ip;
	struct sk_buff *skb;

	packet.sum = received->sum;
	KUNIT_ASSERT_EQ(test, wire_arrives(packet_make(test, &packet)), NF_STOLEN);
	skb = tunnel_delivered();
	KUNIT_ASSERT_NOT_NULL(test, skb);
	KUNIT_EXPECT_NULL(test, tunnel_delivered());

	ip = ip_hdr(skb);
	KUNIT_EXPECT_EQ(test, skb->protocol, htons(ETH_P_IP));
	KUNIT_EXPECT_EQ(test, *(const u8 *)ip, 0x45);
	KUNIT_EXPECT_EQ(test, ip->tos, PACKET_TOS);
	KUNIT_EXPECT_EQ(test, ip->ttl, PACKET_TTL);
	KUNIT_EXPECT_EQ(test, ip->protocol, IPPROTO_UDP);
	KUNIT_EXPECT_EQ(test, ip->saddr, wgmesh_peer_virtual_address(path->peer));
	KUNIT_EXPECT_EQ(test, ip->daddr, htonl(INADDR_LOOPBACK));
	KUNIT_EXPECT_EQ(test, skb->skb_iif, 0);

	udp = udp_hdr(skb);
	KUNIT_EXPECT_PTR_EQ(test, (const u8 *)udp, skb->data);
	KUNIT_EXPECT_PTR_EQ(test, (const u8 *)udp, (const u8 *)(ip + 1));
	KUNIT_EXPECT_EQ(test, ntohs(udp->source), WGMESH_VIRTUAL_PORT);
	KUNIT_EXPECT_EQ(test, ntohs(udp->dest), TUNNEL_PORT);
	KUNIT_EXPECT_EQ(test, ntohs(udp->len), skb->len);
	KUNIT_EXPECT_EQ(test, ntohs(ip->tot_len), sizeof(*ip) + skb->len);
	KUNIT_ASSERT_EQ(test, skb->len, sizeof(*udp) + PACKET_PAYLOAD_LEN);
	if (received->sum != PACKET_SUM_DAMAGED)
		KUNIT_EXPECT_MEMEQ(test, (const u8 *)(udp + 1), packet_payload(),
				   PACKET_PAYLOAD_LEN);
	kfree_skb(skb);
}

/* What is no message goes on as it came, to whom else has these endpoints. A packet that was
 * taken is not ours to look at.
 */
static void expect_left_alone(struct kunit *test, struct sk_buff *skb)
{
	struct sk_buff *copy = skb_copy(skb, GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, copy);
	KUNIT_ASSERT_EQ(test, wire_arrives(skb), NF_ACCEPT);
	KUNIT_EXPECT_NULL(test, tunnel_delivered());
	KUNIT_EXPECT_EQ(test, skb->len, copy->len);
	KUNIT_EXPECT_EQ(test, skb->protocol, copy->protocol);
	KUNIT_EXPECT_MEMEQ(test, skb->data, copy->data, copy->len);
	kfree_skb(copy);
	kfree_skb(skb);
}

static void test_other_endpoints(struct kunit *test)
{
	struct packet right = tunnel_packet(tunnel_path(test, *(const u16 *)test->param_value, 0));
	struct packet packet = right;

	packet.from++;
	expect_left_alone(test, packet_make(test, &packet));
	packet = right;
	packet.to++;
	expect_left_alone(test, packet_make(test, &packet));
	packet = right;
	packet.source++;
	expect_left_alone(test, packet_make(test, &packet));
	packet = right;
	packet.dest++;
	expect_left_alone(test, packet_make(test, &packet));
	packet = right;
	packet.family = right.family == AF_INET ? AF_INET6 : AF_INET;
	expect_left_alone(test, packet_make(test, &packet));
}

/* A path without a channel takes nothing in one, and the other way round. */
static void test_other_channel(struct kunit *test)
{
	const u16 family = *(const u16 *)test->param_value;
	struct packet packet = tunnel_packet(tunnel_path(test, family, TUNNEL_CHANNEL));

	packet.channel = 0;
	expect_left_alone(test, packet_make(test, &packet));
	packet.channel = TUNNEL_CHANNEL + 1;
	expect_left_alone(test, packet_make(test, &packet));

	tunnel_path(test, family, 0);
	expect_left_alone(test, packet_make(test, &packet));
}

static void test_other_payload(struct kunit *test)
{
	struct packet packet = tunnel_packet(tunnel_path(test, *(const u16 *)test->param_value, 0));
	const unsigned int headers = packet_headers_len(&packet);
	struct sk_buff *skb;
	unsigned int len;

	/* STUN: its length is where WireGuard has zeros */
	skb = packet_make(test, &packet);
	skb->data[headers] = 1;
	skb->data[headers + 1] = 1;
	skb->data[headers + 3] = PACKET_PAYLOAD_LEN - 20;
	expect_left_alone(test, skb);

	/* longer or shorter than the datagram says */
	skb = packet_make(test, &packet);
	skb_trim(skb, skb->len - 1);
	expect_left_alone(test, skb);
	skb = packet_make(test, &packet);
	udp_hdr(skb)->len = htons(ntohs(udp_hdr(skb)->len) - 1);
	expect_left_alone(test, skb);

	/* too short for a message */
	for (len = 0; len < 32; len++) {
		skb = packet_make(test, &packet);
		skb_trim(skb, headers + len);
		udp_hdr(skb)->len = htons(sizeof(struct udphdr) + len);
		expect_left_alone(test, skb);
	}
}

static void test_other_length_in_channel(struct kunit *test)
{
	const u16 family = *(const u16 *)test->param_value;
	struct packet packet = tunnel_packet(tunnel_path(test, family, TUNNEL_CHANNEL));
	struct wgmesh_channel_header *header;
	struct sk_buff *skb;
	int difference;

	for (difference = -1; difference <= 1; difference += 2) {
		skb = packet_make(test, &packet);
		header = (void *)(udp_hdr(skb) + 1);
		header->len = htons(PACKET_PAYLOAD_LEN + difference);
		expect_left_alone(test, skb);
	}
}

static void test_other_headers4(struct kunit *test)
{
	struct packet packet = tunnel_packet(tunnel_path(test, AF_INET, 0));
	static const u8 protocols[] = { IPPROTO_TCP, IPPROTO_ICMP, IPPROTO_UDPLITE, 0 };
	struct sk_buff *skb;
	int i;

	for (i = 0; i < ARRAY_SIZE(protocols); i++) {
		skb = packet_make(test, &packet);
		ip_hdr(skb)->protocol = protocols[i];
		expect_left_alone(test, skb);
	}

	/* options; fragments, the first one and a later one */
	skb = packet_make(test, &packet);
	ip_hdr(skb)->ihl = 6;
	expect_left_alone(test, skb);
	skb = packet_make(test, &packet);
	ip_hdr(skb)->frag_off = htons(IP_MF);
	expect_left_alone(test, skb);
	skb = packet_make(test, &packet);
	ip_hdr(skb)->frag_off = htons(100);
	expect_left_alone(test, skb);
}

static void test_other_headers6(struct kunit *test)
{
	struct packet packet = tunnel_packet(tunnel_path(test, AF_INET6, 0));
	static const u8 protocols[] = {
		NEXTHDR_TCP, NEXTHDR_ICMP, NEXTHDR_HOP, NEXTHDR_FRAGMENT, NEXTHDR_DEST, NEXTHDR_NONE
	};
	struct sk_buff *skb;
	int i;

	for (i = 0; i < ARRAY_SIZE(protocols); i++) {
		skb = packet_make(test, &packet);
		ipv6_hdr(skb)->nexthdr = protocols[i];
		expect_left_alone(test, skb);
	}
}

/* A clone, as a sniffer holds one, stays what it was. */
static void test_clone_is_not_written(struct kunit *test)
{
	const u16 family = *(const u16 *)test->param_value;
	struct packet packet = tunnel_packet(tunnel_path(test, family, TUNNEL_CHANNEL));
	struct sk_buff *skb = packet_make(test, &packet);
	struct sk_buff *clone = skb_clone(skb, GFP_KERNEL), *copy = skb_copy(skb, GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, clone);
	KUNIT_ASSERT_NOT_NULL(test, copy);
	KUNIT_EXPECT_EQ(test, wire_arrives(skb), NF_STOLEN);
	KUNIT_EXPECT_MEMEQ(test, clone->data, copy->data, copy->len);
	kfree_skb(clone);
	kfree_skb(copy);
}

/* Only the IP header is linear, the rest is in a page, as a driver may have it. */
static void test_paged(struct kunit *test)
{
	const u16 family = *(const u16 *)test->param_value;
	struct packet packet = tunnel_packet(tunnel_path(test, family, TUNNEL_CHANNEL));
	struct sk_buff *skb = packet_make(test, &packet), *taken;
	const unsigned int rest = skb->len - skb_transport_offset(skb);
	struct page *page = alloc_page(GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, page);
	memcpy(page_address(page), skb_transport_header(skb), rest);
	skb_trim(skb, skb->len - rest);
	skb_add_rx_frag(skb, 0, page, 0, rest, PAGE_SIZE);
	KUNIT_EXPECT_EQ(test, wire_arrives(skb), NF_STOLEN);
	taken = tunnel_delivered();
	KUNIT_ASSERT_NOT_NULL(test, taken);
	KUNIT_ASSERT_EQ(test, skb_linearize(taken), 0);
	KUNIT_EXPECT_MEMEQ(test, taken->data + sizeof(struct udphdr), packet_payload(),
			   PACKET_PAYLOAD_LEN);
	kfree_skb(taken);
}

/* The answer to a handshake message, and nothing else, measures the round trip. */
static void test_round_trip(struct kunit *test)
{
	struct wgmesh_path *path = tunnel_path(test, AF_INET, 0);
	const struct packet packet = tunnel_packet(path);
	const u32 index = wgmesh_message_receiver(packet_payload(), WGMESH_MESSAGE_DATA);

	wgmesh_path_handshake_sent(path, index + 1);
	KUNIT_EXPECT_EQ(test, wire_arrives(packet_make(test, &packet)), NF_STOLEN);
	KUNIT_EXPECT_EQ(test, path->handshake_rtt_us, 0);
	KUNIT_EXPECT_TRUE(test, wgmesh_path_handshake_waits(path));

	wgmesh_path_handshake_sent(path, index);
	KUNIT_EXPECT_EQ(test, wire_arrives(packet_make(test, &packet)), NF_STOLEN);
	KUNIT_EXPECT_GT(test, path->handshake_rtt_us, 0);
	KUNIT_EXPECT_FALSE(test, wgmesh_path_handshake_waits(path));
}

static void test_counters(struct kunit *test)
{
	struct wgmesh_path *path = tunnel_path(test, AF_INET, 0);
	const struct packet packet = tunnel_packet(path);
	struct wgmesh_path_totals totals;
	int i;

	for (i = 0; i < 3; i++)
		KUNIT_EXPECT_EQ(test, wire_arrives(packet_make(test, &packet)), NF_STOLEN);
	wgmesh_path_totals(path, &totals);
	KUNIT_EXPECT_EQ(test, totals.rx_packets, 3);
	KUNIT_EXPECT_EQ(test, totals.rx_bytes, 3 * PACKET_PAYLOAD_LEN);
}

/* WireGuard has closed its socket, and opens it again. */
static void test_without_socket(struct kunit *test)
{
	struct wgmesh_path *path = tunnel_path(test, AF_INET, 0);
	const struct packet packet = tunnel_packet(path);
	struct sock *sk = tunnel_socket(test);
	int (*const takes)(struct sock *sk, struct sk_buff *skb) = udp_sk(sk)->encap_rcv;
	struct sk_buff *skb;

	WRITE_ONCE(udp_sk(sk)->encap_rcv, NULL);
	KUNIT_EXPECT_EQ(test, wire_arrives(packet_make(test, &packet)), NF_STOLEN);
	KUNIT_EXPECT_EQ(test, atomic64_read(&path->peer->device->drop_no_socket), 1);
	WRITE_ONCE(udp_sk(sk)->encap_rcv, takes);
	KUNIT_EXPECT_EQ(test, wire_arrives(packet_make(test, &packet)), NF_STOLEN);
	skb = tunnel_delivered();
	KUNIT_EXPECT_NOT_NULL(test, skb);
	kfree_skb(skb);
}

static struct kunit_case cases[] = {
	KUNIT_CASE_PARAM(test_rewrites, next_received),
	KUNIT_CASE_PARAM(test_other_endpoints, packet_families),
	KUNIT_CASE_PARAM(test_other_channel, packet_families),
	KUNIT_CASE_PARAM(test_other_payload, packet_families),
	KUNIT_CASE_PARAM(test_other_length_in_channel, packet_families),
	KUNIT_CASE(test_other_headers4),
	KUNIT_CASE(test_other_headers6),
	KUNIT_CASE_PARAM(test_clone_is_not_written, packet_families),
	KUNIT_CASE_PARAM(test_paged, packet_families),
	KUNIT_CASE(test_round_trip),
	KUNIT_CASE(test_counters),
	KUNIT_CASE(test_without_socket),
	{}
};

static struct kunit_suite suite = {
	.name = "wgmesh-receive",
	.init = tunnel_tap,
	.exit = tunnel_untap,
	.test_cases = cases,
};

kunit_test_suite(suite);
