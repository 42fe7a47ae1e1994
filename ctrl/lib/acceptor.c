// SPDX-License-Identifier: GPL-2.0
/* Accepting TCP connections at one endpoint. */
#include "acceptor.h"

#include <errno.h>
#include <glib-unix.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include "log.h"

#define PAUSE_S 1

/**
 * struct acceptor - see acceptor.h
 * @fd: the socket that listens
 * @watch: GLib source of @fd, or of the time without descriptors; 0 while paused
 * @local: where it listens
 * @accepted: called for each connection
 * @data: for @accepted
 */
struct acceptor {
	int fd;
	guint watch;
	struct endpoint local;
	acceptor_accepted accepted;
	void *data;
};

static void start(struct acceptor *acceptor);

static gboolean on_pause_over(void *data)
{
	struct acceptor *acceptor = data;

	acceptor->watch = 0;
	start(acceptor);
	return G_SOURCE_REMOVE;
}

/*
 * Without a descriptor the connection stays in the queue and the socket is ready without an end:
 * there is no use in trying sooner.
 */
static gboolean accept_failed(struct acceptor *acceptor, int error)
{
	if (error != EMFILE && error != ENFILE && error != ENOBUFS && error != ENOMEM)
		return G_SOURCE_CONTINUE; /* that one connection failed */
	log_limited(LOG_LEVEL_WARNING,
		    "cannot accept connections for a moment: %s; raise LimitNOFILE of the service "
		    "when this comes often",
		    g_strerror(error));
	acceptor->watch = g_timeout_add_seconds(PAUSE_S, on_pause_over, acceptor);
	return G_SOURCE_REMOVE;
}

static gboolean on_connection(gint listening_fd, GIOCondition condition, void *data)
{
	struct acceptor *acceptor = data;
	struct endpoint from = {};
	socklen_t len = sizeof(from);
	int on = 1;
	int fd;

	(void)condition;
	fd = accept4(listening_fd, &from.sa, &len, SOCK_CLOEXEC | SOCK_NONBLOCK);
	if (fd < 0)
		return accept_failed(acceptor, errno);
	if (acceptor->local.sa.sa_family != AF_UNIX) {
		endpoint_canonicalise(&from);
		setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
	}
	acceptor->accepted(fd, &from, acceptor->data);
	return G_SOURCE_CONTINUE;
}

static void start(struct acceptor *acceptor)
{
	acceptor->watch = g_unix_fd_add(acceptor->fd, G_IO_IN, on_connection, acceptor);
}

/* Return: a listening socket; -1 with errno. */
static int open_socket(const struct endpoint *ep, bool v6only)
{
	int value = v6only, on = 1, saved;
	int fd = socket(ep->sa.sa_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	if (fd < 0)
		return -1;
	if (setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)) == 0 &&
	    (ep->sa.sa_family == AF_INET ||
	     setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &value, sizeof(value)) == 0) &&
	    bind(fd, &ep->sa, endpoint_socklen(ep)) == 0 && listen(fd, SOMAXCONN) == 0)
		return fd;
	saved = errno;
	close(fd);
	errno = saved;
	return -1;
}

struct acceptor *acceptor_new(const struct endpoint *endpoint, bool v6only,
			      acceptor_accepted accepted, void *data)
{
	int fd = open_socket(endpoint, v6only);

	return fd < 0 ? NULL : acceptor_adopt(fd, accepted, data);
}

struct acceptor *acceptor_adopt(int fd, acceptor_accepted accepted, void *data)
{
	struct acceptor *acceptor = g_new0(struct acceptor, 1);
	socklen_t len = sizeof(acceptor->local);

	acceptor->fd = fd;
	acceptor->accepted = accepted;
	acceptor->data = data;
	getsockname(fd, &acceptor->local.sa, &len);
	start(acceptor);
	return acceptor;
}

const struct endpoint *acceptor_endpoint(const struct acceptor *acceptor)
{
	return &acceptor->local;
}

void acceptor_pause(struct acceptor *acceptor, bool pause)
{
	if (pause)
		g_clear_handle_id(&acceptor->watch, g_source_remove);
	else if (!acceptor->watch)
		start(acceptor);
}

void acceptor_free(struct acceptor *acceptor)
{
	if (!acceptor)
		return;
	acceptor_pause(acceptor, true);
	close(acceptor->fd);
	g_free(acceptor);
}
