// SPDX-License-Identifier: GPL-2.0
#include "lib/probekey.h"

#include <gio/gio.h>
#include <sodium.h>
#include <string.h>

static void derive(const struct key *private_key, const struct key *peer_private,
		   struct pathnl_probe_keys *keys)
{
	struct key peer;

	key_derive_public(peer_private, &peer);
	g_assert_true(probekey_derive(private_key, &peer, keys, NULL));
}

/* What one end sends with, the other receives with, and no two directions have the same key. */
static void test_both_ends_agree(void)
{
	struct pathnl_probe_keys ab, ba, ac;
	struct key a, b, c;

	key_generate(&a);
	key_generate(&b);
	key_generate(&c);
	derive(&a, &b, &ab);
	derive(&b, &a, &ba);
	derive(&a, &c, &ac);
	g_assert_true(key_equal(&ab.tx, &ba.rx));
	g_assert_true(key_equal(&ab.rx, &ba.tx));
	g_assert_false(key_equal(&ab.tx, &ab.rx));
	g_assert_false(key_equal(&ab.tx, &ac.tx));
	g_assert_false(key_equal(&ab.rx, &ac.rx));
}

/* The keys of RFC 7748 section 6.1, and what docs/protocol.md says is made of their secret. */
static void test_vector(void)
{
	static const char a_private[] = "dwdtCnMYpX08FsFyUbJmRd9ML4frwJkqsXf7pR25LCo=";
	static const char b_public[] = "3p7bfXt9wbTTW2HC7OQ1Nz+DQ8hbeGdNrfx+FG+IK08=";
	static const guint8 secret[KEY_SIZE] = {
		0x4a, 0x5d, 0x9d, 0x5b, 0xa4, 0xce, 0x2d, 0xe1, 0x72, 0x8e, 0x3b, 0xf4, 0x80, 0x35,
		0x0f, 0x25, 0xe0, 0x7e, 0x21, 0xc9, 0x47, 0xd1, 0x9e, 0x33, 0x76, 0xf0, 0x9b, 0x3c,
		0x1e, 0x16, 0x17, 0x42,
	};
	guint8 text[14 + KEY_SIZE] = "wgmesh probe 1";
	struct pathnl_probe_keys keys;
	struct key a, b, expected;

	g_assert_true(key_parse(a_private, &a, NULL));
	g_assert_true(key_parse(b_public, &b, NULL));
	memcpy(text + 14, b.bytes, KEY_SIZE);
	crypto_generichash(expected.bytes, KEY_SIZE, text, sizeof(text), secret, sizeof(secret));
	g_assert_true(probekey_derive(&a, &b, &keys, NULL));
	g_assert_true(key_equal(&keys.tx, &expected));
}

static void test_key_without_secret(void)
{
	g_autoptr(GError) error = NULL;
	struct pathnl_probe_keys keys;
	struct key a, zero = {};

	key_generate(&a);
	g_assert_false(probekey_derive(&a, &zero, &keys, &error));
	g_assert_error(error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA);
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/probekey/both-ends-agree", test_both_ends_agree);
	g_test_add_func("/probekey/vector", test_vector);
	g_test_add_func("/probekey/key-without-secret", test_key_without_secret);
	return g_test_run();
}
