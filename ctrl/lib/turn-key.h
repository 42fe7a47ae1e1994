/* SPDX-License-Identifier: GPL-2.0 */
#ifndef WGMESH_TURN_KEY_H
#define WGMESH_TURN_KEY_H

#include <glib.h>

#include "stun.h"

/* Room for any key. */
#define TURN_KEY_MAX STUN_SHA256_LEN

/**
 * enum turn_key_algorithm - numbers of password algorithms; RFC 8489 section 18.5
 */
enum turn_key_algorithm {
	TURN_KEY_MD5 = 0x0001,
	TURN_KEY_SHA256 = 0x0002,
};

/**
 * turn_key_derive() - the key that messages of a user are signed with
 * @algorithm: hash of "username:realm:password"; RFC 8489 section 18.5.1
 * @username: UTF-8
 * @realm: UTF-8
 * @password: UTF-8, as it is
 * @key: TURN_KEY_MAX bytes; overwrite them with sodium_memzero() after use
 *
 * Return: length of the key in bytes; 0 when the library that computes it fails.
 */
gsize turn_key_derive(enum turn_key_algorithm algorithm, const char *username, const char *realm,
		      const char *password, guint8 *key);

#endif
