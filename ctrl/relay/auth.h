/* SPDX-License-Identifier: GPL-2.0 */
#ifndef WGMESH_RELAY_AUTH_H
#define WGMESH_RELAY_AUTH_H

#include "lib/stun.h"
#include "lib/turn-key.h"
#include "nonce.h"
#include "revocations.h"
#include "users.h"

/*
 * The long-term credential mechanism, RFC 8489 section 9.2. Nothing is stored for a request, good
 * or bad.
 */

/* Bytes; RFC 8489 section 14.9 says fewer than 128 characters. */
#define AUTH_REALM_MAX 127

/**
 * struct auth - what requests are judged by
 * @realm: at most AUTH_REALM_MAX bytes
 * @users: who may
 * @nonces: makes and knows the nonces
 * @revocations: who may no more, although credentials say so
 */
struct auth {
	const char *realm;
	const struct users *users;
	const struct nonces *nonces;
	const struct revocations *revocations;
};

/**
 * struct credentials - whose request it is, after auth_check()
 * @name: the user name
 * @account: (borrowed from @name) who it is, whenever the credentials were made
 * @key: the long-term key
 * @key_len: length of @key in bytes
 * @sha256: sign answers with MESSAGE-INTEGRITY-SHA256, for the client knows of password algorithms
 */
struct credentials {
	char name[USERS_NAME_MAX + 1];
	const char *account;
	guint8 key[TURN_KEY_MAX];
	gsize key_len;
	bool sha256;
};

/**
 * auth_check() - judge a request
 * @auth: by what
 * @request: the request
 * @client: where it came from
 * @now_us: a monotonic clock in microseconds
 * @credentials: whose request it is; to be overwritten with sodium_memzero() after use
 *
 * RFC 8489 section 9.2.4.
 *
 * Return: 0 when it is authentic; else the error code to answer with: 400 as it is, 401 and 438
 * with auth_add_challenge().
 */
guint auth_check(const struct auth *auth, const struct stun_message *request,
		 const struct endpoint *client, gint64 now_us, struct credentials *credentials);

/**
 * auth_add_challenge() - append what a client needs for a request that is authentic
 * @auth: by what it will be judged
 * @b: the builder, after ERROR-CODE
 * @client: where it goes
 * @now_us: the clock of auth_check()
 */
void auth_add_challenge(const struct auth *auth, struct stun_builder *b,
			const struct endpoint *client, gint64 now_us);

/**
 * auth_sign() - append the integrity of an answer
 * @b: the builder
 * @credentials: from auth_check()
 */
void auth_sign(struct stun_builder *b, const struct credentials *credentials);

#endif
