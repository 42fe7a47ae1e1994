// SPDX-License-Identifier: GPL-2.0
/*
 * The limit on bytes per second, at times that the tests say.
 */
#include <kunit/test.h>

#include "rate.h"

/* At this rate a packet of this size takes a millisecond. */
#define LIMIT	1000000
#define BYTES	1000
#define COST_NS	NSEC_PER_MSEC

#define BURST	(WGMESH_RATE_BURST_NS / COST_NS)

/* How many packets pass at a time? */
static unsigned int pass(struct wgmesh_rate *rate, s64 now)
{
	unsigned int passed = 0;

	while (wgmesh_rate_take(rate, LIMIT, BYTES, now))
		passed++;
	return passed;
}

static void test_without_limit(struct kunit *test)
{
	struct wgmesh_rate rate = {};
	int i;

	for (i = 0; i < 10000; i++)
		KUNIT_ASSERT_TRUE(test, wgmesh_rate_allows(&rate, 65535));
	KUNIT_EXPECT_EQ(test, atomic64_read(&rate.busy_until), 0);
}

/* What may be sent at once is a quarter of a second's worth, and the packet that exceeds it. */
static void test_burst(struct kunit *test)
{
	struct wgmesh_rate rate = {};

	KUNIT_EXPECT_EQ(test, pass(&rate, NSEC_PER_SEC), BURST + 1);
	KUNIT_EXPECT_EQ(test, pass(&rate, NSEC_PER_SEC), 0);
}

static void test_time_brings_more(struct kunit *test)
{
	struct wgmesh_rate rate = {};
	s64 now = NSEC_PER_SEC;

	pass(&rate, now);
	KUNIT_EXPECT_EQ(test, pass(&rate, now + COST_NS - 1), 0);
	KUNIT_EXPECT_EQ(test, pass(&rate, now + COST_NS), 1);
	KUNIT_EXPECT_EQ(test, pass(&rate, now + 8 * COST_NS), 7);
}

/* Who always asks gets exactly the limit. */
static void test_long_run(struct kunit *test)
{
	struct wgmesh_rate rate = {};
	unsigned int passed = 0;
	s64 now = NSEC_PER_SEC;
	int i;

	pass(&rate, now);
	for (i = 1; i <= 10000; i++)
		passed += pass(&rate, now + i * COST_NS / 2);
	KUNIT_EXPECT_EQ(test, passed, 5000);
}

static void test_rest_is_not_saved(struct kunit *test)
{
	struct wgmesh_rate rate = {};
	s64 now = NSEC_PER_SEC;

	pass(&rate, now);
	KUNIT_EXPECT_EQ(test, pass(&rate, now + 3600 * NSEC_PER_SEC), BURST + 1);
}

/* One packet always passes when nothing is owed, and then has to be paid for. */
static void test_larger_than_burst(struct kunit *test)
{
	struct wgmesh_rate rate = {};
	const s64 now = NSEC_PER_SEC, cost = 65535 * NSEC_PER_SEC / 100;

	KUNIT_EXPECT_TRUE(test, wgmesh_rate_take(&rate, 100, 65535, now));
	KUNIT_EXPECT_FALSE(test, wgmesh_rate_take(&rate, 100, 1, now));
	KUNIT_EXPECT_FALSE(test, wgmesh_rate_take(&rate, 100, 1,
						  now + cost - WGMESH_RATE_BURST_NS - 1));
	KUNIT_EXPECT_TRUE(test, wgmesh_rate_take(&rate, 100, 1,
						 now + cost - WGMESH_RATE_BURST_NS));
}

static void test_extremes(struct kunit *test)
{
	struct wgmesh_rate slow = {}, fast = {};
	const s64 now = NSEC_PER_SEC;

	KUNIT_EXPECT_TRUE(test, wgmesh_rate_take(&slow, 1, 65535, now));
	KUNIT_EXPECT_FALSE(test, wgmesh_rate_take(&slow, 1, 65535, now + 65534 * NSEC_PER_SEC));
	KUNIT_EXPECT_TRUE(test, wgmesh_rate_take(&slow, 1, 65535, now + 65535 * NSEC_PER_SEC));

	KUNIT_EXPECT_TRUE(test, wgmesh_rate_take(&fast, U64_MAX, 65535, now));
	KUNIT_EXPECT_EQ(test, atomic64_read(&fast.busy_until), now);
}

static struct kunit_case cases[] = {
	KUNIT_CASE(test_without_limit),
	KUNIT_CASE(test_burst),
	KUNIT_CASE(test_time_brings_more),
	KUNIT_CASE(test_long_run),
	KUNIT_CASE(test_rest_is_not_saved),
	KUNIT_CASE(test_larger_than_burst),
	KUNIT_CASE(test_extremes),
	{}
};

static struct kunit_suite suite = {
	.name = "wgmesh-rate",
	.test_cases = cases,
};

kunit_test_suite(suite);
