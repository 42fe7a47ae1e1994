/* SPDX-License-Identifier: GPL-2.0 */
#ifndef WGMESH_SETUPKEY_H
#define WGMESH_SETUPKEY_H

#include <glib.h>

#include "lib/joinstring.h"

#define SETUPKEY_HASH_SIZE 32

/**
 * setupkey_generate() - draw a setup key: 160 random bits in base32 (RFC 4648 section 6)
 * @text: where it goes; a secret
 */
void setupkey_generate(char text[static JOINSTRING_SETUP_KEY_LEN + 1]);

/**
 * setupkey_hash() - what is stored of a setup key: its BLAKE2b-256
 * @text: the setup key
 * @hash: where the hash goes
 *
 * A plain hash is enough: 160 random bits cannot be guessed from it.
 */
void setupkey_hash(const char *text, guint8 hash[static SETUPKEY_HASH_SIZE]);

#endif
