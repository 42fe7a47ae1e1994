// SPDX-License-Identifier: GPL-2.0
#include "lib/endpoint.h"

#include <gio/gunixsocketaddress.h>
#include <net/if.h>
#include <string.h>

static struct endpoint ep_of(const char *text)
{
	g_autoptr(GError) error = NULL;
	struct endpoint ep = {};

	endpoint_parse(text, &ep, &error);
	g_assert_no_error(error);
	return ep;
}

static void test_parse_good(void)
{
	static const struct {
		const char *text, *printed;
	} good[] = {
		{ "1.2.3.4:5", "1.2.3.4:5" },
		{ "0.0.0.0:0", "0.0.0.0:0" },
		{ "255.255.255.255:65535", "255.255.255.255:65535" },
		{ "1.2.3.4:00005", "1.2.3.4:5" },
		{ "[::1]:5", "[::1]:5" },
		{ "[::]:0", "[::]:0" },
		{ "[2001:DB8:0:0::1]:3478", "[2001:db8::1]:3478" },
		{ "[::ffff:1.2.3.4]:5", "[::ffff:1.2.3.4]:5" },
		{ "[fe80::1%lo]:5", "[fe80::1%lo]:5" },
		{ "[fe80::1%4000000000]:5", "[fe80::1%4000000000]:5" },
	};

	for (gsize i = 0; i < G_N_ELEMENTS(good); i++) {
		struct endpoint ep = ep_of(good[i].text), again;
		g_autofree char *printed = endpoint_format(&ep);

		g_assert_cmpstr(printed, ==, good[i].printed);
		again = ep_of(printed);
		g_assert_true(endpoint_equal(&ep, &again));
	}
}

static void test_parse_bad(void)
{
	static const char *const bad[] = {
		"", ":", ":5", "1.2.3.4", "1.2.3.4:", "1.2.3.4:65536", "1.2.3.4:-1", "1.2.3.4:+1",
		"1.2.3.4: 5", " 1.2.3.4:5", "1.2.3.4:5 ", "1.2.3.4:5x", "1.2.3:5", "1.2.3.4.5:6",
		"256.1.1.1:5", "1.2.3.4%lo:5", "::1", "::1:5", "[::1]", "[::1]:", "[::1]5", "[::1",
		"[]:5", "[1.2.3.4]:5", "[::1]]:5", "[:::]:5", "[fe80::1%]:5", "[fe80::1%0]:5",
		"[fe80::1%no-such-if]:5", "[fe80::1%4294967296]:5", "localhost:5",
		"1.2.3.4:99999999999999999999", "[::1]:5]", "[[::1]]:5",
	};

	for (gsize i = 0; i < G_N_ELEMENTS(bad); i++) {
		struct endpoint ep = ep_of("9.9.9.9:9"), before = ep;
		g_autoptr(GError) error = NULL;

		if (endpoint_parse(bad[i], &ep, &error))
			g_error("'%s' was taken for an endpoint", bad[i]);
		g_assert_error(error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT);
		g_assert_nonnull(strstr(error->message, bad[i]));
		g_assert_true(endpoint_equal(&ep, &before));
	}
}

static void test_parse_default(void)
{
	static const struct {
		const char *text, *printed;
	} good[] = {
		{ "1.2.3.4", "1.2.3.4:3478" },	 { "1.2.3.4:5", "1.2.3.4:5" },
		{ "::1", "[::1]:3478" },	 { "[::1]", "[::1]:3478" },
		{ "[::1]:5", "[::1]:5" },	 { "::", "[::]:3478" },
		{ "2001:db8::1:5", "[2001:db8::1:5]:3478" },
		{ "fe80::1%lo", "[fe80::1%lo]:3478" },
	};
	static const char *const bad[] = { "", "1.2.3.4:", "[::1]:", "[::1]x", "x", "1.2.3.4:x" };
	struct endpoint ep;

	for (gsize i = 0; i < G_N_ELEMENTS(good); i++) {
		g_autoptr(GError) error = NULL;
		char buf[ENDPOINT_STRLEN];

		endpoint_parse_default(good[i].text, 3478, &ep, &error);
		g_assert_no_error(error);
		g_assert_cmpstr(endpoint_print(&ep, buf), ==, good[i].printed);
	}
	for (gsize i = 0; i < G_N_ELEMENTS(bad); i++)
		g_assert_false(endpoint_parse_default(bad[i], 3478, &ep, NULL));
}

/* The longest text must fit its buffer. */
static void test_print_longest(void)
{
	struct endpoint ep = ep_of("[ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff%4294967295]:65535");
	char buf[ENDPOINT_STRLEN];

	g_assert_cmpstr(endpoint_print(&ep, buf), ==,
			"[ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff%4294967295]:65535");
	g_assert_cmpuint(ENDPOINT_STRLEN, >=, INET6_ADDRSTRLEN + IF_NAMESIZE + strlen("[%]:65535"));
}

static void test_unset(void)
{
	struct endpoint unset = {}, v4 = ep_of("0.0.0.0:0");
	g_autofree char *text = endpoint_format(&unset);
	gsize len = 1;

	g_assert_cmpstr(text, ==, "unset");
	g_assert_false(endpoint_is_set(&unset));
	g_assert_true(endpoint_is_set(&v4));
	g_assert_false(endpoint_is_wildcard(&unset));
	g_assert_cmpuint(endpoint_port(&unset), ==, 0);
	g_assert_cmpuint(endpoint_socklen(&unset), ==, 0);
	g_assert_null(endpoint_address(&unset, &len));
	g_assert_cmpuint(len, ==, 0);
	g_assert_null(endpoint_to_gsocket_address(&unset));
	g_assert_cmpint(endpoint_compare(&unset, &unset), ==, 0);
	g_assert_cmpint(endpoint_compare(&unset, &v4), <, 0);
}

static void test_compare(void)
{
	/* In ascending order. */
	static const char *const sorted[] = {
		"1.2.3.4:5", "1.2.3.4:6", "1.2.3.4:256", "1.2.3.5:1", "255.0.0.1:1",
		"[::1]:5", "[::1]:6", "[fe80::1%1]:5", "[fe80::1%2]:4", "[fe80::2%1]:1",
	};

	for (gsize i = 0; i < G_N_ELEMENTS(sorted); i++) {
		for (gsize j = 0; j < G_N_ELEMENTS(sorted); j++) {
			struct endpoint a = ep_of(sorted[i]), b = ep_of(sorted[j]);
			int order = endpoint_compare(&a, &b);

			g_assert_cmpint((order > 0) - (order < 0), ==, (i > j) - (i < j));
			g_assert_cmpint(endpoint_equal(&a, &b), ==, i == j);
		}
	}

	struct endpoint a = ep_of("1.2.3.4:5"), b = ep_of("1.2.3.4:6"), c = ep_of("[fe80::1%1]:5"),
			d = ep_of("[fe80::1%2]:5");

	g_assert_true(endpoint_equal_address(&a, &b));
	g_assert_false(endpoint_equal_address(&c, &d));

	d = c;
	d.in6.sin6_flowinfo = 7;
	g_assert_true(endpoint_equal(&c, &d));
}

static void test_canonicalise(void)
{
	struct endpoint mapped = ep_of("[::ffff:1.2.3.4]:5"), v4 = ep_of("1.2.3.4:5"),
			v6 = ep_of("[64:ff9b::1.2.3.4]:5"), same = v6;

	g_assert_false(endpoint_equal(&mapped, &v4));
	endpoint_canonicalise(&mapped);
	g_assert_true(endpoint_equal(&mapped, &v4));
	endpoint_canonicalise(&mapped);
	g_assert_true(endpoint_equal(&mapped, &v4));
	endpoint_canonicalise(&v6);
	g_assert_true(endpoint_equal(&v6, &same));
}

static void test_sockaddr(void)
{
	static const char *const texts[] = { "1.2.3.4:5", "[fe80::1%1]:5" };

	for (gsize i = 0; i < G_N_ELEMENTS(texts); i++) {
		struct endpoint ep = ep_of(texts[i]), back = {}, third = {};
		socklen_t len = endpoint_socklen(&ep);
		g_autoptr(GSocketAddress) gaddr = endpoint_to_gsocket_address(&ep);

		g_assert_true(endpoint_from_sockaddr(&back, &ep.sa, len));
		g_assert_true(endpoint_equal(&ep, &back));
		g_assert_false(endpoint_from_sockaddr(&back, &ep.sa, len - 1));
		g_assert_false(endpoint_from_sockaddr(&back, &ep.sa, 1));
		g_assert_false(endpoint_from_sockaddr(&back, &ep.sa, 0));

		g_assert_true(endpoint_from_gsocket_address(&third, gaddr, NULL));
		g_assert_true(endpoint_equal(&ep, &third));
	}
}

static void test_foreign_address(void)
{
	g_autoptr(GSocketAddress) unix_address = g_unix_socket_address_new("/a/path");
	g_autoptr(GError) error = NULL;
	struct sockaddr other = { .sa_family = AF_UNIX };
	struct endpoint ep = {};

	g_assert_false(endpoint_from_sockaddr(&ep, &other, sizeof(other)));
	g_assert_false(endpoint_from_gsocket_address(&ep, unix_address, &error));
	g_assert_error(error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT);
}

static void test_bytes(void)
{
	static const guint8 bytes[16] = { 0x20, 0x01, 0x0d, 0xb8, [15] = 7 };
	struct endpoint ep, expected = ep_of("[2001:db8::7]:99");
	gsize len;

	g_assert_true(endpoint_from_address(&ep, bytes, 16, 99));
	g_assert_true(endpoint_equal(&ep, &expected));
	g_assert_cmpmem(endpoint_address(&ep, &len), 16, bytes, 16);
	g_assert_cmpuint(len, ==, 16);
	g_assert_true(endpoint_from_address(&ep, bytes, 4, 99));
	expected = ep_of("32.1.13.184:99");
	g_assert_true(endpoint_equal(&ep, &expected));
	g_assert_false(endpoint_from_address(&ep, bytes, 5, 99));
	g_assert_false(endpoint_from_address(&ep, bytes, 0, 99));
	endpoint_set_port(&ep, 100);
	g_assert_cmpuint(endpoint_port(&ep), ==, 100);
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/endpoint/parse/good", test_parse_good);
	g_test_add_func("/endpoint/parse/bad", test_parse_bad);
	g_test_add_func("/endpoint/parse/default-port", test_parse_default);
	g_test_add_func("/endpoint/print-longest", test_print_longest);
	g_test_add_func("/endpoint/unset", test_unset);
	g_test_add_func("/endpoint/compare", test_compare);
	g_test_add_func("/endpoint/canonicalise", test_canonicalise);
	g_test_add_func("/endpoint/sockaddr", test_sockaddr);
	g_test_add_func("/endpoint/foreign-address", test_foreign_address);
	g_test_add_func("/endpoint/bytes", test_bytes);
	return g_test_run();
}
