// SPDX-License-Identifier: GPL-2.0
/* The proof that a node has its private key. */
#include "proof.h"

#include <gio/gio.h>
#include <sodium.h>

static const char label[] = "wgmesh proof 1";

/* The same on both sides, from the shared secret on. */
static void proof_compute(const struct proof_challenge *challenge, const struct key *shared,
			  const struct key *node_public, guint8 proof[static PROOF_SIZE])
{
	crypto_generichash_state state;

	crypto_generichash_init(&state, shared->bytes, KEY_SIZE, PROOF_SIZE);
	crypto_generichash_update(&state, (const guint8 *)label, sizeof(label) - 1);
	crypto_generichash_update(&state, challenge->nonce, PROOF_NONCE_SIZE);
	crypto_generichash_update(&state, node_public->bytes, KEY_SIZE);
	crypto_generichash_update(&state, challenge->server_key.bytes, KEY_SIZE);
	crypto_generichash_update(&state, challenge->fingerprint, PROOF_FINGERPRINT_SIZE);
	crypto_generichash_final(&state, proof, PROOF_SIZE);
	sodium_memzero(&state, sizeof(state));
}

bool proof_make(const struct proof_challenge *challenge, const struct key *node_private,
		guint8 proof[static PROOF_SIZE], GError **error)
{
	struct key node_public;
	struct key shared;

	if (!key_agree(node_private, &challenge->server_key, &shared, error))
		return false;
	key_derive_public(node_private, &node_public);
	proof_compute(challenge, &shared, &node_public, proof);
	key_wipe(&shared);
	return true;
}

bool proof_check(const struct proof_challenge *challenge, const struct key *server_private,
		 const struct key *node_public, const guint8 proof[static PROOF_SIZE],
		 GError **error)
{
	guint8 expected[PROOF_SIZE];
	struct key shared;
	bool same;

	if (!key_agree(server_private, node_public, &shared, error))
		return false;
	proof_compute(challenge, &shared, node_public, expected);
	key_wipe(&shared);
	same = sodium_memcmp(expected, proof, PROOF_SIZE) == 0;
	sodium_memzero(expected, sizeof(expected));
	if (!same)
		g_set_error_literal(error, G_IO_ERROR, G_IO_ERROR_PERMISSION_DENIED,
				    "the proof does not fit this key and this connection");
	return same;
}
