/* SPDX-License-Identifier: GPL-2.0 */
#ifndef WGMESH_NETLINK_SOCKET_H
#define WGMESH_NETLINK_SOCKET_H

#include <glib.h>
#include <sys/types.h>

/* What requests (netlink.c) and multicast (netlink-watch.c) share. Not for others. */

/* The kernel's datagrams have at most 32 KiB, but for a few answers about single objects. */
#define NETLINK_BUFFER_SIZE (128 * 1024)

/**
 * netlink_socket() - open and bind a netlink socket that explains errors in words
 * @protocol: NETLINK_GENERIC or NETLINK_ROUTE
 * @error: NETLINK_ERROR
 *
 * Return: a descriptor, to be closed; -1 on error.
 */
int netlink_socket(int protocol, GError **error);

/**
 * netlink_socket_receive() - receive one datagram of the kernel
 * @fd: the socket
 * @buffer: NETLINK_BUFFER_SIZE bytes
 * @flags: of recvmsg()
 *
 * Return: its size; 0 when it did not come from the kernel; -1 with errno on error: EMSGSIZE when
 * it is too large.
 */
ssize_t netlink_socket_receive(int fd, void *buffer, int flags);

#endif
