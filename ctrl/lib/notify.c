// SPDX-License-Identifier: GPL-2.0
/* Telling the service manager about the state of a daemon. */
#include "notify.h"

#include <errno.h>
#include <glib.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "log.h"

/* A path, or "@name" for a name in the abstract namespace, which begins with a zero byte. */
static bool socket_address(const char *name, struct sockaddr_un *un, socklen_t *len)
{
	gsize name_len = strlen(name);

	if ((name[0] != '/' && name[0] != '@') || name_len >= sizeof(un->sun_path))
		return false;
	un->sun_family = AF_UNIX;
	memcpy(un->sun_path, name, name_len);
	if (name[0] == '@')
		un->sun_path[0] = '\0';
	*len = offsetof(struct sockaddr_un, sun_path) + name_len;
	return true;
}

void notify_service_manager(const char *state)
{
	const char *name = getenv("NOTIFY_SOCKET");
	struct sockaddr_un un = {};
	socklen_t len;
	int fd;

	if (!name || !*name)
		return;
	if (!socket_address(name, &un, &len)) {
		log_warning("NOTIFY_SOCKET='%s' is neither a path nor an abstract name", name);
		return;
	}

	fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (fd < 0 || sendto(fd, state, strlen(state), MSG_NOSIGNAL, (struct sockaddr *)&un, len) < 0)
		log_warning("cannot notify the service manager at %s: %s", name, g_strerror(errno));
	if (fd >= 0)
		close(fd);
}
