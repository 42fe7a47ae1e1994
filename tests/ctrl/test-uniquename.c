// SPDX-License-Identifier: GPL-2.0
#include "server/uniquename.h"

#include <string.h>

#define MAX_NUMBER 10001

struct fixture {
	GHashTable *names;
	guint asked;
	char chosen[HOSTNAME_SIZE];
};

static void set_up(struct fixture *f, G_GNUC_UNUSED const void *data)
{
	f->names = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
}

static void tear_down(struct fixture *f, G_GNUC_UNUSED const void *data)
{
	g_hash_table_unref(f->names);
}

static bool is_taken(const char *hostname, void *data)
{
	struct fixture *f = data;

	f->asked++;
	return g_hash_table_contains(f->names, hostname);
}

static void take(struct fixture *f, const char *name)
{
	g_assert_true(g_hash_table_add(f->names, g_strdup(name)));
}

/* Return: the choice, which is taken now. */
static const char *choose(struct fixture *f, const char *wanted)
{
	f->asked = 0;
	g_assert_true(uniquename_choose(wanted, MAX_NUMBER, is_taken, f, f->chosen));
	g_assert_cmpuint(strlen(f->chosen), <=, HOSTNAME_MAX);
	take(f, f->chosen);
	return f->chosen;
}

static void test_order(struct fixture *f, G_GNUC_UNUSED const void *data)
{
	g_assert_cmpstr(choose(f, "web"), ==, "web");
	g_assert_cmpuint(f->asked, ==, 1);
	for (guint i = 2; i <= 10000; i++) {
		g_autofree char *expected = g_strdup_printf("web-%u", i);

		g_assert_cmpstr(choose(f, "web"), ==, expected);
		g_assert_cmpuint(f->asked, <=, 30);
	}
}

static void test_long(struct fixture *f, G_GNUC_UNUSED const void *data)
{
	g_autofree char *longest = g_strnfill(HOSTNAME_MAX, 'x');

	g_assert_cmpstr(choose(f, longest), ==, longest);
	for (guint i = 2; i <= 200; i++) {
		g_autofree char *end = g_strdup_printf("x-%u", i);

		g_assert_true(g_str_has_suffix(choose(f, longest), end));
		g_assert_cmpuint(strlen(f->chosen), ==, HOSTNAME_MAX);
	}
}

/* Names that others have chosen, or given back. */
static void test_gaps(struct fixture *f, G_GNUC_UNUSED const void *data)
{
	take(f, "web");
	take(f, "web-2");
	take(f, "web-4");
	g_assert_cmpstr(choose(f, "web"), ==, "web-5");
	for (guint i = 0; i < 1000; i++)
		choose(f, "web");
	g_hash_table_remove(f->names, "web");
	g_assert_cmpstr(choose(f, "web"), ==, "web");
}

/* Whoever takes the names where the search looks gets no other node refused. */
static void test_traps(struct fixture *f, G_GNUC_UNUSED const void *data)
{
	take(f, "web");
	for (guint i = 2; i <= 2 * MAX_NUMBER; i *= 2) {
		g_autofree char *name = g_strdup_printf("web-%u", i);

		take(f, name);
	}
	g_assert_cmpstr(choose(f, "web"), ==, "web-3");
	g_assert_cmpuint(f->asked, <=, 30);
}

static void test_none(struct fixture *f, G_GNUC_UNUSED const void *data)
{
	take(f, "web");
	for (guint i = 2; i <= 16; i++) {
		g_autofree char *name = g_strdup_printf("web-%u", i);

		take(f, name);
	}
	g_assert_false(uniquename_choose("web", 8, is_taken, f, f->chosen));
}

#define ADD(path, test) g_test_add(path, struct fixture, NULL, set_up, test, tear_down)

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	ADD("/uniquename/order", test_order);
	ADD("/uniquename/long", test_long);
	ADD("/uniquename/gaps", test_gaps);
	ADD("/uniquename/traps", test_traps);
	ADD("/uniquename/none", test_none);
	return g_test_run();
}
