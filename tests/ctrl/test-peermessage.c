// SPDX-License-Identifier: GPL-2.0
#include "agent/peermessage.h"

#include <gio/gio.h>
#include <string.h>

/* What somebody writes and somebody else reads. */
static bool pass(const struct peermessage *message, struct peermessage *read, GError **error)
{
	g_autoptr(JsonObject) object = peermessage_build(message);

	return peermessage_parse(object, read, error);
}

static bool parse(const char *text, struct peermessage *message, GError **error)
{
	g_autoptr(JsonObject) object =
		message_parse(text, strlen(text), MESSAGE_MAX_BOX, "type", error);

	g_assert_nonnull(object);
	return peermessage_parse(object, message, error);
}

static struct endpoint endpoint(const char *text)
{
	struct endpoint ep;

	g_assert_true(endpoint_parse(text, &ep, NULL));
	return ep;
}

static void test_ready(void)
{
	struct peermessage ready = {
		.type = PEERMESSAGE_READY,
		.id = { "12345678" },
		.local = endpoint("192.0.2.1:1"),
		.remote = endpoint("[2001:db8::1]:2"),
	};
	struct peermessage read;

	g_assert_true(pass(&ready, &read, NULL));
	g_assert_cmpint(read.type, ==, PEERMESSAGE_READY);
	g_assert_cmpmem(&read.id, PEERMESSAGE_ID_SIZE, &ready.id, PEERMESSAGE_ID_SIZE);
	g_assert_true(endpoint_equal(&read.local, &ready.local));
	g_assert_true(endpoint_equal(&read.remote, &ready.remote));
}

static void test_relay(void)
{
	struct peermessage relay = { .type = PEERMESSAGE_RELAY };
	struct peermessage read;

	g_assert_true(pass(&relay, &read, NULL));
	g_assert_cmpint(read.type, ==, PEERMESSAGE_RELAY);
	g_assert_false(endpoint_is_set(&read.relayed));
	g_assert_false(endpoint_is_set(&read.second));

	relay.relayed = endpoint("[2001:db8::1]:49152");
	g_assert_true(pass(&relay, &read, NULL));
	g_assert_true(endpoint_equal(&read.relayed, &relay.relayed));
	g_assert_false(endpoint_is_set(&read.second));

	relay.second = endpoint("192.0.2.2:49153");
	g_assert_true(pass(&relay, &read, NULL));
	g_assert_true(endpoint_equal(&read.relayed, &relay.relayed));
	g_assert_true(endpoint_equal(&read.second, &relay.second));
	g_assert_false(read.heard);
	relay.heard = true;
	g_assert_true(pass(&relay, &read, NULL));
	g_assert_true(read.heard);
	g_assert_false(parse("{\"type\":\"relay\",\"heard\":1}", &read, NULL));

	/* an address has one form */
	relay.relayed = endpoint("192.0.2.1:49152");
	g_assert_true(parse("{\"type\":\"relay\",\"endpoint\":\"[::ffff:192.0.2.1]:49152\"}", &read,
			    NULL));
	g_assert_true(endpoint_equal(&read.relayed, &relay.relayed));
}

static void test_relay_ready(void)
{
	struct peermessage ready = {
		.type = PEERMESSAGE_RELAY_READY,
		.local = endpoint("192.0.2.1:49152"),
		.remote = endpoint("[2001:db8::1]:49153"),
	};
	struct peermessage read;

	g_assert_true(pass(&ready, &read, NULL));
	g_assert_cmpint(read.type, ==, PEERMESSAGE_RELAY_READY);
	g_assert_true(endpoint_equal(&read.local, &ready.local));
	g_assert_true(endpoint_equal(&read.remote, &ready.remote));
	g_assert_false(parse("{\"type\":\"relay-ready\",\"local\":\"192.0.2.1:1\"}", &read, NULL));
}

static void test_never_shaken(void)
{
	struct peermessage offer = {
		.type = PEERMESSAGE_OFFER,
		.ufrag = "abcd",
		.pwd = "abcdefghijklmnopqrstuv",
	};
	struct peermessage read;

	g_assert_true(pass(&offer, &read, NULL));
	g_assert_false(read.never_shaken);
	offer.never_shaken = true;
	g_assert_true(pass(&offer, &read, NULL));
	g_assert_true(read.never_shaken);
	offer.type = PEERMESSAGE_ANSWER;
	g_assert_true(pass(&offer, &read, NULL));
	g_assert_true(read.never_shaken);
	g_assert_true(parse("{\"type\":\"relay-ready\",\"local\":\"192.0.2.1:1\","
			    "\"remote\":\"192.0.2.2:1\",\"never_shaken\":true}", &read, NULL));
	g_assert_true(read.never_shaken);
	g_assert_false(parse("{\"type\":\"relay-ready\",\"local\":\"192.0.2.1:1\","
			     "\"remote\":\"192.0.2.2:1\",\"never_shaken\":1}", &read, NULL));

	/* of no meaning in others, whatever it is */
	g_assert_true(parse("{\"type\":\"hello\",\"never_shaken\":true}", &read, NULL));
	g_assert_false(read.never_shaken);
}

static void test_bad_relay(void)
{
	static const char *const bad[] = {
		"null", "\"\"", "7", "[]", "\"192.0.2.1\"", "\"192.0.2.1:0\"", "\"0.0.0.0:1\"",
		"\"[::]:1\"", "\"[::ffff:0.0.0.0]:1\"", "\"[fe80::1%lo]:1\"", "\"relay.example.org:1\"",
	};

	for (guint i = 0; i < 2 * G_N_ELEMENTS(bad); i++) {
		g_autofree char *text =
			g_strdup_printf("{\"type\":\"relay\",\"%s\":%s}",
					i % 2 ? "endpoint" : "second", bad[i / 2]);
		g_autoptr(GError) error = NULL;
		struct peermessage read;

		if (parse(text, &read, &error))
			g_error("%s is taken", text);
		g_assert_nonnull(error);
	}
}

static void test_bad_type(void)
{
	g_autoptr(GError) error = NULL;
	struct peermessage read;

	g_assert_false(parse("{\"type\":\"relays\"}", &read, &error));
	g_assert_error(error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA);
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/peermessage/ready", test_ready);
	g_test_add_func("/peermessage/relay", test_relay);
	g_test_add_func("/peermessage/relay-ready", test_relay_ready);
	g_test_add_func("/peermessage/never-shaken", test_never_shaken);
	g_test_add_func("/peermessage/bad-relay", test_bad_relay);
	g_test_add_func("/peermessage/bad-type", test_bad_type);
	return g_test_run();
}
