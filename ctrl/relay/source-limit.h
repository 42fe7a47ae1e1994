/* SPDX-License-Identifier: GPL-2.0 */
#ifndef WGMESH_RELAY_SOURCE_LIMIT_H
#define WGMESH_RELAY_SOURCE_LIMIT_H

#include <glib.h>
#include <stdbool.h>

#include "../lib/endpoint.h"

/*
 * How often strangers are answered. A source address on UDP may be forged, so an answer can hit
 * somebody who asked for nothing; what reaches one network that way is bounded here.
 */

#define SOURCE_LIMIT_KEY_LEN 16
#define SOURCE_LIMIT_BURST 300
#define SOURCE_LIMIT_INTERVAL_US 10000

struct source_limit;

/**
 * source_limit_new() - make a table of limits; its size never changes
 * @key: SOURCE_LIMIT_KEY_LEN random bytes that nobody outside knows
 *
 * Return: (owned by the caller) the table; free with source_limit_free().
 */
struct source_limit *source_limit_new(const guint8 *key);

/**
 * source_limit_free() - free a table
 * @limit: the table, or NULL
 */
void source_limit_free(struct source_limit *limit);

/**
 * source_limit_allow() - whether one more answer may go there
 * @limit: the table
 * @source: where the request says that it comes from; canonical
 * @now_us: a monotonic clock in microseconds
 *
 * An IPv4 /24 or an IPv6 /56 gets SOURCE_LIMIT_BURST answers at once and one more every
 * SOURCE_LIMIT_INTERVAL_US.
 */
bool source_limit_allow(struct source_limit *limit, const struct endpoint *source, gint64 now_us);

#endif
