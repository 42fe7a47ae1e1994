// SPDX-License-Identifier: GPL-2.0
/* Keys of X25519: as text, in a file, and what two of them agree on. */
#include "key.h"

#include <gio/gio.h>
#include <sodium.h>
#include <string.h>

#include "message.h"
#include "secretfile.h"

G_STATIC_ASSERT(KEY_SIZE == crypto_scalarmult_BYTES);
G_STATIC_ASSERT(KEY_STRLEN == sodium_base64_ENCODED_LEN(KEY_SIZE, sodium_base64_VARIANT_ORIGINAL));

bool key_parse(const char *text, struct key *key, GError **error)
{
	if (message_decode_base64(text, key->bytes, KEY_SIZE))
		return true;
	g_set_error_literal(error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT,
			    "not a key: 44 characters of base64 are expected, as 'wg' prints them");
	return false;
}

const char *key_print(const struct key *key, char buf[static KEY_STRLEN])
{
	return sodium_bin2base64(buf, KEY_STRLEN, key->bytes, KEY_SIZE,
				 sodium_base64_VARIANT_ORIGINAL);
}

void key_generate(struct key *key)
{
	randombytes_buf(key->bytes, KEY_SIZE);
	key->bytes[0] &= 248;
	key->bytes[31] = (key->bytes[31] & 127) | 64;
}

void key_derive_public(const struct key *private_key, struct key *public_key)
{
	/* fails for no clamped scalar, and the function clamps */
	if (crypto_scalarmult_base(public_key->bytes, private_key->bytes) != 0)
		g_error("X25519 with the base point failed");
}

static bool key_from_file(const char *path, char *contents, struct key *key, GError **error)
{
	g_autoptr(GError) reason = NULL;

	if (key_parse(g_strchomp(contents), key, &reason))
		return true;
	g_set_error(error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA,
		    "%s: %s; put the right key there, or remove the file to have a new one made",
		    path, reason->message);
	return false;
}

static bool key_create(const char *path, struct key *key, GError **error)
{
	char line[KEY_STRLEN];
	bool ok;

	key_generate(key);
	key_print(key, line);
	line[KEY_STRLEN - 1] = '\n';
	ok = secretfile_write(path, line, sizeof(line), error);
	sodium_memzero(line, sizeof(line));
	return ok;
}

bool key_load_or_create(const char *path, struct key *key, bool *created, GError **error)
{
	g_autoptr(GError) reason = NULL;
	char *contents = secretfile_read(path, KEY_STRLEN + 2, NULL, &reason);
	bool ok;

	if (created)
		*created = false;
	if (contents) {
		ok = key_from_file(path, contents, key, error);
		secretfile_free(contents);
		return ok;
	}
	if (!g_error_matches(reason, G_FILE_ERROR, G_FILE_ERROR_NOENT)) {
		g_propagate_error(error, g_steal_pointer(&reason));
		return false;
	}
	if (created)
		*created = true;
	return key_create(path, key, error);
}

bool key_agree(const struct key *private_key, const struct key *public_key, struct key *shared,
	       GError **error)
{
	/* crypto_scalarmult() fails when the result is zero */
	if (crypto_scalarmult(shared->bytes, private_key->bytes, public_key->bytes) == 0)
		return true;
	key_wipe(shared);
	g_set_error_literal(error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA,
			    "this public key gives no secret (X25519 yields zero)");
	return false;
}

int key_compare(const struct key *a, const struct key *b)
{
	return memcmp(a->bytes, b->bytes, KEY_SIZE);
}

bool key_is_zero(const struct key *key)
{
	return sodium_is_zero(key->bytes, KEY_SIZE);
}

/* It is not unlocked again: that would unlock all keys of the page. */
void key_guard(struct key *key)
{
	sodium_mlock(key->bytes, KEY_SIZE);
}

void key_wipe(struct key *key)
{
	sodium_memzero(key->bytes, KEY_SIZE);
}

guint key_hash_bytes(const void *data, gsize size)
{
	static guint8 secret[crypto_shorthash_KEYBYTES];
	static gsize drawn;
	guint8 hash[crypto_shorthash_BYTES];
	guint value;

	if (g_once_init_enter(&drawn)) {
		randombytes_buf(secret, sizeof(secret));
		g_once_init_leave(&drawn, 1);
	}
	crypto_shorthash(hash, data, size, secret);
	memcpy(&value, hash, sizeof(value));
	return value;
}

guint key_hash(gconstpointer key)
{
	return key_hash_bytes(key, KEY_SIZE);
}

gboolean key_equal(gconstpointer a, gconstpointer b)
{
	return key_compare(a, b) == 0;
}
