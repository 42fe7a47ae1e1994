/* SPDX-License-Identifier: GPL-2.0 */
#ifndef WGMESH_PORT_H
#define WGMESH_PORT_H

#include <glib.h>
#include <stdbool.h>

#include "lib/endpoint.h"

/**
 * struct port - a local UDP port that the kernel sends from, kept from everybody else
 *
 * A path needs no socket, but its port has to have one: no other program is given the port then,
 * and what comes there and is nothing for WireGuard, such as the checks of a peer's ICE, is dropped
 * by the kernel without an ICMP error, and without waking anybody.
 */
struct port;

/**
 * port_take() - keep the port of a socket that is about to be closed
 * @fd: a UDP socket, which does not receive any more; stays the caller's
 *
 * There is no moment in which the port is free.
 *
 * Return: (owned by the caller) the port; NULL when there is no descriptor left. port_free() it.
 */
struct port *port_take(int fd);

/**
 * port_bind() - keep a port that nobody has
 * @local: address and port
 *
 * Return: (owned by the caller) the port; NULL when it cannot be had.
 */
struct port *port_bind(const struct endpoint *local);

/**
 * port_free() - let go of it
 * @port: a port, or NULL
 */
void port_free(struct port *port);

/**
 * port_array_new() - room for ports, which it owns
 *
 * Return: (owned by the caller) the array, empty.
 */
GPtrArray *port_array_new(void);

/**
 * port_is_at() - whether this is the port of an endpoint
 * @port: a port
 * @local: the endpoint
 */
bool port_is_at(const struct port *port, const struct endpoint *local);

#endif
