/* SPDX-License-Identifier: GPL-2.0 */
#ifndef WGMESH_SECRETFILE_H
#define WGMESH_SECRETFILE_H

#include <glib.h>
#include <stdbool.h>

/**
 * secretfile_read() - read a file that nobody else may be able to read
 * @path: the file
 * @max_size: refuse a larger one, in bytes
 * @size: its size goes here; may be NULL
 * @error: G_FILE_ERROR_NOENT when there is none; else what is wrong with it and what to do
 *
 * Refuses what is no regular file, a symbolic link, a file of another user (root's are fine), and
 * one that its group or others may read or write.
 *
 * Return: (owned by the caller) the contents and a zero; NULL on error. Free with
 * secretfile_free().
 */
char *secretfile_read(const char *path, gsize max_size, gsize *size, GError **error);

/**
 * secretfile_write() - make a file that only this user can read, or replace it
 * @path: the file; @path with ".new" added is used on the way
 * @data: the contents
 * @size: their size in bytes
 * @error: G_FILE_ERROR
 *
 * Mode 0600 from the first moment on, and on disk when this returns: after a crash there is either
 * the old file or the new one, whole.
 */
bool secretfile_write(const char *path, const void *data, gsize size, GError **error);

/**
 * secretfile_remove() - remove a file for good, and what a crash may have left of a new one
 * @path: the file; that there is none is no error
 * @error: G_FILE_ERROR
 */
bool secretfile_remove(const char *path, GError **error);

/**
 * secretfile_free() - overwrite and free what secretfile_read() returned
 * @contents: the string; NULL does nothing
 */
void secretfile_free(char *contents);

#endif
