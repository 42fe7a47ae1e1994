// SPDX-License-Identifier: GPL-2.0
/* STUN before the magic cookie (RFC 3489), which libnice still speaks. */
#include "classic.h"

#include <string.h>

#include "lib/stun.h"

/* The transaction id of RFC 3489 has 16 bytes: it begins where the cookie is today. */
#define ID_OFFSET 4

bool classic_is_binding(const guint8 *data, gsize len)
{
	static const guint8 begin[ID_OFFSET] = { 0x00, 0x01, 0x00, 0x00 };
	static const guint8 cookie[] = { 0x21, 0x12, 0xa4, 0x42 };

	return len == STUN_HEADER_LEN && memcmp(data, begin, sizeof(begin)) == 0 &&
	       memcmp(data + ID_OFFSET, cookie, sizeof(cookie)) != 0;
}

gsize classic_answer(const guint8 *request, const struct endpoint *source, guint8 *answer,
		     gsize size)
{
	struct stun_builder b;
	gsize len;

	stun_begin(&b, answer, size, STUN_CLASS_SUCCESS, STUN_METHOD_BINDING,
		   request + STUN_HEADER_LEN - STUN_TRANSACTION_ID_LEN);
	stun_add_address(&b, STUN_MAPPED_ADDRESS, source);
	len = stun_end(&b);
	if (len)
		memcpy(answer + ID_OFFSET, request + ID_OFFSET, STUN_HEADER_LEN - ID_OFFSET);
	return len;
}
