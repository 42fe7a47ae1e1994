// SPDX-License-Identifier: GPL-2.0
/* The socket of a relayed endpoint. */
#include "relay-socket.h"

#include <errno.h>
#include <linux/errqueue.h>
#include <netinet/icmp6.h>
#include <netinet/ip_icmp.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "lib/log.h"
#include "transmit.h"

/* What a peer sends while other sockets have their turn. */
#define RECEIVE_BUFFER (1024 * 1024)
/* Errors taken from a socket at once. */
#define ERRORS_MAX 16

/**
 * struct relay_socket - see relay-socket.h
 * @entry: of @poller
 * @poller: waits for the socket; NULL before relay_socket_start()
 * @local: the relayed endpoint
 * @handler: takes what arrives
 * @data: for @handler
 * @local_mtu: MTU that a datagram exceeded, as this host itself found; or 0
 */
struct relay_socket {
	struct poll_entry entry;
	struct poller *poller;
	struct endpoint local;
	const struct relay_socket_handler *handler;
	void *data;
	guint32 local_mtu;
};

/* An option that has another number in each family. */
static bool set_number(int fd, sa_family_t family, int v4_option, int v6_option, int value)
{
	bool v6 = family == AF_INET6;

	return setsockopt(fd, v6 ? IPPROTO_IPV6 : IPPROTO_IP, v6 ? v6_option : v4_option, &value,
			  sizeof(value)) == 0;
}

/* Unless asked for otherwise the don't-fragment bit is clear; RFC 8656 section 14. */
static bool may_fragment(int fd, sa_family_t family)
{
	return set_number(fd, family, IP_MTU_DISCOVER, IPV6_MTU_DISCOVER,
			  family == AF_INET6 ? IPV6_PMTUDISC_WANT : IP_PMTUDISC_DONT);
}

struct relay_socket *relay_socket_open(const struct endpoint *address)
{
	sa_family_t family = address->sa.sa_family;
	int fd = socket(family, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, IPPROTO_UDP);
	struct relay_socket *relay;
	int on = 1;

	if (fd < 0)
		return NULL;
	if ((family == AF_INET6 &&
	     setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof(on)) < 0) ||
	    !receive_options(fd, family) || !may_fragment(fd, family) ||
	    !set_number(fd, family, IP_RECVERR, IPV6_RECVERR, 1) ||
	    bind(fd, &address->sa, endpoint_socklen(address)) < 0) {
		int err = errno;

		close(fd);
		errno = err;
		return NULL;
	}
	receive_buffer(fd, RECEIVE_BUFFER);
	relay = g_new0(struct relay_socket, 1);
	relay->entry.fd = fd;
	relay->local = *address;
	return relay;
}

void relay_socket_free(struct relay_socket *socket)
{
	if (!socket)
		return;
	if (socket->poller)
		poller_remove(socket->poller, &socket->entry);
	transmit_forget(socket->entry.fd);
	close(socket->entry.fd);
	g_free(socket);
}

/*
 * The types that are told to a client: destination unreachable and time exceeded; for ICMPv6 too
 * big as well.
 */
static bool translate(const struct sock_extended_err *error, struct turn_icmp *icmp)
{
	*icmp = (struct turn_icmp){ error->ee_type, error->ee_code,
				    error->ee_errno == EMSGSIZE ? error->ee_info : 0 };
	switch (error->ee_origin) {
	case SO_EE_ORIGIN_ICMP:
		return icmp->type == ICMP_DEST_UNREACH || icmp->type == ICMP_TIME_EXCEEDED;
	case SO_EE_ORIGIN_ICMP6:
		return icmp->type == ICMP6_DST_UNREACH || icmp->type == ICMP6_PACKET_TOO_BIG ||
		       icmp->type == ICMP6_TIME_EXCEEDED;
	default:
		return false;
	}
}

static void report_error(struct relay_socket *socket, struct msghdr *header)
{
	struct sock_extended_err error;
	struct turn_icmp icmp;
	struct endpoint peer;

	if (!endpoint_from_sockaddr(&peer, header->msg_name, header->msg_namelen))
		return;
	for (struct cmsghdr *cmsg = CMSG_FIRSTHDR(header); cmsg; cmsg = CMSG_NXTHDR(header, cmsg)) {
		if (!((cmsg->cmsg_level == IPPROTO_IP && cmsg->cmsg_type == IP_RECVERR) ||
		      (cmsg->cmsg_level == IPPROTO_IPV6 && cmsg->cmsg_type == IPV6_RECVERR)))
			continue;
		memcpy(&error, CMSG_DATA(cmsg), sizeof(error));
		if (error.ee_origin == SO_EE_ORIGIN_LOCAL && error.ee_errno == EMSGSIZE)
			socket->local_mtu = error.ee_info;
		if (translate(&error, &icmp))
			socket->handler->unreachable(socket->data, &peer, &icmp);
	}
}

/*
 * The queue of errors holds what was sent, which does not matter here, and why it came back. When
 * it overflowed, the error stays with the socket, and epoll would report it for ever.
 */
static void receive_errors(struct relay_socket *socket)
{
	socklen_t len = sizeof(int);
	int error;

	for (guint i = 0; i < ERRORS_MAX; i++) {
		_Alignas(struct cmsghdr) guint8 control[512];
		struct endpoint peer;
		struct msghdr header = {
			.msg_name = &peer,
			.msg_namelen = sizeof(peer),
			.msg_control = control,
			.msg_controllen = sizeof(control),
		};

		if (recvmsg(socket->entry.fd, &header, MSG_ERRQUEUE | MSG_DONTWAIT) < 0) {
			getsockopt(socket->entry.fd, SOL_SOCKET, SO_ERROR, &error, &len);
			break;
		}
		report_error(socket, &header);
	}
	transmit_flush();
}

static void ready(struct poll_entry *entry, guint32 events)
{
	struct relay_socket *socket = (struct relay_socket *)entry;
	char buf[ENDPOINT_STRLEN];

	if (events & EPOLLERR)
		receive_errors(socket);
	/* An error that ICMP brought is in the queue as well. */
	if ((events & EPOLLIN) &&
	    !receive_batch(entry->fd, socket->handler->received, socket->data) &&
	    errno == ENOMEM)
		log_limited(LOG_LEVEL_WARNING, "cannot receive on %s: %s",
			    endpoint_print(&socket->local, buf), g_strerror(errno));
}

bool relay_socket_start(struct relay_socket *socket, struct poller *poller,
			const struct relay_socket_handler *handler, void *data)
{
	socket->handler = handler;
	socket->data = data;
	socket->entry.ready = ready;
	if (!poller_add(poller, &socket->entry))
		return false;
	socket->poller = poller;
	return true;
}

const struct endpoint *relay_socket_local(const struct relay_socket *socket)
{
	return &socket->local;
}

void relay_socket_send(struct relay_socket *socket, const struct endpoint *peer,
		       guint8 traffic_class, const void *data, gsize len)
{
	struct route route = { .fd = socket->entry.fd, .to = *peer, .traffic_class = traffic_class };

	transmit(&route, data, len);
}

/* What a router would have said, had this host not known better. */
static void report_too_big(struct relay_socket *socket, const struct endpoint *peer)
{
	struct turn_icmp icmp = { ICMP_DEST_UNREACH, ICMP_FRAG_NEEDED, socket->local_mtu };

	if (socket->local.sa.sa_family == AF_INET6)
		icmp = (struct turn_icmp){ ICMP6_PACKET_TOO_BIG, 0, socket->local_mtu };
	socket->handler->unreachable(socket->data, peer, &icmp);
}

/*
 * Rare: so it may cost the other datagrams of the batch their company. The error that this host
 * itself makes does not name the port, so it is looked for while we know.
 */
void relay_socket_send_whole(struct relay_socket *socket, const struct endpoint *peer,
			     guint8 traffic_class, const void *data, gsize len)
{
	int fd = socket->entry.fd;
	sa_family_t family = socket->local.sa.sa_family;

	transmit_flush();
	if (!set_number(fd, family, IP_MTU_DISCOVER, IPV6_MTU_DISCOVER,
			family == AF_INET6 ? IPV6_PMTUDISC_DO : IP_PMTUDISC_DO))
		return;
	socket->local_mtu = 0;
	relay_socket_send(socket, peer, traffic_class, data, len);
	transmit_flush();
	receive_errors(socket);
	may_fragment(fd, family);
	if (socket->local_mtu)
		report_too_big(socket, peer);
}
