// SPDX-License-Identifier: GPL-2.0
/*
 * Requests whose attributes are well-formed, but make no sense: each one is refused, with the
 * reason, and changes nothing.
 */
#include <kunit/test.h>
#include <net/genetlink.h>
#include <uapi/linux/wgmesh.h>

#include "bounce.h"
#include "netlink-gen.h"
#include "netlink-message.h"
#include "netns.h"
#include "packet.h"
#include "relayed.h"
#include "tunnel.h"
#include "wire.h"

#define NOBODY		0x7ffffff0
#define NUMBER		0x4001
#define ATTRIBUTES	32

/* The end of an endpoint or a prefix: what it has of an address. */
struct address {
	const char *name;
	bool has4;
	u8 ip[4];
	bool has6;
	u8 in6[16];
	/* port, or length of a prefix; -1 is none */
	int number;
};

static const struct address good4 = { .has4 = true, .ip = { 192, 0, 2, 9 }, .number = 24 };
static const struct address good6 = { .has6 = true, .in6 = { 0x20, 1, 0xd, 0xb8 }, .number = 24 };

static struct sk_buff *begin(struct kunit *test, u8 cmd)
{
	struct sk_buff *msg = genlmsg_new(NLMSG_DEFAULT_SIZE, GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, msg);
	KUNIT_ASSERT_NOT_NULL(test, genlmsg_put(msg, NOBODY, 1, &wgmesh_family, NLM_F_REQUEST,
						cmd));
	return msg;
}

static struct sk_buff *begin_u32(struct kunit *test, u8 cmd, int attribute, u32 value)
{
	struct sk_buff *msg = begin(test, cmd);

	KUNIT_ASSERT_EQ(test, nla_put_u32(msg, attribute, value), 0);
	return msg;
}

static void put_endpoint(struct kunit *test, struct sk_buff *msg, int attribute,
			 const struct address *address)
{
	struct nlattr *nest = nla_nest_start(msg, attribute);

	KUNIT_ASSERT_NOT_NULL(test, nest);
	if (address->has4)
		nla_put(msg, WGMESH_A_ENDPOINT_ADDRESS4, sizeof(address->ip), address->ip);
	if (address->has6)
		nla_put(msg, WGMESH_A_ENDPOINT_ADDRESS6, sizeof(address->in6), address->in6);
	if (address->number >= 0)
		nla_put_be16(msg, WGMESH_A_ENDPOINT_PORT, htons(address->number));
	nla_nest_end(msg, nest);
}

static void put_prefix(struct kunit *test, struct sk_buff *msg, int attribute,
		       const struct address *address)
{
	struct nlattr *nest = nla_nest_start(msg, attribute);

	KUNIT_ASSERT_NOT_NULL(test, nest);
	if (address->has4)
		nla_put(msg, WGMESH_A_PREFIX_ADDRESS4, sizeof(address->ip), address->ip);
	if (address->has6)
		nla_put(msg, WGMESH_A_PREFIX_ADDRESS6, sizeof(address->in6), address->in6);
	if (address->number >= 0)
		nla_put_u8(msg, WGMESH_A_PREFIX_LENGTH, address->number);
	nla_nest_end(msg, nest);
}

static void put_pair(struct kunit *test, struct sk_buff *msg, int attribute,
		     const struct address *one, const struct address *other)
{
	struct nlattr *nest = nla_nest_start(msg, attribute);

	KUNIT_ASSERT_NOT_NULL(test, nest);
	if (one)
		put_prefix(test, msg, WGMESH_A_PAIR_ONE, one);
	if (other)
		put_prefix(test, msg, WGMESH_A_PAIR_OTHER, other);
	nla_nest_end(msg, nest);
}

static const struct genl_ops *find_op(struct kunit *test, u8 cmd)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(wgmesh_nl_ops); i++)
		if (wgmesh_nl_ops[i].cmd == cmd)
			return &wgmesh_nl_ops[i];
	KUNIT_FAIL_AND_ABORT(test, "there is no request %d", cmd);
	return NULL;
}

static bool lies_within(const struct nlattr *attr, const struct nlattr *outer)
{
	return outer && attr >= outer && (const u8 *)attr < (const u8 *)outer + outer->nla_len;
}

/* As generic netlink does it with a request. */
static int ask(struct kunit *test, struct sk_buff *msg, struct genl_info *info,
	       struct nlattr **attrs)
{
	struct nlmsghdr *header = nlmsg_hdr(msg);
	const struct genl_ops *op;

	header->nlmsg_len = msg->len;
	info->nlhdr = header;
	info->genlhdr = nlmsg_data(header);
	info->family = &wgmesh_family;
	info->attrs = attrs;
	info->snd_portid = NOBODY;
	genl_info_net_set(info, &init_net);
	op = find_op(test, info->genlhdr->cmd);
	KUNIT_ASSERT_LT(test, op->maxattr, ATTRIBUTES);
	KUNIT_ASSERT_EQ_MSG(test, __nlmsg_parse(header, GENL_HDRLEN, attrs, op->maxattr,
						op->policy, NL_VALIDATE_STRICT, info->extack),
			    0, "the policy refuses what is to be refused by its meaning");
	return op->doit(msg, info);
}

static bool is_zero(const struct nlattr *attr)
{
	return !attr || !memchr_inv(nla_data(attr), 0, nla_len(attr));
}

/* Frees the request. @attribute is the one that has to be named as the reason, or, when the
 * request lacks it, as missing. Every object that comes, changes or goes counts as a generation of
 * its table. Secrets may not stay behind.
 */
static void expect_refused(struct kunit *test, struct sk_buff *msg, int error, int attribute)
{
	unsigned int generations[WGMESH_TABLES];
	struct nlattr *attrs[ATTRIBUTES] = {};
	struct netlink_ext_ack extack = {};
	struct genl_info info = { .extack = &extack };
	int err;

	memcpy(generations, wire_underlay()->generations, sizeof(generations));
	err = ask(test, msg, &info, attrs);
	KUNIT_EXPECT_EQ(test, err, error);
	KUNIT_EXPECT_NOT_NULL_MSG(test, extack._msg, "no reason is told");
	if (attrs[attribute])
		KUNIT_EXPECT_TRUE_MSG(test, lies_within(extack.bad_attr, attrs[attribute]),
				      "another attribute is named, or none: %s",
				      extack._msg ?: "");
	else
		KUNIT_EXPECT_EQ_MSG(test, extack.miss_type, attribute, "%s", extack._msg ?: "");
	KUNIT_EXPECT_MEMEQ(test, wire_underlay()->generations, generations, sizeof(generations));
	if (info.genlhdr->cmd == WGMESH_CMD_PEER_SET) {
		KUNIT_EXPECT_TRUE(test, is_zero(attrs[WGMESH_A_PEER_PROBE_KEY_TX]));
		KUNIT_EXPECT_TRUE(test, is_zero(attrs[WGMESH_A_PEER_PROBE_KEY_RX]));
	}
	nlmsg_free(msg);
}

/**
 * struct meant - a request that means an object by its number
 * @name: of the test
 * @cmd: the request
 * @attribute: that has the number
 * @error: when there is none of that number
 */
struct meant {
	const char *name;
	u8 cmd;
	int attribute;
	int error;
};

static const struct meant meant[] = {
	{ "device-set", WGMESH_CMD_DEVICE_SET, WGMESH_A_DEVICE_IFINDEX, -ENODEV },
	{ "device-del", WGMESH_CMD_DEVICE_DEL, WGMESH_A_DEVICE_ID, -ENOENT },
	{ "device-get", WGMESH_CMD_DEVICE_GET, WGMESH_A_DEVICE_ID, -ENOENT },
	{ "peer-set", WGMESH_CMD_PEER_SET, WGMESH_A_PEER_DEVICE, -ENOENT },
	{ "peer-del", WGMESH_CMD_PEER_DEL, WGMESH_A_PEER_ID, -ENOENT },
	{ "peer-get", WGMESH_CMD_PEER_GET, WGMESH_A_PEER_ID, -ENOENT },
	{ "path-set", WGMESH_CMD_PATH_SET, WGMESH_A_PATH_PEER, -ENOENT },
	{ "path-del", WGMESH_CMD_PATH_DEL, WGMESH_A_PATH_ID, -ENOENT },
	{ "path-get", WGMESH_CMD_PATH_GET, WGMESH_A_PATH_ID, -ENOENT },
	{ "allocation-del", WGMESH_CMD_ALLOCATION_DEL, WGMESH_A_ALLOCATION_ID, -ENOENT },
	{ "allocation-get", WGMESH_CMD_ALLOCATION_GET, WGMESH_A_ALLOCATION_ID, -ENOENT },
	{ "channel-set", WGMESH_CMD_CHANNEL_SET, WGMESH_A_CHANNEL_ALLOCATION, -ENOENT },
	{ "channel-del", WGMESH_CMD_CHANNEL_DEL, WGMESH_A_CHANNEL_ID, -ENOENT },
	{ "channel-get", WGMESH_CMD_CHANNEL_GET, WGMESH_A_CHANNEL_ID, -ENOENT },
	{ "bounce-set", WGMESH_CMD_BOUNCE_SET, WGMESH_A_BOUNCE_IFINDEX, -ENODEV },
	{ "bounce-del", WGMESH_CMD_BOUNCE_DEL, WGMESH_A_BOUNCE_IFINDEX, -ENOENT },
	{ "bounce-get", WGMESH_CMD_BOUNCE_GET, WGMESH_A_BOUNCE_IFINDEX, -ENOENT },
};

KUNIT_ARRAY_PARAM_DESC(meant, meant, name);

static void test_object(struct kunit *test)
{
	const struct meant *request = test->param_value;

	expect_refused(test, begin(test, request->cmd), -EINVAL, request->attribute);
	expect_refused(test, begin_u32(test, request->cmd, request->attribute, NOBODY),
		       request->error, request->attribute);
}

static void test_device(struct kunit *test)
{
	const u32 ifindex = tunnel_peer()->device->dev->ifindex;
	struct sk_buff *msg;

	expect_refused(test, begin_u32(test, WGMESH_CMD_DEVICE_SET, WGMESH_A_DEVICE_IFINDEX,
				       wire_near(test)->ifindex),
		       -EOPNOTSUPP, WGMESH_A_DEVICE_IFINDEX);
	msg = begin_u32(test, WGMESH_CMD_DEVICE_SET, WGMESH_A_DEVICE_IFINDEX, ifindex);
	nla_put_u32(msg, WGMESH_A_DEVICE_NETNS_FD, NOBODY);
	expect_refused(test, msg, -EBADF, WGMESH_A_DEVICE_NETNS_FD);
	msg = begin_u32(test, WGMESH_CMD_DEVICE_SET, WGMESH_A_DEVICE_IFINDEX, ifindex);
	nla_put_string(msg, WGMESH_A_DEVICE_SELECTOR, "nonsense");
	expect_refused(test, msg, -ENOENT, WGMESH_A_DEVICE_SELECTOR);
}

static struct sk_buff *begin_peer(struct kunit *test)
{
	static const u8 key[WGMESH_PUBLIC_KEY_LEN] = { 7, 8, 9 };
	struct sk_buff *msg = begin_u32(test, WGMESH_CMD_PEER_SET, WGMESH_A_PEER_DEVICE,
					tunnel_peer()->device->id);

	nla_put(msg, WGMESH_A_PEER_PUBLIC_KEY, sizeof(key), key);
	return msg;
}

static void test_peer(struct kunit *test)
{
	static const u8 key[WGMESH_PROBE_KEY_LEN] = { 1 };
	struct sk_buff *msg;

	expect_refused(test, begin_u32(test, WGMESH_CMD_PEER_SET, WGMESH_A_PEER_DEVICE,
				       tunnel_peer()->device->id), -EINVAL,
		       WGMESH_A_PEER_PUBLIC_KEY);
	msg = begin_peer(test);
	nla_put_string(msg, WGMESH_A_PEER_SELECTOR, "nonsense");
	expect_refused(test, msg, -ENOENT, WGMESH_A_PEER_SELECTOR);

	/* one key, or one for both directions: then probes could be sent back */
	msg = begin_peer(test);
	nla_put(msg, WGMESH_A_PEER_PROBE_KEY_TX, sizeof(key), key);
	expect_refused(test, msg, -EINVAL, WGMESH_A_PEER_PROBE_KEY_TX);
	msg = begin_peer(test);
	nla_put(msg, WGMESH_A_PEER_PROBE_KEY_RX, sizeof(key), key);
	expect_refused(test, msg, -EINVAL, WGMESH_A_PEER_PROBE_KEY_RX);
	msg = begin_peer(test);
	nla_put(msg, WGMESH_A_PEER_PROBE_KEY_TX, sizeof(key), key);
	nla_put(msg, WGMESH_A_PEER_PROBE_KEY_RX, sizeof(key), key);
	expect_refused(test, msg, -EINVAL, WGMESH_A_PEER_PROBE_KEY_TX);
}

/**
 * struct ends - a request with two endpoints
 * @name: of the test
 * @cmd: the request
 * @local: the attribute with the endpoint here
 * @remote: that with the other one
 */
struct ends {
	const char *name;
	u8 cmd;
	int local;
	int remote;
};

static const struct ends ends[] = {
	{ "path", WGMESH_CMD_PATH_SET, WGMESH_A_PATH_LOCAL, WGMESH_A_PATH_REMOTE },
	{ "allocation", WGMESH_CMD_ALLOCATION_SET, WGMESH_A_ALLOCATION_LOCAL,
	  WGMESH_A_ALLOCATION_CLIENT },
	{ "channel", WGMESH_CMD_CHANNEL_SET, WGMESH_A_CHANNEL_RELAYED, WGMESH_A_CHANNEL_PEER },
};

KUNIT_ARRAY_PARAM_DESC(ends, ends, name);

/* A request that lacks nothing but its endpoints. */
static struct sk_buff *begin_ends(struct kunit *test, u8 cmd, u32 allocation)
{
	struct sk_buff *msg = begin(test, cmd);

	switch (cmd) {
	case WGMESH_CMD_PATH_SET:
		nla_put_u32(msg, WGMESH_A_PATH_PEER, tunnel_peer()->id);
		break;
	case WGMESH_CMD_ALLOCATION_SET:
		nla_put_u32(msg, WGMESH_A_ALLOCATION_LIFETIME_MS, 1000);
		break;
	case WGMESH_CMD_CHANNEL_SET:
		nla_put_u32(msg, WGMESH_A_CHANNEL_ALLOCATION, allocation);
		nla_put_u16(msg, WGMESH_A_CHANNEL_NUMBER, NUMBER);
		nla_put_u32(msg, WGMESH_A_CHANNEL_LIFETIME_MS, 1000);
		break;
	}
	return msg;
}

static const struct address bad_ends[] = {
	{ "without an address", .number = 1 },
	{ "with two addresses", true, { 192, 0, 2, 9 }, true, { 0x20, 1, 0xd, 0xb8 }, 1 },
	{ "without a port", true, { 192, 0, 2, 9 }, .number = -1 },
	{ "0.0.0.0", true, { 0 }, .number = 1 },
	{ "multicast", true, { 224, 0, 0, 1 }, .number = 1 },
	{ "broadcast", true, { 255, 255, 255, 255 }, .number = 1 },
	{ "first virtual", true, { 127, 64, 0, 0 }, .number = 1 },
	{ "last virtual", true, { 127, 127, 255, 255 }, .number = 1 },
	{ "::", .has6 = true, .number = 1 },
	{ "IPv6 multicast", .has6 = true, .in6 = { 0xff, 2, [15] = 1 }, .number = 1 },
	{ "mapped from IPv4", .has6 = true,
	  .in6 = { [10] = 0xff, [11] = 0xff, 192, 0, 2, 9 }, .number = 1 },
};

static void test_endpoints(struct kunit *test)
{
	const struct ends *request = test->param_value;
	const u32 allocation = relayed_allocation(test, AF_INET, 2)->id;
	struct sk_buff *msg;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(bad_ends); i++) {
		kunit_info(test, "%s", bad_ends[i].name);
		msg = begin_ends(test, request->cmd, allocation);
		put_endpoint(test, msg, request->local, &bad_ends[i]);
		put_endpoint(test, msg, request->remote, &good4);
		expect_refused(test, msg, -EINVAL, request->local);
		msg = begin_ends(test, request->cmd, allocation);
		put_endpoint(test, msg, request->local, &good4);
		put_endpoint(test, msg, request->remote, &bad_ends[i]);
		expect_refused(test, msg, -EINVAL, request->remote);
	}

	expect_refused(test, begin_ends(test, request->cmd, allocation), -EINVAL,
		       request->local);
	msg = begin_ends(test, request->cmd, allocation);
	put_endpoint(test, msg, request->local, &good4);
	expect_refused(test, msg, -EINVAL, request->remote);
	msg = begin_ends(test, request->cmd, allocation);
	put_endpoint(test, msg, request->remote, &good4);
	expect_refused(test, msg, -EINVAL, request->local);
	msg = begin_ends(test, request->cmd, allocation);
	put_endpoint(test, msg, request->local, &good4);
	put_endpoint(test, msg, request->remote, &good6);
	expect_refused(test, msg, -EINVAL, request->remote);
}

/* A request for the path that tunnel_path() makes, or its neighbour with another port. */
static struct sk_buff *begin_path(struct kunit *test, const struct wgmesh_peer *peer, u16 port)
{
	struct sk_buff *msg = begin_u32(test, WGMESH_CMD_PATH_SET, WGMESH_A_PATH_PEER, peer->id);
	struct address local = { .has4 = true, .ip = { 192, 0, 2, 1 } };
	struct address remote = { .has4 = true, .ip = { 192, 0, 2, TUNNEL_REMOTE } };

	local.number = TUNNEL_LOCAL_PORT;
	remote.number = port;
	put_endpoint(test, msg, WGMESH_A_PATH_LOCAL, &local);
	put_endpoint(test, msg, WGMESH_A_PATH_REMOTE, &remote);
	return msg;
}

static void test_path(struct kunit *test)
{
	static const struct address link_local = {
		.has6 = true, .in6 = { 0xfe, 0x80, [15] = 1 }, .number = 1
	};
	struct wgmesh_path *path = tunnel_path(test, AF_INET, 0);
	struct wgmesh_net *wn = wire_underlay();
	struct sk_buff *msg;

	msg = begin_path(test, tunnel_peer(), TUNNEL_REMOTE_PORT + 1);
	nla_put_s32(msg, WGMESH_A_PATH_IFINDEX, -1);
	expect_refused(test, msg, -EINVAL, WGMESH_A_PATH_IFINDEX);
	msg = begin_path(test, tunnel_peer(), TUNNEL_REMOTE_PORT);
	nla_put_u32(msg, WGMESH_A_PATH_IFINDEX, wire_near(test)->ifindex);
	expect_refused(test, msg, -EINVAL, WGMESH_A_PATH_IFINDEX);
	msg = begin_u32(test, WGMESH_CMD_PATH_SET, WGMESH_A_PATH_PEER, tunnel_peer()->id);
	put_endpoint(test, msg, WGMESH_A_PATH_LOCAL, &link_local);
	put_endpoint(test, msg, WGMESH_A_PATH_REMOTE, &link_local);
	expect_refused(test, msg, -EINVAL, WGMESH_A_PATH_REMOTE);

	expect_refused(test, begin_path(test, tunnel_other_peer(test), TUNNEL_REMOTE_PORT), -EEXIST,
		       WGMESH_A_PATH_LOCAL);

	/* two that are forced contradict each other */
	mutex_lock(&wn->lock);
	wgmesh_path_change(path, path->kind, path->priority, WGMESH_PATH_POLICY_FORCE);
	mutex_unlock(&wn->lock);
	msg = begin_path(test, tunnel_peer(), TUNNEL_REMOTE_PORT + 1);
	nla_put_u32(msg, WGMESH_A_PATH_POLICY, WGMESH_PATH_POLICY_FORCE);
	expect_refused(test, msg, -EBUSY, WGMESH_A_PATH_POLICY);
}

static void test_too_many_paths(struct kunit *test)
{
	u16 i;

	for (i = 0; i < WGMESH_PATHS_PER_PEER; i++)
		tunnel_path(test, AF_INET, TUNNEL_CHANNEL + i);
	expect_refused(test, begin_path(test, tunnel_peer(), TUNNEL_REMOTE_PORT), -ENOSPC,
		       WGMESH_A_PATH_PEER);
}

/* A path and an allocation cannot have the same endpoints. */
static void test_endpoints_in_use(struct kunit *test)
{
	static const struct address relay = {
		.has4 = true, .ip = { 192, 0, 2, 1 }, .number = RELAYED_PORT
	};
	static const struct address client = {
		.has4 = true, .ip = { 192, 0, 2, 2 }, .number = RELAYED_CLIENT_PORT
	};
	struct sk_buff *msg;

	relayed_allocation(test, AF_INET, 2);
	msg = begin_u32(test, WGMESH_CMD_PATH_SET, WGMESH_A_PATH_PEER, tunnel_peer()->id);
	put_endpoint(test, msg, WGMESH_A_PATH_LOCAL, &relay);
	put_endpoint(test, msg, WGMESH_A_PATH_REMOTE, &client);
	expect_refused(test, msg, -EEXIST, WGMESH_A_PATH_LOCAL);
}

static struct sk_buff *begin_allocation(struct kunit *test)
{
	struct sk_buff *msg = begin(test, WGMESH_CMD_ALLOCATION_SET);

	put_endpoint(test, msg, WGMESH_A_ALLOCATION_LOCAL, &good4);
	put_endpoint(test, msg, WGMESH_A_ALLOCATION_CLIENT, &good4);
	return msg;
}

static const u32 bad_lifetimes[] = { 0, 24 * 60 * 60 * 1000 + 1, U32_MAX };

static void test_allocation(struct kunit *test)
{
	static const u8 note[641];
	struct sk_buff *msg;
	unsigned int i;

	expect_refused(test, begin_allocation(test), -EINVAL, WGMESH_A_ALLOCATION_LIFETIME_MS);
	for (i = 0; i < ARRAY_SIZE(bad_lifetimes); i++) {
		msg = begin_allocation(test);
		nla_put_u32(msg, WGMESH_A_ALLOCATION_LIFETIME_MS, bad_lifetimes[i]);
		expect_refused(test, msg, -ERANGE, WGMESH_A_ALLOCATION_LIFETIME_MS);
	}
	msg = begin_allocation(test);
	nla_put_u32(msg, WGMESH_A_ALLOCATION_LIFETIME_MS, 1000);
	nla_put(msg, WGMESH_A_ALLOCATION_NOTE, sizeof(note), note);
	expect_refused(test, msg, -ERANGE, WGMESH_A_ALLOCATION_NOTE);
}

/* A request for the channel that test_channel() has, or for it to another peer. */
static struct sk_buff *begin_channel(struct kunit *test, u32 allocation, u16 number, u8 peer)
{
	struct sk_buff *msg = begin_u32(test, WGMESH_CMD_CHANNEL_SET,
					WGMESH_A_CHANNEL_ALLOCATION, allocation);
	struct address relayed = { .has4 = true, .ip = { 192, 0, 2, 1 }, .number = 50000 };
	struct address other = { .has4 = true, .ip = { 192, 0, 2 }, .number = RELAYED_PEER_PORT };

	other.ip[3] = peer;
	if (number)
		nla_put_u16(msg, WGMESH_A_CHANNEL_NUMBER, number);
	put_endpoint(test, msg, WGMESH_A_CHANNEL_RELAYED, &relayed);
	put_endpoint(test, msg, WGMESH_A_CHANNEL_PEER, &other);
	return msg;
}

static void test_channel(struct kunit *test)
{
	struct wgmesh_allocation *allocation = relayed_allocation(test, AF_INET, 2);
	struct sk_buff *msg;
	unsigned int i;

	relayed_channel(test, allocation, NUMBER, AF_INET, 50000, 3, RELAYED_PEER_PORT);

	expect_refused(test, begin_channel(test, allocation->id, 0, 3), -EINVAL,
		       WGMESH_A_CHANNEL_NUMBER);
	expect_refused(test, begin_channel(test, allocation->id, NUMBER, 3), -EINVAL,
		       WGMESH_A_CHANNEL_LIFETIME_MS);
	for (i = 0; i < ARRAY_SIZE(bad_lifetimes); i++) {
		msg = begin_channel(test, allocation->id, NUMBER, 3);
		nla_put_u32(msg, WGMESH_A_CHANNEL_LIFETIME_MS, bad_lifetimes[i]);
		expect_refused(test, msg, -ERANGE, WGMESH_A_CHANNEL_LIFETIME_MS);
		msg = begin_channel(test, allocation->id, NUMBER, 3);
		nla_put_u32(msg, WGMESH_A_CHANNEL_LIFETIME_MS, 1000);
		nla_put_u32(msg, WGMESH_A_CHANNEL_PERMISSION_MS, bad_lifetimes[i]);
		expect_refused(test, msg, -ERANGE, WGMESH_A_CHANNEL_PERMISSION_MS);
	}

	/* the number belongs to another peer, the peer to another number */
	msg = begin_channel(test, allocation->id, NUMBER, 4);
	nla_put_u32(msg, WGMESH_A_CHANNEL_LIFETIME_MS, 1000);
	expect_refused(test, msg, -EEXIST, WGMESH_A_CHANNEL_PEER);
	msg = begin_channel(test, allocation->id, NUMBER + 1, 3);
	nla_put_u32(msg, WGMESH_A_CHANNEL_LIFETIME_MS, 1000);
	expect_refused(test, msg, -EEXIST, WGMESH_A_CHANNEL_PEER);
}

static struct sk_buff *begin_bounce(struct kunit *test)
{
	return begin_u32(test, WGMESH_CMD_BOUNCE_SET, WGMESH_A_BOUNCE_IFINDEX,
			 tunnel_peer()->device->dev->ifindex);
}

static void test_bounce(struct kunit *test)
{
	static const struct address bad_prefixes[] = {
		{ "without an address", .number = 24 },
		{ "with two addresses", true, { 10 }, true, { 0xfd }, 24 },
		{ "longer than the address", true, { 10 }, .number = 33 },
	};
	struct sk_buff *msg;
	unsigned int i;

	expect_refused(test, begin_u32(test, WGMESH_CMD_BOUNCE_SET, WGMESH_A_BOUNCE_IFINDEX,
				       wire_near(test)->ifindex),
		       -EOPNOTSUPP, WGMESH_A_BOUNCE_IFINDEX);

	for (i = 0; i < ARRAY_SIZE(bad_prefixes); i++) {
		kunit_info(test, "%s", bad_prefixes[i].name);
		msg = begin_bounce(test);
		put_pair(test, msg, WGMESH_A_BOUNCE_ALLOW, &good4, &bad_prefixes[i]);
		expect_refused(test, msg, -EINVAL, WGMESH_A_BOUNCE_ALLOW);
		msg = begin_bounce(test);
		put_pair(test, msg, WGMESH_A_BOUNCE_DENY, &bad_prefixes[i], &good4);
		expect_refused(test, msg, -EINVAL, WGMESH_A_BOUNCE_DENY);
	}
	msg = begin_bounce(test);
	put_pair(test, msg, WGMESH_A_BOUNCE_ALLOW, &good4, NULL);
	expect_refused(test, msg, -EINVAL, WGMESH_A_BOUNCE_ALLOW);
	msg = begin_bounce(test);
	put_pair(test, msg, WGMESH_A_BOUNCE_ALLOW, &good4, &good6);
	expect_refused(test, msg, -EINVAL, WGMESH_A_BOUNCE_ALLOW);

	msg = begin_bounce(test);
	for (i = 0; i < WGMESH_BOUNCE_MAX_PAIRS + 1; i++)
		put_pair(test, msg, WGMESH_A_BOUNCE_DENY, &good4, &good4);
	expect_refused(test, msg, -E2BIG, WGMESH_A_BOUNCE_DENY);
}

static void close_all(struct kunit *test)
{
	relayed_remove_all();
	tunnel_close(test);
}

static struct kunit_case cases[] = {
	KUNIT_CASE_PARAM(test_object, meant_gen_params),
	KUNIT_CASE(test_device),
	KUNIT_CASE(test_peer),
	KUNIT_CASE_PARAM(test_endpoints, ends_gen_params),
	KUNIT_CASE(test_path),
	KUNIT_CASE(test_too_many_paths),
	KUNIT_CASE(test_endpoints_in_use),
	KUNIT_CASE(test_allocation),
	KUNIT_CASE(test_channel),
	KUNIT_CASE(test_bounce),
	{}
};

static struct kunit_suite suite = {
	.name = "wgmesh-request",
	.init = tunnel_open,
	.exit = close_all,
	.test_cases = cases,
};

kunit_test_suite(suite);
