// SPDX-License-Identifier: GPL-2.0
#include "lib/admission.h"

struct fixture {
	struct admissions *admissions;
	struct admission *guests[ADMISSION_MAX_GUESTS];
	guint evicted;
	guint room;
};

static void on_room(void *data)
{
	struct fixture *f = data;

	f->room++;
}

static void on_evict(void *data)
{
	struct fixture *f = data;

	f->evicted++;
	admission_release(g_steal_pointer(&f->guests[0]));
}

static struct admission *request(struct fixture *f, const char *from)
{
	struct endpoint ep;

	g_assert_true(endpoint_parse_default(from, 1, &ep, NULL));
	return admission_request(f->admissions, &ep);
}

/* So many sources that none has too many guests. */
static void fill(struct fixture *f)
{
	for (guint i = 0; i < ADMISSION_MAX_GUESTS; i++) {
		g_autofree char *from = g_strdup_printf("192.0.2.%u", i % 16);

		g_assert_cmpint(admissions_wait_us(f->admissions, 0), ==, 0);
		f->guests[i] = request(f, from);
		admission_on_evict(f->guests[i], on_evict, f);
	}
}

static void set_up(struct fixture *f, G_GNUC_UNUSED const void *data)
{
	f->admissions = admissions_new();
	admissions_on_room(f->admissions, on_room, f);
}

static void tear_down(struct fixture *f, G_GNUC_UNUSED const void *data)
{
	for (guint i = 0; i < ADMISSION_MAX_GUESTS; i++)
		admission_release(f->guests[i]);
	admissions_free(f->admissions);
}

/* While those that came first are being let in, nobody else is. */
static void test_wait(struct fixture *f, G_GNUC_UNUSED const void *data)
{
	gint64 before_us = g_get_monotonic_time(), wait_us;

	fill(f);
	wait_us = admissions_wait_us(f->admissions, before_us);
	g_assert_cmpint(wait_us, >=, ADMISSION_PATIENCE_US);
	g_assert_cmpint(admissions_wait_us(f->admissions, before_us + wait_us), ==, 0);
	g_assert_cmpuint(f->room, ==, 0);

	admission_set_guest(f->guests[7], false);
	g_assert_cmpuint(f->room, ==, 1);
	g_assert_cmpint(admissions_wait_us(f->admissions, before_us), ==, 0);
	admission_set_guest(f->guests[8], false);
	g_assert_cmpuint(f->room, ==, 1);
	g_assert_cmpuint(f->evicted, ==, 0);
}

/* Whoever has had that time gives way. */
static void test_evict(struct fixture *f, G_GNUC_UNUSED const void *data)
{
	struct admission *another;

	fill(f);
	another = request(f, "198.51.100.1");
	g_assert_nonnull(another);
	g_assert_cmpuint(f->evicted, ==, 1);
	admission_release(another);
}

/* An IPv6 /56 is one source, from however many networks in it. */
static void test_prefix(struct fixture *f, G_GNUC_UNUSED const void *data)
{
	for (guint i = 0; i < ADMISSION_MAX_GUESTS_PER_SOURCE; i++) {
		g_autofree char *from = g_strdup_printf("2001:db8:0:aa%02x::1", i);

		f->guests[i] = request(f, from);
		g_assert_nonnull(f->guests[i]);
	}
	g_assert_null(request(f, "2001:db8:0:aaff::1"));
	f->guests[ADMISSION_MAX_GUESTS_PER_SOURCE] = request(f, "2001:db8:0:bb00::1");
	g_assert_nonnull(f->guests[ADMISSION_MAX_GUESTS_PER_SOURCE]);
}

#define ADD(path, test) g_test_add(path, struct fixture, NULL, set_up, test, tear_down)

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	ADD("/admission/wait", test_wait);
	ADD("/admission/evict", test_evict);
	ADD("/admission/prefix", test_prefix);
	return g_test_run();
}
