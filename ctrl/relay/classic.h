/* SPDX-License-Identifier: GPL-2.0 */
#ifndef WGMESH_RELAY_CLASSIC_H
#define WGMESH_RELAY_CLASSIC_H

#include <stdbool.h>

#include "lib/endpoint.h"

/*
 * STUN before the magic cookie (RFC 3489). libnice looks for its server-reflexive candidates that
 * way, so a relay that answered the STUN of today alone would leave the nodes without any.
 */

/**
 * classic_is_binding() - whether a datagram is a Binding request of RFC 3489 that asks for nothing
 *			  else
 * @data: the datagram
 * @len: length of @data in bytes
 */
bool classic_is_binding(const guint8 *data, gsize len);

/**
 * classic_answer() - answer it: tell the client its address in MAPPED-ADDRESS
 * @request: the datagram
 * @source: where it came from
 * @answer: where the response goes
 * @size: room there in bytes
 *
 * RFC 8489 section 11: a server that sees no cookie answers with MAPPED-ADDRESS. The answer is as
 * large as the one to a bare request of today.
 *
 * Return: the length of the response in bytes; 0 when it does not fit.
 */
gsize classic_answer(const guint8 *request, const struct endpoint *source, guint8 *answer,
		     gsize size);

#endif
