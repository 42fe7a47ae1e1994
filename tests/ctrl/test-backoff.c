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

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/backoff/doubles", test_doubles);
	g_test_add_func("/backoff/up-to", test_up_to);
	return g_test_run();
}
