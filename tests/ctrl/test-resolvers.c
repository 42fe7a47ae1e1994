// SPDX-License-Identifier: GPL-2.0
/* Whom this machine asks for names, as resolv.conf(5) says. */
#include "agent/resolvers.h"

#include <glib/gstdio.h>

#include "lib/prefix.h"

static void test_files(void)
{
	static const char text[] = "# nameserver 192.0.2.1\nsearch example.org\n"
				   "nameserver 192.168.1.1\nnameserver\t fd12::53\n"
				   "nameserver fe80::1%eth0 # by that\nnameserver\n"
				   "nameserver name.example.org\nnameservers 192.0.2.2\n"
				   " nameserver 192.0.2.3\nnameserver 192.0.2.4";
	static const char *const expected[] = {
		"192.168.1.1", "fd12::53", "fe80::1", "192.0.2.4",
	};
	g_autofree char *directory = g_dir_make_tmp("test-resolvers-XXXXXX", NULL);
	g_autofree char *path = g_build_filename(directory, "resolv.conf", NULL);
	const char *paths[] = { "/nowhere/resolv.conf", path, NULL };
	g_autoptr(GArray) found = NULL;

	g_assert_true(g_file_set_contents(path, text, -1, NULL));
	found = resolvers_read(paths);
	g_assert_cmpuint(found->len, ==, G_N_ELEMENTS(expected));
	for (guint i = 0; i < found->len; i++) {
		char buf[PREFIX_STRLEN];

		g_assert_cmpstr(prefix_print(&g_array_index(found, struct prefix, i), buf), ==,
				expected[i]);
	}
	g_unlink(path);
	g_rmdir(directory);
}

/* However long a file is. */
static void test_too_many(void)
{
	g_autofree char *directory = g_dir_make_tmp("test-resolvers-XXXXXX", NULL);
	g_autofree char *path = g_build_filename(directory, "resolv.conf", NULL);
	const char *paths[] = { path, path, NULL };
	g_autoptr(GString) text = g_string_new(NULL);
	g_autoptr(GArray) found = NULL;

	for (guint i = 0; i < 1000; i++)
		g_string_append(text, "nameserver 192.168.1.1\n");
	g_assert_true(g_file_set_contents(path, text->str, -1, NULL));
	found = resolvers_read(paths);
	g_assert_cmpuint(found->len, ==, RESOLVERS_MAX);
	g_unlink(path);
	g_rmdir(directory);
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/resolvers/files", test_files);
	g_test_add_func("/resolvers/too-many", test_too_many);
	return g_test_run();
}
