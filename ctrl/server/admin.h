/* SPDX-License-Identifier: GPL-2.0 */
#ifndef WGMESH_ADMIN_H
#define WGMESH_ADMIN_H

#include "lib/control.h"

/**
 * admin_handle() - answer a request of the operator (docs/protocol.md section 6.2)
 * @request: the request
 * @server: the struct server
 *
 * A control_handler.
 */
void admin_handle(struct control_request *request, void *server);

/* Requests for which it is enough that one may look; they tell no secret. Ends with NULL. */
extern const char *const admin_views[];

#endif
