// SPDX-License-Identifier: GPL-2.0

/*
 * Any bytes as a message. Beyond not crashing: what was accepted holds to the bounds, and reads
 * the same after it was written.
 *
 *	clang -fsanitize=fuzzer,address,undefined ... tests/fuzz/message.c build/libwgmesh.a
 *	./message -max_len=16384 NEW-FINDINGS tests/fuzz/message
 */
#include "lib/message.h"

#include <stdlib.h>
#include <string.h>

#define MAX_LEN 16384

static void require(bool holds)
{
	if (!holds)
		abort();
}

/* Every getter, on whatever a member is: one that succeeds has to keep its promise. */
static void check_member(JsonObject *object, const char *member)
{
	const char *text = message_get_string(object, member, 2, 100, NULL);
	guint8 bytes[32], again[64];
	gint64 number;
	gsize size;
	bool flag;

	require(!text || (strlen(text) >= 2 && strlen(text) <= 100));
	if (message_get_int(object, member, -1000, 1000, &number, NULL))
		require(number >= -1000 && number <= 1000);
	if (message_get_bool(object, member, &flag, NULL))
		require(!text);
	if (message_get_binary(object, member, bytes, sizeof(bytes), NULL)) {
		g_autofree guint8 *same = message_get_bytes(object, member, 0, 64, &size, NULL);

		require(same && size == sizeof(bytes) && !memcmp(same, bytes, size));
		require(message_decode_base64(json_object_get_string_member(object, member), again,
					      size));
	}
	message_get_object(object, member, NULL);
	message_get_objects(object, member, 3, NULL);
	message_get_strings(object, member, 3, 10, NULL);
}

/* json-glib writes 1e19 as 1e+19.0, which is not JSON; the protocol has whole numbers only. */
static bool has_fraction;

static void check_object(JsonObject *object, guint depth);

static void check_node(JsonNode *node, guint depth)
{
	require(depth <= MESSAGE_MAX_DEPTH || JSON_NODE_HOLDS_VALUE(node) ||
		JSON_NODE_HOLDS_NULL(node));
	if (JSON_NODE_HOLDS_OBJECT(node)) {
		check_object(json_node_get_object(node), depth);
	} else if (JSON_NODE_HOLDS_ARRAY(node)) {
		JsonArray *array = json_node_get_array(node);

		for (guint i = 0; i < json_array_get_length(array); i++)
			check_node(json_array_get_element(array, i), depth + 1);
	} else if (json_node_get_value_type(node) == G_TYPE_STRING) {
		require(g_utf8_validate(json_node_get_string(node), -1, NULL));
	} else if (json_node_get_value_type(node) == G_TYPE_DOUBLE) {
		has_fraction = true;
	}
}

static void check_object(JsonObject *object, guint depth)
{
	g_autoptr(GList) members = json_object_get_members(object);

	for (GList *member = members; member; member = member->next) {
		check_member(object, member->data);
		check_node(json_object_get_member(object, member->data), depth + 1);
	}
}

static void check_written(JsonObject *object)
{
	g_autoptr(JsonObject) again = NULL;
	g_autofree char *text = NULL, *text_again = NULL;
	gsize size;

	text = message_serialise(object, &size);
	require(!memchr(text, '\n', size));
	again = message_parse(text, size, G_MAXSIZE, NULL, NULL);
	require(again != NULL);
	text_again = message_serialise(again, NULL);
	require(!strcmp(text, text_again));
}

int LLVMFuzzerTestOneInput(const guint8 *data, gsize len);

int LLVMFuzzerTestOneInput(const guint8 *data, gsize len)
{
	g_autoptr(JsonObject) object = NULL, named = NULL;
	g_autoptr(GError) error = NULL;

	object = message_parse((const char *)data, len, MAX_LEN, NULL, &error);
	require(!object == (error != NULL));
	require(!object || len <= MAX_LEN);
	named = message_parse((const char *)data, len, MAX_LEN, "type", NULL);
	require(!named || message_get_string(object, "type", 1, MESSAGE_MAX_NAME, NULL));
	if (!object)
		return 0;
	has_fraction = false;
	check_object(object, 1);
	if (!has_fraction)
		check_written(object);
	return 0;
}
