// SPDX-License-Identifier: GPL-2.0
#include "agent/mapmessage.h"

#include <gio/gio.h>
#include <string.h>

#define PEER "{\"public_key\":\"hSDwCYkwp1R0i33ctD73Wg2/Og0mOBr066SpjqqbTmo=\"," \
	     "\"hostname\":\"b\",\"addresses\":[\"100.64.9.1\",\"fd00::1\"]}"
#define WHERE "\"name\":\"fra\",\"host\":\"203.0.113.1\",\"port\":3478,\"transports\":[\"udp\"]"
#define CREDENTIALS "\"username\":\"1790000000:0f\",\"password\":\"abc=\",\"expires\":1790000000"
#define RELAY "{" WHERE "," CREDENTIALS "}"

static struct mapmessage *parse(const char *text, bool delta, GError **error)
{
	g_autoptr(JsonObject) object =
		message_parse(text, strlen(text), MESSAGE_MAX_FROM_SERVER, "type", error);

	g_assert_nonnull(object);
	return mapmessage_parse(object, delta, error);
}

static struct mapmessage *parse_relays(const char *relays, GError **error)
{
	g_autofree char *text = g_strdup_printf(
		"{\"type\":\"map\",\"generation\":1,\"peers\":[],\"relays\":%s}", relays);

	return parse(text, false, error);
}

static void test_map(void)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(mapmessage) map = parse("{\"type\":\"map\",\"generation\":17,\"peers\":[" PEER "],"
					  "\"relays\":[" RELAY "]}", false, &error);
	const struct relayinfo *relay;

	g_assert_no_error(error);
	g_assert_cmpint(map->generation, ==, 17);
	g_assert_cmpint(map->peers->len, ==, 1);
	g_assert_cmpint(map->relays->len, ==, 1);
	relay = &g_array_index(map->relays, struct relayinfo, 0);
	g_assert_cmpstr(relay->name, ==, "fra");
	g_assert_cmpstr(relay->host, ==, "203.0.113.1");
	g_assert_cmpint(relay->port, ==, 3478);
	g_assert_cmpint(relay->transports, ==, RELAYINFO_UDP);
	g_assert_cmpint(relay->tls_port, ==, 5349);
	g_assert_cmpstr(relay->username, ==, "1790000000:0f");
	g_assert_cmpstr(relay->password, ==, "abc=");
	g_assert_cmpint(relay->expires, ==, 1790000000);
}

/* A server that knows of no relays does not mention them. */
static void test_without_relays(void)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(mapmessage) map =
		parse("{\"type\":\"map\",\"generation\":17,\"peers\":[" PEER "]}", false, &error);

	g_assert_no_error(error);
	g_assert_cmpint(map->relays->len, ==, 0);
}

/* It is where the server is. */
static void test_without_host(void)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(mapmessage) map = parse_relays(
		"[{\"name\":\"local\",\"port\":1,\"transports\":[\"udp\"]," CREDENTIALS "}]",
		&error);
	g_autoptr(JsonObject) object = NULL;
	struct relayinfo info;

	g_assert_no_error(error);
	info = g_array_index(map->relays, struct relayinfo, 0);
	g_assert_cmpstr(info.host, ==, "");
	object = relayinfo_build(&info);
	g_assert_false(message_has(object, "host"));
	g_assert_true(relayinfo_parse(object, true, &info, NULL));
	g_assert_false(relayinfo_parse(object, false, &info, NULL));
}

static void test_delta(void)
{
	static const char format[] = "{\"type\":\"map-delta\",\"previous\":17,\"generation\":18,"
				     "\"changed\":[],\"removed\":[]%s}";
	g_autofree char *silent = g_strdup_printf(format, "");
	g_autofree char *none = g_strdup_printf(format, ",\"relays\":[]");
	g_autofree char *one = g_strdup_printf(format, ",\"relays\":[" RELAY "]");
	g_autoptr(mapmessage) first = parse(silent, true, NULL);
	g_autoptr(mapmessage) second = parse(none, true, NULL);
	g_autoptr(mapmessage) third = parse(one, true, NULL);

	g_assert_null(first->relays);
	g_assert_cmpint(second->relays->len, ==, 0);
	g_assert_cmpint(third->relays->len, ==, 1);
}

static void test_written(void)
{
	g_autoptr(mapmessage) map = parse_relays(
		"[{\"name\":\"a\",\"host\":\"::1\",\"port\":1,\"transports\":[\"tls\",\"udp\","
		"\"tcp\"],\"tls_port\":443," CREDENTIALS "}]", NULL);
	g_autoptr(JsonObject) object = json_object_new();
	g_autoptr(GArray) again = NULL;
	g_autoptr(GError) error = NULL;

	relayinfo_set_list(object, map->relays);
	again = relayinfo_parse_list(object, true, &error);
	g_assert_no_error(error);
	g_assert_cmpmem(again->data, sizeof(struct relayinfo), map->relays->data,
			sizeof(struct relayinfo));
	g_assert_cmpint(g_array_index(again, struct relayinfo, 0).transports, ==,
			RELAYINFO_UDP | RELAYINFO_TCP | RELAYINFO_TLS);
}

static void refuses(const char *relays, const char *why)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(mapmessage) map = parse_relays(relays, &error);

	g_assert_null(map);
	g_assert_error(error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA);
	if (!strstr(error->message, why))
		g_error("'%s' is refused with '%s'", relays, error->message);
}

static void test_refused(void)
{
	/* a relay with one member replaced */
	static const struct {
		const char *member, *values[8];
	} bad[] = {
		{ "name", { "null", "\"\"", "7", "\"Fra\"", "\"a b\"", "\"-a\"" } },
		{ "host", { "null", "\"\"", "\"a b\"", "\"a:1\"", "\"[::1]\"", "\"a/b\"", "\"%\"" } },
		{ "port", { "null", "0", "65536", "-1", "\"1\"", "1.5" } },
		{ "transports", { "null", "[]", "\"udp\"", "[\"UDP\"]", "[\"sctp\"]", "[1]",
				  "[\"udp\",\"udp\",\"udp\",\"udp\"]" } },
		{ "tls_port", { "null", "0", "65536" } },
		{ "username", { "null", "\"\"", "\"a b\"", "\"a\\nb\"", "\"\\u00e9\"", "5" } },
		{ "password", { "null", "\"\"", "\"a\\rb\"", "{}" } },
		{ "expires", { "null", "-1", "\"1\"", "9999999999999" } },
	};

	for (guint i = 0; i < G_N_ELEMENTS(bad); i++) {
		for (guint v = 0; bad[i].values[v]; v++) {
			/* of two members with the same name the last counts */
			g_autofree char *text = g_strdup_printf(
				"[{" WHERE "," CREDENTIALS ",\"%s\":%s}]", bad[i].member,
				bad[i].values[v]);

			refuses(text, bad[i].member);
		}
	}
	refuses("{}", "relays");
	refuses("[1]", "relays");
	refuses("[{}]", "name");
	refuses("[{" WHERE "}]", "username");
	refuses("[" RELAY "," RELAY "]", "twice");
}

static void test_too_long(void)
{
	g_autofree char *word = g_strnfill(RELAYINFO_CREDENTIAL_SIZE, 'x');
	g_autofree char *host = g_strnfill(JOINSTRING_MAX_HOST + 1, 'x');
	g_autofree char *long_word =
		g_strdup_printf("[{" WHERE "," CREDENTIALS ",\"password\":\"%s\"}]", word);
	g_autofree char *long_host =
		g_strdup_printf("[{" WHERE "," CREDENTIALS ",\"host\":\"%s\"}]", host);

	refuses(long_word, "password");
	refuses(long_host, "host");
}

/* As many as there may be, and one more. */
static void test_many(void)
{
	g_autoptr(GString) relays = g_string_new("[");
	g_autoptr(mapmessage) map = NULL;
	g_autofree char *most = NULL;

	for (guint i = 0; i < RELAYINFO_MAX; i++)
		g_string_append_printf(relays, "%s{" WHERE "," CREDENTIALS ",\"name\":\"r%u\"}",
				       i ? "," : "", i);
	most = g_strconcat(relays->str, "]", NULL);
	map = parse_relays(most, NULL);
	g_assert_cmpint(map->relays->len, ==, RELAYINFO_MAX);
	g_string_append(relays, "," RELAY "]");
	refuses(relays->str, "relays");
}

static void test_transports(void)
{
	g_autoptr(GError) error = NULL;
	g_autofree char *text = NULL;
	guint transports = 0;

	g_assert_true(relayinfo_parse_transports("tls,udp", &transports, NULL));
	text = relayinfo_print_transports(transports);
	g_assert_cmpstr(text, ==, "udp,tls");
	g_assert_false(relayinfo_parse_transports("", &transports, NULL));
	g_assert_false(relayinfo_parse_transports("udp,", &transports, NULL));
	g_assert_false(relayinfo_parse_transports("udp,dtls", &transports, &error));
	g_assert_nonnull(strstr(error->message, "'dtls'"));
	g_assert_cmpint(transports, ==, RELAYINFO_UDP | RELAYINFO_TLS);
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/mapmessage/map", test_map);
	g_test_add_func("/mapmessage/without-relays", test_without_relays);
	g_test_add_func("/mapmessage/without-host", test_without_host);
	g_test_add_func("/mapmessage/delta", test_delta);
	g_test_add_func("/mapmessage/written", test_written);
	g_test_add_func("/mapmessage/refused", test_refused);
	g_test_add_func("/mapmessage/too-long", test_too_long);
	g_test_add_func("/mapmessage/many", test_many);
	g_test_add_func("/mapmessage/transports", test_transports);
	return g_test_run();
}
