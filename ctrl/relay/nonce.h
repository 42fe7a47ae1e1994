/* SPDX-License-Identifier: GPL-2.0 */
#ifndef WGMESH_RELAY_NONCE_H
#define WGMESH_RELAY_NONCE_H

#include <glib.h>
#include <stdbool.h>

#include "lib/endpoint.h"

/*
 * Nonces of the long-term credential mechanism. None is stored: a nonce is the time it was made
 * and a keyed hash of that time and the client's endpoint, so a flood of requests costs no memory,
 * and a nonce that was overheard is of no use from elsewhere.
 */

#define NONCE_KEY_LEN 16
/* The nonce cookie with the security features, then the base64 of time and hash. */
#define NONCE_LEN (9 + 4 + 16)
/* RFC 8656 section 5 wants a new one at least once an hour. */
#define NONCE_LIFETIME_S 3600

struct nonces;

/**
 * nonces_new() - make a source of nonces
 * @key: NONCE_KEY_LEN random bytes that nobody outside knows
 * @anonymity: whether clients may send USERHASH in place of USERNAME
 *
 * Return: (owned by the caller) the source; free with nonces_free().
 */
struct nonces *nonces_new(const guint8 *key, bool anonymity);

/**
 * nonces_free() - free a source of nonces
 * @nonces: the source, or NULL
 */
void nonces_free(struct nonces *nonces);

/**
 * nonce_make() - make a nonce for a client
 * @nonces: the source
 * @client: its endpoint; RFC 8489 section 9.2.4 wants another nonce for another port, too
 * @now_us: a monotonic clock in microseconds
 * @nonce: NONCE_LEN characters go here, and no zero
 *
 * RFC 8489 section 9.2: it begins with the nonce cookie and the security features.
 */
void nonce_make(const struct nonces *nonces, const struct endpoint *client, gint64 now_us,
		char *nonce);

/**
 * nonce_is_valid() - whether a nonce was made here, for this client, and not too long ago
 * @nonces: the source
 * @client: who sent it
 * @now_us: the clock of nonce_make()
 * @nonce: what was sent
 * @len: length of @nonce in bytes
 *
 * In constant time, where it matters.
 */
bool nonce_is_valid(const struct nonces *nonces, const struct endpoint *client, gint64 now_us,
		    const void *nonce, gsize len);

/**
 * nonce_has_cookie() - whether it says that the server knows password algorithms
 * @nonce: what was sent
 * @len: length of @nonce in bytes
 *
 * RFC 8489 section 9.2.1: an attacker between client and server who removes PASSWORD-ALGORITHMS
 * from the challenge would have to change the nonce as well.
 */
bool nonce_has_cookie(const void *nonce, gsize len);

#endif
