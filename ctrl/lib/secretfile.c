// SPDX-License-Identifier: GPL-2.0
/* Files that only their owner can read. */
#include "secretfile.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <sodium.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static bool file_failed(GError **error, const char *path, const char *what)
{
	int saved = errno;

	g_set_error(error, G_FILE_ERROR, g_file_error_from_errno(saved), "%s: %s: %s", path, what,
		    g_strerror(saved));
	return false;
}

static bool refuse(GError **error, const char *path, const char *why)
{
	g_set_error(error, G_FILE_ERROR, G_FILE_ERROR_PERM, "%s: %s", path, why);
	return false;
}

static bool is_private(int fd, const char *path, gsize max_size, struct stat *st, GError **error)
{
	if (fstat(fd, st) < 0)
		return file_failed(error, path, "cannot look at it");
	if (!S_ISREG(st->st_mode))
		return refuse(error, path, "not a regular file");
	if (st->st_uid != geteuid() && st->st_uid != 0)
		return refuse(error, path, "belongs to another user; chown it to the user of this "
					   "program");
	if (st->st_mode & 077)
		return refuse(error, path, "others than its owner have access, so what it holds may "
					   "be known to them; chmod 600 it, or remove it to have a "
					   "new one made");
	if ((guint64)st->st_size > max_size)
		return refuse(error, path, "too large for what it should hold");
	return true;
}

char *secretfile_read(const char *path, gsize max_size, gsize *size, GError **error)
{
	int fd = open(path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK);
	char *contents = NULL;
	struct stat st;
	ssize_t n;

	if (fd < 0) {
		file_failed(error, path, "cannot open it");
		return NULL;
	}
	if (is_private(fd, path, max_size, &st, error)) {
		contents = g_malloc(st.st_size + 1);
		n = read(fd, contents, st.st_size);
		if (n == st.st_size) {
			contents[n] = '\0';
			if (size)
				*size = n;
		} else {
			if (n < 0)
				file_failed(error, path, "cannot read it");
			else
				refuse(error, path, "changed while it was read");
			g_clear_pointer(&contents, g_free);
		}
	}
	close(fd);
	return contents;
}

static bool write_all(int fd, const char *data, gsize size)
{
	while (size > 0) {
		ssize_t n = write(fd, data, size);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return false;
		data += n;
		size -= n;
	}
	return true;
}

/* A rename is on disk only when its directory is. */
static bool sync_directory_of(const char *path)
{
	g_autofree char *directory = g_path_get_dirname(path);
	int fd = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	bool ok = fd >= 0 && fsync(fd) == 0;

	if (fd >= 0)
		close(fd);
	return ok;
}

bool secretfile_write(const char *path, const void *data, gsize size, GError **error)
{
	g_autofree char *new_path = g_strconcat(path, ".new", NULL);
	bool ok;
	int fd;

	/* left behind by a crash; O_EXCL below makes sure that we write to no file but our own */
	if (unlink(new_path) < 0 && errno != ENOENT)
		return file_failed(error, new_path, "cannot remove it");
	fd = open(new_path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (fd < 0)
		return file_failed(error, new_path, "cannot make it");
	ok = write_all(fd, data, size) && fsync(fd) == 0;
	if (!ok)
		file_failed(error, new_path, "cannot write it");
	close(fd);
	if (ok && (rename(new_path, path) < 0 || !sync_directory_of(path)))
		ok = file_failed(error, path, "cannot put it in place");
	if (!ok)
		unlink(new_path);
	return ok;
}

bool secretfile_remove(const char *path, GError **error)
{
	g_autofree char *new_path = g_strconcat(path, ".new", NULL);

	if (unlink(new_path) < 0 && errno != ENOENT)
		return file_failed(error, new_path, "cannot remove it");
	if (unlink(path) < 0)
		return errno == ENOENT || file_failed(error, path, "cannot remove it");
	return sync_directory_of(path) || file_failed(error, path, "cannot make its end last");
}

void secretfile_free(char *contents)
{
	if (contents)
		sodium_memzero(contents, strlen(contents));
	g_free(contents);
}
