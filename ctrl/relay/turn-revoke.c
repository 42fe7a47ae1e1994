// SPDX-License-Identifier: GPL-2.0
/* What mesh-server says of accounts that have ended: docs/protocol.md section 7. */
#include "turn.h"

#include <sodium.h>

#include "lib/log.h"
#include "turn-request.h"

/**
 * struct outcome - what became of a request
 * @accounts: how many have ended that had not before
 * @allocations: how many of theirs
 * @is_full: there was no room for one
 * @is_malformed: one could not be read
 */
struct outcome {
	guint accounts, allocations;
	bool is_full, is_malformed;
};

static void revoke_account(struct turn *turn, const struct revocation *revocation,
			   struct outcome *outcome)
{
	bool is_new;

	if (!revocations_add(turn->revocations, revocation, g_get_real_time() / G_USEC_PER_SEC,
			     &is_new)) {
		outcome->is_full = true;
		return;
	}
	if (!is_new)
		return;
	outcome->accounts++;
	outcome->allocations += allocation_end_account(turn->allocations, revocation->account);
}

static struct outcome revoke_all(struct turn *turn, const struct stun_message *request)
{
	struct outcome outcome = {};
	struct stun_attribute attr = {};

	while (stun_next(request, &attr)) {
		struct revocation revocation;

		if (attr.type != STUN_REVOCATION || !attr.len)
			continue;
		if (revocation_get(&attr, &revocation))
			revoke_account(turn, &revocation, &outcome);
		else
			outcome.is_malformed = true;
	}
	if (outcome.accounts)
		log_info("nodes were removed from the network: %u accounts are refused from now on, "
			 "%u allocations have ended", outcome.accounts, outcome.allocations);
	if (outcome.is_full)
		log_limited(LOG_LEVEL_WARNING, "there is no room for more accounts of removed nodes: "
			    "these may relay until their credentials expire; to end that, give "
			    "mesh-server and this program another secret");
	return outcome;
}

static void answer_revoked(struct turn *turn, const struct stun_message *request,
			   const struct endpoint *source, struct stun_builder *b, guint8 *answer,
			   gsize size)
{
	struct outcome outcome = revoke_all(turn, request);
	bool refused = outcome.is_full || outcome.is_malformed;

	stun_begin(b, answer, size, refused ? STUN_CLASS_ERROR : STUN_CLASS_SUCCESS,
		   STUN_METHOD_BINDING, stun_transaction_id(request));
	if (outcome.is_malformed)
		stun_add_error(b, 400, "An account cannot be read");
	else if (outcome.is_full)
		stun_add_error(b, 508, "There is no room for more accounts");
	else
		stun_add_xor_address(b, STUN_XOR_MAPPED_ADDRESS, source);
	stun_add(b, STUN_REVOCATION, revocations_run(turn->revocations), REVOCATION_RUN_SIZE);
}

gsize turn_revoke(struct turn *turn, const struct stun_message *request,
		  const struct endpoint *source, guint8 *answer, gsize size)
{
	guint8 key[REVOCATION_KEY_SIZE];
	struct stun_attribute attr;
	struct stun_builder b;
	gsize len = 0;

	if (!stun_find(request, STUN_REVOCATION, &attr) ||
	    !users_revocation_key(turn->auth.users, key))
		return 0;
	if (stun_check_integrity_sha256(request, key, sizeof(key), STUN_SHA256_LEN) ==
	    STUN_INTEGRITY_RIGHT) {
		answer_revoked(turn, request, source, &b, answer, size);
		stun_add_integrity_sha256(&b, key, sizeof(key), STUN_SHA256_LEN);
		stun_add_fingerprint(&b);
		len = stun_end(&b);
	}
	sodium_memzero(key, sizeof(key));
	return len;
}
