// SPDX-License-Identifier: GPL-2.0
/* What the relay answers to a datagram, without sockets. */
#include "relay/dispatch.h"

#include <sodium.h>

#include "lib/stun.h"
#include "stun-vectors.h"

struct fixture {
	struct dispatcher dispatcher;
	guint8 request[512], answer[LISTENER_ANSWER_MAX];
	gsize request_len, answer_len;
	gint64 now_us;
	struct stun_message response;
};

static void setup(struct fixture *f, gconstpointer unused G_GNUC_UNUSED)
{
	f->dispatcher.strangers = dispatch_strangers_new();
}

static void teardown(struct fixture *f, gconstpointer unused G_GNUC_UNUSED)
{
	rate_table_free(f->dispatcher.strangers);
}

static struct endpoint ep_of(const char *text)
{
	struct endpoint ep;

	g_assert_true(endpoint_parse(text, &ep, NULL));
	return ep;
}

static void ask_anything(struct fixture *f, const char *source)
{
	struct datagram datagram = {
		.data = f->request,
		.len = f->request_len,
		.source = ep_of(source),
		.received_us = f->now_us,
	};

	f->answer_len = dispatch(&f->dispatcher, &datagram, f->answer);
}

/* Send f->request. */
static void ask(struct fixture *f, const char *source)
{
	ask_anything(f, source);
	if (f->answer_len)
		g_assert_cmpint(stun_parse(&f->response, f->answer, f->answer_len), ==, STUN_OK);
}

static void set_request(struct fixture *f, const char *hex)
{
	for (f->request_len = 0; hex[2 * f->request_len]; f->request_len++)
		f->request[f->request_len] =
			g_ascii_xdigit_value(hex[2 * f->request_len]) << 4 |
			g_ascii_xdigit_value(hex[2 * f->request_len + 1]);
}

static void ask_hex(struct fixture *f, const char *source, const char *hex)
{
	set_request(f, hex);
	ask(f, source);
}

#define ID "2112a442000102030405060708090a0b"
#define BARE "00010000" ID

static void build_request(struct fixture *f, const guint16 *types, gsize n, bool fingerprint)
{
	static const guint8 id[STUN_TRANSACTION_ID_LEN] = "transaction";
	struct stun_builder b;

	stun_begin(&b, f->request, sizeof(f->request), STUN_CLASS_REQUEST, STUN_METHOD_BINDING, id);
	for (gsize i = 0; i < n; i++)
		stun_add(&b, types[i], NULL, 0);
	if (fingerprint)
		stun_add_fingerprint(&b);
	f->request_len = stun_end(&b);
	g_assert_cmpuint(f->request_len, !=, 0);
}

static void assert_mapped(struct fixture *f, const char *expected)
{
	struct stun_attribute attr = {};
	char buf[ENDPOINT_STRLEN];
	struct endpoint ep;

	g_assert_cmpint(f->response.class, ==, STUN_CLASS_SUCCESS);
	g_assert_cmpint(f->response.method, ==, STUN_METHOD_BINDING);
	g_assert_cmpmem(stun_transaction_id(&f->response), 12, f->request + 8, 12);
	g_assert_true(stun_next(&f->response, &attr));
	g_assert_cmpint(attr.type, ==, STUN_XOR_MAPPED_ADDRESS);
	g_assert_true(stun_get_xor_address(&f->response, &attr, &ep));
	g_assert_cmpstr(endpoint_print(&ep, buf), ==, expected);
	g_assert_false(stun_next(&f->response, &attr));
}

static void test_minimal(struct fixture *f, gconstpointer unused G_GNUC_UNUSED)
{
	ask_hex(f, "192.0.2.1:1234", BARE);
	g_assert_cmpuint(f->answer_len, ==, 32);
	g_assert_false(f->response.fingerprint);
	assert_mapped(f, "192.0.2.1:1234");

	ask_hex(f, "[2001:db8::1]:65535", BARE);
	g_assert_cmpuint(f->answer_len, ==, 44);
	assert_mapped(f, "[2001:db8::1]:65535");
}

static void test_fingerprint(struct fixture *f, gconstpointer unused G_GNUC_UNUSED)
{
	build_request(f, NULL, 0, true);
	ask(f, "192.0.2.1:1234");
	g_assert_cmpuint(f->answer_len, ==, 40);
	g_assert_true(f->response.fingerprint);
	assert_mapped(f, "192.0.2.1:1234");
}

/* libnice asks without the cookie. */
static void test_classic(struct fixture *f, gconstpointer unused G_GNUC_UNUSED)
{
	static const guint8 begin[] = { 0x01, 0x01, 0x00, 0x0c };
	static const guint8 mapped[] = { 0x00, 0x01, 0x00, 0x08, 0x00, 0x01,
					 0x04, 0xd2, 192,  0,	 2,    1 };

	set_request(f, "00010000000102030405060708090a0b0c0d0e0f");
	ask_anything(f, "192.0.2.1:1234");
	g_assert_cmpuint(f->answer_len, ==, 32);
	g_assert_cmpmem(f->answer, 4, begin, sizeof(begin));
	g_assert_cmpmem(f->answer + 4, 16, f->request + 4, 16);
	g_assert_cmpmem(f->answer + 20, 12, mapped, sizeof(mapped));

	ask_anything(f, "[2001:db8::1]:1234");
	g_assert_cmpuint(f->answer_len, ==, 44);
	ask_anything(f, "192.0.2.1:0");
	g_assert_cmpuint(f->answer_len, ==, 0);
}

/* A client that offers credentials or describes itself is answered like any other. */
static void test_credentials_are_ignored(struct fixture *f, gconstpointer unused G_GNUC_UNUSED)
{
	ask_hex(f, "192.0.2.1:1234", vector_long_term);
	assert_mapped(f, "192.0.2.1:1234");
	ask_hex(f, "192.0.2.1:1234", vector_sha256);
	assert_mapped(f, "192.0.2.1:1234");
}

static void assert_unknown(struct fixture *f, const guint16 *expected, gsize n)
{
	struct stun_attribute attr;
	guint16 types[128];
	const char *reason;
	gsize reason_len;
	guint code;

	g_assert_cmpint(f->response.class, ==, STUN_CLASS_ERROR);
	g_assert_true(stun_find(&f->response, STUN_ERROR_CODE, &attr));
	g_assert_true(stun_get_error(&attr, &code, &reason, &reason_len));
	g_assert_cmpuint(code, ==, 420);
	g_assert_true(stun_find(&f->response, STUN_UNKNOWN_ATTRIBUTES, &attr));
	g_assert_cmpuint(attr.len, ==, n * 2);
	g_assert_cmpuint(stun_get_unknown(&attr, types, G_N_ELEMENTS(types)), ==, n);
	g_assert_cmpmem(types, n * 2, expected, n * 2);
}

static void test_unknown(struct fixture *f, gconstpointer unused G_GNUC_UNUSED)
{
	static const guint16 types[] = { STUN_USERNAME, 0x0003, 0xffff, 0x7fff, 0x0003 };
	static const guint16 priority[] = { 0x0024 };

	build_request(f, types, G_N_ELEMENTS(types), false);
	ask(f, "192.0.2.1:1234");
	assert_unknown(f, (const guint16[]){ 0x0003, 0x7fff }, 2);
	g_assert_false(f->response.fingerprint);

	ask_hex(f, "192.0.2.1:1234", vector_request);
	assert_unknown(f, priority, 1);
	g_assert_true(f->response.fingerprint);
}

/* However many are unknown: told up to 64, and no answer beyond 1.5 times its request. */
static void test_unknown_sizes(struct fixture *f, gconstpointer unused G_GNUC_UNUSED)
{
	guint16 types[100];

	for (gsize n = 1; n <= G_N_ELEMENTS(types); n++) {
		types[n - 1] = 0x4000 + n;
		for (int fingerprint = 0; fingerprint <= 1; fingerprint++) {
			build_request(f, types, n, fingerprint);
			ask(f, "[2001:db8::1]:1234");
			assert_unknown(f, types, MIN(n, 64));
			g_assert_cmpuint(f->answer_len * 2, <=, f->request_len * 3);
		}
	}
}

static void test_silence(struct fixture *f, gconstpointer unused G_GNUC_UNUSED)
{
	static const char *const ignored[] = {
		"",
		"00010000",
		"00110000" ID,				/* Binding indication */
		"01010000" ID,				/* Binding success response */
		"01110000" ID,				/* Binding error response */
		"00030000" ID,				/* Allocate request */
		"00020000" ID,				/* RFC 3489 Shared Secret request */
		"000100042112a443000102030405060708090a0b00030000", /* no cookie, and attributes */
		BARE "00000000",			/* longer than it says */
		"00010004" ID "80220004",		/* an attribute that does not fit */
		"00010008" ID "8028000400000000",	/* a wrong FINGERPRINT */
		"4000001000010000" ID,			/* in ChannelData */
	};

	for (gsize i = 0; i < G_N_ELEMENTS(ignored); i++) {
		ask_hex(f, "192.0.2.1:1234", ignored[i]);
		g_assert_cmpuint(f->answer_len, ==, 0);
	}
	ask_hex(f, "192.0.2.1:0", BARE);
	g_assert_cmpuint(f->answer_len, ==, 0);
}

static guint answers(struct fixture *f, const char *source, guint requests)
{
	guint n = 0;

	while (requests--) {
		ask_hex(f, source, BARE);
		n += f->answer_len != 0;
	}
	return n;
}

static void test_limit(struct fixture *f, gconstpointer unused G_GNUC_UNUSED)
{
	const guint host = DISPATCH_BURST_HOST;

	g_assert_cmpuint(answers(f, "192.0.2.1:1", 200), ==, 200);
	g_assert_cmpuint(answers(f, "192.0.2.1:9", 500), ==, host - 200);
	g_assert_cmpuint(answers(f, "192.0.2.2:1", 500), ==, host);
	g_assert_cmpuint(answers(f, "192.0.3.1:1", 500), ==, host);

	g_assert_cmpuint(answers(f, "[2001:db8:0:100::1]:1", 200), ==, 200);
	g_assert_cmpuint(answers(f, "[2001:db8::100:0:0:0:2]:9", 500), ==, host - 200);
	g_assert_cmpuint(answers(f, "[2001:db8:0:200::1]:1", 500), ==, host);
}

/* So many requests, each from another host or, with IPv6, another /64 of a network. */
static guint answers_from_all(struct fixture *f, const char *format, guint n)
{
	guint answered = 0;

	for (guint i = 0; i < n; i++) {
		g_autofree char *source = g_strdup_printf(format, i % 256);

		answered += answers(f, source, 1);
	}
	return answered;
}

static void test_limit_of_networks(struct fixture *f, gconstpointer unused G_GNUC_UNUSED)
{
	g_assert_cmpuint(answers_from_all(f, "192.0.2.%u:1", 5000), ==, DISPATCH_BURST_NETWORK);
	g_assert_cmpuint(answers(f, "192.0.3.1:1", 1), ==, 1);

	/* a customer leaves something to the others of its provider */
	g_assert_cmpuint(answers_from_all(f, "[2001:db8:0:1%02x::1]:1", 5000), ==,
			 DISPATCH_BURST_SITE);
	g_assert_cmpuint(answers(f, "[2001:db8:0:200::1]:1", 500), ==, DISPATCH_BURST_HOST);
	g_assert_cmpuint(answers(f, "[2001:db8:1::1]:1", 1), ==, 1);
}

/* What gets no answer anyway takes nothing from those who share the prefix. */
static void test_limit_counts_answers(struct fixture *f, gconstpointer unused G_GNUC_UNUSED)
{
	for (int i = 0; i < 1000; i++)
		ask_hex(f, "192.0.2.1:1", "00030000" ID);
	g_assert_cmpuint(answers(f, "192.0.2.1:1", 500), ==, DISPATCH_BURST_HOST);
}

static void test_limit_refills(struct fixture *f, gconstpointer unused G_GNUC_UNUSED)
{
	guint allowed = 0;

	for (f->now_us = 0; f->now_us < G_USEC_PER_SEC; f->now_us += 1000)
		allowed += answers(f, "192.0.2.1:1", 1);
	g_assert_cmpuint(allowed, ==,
			 DISPATCH_BURST_HOST + G_USEC_PER_SEC / DISPATCH_INTERVAL_US - 1);
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_assert_cmpint(sodium_init(), >=, 0);
#define ADD(name, function) g_test_add(name, struct fixture, NULL, setup, function, teardown)
	ADD("/relay/binding/minimal", test_minimal);
	ADD("/relay/binding/fingerprint", test_fingerprint);
	ADD("/relay/binding/credentials-are-ignored", test_credentials_are_ignored);
	ADD("/relay/binding/classic", test_classic);
	ADD("/relay/binding/unknown", test_unknown);
	ADD("/relay/binding/unknown-sizes", test_unknown_sizes);
	ADD("/relay/silence", test_silence);
	ADD("/relay/limit/prefix", test_limit);
	ADD("/relay/limit/networks", test_limit_of_networks);
	ADD("/relay/limit/counts-answers", test_limit_counts_answers);
	ADD("/relay/limit/refills", test_limit_refills);
	return g_test_run();
}
