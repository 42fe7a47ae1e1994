// SPDX-License-Identifier: GPL-2.0
/*
 * Datagrams for the tests.
 */
#include <linux/etherdevice.h>
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/udp.h>
#include <net/checksum.h>
#include <net/dsfield.h>
#include <net/ip.h>
#include <net/ip6_checksum.h>
#include <net/ipv6.h>

#include "channel-data.h"
#include "packet.h"
#include "wire.h"

const char * const packet_sum_names[PACKET_SUMS] = {
	[PACKET_SUM_NONE] = "not verified",
	[PACKET_SUM_COMPLETE] = "summed up",
	[PACKET_SUM_PARTIAL] = "partial",
	[PACKET_SUM_UNNECESSARY] = "verified",
	[PACKET_SUM_ABSENT] = "absent",
	[PACKET_SUM_DAMAGED] = "damaged",
};

/* Which byte of the payload is damaged, if one is, and by what. */
#define DAMAGED_BYTE	40
#define DAMAGE		0x10

/**
 * packet_families() - both address families, for KUNIT_CASE_PARAM()
 * @previous: the one before, or NULL
 * @name: gets its name
 *
 * Return: AF_INET or AF_INET6, an u16; NULL behind the last one.
 */
const void *packet_families(const void *previous, char *name)
{
	static const u16 families[] = { AF_INET, AF_INET6 };

	if (previous == &families[1])
		return NULL;
	strscpy(name, previous ? "IPv6" : "IPv4", KUNIT_PARAM_DESC_SIZE);
	return &families[previous ? 1 : 0];
}

/**
 * packet_host4() - the IPv4 address of a host
 * @host: its number
 */
__be32 packet_host4(u8 host)
{
	return htonl(0xc0000200 | host);
}

/**
 * packet_host6() - the IPv6 address of a host
 * @host: its number
 */
struct in6_addr packet_host6(u8 host)
{
	return (struct in6_addr){ .s6_addr = { 0x20, 0x01, 0x0d, 0xb8, [15] = host } };
}

/**
 * packet_flow() - the flow from this host to another one
 * @flow: is set, with channel 0
 * @family: AF_INET or AF_INET6
 * @local_port: port here
 * @remote: number of the other host
 * @remote_port: port there
 */
void packet_flow(struct wgmesh_flow *flow, u16 family, u16 local_port, u8 remote, u16 remote_port)
{
	const struct in6_addr local6 = packet_host6(1), remote6 = packet_host6(remote);

	if (family == AF_INET)
		wgmesh_flow_set4(flow, packet_host4(1), htons(local_port), packet_host4(remote),
				 htons(remote_port));
	else
		wgmesh_flow_set6(flow, &local6, htons(local_port), &remote6, htons(remote_port));
}

/**
 * packet_payload() - what is in each packet: a data message of WireGuard, as far as can be seen
 *
 * Return: PACKET_PAYLOAD_LEN bytes.
 */
const u8 *packet_payload(void)
{
	static u8 payload[PACKET_PAYLOAD_LEN] = { 4 };
	int i;

	for (i = 4; i < PACKET_PAYLOAD_LEN; i++)
		payload[i] = 7 * i + 3;
	return payload;
}

static unsigned int udp_len(const struct packet *packet)
{
	return sizeof(struct udphdr) + (packet->channel ? WGMESH_CHANNEL_HEADER_LEN : 0) +
	       PACKET_PAYLOAD_LEN;
}

/**
 * packet_headers_len() - what is in front of the payload
 * @packet: the description
 */
unsigned int packet_headers_len(const struct packet *packet)
{
	return (packet->family == AF_INET ? sizeof(struct iphdr) : sizeof(struct ipv6hdr)) +
	       udp_len(packet) - PACKET_PAYLOAD_LEN;
}

/* The checksum over the pseudo header and @sum, as it is written. */
static __sum16 udp_sum(const struct sk_buff *skb, __wsum sum)
{
	const unsigned int len = ntohs(udp_hdr(skb)->len);

	if (ip_hdr(skb)->version == 4)
		return csum_tcpudp_magic(ip_hdr(skb)->saddr, ip_hdr(skb)->daddr, len, IPPROTO_UDP,
					 sum);
	return csum_ipv6_magic(&ipv6_hdr(skb)->saddr, &ipv6_hdr(skb)->daddr, len, IPPROTO_UDP,
			       sum);
}

static __wsum sum_of_datagram(const struct sk_buff *skb)
{
	return csum_partial(udp_hdr(skb), ntohs(udp_hdr(skb)->len), 0);
}

/**
 * packet_fix_checksum() - make the UDP checksum of a packet right
 * @skb: the packet, linear
 */
void packet_fix_checksum(struct sk_buff *skb)
{
	udp_hdr(skb)->check = 0;
	udp_hdr(skb)->check = udp_sum(skb, sum_of_datagram(skb)) ?: CSUM_MANGLED_0;
}

/**
 * packet_sum_is_right() - is the UDP checksum of a packet right, or will the device make it so?
 * @skb: the packet, linear, data at its IP header
 * @packet: what has headers as long as its own
 */
bool packet_sum_is_right(struct sk_buff *skb, const struct packet *packet)
{
	const unsigned int ip_len = packet_headers_len(packet) + PACKET_PAYLOAD_LEN -
				    udp_len(packet);

	skb_reset_network_header(skb);
	skb_set_transport_header(skb, ip_len);
	if (skb->ip_summed != CHECKSUM_PARTIAL)
		return !udp_sum(skb, sum_of_datagram(skb));
	return udp_hdr(skb)->check == (__force __sum16)~udp_sum(skb, 0) &&
	       skb_checksum_start_offset(skb) == ip_len &&
	       skb->csum_offset == offsetof(struct udphdr, check);
}

static void make_ip_header(struct sk_buff *skb, const struct packet *packet)
{
	struct ipv6hdr *ip6;
	struct iphdr *ip;

	skb_reset_network_header(skb);
	if (packet->family == AF_INET) {
		ip = skb_put(skb, sizeof(*ip));
		*ip = (struct iphdr){
			.version = 4,
			.ihl = 5,
			.tos = PACKET_TOS,
			.tot_len = htons(sizeof(*ip) + udp_len(packet)),
			.id = htons(4711),
			.ttl = PACKET_TTL,
			.protocol = IPPROTO_UDP,
			.saddr = packet_host4(packet->from),
			.daddr = packet_host4(packet->to),
		};
		ip_send_check(ip);
		skb->protocol = htons(ETH_P_IP);
	} else {
		ip6 = skb_put_zero(skb, sizeof(*ip6));
		ip6_flow_hdr(ip6, PACKET_TOS, htonl(0x12345));
		ip6->payload_len = htons(udp_len(packet));
		ip6->nexthdr = IPPROTO_UDP;
		ip6->hop_limit = PACKET_TTL;
		ip6->saddr = packet_host6(packet->from);
		ip6->daddr = packet_host6(packet->to);
		skb->protocol = htons(ETH_P_IPV6);
	}
}

static void make_datagram(struct sk_buff *skb, const struct packet *packet)
{
	struct wgmesh_channel_header *header;
	struct udphdr *udp;

	skb_set_transport_header(skb, skb->len);
	udp = skb_put_zero(skb, sizeof(*udp));
	udp->source = htons(packet->source);
	udp->dest = htons(packet->dest);
	udp->len = htons(udp_len(packet));
	if (packet->channel) {
		header = skb_put(skb, sizeof(*header));
		header->number = htons(packet->channel);
		header->len = htons(PACKET_PAYLOAD_LEN);
	}
	skb_put_data(skb, packet_payload(), PACKET_PAYLOAD_LEN);
	packet_fix_checksum(skb);
}

static void make_checksum(struct sk_buff *skb, enum packet_sum sum)
{
	switch (sum) {
	case PACKET_SUM_COMPLETE:
		skb->ip_summed = CHECKSUM_COMPLETE;
		skb->csum = csum_partial(skb->data, skb->len, 0);
		break;
	case PACKET_SUM_PARTIAL:
		skb->ip_summed = CHECKSUM_PARTIAL;
		skb->csum_start = skb_transport_header(skb) - skb->head;
		skb->csum_offset = offsetof(struct udphdr, check);
		udp_hdr(skb)->check = ~udp_sum(skb, 0);
		break;
	case PACKET_SUM_UNNECESSARY:
		skb->ip_summed = CHECKSUM_UNNECESSARY;
		break;
	case PACKET_SUM_DAMAGED:
		skb_tail_pointer(skb)[DAMAGED_BYTE - PACKET_PAYLOAD_LEN] ^= DAMAGE;
		break;
	case PACKET_SUM_ABSENT:
		udp_hdr(skb)->check = 0;
		break;
	default:
		break;
	}
}

/**
 * packet_make() - a packet as PRE_ROUTING sees it, from the interface of the tests
 * @test: the test
 * @packet: what it is to be
 *
 * Return: the packet, data at its IP header; whoever takes it frees it.
 */
struct sk_buff *packet_make(struct kunit *test, const struct packet *packet)
{
	struct sk_buff *skb = alloc_skb(NET_SKB_PAD + ETH_HLEN + packet_headers_len(packet) +
					PACKET_PAYLOAD_LEN, GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, skb);
	skb_reserve(skb, NET_SKB_PAD);
	skb->dev = wire_near(test);
	skb_reset_mac_header(skb);
	skb_put_zero(skb, ETH_HLEN);
	__skb_pull(skb, ETH_HLEN);
	make_ip_header(skb, packet);
	make_datagram(skb, packet);
	make_checksum(skb, packet->sum);
	return skb;
}

/**
 * packet_set_payload() - put something else into a packet
 * @skb: what packet_make() made of @packet, whose sum is PACKET_SUM_NONE
 * @packet: the description
 * @payload: what is to be in it
 * @len: its length, at most PACKET_PAYLOAD_LEN
 */
void packet_set_payload(struct sk_buff *skb, const struct packet *packet, const void *payload,
			unsigned int len)
{
	const unsigned int headers = packet_headers_len(packet);
	struct wgmesh_channel_header *header = (void *)(udp_hdr(skb) + 1);

	memcpy(skb->data + headers, payload, len);
	skb_trim(skb, headers + len);
	if (packet->channel)
		header->len = htons(len);
	udp_hdr(skb)->len = htons(skb->len - skb_transport_offset(skb));
	if (packet->family == AF_INET) {
		ip_hdr(skb)->tot_len = htons(skb->len);
		ip_send_check(ip_hdr(skb));
	} else {
		ipv6_hdr(skb)->payload_len = udp_hdr(skb)->len;
	}
	packet_fix_checksum(skb);
}

static void examine_ip_header(struct kunit *test, const struct sk_buff *skb,
			      const struct packet *packet)
{
	const struct ipv6hdr *ip6 = ipv6_hdr(skb);
	const struct iphdr *ip = ip_hdr(skb);

	if (packet->family == AF_INET) {
		KUNIT_EXPECT_EQ(test, ntohs(skb->protocol), ETH_P_IP);
		KUNIT_EXPECT_EQ(test, *(const u8 *)ip, 0x45);
		KUNIT_EXPECT_EQ(test, ip->tos, PACKET_TOS);
		KUNIT_EXPECT_EQ(test, ntohs(ip->tot_len), skb->len);
		KUNIT_EXPECT_EQ(test, ip->frag_off & htons(~IP_DF), 0);
		KUNIT_EXPECT_EQ(test, ip->ttl, PACKET_TTL_SENT);
		KUNIT_EXPECT_EQ(test, ip->protocol, IPPROTO_UDP);
		KUNIT_EXPECT_EQ(test, ip->saddr, packet_host4(packet->from));
		KUNIT_EXPECT_EQ(test, ip->daddr, packet_host4(packet->to));
		KUNIT_EXPECT_EQ(test, ip_fast_csum(ip, ip->ihl), 0);
	} else {
		const struct in6_addr from = packet_host6(packet->from);
		const struct in6_addr to = packet_host6(packet->to);

		KUNIT_EXPECT_EQ(test, ntohs(skb->protocol), ETH_P_IPV6);
		KUNIT_EXPECT_EQ(test, *(const u8 *)ip6 >> 4, 6);
		KUNIT_EXPECT_EQ(test, ipv6_get_dsfield(ip6), PACKET_TOS);
		KUNIT_EXPECT_EQ(test, ip6_flowlabel(ip6), 0);
		KUNIT_EXPECT_EQ(test, ntohs(ip6->payload_len) + sizeof(*ip6), skb->len);
		KUNIT_EXPECT_EQ(test, ip6->nexthdr, IPPROTO_UDP);
		KUNIT_EXPECT_EQ(test, ip6->hop_limit, PACKET_TTL_SENT);
		KUNIT_EXPECT_MEMEQ(test, &ip6->saddr, &from, sizeof(from));
		KUNIT_EXPECT_MEMEQ(test, &ip6->daddr, &to, sizeof(to));
	}
}

static void examine_datagram(struct kunit *test, const struct sk_buff *skb,
			     const struct packet *packet)
{
	const struct udphdr *udp = udp_hdr(skb);
	const struct wgmesh_channel_header *header = (const void *)(udp + 1);
	u8 payload[PACKET_PAYLOAD_LEN];

	KUNIT_EXPECT_EQ(test, ntohs(udp->source), packet->source);
	KUNIT_EXPECT_EQ(test, ntohs(udp->dest), packet->dest);
	KUNIT_EXPECT_EQ(test, ntohs(udp->len), udp_len(packet));
	if (packet->channel) {
		KUNIT_EXPECT_EQ(test, ntohs(header->number), packet->channel);
		KUNIT_EXPECT_EQ(test, ntohs(header->len), PACKET_PAYLOAD_LEN);
	}
	memcpy(payload, packet_payload(), sizeof(payload));
	if (packet->sum == PACKET_SUM_DAMAGED)
		payload[DAMAGED_BYTE] ^= DAMAGE;
	KUNIT_EXPECT_MEMEQ(test, skb->data + packet_headers_len(packet), payload, sizeof(payload));
}

static void examine_checksum(struct kunit *test, struct sk_buff *skb, enum packet_sum sum)
{
	const struct udphdr *udp = udp_hdr(skb);
	const u8 state = skb->ip_summed;

	if (sum == PACKET_SUM_PARTIAL) {
		KUNIT_EXPECT_EQ(test, state, CHECKSUM_PARTIAL);
		KUNIT_EXPECT_EQ(test, skb_checksum_start_offset(skb), skb_transport_offset(skb));
		KUNIT_EXPECT_EQ(test, skb->csum_offset, offsetof(struct udphdr, check));
		KUNIT_ASSERT_EQ(test, skb_checksum_help(skb), 0);
		udp = udp_hdr(skb);
	} else {
		KUNIT_EXPECT_EQ(test, state, CHECKSUM_NONE);
	}

	switch (sum) {
	case PACKET_SUM_ABSENT:
		KUNIT_EXPECT_EQ(test, udp->check, 0);
		break;
	case PACKET_SUM_DAMAGED:
		KUNIT_EXPECT_NE(test, udp->check, 0);
		KUNIT_EXPECT_NE(test, udp_sum(skb, sum_of_datagram(skb)), 0);
		break;
	default:
		KUNIT_EXPECT_NE(test, udp->check, 0);
		KUNIT_EXPECT_EQ(test, udp_sum(skb, sum_of_datagram(skb)), 0);
	}
}

/**
 * packet_examine() - is a packet that was sent what it has to be?
 * @test: the test, which fails when not
 * @skb: the packet, data at its IP header; or NULL, which it has not to be
 * @packet: what it has to be; its sum is one of NONE, PARTIAL, DAMAGED, ABSENT
 *
 * Frees the packet.
 */
void packet_examine(struct kunit *test, struct sk_buff *skb, const struct packet *packet)
{
	KUNIT_ASSERT_NOT_NULL_MSG(test, skb, "no packet was sent");
	KUNIT_ASSERT_EQ(test, skb_linearize(skb), 0);
	KUNIT_ASSERT_EQ(test, skb->len, packet_headers_len(packet) + PACKET_PAYLOAD_LEN);
	skb_reset_network_header(skb);
	skb_set_transport_header(skb, packet_headers_len(packet) + PACKET_PAYLOAD_LEN -
				 udp_len(packet));
	examine_ip_header(test, skb, packet);
	examine_datagram(test, skb, packet);
	examine_checksum(test, skb, packet->sum);
	kfree_skb(skb);
}
