// SPDX-License-Identifier: GPL-2.0
#include "lib/prefix.h"

#include <gio/gio.h>
#include <string.h>

static struct prefix prefix_of(const char *text)
{
	g_autoptr(GError) error = NULL;
	struct prefix prefix = {};

	prefix_parse(text, &prefix, &error);
	g_assert_no_error(error);
	return prefix;
}

static void test_good(void)
{
	static const struct {
		const char *text, *printed;
		guint8 length;
	} good[] = {
		{ "100.64.0.3", "100.64.0.3", 32 },	{ "100.64.0.3/32", "100.64.0.3", 32 },
		{ "100.64.0.0/10", "100.64.0.0/10", 10 }, { "0.0.0.0/0", "0.0.0.0/0", 0 },
		{ "10.0.0.7/24", "10.0.0.7/24", 24 },	{ "fd00::1", "fd00::1", 128 },
		{ "FD00:0::/64", "fd00::/64", 64 },	{ "::/0", "::/0", 0 },
	};
	char buf[PREFIX_STRLEN];
	struct prefix prefix;

	for (gsize i = 0; i < G_N_ELEMENTS(good); i++) {
		prefix = prefix_of(good[i].text);
		g_assert_cmpint(prefix.length, ==, good[i].length);
		g_assert_cmpstr(prefix_print(&prefix, buf), ==, good[i].printed);
	}
	prefix = (struct prefix){};
	g_assert_cmpstr(prefix_print(&prefix, buf), ==, "unset");
}

static void test_bad(void)
{
	static const char *const bad[] = {
		"", "/", "/24", "10.0.0.1/", "10.0.0.1/33", "10.0.0.1/-1", "10.0.0.1/+1",
		"10.0.0.1/08", "10.0.0.1/8 ", " 10.0.0.1", "10.0.0/8", "10.0.0.1/8/8", "::/129",
		"fe80::1%lo", "[::1]", "localhost", "10.0.0.1:5", "10.0.0.1/4294967304",
	};
	const struct prefix before = prefix_of("9.9.9.9");

	for (gsize i = 0; i < G_N_ELEMENTS(bad); i++) {
		g_autoptr(GError) error = NULL;
		struct prefix prefix = before;

		g_assert_false(prefix_parse(bad[i], &prefix, &error));
		g_assert_error(error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT);
		g_assert_true(prefix_equal(&prefix, &before));
	}
}

static void test_bytes(void)
{
	const guint8 bytes[16] = { 0xfd, [15] = 7 };
	struct prefix prefix, again;
	const void *address;
	gsize size;

	g_assert_true(prefix_from_address(&prefix, bytes, 16, 64));
	again = prefix_of("fd00::7/64");
	g_assert_true(prefix_equal(&prefix, &again));
	address = prefix_address(&prefix, &size);
	g_assert_cmpmem(address, size, bytes, 16);

	g_assert_false(prefix_from_address(&prefix, bytes, 16, 129));
	g_assert_false(prefix_from_address(&prefix, bytes, 4, 33));
	g_assert_false(prefix_from_address(&prefix, bytes, 5, 8));
}

static void test_equal(void)
{
	const struct prefix a = prefix_of("10.0.0.0/8"), shorter = prefix_of("10.0.0.0/7"),
			    other = prefix_of("11.0.0.0/8"), v6 = prefix_of("a00::/8"),
			    unset = {};

	g_assert_true(prefix_equal(&a, &a));
	g_assert_true(prefix_equal(&unset, &unset));
	g_assert_false(prefix_equal(&a, &shorter));
	g_assert_false(prefix_equal(&a, &other));
	g_assert_false(prefix_equal(&a, &v6));
	g_assert_false(prefix_equal(&a, &unset));
}

static void test_contains(void)
{
	static const struct {
		const char *network, *prefix;
		bool is;
	} cases[] = {
		{ "100.64.0.0/10", "100.127.255.255", true },
		{ "100.64.0.0/10", "100.128.0.0", false },
		{ "100.64.0.0/10", "100.64.0.0/10", true },
		{ "100.64.0.0/10", "100.64.0.0/9", false },
		{ "10.9.0.0/16", "10.9.3.0/24", true },
		{ "10.9.0.0/16", "10.8.3.0/24", false },
		{ "0.0.0.0/0", "192.0.2.1", true },
		{ "0.0.0.0/0", "::", false },
		{ "192.0.2.1", "192.0.2.1", true },
		{ "192.0.2.1", "192.0.2.0", false },
		{ "fd00:0:0:1::7/64", "fd00:0:0:1::9", true },
		{ "fd00:0:0:1::/64", "fd00:0:0:2::9", false },
	};

	for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
		const struct prefix network = prefix_of(cases[i].network),
				    prefix = prefix_of(cases[i].prefix);

		g_test_message("%s, %s", cases[i].network, cases[i].prefix);
		g_assert_cmpint(prefix_contains(&network, &prefix), ==, cases[i].is);
	}
}

static void test_private_block(void)
{
	static const struct {
		const char *prefix, *block;
	} cases[] = {
		{ "10.1.2.3", "10.0.0.0/8" },
		{ "172.31.255.255", "172.16.0.0/12" },
		{ "192.168.0.0/16", "192.168.0.0/16" },
		{ "100.127.0.1", "100.64.0.0/10" },
		{ "fd12::/64", "fc00::/7" },
		{ "9.255.255.255", NULL },
		{ "172.32.0.0", NULL },
		{ "192.168.0.0/15", NULL },
		{ "100.63.255.255", NULL },
		{ "fe80::1", NULL },
		{ "fc00::/6", NULL },
	};

	for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
		const struct prefix prefix = prefix_of(cases[i].prefix);
		const struct prefix *block = prefix_private_block(&prefix);
		char text[PREFIX_STRLEN];

		g_test_message("%s", cases[i].prefix);
		g_assert_cmpstr(block ? prefix_print(block, text) : NULL, ==, cases[i].block);
	}
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/prefix/good", test_good);
	g_test_add_func("/prefix/bad", test_bad);
	g_test_add_func("/prefix/bytes", test_bytes);
	g_test_add_func("/prefix/equal", test_equal);
	g_test_add_func("/prefix/contains", test_contains);
	g_test_add_func("/prefix/private-block", test_private_block);
	return g_test_run();
}
