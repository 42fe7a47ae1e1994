// SPDX-License-Identifier: GPL-2.0
/* How many of something each host and each network has. */
#include "source-count.h"

#include <string.h>

#include "lib/key.h"

/**
 * struct place - a host or a network
 * @len: bytes of @key
 * @key: see rate_source_key()
 * @n: how many it has
 */
struct place {
	gsize len;
	guint8 key[RATE_SOURCE_KEY_MAX];
	guint n;
};

/**
 * struct source_count - see source-count.h
 * @places: set of struct place, owned
 */
struct source_count {
	GHashTable *places;
};

static guint hash_place(gconstpointer data)
{
	const struct place *place = data;

	return key_hash_bytes(place->key, place->len);
}

static gboolean equal_place(gconstpointer a, gconstpointer b)
{
	const struct place *left = a, *right = b;

	return left->len == right->len && memcmp(left->key, right->key, left->len) == 0;
}

struct source_count *source_count_new(void)
{
	struct source_count *count = g_new0(struct source_count, 1);

	count->places = g_hash_table_new_full(hash_place, equal_place, g_free, NULL);
	return count;
}

void source_count_free(struct source_count *count)
{
	g_hash_table_unref(count->places);
	g_free(count);
}

static struct place *find(const struct source_count *count, const struct place *wanted)
{
	return wanted->len ? g_hash_table_lookup(count->places, wanted) : NULL;
}

static struct place place_of(const struct endpoint *source, enum rate_level level)
{
	struct place place = {};

	place.len = rate_source_key(0, level, source, place.key);
	return place;
}

void source_count_add(struct source_count *count, const struct endpoint *source)
{
	for (enum rate_level level = 0; level < RATE_LEVELS; level++) {
		struct place wanted = place_of(source, level), *place = find(count, &wanted);

		if (!place && wanted.len) {
			place = g_memdup2(&wanted, sizeof(wanted));
			g_hash_table_add(count->places, place);
		}
		if (place)
			place->n++;
	}
}

void source_count_remove(struct source_count *count, const struct endpoint *source)
{
	for (enum rate_level level = 0; level < RATE_LEVELS; level++) {
		struct place wanted = place_of(source, level), *place = find(count, &wanted);

		if (place && !--place->n)
			g_hash_table_remove(count->places, place);
	}
}

guint source_count_get(const struct source_count *count, const struct endpoint *source,
		       enum rate_level level)
{
	const struct place wanted = place_of(source, level), *place = find(count, &wanted);

	return place ? place->n : 0;
}
