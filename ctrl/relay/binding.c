// SPDX-License-Identifier: GPL-2.0
/* The answer to a Binding request. */
#include "binding.h"

/* More are not reported: nobody sends them by mistake, and the answer stays small. */
#define MAX_UNKNOWN 64

/*
 * What RFC 8489 defines is understood, although a server that asks for no credentials has no use
 * for it. What other documents define for a Binding request (CHANGE-REQUEST, PRIORITY...) means a
 * service that is not offered here, and the client has to learn that.
 */
static const guint16 known[] = {
	STUN_MAPPED_ADDRESS, STUN_USERNAME,	      STUN_ERROR_CODE, STUN_UNKNOWN_ATTRIBUTES,
	STUN_REALM,	     STUN_NONCE,	      STUN_USERHASH,   STUN_PASSWORD_ALGORITHM,
	STUN_XOR_MAPPED_ADDRESS,
};

/*
 * On sizes: whoever forges the source of a request turns this server on somebody else, so an
 * answer should not be much larger than its request. The smallest request is a bare header of 20
 * bytes, and the RFC leaves no smaller success response to it than the header and
 * XOR-MAPPED-ADDRESS, 32 bytes for IPv4 and 44 for IPv6: 1.6 and 2.2 times the request. We stay at
 * that minimum: no SOFTWARE, no second address, FINGERPRINT only for those who sent one. The error
 * response has an empty reason phrase, which keeps it within 1.5 times. What remains is bounded by
 * the limit on answers per source.
 */
gsize binding_answer(const struct stun_message *request, const struct endpoint *source,
		     bool draining, guint8 *answer, gsize size)
{
	guint16 unknown[MAX_UNKNOWN];
	struct stun_builder b;
	gsize n_unknown;

	n_unknown = stun_unknown(request, known, G_N_ELEMENTS(known), unknown, MAX_UNKNOWN);
	if (n_unknown) {
		stun_begin(&b, answer, size, STUN_CLASS_ERROR, STUN_METHOD_BINDING,
			   stun_transaction_id(request));
		stun_add_error(&b, 420, "");
		stun_add_unknown(&b, unknown, n_unknown);
	} else {
		stun_begin(&b, answer, size, STUN_CLASS_SUCCESS, STUN_METHOD_BINDING,
			   stun_transaction_id(request));
		stun_add_xor_address(&b, STUN_XOR_MAPPED_ADDRESS, source);
		if (draining)
			stun_add(&b, STUN_DRAINING, NULL, 0);
	}
	if (request->fingerprint)
		stun_add_fingerprint(&b);
	return stun_end(&b);
}
