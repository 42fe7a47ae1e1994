// SPDX-License-Identifier: GPL-2.0
/* ICMP echo requests and their replies. */
#include "echo.h"

#include <errno.h>
#include <gio/gio.h>
#include <netinet/icmp6.h>
#include <netinet/ip_icmp.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "lib/endpoint.h"

/**
 * struct echo_packet - what is sent, and comes back
 * @type: ICMP_ECHO, ICMP6_ECHO_REQUEST, or the type of the reply
 * @code: 0
 * @checksum: for ICMPv6 and on ping sockets the kernel computes it
 * @id: on ping sockets the kernel sets it
 * @number: network byte order
 * @cookie: tells our packets from others'; random
 * @sent_us: monotonic time of sending
 * @padding: zeros
 */
struct echo_packet {
	guint8 type;
	guint8 code;
	guint16 checksum;
	guint16 id;
	guint16 number;
	guint64 cookie;
	gint64 sent_us;
	guint8 padding[ECHO_PAYLOAD_SIZE - 2 * sizeof(guint64)];
};

G_STATIC_ASSERT(sizeof(struct echo_packet) == ICMP_MINLEN + ECHO_PAYLOAD_SIZE);

struct echo {
	int fd;
	sa_family_t family;
	bool raw;
	guint64 cookie;
	guint16 id;
};

/* RFC 1071; a whole number of 16-bit words. */
static guint16 checksum(const void *data, gsize size)
{
	const guint8 *bytes = data;
	guint32 sum = 0;
	guint16 word;

	for (gsize i = 0; i < size; i += 2) {
		memcpy(&word, bytes + i, sizeof(word));
		sum += word;
	}
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	return ~sum;
}

/* Ping sockets are open to the groups of net.ipv4.ping_group_range, raw ones to CAP_NET_RAW. */
static int open_socket(sa_family_t family, bool *raw)
{
	int protocol = family == AF_INET ? (int)IPPROTO_ICMP : (int)IPPROTO_ICMPV6;
	int fd = socket(family, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, protocol);

	*raw = fd < 0;
	if (fd < 0)
		fd = socket(family, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, protocol);
	return fd;
}

struct echo *echo_open(const struct prefix *address, GError **error)
{
	g_autoptr(echo) echo = g_new0(struct echo, 1);
	struct endpoint to = { 0 };
	const void *bytes;
	gsize size;

	bytes = prefix_address(address, &size);
	endpoint_from_address(&to, bytes, size, 0);
	echo->family = address->family;
	echo->cookie = (guint64)g_random_int() << 32 | g_random_int();
	echo->id = g_random_int();
	echo->fd = open_socket(address->family, &echo->raw);
	if (echo->fd < 0 && (errno == EPERM || errno == EACCES)) {
		g_set_error(error, G_IO_ERROR, G_IO_ERROR_PERMISSION_DENIED,
			    "may not send ICMP echo requests: run this as root, or allow it with "
			    "the sysctl net.ipv4.ping_group_range");
		return NULL;
	}
	if (echo->fd < 0 || connect(echo->fd, &to.sa, endpoint_socklen(&to)) < 0) {
		g_set_error(error, G_IO_ERROR, g_io_error_from_errno(errno),
			    "cannot send there: %s", g_strerror(errno));
		return NULL;
	}
	return g_steal_pointer(&echo);
}

void echo_close(struct echo *echo)
{
	if (echo->fd >= 0)
		close(echo->fd);
	g_free(echo);
}

int echo_fd(const struct echo *echo)
{
	return echo->fd;
}

bool echo_send(struct echo *echo, guint16 number, GError **error)
{
	struct echo_packet packet = {
		.type = echo->family == AF_INET ? ICMP_ECHO : ICMP6_ECHO_REQUEST,
		.id = echo->id,
		.number = htons(number),
		.cookie = echo->cookie,
		.sent_us = g_get_monotonic_time(),
	};

	packet.checksum = checksum(&packet, sizeof(packet));
	if (send(echo->fd, &packet, sizeof(packet), 0) == sizeof(packet))
		return true;
	g_set_error(error, G_IO_ERROR, g_io_error_from_errno(errno), "cannot send: %s",
		    g_strerror(errno));
	return false;
}

/* A raw IPv4 socket gives the IP header, too. */
static gsize header_size(const struct echo *echo, const guint8 *data, gsize size)
{
	if (!echo->raw || echo->family != AF_INET || !size)
		return 0;
	return (data[0] & 0x0f) * 4;
}

bool echo_receive(struct echo *echo, guint16 *number, gint64 *rtt_us)
{
	guint8 reply = echo->family == AF_INET ? ICMP_ECHOREPLY : ICMP6_ECHO_REPLY;
	struct echo_packet packet;
	guint8 data[256];
	ssize_t size;
	gsize skip;

	for (;;) {
		size = recv(echo->fd, data, sizeof(data), 0);
		/* Also when an ICMP error came for an earlier request: it is told once. */
		if (size < 0)
			return false;
		skip = header_size(echo, data, size);
		if (skip + sizeof(packet) > (gsize)size)
			continue;
		memcpy(&packet, data + skip, sizeof(packet));
		if (packet.type != reply || packet.cookie != echo->cookie)
			continue;
		*number = ntohs(packet.number);
		*rtt_us = g_get_monotonic_time() - packet.sent_us;
		return true;
	}
}
