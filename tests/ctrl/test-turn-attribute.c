// SPDX-License-Identifier: GPL-2.0
#include "lib/turn-attribute.h"

#include <string.h>

static const guint8 id[STUN_TRANSACTION_ID_LEN] = "transaction";

struct fixture {
	guint8 buf[256];
	struct stun_builder b;
	struct stun_message msg;
	struct stun_attribute attr;
};

static void setup(struct fixture *f, gconstpointer unused G_GNUC_UNUSED)
{
	stun_begin(&f->b, f->buf, sizeof(f->buf), STUN_CLASS_REQUEST, STUN_METHOD_ALLOCATE, id);
}

/* What was built is one attribute of this type and these bytes. */
static void assert_built(struct fixture *f, guint16 type, const void *bytes, gsize len)
{
	gsize built = stun_end(&f->b);

	g_assert_cmpuint(built, >, 0);
	g_assert_cmpint(stun_parse(&f->msg, f->buf, built), ==, STUN_OK);
	f->attr = (struct stun_attribute){};
	g_assert_true(stun_next(&f->msg, &f->attr));
	g_assert_cmphex(f->attr.type, ==, type);
	g_assert_cmpmem(f->attr.value, f->attr.len, bytes, len);
}

static void test_channel_number(struct fixture *f, gconstpointer unused G_GNUC_UNUSED)
{
	guint16 number;

	turn_add_channel_number(&f->b, 0x4abc);
	assert_built(f, 0x000c, "\x4a\xbc\0\0", 4);
	g_assert_true(turn_get_channel_number(&f->attr, &number));
	g_assert_cmphex(number, ==, 0x4abc);
}

static void test_lifetime(struct fixture *f, gconstpointer unused G_GNUC_UNUSED)
{
	guint32 seconds;

	turn_add_lifetime(&f->b, 0x01020304);
	assert_built(f, 0x000d, "\1\2\3\4", 4);
	g_assert_true(turn_get_lifetime(&f->attr, &seconds));
	g_assert_cmphex(seconds, ==, 0x01020304);
}

static void test_family(struct fixture *f, gconstpointer unused G_GNUC_UNUSED)
{
	static const guint8 unknown[4] = { 3 };
	sa_family_t family;

	turn_add_family(&f->b, STUN_REQUESTED_ADDRESS_FAMILY, AF_INET6);
	assert_built(f, 0x0017, "\2\0\0\0", 4);
	g_assert_true(turn_get_family(&f->attr, &family));
	g_assert_cmpint(family, ==, AF_INET6);

	f->attr.value = unknown;
	g_assert_true(turn_get_family(&f->attr, &family));
	g_assert_cmpint(family, ==, AF_UNSPEC);

	setup(f, NULL);
	turn_add_family(&f->b, STUN_ADDITIONAL_ADDRESS_FAMILY, AF_INET);
	assert_built(f, 0x8000, "\1\0\0\0", 4);
}

static void test_even_port(struct fixture *f, gconstpointer unused G_GNUC_UNUSED)
{
	bool reserve;

	turn_add_even_port(&f->b, true);
	assert_built(f, 0x0018, "\x80", 1);
	g_assert_true(turn_get_even_port(&f->attr, &reserve));
	g_assert_true(reserve);

	setup(f, NULL);
	turn_add_even_port(&f->b, false);
	assert_built(f, 0x0018, "\0", 1);
	g_assert_true(turn_get_even_port(&f->attr, &reserve));
	g_assert_false(reserve);
}

static void test_transport(struct fixture *f, gconstpointer unused G_GNUC_UNUSED)
{
	guint8 protocol;

	turn_add_transport(&f->b, TURN_TRANSPORT_UDP);
	assert_built(f, 0x0019, "\x11\0\0\0", 4);
	g_assert_true(turn_get_transport(&f->attr, &protocol));
	g_assert_cmpint(protocol, ==, 17);
}

static void test_icmp(struct fixture *f, gconstpointer unused G_GNUC_UNUSED)
{
	const struct turn_icmp too_big = { 3, 4, 1280 }, impossible = { 128, 0, 0 };
	struct turn_icmp icmp;

	turn_add_icmp(&f->b, &too_big);
	assert_built(f, 0x8004, "\0\0\6\4\0\0\5\0", 8);
	g_assert_true(turn_get_icmp(&f->attr, &icmp));
	g_assert_cmpint(icmp.type, ==, 3);
	g_assert_cmpint(icmp.code, ==, 4);
	g_assert_cmpint(icmp.data, ==, 1280);

	setup(f, NULL);
	turn_add_icmp(&f->b, &impossible);
	g_assert_cmpuint(stun_end(&f->b), ==, 0);
}

static void test_address_error(struct fixture *f, gconstpointer unused G_GNUC_UNUSED)
{
	sa_family_t family;
	guint code;

	turn_add_address_error(&f->b, AF_INET6, 440);
	assert_built(f, 0x8001, "\2\0\4\x28", 4);
	g_assert_true(turn_get_address_error(&f->attr, &family, &code));
	g_assert_cmpint(family, ==, AF_INET6);
	g_assert_cmpuint(code, ==, 440);
}

/* Each value has one length. */
static void test_lengths(struct fixture *f G_GNUC_UNUSED, gconstpointer unused G_GNUC_UNUSED)
{
	static const guint8 value[16] = { 0, 0, 4 };

	for (gsize len = 0; len <= sizeof(value); len++) {
		struct stun_attribute attr = { .value = value, .len = len };
		struct turn_icmp icmp;
		sa_family_t family;
		guint16 number;
		guint32 seconds;
		guint8 protocol;
		bool reserve;
		guint code;

		g_assert_cmpint(turn_get_channel_number(&attr, &number), ==, len == 4);
		g_assert_cmpint(turn_get_lifetime(&attr, &seconds), ==, len == 4);
		g_assert_cmpint(turn_get_family(&attr, &family), ==, len == 4);
		g_assert_cmpint(turn_get_transport(&attr, &protocol), ==, len == 4);
		g_assert_cmpint(turn_get_even_port(&attr, &reserve), ==, len == 1);
		g_assert_cmpint(turn_get_icmp(&attr, &icmp), ==, len == 8);
		g_assert_cmpint(turn_get_address_error(&attr, &family, &code), ==, len >= 4);
	}
}

static void test_channel_data(struct fixture *f G_GNUC_UNUSED, gconstpointer unused G_GNUC_UNUSED)
{
	guint8 data[16] = {};
	guint16 number;
	gsize len;

	turn_write_channel_header(data, 0x4001, 5);
	g_assert_cmpmem(data, 4, "\x40\x01\0\5", 4);
	for (gsize whole = 0; whole <= sizeof(data); whole++)
		g_assert_cmpint(turn_parse_channel_data(data, whole, &number, &len), ==,
				whole >= 9);
	g_assert_cmphex(number, ==, 0x4001);
	g_assert_cmpuint(len, ==, 5);

	for (guint first = 0; first < 256; first++) {
		data[0] = first;
		g_assert_cmpint(turn_parse_channel_data(data, sizeof(data), &number, &len), ==,
				first >= 0x40 && first <= 0x7f);
	}
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
#define ADD(name, function) g_test_add(name, struct fixture, NULL, setup, function, NULL)
	ADD("/turn-attribute/channel-number", test_channel_number);
	ADD("/turn-attribute/lifetime", test_lifetime);
	ADD("/turn-attribute/family", test_family);
	ADD("/turn-attribute/even-port", test_even_port);
	ADD("/turn-attribute/transport", test_transport);
	ADD("/turn-attribute/icmp", test_icmp);
	ADD("/turn-attribute/address-error", test_address_error);
	ADD("/turn-attribute/lengths", test_lengths);
	ADD("/turn-attribute/channel-data", test_channel_data);
	return g_test_run();
}
