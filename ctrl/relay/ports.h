/* SPDX-License-Identifier: GPL-2.0 */
#ifndef WGMESH_RELAY_PORTS_H
#define WGMESH_RELAY_PORTS_H

#include "relay-socket.h"

/* RFC 8656 section 7.2: the range of dynamic ports. */
#define PORTS_DEFAULT_MIN 49152
#define PORTS_DEFAULT_MAX 65535

/**
 * struct ports - the range relayed transport addresses are taken from
 * @min: the first port
 * @max: the last one
 */
struct ports {
	guint16 min;
	guint16 max;
};

/**
 * ports_parse() - read "49152-65535"
 * @text: the text
 * @ports: the result
 * @error: G_IO_ERROR_INVALID_ARGUMENT
 */
bool ports_parse(const char *text, struct ports *ports, GError **error);

/**
 * ports_draw() - open a relayed transport address on a port that nobody can predict
 * @ports: the range
 * @address: the address; its port does not count
 *
 * Who could predict the ports of others could send to them before they expect it, and predict
 * their relayed addresses; so each is drawn from a cryptographic generator.
 *
 * Return: (owned by the caller) the socket; NULL, with errno, when none was free in many tries.
 */
struct relay_socket *ports_draw(const struct ports *ports, const struct endpoint *address);

/**
 * ports_draw_even() - ports_draw() for an even port, and for the next one if that is wanted
 * @ports: the range
 * @address: the address
 * @next: (owned by the caller) the socket with the next higher port goes here; NULL when it is not
 *	  wanted
 */
struct relay_socket *ports_draw_even(const struct ports *ports, const struct endpoint *address,
				     struct relay_socket **next);

#endif
