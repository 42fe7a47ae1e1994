/* SPDX-License-Identifier: GPL-2.0 */
#ifndef WGMESH_KEY_H
#define WGMESH_KEY_H

#include <glib.h>
#include <stdbool.h>

#define KEY_SIZE 32

/* Room for a key in base64 and the final zero. */
#define KEY_STRLEN 45

/**
 * struct key - an X25519 key, private or public, or a secret of that size
 * @bytes: the key as it goes over the wire
 *
 * A plain value: copy it by assignment. A public key may be used as a GHashTable key with
 * key_hash() and key_equal().
 */
struct key {
	guint8 bytes[KEY_SIZE];
};

/**
 * key_parse() - read a key as `wg` prints it
 * @text: exactly 44 characters of base64, the last one '='
 * @key: where it goes; untouched on error
 * @error: G_IO_ERROR_INVALID_ARGUMENT; @text is not repeated in it: it may be a private key
 */
bool key_parse(const char *text, struct key *key, GError **error);

/**
 * key_print() - write a key as `wg` prints it
 * @key: the key
 * @buf: where it goes
 *
 * Return: @buf, so that it can stand in an argument list.
 */
const char *key_print(const struct key *key, char buf[static KEY_STRLEN]);

/**
 * key_generate() - draw a private key
 * @key: where it goes; clamped (RFC 7748 section 5), as `wg genkey` does
 */
void key_generate(struct key *key);

/**
 * key_derive_public() - the public key of a private one
 * @private_key: the private key
 * @public_key: where the public one goes
 */
void key_derive_public(const struct key *private_key, struct key *public_key);

/**
 * key_load_or_create() - read a private key from a file; draw and store it when there is none
 * @path: a file as `wg genkey` writes it
 * @key: where it goes
 * @created: whether it was drawn now; may be NULL
 * @error: what is wrong with the file and what to do
 *
 * See secretfile_read() for what is refused, and secretfile_write() for how it is stored.
 */
bool key_load_or_create(const char *path, struct key *key, bool *created, GError **error);

/**
 * key_agree() - X25519 (RFC 7748 section 6.1)
 * @private_key: ours
 * @public_key: theirs
 * @shared: where the shared secret goes; key_wipe() it after use
 * @error: G_IO_ERROR_INVALID_DATA: @public_key is one of the few for which the secret is zero, so
 *	   that everybody would know it
 */
bool key_agree(const struct key *private_key, const struct key *public_key, struct key *shared,
	       GError **error);

/**
 * key_compare() - the order of public keys, by their bytes; not in constant time
 * @a: a public key
 * @b: another
 *
 * Return: less than, equal to or greater than 0, as memcmp() does.
 */
int key_compare(const struct key *a, const struct key *b);

/**
 * key_is_zero() - whether all bytes are zero: "no key"
 * @key: the key
 */
bool key_is_zero(const struct key *key);

/**
 * key_guard() - keep a key that stays in memory out of swap, as far as possible
 * @key: the key; the page that it is in stays locked when it is gone
 *
 * Where the limit of locked memory is too low, nothing happens.
 */
void key_guard(struct key *key);

/**
 * key_wipe() - overwrite a secret that is no longer needed
 * @key: the key
 */
void key_wipe(struct key *key);

/**
 * key_hash_bytes() - hash what a remote party chooses
 * @data: the bytes
 * @size: their number
 *
 * Keyed (SipHash) with a secret of this process.
 */
guint key_hash_bytes(const void *data, gsize size);

/**
 * key_hash() - GHashFunc of public keys
 * @key: a struct key
 */
guint key_hash(gconstpointer key);

/**
 * key_equal() - GEqualFunc of public keys
 * @a: a struct key
 * @b: another
 */
gboolean key_equal(gconstpointer a, gconstpointer b);

#endif
