// SPDX-License-Identifier: GPL-2.0
/* The codes of why a node is refused. */
#include "refusal.h"

G_DEFINE_QUARK(wgmesh-refusal, refusal)

static const char *const codes[] = {
	[REFUSAL_BAD_MESSAGE] = "bad-message",
	[REFUSAL_BAD_VERSION] = "bad-version",
	[REFUSAL_BAD_PROOF] = "bad-proof",
	[REFUSAL_SETUP_KEY_REQUIRED] = "setup-key-required",
	[REFUSAL_SETUP_KEY_UNKNOWN] = "setup-key-unknown",
	[REFUSAL_SETUP_KEY_EXPIRED] = "setup-key-expired",
	[REFUSAL_SETUP_KEY_REVOKED] = "setup-key-revoked",
	[REFUSAL_SETUP_KEY_USED] = "setup-key-used",
	[REFUSAL_REMOVED] = "removed",
	[REFUSAL_REPLACED] = "replaced",
	[REFUSAL_TOO_MANY] = "too-many",
	[REFUSAL_FULL] = "full",
	[REFUSAL_INTERNAL] = "internal",
};

const char *refusal_code(enum refusal refusal)
{
	return codes[refusal];
}
