// SPDX-License-Identifier: GPL-2.0
/*
 * Probes: writing them, judging them, and taking each request once.
 */
#include <kunit/test.h>

#include "probe.h"

static const u8 key[WGMESH_PROBE_KEY_LEN] = { 1, 2, 3 };
static const u8 other_key[WGMESH_PROBE_KEY_LEN] = { 1, 2, 4 };

static void test_form(struct kunit *test)
{
	static const u8 begin[] = {
		0xd7, 0x77, 0x67, 0x6d,			/* magic */
		0x78, 0x56, 0x34, 0x12,			/* receiver */
		0x01, 0x02, 0x03, 0x04, 0x05, 0x06, 0x07, 0x08,
		0x11, 0x12, 0x13, 0x14, 0x15, 0x16, 0x17, 0x18,
		0x00, 0x2c,				/* 44 bytes */
		0x01, 0x01,				/* a request of this version */
	};
	struct wgmesh_probe probe;

	wgmesh_probe_write(&probe, WGMESH_PROBE_REQUEST, 0x0102030405060708,
			   0x1112131415161718, 0x12345678, sizeof(probe), key);
	KUNIT_EXPECT_EQ(test, memcmp(&probe, begin, sizeof(begin)), 0);
	KUNIT_EXPECT_TRUE(test, wgmesh_probe_is_one(&probe, sizeof(probe)));
	KUNIT_EXPECT_TRUE(test, wgmesh_probe_authentic(&probe, sizeof(probe), key));
}

static void test_too_short(struct kunit *test)
{
	struct wgmesh_probe probe;
	unsigned int len;

	wgmesh_probe_write(&probe, WGMESH_PROBE_REQUEST, 1, 2, 0, sizeof(probe), key);
	for (len = 0; len < sizeof(probe); len++)
		KUNIT_EXPECT_FALSE(test, wgmesh_probe_is_one(&probe, len));
}

static void test_other_length(struct kunit *test)
{
	struct wgmesh_probe probe;

	wgmesh_probe_write(&probe, WGMESH_PROBE_REQUEST, 1, 2, 0, 1000, key);
	KUNIT_EXPECT_TRUE(test, wgmesh_probe_authentic(&probe, 1000, key));
	KUNIT_EXPECT_FALSE(test, wgmesh_probe_authentic(&probe, 999, key));
	KUNIT_EXPECT_FALSE(test, wgmesh_probe_authentic(&probe, 1001, key));
}

static void test_other_key(struct kunit *test)
{
	struct wgmesh_probe probe;

	wgmesh_probe_write(&probe, WGMESH_PROBE_ANSWER, 1, 2, 0, sizeof(probe), key);
	KUNIT_EXPECT_FALSE(test, wgmesh_probe_authentic(&probe, sizeof(probe), other_key));
}

/* Every single bit counts. */
static void test_damaged(struct kunit *test)
{
	struct wgmesh_probe probe;
	unsigned int bit;

	wgmesh_probe_write(&probe, WGMESH_PROBE_REQUEST, 77, 6, 5, sizeof(probe), key);
	for (bit = 0; bit < 8 * sizeof(probe); bit++) {
		u8 *byte = (u8 *)&probe + bit / 8;

		*byte ^= 1 << bit % 8;
		KUNIT_EXPECT_FALSE_MSG(test, wgmesh_probe_is_one(&probe, sizeof(probe)) &&
				       wgmesh_probe_authentic(&probe, sizeof(probe), key),
				       "bit %u", bit);
		*byte ^= 1 << bit % 8;
	}
}

static void test_window_in_order(struct kunit *test)
{
	struct wgmesh_probe_window window = {};
	u64 sequence;

	for (sequence = 1; sequence < 1000; sequence++) {
		KUNIT_ASSERT_TRUE(test, wgmesh_probe_window_take(&window, sequence));
		KUNIT_ASSERT_FALSE(test, wgmesh_probe_window_take(&window, sequence));
	}
}

/* Each number within the window once, whatever the order. */
static void test_window_out_of_order(struct kunit *test)
{
	struct wgmesh_probe_window window = {};
	const u64 newest = 100000;
	u64 i;

	KUNIT_ASSERT_TRUE(test, wgmesh_probe_window_take(&window, newest));
	for (i = 1; i < WGMESH_PROBE_WINDOW; i++)
		KUNIT_EXPECT_TRUE_MSG(test, wgmesh_probe_window_take(&window, newest - i),
				      "%llu behind", i);
	for (i = 0; i < WGMESH_PROBE_WINDOW; i++)
		KUNIT_EXPECT_FALSE_MSG(test, wgmesh_probe_window_take(&window, newest - i),
				       "%llu behind, again", i);
	KUNIT_EXPECT_FALSE(test, wgmesh_probe_window_take(&window, newest - WGMESH_PROBE_WINDOW));
	KUNIT_EXPECT_FALSE(test, wgmesh_probe_window_take(&window, 1));
}

/* What the window forgets when it moves is what falls out of it, whatever the distance. */
static void test_window_moves(struct kunit *test)
{
	static const u64 distances[] = { 1, 63, 64, 65, 127, 128, 200, 255, 256, 257, 1ULL << 40 };
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(distances); i++) {
		struct wgmesh_probe_window window = {};
		const u64 first = 1000, second = first + distances[i];

		KUNIT_ASSERT_TRUE(test, wgmesh_probe_window_take(&window, first));
		KUNIT_ASSERT_TRUE(test, wgmesh_probe_window_take(&window, second));
		KUNIT_EXPECT_FALSE(test, wgmesh_probe_window_take(&window, first));
		KUNIT_EXPECT_FALSE(test, wgmesh_probe_window_take(&window, second));
		KUNIT_EXPECT_EQ(test, wgmesh_probe_window_take(&window, first + 1),
				distances[i] > 1 && distances[i] - 1 < WGMESH_PROBE_WINDOW);
	}
}

static void test_window_end(struct kunit *test)
{
	struct wgmesh_probe_window window = {};

	KUNIT_EXPECT_TRUE(test, wgmesh_probe_window_take(&window, U64_MAX));
	KUNIT_EXPECT_FALSE(test, wgmesh_probe_window_take(&window, U64_MAX));
	KUNIT_EXPECT_TRUE(test, wgmesh_probe_window_take(&window, U64_MAX - 1));
	KUNIT_EXPECT_FALSE(test, wgmesh_probe_window_take(&window, 0));
}

/* Who names what was told begins that, whatever its sequences were. */
static void test_session(struct kunit *test)
{
	struct wgmesh_probe_session session = {};
	u64 first, second;

	KUNIT_EXPECT_EQ(test, wgmesh_probe_session_take(&session, 0, 9), WGMESH_PROBE_FOREIGN);
	KUNIT_EXPECT_EQ(test, wgmesh_probe_session_take(&session, 3, 9), WGMESH_PROBE_FOREIGN);
	first = wgmesh_probe_session_next(&session, 3);
	KUNIT_EXPECT_EQ(test, first, 3);
	KUNIT_EXPECT_EQ(test, wgmesh_probe_session_next(&session, 4), first);
	KUNIT_EXPECT_EQ(test, wgmesh_probe_session_take(&session, first, 900), WGMESH_PROBE_NEW);
	KUNIT_EXPECT_EQ(test, wgmesh_probe_session_take(&session, first, 900),
			WGMESH_PROBE_REPEATED);
	KUNIT_EXPECT_EQ(test, wgmesh_probe_session_take(&session, first, 1), WGMESH_PROBE_REPEATED);

	second = wgmesh_probe_session_next(&session, 5);
	KUNIT_EXPECT_NE(test, second, first);
	KUNIT_EXPECT_EQ(test, wgmesh_probe_session_take(&session, first, 901), WGMESH_PROBE_NEW);
	KUNIT_EXPECT_EQ(test, wgmesh_probe_session_take(&session, second, 1), WGMESH_PROBE_NEW);
	KUNIT_EXPECT_EQ(test, wgmesh_probe_session_take(&session, first, 902),
			WGMESH_PROBE_FOREIGN);
	KUNIT_EXPECT_EQ(test, wgmesh_probe_session_take(&session, 0, 2), WGMESH_PROBE_FOREIGN);
	KUNIT_EXPECT_EQ(test, wgmesh_probe_session_take(&session, second, 2), WGMESH_PROBE_NEW);
}

static void test_session_is_never_0(struct kunit *test)
{
	struct wgmesh_probe_session session = {};

	KUNIT_EXPECT_NE(test, wgmesh_probe_session_next(&session, 0), 0);
}

static struct kunit_case cases[] = {
	KUNIT_CASE(test_form),
	KUNIT_CASE(test_too_short),
	KUNIT_CASE(test_other_length),
	KUNIT_CASE(test_other_key),
	KUNIT_CASE(test_damaged),
	KUNIT_CASE(test_window_in_order),
	KUNIT_CASE(test_window_out_of_order),
	KUNIT_CASE(test_window_moves),
	KUNIT_CASE(test_window_end),
	KUNIT_CASE(test_session),
	KUNIT_CASE(test_session_is_never_0),
	{}
};

static struct kunit_suite suite = {
	.name = "wgmesh-probe",
	.test_cases = cases,
};

kunit_test_suite(suite);
