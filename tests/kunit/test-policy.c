// SPDX-License-Identifier: GPL-2.0
/*
 * The attributes of requests: what the generated policies refuse.
 */
#include <kunit/test.h>
#include <net/netlink.h>
#include <uapi/linux/wgmesh.h>

#include "netlink-gen.h"

/**
 * struct request - a request with one attribute
 * @name: of the test
 * @cmd: the request
 * @type: of the attribute
 * @len: its length
 * @value: its bytes, zero behind those given
 * @refused: what the answer has to be
 */
struct request {
	const char *name;
	u8 cmd;
	u16 type;
	u16 len;
	u8 value[48];
	bool refused;
};

#define U16(value) (value) & 0xff, (value) >> 8
#define U32(value) U16((value) & 0xffff), U16((u32)(value) >> 16)
#define HEADER(type, len) U16(4 + (len)), U16(type)
#define FINE false
#define REFUSED true

#define ID(cmd, attribute)									\
	{ #attribute " of 0", WGMESH_CMD_##cmd, attribute, 4, { U32(0) }, REFUSED },		\
	{ #attribute " of 1", WGMESH_CMD_##cmd, attribute, 4, { U32(1) }, FINE },		\
	{ #attribute ", largest", WGMESH_CMD_##cmd, attribute, 4, { U32(~0u) }, FINE },		\
	{ #attribute ", 0 bytes", WGMESH_CMD_##cmd, attribute, 0, { 1 }, REFUSED },		\
	{ #attribute ", 3 bytes", WGMESH_CMD_##cmd, attribute, 3, { 1 }, REFUSED },		\
	{ #attribute ", 8 bytes", WGMESH_CMD_##cmd, attribute, 8, { 1 }, REFUSED }

#define CHANNEL(cmd, attribute)									\
	{ #attribute " 0", WGMESH_CMD_##cmd, attribute, 2, { U16(0) }, REFUSED },		\
	{ #attribute " 0x3fff", WGMESH_CMD_##cmd, attribute, 2, { U16(0x3fff) }, REFUSED },	\
	{ #attribute " 0x4000", WGMESH_CMD_##cmd, attribute, 2, { U16(0x4000) }, FINE },	\
	{ #attribute " 0x7fff", WGMESH_CMD_##cmd, attribute, 2, { U16(0x7fff) }, FINE },	\
	{ #attribute " 0x8000", WGMESH_CMD_##cmd, attribute, 2, { U16(0x8000) }, REFUSED },	\
	{ #attribute ", 1 byte", WGMESH_CMD_##cmd, attribute, 1, { 0x40 }, REFUSED },		\
	{ #attribute ", 4 bytes", WGMESH_CMD_##cmd, attribute, 4, { U32(0x4000) }, REFUSED }

/* A port, and 2 bytes of padding */
#define PORT(port)	HEADER(WGMESH_A_ENDPOINT_PORT, 2), U16(port), 0, 0
#define ADDRESS4	HEADER(WGMESH_A_ENDPOINT_ADDRESS4, 4), 192, 0, 2, 1

#define ENDPOINT(cmd, attribute)								\
	{ #attribute, WGMESH_CMD_##cmd, attribute | NLA_F_NESTED, 16,				\
	  { ADDRESS4, PORT(1) }, FINE },							\
	{ #attribute ", IPv6", WGMESH_CMD_##cmd, attribute | NLA_F_NESTED, 28,			\
	  { HEADER(WGMESH_A_ENDPOINT_ADDRESS6, 16), [20] = PORT(1) }, FINE },			\
	{ #attribute ", port 0", WGMESH_CMD_##cmd, attribute | NLA_F_NESTED, 16,		\
	  { ADDRESS4, PORT(0) }, REFUSED },							\
	{ #attribute ", port of 4 bytes", WGMESH_CMD_##cmd, attribute | NLA_F_NESTED, 16,	\
	  { ADDRESS4, HEADER(WGMESH_A_ENDPOINT_PORT, 4), U32(1) }, REFUSED },			\
	{ #attribute ", IPv4 of 3 bytes", WGMESH_CMD_##cmd, attribute | NLA_F_NESTED, 16,	\
	  { HEADER(WGMESH_A_ENDPOINT_ADDRESS4, 3), 192, 0, 2, 0, PORT(1) }, REFUSED },		\
	{ #attribute ", IPv6 of 4 bytes", WGMESH_CMD_##cmd, attribute | NLA_F_NESTED, 16,	\
	  { HEADER(WGMESH_A_ENDPOINT_ADDRESS6, 4), 0, 0, 0, 1, PORT(1) }, REFUSED },		\
	{ #attribute ", IPv6 of 20 bytes", WGMESH_CMD_##cmd, attribute | NLA_F_NESTED, 32,	\
	  { HEADER(WGMESH_A_ENDPOINT_ADDRESS6, 20), [24] = PORT(1) }, REFUSED },		\
	{ #attribute ", cut short", WGMESH_CMD_##cmd, attribute | NLA_F_NESTED, 10,		\
	  { ADDRESS4, HEADER(WGMESH_A_ENDPOINT_PORT, 2) }, REFUSED },				\
	{ #attribute ", not nested", WGMESH_CMD_##cmd, attribute, 16,				\
	  { ADDRESS4, PORT(1) }, REFUSED },							\
	{ #attribute ", unknown inside", WGMESH_CMD_##cmd, attribute | NLA_F_NESTED, 16,	\
	  { ADDRESS4, HEADER(WGMESH_A_ENDPOINT_PORT + 1, 4), U32(1) }, REFUSED }

/* A number with a smallest and a largest value */
#define RANGE(cmd, attribute, min, max)								\
	{ #attribute ", too small", WGMESH_CMD_##cmd, attribute, 4, { U32((min) - 1) }, REFUSED },\
	{ #attribute ", smallest", WGMESH_CMD_##cmd, attribute, 4, { U32(min) }, FINE },	\
	{ #attribute ", largest", WGMESH_CMD_##cmd, attribute, 4, { U32(max) }, FINE },		\
	{ #attribute ", too large", WGMESH_CMD_##cmd, attribute, 4, { U32((max) + 1) }, REFUSED },\
	{ #attribute ", 2 bytes", WGMESH_CMD_##cmd, attribute, 2, { U16(min) }, REFUSED }

#define PACE(cmd, object)									\
	RANGE(cmd, WGMESH_A_##object##_PROBE_ACTIVE_MS, 10, 30000),				\
	RANGE(cmd, WGMESH_A_##object##_PROBE_STANDBY_MS, 10, 30000),				\
	RANGE(cmd, WGMESH_A_##object##_PROBE_IDLE_MS, 100, 30000),				\
	RANGE(cmd, WGMESH_A_##object##_PROBE_ATTEMPTS, 2, 16)

/* A name ends with a zero, which may be all of it: the default. */
#define SELECTOR(cmd, attribute)								\
	{ #attribute, WGMESH_CMD_##cmd, attribute, 9, { "failover" }, FINE },			\
	{ #attribute ", empty", WGMESH_CMD_##cmd, attribute, 1, { "" }, FINE },			\
	{ #attribute ", 15 letters", WGMESH_CMD_##cmd, attribute, 16, { "abcdefghijklmno" }, FINE },\
	{ #attribute ", 16 letters", WGMESH_CMD_##cmd, attribute, 17, { "abcdefghijklmnop" },	\
	  REFUSED },										\
	{ #attribute " without its end", WGMESH_CMD_##cmd, attribute, 8, { "failover" }, REFUSED },\
	{ #attribute ", 0 bytes", WGMESH_CMD_##cmd, attribute, 0, { 0 }, REFUSED }

#define KEY(cmd, attribute)									\
	{ #attribute, WGMESH_CMD_##cmd, attribute, 32, { 1 }, FINE },				\
	{ #attribute " of 31 bytes", WGMESH_CMD_##cmd, attribute, 31, { 1 }, REFUSED },		\
	{ #attribute " of 33 bytes", WGMESH_CMD_##cmd, attribute, 33, { 1 }, REFUSED }

/* A nest in a nest is looked into when its turn comes; test-request.c has what is in these. */
#define PAIR(cmd, attribute)									\
	{ #attribute ", empty", WGMESH_CMD_##cmd, attribute | NLA_F_NESTED, 0, { 0 }, FINE },	\
	{ #attribute ", prefixes", WGMESH_CMD_##cmd, attribute | NLA_F_NESTED, 40,		\
	  { PREFIX(ONE, 32), PREFIX(OTHER, 0) }, FINE },					\
	{ #attribute ", length 129", WGMESH_CMD_##cmd, attribute | NLA_F_NESTED, 20,		\
	  { PREFIX(ONE, 129) }, REFUSED },							\
	{ #attribute ", unknown inside", WGMESH_CMD_##cmd, attribute | NLA_F_NESTED, 8,		\
	  { HEADER(WGMESH_A_PAIR_OTHER + 1, 4), U32(1) }, REFUSED },				\
	{ #attribute ", not nested inside", WGMESH_CMD_##cmd, attribute | NLA_F_NESTED, 8,	\
	  { HEADER(WGMESH_A_PAIR_ONE, 4), U32(1) }, REFUSED },					\
	{ #attribute ", not nested", WGMESH_CMD_##cmd, attribute, 20, { PREFIX(ONE, 32) }, REFUSED }
#define PREFIX(which, len)									\
	HEADER(WGMESH_A_PAIR_##which | NLA_F_NESTED, 16),					\
	HEADER(WGMESH_A_PREFIX_ADDRESS4, 4), 192, 0, 2, 0,					\
	HEADER(WGMESH_A_PREFIX_LENGTH, 1), len, 0, 0, 0

#define MILLISECONDS(cmd, attribute)								\
	{ #attribute " of 0", WGMESH_CMD_##cmd, attribute, 4, { U32(0) }, FINE },		\
	{ #attribute ", 2 bytes", WGMESH_CMD_##cmd, attribute, 2, { 1 }, REFUSED }

/* Any number */
#define MARK(cmd, attribute)									\
	{ #attribute " of 0", WGMESH_CMD_##cmd, attribute, 4, { U32(0) }, FINE },		\
	{ #attribute ", largest", WGMESH_CMD_##cmd, attribute, 4, { U32(~0u) }, FINE },		\
	{ #attribute ", 2 bytes", WGMESH_CMD_##cmd, attribute, 2, { 1 }, REFUSED }

static const struct request requests[] = {
	ID(DEVICE_SET, WGMESH_A_DEVICE_IFINDEX),
	MARK(DEVICE_SET, WGMESH_A_DEVICE_MARK),
	{ "listen-port 0", WGMESH_CMD_DEVICE_SET, WGMESH_A_DEVICE_LISTEN_PORT, 2, { 0 }, FINE },
	{ "listen-port of 4 bytes", WGMESH_CMD_DEVICE_SET, WGMESH_A_DEVICE_LISTEN_PORT, 4,
	  { U32(51820) }, REFUSED },
	{ "netns-fd", WGMESH_CMD_DEVICE_SET, WGMESH_A_DEVICE_NETNS_FD, 4, { U32(3) }, FINE },
	{ "netns-fd of 2 bytes", WGMESH_CMD_DEVICE_SET, WGMESH_A_DEVICE_NETNS_FD, 2, { 3 },
	  REFUSED },
	SELECTOR(DEVICE_SET, WGMESH_A_DEVICE_SELECTOR),
	PACE(DEVICE_SET, DEVICE),
	ID(DEVICE_DEL, WGMESH_A_DEVICE_ID),
	ID(DEVICE_GET, WGMESH_A_DEVICE_ID),

	ID(PEER_SET, WGMESH_A_PEER_DEVICE),
	KEY(PEER_SET, WGMESH_A_PEER_PUBLIC_KEY),
	SELECTOR(PEER_SET, WGMESH_A_PEER_SELECTOR),
	PACE(PEER_SET, PEER),
	KEY(PEER_SET, WGMESH_A_PEER_PROBE_KEY_TX),
	KEY(PEER_SET, WGMESH_A_PEER_PROBE_KEY_RX),
	ID(PEER_DEL, WGMESH_A_PEER_ID),
	ID(PEER_GET, WGMESH_A_PEER_ID),
	ID(PEER_GET, WGMESH_A_PEER_DEVICE),

	ID(PATH_SET, WGMESH_A_PATH_PEER),
	ENDPOINT(PATH_SET, WGMESH_A_PATH_LOCAL),
	ENDPOINT(PATH_SET, WGMESH_A_PATH_REMOTE),
	CHANNEL(PATH_SET, WGMESH_A_PATH_CHANNEL),
	{ "kind direct", WGMESH_CMD_PATH_SET, WGMESH_A_PATH_KIND, 4,
	  { U32(WGMESH_PATH_KIND_DIRECT) }, FINE },
	{ "kind relay", WGMESH_CMD_PATH_SET, WGMESH_A_PATH_KIND, 4,
	  { U32(WGMESH_PATH_KIND_RELAY) }, FINE },
	{ "kind unknown", WGMESH_CMD_PATH_SET, WGMESH_A_PATH_KIND, 4,
	  { U32(WGMESH_PATH_KIND_RELAY + 1) }, REFUSED },
	{ "ifindex", WGMESH_CMD_PATH_SET, WGMESH_A_PATH_IFINDEX, 4, { U32(0) }, FINE },
	{ "ifindex of 2 bytes", WGMESH_CMD_PATH_SET, WGMESH_A_PATH_IFINDEX, 2, { 1 }, REFUSED },
	{ "priority", WGMESH_CMD_PATH_SET, WGMESH_A_PATH_PRIORITY, 4, { U32(~0u) }, FINE },
	{ "priority of 8 bytes", WGMESH_CMD_PATH_SET, WGMESH_A_PATH_PRIORITY, 8, { 1 }, REFUSED },
	{ "policy auto", WGMESH_CMD_PATH_SET, WGMESH_A_PATH_POLICY, 4,
	  { U32(WGMESH_PATH_POLICY_AUTO) }, FINE },
	{ "policy, the last", WGMESH_CMD_PATH_SET, WGMESH_A_PATH_POLICY, 4, { U32(2) }, FINE },
	{ "policy unknown", WGMESH_CMD_PATH_SET, WGMESH_A_PATH_POLICY, 4, { U32(3) }, REFUSED },
	ID(PATH_DEL, WGMESH_A_PATH_ID),
	ID(PATH_GET, WGMESH_A_PATH_ID),
	ID(PATH_GET, WGMESH_A_PATH_PEER),

	ENDPOINT(ALLOCATION_SET, WGMESH_A_ALLOCATION_LOCAL),
	ENDPOINT(ALLOCATION_SET, WGMESH_A_ALLOCATION_CLIENT),
	MILLISECONDS(ALLOCATION_SET, WGMESH_A_ALLOCATION_LIFETIME_MS),
	{ "rate", WGMESH_CMD_ALLOCATION_SET, WGMESH_A_ALLOCATION_RATE, 8, { 1 }, FINE },
	{ "rate of 4 bytes", WGMESH_CMD_ALLOCATION_SET, WGMESH_A_ALLOCATION_RATE, 4, { 1 },
	  REFUSED },
	{ "note", WGMESH_CMD_ALLOCATION_SET, WGMESH_A_ALLOCATION_NOTE, 48, { 1 }, FINE },
	ID(ALLOCATION_DEL, WGMESH_A_ALLOCATION_ID),
	ID(ALLOCATION_GET, WGMESH_A_ALLOCATION_ID),

	ID(CHANNEL_SET, WGMESH_A_CHANNEL_ALLOCATION),
	CHANNEL(CHANNEL_SET, WGMESH_A_CHANNEL_NUMBER),
	ENDPOINT(CHANNEL_SET, WGMESH_A_CHANNEL_RELAYED),
	ENDPOINT(CHANNEL_SET, WGMESH_A_CHANNEL_PEER),
	MILLISECONDS(CHANNEL_SET, WGMESH_A_CHANNEL_LIFETIME_MS),
	MILLISECONDS(CHANNEL_SET, WGMESH_A_CHANNEL_PERMISSION_MS),
	ID(CHANNEL_DEL, WGMESH_A_CHANNEL_ID),
	ID(CHANNEL_GET, WGMESH_A_CHANNEL_ID),
	ID(CHANNEL_GET, WGMESH_A_CHANNEL_ALLOCATION),

	ID(BOUNCE_SET, WGMESH_A_BOUNCE_IFINDEX),
	{ "group", WGMESH_CMD_BOUNCE_SET, WGMESH_A_BOUNCE_GROUP, 4, { U32(7) }, FINE },
	{ "group of 2 bytes", WGMESH_CMD_BOUNCE_SET, WGMESH_A_BOUNCE_GROUP, 2, { 7 }, REFUSED },
	PAIR(BOUNCE_SET, WGMESH_A_BOUNCE_ALLOW),
	PAIR(BOUNCE_SET, WGMESH_A_BOUNCE_DENY),
	ID(BOUNCE_DEL, WGMESH_A_BOUNCE_IFINDEX),
	ID(BOUNCE_GET, WGMESH_A_BOUNCE_IFINDEX),
};

KUNIT_ARRAY_PARAM_DESC(request, requests, name);

static const struct genl_ops *find_op(u8 cmd)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(wgmesh_nl_ops); i++)
		if (wgmesh_nl_ops[i].cmd == cmd)
			return &wgmesh_nl_ops[i];
	return NULL;
}

/* As generic netlink does it with a request. */
static int validate(struct kunit *test, const struct genl_ops *op, u16 type, const u8 *value,
		    u16 len)
{
	struct nlattr *attr = kunit_kzalloc(test, nla_total_size(len), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, attr);
	attr->nla_type = type;
	attr->nla_len = nla_attr_size(len);
	memcpy(nla_data(attr), value, len);
	return __nla_validate(attr, nla_total_size(len), op->maxattr, op->policy,
			      NL_VALIDATE_STRICT, NULL);
}

static void test_attribute(struct kunit *test)
{
	const struct request *request = test->param_value;
	const struct genl_ops *op = find_op(request->cmd);
	int err;

	KUNIT_ASSERT_NOT_NULL(test, op);
	err = validate(test, op, request->type, request->value, request->len);
	if (request->refused)
		KUNIT_EXPECT_LT(test, err, 0);
	else
		KUNIT_EXPECT_EQ(test, err, 0);
}

static bool is_tried(u8 cmd, u16 type, bool refused)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(requests); i++)
		if (requests[i].cmd == cmd && (requests[i].type & NLA_TYPE_MASK) == type &&
		    requests[i].refused == refused)
			return true;
	return false;
}

/* Every attribute of every request is tried above, with something that has to be taken and,
 * where there are limits, with something that has to be refused.
 */
static void test_complete(struct kunit *test)
{
	unsigned int i;
	u16 type;

	for (i = 0; i < ARRAY_SIZE(wgmesh_nl_ops); i++) {
		const struct genl_ops *op = &wgmesh_nl_ops[i];

		for (type = 1; type <= op->maxattr; type++) {
			const struct nla_policy *policy = &op->policy[type];

			if (policy->type == NLA_UNSPEC)
				continue;
			KUNIT_EXPECT_TRUE_MSG(test, is_tried(op->cmd, type, FINE),
					      "attribute %u of request %u", type, op->cmd);
			if (policy->type == NLA_BINARY && !policy->len)
				continue;
			KUNIT_EXPECT_TRUE_MSG(test, is_tried(op->cmd, type, REFUSED),
					      "attribute %u of request %u", type, op->cmd);
		}
	}
}

/* What a request does not know is refused, not ignored; so are attributes of answers. */
static void test_unknown(struct kunit *test)
{
	static const u8 value[8] = { 1 };
	unsigned int i;
	u16 type, len;

	for (i = 0; i < ARRAY_SIZE(wgmesh_nl_ops); i++) {
		const struct genl_ops *op = &wgmesh_nl_ops[i];

		for (type = 1; type <= op->maxattr; type++)
			if (op->policy[type].type == NLA_UNSPEC)
				for (len = 0; len <= sizeof(value); len++)
					KUNIT_EXPECT_LT(test, validate(test, op, type, value, len),
							0);

		for (len = 0; len <= sizeof(value); len++) {
			KUNIT_EXPECT_LT(test, validate(test, op, 0, value, len), 0);
			KUNIT_EXPECT_LT(test, validate(test, op, op->maxattr + 1, value, len), 0);
			KUNIT_EXPECT_LT(test, validate(test, op, 0x3fff, value, len), 0);
		}
	}
}

/* Only the administrator may ask, whatever it is. */
static void test_privileges(struct kunit *test)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(wgmesh_nl_ops); i++)
		KUNIT_EXPECT_TRUE(test, wgmesh_nl_ops[i].flags & GENL_ADMIN_PERM);
}

static struct kunit_case cases[] = {
	KUNIT_CASE_PARAM(test_attribute, request_gen_params),
	KUNIT_CASE(test_complete),
	KUNIT_CASE(test_unknown),
	KUNIT_CASE(test_privileges),
	{}
};

static struct kunit_suite suite = {
	.name = "wgmesh-policy",
	.test_cases = cases,
};

kunit_test_suite(suite);
