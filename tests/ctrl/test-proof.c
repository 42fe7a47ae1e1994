// SPDX-License-Identifier: GPL-2.0
#include "lib/proof.h"

#include <gio/gio.h>
#include <sodium.h>
#include <string.h>

struct fixture {
	struct key node_private, node_public, server_private;
	struct proof_challenge challenge;
	guint8 proof[PROOF_SIZE];
};

static void setup(struct fixture *f, gconstpointer unused G_GNUC_UNUSED)
{
	key_generate(&f->node_private);
	key_derive_public(&f->node_private, &f->node_public);
	key_generate(&f->server_private);
	key_derive_public(&f->server_private, &f->challenge.server_key);
	randombytes_buf(f->challenge.nonce, PROOF_NONCE_SIZE);
	randombytes_buf(f->challenge.fingerprint, PROOF_FINGERPRINT_SIZE);
	g_assert_true(proof_make(&f->challenge, &f->node_private, f->proof, NULL));
}

static void assert_refused(const struct fixture *f)
{
	g_autoptr(GError) error = NULL;

	g_assert_false(proof_check(&f->challenge, &f->server_private, &f->node_public, f->proof,
				   &error));
	g_assert_error(error, G_IO_ERROR, G_IO_ERROR_PERMISSION_DENIED);
}

static void test_right(struct fixture *f, gconstpointer unused G_GNUC_UNUSED)
{
	g_autoptr(GError) error = NULL;

	g_assert_true(proof_check(&f->challenge, &f->server_private, &f->node_public, f->proof,
				  &error));
	g_assert_no_error(error);
}

/* Whatever differs by one bit makes the proof wrong. */
static void test_wrong(struct fixture *f, gconstpointer unused G_GNUC_UNUSED)
{
	guint8 *parts[] = { f->proof, f->challenge.nonce, f->challenge.fingerprint,
			    f->challenge.server_key.bytes, f->node_public.bytes };

	for (gsize part = 0; part < G_N_ELEMENTS(parts); part++) {
		for (guint byte = 0; byte < 32; byte++) {
			parts[part][byte] ^= 1;
			assert_refused(f);
			parts[part][byte] ^= 1;
		}
	}
	key_generate(&f->server_private);
	assert_refused(f);
}

/* Points of small order (RFC 7748 section 6.1): the secret would be zero, known to everybody. */
static void test_small_order(struct fixture *f, gconstpointer unused G_GNUC_UNUSED)
{
	static const struct key points[] = {
		{ { 0 } },
		{ { 1 } },
		{ { 0xe0, 0xeb, 0x7a, 0x7c, 0x3b, 0x41, 0xb8, 0xae, 0x16, 0x56, 0xe3,
		    0xfa, 0xf1, 0x9f, 0xc4, 0x6a, 0xda, 0x09, 0x8d, 0xeb, 0x9c, 0x32,
		    0xb1, 0xfd, 0x86, 0x62, 0x05, 0x16, 0x5f, 0x49, 0xb8, 0x00 } },
	};

	for (gsize i = 0; i < G_N_ELEMENTS(points); i++) {
		GError *error = NULL;

		g_assert_false(proof_check(&f->challenge, &f->server_private, &points[i], f->proof,
					   &error));
		g_assert_error(error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA);
		g_clear_error(&error);
		f->challenge.server_key = points[i];
		g_assert_false(proof_make(&f->challenge, &f->node_private, f->proof, &error));
		g_assert_error(error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA);
		g_clear_error(&error);
	}
}

/*
 * The definition, with numbers that Python computed: hashlib.blake2b(b"wgmesh proof 1" + nonce +
 * node + server + fingerprint, key=shared, digest_size=32), where nonce is 32 times 3, fingerprint
 * 32 times 4, and the private keys are 32 times 1 (node) and 2 (server).
 */
static void test_vector(void)
{
	static const char expected[] =
		"e866184bf235ef11acefeee55d9d62a9a3b83ee14f40ec1c693fa535e2b0de7f";
	struct key node_private, server_private;
	struct proof_challenge challenge;
	guint8 proof[PROOF_SIZE];
	char hex[2 * PROOF_SIZE + 1];

	memset(node_private.bytes, 1, KEY_SIZE);
	memset(server_private.bytes, 2, KEY_SIZE);
	memset(challenge.nonce, 3, PROOF_NONCE_SIZE);
	memset(challenge.fingerprint, 4, PROOF_FINGERPRINT_SIZE);
	key_derive_public(&server_private, &challenge.server_key);
	g_assert_true(proof_make(&challenge, &node_private, proof, NULL));
	g_assert_cmpstr(sodium_bin2hex(hex, sizeof(hex), proof, PROOF_SIZE), ==, expected);
}

#define ADD(path, test) g_test_add(path, struct fixture, NULL, setup, test, NULL)

int main(int argc, char **argv)
{
	g_assert_cmpint(sodium_init(), >=, 0);
	g_test_init(&argc, &argv, NULL);
	ADD("/proof/right", test_right);
	ADD("/proof/wrong", test_wrong);
	ADD("/proof/small-order", test_small_order);
	g_test_add_func("/proof/vector", test_vector);
	return g_test_run();
}
