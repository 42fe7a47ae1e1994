// SPDX-License-Identifier: GPL-2.0
/* How messages get to a TURN server and back, whatever carries them. */
#include "turn-transport.h"

#include <errno.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include "turn-transport-private.h"

static int fail(int fd, const struct endpoint *remote, GError **error)
{
	char text[ENDPOINT_STRLEN];
	int problem = errno;

	g_set_error(error, G_IO_ERROR, g_io_error_from_errno(problem), "%s: %s",
		    endpoint_print(remote, text), g_strerror(problem));
	if (fd >= 0)
		close(fd);
	return -1;
}

/* As libnice does with the sockets of ICE: what the server answered on is what data takes. */
static bool tie(int fd, const struct endpoint *remote, guint32 ifindex)
{
	bool v6 = remote->sa.sa_family == AF_INET6;
	guint32 index = htonl(ifindex);

	return setsockopt(fd, v6 ? IPPROTO_IPV6 : IPPROTO_IP, v6 ? IPV6_UNICAST_IF : IP_UNICAST_IF,
			  &index, sizeof(index)) == 0;
}

int turn_transport_socket(const struct endpoint *local, const struct endpoint *remote,
			  guint32 ifindex, struct endpoint *bound, GError **error)
{
	int fd = socket(remote->sa.sa_family, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	struct sockaddr_storage name;
	socklen_t len = sizeof(name);

	if (fd < 0 || (ifindex && !tie(fd, remote, ifindex)) ||
	    (local && bind(fd, &local->sa, endpoint_socklen(local)) < 0) ||
	    connect(fd, &remote->sa, endpoint_socklen(remote)) < 0 ||
	    getsockname(fd, (struct sockaddr *)&name, &len) < 0)
		return fail(fd, remote, error);
	endpoint_from_sockaddr(bound, (struct sockaddr *)&name, len);
	return fd;
}

void turn_transport_free(struct turn_transport *transport)
{
	if (transport)
		transport->class->free(transport);
}

void turn_transport_send(struct turn_transport *transport, const guint8 *message, gsize len)
{
	transport->class->send(transport, message, len);
}

bool turn_transport_stands(const struct turn_transport *transport)
{
	return link_way_stands(&transport->server, &transport->way);
}

bool turn_transport_is_reliable(const struct turn_transport *transport)
{
	return transport->class->reliable;
}

const struct endpoint *turn_transport_local(const struct turn_transport *transport)
{
	return &transport->local;
}

const struct endpoint *turn_transport_remote(const struct turn_transport *transport)
{
	return &transport->remote;
}

guint32 turn_transport_ifindex(const struct turn_transport *transport)
{
	return transport->ifindex;
}
