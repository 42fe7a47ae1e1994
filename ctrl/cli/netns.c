// SPDX-License-Identifier: GPL-2.0
/* Doing something in another network namespace. */
#include "netns.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <string.h>
#include <unistd.h>

static bool fail(GError **error, const char *what)
{
	int code = errno;

	g_set_error(error, G_FILE_ERROR, g_file_error_from_errno(code), "%s: %s%s", what,
		    g_strerror(code), code == EPERM ? ": run this as root" : "");
	return false;
}

int netns_open(const char *name, GError **error)
{
	bool is_pid = *name && strspn(name, "0123456789") == strlen(name);
	g_autofree char *path = g_strdup_printf(is_pid ? "/proc/%s/ns/net" : "/run/netns/%s", name);
	int fd = -1;

	if (strchr(name, '/') || !*name || g_str_equal(name, ".."))
		errno = EINVAL;
	else
		fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0) {
		g_set_error(error, G_FILE_ERROR, g_file_error_from_errno(errno),
			    "cannot open the network namespace \"%s\": %s\n"
			    "\"ip netns\" lists those that have a name; a process is given by its number.",
			    name, g_strerror(errno));
	}
	return fd;
}

bool netns_run(int fd, bool (*run)(void *data, GError **error), void *data, GError **error)
{
	bool success;
	int home;

	if (fd < 0)
		return run(data, error);
	home = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);
	if (home < 0)
		return fail(error, "cannot open the own network namespace");
	if (setns(fd, CLONE_NEWNET) < 0) {
		fail(error, "cannot enter the network namespace");
		close(home);
		return false;
	}
	success = run(data, error);
	/* Nothing that follows would do what it says. */
	if (setns(home, CLONE_NEWNET) < 0)
		g_error("cannot go back into the own network namespace: %s", g_strerror(errno));
	close(home);
	return success;
}
