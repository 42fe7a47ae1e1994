/* SPDX-License-Identifier: GPL-2.0 */
#ifndef WGMESH_REFUSAL_H
#define WGMESH_REFUSAL_H

#include <glib.h>

/**
 * enum refusal - why the server closes a node's connection (docs/protocol.md section 2.3)
 *
 * The codes of GErrors in the domain REFUSAL. Their message is for the people at the node: what is
 * wrong and what to do.
 */
enum refusal {
	REFUSAL_BAD_MESSAGE,
	REFUSAL_BAD_VERSION,
	REFUSAL_BAD_PROOF,
	REFUSAL_SETUP_KEY_REQUIRED,
	REFUSAL_SETUP_KEY_UNKNOWN,
	REFUSAL_SETUP_KEY_EXPIRED,
	REFUSAL_SETUP_KEY_REVOKED,
	REFUSAL_SETUP_KEY_USED,
	REFUSAL_REMOVED,
	REFUSAL_REPLACED,
	REFUSAL_TOO_MANY,
	REFUSAL_FULL,
	REFUSAL_INTERNAL,
};

#define REFUSAL (refusal_quark())

GQuark refusal_quark(void);

/**
 * refusal_code() - the code that goes over the wire
 * @refusal: the reason
 *
 * Return: (static) e.g. "bad-proof".
 */
const char *refusal_code(enum refusal refusal);

#endif
