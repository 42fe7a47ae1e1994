// SPDX-License-Identifier: GPL-2.0
/* What a node keeps on disk. */
#include <glib/gstdio.h>
#include <string.h>

#include "agent/state.h"

static void remove_directory(const char *directory)
{
	g_autoptr(GDir) dir = g_dir_open(directory, 0, NULL);
	const char *name;

	while ((name = g_dir_read_name(dir))) {
		g_autofree char *path = g_build_filename(directory, name, NULL);

		g_assert_cmpint(g_unlink(path), ==, 0);
	}
	g_assert_cmpint(g_rmdir(directory), ==, 0);
}

/* The key and what was wanted are there again; meanwhile nobody else has the directory. */
static void test_one_at_a_time(void)
{
	g_autofree char *top = g_dir_make_tmp("test-state-XXXXXX", NULL);
	g_autofree char *directory = g_build_filename(top, "network", NULL);
	g_autoptr(state) first = NULL, second = NULL;
	g_autoptr(GError) error = NULL;
	struct key key;

	first = state_open(directory, &error);
	g_assert_no_error(error);
	key = first->private_key;
	first->up = true;
	g_assert_true(state_save(first, &error));

	g_assert_null(state_open(directory, &error));
	g_assert_error(error, G_IO_ERROR, G_IO_ERROR_BUSY);
	g_assert_nonnull(strstr(error->message, directory));
	g_clear_error(&error);

	g_clear_pointer(&first, state_free);
	second = state_open(directory, &error);
	g_assert_no_error(error);
	g_assert_true(key_equal(&second->private_key, &key));
	g_assert_true(second->up);
	g_clear_pointer(&second, state_free);
	remove_directory(directory);
	g_assert_cmpint(g_rmdir(top), ==, 0);
}

/* Who left begins with another key, as if there had never been a network. */
static void test_forget(void)
{
	g_autofree char *directory = g_dir_make_tmp("test-state-XXXXXX", NULL);
	g_autofree char *half = g_build_filename(directory, "state.json.new", NULL);
	g_autoptr(JsonObject) map = json_object_new();
	g_autoptr(state) left = NULL, next = NULL;
	g_autoptr(GError) error = NULL;
	struct key key;

	left = state_open(directory, &error);
	g_assert_no_error(error);
	key = left->private_key;
	left->up = true;
	g_assert_true(state_save(left, &error));
	g_assert_true(state_save_map(left, map, &error));
	g_assert_true(g_file_set_contents(half, "half", -1, &error));
	g_assert_true(state_forget(left, &error));
	g_assert_no_error(error);
	g_assert_true(state_forget(left, &error));
	g_clear_pointer(&left, state_free);
	g_assert_cmpint(g_rmdir(directory), ==, 0);

	next = state_open(directory, &error);
	g_assert_no_error(error);
	g_assert_false(key_equal(&next->private_key, &key));
	g_assert_false(next->up);
	g_clear_pointer(&next, state_free);
	remove_directory(directory);
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/state/one-at-a-time", test_one_at_a_time);
	g_test_add_func("/state/forget", test_forget);
	return g_test_run();
}
