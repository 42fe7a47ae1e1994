// SPDX-License-Identifier: GPL-2.0
#include "lib/stun.h"

#include <stun/stunagent.h>
#include <string.h>

#include "stun-vectors.h"

/* ---- helpers ---- */

static gsize unhex(const char *hex, guint8 *bytes)
{
	gsize n;

	for (n = 0; hex[2 * n]; n++)
		bytes[n] = g_ascii_xdigit_value(hex[2 * n]) << 4 |
			   g_ascii_xdigit_value(hex[2 * n + 1]);
	return n;
}

/*
 * The functions under test get a copy that ends where the datagram ends, so that the address
 * sanitizer sees a read beyond it.
 */
struct datagram {
	guint8 *data;
	gsize len;
	struct stun_message msg;
};

static void datagram_clear(struct datagram *d)
{
	g_free(d->data);
}

typedef struct datagram datagram;
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(datagram, datagram_clear)

static enum stun_verdict take(struct datagram *d, const void *data, gsize len)
{
	g_free(d->data);
	d->data = len ? g_memdup2(data, len) : g_malloc(1);
	d->len = len;
	return stun_parse(&d->msg, d->data, len);
}

static enum stun_verdict take_hex(struct datagram *d, const char *hex)
{
	guint8 bytes[512];

	return take(d, bytes, unhex(hex, bytes));
}

#define HEADER(type, len) type len "2112a442b7e7a701bc34d686fa87dfae"
#define BINDING(len) HEADER("0001", len)

static const guint8 transaction_id[] = {
	0xb7, 0xe7, 0xa7, 0x01, 0xbc, 0x34, 0xd6, 0x86, 0xfa, 0x87, 0xdf, 0xae,
};

static struct endpoint ep_of(const char *text)
{
	struct endpoint ep;

	g_assert_true(endpoint_parse(text, &ep, NULL));
	return ep;
}

static void assert_endpoint(const struct endpoint *ep, const char *text)
{
	char buf[ENDPOINT_STRLEN];

	g_assert_cmpstr(endpoint_print(ep, buf), ==, text);
}

static void assert_value(const struct datagram *d, enum stun_type type, const char *value)
{
	struct stun_attribute attr;

	g_assert_true(stun_find(&d->msg, type, &attr));
	g_assert_cmpmem(attr.value, attr.len, value, strlen(value));
}

static void assert_mapped(const struct datagram *d, const char *text)
{
	struct stun_attribute attr;
	struct endpoint ep;

	g_assert_true(stun_find(&d->msg, STUN_XOR_MAPPED_ADDRESS, &attr));
	g_assert_true(stun_get_xor_address(&d->msg, &attr, &ep));
	assert_endpoint(&ep, text);
}

static enum stun_integrity check_short_term(const struct datagram *d)
{
	return stun_check_integrity(&d->msg, VECTOR_SHORT_TERM_PASSWORD,
				    strlen(VECTOR_SHORT_TERM_PASSWORD));
}

/* The long-term key of RFC 8489 section 9.2.2 with MD5 or of section 18.5.1.2 with SHA-256. */
static gsize long_term_key(GChecksumType algorithm, guint8 *key)
{
	g_autoptr(GChecksum) hash = g_checksum_new(algorithm);
	gsize len = g_checksum_type_get_length(algorithm);

	g_checksum_update(hash, (const guchar *)VECTOR_LONG_TERM_USER ":" VECTOR_LONG_TERM_REALM
			  ":" VECTOR_LONG_TERM_PASSWORD, -1);
	g_checksum_get_digest(hash, key, &len);
	return len;
}

/* ---- the vectors of the RFCs ---- */

static void test_vector_request(void)
{
	g_auto(datagram) d = {};

	g_assert_cmpint(take_hex(&d, vector_request), ==, STUN_OK);
	g_assert_cmpint(d.msg.class, ==, STUN_CLASS_REQUEST);
	g_assert_cmpint(d.msg.method, ==, STUN_METHOD_BINDING);
	g_assert_cmpmem(stun_transaction_id(&d.msg), 12, transaction_id, 12);
	g_assert_true(d.msg.fingerprint);
	assert_value(&d, STUN_SOFTWARE, "STUN test client");
	assert_value(&d, STUN_USERNAME, "evtj:h6vY");
	g_assert_cmpint(check_short_term(&d), ==, STUN_INTEGRITY_RIGHT);
	g_assert_cmpint(stun_check_integrity(&d.msg, "wrong", 5), ==, STUN_INTEGRITY_WRONG);
	g_assert_cmpint(stun_check_integrity(&d.msg, "", 0), ==, STUN_INTEGRITY_WRONG);
}

static void test_vector_response_v4(void)
{
	g_auto(datagram) d = {};

	g_assert_cmpint(take_hex(&d, vector_response_v4), ==, STUN_OK);
	g_assert_cmpint(d.msg.class, ==, STUN_CLASS_SUCCESS);
	g_assert_cmpint(d.msg.method, ==, STUN_METHOD_BINDING);
	g_assert_true(d.msg.fingerprint);
	assert_value(&d, STUN_SOFTWARE, "test vector");
	assert_mapped(&d, "192.0.2.1:32853");
	g_assert_cmpint(check_short_term(&d), ==, STUN_INTEGRITY_RIGHT);
}

static void test_vector_response_v6(void)
{
	g_auto(datagram) d = {};

	g_assert_cmpint(take_hex(&d, vector_response_v6), ==, STUN_OK);
	g_assert_cmpint(d.msg.class, ==, STUN_CLASS_SUCCESS);
	g_assert_true(d.msg.fingerprint);
	assert_mapped(&d, "[2001:db8:1234:5678:11:2233:4455:6677]:32853");
	g_assert_cmpint(check_short_term(&d), ==, STUN_INTEGRITY_RIGHT);
}

static void test_vector_long_term(void)
{
	g_auto(datagram) d = {};
	guint8 key[32];
	gsize key_len = long_term_key(G_CHECKSUM_MD5, key);

	g_assert_cmpint(take_hex(&d, vector_long_term), ==, STUN_OK);
	g_assert_false(d.msg.fingerprint);
	assert_value(&d, STUN_USERNAME, VECTOR_LONG_TERM_USER);
	assert_value(&d, STUN_NONCE, "f//499k954d6OL34oL9FSTvy64sA");
	assert_value(&d, STUN_REALM, VECTOR_LONG_TERM_REALM);
	g_assert_cmpint(stun_check_integrity(&d.msg, key, key_len), ==, STUN_INTEGRITY_RIGHT);
	g_assert_cmpint(stun_check_integrity_sha256(&d.msg, key, key_len, 32), ==,
			STUN_INTEGRITY_ABSENT);
}

static void test_vector_sha256(void)
{
	g_auto(datagram) d = {};
	guint8 key[32];
	gsize key_len = long_term_key(G_CHECKSUM_SHA256, key);

	g_assert_cmpint(take_hex(&d, vector_sha256), ==, STUN_OK);
	assert_value(&d, STUN_NONCE, "obMatJos2AAACf//499k954d6OL34oL9FSTvy64sA");
	g_assert_cmpint(stun_check_integrity_sha256(&d.msg, key, key_len, 32), ==,
			STUN_INTEGRITY_RIGHT);
	g_assert_cmpint(stun_check_integrity_sha256(&d.msg, key, key_len - 1, 32), ==,
			STUN_INTEGRITY_WRONG);
	g_assert_cmpint(stun_check_integrity(&d.msg, key, key_len), ==, STUN_INTEGRITY_ABSENT);
}

/* Writing the samples anew gives the samples, where their padding is what we write: zeros. */
static void test_vectors_rebuilt(void)
{
	guint8 expected[512], built[512], key[32];
	struct stun_builder b;
	g_auto(datagram) d = {};
	struct stun_attribute attr = {};
	gsize len = unhex(vector_long_term, expected);

	take_hex(&d, vector_long_term);
	stun_begin(&b, built, sizeof(built), STUN_CLASS_REQUEST, STUN_METHOD_BINDING, expected + 8);
	while (stun_next(&d.msg, &attr))
		stun_add(&b, attr.type, attr.value, attr.len);
	stun_add_integrity(&b, key, long_term_key(G_CHECKSUM_MD5, key));
	g_assert_cmpmem(built, stun_end(&b), expected, len);

	take_hex(&d, vector_sha256);
	len = unhex(vector_sha256, expected);
	stun_begin(&b, built, sizeof(built), STUN_CLASS_REQUEST, STUN_METHOD_BINDING, expected + 8);
	for (attr = (struct stun_attribute){}; stun_next(&d.msg, &attr);)
		stun_add(&b, attr.type, attr.value, attr.len);
	stun_add_integrity_sha256(&b, key, long_term_key(G_CHECKSUM_SHA256, key), 32);
	g_assert_cmpmem(built, stun_end(&b), expected, len);
}

static void test_vector_addresses_rebuilt(void)
{
	struct endpoint v4 = ep_of("192.0.2.1:32853"),
			v6 = ep_of("[2001:db8:1234:5678:11:2233:4455:6677]:32853");
	guint8 expected[512], built[512];
	struct stun_builder b;

	stun_begin(&b, built, sizeof(built), STUN_CLASS_SUCCESS, STUN_METHOD_BINDING, transaction_id);
	stun_add_xor_address(&b, STUN_XOR_MAPPED_ADDRESS, &v4);
	stun_add_xor_address(&b, STUN_XOR_MAPPED_ADDRESS, &v6);
	g_assert_cmpuint(stun_end(&b), ==, 20 + 12 + 24);
	unhex(vector_response_v4, expected);
	g_assert_cmpmem(built + 20, 12, expected + 36, 12);
	unhex(vector_response_v6, expected);
	g_assert_cmpmem(built + 32, 24, expected + 36, 24);
}

/* Any flipped bit of a sample is noticed: by the parser, by FINGERPRINT or by the HMAC. */
static void test_vectors_flipped(void)
{
	static const char *const vectors[] = {
		vector_request, vector_response_v4, vector_response_v6, vector_long_term,
	};
	guint8 bytes[512], key[32];
	gsize key_len = long_term_key(G_CHECKSUM_MD5, key);

	for (gsize v = 0; v < G_N_ELEMENTS(vectors); v++) {
		gsize len = unhex(vectors[v], bytes);

		for (gsize bit = 0; bit < len * 8; bit++) {
			g_auto(datagram) d = {};

			bytes[bit / 8] ^= 1 << bit % 8;
			if (take(&d, bytes, len) == STUN_OK && vectors[v] == vector_long_term)
				g_assert_cmpint(stun_check_integrity(&d.msg, key, key_len), !=,
						STUN_INTEGRITY_RIGHT);
			else if (take(&d, bytes, len) == STUN_OK)
				/* Only another type hides the FINGERPRINT, which is not covered. */
				g_assert_false(d.msg.fingerprint);
			bytes[bit / 8] ^= 1 << bit % 8;
		}
	}
}

/* ---- what is not STUN, or not well-formed ---- */

static void test_header(void)
{
	static const struct {
		const char *hex;
		enum stun_verdict verdict;
	} cases[] = {
		{ "", STUN_NOT_STUN },
		{ "00", STUN_NOT_STUN },
		{ BINDING("0000"), STUN_OK },
		{ HEADER("4001", "0000"), STUN_NOT_STUN },		/* ChannelData */
		{ HEADER("8001", "0000"), STUN_NOT_STUN },
		/* WireGuard's data message */
		{ "04000000a1b2c3d40000000000000000000102030405060708090a0b0c0d0e0f",
		  STUN_NOT_STUN },
		{ "000100002112a443b7e7a701bc34d686fa87dfae", STUN_NOT_STUN }, /* RFC 3489 */
		{ "000100002112a442b7e7a701bc34d686fa87df", STUN_NOT_STUN },
		{ BINDING("0004"), STUN_NOT_STUN },
		{ BINDING("0000") "80220000", STUN_NOT_STUN },
		{ BINDING("0004") "80220000", STUN_OK },
		{ BINDING("0003") "802200", STUN_NOT_STUN },
		{ BINDING("0005") "8022000041", STUN_NOT_STUN },
		{ BINDING("ffff"), STUN_NOT_STUN },
		{ BINDING("0004") "80220001", STUN_MALFORMED },
		{ BINDING("0004") "8022ffff", STUN_MALFORMED },
		{ BINDING("0008") "8022000441424344", STUN_OK },
		{ BINDING("0008") "8022000541424344", STUN_MALFORMED },
		{ BINDING("0008") "8022000141ffffff", STUN_OK },
		{ BINDING("000c") "802200004142434441424344", STUN_MALFORMED },
	};

	for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_auto(datagram) d = {};

		if (take_hex(&d, cases[i].hex) != cases[i].verdict)
			g_error("%s: not %d", cases[i].hex, cases[i].verdict);
	}
}

static void test_type_bits(void)
{
	g_auto(datagram) d = {};

	for (guint type = 0; type < 0x4000; type++) {
		g_autofree char *hex = g_strdup_printf("%04x00002112a442b7e7a701bc34d686fa87dfae",
						       type);
		guint8 built[STUN_HEADER_LEN];
		struct stun_builder b;

		g_assert_cmpint(take_hex(&d, hex), ==, STUN_OK);
		stun_begin(&b, built, sizeof(built), d.msg.class, d.msg.method, transaction_id);
		g_assert_cmpmem(built, stun_end(&b), d.data, d.len);
	}
	take_hex(&d, HEADER("0113", "0000"));
	g_assert_cmpint(d.msg.class, ==, STUN_CLASS_ERROR);
	g_assert_cmpint(d.msg.method, ==, 3);
	take_hex(&d, HEADER("0016", "0000"));
	g_assert_cmpint(d.msg.class, ==, STUN_CLASS_INDICATION);
	g_assert_cmpint(d.msg.method, ==, 6);
}

/* Every prefix of a message is something else, whether or not its length field is made to fit. */
static void test_truncated(void)
{
	guint8 bytes[512];
	gsize len = unhex(vector_request, bytes);

	for (gsize cut = 0; cut < len; cut++) {
		g_auto(datagram) d = {};
		struct stun_attribute attr = {};
		enum stun_verdict verdict;

		bytes[3] = 0x58;
		g_assert_cmpint(take(&d, bytes, cut), ==, STUN_NOT_STUN);
		bytes[3] = cut - STUN_HEADER_LEN;
		verdict = take(&d, bytes, cut);
		if (verdict == STUN_OK)
			while (stun_next(&d.msg, &attr))
				;
		g_assert_true(!d.msg.fingerprint);
	}
}

static void test_fingerprint_place(void)
{
	g_auto(datagram) d = {};
	guint8 built[128];
	struct stun_builder b;

	stun_begin(&b, built, sizeof(built), STUN_CLASS_REQUEST, STUN_METHOD_BINDING, transaction_id);
	stun_add_fingerprint(&b);
	g_assert_cmpint(take(&d, built, stun_end(&b)), ==, STUN_OK);
	g_assert_true(d.msg.fingerprint);

	built[STUN_HEADER_LEN + 4] ^= 1;
	g_assert_cmpint(take(&d, built, stun_end(&b)), ==, STUN_NOT_STUN);
	built[STUN_HEADER_LEN + 4] ^= 1;

	stun_add_fingerprint(&b);
	g_assert_cmpint(take(&d, built, stun_end(&b)), ==, STUN_MALFORMED);

	g_assert_cmpint(take_hex(&d, BINDING("000c") "8028000811223344" "55667788"), ==,
			STUN_MALFORMED);
	g_assert_cmpint(take_hex(&d, BINDING("0004") "80280000"), ==, STUN_MALFORMED);
}

/* ---- integrity ---- */

static void begin_request(struct stun_builder *b, guint8 *buf, gsize size)
{
	stun_begin(b, buf, size, STUN_CLASS_REQUEST, STUN_METHOD_BINDING, transaction_id);
	stun_add(b, STUN_USERNAME, "me", 2);
}

static void test_after_integrity(void)
{
	g_auto(datagram) d = {};
	struct stun_attribute attr = {};
	struct stun_builder b;
	guint8 built[256];
	guint16 unknown[4];

	begin_request(&b, built, sizeof(built));
	stun_add_integrity(&b, "key", 3);
	stun_add(&b, 0x7fff, "late", 4);
	stun_add_integrity_sha256(&b, "key", 3, 32);
	stun_add(&b, 0x7ffe, "later", 5);
	stun_add_integrity(&b, "other", 5);
	stun_add_fingerprint(&b);

	g_assert_cmpint(take(&d, built, stun_end(&b)), ==, STUN_OK);
	g_assert_true(d.msg.fingerprint);
	g_assert_true(stun_next(&d.msg, &attr));
	g_assert_cmpint(attr.type, ==, STUN_USERNAME);
	g_assert_false(stun_next(&d.msg, &attr));
	g_assert_cmpuint(stun_unknown(&d.msg, NULL, 0, unknown, 4), ==, 1);
	g_assert_cmpint(unknown[0], ==, STUN_USERNAME);
	g_assert_cmpint(stun_check_integrity(&d.msg, "key", 3), ==, STUN_INTEGRITY_RIGHT);
	g_assert_cmpint(stun_check_integrity_sha256(&d.msg, "key", 3, 32), ==,
			STUN_INTEGRITY_RIGHT);
}

/* After the stronger one, MESSAGE-INTEGRITY is among what does not count. */
static void test_integrity_order(void)
{
	g_auto(datagram) d = {};
	struct stun_builder b;
	guint8 built[256];

	begin_request(&b, built, sizeof(built));
	stun_add_integrity_sha256(&b, "key", 3, 32);
	stun_add_integrity(&b, "key", 3);
	g_assert_cmpint(take(&d, built, stun_end(&b)), ==, STUN_OK);
	g_assert_cmpint(stun_check_integrity(&d.msg, "key", 3), ==, STUN_INTEGRITY_ABSENT);
	g_assert_cmpint(stun_check_integrity_sha256(&d.msg, "key", 3, 32), ==,
			STUN_INTEGRITY_RIGHT);
}

static void test_integrity_cut(void)
{
	for (gsize len = 0; len <= 40; len++) {
		bool valid = len >= 16 && len <= 32 && len % 4 == 0;
		g_auto(datagram) d = {};
		struct stun_builder b;
		guint8 built[256];

		begin_request(&b, built, sizeof(built));
		stun_add_integrity_sha256(&b, "key", 3, len);
		g_assert_cmpint(stun_end(&b) != 0, ==, valid);
		if (!valid)
			continue;
		g_assert_cmpint(take(&d, built, stun_end(&b)), ==, STUN_OK);
		g_assert_cmpint(stun_check_integrity_sha256(&d.msg, "key", 3, 0), ==,
				STUN_INTEGRITY_RIGHT);
		g_assert_cmpint(stun_check_integrity_sha256(&d.msg, "key", 3, len), ==,
				STUN_INTEGRITY_RIGHT);
		g_assert_cmpint(stun_check_integrity_sha256(&d.msg, "key", 3, len + 1), ==,
				STUN_INTEGRITY_WRONG);
	}
}

/* A value of a length that no HMAC has is wrong, however it compares. */
static void test_integrity_length(void)
{
	static const gsize lengths[] = { 0, 4, 12, 15, 17, 19, 21, 24, 33, 36, 64 };
	static const guint8 zeros[64];

	for (gsize i = 0; i < G_N_ELEMENTS(lengths); i++) {
		g_auto(datagram) d = {};
		struct stun_builder b;
		guint8 built[256];

		begin_request(&b, built, sizeof(built));
		stun_add(&b, STUN_MESSAGE_INTEGRITY, zeros, lengths[i]);
		stun_add(&b, STUN_MESSAGE_INTEGRITY_SHA256, zeros, lengths[i]);
		g_assert_cmpint(take(&d, built, stun_end(&b)), ==, STUN_OK);
		g_assert_cmpint(stun_check_integrity(&d.msg, "key", 3), ==, STUN_INTEGRITY_WRONG);
		g_assert_cmpint(stun_check_integrity_sha256(&d.msg, "key", 3, 0), ==,
				STUN_INTEGRITY_WRONG);
	}
}

/* ---- attributes ---- */

static void test_unknown(void)
{
	static const guint16 known[] = { STUN_USERNAME, STUN_REALM };
	g_auto(datagram) d = {};
	guint16 unknown[4];

	take_hex(&d, BINDING("0024")
		 "00060000" "00240004" "6e0001ff" "7fff0000" "80290000" "00240000" "00030000"
		 "00140000" "00250000");
	g_assert_cmpuint(stun_unknown(&d.msg, known, 2, unknown, 4), ==, 4);
	g_assert_cmphex(unknown[0], ==, 0x0024);
	g_assert_cmphex(unknown[1], ==, 0x7fff);
	g_assert_cmphex(unknown[2], ==, 0x0003);
	g_assert_cmphex(unknown[3], ==, 0x0025);
	g_assert_cmpuint(stun_unknown(&d.msg, known, 2, unknown, 2), ==, 2);
	g_assert_cmpuint(stun_unknown(&d.msg, known, 2, unknown, 0), ==, 0);
}

static void test_first_counts(void)
{
	g_auto(datagram) d = {};

	g_assert_cmpint(take_hex(&d, BINDING("0010") "0006000141000000" "0006000142000000"), ==,
			STUN_OK);
	assert_value(&d, STUN_USERNAME, "A");
}

static void test_bad_addresses(void)
{
	static const char *const bad[] = {
		"00200000", "0020000400010000", "0020000800020000" "01020304",
		"0020000800000000" "01020304", "0020000700010000" "01020300",
		"0020000900010000" "0102030405000000", "0020001000010000" "010203040506070809101112",
		"0020001400010000" "01020304050607080910111213141516",
		"0020001400030000" "01020304050607080910111213141516",
	};

	for (gsize i = 0; i < G_N_ELEMENTS(bad); i++) {
		g_autofree char *hex = g_strdup_printf("0001%04zx2112a442b7e7a701bc34d686fa87dfae%s",
						       strlen(bad[i]) / 2, bad[i]);
		struct endpoint ep = ep_of("1.1.1.1:1");
		struct stun_attribute attr;
		g_auto(datagram) d = {};

		g_assert_cmpint(take_hex(&d, hex), ==, STUN_OK);
		g_assert_true(stun_find(&d.msg, STUN_XOR_MAPPED_ADDRESS, &attr));
		g_assert_false(stun_get_xor_address(&d.msg, &attr, &ep));
		g_assert_false(stun_get_address(&attr, &ep));
		assert_endpoint(&ep, "1.1.1.1:1");
	}
}

static void test_plain_address(void)
{
	struct endpoint v4 = ep_of("192.0.2.1:258"), v6 = ep_of("[2001:db8::9]:258"), ep;
	struct stun_attribute attr;
	g_auto(datagram) d = {};
	struct stun_builder b;
	guint8 built[128];

	stun_begin(&b, built, sizeof(built), STUN_CLASS_SUCCESS, STUN_METHOD_BINDING, transaction_id);
	stun_add_address(&b, STUN_MAPPED_ADDRESS, &v4);
	stun_add_address(&b, STUN_ALTERNATE_SERVER, &v6);
	g_assert_cmpint(take(&d, built, stun_end(&b)), ==, STUN_OK);
	g_assert_true(stun_find(&d.msg, STUN_MAPPED_ADDRESS, &attr));
	g_assert_cmpmem(attr.value, attr.len, "\x00\x01\x01\x02\xc0\x00\x02\x01", 8);
	g_assert_true(stun_get_address(&attr, &ep));
	g_assert_true(endpoint_equal(&ep, &v4));
	g_assert_true(stun_find(&d.msg, STUN_ALTERNATE_SERVER, &attr));
	g_assert_true(stun_get_address(&attr, &ep));
	g_assert_true(endpoint_equal(&ep, &v6));
}

static void test_error_and_unknown(void)
{
	static const guint16 types[] = { 0x0003, 0x7fff, 0x0024 };
	guint16 back[4];
	struct stun_attribute attr;
	g_auto(datagram) d = {};
	struct stun_builder b;
	guint8 built[128];
	const char *reason;
	gsize reason_len;
	guint code;

	stun_begin(&b, built, sizeof(built), STUN_CLASS_ERROR, STUN_METHOD_BINDING, transaction_id);
	stun_add_error(&b, 420, "Unknown");
	stun_add_unknown(&b, types, 3);
	g_assert_cmpint(take(&d, built, stun_end(&b)), ==, STUN_OK);
	g_assert_cmpint(d.msg.class, ==, STUN_CLASS_ERROR);

	g_assert_true(stun_find(&d.msg, STUN_ERROR_CODE, &attr));
	g_assert_cmpmem(attr.value, attr.len, "\0\0\x04\x14Unknown", 11);
	g_assert_true(stun_get_error(&attr, &code, &reason, &reason_len));
	g_assert_cmpuint(code, ==, 420);
	g_assert_cmpmem(reason, reason_len, "Unknown", 7);

	g_assert_true(stun_find(&d.msg, STUN_UNKNOWN_ATTRIBUTES, &attr));
	g_assert_cmpuint(stun_get_unknown(&attr, back, 4), ==, 3);
	g_assert_cmpmem(back, sizeof(types), types, sizeof(types));
	g_assert_cmpuint(stun_get_unknown(&attr, back, 1), ==, 1);
}

static void test_bad_errors(void)
{
	static const char *const bad[] = {
		"00090000", "0009000300000400", "0009000400000200", "0009000400000700",
		"0009000400000464",
	};

	for (gsize i = 0; i < G_N_ELEMENTS(bad); i++) {
		g_autofree char *hex = g_strdup_printf("0111%04zx2112a442b7e7a701bc34d686fa87dfae%s",
						       strlen(bad[i]) / 2, bad[i]);
		struct stun_attribute attr;
		g_auto(datagram) d = {};
		const char *reason;
		gsize len;
		guint code;

		g_assert_cmpint(take_hex(&d, hex), ==, STUN_OK);
		g_assert_true(stun_find(&d.msg, STUN_ERROR_CODE, &attr));
		g_assert_false(stun_get_error(&attr, &code, &reason, &len));
	}
}

/* ---- the builder's bounds ---- */

static void build_all(struct stun_builder *b, guint8 *buf, gsize size)
{
	static const guint16 types[] = { 1, 2, 3 };
	struct endpoint v4 = ep_of("192.0.2.1:1"), v6 = ep_of("[2001:db8::1]:1");

	stun_begin(b, buf, size, STUN_CLASS_ERROR, STUN_METHOD_BINDING, transaction_id);
	stun_add_xor_address(b, STUN_XOR_MAPPED_ADDRESS, &v6);
	stun_add_address(b, STUN_MAPPED_ADDRESS, &v4);
	stun_add_error(b, 420, "Unknown");
	stun_add_unknown(b, types, 3);
	stun_add(b, STUN_SOFTWARE, "x", 1);
	stun_add_integrity(b, "key", 3);
	stun_add_integrity_sha256(b, "key", 3, 32);
	stun_add_fingerprint(b);
}

static void test_builder_bounds(void)
{
	guint8 whole[512];
	struct stun_builder b;
	gsize len, size;

	build_all(&b, whole, sizeof(whole));
	len = stun_end(&b);
	g_assert_cmpuint(len, ==, 20 + 24 + 12 + 16 + 12 + 8 + 24 + 36 + 8);

	for (size = 0; size <= len; size++) {
		g_autofree guint8 *buf = g_malloc(MAX(size, 1));

		build_all(&b, buf, size);
		g_assert_cmpuint(stun_end(&b), ==, size == len ? len : 0);
	}
}

static void test_builder_refuses(void)
{
	g_autofree char *long_reason = g_strnfill(128, 'x');
	g_autofree guint8 *big = g_malloc0(80000);
	struct endpoint unset = {};
	struct stun_builder b;
	guint8 buf[256];

#define REFUSED(buf, size, step) \
	do { \
		stun_begin(&b, buf, size, STUN_CLASS_REQUEST, STUN_METHOD_BINDING, transaction_id); \
		step; \
		g_assert_cmpuint(stun_end(&b), ==, 0); \
	} while (0)

	REFUSED(buf, sizeof(buf), stun_add_xor_address(&b, STUN_XOR_MAPPED_ADDRESS, &unset));
	REFUSED(buf, sizeof(buf), stun_add_error(&b, 299, ""));
	REFUSED(buf, sizeof(buf), stun_add_error(&b, 700, ""));
	REFUSED(buf, sizeof(buf), stun_add_error(&b, 400, long_reason));
	REFUSED(buf, sizeof(buf), stun_add_error(&b, 400, "\xff"));
	REFUSED(buf, sizeof(buf), stun_add_integrity(&b, "", 0));
	REFUSED(buf, sizeof(buf), stun_add_integrity_sha256(&b, "", 0, 32));
	REFUSED(big, 80000, stun_add(&b, STUN_SOFTWARE, buf, 65536));

	stun_begin(&b, buf, sizeof(buf), STUN_CLASS_REQUEST, 0x1000, transaction_id);
	g_assert_cmpuint(stun_end(&b), ==, 0);

	/* The longest message there can be. */
	stun_begin(&b, big, 80000, STUN_CLASS_REQUEST, STUN_METHOD_BINDING, transaction_id);
	stun_add(&b, STUN_SOFTWARE, buf, 0);
	for (int i = 0; i < 2000; i++)
		stun_add(&b, STUN_SOFTWARE, buf, 28);
	g_assert_cmpuint(stun_end(&b), ==, 20 + 4 + 2000 * 32);
	stun_add(&b, STUN_SOFTWARE, "", 0);
	g_assert_cmpuint(stun_end(&b), !=, 0);
	for (int i = 0; i < 100; i++)
		stun_add(&b, STUN_SOFTWARE, buf, 28);
	g_assert_cmpuint(stun_end(&b), ==, 0);
}

/* ---- libnice as the oracle ---- */

static bool nice_credentials(StunAgent *agent, StunMessage *message, uint8_t *username,
			     uint16_t username_len, uint8_t **password, size_t *password_len,
			     void *data)
{
	(void)agent, (void)message, (void)username, (void)username_len, (void)data;
	*password = (uint8_t *)VECTOR_SHORT_TERM_PASSWORD;
	*password_len = strlen(VECTOR_SHORT_TERM_PASSWORD);
	return true;
}

static void nice_init(StunAgent *agent)
{
	static const uint16_t known[] = {
		STUN_USERNAME, STUN_MESSAGE_INTEGRITY, STUN_XOR_MAPPED_ADDRESS,
		STUN_MAPPED_ADDRESS, 0,
	};

	stun_agent_init(agent, known, STUN_COMPATIBILITY_RFC5389,
			STUN_AGENT_USAGE_SHORT_TERM_CREDENTIALS | STUN_AGENT_USAGE_USE_FINGERPRINT);
}

static struct endpoint random_endpoint(void)
{
	guint8 bytes[16];
	struct endpoint ep;

	for (gsize i = 0; i < sizeof(bytes); i++)
		bytes[i] = g_test_rand_int();
	endpoint_from_address(&ep, bytes, g_test_rand_bit() ? 4 : 16, g_test_rand_int() & 0xffff);
	return ep;
}

static void test_nice_reads_ours(void)
{
	for (int round = 0; round < 500; round++) {
		struct endpoint xored = random_endpoint(), plain = random_endpoint(), back = {};
		g_autofree char *user = g_strnfill(g_test_rand_int_range(1, 40), 'u');
		struct sockaddr_storage address;
		socklen_t address_len = sizeof(address);
		guint8 id[12], buf[512];
		struct stun_builder b;
		StunMessage message;
		StunAgent agent;
		uint16_t len;

		for (gsize i = 0; i < sizeof(id); i++)
			id[i] = g_test_rand_int();
		stun_begin(&b, buf, sizeof(buf), STUN_CLASS_REQUEST, STUN_METHOD_BINDING, id);
		stun_add(&b, STUN_USERNAME, user, strlen(user));
		stun_add_xor_address(&b, STUN_XOR_MAPPED_ADDRESS, &xored);
		stun_add_address(&b, STUN_MAPPED_ADDRESS, &plain);
		stun_add_integrity(&b, VECTOR_SHORT_TERM_PASSWORD,
				   strlen(VECTOR_SHORT_TERM_PASSWORD));
		stun_add_fingerprint(&b);

		nice_init(&agent);
		g_assert_cmpint(stun_agent_validate(&agent, &message, buf, stun_end(&b),
						    nice_credentials, NULL), ==,
				STUN_VALIDATION_SUCCESS);
		g_assert_cmpmem(stun_message_find(&message, STUN_ATTRIBUTE_USERNAME, &len),
				strlen(user), user, strlen(user));
		g_assert_cmpint(stun_message_find_xor_addr(&message,
							   STUN_ATTRIBUTE_XOR_MAPPED_ADDRESS,
							   &address, &address_len), ==,
				STUN_MESSAGE_RETURN_SUCCESS);
		endpoint_from_sockaddr(&back, (struct sockaddr *)&address, address_len);
		g_assert_true(endpoint_equal(&xored, &back));
		address_len = sizeof(address);
		g_assert_cmpint(stun_message_find_addr(&message, STUN_ATTRIBUTE_MAPPED_ADDRESS,
						       &address, &address_len), ==,
				STUN_MESSAGE_RETURN_SUCCESS);
		endpoint_from_sockaddr(&back, (struct sockaddr *)&address, address_len);
		g_assert_true(endpoint_equal(&plain, &back));
	}
}

static void test_we_read_nice(void)
{
	for (int round = 0; round < 500; round++) {
		struct endpoint xored = random_endpoint();
		char expected[ENDPOINT_STRLEN];
		StunMessage message;
		StunAgent agent;
		g_auto(datagram) d = {};
		guint8 buf[512];
		size_t len;

		nice_init(&agent);
		g_assert_true(stun_agent_init_request(&agent, &message, buf, sizeof(buf),
						      (StunMethod)STUN_METHOD_BINDING));
		stun_message_append_string(&message, STUN_ATTRIBUTE_USERNAME, "someone");
		stun_message_append_xor_addr(&message, STUN_ATTRIBUTE_XOR_MAPPED_ADDRESS,
					     (struct sockaddr_storage *)&xored,
					     endpoint_socklen(&xored));
		len = stun_agent_finish_message(&agent, &message,
						(const uint8_t *)VECTOR_SHORT_TERM_PASSWORD,
						strlen(VECTOR_SHORT_TERM_PASSWORD));
		g_assert_cmpuint(len, >, 0);

		g_assert_cmpint(take(&d, buf, len), ==, STUN_OK);
		g_assert_true(d.msg.fingerprint);
		assert_value(&d, STUN_USERNAME, "someone");
		assert_mapped(&d, endpoint_print(&xored, expected));
		g_assert_cmpint(check_short_term(&d), ==, STUN_INTEGRITY_RIGHT);
	}
}

/*
 * Damage the samples at random: what we take for well-formed, libnice does too. (It takes more: a
 * datagram that is longer than the message, for one.)
 */
static void test_nice_agrees(void)
{
	static const char *const vectors[] = { vector_request, vector_long_term, vector_sha256 };
	guint accepted = 0;

	for (int round = 0; round < 20000; round++) {
		guint8 bytes[512];
		gsize len = unhex(vectors[round % 3], bytes);
		g_auto(datagram) d = {};

		for (int i = g_test_rand_int_range(1, 4); i > 0; i--)
			bytes[g_test_rand_int_range(0, len)] = g_test_rand_int();
		if (take(&d, bytes, len) != STUN_OK)
			continue;
		accepted++;
		g_assert_cmpint(stun_message_validate_buffer_length(bytes, len, true), ==, len);
	}
	g_assert_cmpuint(accepted, >, 100);
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/stun/vector/request", test_vector_request);
	g_test_add_func("/stun/vector/response-v4", test_vector_response_v4);
	g_test_add_func("/stun/vector/response-v6", test_vector_response_v6);
	g_test_add_func("/stun/vector/long-term", test_vector_long_term);
	g_test_add_func("/stun/vector/sha256", test_vector_sha256);
	g_test_add_func("/stun/vector/rebuilt", test_vectors_rebuilt);
	g_test_add_func("/stun/vector/addresses-rebuilt", test_vector_addresses_rebuilt);
	g_test_add_func("/stun/vector/flipped", test_vectors_flipped);
	g_test_add_func("/stun/header", test_header);
	g_test_add_func("/stun/type-bits", test_type_bits);
	g_test_add_func("/stun/truncated", test_truncated);
	g_test_add_func("/stun/fingerprint-place", test_fingerprint_place);
	g_test_add_func("/stun/integrity/after", test_after_integrity);
	g_test_add_func("/stun/integrity/order", test_integrity_order);
	g_test_add_func("/stun/integrity/cut", test_integrity_cut);
	g_test_add_func("/stun/integrity/length", test_integrity_length);
	g_test_add_func("/stun/attribute/unknown", test_unknown);
	g_test_add_func("/stun/attribute/first-counts", test_first_counts);
	g_test_add_func("/stun/attribute/bad-addresses", test_bad_addresses);
	g_test_add_func("/stun/attribute/plain-address", test_plain_address);
	g_test_add_func("/stun/attribute/error-and-unknown", test_error_and_unknown);
	g_test_add_func("/stun/attribute/bad-errors", test_bad_errors);
	g_test_add_func("/stun/builder/bounds", test_builder_bounds);
	g_test_add_func("/stun/builder/refuses", test_builder_refuses);
	g_test_add_func("/stun/libnice/reads-ours", test_nice_reads_ours);
	g_test_add_func("/stun/libnice/we-read-it", test_we_read_nice);
	g_test_add_func("/stun/libnice/agrees", test_nice_agrees);
	return g_test_run();
}
