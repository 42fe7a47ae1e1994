// SPDX-License-Identifier: GPL-2.0

/*
 * Any bytes as a STUN message. Beyond not crashing: what was read lies within the datagram, and
 * what was read and is written anew reads the same.
 *
 *	clang -fsanitize=fuzzer,address,undefined ... tests/fuzz/stun.c build/libwgmesh.a
 *	./stun -max_len=1500 NEW-FINDINGS tests/fuzz/stun
 */
#include "lib/stun.h"

#include <stdlib.h>
#include <string.h>

#include "lib/revocation.h"

#define MAX_LEN 2048

static void require(bool holds)
{
	if (!holds)
		abort();
}

static void require_within(const struct stun_message *msg, const void *start, gsize len)
{
	const guint8 *p = start;

	require(p >= msg->data + STUN_HEADER_LEN && p + len <= msg->data + msg->len);
}

/* An address that can be read is the one that is written and read again. */
static void check_address(const struct stun_message *msg, const struct stun_attribute *attr)
{
	struct stun_message again;
	struct stun_attribute copy;
	struct stun_builder b;
	struct endpoint ep, back;
	guint8 buf[64];

	if (!stun_get_xor_address(msg, attr, &ep)) {
		require(!stun_get_address(attr, &ep));
		return;
	}
	stun_begin(&b, buf, sizeof(buf), msg->class, msg->method, stun_transaction_id(msg));
	stun_add_xor_address(&b, attr->type, &ep);
	require(stun_parse(&again, buf, stun_end(&b)) == STUN_OK);
	copy = (struct stun_attribute){ buf + STUN_HEADER_LEN + 4, attr->len, attr->type };
	require(!memcmp(copy.value + 1, attr->value + 1, attr->len - 1));
	require(stun_get_xor_address(&again, &copy, &back) && endpoint_equal(&ep, &back));
}

/* A revocation that can be read is the one that is written and read again. */
static void check_revocation(const struct stun_message *msg, const struct stun_attribute *attr)
{
	struct revocation revocation;
	struct stun_attribute copy = {};
	struct stun_message again;
	struct stun_builder b;
	guint8 buf[128];

	if (!revocation_get(attr, &revocation))
		return;
	stun_begin(&b, buf, sizeof(buf), msg->class, msg->method, stun_transaction_id(msg));
	revocation_add(&b, &revocation);
	require(stun_parse(&again, buf, stun_end(&b)) == STUN_OK);
	require(stun_find(&again, STUN_REVOCATION, &copy) && copy.len == attr->len);
	require(!memcmp(copy.value, attr->value, attr->len));
}

static void check_attribute(const struct stun_message *msg, const struct stun_attribute *attr)
{
	guint16 types[8];
	const char *reason;
	gsize reason_len;
	guint code;

	require_within(msg, attr->value, attr->len);
	check_address(msg, attr);
	check_revocation(msg, attr);
	if (stun_get_error(attr, &code, &reason, &reason_len)) {
		require(code >= 300 && code <= 699);
		require_within(msg, reason, reason_len);
	}
	require(stun_get_unknown(attr, types, G_N_ELEMENTS(types)) <= G_N_ELEMENTS(types));
}

/* Write the attributes of msg anew, with integrity and fingerprint of our own, and compare. */
static void check_rebuilt(const struct stun_message *msg)
{
	struct stun_attribute attr = {}, copy = {};
	struct stun_message again;
	struct stun_builder b;
	guint8 buf[MAX_LEN + 128];

	stun_begin(&b, buf, sizeof(buf), msg->class, msg->method, stun_transaction_id(msg));
	while (stun_next(msg, &attr))
		stun_add(&b, attr.type, attr.value, attr.len);
	stun_add_integrity(&b, "key", 3);
	stun_add_integrity_sha256(&b, "key", 3, 16);
	stun_add_fingerprint(&b);

	require(stun_parse(&again, buf, stun_end(&b)) == STUN_OK);
	require(again.class == msg->class && again.method == msg->method && again.fingerprint);
	require(stun_check_integrity(&again, "key", 3) == STUN_INTEGRITY_RIGHT);
	require(stun_check_integrity_sha256(&again, "key", 3, 16) == STUN_INTEGRITY_RIGHT);
	for (attr = (struct stun_attribute){}; stun_next(msg, &attr);) {
		require(stun_next(&again, &copy));
		require(copy.type == attr.type && copy.len == attr.len &&
			!memcmp(copy.value, attr.value, attr.len));
	}
	require(!stun_next(&again, &copy));
}

static void check(const guint8 *data, gsize len)
{
	struct stun_attribute attr = {};
	struct stun_message msg;
	guint16 unknown[8];
	gsize n = 0;

	if (stun_parse(&msg, data, len) != STUN_OK)
		return;
	while (stun_next(&msg, &attr)) {
		check_attribute(&msg, &attr);
		n++;
	}
	require(n <= len / 4);
	require(stun_unknown(&msg, NULL, 0, unknown, G_N_ELEMENTS(unknown)) <=
		G_N_ELEMENTS(unknown));
	require(stun_check_integrity(&msg, "", 0) != STUN_INTEGRITY_RIGHT);
	stun_check_integrity(&msg, "key", 3);
	stun_check_integrity_sha256(&msg, "key", 3, 0);
	check_rebuilt(&msg);
}

/* The same bytes as attributes below a good header, so that few inputs end at the header. */
static void check_as_attributes(const guint8 *data, gsize len)
{
	guint8 message[STUN_HEADER_LEN + MAX_LEN] = { 0x00, 0x01, 0, 0, 0x21, 0x12, 0xa4, 0x42 };

	len &= ~(gsize)3;
	message[2] = len >> 8;
	message[3] = len;
	memcpy(message + STUN_HEADER_LEN, data, len);
	check(message, STUN_HEADER_LEN + len);
}

int LLVMFuzzerTestOneInput(const guint8 *data, gsize len);

int LLVMFuzzerTestOneInput(const guint8 *data, gsize len)
{
	if (len > MAX_LEN - STUN_HEADER_LEN || !len)
		return 0;
	check(data, len);
	check_as_attributes(data, len);
	return 0;
}
