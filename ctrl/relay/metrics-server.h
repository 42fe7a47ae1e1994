/* SPDX-License-Identifier: GPL-2.0 */
#ifndef WGMESH_RELAY_METRICS_SERVER_H
#define WGMESH_RELAY_METRICS_SERVER_H

#include "dispatch.h"

/* GET /metrics over HTTP, for those who run the relay: there is no access control. */

/* What coturn has for it. */
#define METRICS_DEFAULT_PORT 9641

struct metrics_server;

/**
 * metrics_server_new() - answer in the default main loop
 * @address: where
 * @dispatcher: (borrowed) whose metrics; its TURN server may come later
 * @error: why the address cannot be had
 *
 * Return: (owned by the caller) the server; free with metrics_server_free(). NULL on error.
 */
struct metrics_server *metrics_server_new(const struct endpoint *address,
					  const struct dispatcher *dispatcher, GError **error);

/**
 * metrics_server_free() - stop
 * @server: the server, or NULL
 */
void metrics_server_free(struct metrics_server *server);

#endif
