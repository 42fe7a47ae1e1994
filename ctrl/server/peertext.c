// SPDX-License-Identifier: GPL-2.0
/* The elements of a JSON array as text of which receivers get parts, none of them copied. */
#include "peertext.h"

/**
 * struct element - what is said of a node
 * @key: of the node
 * @generation: that made it what it is
 * @begin: where it begins in the text, behind the comma, if any
 * @end: where it ends
 */
struct element {
	struct key key;
	gint64 generation;
	gsize begin;
	gsize end;
};

/**
 * struct peertext - the text
 * @growing: elements with commas in between; NULL once the text is complete
 * @bytes: the same; NULL before that
 * @elements: array of struct element
 * @places: number of an element, and one, by key in it; NULL before that
 */
struct peertext {
	GString *growing;
	GBytes *bytes;
	GArray *elements;
	GHashTable *places;
};

struct peertext *peertext_new(void)
{
	struct peertext *text = g_new0(struct peertext, 1);

	text->growing = g_string_new(NULL);
	text->elements = g_array_new(FALSE, FALSE, sizeof(struct element));
	return text;
}

void peertext_free(struct peertext *text)
{
	if (!text)
		return;
	if (text->growing)
		g_string_free(text->growing, TRUE);
	g_clear_pointer(&text->bytes, g_bytes_unref);
	g_clear_pointer(&text->places, g_hash_table_unref);
	g_array_unref(text->elements);
	g_free(text);
}

void peertext_add(struct peertext *text, const struct key *key, gint64 generation, const char *json)
{
	struct element element = { .key = *key, .generation = generation };

	if (text->growing->len > 0)
		g_string_append_c(text->growing, ',');
	element.begin = text->growing->len;
	g_string_append(text->growing, json);
	element.end = text->growing->len;
	g_array_append_val(text->elements, element);
}

static struct element *get(const struct peertext *text, guint number)
{
	return &g_array_index(text->elements, struct element, number);
}

/* From now on no element moves. */
static void complete(struct peertext *text)
{
	if (text->bytes)
		return;
	text->bytes = g_string_free_to_bytes(g_steal_pointer(&text->growing));
	text->places = g_hash_table_new(key_hash, key_equal);
	for (guint i = 0; i < text->elements->len; i++)
		g_hash_table_insert(text->places, &get(text, i)->key, GUINT_TO_POINTER(i + 1));
}

/* Return: the number of the first one of a later generation. */
static guint find_since(const struct peertext *text, gint64 since)
{
	guint low = 0, high = text->elements->len;

	while (low < high) {
		guint middle = low + (high - low) / 2;

		if (get(text, middle)->generation > since)
			high = middle;
		else
			low = middle + 1;
	}
	return low;
}

static void append(const struct peertext *text, GPtrArray *parts, gsize begin, gsize end)
{
	if (begin < end)
		g_ptr_array_add(parts, g_bytes_new_from_bytes(text->bytes, begin, end - begin));
}

void peertext_append_to(struct peertext *text, GPtrArray *parts, gint64 since, const struct key *but)
{
	guint first = find_since(text, since), end = text->elements->len, own = end;

	complete(text);
	if (but && g_hash_table_contains(text->places, but))
		own = GPOINTER_TO_UINT(g_hash_table_lookup(text->places, but)) - 1;
	if (first == end)
		return;
	if (own < first || own == end) {
		append(text, parts, get(text, first)->begin, get(text, end - 1)->end);
	} else if (own == end - 1) {
		if (first < own)
			append(text, parts, get(text, first)->begin, get(text, own - 1)->end);
	} else {
		append(text, parts, get(text, first)->begin, get(text, own)->begin);
		append(text, parts, get(text, own + 1)->begin, get(text, end - 1)->end);
	}
}

bool peertext_has(struct peertext *text, const struct key *key)
{
	complete(text);
	return g_hash_table_contains(text->places, key);
}
