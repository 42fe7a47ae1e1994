/* SPDX-License-Identifier: GPL-2.0 */
#ifndef WGMESH_LOCALADDRESS_H
#define WGMESH_LOCALADDRESS_H

#include <glib.h>
#include <stdbool.h>

#include "lib/endpoint.h"

/**
 * localaddress_find() - an address of this machine that others may reach a listener at
 * @endpoints: struct endpoint: where it listens
 * @text: where the address goes, without a port
 * @size: room there, in bytes; ENDPOINT_STRLEN is enough
 *
 * The first address that is listened on, when it is a certain one; else the first of an interface
 * that is up, a global one rather than a private one, IPv4 rather than IPv6.
 *
 * Return: false when there is none but loopback and link-local ones.
 */
bool localaddress_find(const GArray *endpoints, char *text, gsize size);

#endif
