// SPDX-License-Identifier: GPL-2.0
/* How long to wait before what failed is tried again. */
#include "agent/backoff.h"

#define LONG_MS 600000

/* The delay doubles from a second; a random part of up to a half is taken off. */
static void check(guint delay_ms, guint failures, guint max_ms)
{
	guint whole_ms = failures < 20 ? MIN(1000u << failures, max_ms) : max_ms;

	g_assert_cmpuint(delay_ms, <=, whole_ms);
	g_assert_cmpuint(delay_ms, >=, whole_ms - whole_ms / 2);
}

static void test_doubles(void)
{
	struct backoff backoff = {};

	for (guint i = 0; i < 100; i++)
		check(backoff_next_ms(&backoff), i, BACKOFF_MAX_MS);
	backoff_reset(&backoff);
	check(backoff_next_ms(&backoff), 0, BACKOFF_MAX_MS);
}

static void test_up_to(void)
{
	struct backoff backoff = {};

	for (guint i = 0; i < 100; i++)
		check(backoff_next_up_to_ms(&backoff, LONG_MS), i, LONG_MS);

	/* another bound counts at once */
	check(backoff_next_ms(&backoff), 100, BACKOFF_MAX_MS);
}

/* After a success the first one is anywhere in the window, and the others are as ever. */
static void test_within(void)
{
	guint least = G_MAXUINT, most = 0;

	for (guint i = 0; i < 1000; i++) {
		struct backoff backoff = {};
		guint first = backoff_next_within_ms(&backoff, LONG_MS);

		least = MIN(least, first);
		most = MAX(most, first);
		check(backoff_next_within_ms(&backoff, LONG_MS), 1, BACKOFF_MAX_MS);
	}
	g_assert_cmpuint(least, >=, 500);
	g_assert_cmpuint(least, <, LONG_MS / 10);
	g_assert_cmpuint(most, >, LONG_MS - LONG_MS / 10);
	g_assert_cmpuint(most, <=, LONG_MS);
}

/* A few nodes need no window. */
static void test_within_little(void)
{
	for (guint window_ms = 0; window_ms <= 1000; window_ms += 500) {
		struct backoff backoff = {};

		check(backoff_next_within_ms(&backoff, window_ms), 0, BACKOFF_MAX_MS);
	}
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/backoff/doubles", test_doubles);
	g_test_add_func("/backoff/up-to", test_up_to);
	g_test_add_func("/backoff/within", test_within);
	g_test_add_func("/backoff/within-little", test_within_little);
	return g_test_run();
}
