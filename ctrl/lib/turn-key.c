// SPDX-License-Identifier: GPL-2.0
/* The key that messages of a user are signed with. */
#include "turn-key.h"

#include <gnutls/crypto.h>
#include <sodium.h>
#include <string.h>

gsize turn_key_derive(enum turn_key_algorithm algorithm, const char *username, const char *realm,
		      const char *password, guint8 *key)
{
	gnutls_digest_algorithm_t digest = algorithm == TURN_KEY_SHA256 ? GNUTLS_DIG_SHA256 :
									  GNUTLS_DIG_MD5;
	char *text = g_strjoin(":", username, realm, password, NULL);
	int failed = gnutls_hash_fast(digest, text, strlen(text), key);

	sodium_memzero(text, strlen(text));
	g_free(text);
	return failed ? 0 : gnutls_hash_get_len(digest);
}
