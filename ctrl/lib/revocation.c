// SPDX-License-Identifier: GPL-2.0
/* Telling relays which accounts have ended, before what was made for these expires. */
#include "revocation.h"

#include <sodium.h>
#include <string.h>

#include "bigendian.h"

/* Keeps what is signed with it apart from all else that is made of the secret. */
#define LABEL "wgmesh revocation 1"

#define UNTIL_LEN 8

void revocation_key(const char *secret, guint8 key[static REVOCATION_KEY_SIZE])
{
	crypto_auth_hmacsha256_state state;

	G_STATIC_ASSERT(REVOCATION_KEY_SIZE == crypto_auth_hmacsha256_BYTES);
	crypto_auth_hmacsha256_init(&state, (const guint8 *)secret, strlen(secret));
	crypto_auth_hmacsha256_update(&state, (const guint8 *)LABEL, strlen(LABEL));
	crypto_auth_hmacsha256_final(&state, key);
	sodium_memzero(&state, sizeof(state));
}

void revocation_add(struct stun_builder *b, const struct revocation *revocation)
{
	guint8 value[UNTIL_LEN + REVOCATION_ACCOUNT_MAX];
	gsize len;

	if (!revocation) {
		stun_add(b, STUN_REVOCATION, NULL, 0);
		return;
	}
	len = strlen(revocation->account);
	put32(value, revocation->until_s >> 32);
	put32(value + 4, revocation->until_s);
	memcpy(value + UNTIL_LEN, revocation->account, len);
	stun_add(b, STUN_REVOCATION, value, UNTIL_LEN + len);
}

bool revocation_get(const struct stun_attribute *attr, struct revocation *revocation)
{
	gsize len = attr->len - UNTIL_LEN;

	if (attr->len <= UNTIL_LEN || len > REVOCATION_ACCOUNT_MAX)
		return false;
	revocation->until_s = (gint64)((guint64)get32(attr->value) << 32 | get32(attr->value + 4));
	memcpy(revocation->account, attr->value + UNTIL_LEN, len);
	revocation->account[len] = '\0';
	for (gsize i = 0; i < len; i++)
		if (!g_ascii_isgraph(revocation->account[i]))
			return false;
	return true;
}
