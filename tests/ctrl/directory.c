// SPDX-License-Identifier: GPL-2.0
/*
 * Directories that tests make.
 */
#include "directory.h"

#include <glib.h>
#include <glib/gstdio.h>

void directory_remove(const char *path)
{
	g_autoptr(GDir) dir = g_dir_open(path, 0, NULL);
	const char *name;

	g_assert_nonnull(dir);
	while ((name = g_dir_read_name(dir))) {
		g_autofree char *file = g_build_filename(path, name, NULL);

		g_assert_cmpint(g_unlink(file), ==, 0);
	}
	g_assert_cmpint(g_rmdir(path), ==, 0);
}
