// SPDX-License-Identifier: GPL-2.0
#include <sodium.h>

#include "lib/rate-table.h"

#define SLOTS 64
#define NOW_US G_USEC_PER_SEC

static const struct ratelimit_rule rule = { .interval_us = 1000, .burst = 5 };
static const struct ratelimit_rule wide = { .interval_us = 1000, .burst = 12 };

static bool take(struct rate_table *table, guint64 key, guint cost, gint64 now_us)
{
	const struct rate_share share = { &key, sizeof(key), &rule };

	return rate_table_take(table, &share, 1, cost, now_us);
}

static guint take_all(struct rate_table *table, guint64 key, gint64 now_us)
{
	guint n = 0;

	while (take(table, key, 1, now_us))
		n++;
	return n;
}

static void test_each_key_has_its_own(void)
{
	struct rate_table *table = rate_table_new(SLOTS);

	g_assert_cmpuint(take_all(table, 1, NOW_US), ==, 5);
	g_assert_cmpuint(take_all(table, 2, NOW_US), ==, 5);
	g_assert_cmpuint(take_all(table, 1, NOW_US + 2000), ==, 2);
	g_assert_cmpuint(take_all(table, 1, NOW_US + 60000), ==, 5);
	rate_table_free(table);
}

static void test_cost(void)
{
	struct rate_table *table = rate_table_new(SLOTS);

	g_assert_true(take(table, 1, 3, NOW_US));
	g_assert_false(take(table, 1, 3, NOW_US));
	g_assert_true(take(table, 1, 2, NOW_US));
	g_assert_false(take(table, 1, 1, NOW_US));
	g_assert_false(take(table, 2, 6, NOW_US));
	rate_table_free(table);
}

static void test_all_or_nothing(void)
{
	const struct rate_share both[] = { { "a", 1, &rule }, { "b", 1, &wide } };
	struct rate_table *table = rate_table_new(SLOTS);

	for (guint i = 0; i < 100; i++)
		g_assert_cmpint(rate_table_take(table, both, 2, 1, NOW_US), ==, i < 5);
	/* what "a" was refused is left to others of "b" */
	for (guint i = 0; i < 100; i++)
		g_assert_cmpint(rate_table_take(table, &both[1], 1, 1, NOW_US), ==, i < 7);
	rate_table_free(table);
}

/* Each of the many took less: they replace each other. */
static void test_who_took_most_is_remembered(void)
{
	struct rate_table *table = rate_table_new(SLOTS);

	take_all(table, 0, NOW_US);
	for (guint64 key = 1; key < 100000; key++)
		g_assert_true(take(table, key, 1, NOW_US));
	g_assert_false(take(table, 0, 1, NOW_US));
	rate_table_free(table);
}

static void test_nobody_is_refused_for_others(void)
{
	struct rate_table *table = rate_table_new(SLOTS);

	for (guint64 key = 1; key < 10000; key++)
		g_assert_cmpuint(take_all(table, key, NOW_US), ==, 5);
	rate_table_free(table);
}

static guint take_from(struct rate_table *table, guint8 kind, const char *source)
{
	static const struct ratelimit_rule rules[RATE_LEVELS] = {
		[RATE_HOST] = { .interval_us = 1000, .burst = 2 },
		[RATE_SITE] = { .interval_us = 1000, .burst = 3 },
		[RATE_NETWORK] = { .interval_us = 1000, .burst = 5 },
	};
	struct endpoint from;
	guint n = 0;

	g_assert_true(endpoint_parse(source, &from, NULL));
	while (rate_table_take_source(table, kind, rules, &from, 1, NOW_US))
		n++;
	return n;
}

static void test_networks_of_a_source(void)
{
	struct rate_table *table = rate_table_new(SLOTS);
	const struct endpoint none = {};

	g_assert_cmpuint(take_from(table, 0, "192.0.2.1:1"), ==, 2);
	g_assert_cmpuint(take_from(table, 0, "192.0.2.1:2"), ==, 0);
	g_assert_cmpuint(take_from(table, 0, "192.0.2.2:1"), ==, 2);
	g_assert_cmpuint(take_from(table, 0, "192.0.2.3:1"), ==, 1);
	g_assert_cmpuint(take_from(table, 0, "192.0.3.3:1"), ==, 2);
	g_assert_cmpuint(take_from(table, 1, "192.0.2.3:1"), ==, 2);

	g_assert_cmpuint(take_from(table, 0, "[2001:db8::1]:1"), ==, 2);
	g_assert_cmpuint(take_from(table, 0, "[2001:db8::2]:1"), ==, 0);
	g_assert_cmpuint(take_from(table, 0, "[2001:db8:0:1::1]:1"), ==, 1);
	g_assert_cmpuint(take_from(table, 0, "[2001:db8:0:2::1]:1"), ==, 0);
	g_assert_cmpuint(take_from(table, 0, "[2001:db8:0:100::1]:1"), ==, 2);
	g_assert_cmpuint(take_from(table, 0, "[2001:db8:0:200::1]:1"), ==, 0);
	g_assert_cmpuint(take_from(table, 0, "[2001:db8:1::1]:1"), ==, 2);

	g_assert_false(rate_table_take_source(table, 0, (struct ratelimit_rule[]){ rule, rule, rule },
					      &none, 1, NOW_US));
	rate_table_free(table);
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_assert_cmpint(sodium_init(), >=, 0);
	g_test_add_func("/rate-table/each-key-has-its-own", test_each_key_has_its_own);
	g_test_add_func("/rate-table/cost", test_cost);
	g_test_add_func("/rate-table/all-or-nothing", test_all_or_nothing);
	g_test_add_func("/rate-table/who-took-most-is-remembered",
			test_who_took_most_is_remembered);
	g_test_add_func("/rate-table/nobody-is-refused-for-others",
			test_nobody_is_refused_for_others);
	g_test_add_func("/rate-table/networks-of-a-source", test_networks_of_a_source);
	return g_test_run();
}
