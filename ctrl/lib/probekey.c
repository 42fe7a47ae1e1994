// SPDX-License-Identifier: GPL-2.0
/* The keys that authenticate probes between two nodes. */
#include "probekey.h"

#include <sodium.h>

static const char label[] = "wgmesh probe 1";

/* One key for each direction: a probe that is sent back to its sender is not authentic there. */
static void derive(const struct key *shared, const struct key *receiver, struct key *key)
{
	crypto_generichash_state state;

	crypto_generichash_init(&state, shared->bytes, KEY_SIZE, KEY_SIZE);
	crypto_generichash_update(&state, (const guint8 *)label, sizeof(label) - 1);
	crypto_generichash_update(&state, receiver->bytes, KEY_SIZE);
	crypto_generichash_final(&state, key->bytes, KEY_SIZE);
	sodium_memzero(&state, sizeof(state));
}

bool probekey_derive(const struct key *private_key, const struct key *peer,
		     struct pathnl_probe_keys *keys, GError **error)
{
	struct key shared, self;

	if (!key_agree(private_key, peer, &shared, error))
		return false;
	key_derive_public(private_key, &self);
	derive(&shared, peer, &keys->tx);
	derive(&shared, &self, &keys->rx);
	key_wipe(&shared);
	return true;
}
