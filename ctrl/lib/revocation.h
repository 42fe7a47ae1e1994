/* SPDX-License-Identifier: GPL-2.0 */
#ifndef WGMESH_REVOCATION_H
#define WGMESH_REVOCATION_H

#include "stun.h"

/*
 * How mesh-server tells a relay which accounts of turn-credential.h have ended before what was made
 * for them expires: a STUN Binding, signed with a key that is made of their secret
 * (docs/protocol.md section 7).
 */

#define REVOCATION_KEY_SIZE 32

/* Characters of an account. */
#define REVOCATION_ACCOUNT_MAX 64

/* Names a run of the relay, in its answer. What the run before was told this one does not know. */
#define REVOCATION_RUN_SIZE 8

/**
 * struct revocation - an account that has ended
 * @until_s: everything that was made for it has expired then, seconds since 1970
 * @account: printable ASCII without spaces
 */
struct revocation {
	gint64 until_s;
	char account[REVOCATION_ACCOUNT_MAX + 1];
};

/**
 * revocation_key() - what requests and their answers are signed with, with SHA-256
 * @secret: what server and relay know
 * @key: goes here; to be overwritten with sodium_memzero() after use
 */
void revocation_key(const char *secret, guint8 key[static REVOCATION_KEY_SIZE]);

/**
 * revocation_add() - append a revocation to a request
 * @b: the request
 * @revocation: the revocation; NULL to ask for the answer alone
 */
void revocation_add(struct stun_builder *b, const struct revocation *revocation);

/**
 * revocation_get() - read what revocation_add() wrote, but for NULL, whose value is empty
 * @attr: STUN_REVOCATION
 * @revocation: goes here; in any state after an error
 */
bool revocation_get(const struct stun_attribute *attr, struct revocation *revocation);

#endif
