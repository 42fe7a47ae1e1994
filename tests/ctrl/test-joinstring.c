// SPDX-License-Identifier: GPL-2.0
#include "lib/joinstring.h"

#include <gio/gio.h>
#include <string.h>

#define KEY "abcdefghijklmnopqrstuvwxyz234567"
#define FINGERPRINT "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8"

static void test_good(void)
{
	static const struct {
		const char *text, *host;
		guint16 port;
		bool pinned;
	} good[] = {
		{ "mesh://h:1/" KEY, "h", 1, false },
		{ "mesh://mesh.example.org:7443/" KEY "/" FINGERPRINT, "mesh.example.org", 7443, true },
		{ "mesh://192.0.2.1:65535/" KEY "/" FINGERPRINT, "192.0.2.1", 65535, true },
		{ "mesh://[2001:db8::1]:7443/" KEY "/" FINGERPRINT, "2001:db8::1", 7443, true },
		{ "mesh://[::ffff:1.2.3.4]:7/" KEY, "::ffff:1.2.3.4", 7, false },
		{ "mesh://A-1.b:80/" KEY, "A-1.b", 80, false },
	};

	for (gsize i = 0; i < G_N_ELEMENTS(good); i++) {
		g_autoptr(GError) error = NULL;
		g_autofree char *again = NULL;
		struct joinstring join;

		joinstring_parse(good[i].text, &join, &error);
		g_assert_no_error(error);
		g_assert_cmpstr(join.host, ==, good[i].host);
		g_assert_cmpint(join.port, ==, good[i].port);
		g_assert_cmpstr(join.setup_key, ==, KEY);
		g_assert_cmpint(join.has_fingerprint, ==, good[i].pinned);
		for (guint byte = 0; join.has_fingerprint && byte < 32; byte++)
			g_assert_cmpint(join.fingerprint[byte], ==, byte);
		again = joinstring_format(&join);
		g_assert_cmpstr(again, ==, good[i].text);
		joinstring_wipe(&join);
		g_assert_cmpint(join.setup_key[0], ==, 0);
	}
}

static void test_bad(void)
{
	static const struct {
		const char *text, *why;
	} bad[] = {
		{ "", "begin with mesh://" },
		{ "https://h:1/" KEY, "begin with mesh://" },
		{ " mesh://h:1/" KEY, "begin with mesh://" },
		{ "mesh://h:1", "the setup key is missing" },
		{ "mesh://h/" KEY, "the port is missing" },
		{ "mesh://:1/" KEY, "the host is missing" },
		{ "mesh:///" KEY, "the port is missing" },
		{ "mesh://h:/" KEY, "from 1 to 65535" },
		{ "mesh://h:0/" KEY, "from 1 to 65535" },
		{ "mesh://h:65536/" KEY, "from 1 to 65535" },
		{ "mesh://h:+1/" KEY, "from 1 to 65535" },
		{ "mesh://h:1x/" KEY, "from 1 to 65535" },
		{ "mesh://h:000001/" KEY, "from 1 to 65535" },
		{ "mesh://2001:db8::1:7443/" KEY, "in brackets" },
		{ "mesh://[h]:1/" KEY, "not an IPv6 address" },
		{ "mesh://[]:1/" KEY, "the host is missing" },
		{ "mesh://[fe80::1%eth0]:1/" KEY, "not an IPv6 address" },
		{ "mesh://[::1:1/" KEY, "in brackets" },
		{ "mesh://a..b:1/" KEY, "neither a name nor an address" },
		{ "mesh://-a:1/" KEY, "neither a name nor an address" },
		{ "mesh://a b:1/" KEY, "neither a name nor an address" },
		{ "mesh://u@h:1/" KEY, "neither a name nor an address" },
		{ "mesh://\xc3\xa4:1/" KEY, "neither a name nor an address" },
		{ "mesh://h:1/", "32 characters" },
		{ "mesh://h:1/ABCDEFGHIJKLMNOPQRSTUVWXYZ234567", "32 characters" },
		{ "mesh://h:1/abcdefghijklmnopqrstuvwxyz234560", "32 characters" },
		{ "mesh://h:1/" KEY "a", "32 characters" },
		{ "mesh://h:1/" KEY "/", "43 characters" },
		{ "mesh://h:1/" KEY "/AAEC", "43 characters" },
		{ "mesh://h:1/" KEY "/" FINGERPRINT "=", "43 characters" },
		{ "mesh://h:1/" KEY "/" FINGERPRINT "/", "43 characters" },
		{ "mesh://h:1/" KEY "/AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh9", "43 characters" },
		{ "mesh://h:1/" KEY "/" FINGERPRINT "\n", "43 characters" },
	};
	const struct joinstring before = { .host = "before" };

	for (gsize i = 0; i < G_N_ELEMENTS(bad); i++) {
		g_autoptr(GError) error = NULL;
		struct joinstring join = before;

		g_assert_false(joinstring_parse(bad[i].text, &join, &error));
		g_assert_error(error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT);
		if (!strstr(error->message, bad[i].why))
			g_error("%s: '%s' does not say '%s'", bad[i].text, error->message,
				bad[i].why);
		g_assert_null(strstr(error->message, KEY));
		g_assert_cmpmem(&join, sizeof(join), &before, sizeof(before));
	}
}

static void test_long(void)
{
	g_autofree char *host = g_strnfill(253, 'a');
	g_autofree char *text = NULL, *longer = NULL, *longest = NULL;
	struct joinstring join;

	host[63] = host[127] = host[191] = '.';
	text = g_strdup_printf("mesh://%s:1/" KEY, host);
	g_assert_true(joinstring_parse(text, &join, NULL));
	longer = g_strdup_printf("mesh://a%s:1/" KEY, host);
	g_assert_false(joinstring_parse(longer, &join, NULL));
	longest = g_strnfill(1000000, 'a');
	memcpy(longest, "mesh://", 7);
	g_assert_false(joinstring_parse(longest, &join, NULL));
}

static void test_address(void)
{
	static const struct {
		const char *text, *host;
		guint16 port;
	} good[] = {
		{ "mesh.example.org", "mesh.example.org", 0 },
		{ "mesh.example.org:7443", "mesh.example.org", 7443 },
		{ "192.0.2.1", "192.0.2.1", 0 }, { "192.0.2.1:1", "192.0.2.1", 1 },
		{ "2001:db8::1", "2001:db8::1", 0 }, { "[2001:db8::1]", "2001:db8::1", 0 },
		{ "[2001:db8::1]:65535", "2001:db8::1", 65535 },
	};
	static const char *const bad[] = { "", ":1", "a:", "a:0", "a:65536", "[a]", "[2001:db8::1]:",
					   "a b", "[2001:db8::1", "2001:db8::g" };
	char host[JOINSTRING_MAX_HOST + 1];
	guint16 port;

	for (gsize i = 0; i < G_N_ELEMENTS(good); i++) {
		port = 9;
		g_assert_true(joinstring_parse_address(good[i].text, host, &port, NULL));
		g_assert_cmpstr(host, ==, good[i].host);
		g_assert_cmpuint(port, ==, good[i].port);
	}
	for (gsize i = 0; i < G_N_ELEMENTS(bad); i++) {
		g_autoptr(GError) error = NULL;

		g_assert_false(joinstring_parse_address(bad[i], host, &port, &error));
		g_assert_error(error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT);
	}
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/joinstring/good", test_good);
	g_test_add_func("/joinstring/bad", test_bad);
	g_test_add_func("/joinstring/long", test_long);
	g_test_add_func("/joinstring/address", test_address);
	return g_test_run();
}
