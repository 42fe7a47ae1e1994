/* SPDX-License-Identifier: GPL-2.0 */
#ifndef WGMESH_FILE_ERROR_H
#define WGMESH_FILE_ERROR_H

#include <gio/gio.h>
#include <stdbool.h>

/**
 * file_error() - say what could not be done with a file, and why
 * @error: G_IO_ERROR, by errno
 * @path: of the file
 * @what: "cannot ..."
 *
 * Return: false, so that it can stand behind return.
 */
bool file_error(GError **error, const char *path, const char *what);

#endif
