/* SPDX-License-Identifier: GPL-2.0 */
#ifndef WGMESH_RELAY_BINDING_H
#define WGMESH_RELAY_BINDING_H

#include "lib/stun.h"

/**
 * binding_answer() - answer a Binding request: tell the client its address as seen from here
 * @request: a well-formed Binding request
 * @source: where it came from
 * @draining: the server is about to stop; says so (docs/protocol.md section 5.7)
 * @answer: where the response goes
 * @size: room there in bytes
 *
 * RFC 8489 sections 6.3.1 and 6.3.1.1.
 *
 * Return: the length of the response in bytes; 0 when it does not fit.
 */
gsize binding_answer(const struct stun_message *request, const struct endpoint *source,
		     bool draining, guint8 *answer, gsize size);

#endif
