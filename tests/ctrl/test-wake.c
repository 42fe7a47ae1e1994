// SPDX-License-Identifier: GPL-2.0
#include "agent/wake.h"

#define S ((gint64)G_USEC_PER_SEC)

static void test_awake(void)
{
	struct wake_clock clock = {};

	/* it slept before it was watched, too */
	g_assert_cmpint(wake_clock_slept(&clock, 500 * S, 100 * S), ==, 0);
	g_assert_cmpint(wake_clock_slept(&clock, 600 * S, 200 * S), ==, 0);

	/* the clocks are not read at the same time */
	g_assert_cmpint(wake_clock_slept(&clock, 700 * S + 20000, 300 * S), ==, 0);
	g_assert_cmpint(wake_clock_slept(&clock, 800 * S, 400 * S), ==, 0);
}

static void test_never_slept_before(void)
{
	struct wake_clock clock = {};

	g_assert_cmpint(wake_clock_slept(&clock, 100 * S, 100 * S), ==, 0);
	g_assert_cmpint(wake_clock_slept(&clock, 400 * S, 110 * S), ==, 290 * S);
}

static void test_slept(void)
{
	struct wake_clock clock = {};

	wake_clock_slept(&clock, 500 * S, 100 * S);
	g_assert_cmpint(wake_clock_slept(&clock, 4110 * S, 110 * S), ==, 3600 * S);
	g_assert_cmpint(wake_clock_slept(&clock, 4120 * S, 120 * S), ==, 0);

	/* short naps are told once they were long enough together, and each only once */
	g_assert_cmpint(wake_clock_slept(&clock, 4130 * S + S / 2, 130 * S), ==, 0);
	g_assert_cmpint(wake_clock_slept(&clock, 4141 * S, 140 * S), ==, S);
	g_assert_cmpint(wake_clock_slept(&clock, 4151 * S, 150 * S), ==, 0);
}

static void fail(G_GNUC_UNUSED gint64 slept_us, G_GNUC_UNUSED void *data)
{
	g_assert_not_reached();
}

/* The kernel gives the timer, and nothing is told without a reason. */
static void test_watch(void)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(wake) wake = wake_new(fail, NULL, &error);

	g_assert_no_error(error);
	while (g_main_context_iteration(NULL, FALSE))
		;
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/wake/awake", test_awake);
	g_test_add_func("/wake/never-slept-before", test_never_slept_before);
	g_test_add_func("/wake/slept", test_slept);
	g_test_add_func("/wake/watch", test_watch);
	return g_test_run();
}
