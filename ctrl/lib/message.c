// SPDX-License-Identifier: GPL-2.0
/*
 * json-glib is lenient (comments, assignments, any depth by recursion, numbers that saturate), so a
 * small scanner holds the text against RFC 8259 and our bounds first; json-glib then only sees what
 * passed and builds the tree.
 */
#include "message.h"

#include <gio/gio.h>
#include <sodium.h>
#include <string.h>

/* 18 digits always fit into an int64, and with a power of ten of two digits into a double. */
#define MAX_DIGITS 18
#define MAX_EXPONENT_DIGITS 2

struct scan {
	const char *start;
	const char *at;
	const char *end;
	guint depth;
	GError **error;
};

static bool scan_value(struct scan *s);

static bool invalid(GError **error, const char *format, ...) G_GNUC_PRINTF(2, 3);

static bool invalid(GError **error, const char *format, ...)
{
	g_autofree char *text = NULL;
	va_list args;

	va_start(args, format);
	text = g_strdup_vprintf(format, args);
	va_end(args);
	g_set_error_literal(error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA, text);
	return false;
}

static bool scan_failed(struct scan *s, const char *what)
{
	return invalid(s->error, "not JSON at byte %zu: %s", (gsize)(s->at - s->start) + 1, what);
}

/* The character at hand, 0 at the end: the text itself holds no zero. */
static char scan_peek(const struct scan *s)
{
	return s->at < s->end ? *s->at : '\0';
}

static bool scan_take(struct scan *s, char c)
{
	if (scan_peek(s) != c)
		return false;
	s->at++;
	return true;
}

static void scan_blanks(struct scan *s)
{
	while (s->at < s->end && strchr(" \t\r\n", *s->at))
		s->at++;
}

static bool scan_word(struct scan *s, const char *word)
{
	gsize len = strlen(word);

	if ((gsize)(s->end - s->at) < len || memcmp(s->at, word, len) != 0)
		return scan_failed(s, "unknown word");
	s->at += len;
	return true;
}

static guint scan_digits(struct scan *s)
{
	const char *from = s->at;

	while (g_ascii_isdigit(scan_peek(s)))
		s->at++;
	return MIN(s->at - from, G_MAXINT);
}

/* RFC 8259 section 6 */
static bool scan_number(struct scan *s)
{
	guint digits;

	if (scan_peek(s) != '-' && !g_ascii_isdigit(scan_peek(s)))
		return scan_failed(s, "a value is missing");
	scan_take(s, '-');
	if (scan_take(s, '0'))
		digits = 1;
	else
		digits = scan_digits(s);
	if (digits == 0)
		return scan_failed(s, "a digit is missing");
	if (digits > MAX_DIGITS)
		return scan_failed(s, "number too large");
	if (scan_take(s, '.') && scan_digits(s) == 0)
		return scan_failed(s, "a digit is missing");
	if (scan_take(s, 'e') || scan_take(s, 'E')) {
		if (!scan_take(s, '+'))
			scan_take(s, '-');
		digits = scan_digits(s);
		if (digits == 0)
			return scan_failed(s, "a digit is missing");
		if (digits > MAX_EXPONENT_DIGITS)
			return scan_failed(s, "number too large");
	}
	return true;
}

static int scan_hex4(struct scan *s)
{
	int value = 0;

	for (int i = 0; i < 4; i++) {
		if (!g_ascii_isxdigit(scan_peek(s)))
			return -1;
		value = value << 4 | g_ascii_xdigit_value(*s->at++);
	}
	return value;
}

/* After "\u". A zero would end the C string early; a lone surrogate is no character. */
static bool scan_unicode(struct scan *s)
{
	int unit = scan_hex4(s);

	if (unit < 0)
		return scan_failed(s, "\\u needs four hexadecimal digits");
	if (unit == 0)
		return scan_failed(s, "zero character in a string");
	if (unit < 0xd800 || unit > 0xdfff)
		return true;
	if (unit <= 0xdbff && scan_take(s, '\\') && scan_take(s, 'u')) {
		unit = scan_hex4(s);
		if (unit >= 0xdc00 && unit <= 0xdfff)
			return true;
	}
	return scan_failed(s, "half a surrogate pair");
}

/* RFC 8259 section 7 */
static bool scan_string(struct scan *s)
{
	if (!scan_take(s, '"'))
		return scan_failed(s, "a string is missing");
	while (!scan_take(s, '"')) {
		if (s->at == s->end)
			return scan_failed(s, "a string does not end");
		if ((guint8)*s->at < 0x20)
			return scan_failed(s, "control character in a string");
		if (*s->at++ != '\\')
			continue;
		if (scan_take(s, 'u')) {
			if (!scan_unicode(s))
				return false;
		} else if (scan_peek(s) && strchr("\"\\/bfnrt", *s->at)) {
			s->at++;
		} else {
			return scan_failed(s, "unknown escape in a string");
		}
	}
	return true;
}

static bool scan_member(struct scan *s)
{
	scan_blanks(s);
	if (!scan_string(s))
		return false;
	scan_blanks(s);
	if (!scan_take(s, ':'))
		return scan_failed(s, "':' is missing");
	return scan_value(s);
}

/* An object or an array: they differ in the bracket and in what an element is. */
static bool scan_container(struct scan *s, char close, bool (*element)(struct scan *s))
{
	if (++s->depth > MESSAGE_MAX_DEPTH)
		return scan_failed(s, "nested too deep");
	s->at++;
	scan_blanks(s);
	if (!scan_take(s, close)) {
		do {
			if (!element(s))
				return false;
		} while (scan_take(s, ','));
		if (!scan_take(s, close))
			return scan_failed(s, close == '}' ? "',' or '}' is missing" :
							     "',' or ']' is missing");
	}
	s->depth--;
	return true;
}

static bool scan_value(struct scan *s)
{
	bool ok;

	scan_blanks(s);
	switch (scan_peek(s)) {
	case '{':
		ok = scan_container(s, '}', scan_member);
		break;
	case '[':
		ok = scan_container(s, ']', scan_value);
		break;
	case '"':
		ok = scan_string(s);
		break;
	case 't':
		ok = scan_word(s, "true");
		break;
	case 'f':
		ok = scan_word(s, "false");
		break;
	case 'n':
		ok = scan_word(s, "null");
		break;
	default:
		ok = scan_number(s);
		break;
	}
	scan_blanks(s);
	return ok;
}

static bool scan_text(const char *text, gsize size, GError **error)
{
	struct scan s = { .start = text, .at = text, .end = text + size, .error = error };

	if (!g_utf8_validate_len(text, size, NULL))
		return invalid(error, "not UTF-8");
	scan_blanks(&s);
	if (scan_peek(&s) != '{')
		return scan_failed(&s, "a message is an object, '{' is missing");
	if (!scan_value(&s))
		return false;
	if (s.at != s.end)
		return scan_failed(&s, "something follows the object");
	return true;
}

JsonObject *message_parse(const char *text, gsize size, gsize max_size, const char *name,
			  GError **error)
{
	g_autoptr(JsonObject) object = NULL;
	g_autoptr(JsonParser) parser = NULL;
	JsonNode *root;

	if (size > max_size) {
		invalid(error, "%zu bytes are too many, at most %zu are allowed", size, max_size);
		return NULL;
	}
	if (!scan_text(text, size, error))
		return NULL;

	parser = json_parser_new();
	if (!json_parser_load_from_data(parser, text, size, error))
		return NULL;
	root = json_parser_get_root(parser);
	if (!root || !JSON_NODE_HOLDS_OBJECT(root)) {
		invalid(error, "a message is an object");
		return NULL;
	}
	object = json_object_ref(json_node_get_object(root));
	if (name && !message_get_string(object, name, 1, MESSAGE_MAX_NAME, error))
		return NULL;
	return g_steal_pointer(&object);
}

bool message_has(JsonObject *object, const char *member)
{
	return json_object_has_member(object, member);
}

static JsonNode *get_member(JsonObject *object, const char *member, GError **error)
{
	JsonNode *node = json_object_get_member(object, member);

	if (!node)
		invalid(error, "member '%s' is missing", member);
	return node;
}

/* As get_member(), for a string, a number or a truth value. */
static JsonNode *get_value(JsonObject *object, const char *member, GType type, const char *kind,
			   GError **error)
{
	JsonNode *node = get_member(object, member, error);

	if (!node)
		return NULL;
	if (!JSON_NODE_HOLDS_VALUE(node) || json_node_get_value_type(node) != type) {
		invalid(error, "member '%s' has to be %s", member, kind);
		return NULL;
	}
	return node;
}

const char *message_get_string(JsonObject *object, const char *member, gsize min, gsize max,
			       GError **error)
{
	JsonNode *node = get_value(object, member, G_TYPE_STRING, "a string", error);
	const char *text;
	gsize len;

	if (!node)
		return NULL;
	text = json_node_get_string(node);
	len = strlen(text);
	if (len < min || len > max) {
		invalid(error, "member '%s' has to have %zu to %zu bytes, not %zu", member, min,
			max, len);
		return NULL;
	}
	return text;
}

bool message_get_int(JsonObject *object, const char *member, gint64 min, gint64 max, gint64 *value,
		     GError **error)
{
	JsonNode *node = get_value(object, member, G_TYPE_INT64, "a whole number", error);
	gint64 number;

	if (!node)
		return false;
	number = json_node_get_int(node);
	if (number < min || number > max)
		return invalid(error,
			       "member '%s' has to be from %" G_GINT64_FORMAT " to %" G_GINT64_FORMAT
			       ", not %" G_GINT64_FORMAT,
			       member, min, max, number);
	*value = number;
	return true;
}

bool message_get_bool(JsonObject *object, const char *member, bool *value, GError **error)
{
	JsonNode *node = get_value(object, member, G_TYPE_BOOLEAN, "true or false", error);

	if (!node)
		return false;
	*value = json_node_get_boolean(node);
	return true;
}

/* How many characters padded base64 takes for so many bytes. */
static gsize base64_length(gsize size)
{
	return (size + 2) / 3 * 4;
}

bool message_decode_base64(const char *text, void *data, gsize size)
{
	g_autofree guint8 *decoded = NULL;
	gsize len = strlen(text);
	size_t got;

	if (len != base64_length(size))
		return false;
	/* sodium_base642bin() refuses what is not canonical */
	decoded = g_malloc(size + 1);
	if (sodium_base642bin(decoded, size, text, len, NULL, &got, NULL,
			      sodium_base64_VARIANT_ORIGINAL) != 0 ||
	    got != size)
		return false;
	memcpy(data, decoded, size);
	sodium_memzero(decoded, size);
	return true;
}

bool message_get_binary(JsonObject *object, const char *member, void *data, gsize size,
			GError **error)
{
	JsonNode *node = get_value(object, member, G_TYPE_STRING, "a string in base64", error);

	if (!node)
		return false;
	if (!message_decode_base64(json_node_get_string(node), data, size))
		return invalid(error, "member '%s' has to be %zu bytes in base64", member, size);
	return true;
}

guint8 *message_get_bytes(JsonObject *object, const char *member, gsize min, gsize max, gsize *size,
			  GError **error)
{
	const char *text = message_get_string(object, member, 0, base64_length(max), error);
	g_autofree guint8 *data = NULL;
	gsize len, count;

	if (!text)
		return NULL;
	len = strlen(text);
	count = len / 4 * 3;
	if (len >= 4)
		count -= (text[len - 1] == '=') + (text[len - 2] == '=');
	data = g_malloc(count + 1);
	if (!message_decode_base64(text, data, count)) {
		invalid(error, "member '%s' has to be base64", member);
		return NULL;
	}
	if (count < min || count > max) {
		invalid(error, "member '%s' has to be %zu to %zu bytes in base64, not %zu", member,
			min, max, count);
		return NULL;
	}
	*size = count;
	return g_steal_pointer(&data);
}

JsonObject *message_get_object(JsonObject *object, const char *member, GError **error)
{
	JsonNode *node = get_member(object, member, error);

	if (!node)
		return NULL;
	if (!JSON_NODE_HOLDS_OBJECT(node)) {
		invalid(error, "member '%s' has to be an object", member);
		return NULL;
	}
	return json_node_get_object(node);
}

static JsonArray *get_array(JsonObject *object, const char *member, guint max, GError **error)
{
	JsonNode *node = get_member(object, member, error);
	JsonArray *array;

	if (!node)
		return NULL;
	if (!JSON_NODE_HOLDS_ARRAY(node)) {
		invalid(error, "member '%s' has to be an array", member);
		return NULL;
	}
	array = json_node_get_array(node);
	if (json_array_get_length(array) > max) {
		invalid(error, "member '%s' has to have at most %u elements, not %u", member, max,
			json_array_get_length(array));
		return NULL;
	}
	return array;
}

JsonArray *message_get_objects(JsonObject *object, const char *member, guint max, GError **error)
{
	JsonArray *array = get_array(object, member, max, error);

	for (guint i = 0; array && i < json_array_get_length(array); i++) {
		if (!JSON_NODE_HOLDS_OBJECT(json_array_get_element(array, i))) {
			invalid(error, "element %u of member '%s' has to be an object", i, member);
			return NULL;
		}
	}
	return array;
}

JsonArray *message_get_strings(JsonObject *object, const char *member, guint max, gsize max_bytes,
			       GError **error)
{
	JsonArray *array = get_array(object, member, max, error);

	for (guint i = 0; array && i < json_array_get_length(array); i++) {
		JsonNode *node = json_array_get_element(array, i);

		if (!JSON_NODE_HOLDS_VALUE(node) ||
		    json_node_get_value_type(node) != G_TYPE_STRING ||
		    strlen(json_node_get_string(node)) > max_bytes) {
			invalid(error,
				"element %u of member '%s' has to be a string of at most %zu bytes",
				i, member, max_bytes);
			return NULL;
		}
	}
	return array;
}

JsonObject *message_new(const char *type)
{
	JsonObject *object = json_object_new();

	json_object_set_string_member(object, "type", type);
	return object;
}

JsonObject *message_new_error(const char *code, const char *text)
{
	JsonObject *object = message_new("error");

	json_object_set_string_member(object, "code", code);
	json_object_set_string_member(object, "message", text);
	return object;
}

void message_set_binary(JsonObject *object, const char *member, const void *data, gsize size)
{
	g_autofree char *text = g_base64_encode(data, size);

	json_object_set_string_member(object, member, text);
}

void message_set_endpoint(JsonObject *object, const char *member, const struct endpoint *ep)
{
	char text[ENDPOINT_STRLEN];

	json_object_set_string_member(object, member,
				      endpoint_is_set(ep) ? endpoint_print(ep, text) : "");
}

char *message_serialise(JsonObject *object, gsize *size)
{
	g_autoptr(JsonGenerator) generator = json_generator_new();
	JsonNode *node = json_node_init_object(json_node_alloc(), object);
	gsize len;
	char *text;

	json_generator_set_root(generator, node);
	text = json_generator_to_data(generator, &len);
	json_node_unref(node);
	if (size)
		*size = len;
	return text;
}
