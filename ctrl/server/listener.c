// SPDX-License-Identifier: GPL-2.0
#include "listener.h"

#include <errno.h>
#include <gio/gio.h>
#include <glib-unix.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include "lib/log.h"

/* Without a descriptor to accept with there is no use in trying sooner. */
#define PAUSE_S 1

struct listening {
	struct listener *listener;
	int fd;
	guint watch;
};

struct listener {
	GPtrArray *sockets;
	GArray *endpoints;
	listener_accepted accepted;
	void *data;
};

static void start(struct listening *listening);

static gboolean pause_over(gpointer data)
{
	struct listening *listening = data;

	listening->watch = 0;
	start(listening);
	return G_SOURCE_REMOVE;
}

/* Return: G_SOURCE_REMOVE when accepting has to pause. */
static gboolean accept_failed(struct listening *listening, int error)
{
	if (error != EMFILE && error != ENFILE && error != ENOBUFS && error != ENOMEM)
		return G_SOURCE_CONTINUE; /* that one connection failed */
	log_limited(LOG_LEVEL_WARNING,
		    "cannot accept connections for a moment: %s; raise LimitNOFILE of the service "
		    "when this comes often",
		    g_strerror(error));
	listening->watch = g_timeout_add_seconds(PAUSE_S, pause_over, listening);
	return G_SOURCE_REMOVE;
}

static gboolean on_connection(gint listening_fd, GIOCondition condition, gpointer data)
{
	struct listening *listening = data;
	struct endpoint from = {};
	socklen_t len = sizeof(from);
	int on = 1;
	int fd;

	(void)condition;
	fd = accept4(listening_fd, &from.sa, &len, SOCK_CLOEXEC | SOCK_NONBLOCK);
	if (fd < 0)
		return accept_failed(listening, errno);
	endpoint_canonicalise(&from);
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
	listening->listener->accepted(fd, &from, listening->listener->data);
	return G_SOURCE_CONTINUE;
}

static void start(struct listening *listening)
{
	listening->watch = g_unix_fd_add(listening->fd, G_IO_IN, on_connection, listening);
}

static void listening_free(struct listening *listening)
{
	g_source_remove(listening->watch);
	close(listening->fd);
	g_free(listening);
}

static bool shares_port(const GArray *endpoints, const struct endpoint *ep)
{
	for (guint i = 0; i < endpoints->len; i++) {
		const struct endpoint *other = &g_array_index(endpoints, struct endpoint, i);

		if (other->sa.sa_family == AF_INET && endpoint_port(other) == endpoint_port(ep))
			return true;
	}
	return false;
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

static bool listen_on(struct listener *listener, const struct endpoint *ep, bool v6only,
		      GError **error)
{
	int fd = open_socket(ep, v6only);
	struct endpoint local = {};
	socklen_t len = sizeof(local);
	struct listening *listening;

	if (fd < 0) {
		char text[ENDPOINT_STRLEN];
		int saved = errno;

		g_set_error(error, G_IO_ERROR, g_io_error_from_errno(saved),
			    "cannot listen on %s: %s", endpoint_print(ep, text),
			    g_strerror(saved));
		return false;
	}
	getsockname(fd, &local.sa, &len);
	g_array_append_val(listener->endpoints, local);
	listening = g_new0(struct listening, 1);
	listening->listener = listener;
	listening->fd = fd;
	start(listening);
	g_ptr_array_add(listener->sockets, listening);
	return true;
}

struct listener *listener_new(const GArray *endpoints, listener_accepted accepted, void *data,
			      GError **error)
{
	struct listener *listener = g_new0(struct listener, 1);

	listener->sockets = g_ptr_array_new_with_free_func((GDestroyNotify)listening_free);
	listener->endpoints = g_array_new(FALSE, TRUE, sizeof(struct endpoint));
	listener->accepted = accepted;
	listener->data = data;
	for (guint i = 0; i < endpoints->len; i++) {
		const struct endpoint *ep = &g_array_index(endpoints, struct endpoint, i);

		if (!listen_on(listener, ep, shares_port(endpoints, ep), error)) {
			listener_free(listener);
			return NULL;
		}
	}
	return listener;
}

const GArray *listener_endpoints(const struct listener *listener)
{
	return listener->endpoints;
}

void listener_free(struct listener *listener)
{
	if (!listener)
		return;
	g_ptr_array_unref(listener->sockets);
	g_array_unref(listener->endpoints);
	g_free(listener);
}
