/* SPDX-License-Identifier: GPL-2.0 */
#ifndef WGMESH_WIREGUARD_PRIVATE_H
#define WGMESH_WIREGUARD_PRIVATE_H

#include "wireguard.h"

/* What wireguard.c and wireguard-get.c share with each other and with their tests. */

/**
 * struct wireguard - a socket for requests to WireGuard
 * @socket: the socket
 * @family: number of WireGuard's netlink family
 */
struct wireguard {
	struct netlink *socket;
	guint16 family;
};

/**
 * wireguard_device_new() - an interface of which nothing was read yet
 *
 * Return: (owned by the caller) it; wireguard_device_free() it.
 */
struct wireguard_device *wireguard_device_new(void);

/**
 * wireguard_read_message() - add what one message of a dump tells
 * @message: an answer to WG_CMD_GET_DEVICE
 * @device: what was read so far
 *
 * Return: false when the message is malformed.
 */
bool wireguard_read_message(const struct nlmsghdr *message, struct wireguard_device *device);

#endif
