// SPDX-License-Identifier: GPL-2.0
/*
 * What is taken away now and then is put right at once; what is taken away again and again, less and
 * less often, until it is left alone.
 */
#include "agent/mended.h"

static const gint64 start_us = 1000 * G_USEC_PER_SEC;

static gint64 wait_us(const struct mended *mended)
{
	const struct mended_record *record = &mended->kinds[MENDED_ROUTES];

	return record->not_before_us - record->last_us;
}

static void test_counts(void)
{
	struct mended mended = {};

	mended_note(&mended, MENDED_ROUTES, 3, start_us, 17);
	mended_note(&mended, MENDED_ROUTES, 2, start_us + 1, 18);
	g_assert_cmpuint(mended.kinds[MENDED_ROUTES].count, ==, 5);
	g_assert_cmpint(mended.kinds[MENDED_ROUTES].last_s, ==, 18);
	g_assert_cmpuint(mended.kinds[MENDED_PEERS].count, ==, 0);
	g_assert_cmpint(wait_us(&mended), ==, 0);
	g_assert_false(mended_is_fight(&mended, MENDED_ROUTES, start_us + 1));
}

static void test_fight(void)
{
	static const guint waits_s[] = { 0, 0, 0, 0, 0, 1, 2, 4, 8, 16, 32, 64, 64, 64 };
	struct mended mended = {};
	gint64 now_us = start_us;

	for (gsize i = 0; i < G_N_ELEMENTS(waits_s); i++) {
		mended_note(&mended, MENDED_ROUTES, 1, now_us, 0);
		g_assert_cmpint(wait_us(&mended), ==, waits_s[i] * G_USEC_PER_SEC);
		g_assert_true(mended_is_fight(&mended, MENDED_ROUTES, now_us) == (waits_s[i] > 0));
		g_assert_false(mended_is_fight(&mended, MENDED_ADDRESSES, now_us));
		now_us += wait_us(&mended);
	}
}

/* The delay is no quiet: in it nobody looked. */
static void test_settles(void)
{
	struct mended mended = {};
	gint64 now_us = start_us;

	for (guint i = 0; i < 20; i++)
		mended_note(&mended, MENDED_ROUTES, 1, now_us, 0);
	now_us += MENDED_MAX_DELAY_US + MENDED_QUIET_US - 1;
	g_assert_true(mended_is_fight(&mended, MENDED_ROUTES, now_us));
	g_assert_false(mended_is_fight(&mended, MENDED_ROUTES, now_us + 1));
	mended_note(&mended, MENDED_ROUTES, 1, now_us + 1, 0);
	g_assert_cmpint(wait_us(&mended), ==, 0);
	g_assert_cmpuint(mended.kinds[MENDED_ROUTES].count, ==, 21);
}

static void test_names(void)
{
	for (enum mended_kind i = 0; i < MENDED_KINDS; i++)
		g_assert_nonnull(mended_name(i));
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/mended/counts", test_counts);
	g_test_add_func("/mended/fight", test_fight);
	g_test_add_func("/mended/settles", test_settles);
	g_test_add_func("/mended/names", test_names);
	return g_test_run();
}
