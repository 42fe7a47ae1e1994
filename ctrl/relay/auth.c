// SPDX-License-Identifier: GPL-2.0
/* The server's side of the long-term credential mechanism; nothing is stored for a request. */
#include "auth.h"

#include <string.h>

#include "lib/log.h"

/* What PASSWORD-ALGORITHMS says: both, without parameters, the better one first. */
static const guint8 algorithms[] = { 0, TURN_KEY_SHA256, 0, 0, 0, TURN_KEY_MD5, 0, 0 };

/* What a request says about its author. */
struct claim {
	struct stun_attribute name, hash, realm, nonce;
	bool has_name, has_hash;
	bool negotiates; /* a client of RFC 8489 */
	enum turn_key_algorithm algorithm;
};

static bool equals(const struct stun_attribute *attr, const void *value, gsize len)
{
	return attr->len == len && memcmp(attr->value, value, len) == 0;
}

/*
 * RFC 8489 section 9.2.4: the client says which algorithm it took, and repeats what it was
 * offered; if somebody in between has offered it less, that shows here. Saying nothing means MD5,
 * as with clients of RFC 5389.
 */
static bool read_algorithm(const struct stun_message *request, struct claim *claim)
{
	struct stun_attribute offered, chosen;
	bool has_offered = stun_find(request, STUN_PASSWORD_ALGORITHMS, &offered);
	bool has_chosen = stun_find(request, STUN_PASSWORD_ALGORITHM, &chosen);

	claim->algorithm = TURN_KEY_MD5;
	claim->negotiates = has_offered || has_chosen;
	if (!nonce_has_cookie(claim->nonce.value, claim->nonce.len) ||
	    !claim->negotiates)
		return true;
	if (!has_offered || !has_chosen || !equals(&offered, algorithms, sizeof(algorithms)))
		return false;
	if (equals(&chosen, algorithms, 4))
		claim->algorithm = TURN_KEY_SHA256;
	return claim->algorithm == TURN_KEY_SHA256 || equals(&chosen, algorithms + 4, 4);
}

static bool read_claim(const struct stun_message *request, struct claim *claim)
{
	claim->has_name = stun_find(request, STUN_USERNAME, &claim->name);
	claim->has_hash = stun_find(request, STUN_USERHASH, &claim->hash);
	return (claim->has_name || claim->has_hash) &&
	       stun_find(request, STUN_REALM, &claim->realm) &&
	       stun_find(request, STUN_NONCE, &claim->nonce) && read_algorithm(request, claim);
}

static bool find_name(const struct auth *auth, const struct claim *claim,
		      struct credentials *credentials)
{
	const char *name;

	if (claim->has_name) {
		if (!claim->name.len || claim->name.len > USERS_NAME_MAX ||
		    memchr(claim->name.value, 0, claim->name.len) ||
		    !g_utf8_validate((const char *)claim->name.value, claim->name.len, NULL))
			return false;
		memcpy(credentials->name, claim->name.value, claim->name.len);
		credentials->name[claim->name.len] = '\0';
		return true;
	}
	name = claim->hash.len == USERS_HASH_LEN ?
		       users_find_hash(auth->users, auth->realm, claim->hash.value) : NULL;
	if (name)
		g_strlcpy(credentials->name, name, sizeof(credentials->name));
	return name;
}

static bool find_key(const struct auth *auth, const struct claim *claim,
		     struct credentials *credentials)
{
	char *password;
	bool found;

	if (!find_name(auth, claim, credentials))
		return false;
	password = users_password(auth->users, credentials->name,
				  g_get_real_time() / G_USEC_PER_SEC);
	if (password)
		credentials->key_len = turn_key_derive(claim->algorithm, credentials->name,
						       auth->realm, password, credentials->key);
	found = password && credentials->key_len;
	users_free_password(password);
	if (found)
		credentials->account = users_account(auth->users, credentials->name);
	return found;
}

/* The stronger one counts when there are both. */
static bool is_intact(const struct stun_message *request, const struct credentials *credentials)
{
	if (request->integrity_sha256)
		return stun_check_integrity_sha256(request, credentials->key, credentials->key_len,
						   STUN_SHA256_LEN) == STUN_INTEGRITY_RIGHT;
	return stun_check_integrity(request, credentials->key, credentials->key_len) ==
	       STUN_INTEGRITY_RIGHT;
}

/* Said once the client has proved to know the password: a stranger cannot fill the log. */
static bool is_revoked(const struct auth *auth, const struct endpoint *client,
		       const struct credentials *credentials)
{
	char buf[ENDPOINT_STRLEN];

	if (!revocations_has(auth->revocations, credentials->account))
		return false;
	log_limited(LOG_LEVEL_INFO, "%s is refused: it is account '%s', whose node was removed from "
		    "the network", endpoint_print(client, buf), credentials->account);
	return true;
}

guint auth_check(const struct auth *auth, const struct stun_message *request,
		 const struct endpoint *client, gint64 now_us, struct credentials *credentials)
{
	struct claim claim = {};

	if (!request->integrity && !request->integrity_sha256)
		return 401;
	if (!read_claim(request, &claim))
		return 400;
	if (!find_key(auth, &claim, credentials) || !is_intact(request, credentials))
		return 401;
	if (!equals(&claim.realm, auth->realm, strlen(auth->realm)) ||
	    is_revoked(auth, client, credentials))
		return 401;
	credentials->sha256 = claim.negotiates;
	if (!nonce_is_valid(auth->nonces, client, now_us, claim.nonce.value, claim.nonce.len))
		return 438;
	return 0;
}

void auth_add_challenge(const struct auth *auth, struct stun_builder *b,
			const struct endpoint *client, gint64 now_us)
{
	char nonce[NONCE_LEN];

	nonce_make(auth->nonces, client, now_us, nonce);
	stun_add(b, STUN_REALM, auth->realm, strlen(auth->realm));
	stun_add(b, STUN_NONCE, nonce, sizeof(nonce));
	stun_add(b, STUN_PASSWORD_ALGORITHMS, algorithms, sizeof(algorithms));
}

void auth_sign(struct stun_builder *b, const struct credentials *credentials)
{
	if (credentials->sha256)
		stun_add_integrity_sha256(b, credentials->key, credentials->key_len,
					  STUN_SHA256_LEN);
	else
		stun_add_integrity(b, credentials->key, credentials->key_len);
}
