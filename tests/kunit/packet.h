/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Datagrams for the tests, made and examined by one description.
 *
 * Hosts have numbers: host 7 is 192.0.2.7 and 2001:db8::7. Host 1 is this one.
 */
#ifndef WGMESH_KUNIT_PACKET_H
#define WGMESH_KUNIT_PACKET_H

#include <kunit/test.h>
#include <linux/skbuff.h>

#include "flow.h"

/**
 * enum packet_sum - what the kernel knows about the UDP checksum of a packet, and its state
 * @PACKET_SUM_NONE: nothing (CHECKSUM_NONE); it is right
 * @PACKET_SUM_COMPLETE: the sum over the packet (CHECKSUM_COMPLETE); it is right
 * @PACKET_SUM_PARTIAL: it is for the device to complete (CHECKSUM_PARTIAL)
 * @PACKET_SUM_UNNECESSARY: it was verified (CHECKSUM_UNNECESSARY)
 * @PACKET_SUM_ABSENT: nothing, and there is none in the packet
 * @PACKET_SUM_DAMAGED: nothing, and the payload was damaged after the sum was made; the last
 * @PACKET_SUMS: their number
 */
enum packet_sum {
	PACKET_SUM_NONE,
	PACKET_SUM_COMPLETE,
	PACKET_SUM_PARTIAL,
	PACKET_SUM_UNNECESSARY,
	PACKET_SUM_ABSENT,
	PACKET_SUM_DAMAGED,
	PACKET_SUMS
};

extern const char * const packet_sum_names[PACKET_SUMS];

/**
 * struct packet - a UDP datagram
 * @family: AF_INET or AF_INET6
 * @from: number of the host it comes from
 * @to: number of the host it goes to
 * @source: port
 * @dest: port
 * @channel: number of the ChannelData that the payload is in, or 0
 * @sum: the state of its checksum
 */
struct packet {
	u16 family;
	u8 from;
	u8 to;
	u16 source;
	u16 dest;
	u16 channel;
	enum packet_sum sum;
};

/* An odd number, for the checksum pads it. */
#define PACKET_PAYLOAD_LEN	93
/* Expedited forwarding, and ECT(1) */
#define PACKET_TOS		0xb9
/* What a packet that is made has left; and what one has that this host sends */
#define PACKET_TTL		41
#define PACKET_TTL_SENT		64

const void *packet_families(const void *previous, char *name);
__be32 packet_host4(u8 host);
struct in6_addr packet_host6(u8 host);
void packet_flow(struct wgmesh_flow *flow, u16 family, u16 local_port, u8 remote, u16 remote_port);

const u8 *packet_payload(void);
struct sk_buff *packet_make(struct kunit *test, const struct packet *packet);
unsigned int packet_headers_len(const struct packet *packet);
void packet_fix_checksum(struct sk_buff *skb);
bool packet_sum_is_right(struct sk_buff *skb, const struct packet *packet);
void packet_set_payload(struct sk_buff *skb, const struct packet *packet, const void *payload,
			unsigned int len);
void packet_examine(struct kunit *test, struct sk_buff *skb, const struct packet *packet);

#endif /* WGMESH_KUNIT_PACKET_H */
