// SPDX-License-Identifier: GPL-2.0
/* Netlink sockets that explain errors in words. */
#include "netlink-socket.h"

#include <errno.h>
#include <linux/netlink.h>
#include <sys/socket.h>
#include <unistd.h>

#include "netlink.h"

static bool set_option(int fd, int option)
{
	int on = 1;

	return setsockopt(fd, SOL_NETLINK, option, &on, sizeof(on)) == 0;
}

int netlink_socket(int protocol, GError **error)
{
	struct sockaddr_nl any = { .nl_family = AF_NETLINK };
	int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, protocol);

	/*
	 * NETLINK_CAP_ACK: an error does not repeat the request, in which a private key may be.
	 * NETLINK_GET_STRICT_CHK: rtnetlink heeds the filters of a dump, and refuses unknown ones.
	 */
	if (fd >= 0 && bind(fd, (struct sockaddr *)&any, sizeof(any)) == 0 &&
	    set_option(fd, NETLINK_EXT_ACK) && set_option(fd, NETLINK_CAP_ACK) &&
	    set_option(fd, NETLINK_GET_STRICT_CHK))
		return fd;

	netlink_fail(error, errno, "cannot open a netlink socket: %s", g_strerror(errno));
	if (fd >= 0)
		close(fd);
	return -1;
}

ssize_t netlink_socket_receive(int fd, void *buffer, int flags)
{
	struct sockaddr_nl from = { 0 };
	struct iovec data = { .iov_base = buffer, .iov_len = NETLINK_BUFFER_SIZE };
	struct msghdr message = {
		.msg_name = &from,
		.msg_namelen = sizeof(from),
		.msg_iov = &data,
		.msg_iovlen = 1,
	};
	ssize_t size = recvmsg(fd, &message, flags);

	if (size < 0)
		return -1;
	if (message.msg_flags & MSG_TRUNC) {
		errno = EMSGSIZE;
		return -1;
	}
	/* Any process may send to a netlink socket; only the kernel has number 0. */
	return from.nl_pid == 0 ? size : 0;
}
