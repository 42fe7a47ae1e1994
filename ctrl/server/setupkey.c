// SPDX-License-Identifier: GPL-2.0
/* Setup keys: drawing them, and their hash, which is all that is stored. */
#include "setupkey.h"

#include <sodium.h>
#include <string.h>

#define RANDOM_BYTES 20

void setupkey_generate(char text[static JOINSTRING_SETUP_KEY_LEN + 1])
{
	static const char alphabet[] = "abcdefghijklmnopqrstuvwxyz234567";
	guint8 bytes[RANDOM_BYTES];

	G_STATIC_ASSERT(RANDOM_BYTES * 8 == JOINSTRING_SETUP_KEY_LEN * 5);
	randombytes_buf(bytes, sizeof(bytes));
	for (guint i = 0; i < JOINSTRING_SETUP_KEY_LEN; i++) {
		guint bit = i * 5;
		guint pair = bytes[bit / 8] << 8 | (bit / 8 + 1 < RANDOM_BYTES ? bytes[bit / 8 + 1] : 0);

		text[i] = alphabet[pair >> (11 - bit % 8) & 31];
	}
	text[JOINSTRING_SETUP_KEY_LEN] = '\0';
	sodium_memzero(bytes, sizeof(bytes));
}

void setupkey_hash(const char *text, guint8 hash[static SETUPKEY_HASH_SIZE])
{
	crypto_generichash(hash, SETUPKEY_HASH_SIZE, (const guint8 *)text, strlen(text), NULL, 0);
}
