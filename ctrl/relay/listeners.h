/* SPDX-License-Identifier: GPL-2.0 */
#ifndef WGMESH_RELAY_LISTENERS_H
#define WGMESH_RELAY_LISTENERS_H

#include "settings.h"
#include "stream.h"

/* All endpoints at which clients are answered: UDP and TCP side by side, and TLS. */

struct listeners;

/**
 * listeners_new() - open what the settings name, or the default
 * @settings: the settings
 * @handler: gets every datagram
 * @data: handed to @handler
 * @streams: (borrowed) gets every connection
 * @error: which endpoint cannot be had, why, and what to do
 *
 * Return: (owned by the caller) the listeners; free with listeners_free(). NULL on error.
 */
struct listeners *listeners_new(const struct settings *settings, listener_handler handler,
				void *data, struct streams *streams, GError **error);

/**
 * listeners_free() - close them
 * @listeners: the listeners, or NULL
 */
void listeners_free(struct listeners *listeners);

/**
 * listeners_find_udp() - the socket that serves an endpoint
 * @listeners: the listeners
 * @server: where a client sends its datagrams
 *
 * Return: (borrowed from @listeners) the socket; -1 when there is none.
 */
int listeners_find_udp(const struct listeners *listeners, const struct endpoint *server);

/**
 * listeners_endpoints() - where datagrams are answered, with the ports they have got
 * @listeners: the listeners
 *
 * Return: (borrowed from @listeners) of struct endpoint
 */
const GArray *listeners_endpoints(const struct listeners *listeners);

#endif
