// SPDX-License-Identifier: GPL-2.0
#include "lib/ratelimit.h"

static const struct ratelimit_rule rule = { .interval_us = 1000, .burst = 5 };

static guint take_all(struct ratelimit *limit, gint64 now_us)
{
	guint n = 0;

	while (ratelimit_allow(limit, &rule, now_us))
		n++;
	return n;
}

static void test_burst(void)
{
	struct ratelimit limit = {};

	g_assert_cmpuint(take_all(&limit, 0), ==, 5);
	g_assert_cmpuint(take_all(&limit, 999), ==, 0);
	g_assert_cmpuint(take_all(&limit, 1000), ==, 1);
	g_assert_cmpuint(take_all(&limit, 3500), ==, 2);
	g_assert_cmpuint(take_all(&limit, 4000), ==, 1);
}

static void test_refill_is_bounded(void)
{
	struct ratelimit limit = {};

	take_all(&limit, 0);
	g_assert_cmpuint(take_all(&limit, 5000), ==, 5);
	take_all(&limit, 5000);
	g_assert_cmpuint(take_all(&limit, G_MAXINT64 / 2), ==, 5);
}

/* Whoever keeps asking gets what the rule grants, no less. */
static void test_refusal_is_free(void)
{
	struct ratelimit limit = {};
	guint allowed = 0;
	gint64 now;

	for (now = 0; now < 100 * 1000; now += 10)
		allowed += ratelimit_allow(&limit, &rule, now);
	g_assert_cmpuint(allowed, ==, 5 + 99);
}

static void test_burst_of_one(void)
{
	static const struct ratelimit_rule one = { .interval_us = 10, .burst = 1 };
	struct ratelimit limit = {};

	g_assert_true(ratelimit_allow(&limit, &one, 7));
	g_assert_false(ratelimit_allow(&limit, &one, 16));
	g_assert_true(ratelimit_allow(&limit, &one, 17));
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/ratelimit/burst", test_burst);
	g_test_add_func("/ratelimit/refill-is-bounded", test_refill_is_bounded);
	g_test_add_func("/ratelimit/refusal-is-free", test_refusal_is_free);
	g_test_add_func("/ratelimit/burst-of-one", test_burst_of_one);
	return g_test_run();
}
