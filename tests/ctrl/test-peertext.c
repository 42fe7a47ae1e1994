// SPDX-License-Identifier: GPL-2.0
/* What receivers get of a text that is about many nodes. */
#include "server/peertext.h"

#include <sodium.h>

#define NODES 5

static struct key keys[NODES];

/* Elements "0" to "4", of the generations 10 to 14. */
static struct peertext *make_text(guint count)
{
	struct peertext *text = peertext_new();

	for (guint i = 0; i < count; i++) {
		char json[2] = { '0' + i, '\0' };

		keys[i].bytes[0] = i + 1;
		peertext_add(text, &keys[i], 10 + i, json);
	}
	return text;
}

static void check(struct peertext *text, gint64 since, const struct key *but, const char *expected)
{
	g_autoptr(GPtrArray) parts = g_ptr_array_new_with_free_func((GDestroyNotify)g_bytes_unref);
	g_autoptr(GString) all = g_string_new(NULL);

	peertext_append_to(text, parts, since, but);
	for (guint i = 0; i < parts->len; i++) {
		gsize size;
		const char *part = g_bytes_get_data(parts->pdata[i], &size);

		g_assert_cmpuint(size, >, 0);
		g_string_append_len(all, part, size);
	}
	g_assert_cmpstr(all->str, ==, expected);
	g_assert_cmpuint(parts->len, <=, 2);
}

static void test_all(void)
{
	struct peertext *text = make_text(NODES);
	const struct key stranger = { .bytes = { 99 } };

	check(text, 0, NULL, "0,1,2,3,4");
	check(text, G_MININT64, &stranger, "0,1,2,3,4");
	g_assert_true(peertext_has(text, &keys[4]));
	g_assert_false(peertext_has(text, &stranger));
	peertext_free(text);
}

/* Wherever the receiver itself is, no comma is left over. */
static void test_but_one(void)
{
	struct peertext *text = make_text(NODES);

	check(text, 0, &keys[0], "1,2,3,4");
	check(text, 0, &keys[2], "0,1,3,4");
	check(text, 0, &keys[4], "0,1,2,3");
	peertext_free(text);

	text = make_text(1);
	check(text, 0, NULL, "0");
	check(text, 0, &keys[0], "");
	peertext_free(text);
}

static void test_since(void)
{
	struct peertext *text = make_text(NODES);

	check(text, 9, NULL, "0,1,2,3,4");
	check(text, 11, NULL, "2,3,4");
	check(text, 11, &keys[1], "2,3,4");
	check(text, 11, &keys[2], "3,4");
	check(text, 11, &keys[3], "2,4");
	check(text, 13, &keys[4], "");
	check(text, 14, NULL, "");
	peertext_free(text);
}

static void test_empty(void)
{
	struct peertext *text = peertext_new();

	check(text, 0, NULL, "");
	check(text, 0, &keys[0], "");
	peertext_free(text);
}

/* Who reads slowly has it when it is gone. */
static void test_outlives(void)
{
	g_autoptr(GPtrArray) parts = g_ptr_array_new_with_free_func((GDestroyNotify)g_bytes_unref);
	struct peertext *text = make_text(NODES);

	peertext_append_to(text, parts, 0, &keys[0]);
	peertext_free(text);
	g_assert_cmpmem(g_bytes_get_data(parts->pdata[0], NULL), g_bytes_get_size(parts->pdata[0]),
			"1,2,3,4", 7);
}

int main(int argc, char **argv)
{
	g_assert_cmpint(sodium_init(), >=, 0);
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/peertext/all", test_all);
	g_test_add_func("/peertext/but-one", test_but_one);
	g_test_add_func("/peertext/since", test_since);
	g_test_add_func("/peertext/empty", test_empty);
	g_test_add_func("/peertext/outlives", test_outlives);
	return g_test_run();
}
