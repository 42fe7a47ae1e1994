// SPDX-License-Identifier: GPL-2.0
/*
 * Messages about bounce servers in memory: what is written is read back, and what a module of
 * another version might send is refused.
 */
#include "lib/pathnl-bounce.h"

#define FAMILY 42

static struct nl_msg *message(void)
{
	return netlink_genl_message(FAMILY, WGMESH_CMD_BOUNCE_NTF, 4096);
}

static struct prefix prefix_of(const char *text)
{
	struct prefix prefix;

	g_assert_true(prefix_parse(text, &prefix, NULL));
	return prefix;
}

static struct pathnl_pair pair_of(const char *one, const char *other, bool deny)
{
	return (struct pathnl_pair){ prefix_of(one), prefix_of(other), deny };
}

static void assert_pair(const struct pathnl_pair *pair, const struct pathnl_pair *wanted)
{
	g_assert_true(prefix_equal(&pair->one, &wanted->one));
	g_assert_true(prefix_equal(&pair->other, &wanted->other));
	g_assert_cmpint(pair->deny, ==, wanted->deny);
}

static void test_settings(void)
{
	struct pathnl_bounce wanted = {
		.ifindex = 7,
		.group = 4000000000,
		.n_pairs = 3,
		.pairs = {
			pair_of("10.7.0.2", "10.7.0.0/24", false),
			pair_of("fd07::2", "::/0", true),
			pair_of("0.0.0.0/0", "10.8.0.0/16", false),
		},
	};
	g_autoptr(netlink_msg) msg = message();
	struct pathnl_bounce bounce;

	pathnl_put_bounce(msg, &wanted);
	g_assert_true(pathnl_parse_bounce(nlmsg_hdr(msg), &bounce));
	g_assert_cmpuint(bounce.ifindex, ==, 7);
	g_assert_cmpuint(bounce.group, ==, 4000000000);
	g_assert_cmpuint(bounce.n_pairs, ==, 3);
	for (guint i = 0; i < bounce.n_pairs; i++)
		assert_pair(&bounce.pairs[i], &wanted.pairs[i]);
}

static void put_u64(struct nl_msg *msg, int type, guint64 value)
{
	netlink_put(msg, type, &value, sizeof(value));
}

static void test_counters(void)
{
	g_autoptr(netlink_msg) msg = message();
	struct pathnl_bounce bounce;

	netlink_put_u32(msg, WGMESH_A_BOUNCE_IFINDEX, 7);
	netlink_put(msg, WGMESH_A_BOUNCE_IFNAME, "wg0", sizeof("wg0"));
	for (int type = WGMESH_A_BOUNCE_PACKETS; type <= WGMESH_A_BOUNCE_STACK_UNUSUAL; type++)
		put_u64(msg, type, (1ull << 40) + type);
	g_assert_true(pathnl_parse_bounce(nlmsg_hdr(msg), &bounce));
	g_assert_cmpstr(bounce.ifname, ==, "wg0");
	g_assert_cmpuint(bounce.n_pairs, ==, 0);
	g_assert_cmpuint(bounce.packets, ==, (1ull << 40) + WGMESH_A_BOUNCE_PACKETS);
	g_assert_cmpuint(bounce.bytes, ==, (1ull << 40) + WGMESH_A_BOUNCE_BYTES);
	g_assert_cmpuint(bounce.drop_denied, ==, (1ull << 40) + WGMESH_A_BOUNCE_DROP_DENIED);
	g_assert_cmpuint(bounce.drop_expired, ==, (1ull << 40) + WGMESH_A_BOUNCE_DROP_EXPIRED);
	g_assert_cmpuint(bounce.drop_too_big, ==, (1ull << 40) + WGMESH_A_BOUNCE_DROP_TOO_BIG);
	g_assert_cmpuint(bounce.drop_error, ==, (1ull << 40) + WGMESH_A_BOUNCE_DROP_ERROR);
	g_assert_cmpuint(bounce.stack_elsewhere, ==,
			 (1ull << 40) + WGMESH_A_BOUNCE_STACK_ELSEWHERE);
	g_assert_cmpuint(bounce.stack_source, ==, (1ull << 40) + WGMESH_A_BOUNCE_STACK_SOURCE);
	g_assert_cmpuint(bounce.stack_unusual, ==, (1ull << 40) + WGMESH_A_BOUNCE_STACK_UNUSUAL);
}

static void test_many_pairs(void)
{
	const struct pathnl_bounce more = { .ifindex = 7, .n_pairs = 1,
					    .pairs = { pair_of("fd07::1", "fd07::2", false) } };
	struct pathnl_bounce all = { .ifindex = 7, .n_pairs = PATHNL_PAIRS_MAX }, bounce;
	g_autoptr(netlink_msg) msg = message();

	for (guint i = 0; i < PATHNL_PAIRS_MAX; i++)
		all.pairs[i] = pair_of("fd07::1", "fd07::2", true);
	pathnl_put_bounce(msg, &all);
	g_assert_true(pathnl_parse_bounce(nlmsg_hdr(msg), &bounce));
	g_assert_cmpuint(bounce.n_pairs, ==, PATHNL_PAIRS_MAX);
	pathnl_put_bounce(msg, &more);
	g_assert_false(pathnl_parse_bounce(nlmsg_hdr(msg), &bounce));
}

/* A pair whose second prefix has these attributes. */
static struct nl_msg *pair_with(int type, const void *address, gsize size, int length)
{
	struct nl_msg *msg = message();
	struct nlattr *pair, *prefix;

	netlink_put_u32(msg, WGMESH_A_BOUNCE_IFINDEX, 7);
	pair = nla_nest_start(msg, WGMESH_A_BOUNCE_ALLOW);
	for (int side = WGMESH_A_PAIR_ONE; side <= WGMESH_A_PAIR_OTHER; side++) {
		prefix = nla_nest_start(msg, side);
		netlink_put(msg, type, address, size);
		if (length >= 0)
			netlink_put_u8(msg, WGMESH_A_PREFIX_LENGTH, length);
		nla_nest_end(msg, prefix);
	}
	nla_nest_end(msg, pair);
	return msg;
}

static bool parses(struct nl_msg *taken)
{
	g_autoptr(netlink_msg) msg = taken;
	struct pathnl_bounce bounce;

	return pathnl_parse_bounce(nlmsg_hdr(msg), &bounce);
}

static void test_malformed(void)
{
	const guint8 address[16] = { 10, 7, 0, 1 };
	struct nlattr *pair;
	struct nl_msg *msg;

	g_assert_true(parses(pair_with(WGMESH_A_PREFIX_ADDRESS4, address, 4, 32)));
	g_assert_false(parses(pair_with(WGMESH_A_PREFIX_ADDRESS4, address, 4, 33)));
	g_assert_false(parses(pair_with(WGMESH_A_PREFIX_ADDRESS4, address, 4, -1)));
	g_assert_false(parses(pair_with(WGMESH_A_PREFIX_ADDRESS4, address, 5, 32)));
	g_assert_true(parses(pair_with(WGMESH_A_PREFIX_ADDRESS6, address, 16, 0)));
	g_assert_false(parses(pair_with(WGMESH_A_PREFIX_ADDRESS6, address, 15, 0)));
	g_assert_false(parses(pair_with(WGMESH_A_PREFIX_ADDRESS6, address, 16, 129)));
	g_assert_false(parses(message()));

	msg = message();
	netlink_put_u32(msg, WGMESH_A_BOUNCE_IFINDEX, 7);
	pair = nla_nest_start(msg, WGMESH_A_BOUNCE_DENY);
	netlink_put(msg, WGMESH_A_PAIR_ONE, NULL, 0);
	nla_nest_end(msg, pair);
	g_assert_false(parses(msg));
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/pathnl-bounce/settings", test_settings);
	g_test_add_func("/pathnl-bounce/counters", test_counters);
	g_test_add_func("/pathnl-bounce/many-pairs", test_many_pairs);
	g_test_add_func("/pathnl-bounce/malformed", test_malformed);
	return g_test_run();
}
