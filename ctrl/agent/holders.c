// SPDX-License-Identifier: GPL-2.0
/* Whose a name or an address was before: another key for it is worth a word. */
#include "holders.h"

#include <string.h>

#include "lib/message.h"

/* The longest is a hostname. */
#define MAX_WHAT 64

/**
 * struct entry - a name or an address
 * @what: the name or address, as text
 * @holder: who has it
 * @link: in the queue of all
 */
struct entry {
	char *what;
	struct holder holder;
	GList link;
};

/**
 * struct holders - whose names and addresses are
 * @by_what: struct entry by its text; owns them
 * @queue: of struct entry: what was noted last is the last
 */
struct holders {
	GHashTable *by_what;
	GQueue queue;
};

static guint hash_text(gconstpointer text)
{
	return key_hash_bytes(text, strlen(text));
}

static void free_entry(void *data)
{
	struct entry *entry = data;

	g_free(entry->what);
	g_free(entry);
}

struct holders *holders_new(void)
{
	struct holders *holders = g_new0(struct holders, 1);

	holders->by_what = g_hash_table_new_full(hash_text, g_str_equal, NULL, free_entry);
	g_queue_init(&holders->queue);
	return holders;
}

void holders_clear(struct holders *holders)
{
	g_queue_init(&holders->queue);
	g_hash_table_remove_all(holders->by_what);
}

void holders_free(struct holders *holders)
{
	if (!holders)
		return;
	g_hash_table_unref(holders->by_what);
	g_free(holders);
}

static struct entry *add(struct holders *holders, const char *what)
{
	struct entry *entry = g_new0(struct entry, 1);

	if (holders->queue.length >= HOLDERS_MAX) {
		struct entry *oldest = g_queue_pop_head_link(&holders->queue)->data;

		g_hash_table_remove(holders->by_what, oldest->what);
	}
	entry->what = g_strdup(what);
	entry->link.data = entry;
	g_hash_table_insert(holders->by_what, entry->what, entry);
	g_queue_push_tail_link(&holders->queue, &entry->link);
	return entry;
}

const struct holder *holders_note(struct holders *holders, const char *what, const struct key *key,
				  gint64 now_s)
{
	struct entry *entry = g_hash_table_lookup(holders->by_what, what);

	if (!entry) {
		add(holders, what)->holder.key = *key;
		return NULL;
	}
	g_queue_unlink(&holders->queue, &entry->link);
	g_queue_push_tail_link(&holders->queue, &entry->link);
	if (key_equal(&entry->holder.key, key))
		return NULL;
	entry->holder = (struct holder){ .key = *key, .from = entry->holder.key, .when_s = now_s };
	return &entry->holder;
}

const struct holder *holders_find(const struct holders *holders, const char *what)
{
	const struct entry *entry = g_hash_table_lookup(holders->by_what, what);

	return entry ? &entry->holder : NULL;
}

/* On disk */

static JsonObject *build(const struct entry *entry)
{
	JsonObject *object = json_object_new();

	json_object_set_string_member(object, "what", entry->what);
	message_set_binary(object, "public_key", &entry->holder.key, KEY_SIZE);
	if (entry->holder.when_s) {
		message_set_binary(object, "from", &entry->holder.from, KEY_SIZE);
		json_object_set_int_member(object, "when", entry->holder.when_s);
	}
	return object;
}

JsonArray *holders_save(const struct holders *holders,
			bool (*is_implied)(const char *what, const struct key *key, void *data),
			void *data)
{
	JsonArray *array = json_array_new();

	for (const GList *i = holders->queue.head; i; i = i->next) {
		const struct entry *entry = i->data;

		if (entry->holder.when_s || !is_implied(entry->what, &entry->holder.key, data))
			json_array_add_object_element(array, build(entry));
	}
	return array;
}

static bool load_one(struct holders *holders, JsonObject *object, GError **error)
{
	const char *what = message_get_string(object, "what", 1, MAX_WHAT, error);
	struct holder holder = {};

	if (!what || !message_get_binary(object, "public_key", &holder.key, KEY_SIZE, error))
		return false;
	if (message_has(object, "when") &&
	    (!message_get_int(object, "when", 1, G_MAXINT32, &holder.when_s, error) ||
	     !message_get_binary(object, "from", &holder.from, KEY_SIZE, error)))
		return false;
	if (!holders_find(holders, what))
		add(holders, what)->holder = holder;
	return true;
}

bool holders_load(struct holders *holders, JsonObject *object, GError **error)
{
	JsonArray *array;

	if (!message_has(object, "holders"))
		return true;
	array = message_get_objects(object, "holders", HOLDERS_MAX, error);
	for (guint i = 0; array && i < json_array_get_length(array); i++) {
		if (!load_one(holders, json_array_get_object_element(array, i), error))
			return false;
	}
	return array;
}
