// SPDX-License-Identifier: GPL-2.0
/*
 * Recognising WireGuard's messages.
 */
#include <kunit/test.h>

#include "message.h"

#define LONGEST	1500

struct recognised {
	const char *name;
	u8 head[4];
	unsigned int len;
	enum wgmesh_message_type type;
};

static const struct recognised messages[] = {
	{ "initiation", { 1 }, 148, WGMESH_MESSAGE_INITIATION },
	{ "initiation, a byte less", { 1 }, 147 },
	{ "initiation, a byte more", { 1 }, 149 },
	{ "response", { 2 }, 92, WGMESH_MESSAGE_RESPONSE },
	{ "response, a byte less", { 2 }, 91 },
	{ "response, a byte more", { 2 }, 93 },
	{ "cookie", { 3 }, 64, WGMESH_MESSAGE_COOKIE },
	{ "cookie, a byte less", { 3 }, 63 },
	{ "cookie, a byte more", { 3 }, 65 },
	{ "keepalive", { 4 }, 32, WGMESH_MESSAGE_DATA },
	{ "data, too short", { 4 }, 31 },
	{ "data, not a multiple of 16", { 4 }, 1421, WGMESH_MESSAGE_DATA },
	{ "data, full size", { 4 }, LONGEST, WGMESH_MESSAGE_DATA },
	{ "nothing", { 4 }, 0 },
	{ "a byte", { 4 }, 1 },
	{ "reserved byte 1 is set", { 4, 1 }, 128 },
	{ "reserved byte 2 is set", { 4, 0, 1 }, 128 },
	{ "reserved byte 3 is set", { 4, 0, 0, 1 }, 128 },
	{ "type 0", { 0 }, 148 },
	{ "type 5", { 5 }, 148 },
	{ "STUN, Binding request", { 0, 1, 0, 144 }, 148 },
	{ "STUN, Binding request without attributes", { 0, 1 }, 32 },
	{ "STUN, Binding success", { 1, 1, 0, 12 }, 32 },
	{ "ChannelData", { 0x40, 0, 0, 28 }, 32 },
	{ "ChannelData without data", { 0x40 }, 32 },
	{ "DTLS handshake", { 22, 254, 253 }, 148 },
	{ "QUIC", { 0xc3, 0, 0, 0 }, 1200 },
};

KUNIT_ARRAY_PARAM_DESC(message, messages, name);

/* The buffer ends where the message does, so that KASAN sees who looks further. */
static void test_type(struct kunit *test)
{
	const struct recognised *message = test->param_value;
	u8 *bytes = kunit_kzalloc(test, message->len ?: 1, GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, bytes);
	memset(bytes, 0xff, message->len);
	memcpy(bytes, message->head, min_t(size_t, message->len, sizeof(message->head)));
	KUNIT_EXPECT_EQ(test, wgmesh_message_type(bytes, message->len), message->type);
}

static void test_indices(struct kunit *test)
{
	const u8 bytes[WGMESH_MESSAGE_HEAD_LEN] = {
		2, 0, 0, 0, 0x11, 0x22, 0x33, 0x44, 0x55, 0x66, 0x77, 0x88
	};

	KUNIT_EXPECT_EQ(test, wgmesh_message_sender(bytes), 0x44332211);
	KUNIT_EXPECT_EQ(test, wgmesh_message_receiver(bytes, WGMESH_MESSAGE_RESPONSE), 0x88776655);
	KUNIT_EXPECT_EQ(test, wgmesh_message_receiver(bytes, WGMESH_MESSAGE_DATA), 0x44332211);
}

static struct kunit_case cases[] = {
	KUNIT_CASE_PARAM(test_type, message_gen_params),
	KUNIT_CASE(test_indices),
	{}
};

static struct kunit_suite suite = {
	.name = "wgmesh-message",
	.test_cases = cases,
};

kunit_test_suite(suite);
