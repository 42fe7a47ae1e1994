// SPDX-License-Identifier: GPL-2.0
#include "lib/message.h"

#include <gio/gio.h>
#include <string.h>

static JsonObject *parse(const char *text)
{
	g_autoptr(GError) error = NULL;
	JsonObject *object = message_parse(text, strlen(text), MESSAGE_MAX_FROM_NODE, NULL, &error);

	g_assert_no_error(error);
	g_assert_nonnull(object);
	return object;
}

static void assert_refused(const char *text, gsize size, gsize max, const char *name,
			   const char *why)
{
	g_autoptr(GError) error = NULL;

	g_assert_null(message_parse(text, size, max, name, &error));
	g_assert_error(error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA);
	if (!strstr(error->message, why))
		g_error("'%s' does not say '%s'", error->message, why);
}

static void test_good(void)
{
	static const char *const good[] = {
		"{}", " \t\r\n{ } ", "{\"a\":1}", "{\"a\":[],\"b\":{},\"c\":null}",
		"{\"a\":-0,\"b\":0.5,\"c\":1e9,\"d\":-1.5E-3,\"e\":999999999999999999}",
		"{\"a\":\"\\\"\\\\\\/\\b\\f\\n\\r\\t\\u00e4\"}", "{\"\":[true,false,[1,[2]]]}",
		"{\"a\":1,\"a\":2}", "{\"\xc3\xa4\":\"\xf0\x9f\x98\x80\"}",
	};

	for (gsize i = 0; i < G_N_ELEMENTS(good); i++)
		json_object_unref(parse(good[i]));
}

static void test_bad(void)
{
	static const struct {
		const char *text, *why;
	} bad[] = {
		{ "", "'{' is missing" },
		{ "[]", "'{' is missing" },
		{ "1", "'{' is missing" },
		{ "\xef\xbb\xbf{}", "'{' is missing" },
		{ "{", "a string is missing" },
		{ "{}x", "byte 3: something follows" },
		{ "{}{}", "something follows" },
		{ "{a:1}", "a string is missing" },
		{ "{'a':1}", "a string is missing" },
		{ "{\"a\"}", "':' is missing" },
		{ "{\"a\" 1}", "':' is missing" },
		{ "{\"a\":}", "a value is missing" },
		{ "{\"a\":1,}", "a string is missing" },
		{ "{\"a\":[1,]}", "a value is missing" },
		{ "{\"a\":[1 2]}", "',' or ']' is missing" },
		{ "{\"a\":[1}", "',' or ']' is missing" },
		{ "{\"a\":1 \"b\":2}", "',' or '}' is missing" },
		{ "{\"a\":tru}", "unknown word" },
		{ "{\"a\":truex}", "',' or '}' is missing" },
		{ "{\"a\":NaN}", "a value is missing" },
		{ "{\"a\":nul", "unknown word" },
		{ "{\"a\":+1}", "a value is missing" },
		{ "{\"a\":-}", "a digit is missing" },
		{ "{\"a\":01}", "',' or '}' is missing" },
		{ "{\"a\":1.}", "a digit is missing" },
		{ "{\"a\":.5}", "a value is missing" },
		{ "{\"a\":1e}", "a digit is missing" },
		{ "{\"a\":0x10}", "',' or '}' is missing" },
		{ "{\"a\":1000000000000000000}", "number too large" },
		{ "{\"a\":1e100}", "number too large" },
		{ "{\"a\":\"", "does not end" },
		{ "{\"a\":\"\\", "unknown escape" },
		{ "{\"a\":\"\\x\"}", "unknown escape" },
		{ "{\"a\":\"\n\"}", "control character" },
		{ "{\"a\":\"\\u12\"}", "four hexadecimal digits" },
		{ "{\"a\":\"\\u0000\"}", "zero character" },
		{ "{\"a\":\"\\ud800\"}", "surrogate" },
		{ "{\"a\":\"\\udc00\\ud800\"}", "surrogate" },
		{ "{\"a\":\"\\ud800\\u0041\"}", "surrogate" },
		{ "{/**/}", "a string is missing" },
		{ "{\"a\":1}//", "something follows" },
		{ "var a = {}", "'{' is missing" },
		{ "{\"a\":\"\xff\"}", "not UTF-8" },
		{ "{\"a\":\"\xc0\x80\"}", "not UTF-8" },
	};

	for (gsize i = 0; i < G_N_ELEMENTS(bad); i++)
		assert_refused(bad[i].text, strlen(bad[i].text), 1000, NULL, bad[i].why);
	assert_refused("{}\0", 3, 1000, NULL, "not UTF-8");
	assert_refused("{\"a\":\"\0\"}", 9, 1000, NULL, "not UTF-8");
}

/* What stands behind the size does not count, and need not be there. */
static void test_size(void)
{
	g_autoptr(JsonObject) object = NULL;
	g_autofree char *exact = g_malloc(7);

	memcpy(exact, "{\"a\":1}", 7);
	object = message_parse(exact, 7, 7, NULL, NULL);
	g_assert_nonnull(object);
	assert_refused(exact, 7, 6, NULL, "7 bytes are too many");
	for (gsize size = 0; size < 7; size++) {
		g_autofree char *part = g_malloc(size + !size);

		memcpy(part, exact, size);
		assert_refused(part, size, 1000, NULL, "not JSON");
	}
}

static char *nested(guint depth, const char *open, const char *close)
{
	GString *text = g_string_new("{\"a\":");

	for (guint i = 1; i < depth; i++)
		g_string_append(text, open);
	g_string_append_c(text, '1');
	for (guint i = 1; i < depth; i++)
		g_string_append(text, close);
	g_string_append_c(text, '}');
	return g_string_free(text, FALSE);
}

static void test_depth(void)
{
	static const guint too_deep[] = { 9, 10, 100, 10000, 100000 };
	g_autofree char *arrays = nested(8, "[", "]");
	g_autofree char *objects = nested(8, "{\"b\":", "}");

	json_object_unref(parse(arrays));
	json_object_unref(parse(objects));
	for (gsize i = 0; i < G_N_ELEMENTS(too_deep); i++) {
		g_autofree char *array = nested(too_deep[i], "[", "]");
		g_autofree char *object = nested(too_deep[i], "{\"b\":", "}");

		assert_refused(array, strlen(array), G_MAXSIZE, NULL, "nested too deep");
		assert_refused(object, strlen(object), G_MAXSIZE, NULL, "nested too deep");
	}
}

static void test_name(void)
{
	g_autofree char *longest = g_strdup_printf("{\"type\":\"%064d\"}", 0);
	g_autofree char *longer = g_strdup_printf("{\"type\":\"%065d\"}", 0);
	g_autoptr(JsonObject) object = message_parse(longest, strlen(longest), 1000, "type", NULL);

	g_assert_nonnull(object);
	assert_refused(longer, strlen(longer), 1000, "type", "member 'type' has to have 1 to 64");
	assert_refused("{}", 2, 1000, "request", "member 'request' is missing");
	assert_refused("{\"type\":\"\"}", 11, 1000, "type", "member 'type' has to have 1 to 64");
	assert_refused("{\"type\":7}", 10, 1000, "type", "member 'type' has to be a string");
	assert_refused("{\"type\":null}", 13, 1000, "type", "member 'type' has to be a string");
}

static void assert_invalid(GError *error, const char *text)
{
	g_assert_error(error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA);
	g_assert_cmpstr(error->message, ==, text);
	g_error_free(error);
}

static void test_int(void)
{
	g_autoptr(JsonObject) object =
		parse("{\"n\":-5,\"big\":999999999999999999,\"s\":\"1\",\"d\":1.0,\"t\":true}");
	GError *error = NULL;
	gint64 value = 42;

	g_assert_false(message_get_int(object, "counter", 0, 9, &value, &error));
	assert_invalid(g_steal_pointer(&error), "member 'counter' is missing");
	g_assert_false(message_get_int(object, "s", 0, 9, &value, &error));
	assert_invalid(g_steal_pointer(&error), "member 's' has to be a whole number");
	g_assert_false(message_get_int(object, "d", 0, 9, &value, &error));
	assert_invalid(g_steal_pointer(&error), "member 'd' has to be a whole number");
	g_assert_false(message_get_int(object, "t", 0, 9, &value, &error));
	assert_invalid(g_steal_pointer(&error), "member 't' has to be a whole number");
	g_assert_false(message_get_int(object, "n", 0, 9, &value, &error));
	assert_invalid(g_steal_pointer(&error), "member 'n' has to be from 0 to 9, not -5");
	g_assert_cmpint(value, ==, 42);

	g_assert_true(message_get_int(object, "n", -5, -5, &value, NULL));
	g_assert_cmpint(value, ==, -5);
	g_assert_true(message_get_int(object, "big", 0, G_MAXINT64, &value, NULL));
	g_assert_cmpint(value, ==, 999999999999999999);
}

static void test_string_and_bool(void)
{
	g_autoptr(JsonObject) object =
		parse("{\"s\":\"\\ud83d\\ude00\",\"t\":true,\"n\":1,\"z\":null}");
	GError *error = NULL;
	bool flag = false;

	g_assert_cmpstr(message_get_string(object, "s", 4, 4, NULL), ==, "\xf0\x9f\x98\x80");
	g_assert_null(message_get_string(object, "s", 0, 3, &error));
	assert_invalid(g_steal_pointer(&error), "member 's' has to have 0 to 3 bytes, not 4");
	g_assert_null(message_get_string(object, "n", 0, 3, &error));
	assert_invalid(g_steal_pointer(&error), "member 'n' has to be a string");
	g_assert_null(message_get_string(object, "z", 0, 3, &error));
	assert_invalid(g_steal_pointer(&error), "member 'z' has to be a string");
	g_assert_true(message_has(object, "z"));
	g_assert_false(message_has(object, "y"));

	g_assert_true(message_get_bool(object, "t", &flag, NULL));
	g_assert_true(flag);
	g_assert_false(message_get_bool(object, "n", &flag, &error));
	assert_invalid(g_steal_pointer(&error), "member 'n' has to be true or false");
}

/* One value has one form: RFC 4648 section 3.5. */
static void test_binary(void)
{
	static const struct {
		const char *text;
		gsize size;
		bool good;
	} cases[] = {
		{ "", 0, true },      { "AA==", 1, true },  { "AAA=", 2, true },
		{ "AAAA", 3, true },  { "+/+/", 3, true },  { "AA==", 2, false },
		{ "AAAA", 2, false }, { "AAAA", 4, false }, { "AB==", 1, false },
		{ "AAB=", 2, false }, { "AA=", 1, false },  { "AA", 1, false },
		{ "A===", 1, false }, { "AA==\n", 1, false }, { " AAA", 3, false },
		{ "-_-_", 3, false }, { "A=AA", 3, false }, { "====", 0, false },
	};

	for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_autoptr(JsonObject) object = json_object_new();
		guint8 data[4] = { 9, 9, 9, 9 };
		GError *error = NULL;

		json_object_set_string_member(object, "b", cases[i].text);
		g_assert_cmpint(message_get_binary(object, "b", data, cases[i].size, &error), ==,
				cases[i].good);
		g_clear_error(&error);
		if (!cases[i].good)
			g_assert_cmpmem(data, 4, "\11\11\11\11", 4);
	}
}

static void test_bytes(void)
{
	g_autoptr(JsonObject) object = parse("{\"b\":\"AAECAw==\",\"x\":\"AAE\",\"n\":1}");
	g_autofree guint8 *data = NULL;
	GError *error = NULL;
	gsize size;

	data = message_get_bytes(object, "b", 4, 4, &size, NULL);
	g_assert_cmpmem(data, size, "\0\1\2\3", 4);
	g_assert_null(message_get_bytes(object, "b", 5, 9, &size, &error));
	assert_invalid(g_steal_pointer(&error),
		       "member 'b' has to be 5 to 9 bytes in base64, not 4");
	g_assert_null(message_get_bytes(object, "b", 0, 3, &size, &error));
	assert_invalid(g_steal_pointer(&error), "member 'b' has to have 0 to 4 bytes, not 8");
	g_assert_null(message_get_bytes(object, "x", 0, 9, &size, &error));
	assert_invalid(g_steal_pointer(&error), "member 'x' has to be base64");
	g_assert_null(message_get_bytes(object, "n", 0, 9, &size, &error));
	assert_invalid(g_steal_pointer(&error), "member 'n' has to be a string");
}

static void test_containers(void)
{
	g_autoptr(JsonObject) object =
		parse("{\"o\":{\"a\":1},\"os\":[{},{}],\"ss\":[\"a\",\"bcd\"],\"m\":[{},1],\"n\":1}");
	GError *error = NULL;

	g_assert_nonnull(message_get_object(object, "o", NULL));
	g_assert_null(message_get_object(object, "os", &error));
	assert_invalid(g_steal_pointer(&error), "member 'os' has to be an object");
	g_assert_cmpint(json_array_get_length(message_get_objects(object, "os", 2, NULL)), ==, 2);
	g_assert_null(message_get_objects(object, "os", 1, &error));
	assert_invalid(g_steal_pointer(&error), "member 'os' has to have at most 1 elements, not 2");
	g_assert_null(message_get_objects(object, "m", 9, &error));
	assert_invalid(g_steal_pointer(&error), "element 1 of member 'm' has to be an object");
	g_assert_null(message_get_objects(object, "n", 9, &error));
	assert_invalid(g_steal_pointer(&error), "member 'n' has to be an array");

	g_assert_nonnull(message_get_strings(object, "ss", 2, 3, NULL));
	g_assert_null(message_get_strings(object, "ss", 2, 2, &error));
	assert_invalid(g_steal_pointer(&error),
		       "element 1 of member 'ss' has to be a string of at most 2 bytes");
	g_assert_null(message_get_strings(object, "os", 2, 2, &error));
	assert_invalid(g_steal_pointer(&error),
		       "element 0 of member 'os' has to be a string of at most 2 bytes");
}

/* What is written reads the same. */
static void test_written(void)
{
	g_autoptr(JsonObject) message = message_new_error("full", "\"no\"\nroom\t\x01 \xc3\xa4");
	g_autoptr(JsonObject) again = NULL;
	g_autofree char *text = NULL;
	guint8 data[3];
	gsize size;

	message_set_binary(message, "b", "\0\1\2", 3);
	text = message_serialise(message, &size);
	g_assert_cmpint(size, ==, strlen(text));
	g_assert_null(strchr(text, '\n'));
	again = message_parse(text, size, 1000, "type", NULL);
	g_assert_nonnull(again);
	g_assert_cmpstr(json_object_get_string_member(again, "type"), ==, "error");
	g_assert_cmpstr(json_object_get_string_member(again, "code"), ==, "full");
	g_assert_cmpstr(json_object_get_string_member(again, "message"), ==,
			"\"no\"\nroom\t\x01 \xc3\xa4");
	g_assert_true(message_get_binary(again, "b", data, 3, NULL));
	g_assert_cmpmem(data, 3, "\0\1\2", 3);
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/message/good", test_good);
	g_test_add_func("/message/bad", test_bad);
	g_test_add_func("/message/size", test_size);
	g_test_add_func("/message/depth", test_depth);
	g_test_add_func("/message/name", test_name);
	g_test_add_func("/message/int", test_int);
	g_test_add_func("/message/string-and-bool", test_string_and_bool);
	g_test_add_func("/message/binary", test_binary);
	g_test_add_func("/message/bytes", test_bytes);
	g_test_add_func("/message/containers", test_containers);
	g_test_add_func("/message/written", test_written);
	return g_test_run();
}
