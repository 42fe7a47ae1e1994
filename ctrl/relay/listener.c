// SPDX-License-Identifier: GPL-2.0
/* A UDP socket that clients talk to. */
#include "listener.h"

#include <errno.h>
#include <glib-unix.h>
#include <stdbool.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "lib/log.h"
#include "transmit.h"

/* All clients send to one socket: what comes in some tens of milliseconds at a gigabit a second. */
#define RECEIVE_BUFFER (8 * 1024 * 1024)

struct listener {
	int fd;
	guint source;
	struct endpoint local;
	listener_handler handler;
	void *data;
};

/*
 * A datagram to a group or a network gets no answer: else one forged request would be answered by
 * many.
 */
static void handle(void *data, const struct datagram *received)
{
	struct listener *listener = data;
	guint8 answer[TRANSMIT_COPY_MAX];
	struct datagram datagram = *received;
	struct route route = {
		.fd = listener->fd,
		.to = received->source,
		.from = received->local,
	};
	gsize len;

	if (!endpoint_is_set(&datagram.local))
		return;
	endpoint_set_port(&datagram.local, endpoint_port(&listener->local));
	len = listener->handler(listener->data, &datagram, answer);
	if (len)
		transmit_copy(&route, answer, len);
}

static gboolean receive(gint fd, GIOCondition condition G_GNUC_UNUSED, void *data)
{
	struct listener *listener = data;
	char buf[ENDPOINT_STRLEN];

	if (!receive_batch(fd, handle, listener) && errno != EAGAIN && errno != EINTR)
		log_limited(LOG_LEVEL_WARNING, "cannot receive on %s: %s",
			    endpoint_print(&listener->local, buf), g_strerror(errno));
	return G_SOURCE_CONTINUE;
}

static bool set_option(int fd, int level, int option)
{
	int on = 1;

	return setsockopt(fd, level, option, &on, sizeof(on)) == 0;
}

/* A bound socket that tells where its datagrams were sent to; -1 and errno on failure. */
static int open_socket(const struct endpoint *address)
{
	int family = address->sa.sa_family;
	int fd = socket(family, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, IPPROTO_UDP);
	bool ready;

	if (fd < 0)
		return -1;
	ready = (family != AF_INET6 || set_option(fd, IPPROTO_IPV6, IPV6_V6ONLY)) &&
		receive_options(fd, family);
	if (!ready || bind(fd, &address->sa, endpoint_socklen(address)) < 0) {
		int err = errno;

		close(fd);
		errno = err;
		return -1;
	}
	return fd;
}

const char *listener_advice(int err)
{
	switch (err) {
	case EADDRINUSE:
		return "; 'ss -tulpn' shows who has it";
	case EADDRNOTAVAIL:
		return "; 'ip address' shows the addresses of this host";
	case EACCES:
		return "; take a port above 1023, or give the program CAP_NET_BIND_SERVICE";
	default:
		return "";
	}
}

struct listener *listener_new(const struct endpoint *address, listener_handler handler,
			      void *data, GError **error)
{
	struct listener *listener;
	struct endpoint local;
	socklen_t len = sizeof(local);
	char buf[ENDPOINT_STRLEN];
	int fd;

	fd = open_socket(address);
	if (fd < 0 || getsockname(fd, &local.sa, &len) < 0) {
		int err = errno;

		g_set_error(error, G_IO_ERROR, g_io_error_from_errno(err),
			    "cannot listen on %s: %s%s", endpoint_print(address, buf),
			    g_strerror(err), listener_advice(err));
		if (fd >= 0)
			close(fd);
		return NULL;
	}

	receive_buffer(fd, RECEIVE_BUFFER);
	listener = g_new0(struct listener, 1);
	listener->fd = fd;
	listener->local = local;
	listener->handler = handler;
	listener->data = data;
	listener->source = g_unix_fd_add(fd, G_IO_IN, receive, listener);
	return listener;
}

void listener_free(struct listener *listener)
{
	if (!listener)
		return;
	g_source_remove(listener->source);
	transmit_forget(listener->fd);
	close(listener->fd);
	g_free(listener);
}

int listener_fd(const struct listener *listener)
{
	return listener->fd;
}

const struct endpoint *listener_endpoint(const struct listener *listener)
{
	return &listener->local;
}
