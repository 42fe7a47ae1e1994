// SPDX-License-Identifier: GPL-2.0
/* Messages to a TURN server by UDP; data of channels is the kernel's. */
#include <errno.h>
#include <glib-unix.h>
#include <sys/socket.h>
#include <unistd.h>

#include "turn-transport-private.h"

/* No STUN message of a server is longer; what is cut here is none. */
#define MESSAGE_MAX 2048

/* Datagrams that are read before others get their turn. */
#define READ_AT_ONCE 64

/**
 * struct udp - a UDP socket that is connected to the server
 * @transport: what it looks like to others
 * @fd: the socket
 * @watch: GLib source of @fd
 * @start: GLib source that tells that the socket is ready
 * @closed: it was freed, perhaps in one of its events
 *
 * Counted by references (GRcBox), for it may be freed in its own events.
 */
struct udp {
	struct turn_transport transport;
	int fd;
	guint watch;
	guint start;
	bool closed;
};

/* What WireGuard sent before the kernel knew the path comes here as well, and is nobody's. */
static bool is_stun(const guint8 *message, gsize len)
{
	return len >= 20 && !(message[0] & 0xc0);
}

/*
 * That nobody listens there, or that there is no route now, may pass: the server may just be
 * restarted. It is for the owner to lose patience.
 */
static gboolean on_readable(G_GNUC_UNUSED int fd, G_GNUC_UNUSED GIOCondition condition, void *data)
{
	struct udp *udp = g_rc_box_acquire(data);
	guint8 message[MESSAGE_MAX];

	for (guint i = 0; i < READ_AT_ONCE && !udp->closed; i++) {
		ssize_t len = recv(udp->fd, message, sizeof(message), 0);

		if (len < 0 && (errno == EAGAIN || errno == EINTR))
			break;
		if (len > 0 && is_stun(message, len))
			udp->transport.events->received(message, len, udp->transport.data);
	}
	g_rc_box_release(udp);
	return G_SOURCE_CONTINUE;
}

static gboolean on_start(void *data)
{
	struct udp *udp = data;

	udp->start = 0;
	udp->transport.events->ready(udp->transport.data);
	return G_SOURCE_REMOVE;
}

/* The first attempt after an ICMP error tells of that error, and sends nothing. */
static void send_datagram(struct turn_transport *transport, const guint8 *message, gsize len)
{
	struct udp *udp = (struct udp *)transport;

	if (send(udp->fd, message, len, 0) < 0 && errno == ECONNREFUSED)
		send(udp->fd, message, len, 0);
}

static void free_udp(struct turn_transport *transport)
{
	struct udp *udp = (struct udp *)transport;

	udp->closed = true;
	g_clear_handle_id(&udp->start, g_source_remove);
	g_source_remove(udp->watch);
	close(udp->fd);
	g_rc_box_release(udp);
}

static const struct turn_transport_class class = {
	.send = send_datagram,
	.free = free_udp,
};

struct turn_transport *turn_transport_udp(const struct endpoint *server,
					  const struct turn_transport_events *events, void *data,
					  GError **error)
{
	struct endpoint local;
	struct link_way way;
	struct udp *udp;
	int fd;

	if (!link_way_outside(server, &way, error))
		return NULL;
	fd = turn_transport_socket(NULL, server, way.ifindex, &local, error);
	if (fd < 0)
		return NULL;
	udp = g_rc_box_new0(struct udp);
	udp->transport = (struct turn_transport){
		.class = &class,
		.events = events,
		.data = data,
		.server = *server,
		.way = way,
		.local = local,
		.remote = *server,
		.ifindex = way.ifindex,
	};
	udp->transport.way.source = local;
	udp->fd = fd;
	udp->watch = g_unix_fd_add(fd, G_IO_IN, on_readable, udp);
	udp->start = g_idle_add(on_start, udp);
	return &udp->transport;
}
