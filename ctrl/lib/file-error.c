// SPDX-License-Identifier: GPL-2.0
/* Errors of files, by errno. */
#include "file-error.h"

#include <errno.h>

bool file_error(GError **error, const char *path, const char *what)
{
	int saved = errno;

	g_set_error(error, G_IO_ERROR, g_io_error_from_errno(saved), "%s: %s: %s", path, what,
		    g_strerror(saved));
	return false;
}
