/* SPDX-License-Identifier: GPL-2.0 */
#ifndef WGMESH_UPGRADE_H
#define WGMESH_UPGRADE_H

#include <glib.h>
#include <stdbool.h>

/* A request whose head is larger is refused, in bytes. */
#define UPGRADE_MAX_HEAD (8 * 1024)

/**
 * upgrade_head_size() - where the head of an HTTP request ends
 * @data: what was received
 * @size: in bytes
 *
 * Return: the number of bytes of the head with the empty line that ends it; 0 when it is not whole.
 */
gsize upgrade_head_size(const guint8 *data, gsize size);

/**
 * upgrade_answer() - answer the request that opens a WebSocket (RFC 6455 section 4.2)
 * @head: the whole head of the request
 * @size: in bytes
 * @path: the only path there is
 * @upgraded: whether the connection is a WebSocket after the answer; else it has to be closed
 *
 * Return: (owned by the caller) the HTTP answer.
 */
char *upgrade_answer(const guint8 *head, gsize size, const char *path, bool *upgraded);

/**
 * upgrade_too_large() - the answer to a request whose head exceeds UPGRADE_MAX_HEAD
 *
 * Return: (owned by the caller) the HTTP answer.
 */
char *upgrade_too_large(void);

#endif
