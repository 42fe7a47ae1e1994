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
 * @context: handed to @handler
 * @streams: (borrowed) gets every connection
 * @error: which endpoint cannot be had, why, and what to do
 *
 * Return: (owned by the caller) the listeners; free with listeners_free(). NULL on error.
 */
struct listeners *listeners_new(const struct settings *settings, listener_handler handler,
				void *context, struct streams *streams, GError **error);

/**
 * listeners_free() - close them
 * @listeners: the listeners, or NULL
 */
void listeners_free(struct listeners *listeners);

/**
 * listeners_endpoints() - where datagrams are answered, with the ports they have got
 * @listeners: the listeners
 *
 * Return: (borrowed from @listeners) of struct endpoint
 */
const GArray *listeners_endpoints(const struct listeners *listeners);

#endif
