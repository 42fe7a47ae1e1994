// SPDX-License-Identifier: GPL-2.0
#include "server/handshakes.h"

#include <sodium.h>

struct fixture {
	struct handshakes *handshakes;
	gint64 now_us;
};

static void set_up(struct fixture *f, G_GNUC_UNUSED const void *data)
{
	f->handshakes = handshakes_new();
	f->now_us = G_USEC_PER_SEC;
}

static void tear_down(struct fixture *f, G_GNUC_UNUSED const void *data)
{
	handshakes_free(f->handshakes);
}

/* How many of so many requests are granted. */
static guint ask(struct fixture *f, const char *from, guint count)
{
	struct endpoint ep;
	guint granted = 0;

	g_assert_true(endpoint_parse_default(from, 1, &ep, NULL));
	for (guint i = 0; i < count; i++)
		granted += handshakes_allow(f->handshakes, &ep, f->now_us);
	return granted;
}

/* One each from many networks of an IPv6 prefix. */
static guint ask_from_many(struct fixture *f, const char *prefix, guint networks)
{
	guint granted = 0;

	for (guint i = 0; i < networks; i++) {
		g_autofree char *from = g_strdup_printf("%s%02x:%x::1", prefix, i % 256, i / 256);

		granted += ask(f, from, 1);
	}
	return granted;
}

static void test_alone(struct fixture *f, G_GNUC_UNUSED const void *data)
{
	/* there is nobody to share with */
	g_assert_cmpuint(ask(f, "192.0.2.1", 10000), ==, HANDSHAKES_BURST);
	f->now_us += G_USEC_PER_SEC;
	g_assert_cmpuint(ask(f, "192.0.2.1", 10000), ==, HANDSHAKES_PER_S);
}

static void test_others(struct fixture *f, G_GNUC_UNUSED const void *data)
{
	ask(f, "192.0.2.1", 10000);
	g_assert_cmpuint(ask(f, "198.51.100.1", 10000), ==, HANDSHAKES_SOURCE_BURST);
	g_assert_cmpuint(ask(f, "::ffff:198.51.100.1", 1), ==, 0);
	g_assert_cmpuint(ask(f, "2001:db8::1", 50), ==, 50);

	/* whoever asks for little always gets it, while another one never stops */
	for (guint i = 0; i < 100; i++) {
		f->now_us += G_USEC_PER_SEC / 10;
		g_assert_cmpuint(ask(f, "192.0.2.1", 1000), <=,
				 (HANDSHAKES_PER_S + HANDSHAKES_SOURCE_PER_S) / 10);
		g_assert_cmpuint(ask(f, "198.51.100.2", 1), ==, 1);
	}
}

/* An IPv6 /56 has one share, from however many of its networks, and a /48 has two. */
static void test_prefixes(struct fixture *f, G_GNUC_UNUSED const void *data)
{
	ask(f, "192.0.2.1", 10000);
	g_assert_cmpuint(ask_from_many(f, "2001:db8:0:aa", 5000), ==, HANDSHAKES_SOURCE_BURST);
	g_assert_cmpuint(ask(f, "2001:db8:0:aaff::1", 10), ==, 0);
	g_assert_cmpuint(ask(f, "2001:db8:0:bb00::1", 5000), ==, HANDSHAKES_SOURCE_BURST);
	g_assert_cmpuint(ask(f, "2001:db8:0:cc00::1", 5000), ==, 0);
	g_assert_cmpuint(ask(f, "2001:db8:1:cc00::1", 5000), ==, HANDSHAKES_SOURCE_BURST);
}

#define ADD(path, test) g_test_add(path, struct fixture, NULL, set_up, test, tear_down)

int main(int argc, char **argv)
{
	g_assert_cmpint(sodium_init(), >=, 0);
	g_test_init(&argc, &argv, NULL);
	ADD("/handshakes/alone", test_alone);
	ADD("/handshakes/others", test_others);
	ADD("/handshakes/prefixes", test_prefixes);
	return g_test_run();
}
